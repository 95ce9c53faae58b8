"""The only writer of grants and debts; what becomes of a grant then is written in `claiming`. The last one goes to one
person, whoever asks at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import step
from tenfold.base.fresh import insert
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import Everywhere, open_task
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.rewards import ledger
from tenfold.rewards.books import LedgerRow, Unit
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule

Kind, State, Reason = Reward.Kind, Grant.State, LedgerRow.Reason
# By their statements alone: whoever is given something keeps others waiting meanwhile.
TAKEN = """
    UPDATE tenfold_reward SET granted_count = granted_count + 1
    WHERE id = ? AND (stock_count IS NULL OR stock_count > granted_count)
"""
OWED = """
    SELECT debt.id FROM tenfold_rewardrule rule JOIN tenfold_debt debt ON debt.line = rule.line
    WHERE rule.reward_id = ? AND rule.replaced_at IS NULL AND rule.stopped_at IS NULL LIMIT 1
"""
GIVEN_CODE = """
    UPDATE tenfold_stockcode SET grant_id = ? WHERE grant_id IS NULL AND id = (
        SELECT id FROM tenfold_stockcode WHERE reward_id = ? AND grant_id IS NULL ORDER BY id LIMIT 1)
"""
GIVEN_CODE_SHARED = """
    UPDATE tenfold_stockcode SET grant_id = ? WHERE grant_id IS NULL AND id = (
        SELECT id FROM tenfold_stockcode WHERE reward_id = ? AND grant_id IS NULL ORDER BY id LIMIT 1
        FOR UPDATE SKIP LOCKED)
"""


@step
def grant(*, rule: RewardRule, journey: Journey, nth: int = 0) -> Grant | None:
    """Give what a rule gives, once a journey and line. None where nothing can be given: with none left it is owed, and
    one who is excluded or a rule that has stopped owes nothing. What was given stays given."""
    once = {"journey": journey, "line": rule.line, "nth": nth}
    if given := Grant.objects.filter(**once).first():
        return given
    owed = Debt.objects.filter(**once).first()
    given = grant_new(rule=rule, journey=journey, nth=nth, owed=owed)
    if given and owed:
        owed.delete()
    return given


@step
def grant_new(*, rule: RewardRule, journey: Journey, nth: int = 0, owed: Debt | None = None) -> Grant | None:
    """As `grant`, for whoever knows that it was not given, and whether it is owed; within the caller's step."""
    if rule.stopped_at is not None or journey.person.blocked_at is not None:
        return None
    reward = None if _others_wait(rule, owed) else _take_one(rule)
    if reward is None:
        _owe(rule, journey, nth)
        return None
    if not ledger.charge(rule=rule, amount=reward.amount):
        Reward.objects.filter(pk=reward.pk).update(granted_count=F("granted_count") - 1)
        return None
    return _give(rule, reward, journey, nth)


def _others_wait(rule: RewardRule, mine: Debt | None) -> bool:
    """Whether others were owed it before: what is there again is for them first, and the worker pays them in turn."""
    if rule.reward is None or rule.reward.stock_count is None:
        return False
    if mine is None:
        return bool(bulk.rows(OWED, (rule.reward.pk.hex,)))
    same = RewardRule.objects.filter(reward=rule.reward, replaced_at=None, stopped_at=None)
    owed = Debt.objects.filter(line__in=same.values("line"))
    return owed.filter(Q(since__lt=mine.since) | Q(since=mine.since, pk__lt=mine.pk)).exists()


def _take_one(rule: RewardRule) -> Reward | None:
    """One out of the stock, else out of that of the replacement; None with none left of either."""
    for reward in (rule.reward, rule.fallback):
        if reward is not None and take_stock(reward):
            return reward
    return None


def take_stock(reward: Reward) -> bool:
    if bulk.run(TAKEN, (reward.pk.hex,)) == 0:
        return False
    if reward.warn_below is not None:
        _warn(reward)
    return True


