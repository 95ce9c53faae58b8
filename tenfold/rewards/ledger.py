"""The only writer of the ledger and of what rules have used up. What somebody has is the sum of their rows, and no rule
gives more than its limits, whoever asks at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import changes_one, step
from tenfold.base.fresh import insert_once
from tenfold.base.keys import new_hex
from tenfold.journal.actions import write as note
from tenfold.journal.actions import write_of_each
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import Everywhere, open_task
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.rewards.books import Balance, LedgerRow, Order, Payout, Unit
from tenfold.rewards.models import Grant, Reward, RewardRule
from tenfold.rewards.rules import ON_THE_WAY

Stop = RewardRule.Stop
A_BATCH = 250
CHARGED = """
    UPDATE tenfold_rewardrule SET used_count = used_count + 1, spent = spent + ?
    WHERE line = ? AND replaced_at IS NULL AND stopped_at IS NULL
        AND (campaign_cap IS NULL OR campaign_cap > used_count) AND (budget IS NULL OR budget >= spent + ?)
"""
MOVED_BY = """
    INSERT INTO tenfold_balance (id, workspace_id, campaign_id, journey_id, unit, amount) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (journey_id, unit) DO UPDATE SET amount = tenfold_balance.amount + excluded.amount
"""
MOVED = {Unit.MONEY: Fact.MONEY_MOVED, Unit.POINTS: Fact.POINTS_MOVED}


@step
def write(
    *,
    journey: Journey,
    unit: str,
    amount: int,
    reason: str,
    key: str,
    at: datetime | None = None,
    level: int = 0,
    rule: RewardRule | None = None,
    reward: Reward | None = None,
    grant: Grant | None = None,
    newcomer: Journey | None = None,
    order: Order | None = None,
    payout: Payout | None = None,
    operator: Operator | None = None,
    note: str = "",
) -> LedgerRow | None:
    """Write one row, and move the balance of money and points with it. None if a row with this `key` is there already.
    A balance is locked to the end of the transaction: who writes to several goes by the keys of their journeys."""
    row = LedgerRow(
        workspace_id=journey.workspace_id,
        campaign_id=journey.campaign_id,
        journey=journey,
        at=at or clock.now(),
        unit=unit,
        amount=amount,
        reason=reason,
        key=key,
        level=level,
        line=rule.line if rule else None,
        rule=rule,
        reward=reward,
        grant=grant,
        newcomer=newcomer,
        order=order,
        payout=payout,
        operator=operator,
        note=note[:200],
    )
    if not insert_once(row):
        return None
    if unit in MOVED:
        _move_balance(row)
    return row


@dataclass(frozen=True)
class Change:
    """What moves on somebody's balance of money, and the key that names it."""

    journey_id: UUID
    amount: int
    key: str


@step
def write_each(*, of: Payout, changes: Sequence[Change], reason: str, operator: Operator) -> None:
    """As `write`, of the money of many people at once: a thousand by themselves take seconds, which others wait. Who
    calls goes by the keys of their journeys, each once. Each has a balance: it is what was paid from."""
    known = set(LedgerRow.objects.filter(payout=of, reason=reason).values_list("key", flat=True))
    fresh = [change for change in changes if change.key not in known]
    same: dict[str, Any] = {
        "workspace_id": of.workspace_id,
        "campaign_id": of.campaign_id,
        "unit": Unit.MONEY,
    }
    told: dict[str, Any] = {"reason": reason, "payout": of, "operator": operator, "at": clock.now()}
    rows = [
        LedgerRow(journey_id=each.journey_id, amount=each.amount, key=each.key, **same, **told)
        for each in fresh
    ]
    LedgerRow.objects.bulk_create(rows, batch_size=A_BATCH)
    _move_balances({each.journey_id: each.amount for each in fresh})
    facts = [(each.journey_id, {"amount": each.amount, "reason": reason, "note": ""}) for each in fresh]
    write_of_each(MOVED[Unit.MONEY], of, facts, campaign_id=of.campaign_id, operator_id=operator.id)


