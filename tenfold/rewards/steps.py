"""What can be earned on the way, and where somebody stands: each step of it as a participant sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from tenfold.people.models import Journey
from tenfold.rewards.ledger import why_full
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule
from tenfold.rewards.queries import grants_of, has_counted, rules_of
from tenfold.rewards.rules import ON_THE_WAY

Rule = RewardRule.When
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Step:
    """One thing to earn on the way, as one person sees it. `need`, `have` and `left` are friends, days, or 1 for what
    is done once; `left_in_stock` is None where there is no limit. `state` is "earned", "claimable" (theirs, once they
    claim it), "owed" (earned, and there is none left), "out" (not earned, and cannot be any more), "next" (the next
    number of friends) or "open"."""

    rule: RewardRule
    reward: Reward
    need: int
    have: int
    left: int
    state: str
    is_granted: bool
    left_in_stock: int | None
    grant: Grant | None

    @property
    def is_out(self) -> bool:
        return self.state == "out"


def steps_for(
    journey: Journey, *, rules: Iterable[RewardRule] | None = None, grants: Iterable[Grant] | None = None
) -> list[Step]:
    """What can be earned on the way, and where this person stands: the task first, friends in the order it takes.
    `rules` that hold and `grants` of theirs are looked up where the caller has not."""
    found = [
        rule for rule in _or(rules, rules_of(journey.campaign_id)) if rule.when in ON_THE_WAY and rule.reward
    ]
    theirs = {grant.line: grant for grant in _or(grants, grants_of(journey))}
    owes = _owed_lines(journey, [rule for rule in found if rule.line not in theirs])
    steps: list[Step] = []
    for rule in sorted(found, key=lambda each: (ON_THE_WAY.index(Rule(each.when)), each.need)):
        has_next = any(step.state == "next" for step in steps)
        steps.append(_step(rule, journey, theirs.get(rule.line), rule.line in owes, has_next))
    return steps


def _or(given: Iterable[M] | None, found: QuerySet[M]) -> Iterable[M]:
    return found if given is None else given


def _owed_lines(journey: Journey, rules: list[RewardRule]) -> set[UUID]:
    """Of these rules, those by which something is owed. Where nothing is earned, nothing can be."""
    if not any(rule.when == Rule.JOINED or _have(rule, journey) >= max(1, rule.need) for rule in rules):
        return set()
    return set(Debt.objects.filter(journey=journey).values_list("line", flat=True))


def _step(rule: RewardRule, journey: Journey, grant: Grant | None, is_owed: bool, has_next: bool) -> Step:
    need, have = max(1, rule.need), max(0, _have(rule, journey))
    reward = grant.reward if grant else rule.reward
    assert reward is not None
    is_owed = is_owed or (have >= need and _is_about_to_be_owed(rule, journey))
    state = _state_of(rule, grant, is_owed)
    if state == "open" and rule.when == Rule.INVITES and have < need and not has_next:
        state = "next"
    return Step(
        rule=rule,
        reward=reward,
        need=need,
        have=have,
        left=max(0, need - have),
        state=state,
        is_granted=grant is not None,
        left_in_stock=left_by(rule),
        grant=grant,
    )


def _state_of(rule: RewardRule, grant: Grant | None, is_owed: bool) -> str:
    if grant is not None:
        return {Grant.State.OFFERED: "claimable", Grant.State.EXPIRED: "out"}.get(
            Grant.State(grant.state), "earned"
        )
    if is_owed:
        return "owed"
    return "out" if rule.stopped_at or left_by(rule) == 0 else "open"


def _is_about_to_be_owed(rule: RewardRule, journey: Journey) -> bool:
    """What is reached is given in a step that comes after, or by a sweep. With none left it is owed from then on, and
    whoever reads before it is not told that it was all in vain."""
    if rule.stopped_at or any(each.left_count != 0 for each in _gives(rule)):
        return False
    return journey.person.blocked_at is None


def _gives(rule: RewardRule) -> list[Reward]:
    return [each for each in (rule.reward, rule.fallback) if each]


def _have(rule: RewardRule, journey: Journey) -> int:
    match rule.when:
        case Rule.TASK:
            return int(journey.approved_at is not None)
        case Rule.INVITES:
            return journey.valid_count
        case Rule.ATTENDANCE:
            return journey.attendance_count
        case _:
            return int(has_counted(journey))


def left_by(rule: RewardRule) -> int | None:
    """How many more a rule can give: what is in stock, of its replacement too, within its limits; None for no end."""
    counts = [each.left_count for each in _gives(rule)]
    limits = [] if None in counts else [sum(count for count in counts if count is not None)]
    cost = rule.reward.amount if rule.reward else 0
    if rule.campaign_cap is not None:
        limits.append(rule.campaign_cap - rule.used_count)
    if rule.budget is not None and cost:
        limits.append((rule.budget - rule.spent) // cost)
    if rule.stopped_at or why_full(rule, cost):
        limits.append(0)
    return max(0, min(limits)) if limits else None