def _warn(reward: Reward) -> None:
    reward.refresh_from_db(fields=["stock_count", "granted_count", "warn_below"])
    left, below = reward.left_count, reward.warn_below
    if left is not None and below is not None and left < below:
        open_task(
            where=Everywhere(reward.workspace_id, reward.campaign_id),
            kind=HumanTask.Kind.STOCK_LOW,
            text=reward.name,
            key=stock_low_key(reward),
        )


def stock_low_key(reward: Reward) -> str:
    """What a person is asked by that few are left: once, until there are enough again."""
    return f"stock_low:{reward.pk}"


def restock_key(reward: Reward) -> str:
    """And that none is left."""
    return f"restock:{reward.pk}"


def _owe(rule: RewardRule, journey: Journey, nth: int) -> None:
    of = {"workspace_id": rule.workspace_id, "campaign_id": rule.campaign_id, "since": clock.now()}
    _debt, is_new = Debt.objects.get_or_create(journey=journey, line=rule.line, nth=nth, defaults=of)
    if is_new and rule.reward:
        note(Fact.REWARD_OUT, rule.reward, journey=journey)


@step
def promise(*, rule: RewardRule, journeys: Sequence[Journey]) -> None:
    """Owe it to all of these at once, in their order: each is given theirs afterwards, by itself."""
    of = {"workspace_id": rule.workspace_id, "campaign_id": rule.campaign_id, "line": rule.line}
    since = [clock.now() + timedelta(microseconds=nth) for nth in range(len(journeys))]
    debts = [Debt(journey=journey, since=at, **of) for journey, at in zip(journeys, since, strict=True)]
    Debt.objects.bulk_create(debts, batch_size=500, ignore_conflicts=True)


def _give(rule: RewardRule, reward: Reward, journey: Journey, nth: int) -> Grant:
    now = clock.now()
    waits = reward.kind == Kind.PHYSICAL or reward.claim_hours is not None
    given = Grant(
        workspace_id=reward.workspace_id,
        campaign_id=reward.campaign_id,
        rule=rule,
        line=rule.line,
        nth=nth,
        reward=reward,
        was_fallback=reward.pk != rule.reward_id,
        journey=journey,
        state=State.OFFERED if waits else State.CLAIMED,
        granted_at=now,
        claim_until=now + timedelta(hours=reward.claim_hours) if reward.claim_hours else None,
        claimed_at=None if waits else now,
    )
    insert(given)
    if reward.kind == Kind.CODES:
        _give_code(reward, given)
    amount, unit = (reward.amount, reward.kind) if reward.is_amount else (1, Unit.ITEM)
    book(given, unit, amount, Reason.GRANTED, f"grant:{given.pk}")
    note(Fact.REWARDED, reward, journey=journey, grant=str(given.pk), when=rule.when)
    return given


def _give_code(reward: Reward, given: Grant) -> None:
    """A free code of the stock; there is one, because the counter has been moved in this transaction."""
    statement = GIVEN_CODE_SHARED if bulk.is_shared() else GIVEN_CODE
    if bulk.run(statement, (given.pk.hex, reward.pk.hex)) == 0:
        raise Refusal("stock_out", _("The stock has just run out."))


def book(given: Grant, unit: str, amount: int, reason: str, key: str) -> None:
    ledger.write(
        journey=given.journey,
        unit=unit,
        amount=amount,
        reason=reason,
        key=key,
        rule=given.rule,
        reward=given.reward,
        grant=given,
    )


@step
def forget_debt(*, debt: Debt) -> None:
    """What it was owed for is not so any more."""
    Debt.objects.filter(pk=debt.pk).delete()


def note(
    fact: Fact,
    reward: Reward,
    *,
    journey: Journey | None = None,
    operator: Operator | None = None,
    **told: object,
) -> None:
    write(
        fact,
        reward,
        told,
        campaign_id=reward.campaign_id,
        reward_id=reward.id,
        journey_id=journey.id if journey else None,
        operator_id=operator.id if operator else None,
    )