def _move_balances(by: dict[UUID, int]) -> None:
    """By so much each. What they come to is written as it is, which is right only while all of them are there and
    locked: one made meanwhile by another would be written over."""
    mine = (
        Balance.objects.select_for_update(no_key=True)
        .filter(unit=Unit.MONEY, journey__in=by)
        .order_by("journey_id")
    )
    balances = list(mine)
    if len(balances) != len(by):
        raise AssertionError(
            f"{len(by) - len(balances)} of {len(by)} people have no balance of money to move"
        )
    for balance in balances:
        balance.amount += by[balance.journey_id]
    Balance.objects.bulk_create(
        balances,
        batch_size=A_BATCH,
        update_conflicts=True,
        unique_fields=["journey", "unit"],
        update_fields=["amount"],
    )


def _move_balance(row: LedgerRow) -> None:
    whose = (row.workspace_id.hex, row.campaign_id.hex, row.journey_id.hex)
    bulk.run(MOVED_BY, (new_hex(), *whose, str(row.unit), row.amount))
    told = {"amount": row.amount, "reason": row.reason, "note": row.note}
    about = {"campaign_id": row.campaign_id, "journey_id": row.journey_id, "operator_id": row.operator_id}
    note(MOVED[Unit(row.unit)], row, told, **about)


@step
def charge(*, rule: RewardRule, amount: int) -> bool:
    """Count one more use of a rule, with what it costs, on the version that holds now. False where the rule has
    stopped, or stops because this would be more than its limit or its budget; then somebody is asked once."""
    for _nth in range(2):
        if bulk.run(CHARGED, (amount, rule.line.hex, amount)):
            return True
        now = _held(rule.line).first()  # another version, if somebody has just changed the rule
        if now is None or now.stopped_at is not None:
            return False
        if why := why_full(now, amount):
            _stop(now, why)
            return False
    return False


def _held(line: UUID) -> QuerySet[RewardRule]:
    return RewardRule.objects.filter(line=line, replaced_at=None)


def why_full(rule: RewardRule, amount: int) -> str:
    """Which limit one more of `amount` would break; empty if none."""
    if rule.campaign_cap is not None and rule.used_count >= rule.campaign_cap:
        return Stop.CAP
    return Stop.BUDGET if rule.budget is not None and rule.spent + amount > rule.budget else ""


def _stop(rule: RewardRule, why: str) -> None:
    running, now = RewardRule.objects.filter(pk=rule.pk, stopped_at=None), clock.now()
    if not changes_one(running, stopped_at=now, stop=why):
        return
    note(Fact.RULE_STOPPED, rule, {"rule": str(rule.pk), "why": why}, campaign_id=rule.campaign_id)
    open_task(
        where=Everywhere(rule.workspace_id, rule.campaign_id),
        kind=HumanTask.Kind.BUDGET_OUT,
        text=rule.reward.name if rule.reward else str(RewardRule.When(rule.when).label),
        key=f"budget_out:{rule.pk}:{now:%Y%m%d%H%M%S%f}",
    )


@step
def give_back(*, line: UUID, amount: int) -> None:
    """One use less, and what it cost. A rule that its limit had stopped goes on with what came back; one that was
    stopped by hand stays so."""
    _held(line).update(used_count=F("used_count") - 1, spent=F("spent") - amount)
    full = _held(line).filter(stop__in=[Stop.CAP, Stop.BUDGET])
    if not changes_one(full, stopped_at=None, stop=Stop.NONE):
        return
    rule = _held(line).get()
    note(Fact.RULE_FREED, rule, {"rule": str(rule.pk)}, campaign_id=rule.campaign_id)
    # Those who earned it while it was stopped are looked for, the oldest journeys first.
    _held(line).filter(when__in=ON_THE_WAY).update(due_at=clock.now(), swept_to=None, lease_until=None)
