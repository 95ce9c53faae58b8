"""How many friends bring what: the steps somebody has reached, the next one, and how many of each there are still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenfold.flow.progress import next_said, next_step
from tenfold.rewards.models import RewardRule
from tenfold.rewards.steps import Step


@dataclass(frozen=True)
class Rung:
    """One step as it is drawn. `state` is done, owed, now, open or out; `tone` colours its label."""

    need: int
    name: str
    text: str
    label: str
    tone: str
    state: str
    percent: int


@dataclass(frozen=True)
class Ladder:
    have: int
    text: str
    rungs: list[Rung]


def ladder_of(steps: Sequence[Step], have: int, *, is_over: bool = False) -> Ladder | None:
    """None where the campaign has no steps of friends."""
    steps = [step for step in steps if step.rule.when == RewardRule.When.INVITES]
    if not steps:
        return None
    ahead = None if is_over else next_step(steps)
    text = _("The campaign is over: new friends are not counted any more.") if is_over else next_said(ahead)
    return Ladder(max(0, have), text, [_rung(step, ahead) for step in steps])


def _rung(step: Step, ahead: Step | None) -> Rung:
    state = _state(step, ahead)
    label, tone = _label(step, state)
    percent = 100 * max(0, step.have) // step.need if step.need else 100
    return Rung(step.need, step.reward.name, _text(step, state), label, tone, state, min(100, percent))


def _state(step: Step, ahead: Step | None) -> str:
    match step.state:
        case "earned" | "claimable":
            return "done"
        case "owed" | "out":
            return step.state
    return "now" if ahead and step.rule == ahead.rule else "open"


def _label(step: Step, state: str) -> tuple[str, str]:
    match state:
        case "done":
            return _("Earned"), "good"
        case "owed":
            return _("On the list"), "wait"
        case "out":
            return _("Used up"), "bad"
    return ngettext("%(count)s more", "%(count)s more", step.left) % {"count": step.left}, ""


def _text(step: Step, state: str) -> str:
    wanted = friends(step.need)
    return f"{wanted} · {supply}" if (supply := _supply(step, state)) else wanted


def friends(count: int) -> str:
    return ngettext("%(count)s friend", "%(count)s friends", count) % {"count": count}


def _supply(step: Step, state: str) -> str:
    """What there is of it still, exactly; nothing is made up where it has no limit."""
    if state == "owed":
        return _("reached: you get it, in order, as soon as there is more")
    if state == "out":
        return _("not collected in time") if step.is_granted else _("all given out")
    left = _left(step)
    if state == "done" or left is None:
        return ""
    if left == 0 and step.rule.fallback:
        return _("all given out; you get “%(name)s” in its place") % {"name": step.rule.fallback.name}
    return ngettext("%(count)s is left", "%(count)s are left", left) % {"count": left}


def _left(step: Step) -> int | None:
    """Of the reward itself, without what is given in its place."""
    limits = [limit for limit in (step.reward.left_count, step.left_in_stock) if limit is not None]
    return min(limits, default=None)
