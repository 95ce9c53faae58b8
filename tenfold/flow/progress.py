"""How far an inviter has come: said to them as newcomers count, at their pace, and to be read on their own page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

from django.utils import translation
from django.utils.translation import gettext, ngettext

from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Words
from tenfold.campaigns.queries import words_for
from tenfold.flow.say import said, where_of
from tenfold.mailroom import actions as mailroom
from tenfold.people.models import Credit, Journey
from tenfold.platforms.registry import PLATFORMS
from tenfold.proofs.queries import still_followed
from tenfold.rewards.models import RewardRule
from tenfold.rewards.steps import Step, steps_for

Moment, When = Words.Moment, RewardRule.When
# An inviter hears of newcomers at most this often; of those who come in between, together in the next notice. Where a
# person has to post each notice by hand, they are spared for longer.
PACE, PACE_BY_HAND = timedelta(minutes=1), timedelta(hours=1)


@step
def say_progress(*, inviter: Journey, newcomer: Journey) -> None:
    """A newcomer counts: their inviter hears how far they have come, in the caller's step, who has locked them.

    Not where this very one has brought a reward, which is said by itself. Others may count already who are told of in
    a step of their own: the notice has the whole count, but speaks of those only whom it tells of."""
    is_silent = not words_for(inviter.campaign, Moment.PROGRESS, inviter.person.language)
    if is_silent or not inviter.is_member or plan.is_over(inviter.campaign, clock.now()):
        return
    told = inviter.valid_count - len(still_followed(inviter).keys() - {newcomer.pk})
    steps = ladder_steps(inviter)
    if any(told <= step.need <= inviter.valid_count and _has_brought(newcomer, step) for step in steps):
        mailroom.unsay(key=_progress_key(inviter))
    elif not _added(inviter, newcomer.person.nickname, told, steps):
        _next_notice(inviter, newcomer.person.nickname, told, steps)


def _has_brought(newcomer: Journey, reached: Step) -> bool:
    """Whether it was given since they have come, and not for as many once before."""
    since = newcomer.approved_at or newcomer.created_at
    return reached.grant is not None and reached.grant.granted_at >= since


@step
def progress_lost(*, inviter: Journey) -> None:
    """One does not count any more: a notice that still waits tells the new number, or is not said."""
    # By the newcomers' keys, which are in the order of their coming: an index has them so, and the first one is enough.
    newest = Credit.objects.filter(inviter=inviter, state=Credit.State.VALID).order_by("-newcomer_id")
    later = still_followed(inviter).keys()
    last = newest.exclude(newcomer_id__in=later).select_related("newcomer__person").first()
    told = inviter.valid_count - len(later)
    if last is None or told <= inviter.progress_from:
        mailroom.unsay(key=_progress_key(inviter))
    else:
        _added(inviter, last.newcomer.person.nickname, told, ladder_steps(inviter))


def _progress_key(inviter: Journey) -> str:
    """Of the newest notice; empty where there was none."""
    at = inviter.progress_at
    return f"progress:{inviter.id}:{at.astimezone(UTC):%Y%m%d%H%M%S%f}" if at else ""


def _added(inviter: Journey, name: str, told: int, steps: Sequence[Step]) -> bool:
    """Into the notice that waits to be said; False if none waits. `told` is how many they know of by it, of all who
    count."""
    if inviter.progress_at is None:
        return False
    text = said(inviter, Moment.PROGRESS, **_progress(inviter, name, told, steps))
    return mailroom.reword(key=_progress_key(inviter), text=text)


def _next_notice(inviter: Journey, name: str, told: int, steps: Sequence[Step]) -> None:
    """As soon as the pace allows, and never in quiet hours: nobody has asked for it."""
    campaign, due = inviter.campaign, clock.now()
    pace = PACE if PLATFORMS[inviter.group.platform].sees_joins else PACE_BY_HAND
    if inviter.progress_at:
        due = max(due, inviter.progress_at + pace)
    quiet = {"quiet_from": campaign.quiet_from, "quiet_until": campaign.quiet_until}
    due = plan.after_quiet(due, zone=campaign.zone, **quiet)
    inviter.progress_at, inviter.progress_from = due, max(0, told - 1)
    inviter.save(update_fields=["progress_at", "progress_from"])
    text = said(inviter, Moment.PROGRESS, **_progress(inviter, name, told, steps))
    where, key = where_of(inviter), _progress_key(inviter)
    mailroom.say(where=where, moment=Moment.PROGRESS, text=text, key=key, due_at=due)


def _progress(inviter: Journey, name: str, told: int, steps: Sequence[Step]) -> dict[str, str]:
    """What can be said of it: who came, how many that makes, what is missing to what."""
    others = told - inviter.progress_from - 1
    with translation.override(inviter.person.language):
        if others > 0:
            name = ngettext(
                "%(name)s and %(count)s more", "%(name)s and %(count)s more", others
            ) % {"name": name, "count": others}  # fmt: skip
        ahead = next_step(steps)
        return {
            "newcomer": name,
            "count": str(max(0, inviter.valid_count)),
            "left": str(ahead.left if ahead else 0),
            "next": next_said(ahead),
            **({"reward": ahead.reward.name} if ahead else {}),
        }


def ladder_steps(journey: Journey) -> list[Step]:
    """What so many friends bring, in the order it takes."""
    return [step for step in steps_for(journey) if step.rule.when == When.INVITES]


def next_step(steps: Sequence[Step]) -> Step | None:
    """Of a ladder, the nearest step that is still to be reached, and can be."""
    ahead = [step for step in steps if step.left > 0 and not step.is_out and not step.is_granted]
    return min(ahead, key=lambda step: step.need, default=None)


def next_said(ahead: Step | None) -> str:
    """What is still to do, as a sentence in the language that is active."""
    if ahead is None:
        return gettext("Everyone who comes by your code is still counted.")
    return ngettext(
        "%(count)s more friend for “%(reward)s”.", "%(count)s more friends for “%(reward)s”.", ahead.left
    ) % {"count": ahead.left, "reward": ahead.reward.name}  # fmt: skip


def repeat_said(journey: Journey) -> str:
    """For their own page, to whoever has scanned again; empty where the campaign has no words for it."""
    ahead = next_step(ladder_steps(journey))
    with translation.override(journey.person.language):
        more = {
            "count": str(max(0, journey.valid_count)),
            "left": str(ahead.left if ahead else 0),
            "next": next_said(ahead),
        }
    return said(journey, Moment.REPEAT, **more)
