"""Amounts for bringing somebody: so much a friend who counts, or a share of what they buy. To whoever brought them, and
to one above; never further.

What is paid follows from what counts now, in whatever order things happened: what stops counting is taken back with
the very amount that was paid for it, and where a cap had shut out somebody, the earliest of those moves up, and gives
way again when what was paid before counts once more. Only caps and budgets of the whole campaign are first come, first
served.

Within a transaction this comes last, after journeys, stock and grants: it locks the balances of people whose journeys
the caller has not locked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from tenfold.base import bulk
from tenfold.base.claim import step
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Credit, Journey
from tenfold.rewards import ledger
from tenfold.rewards.books import Balance, LedgerRow, Order
from tenfold.rewards.models import RewardRule

When = RewardRule.When
Reason = LedgerRow.Reason
WHOLE = 10_000
"""Basis points of all of an order."""
DIRECT, SECOND = 1, 2
RUNNING = """
    SELECT id FROM tenfold_rewardrule
    WHERE campaign_id = ? AND "when" = ? AND replaced_at IS NULL AND stopped_at IS NULL
"""
PAID = {When.INVITE: Reason.INVITE_PAID, When.ORDER: Reason.ORDER_PAID}
TAKEN_BACK = {When.INVITE: Reason.INVITE_TAKEN_BACK, When.ORDER: Reason.ORDER_TAKEN_BACK}
REASONS = {
    When.INVITE: (Reason.INVITE_PAID, Reason.INVITE_TAKEN_BACK),
    When.ORDER: (Reason.ORDER_PAID, Reason.ORDER_TAKEN_BACK, Reason.ORDER_GAVE_WAY),
}


@dataclass(frozen=True)
class Occasion:
    """What is paid for: a newcomer who counts, or an order. `above` brought the newcomer or the buyer, and was brought
    by the one further up. A rule pays for nothing that was there before it was made: `since`."""

    when: RewardRule.When
    row: Journey | Order
    above: Journey | None
    since: datetime

    @property
    def about(self) -> str:
        return "order" if self.when == When.ORDER else "newcomer"

    @property
    def rows(self) -> QuerySet[LedgerRow]:
        return LedgerRow.objects.filter(reason__in=REASONS[self.when], **{self.about: self.row})

    def paid_to(self) -> list[tuple[int, Journey]]:
        """Each level with its person, the nearer one first."""
        levels = [(DIRECT, self.above), (SECOND, self.above.inviter if self.above else None)]
        return [(level, journey) for level, journey in levels if journey is not None]


@dataclass(frozen=True)
class Due:
    """What somebody is paid, or gives back: the `nth` row of theirs for this by this line of rules."""

    level: int
    journey: Journey
    amount: int
    nth: int


def _of_newcomer(newcomer: Journey) -> Occasion:
    return Occasion(When.INVITE, newcomer, newcomer.inviter, newcomer.created_at)


def _of_order(order: Order) -> Occasion:
    return Occasion(When.ORDER, order, order.seller, order.recorded_at)


@step
def invite_counted(*, newcomer: Journey) -> None:
    """The newcomer has begun to count for their inviter."""
    _pay(_of_newcomer(newcomer))


@step
def invite_gone(*, newcomer: Journey) -> None:
    """The newcomer has ceased to count."""
    _take_back(_of_newcomer(newcomer))


@step
def order_counted(*, order: Order) -> None:
    _pay(_of_order(order))


@step
def order_gone(*, order: Order) -> None:
    """The order was refunded."""
    _take_back(_of_order(order))


def _pay(occasion: Occasion) -> None:
    if isinstance(occasion.row, Order) and _is_late(occasion.row):
        return
    for rule in _held(occasion):
        if since_of(rule) <= occasion.since:
            paid_to = occasion.paid_to()
            if rule.person_cap is not None:
                _lock([journey for _level, journey in paid_to], rule.unit)
            _pay_by(rule, occasion, paid_to)


def _held(occasion: Occasion) -> list[RewardRule]:
    """The rules that run, by their lines. Most campaigns have none, which is found out without the ORM."""
    found = bulk.rows(RUNNING, (occasion.row.campaign_id.hex, occasion.when.value))
    ids = [UUID(bulk.hexed(row_id)) for [row_id] in found]
    return list(RewardRule.objects.filter(pk__in=ids).order_by("line")) if ids else []


def end_of(campaign: Campaign) -> datetime | None:
    """Orders that were placed later earn nobody anything."""
    return min((end for end in (campaign.ended_at, campaign.ends_at) if end), default=None)


def _is_late(order: Order) -> bool:
    end = end_of(order.campaign)
    return end is not None and order.placed_at > end


def since_of(rule: RewardRule) -> datetime:
    """When the first version of this rule was made."""
    if rule.version == 1:
        return rule.made_at
    return RewardRule.objects.values_list("made_at", flat=True).get(line=rule.line, version=1)


def _lock(journeys: Iterable[Journey], unit: str) -> None:
    """Their balances, in the order of their keys and before anything is counted: two payments at once cannot both be
    the last that a cap allows."""
    rows = [
        Balance(workspace_id=one.workspace_id, campaign_id=one.campaign_id, journey=one, unit=unit)
        for one in sorted(journeys, key=lambda journey: journey.pk)
    ]
    Balance.objects.bulk_create(rows, ignore_conflicts=True)
    locked = Balance.objects.filter(journey__in=[row.journey_id for row in rows], unit=unit)
    list(locked.select_for_update(no_key=True).order_by("journey_id").values_list("pk"))


def _pay_by(rule: RewardRule, occasion: Occasion, paid_to: list[tuple[int, Journey]]) -> None:
    """The nearer one has the last of a budget; balances are moved in the order of their keys."""
    dues = [_due(rule, occasion, level, journey) for level, journey in paid_to]
    found = [due for due in dues if due is not None]
    for due in sorted(found, key=lambda due: due.journey.pk):
        _write(occasion, rule, due)


def _due(rule: RewardRule, occasion: Occasion, level: int, journey: Journey) -> Due | None:
    """What the rule has been charged with for them; None where they have it already, or nothing is to be had."""
    amount = amount_of(rule, occasion.row, level)
    rows = occasion.rows.filter(line=rule.line, journey=journey, level=level)
    told = rows.aggregate(paid=Sum("amount"), count=Count("pk"))
    if amount <= 0 or (told["paid"] or 0) > 0:
        return None
    if _is_capped(rule, level, journey) and not _later_gives_way(rule, occasion, level, journey):
        return None
    if not ledger.charge(rule=rule, amount=amount):
        return None
    return Due(level, journey, amount, told["count"])


def amount_of(rule: RewardRule, row: Journey | Order, level: int) -> int:
    """Of an order its share, without the part of a smallest unit: shares never add up to more than there is."""
    rate = rule.direct if level == DIRECT else rule.second
    return row.amount * rate // WHOLE if isinstance(row, Order) else rate


def _is_capped(rule: RewardRule, level: int, journey: Journey) -> bool:
    """Whether as many as one person is paid for are paid already. Each level counts by itself."""
    if rule.person_cap is None:
        return False
    rows = LedgerRow.objects.filter(line=rule.line, journey=journey, level=level)
    told = rows.aggregate(paid=Count("pk", filter=Q(amount__gt=0)), back=Count("pk", filter=Q(amount__lt=0)))
    return bool(told["paid"] - told["back"] >= rule.person_cap)


def _later_gives_way(rule: RewardRule, occasion: Occasion, level: int, journey: Journey) -> bool:
    """Whether an order that was recorded later, the last of those that are paid, makes room for this one under the cap.
    It does not where the budget has not enough for this one. A friend makes room for nobody: each is worth the same."""
    if not isinstance(occasion.row, Order):
        return False
    paid = LedgerRow.objects.filter(line=rule.line, journey=journey, level=level, order__isnull=False)
    sums = paid.values("order_id").annotate(left=Sum("amount"), count=Count("pk")).filter(left__gt=0)
    last = sums.order_by("-order__recorded_at", "-order_id").first()
    order = Order.objects.select_related("seller__inviter").get(pk=last["order_id"]) if last else None
    if order is None or last is None or _came(order) <= _came(occasion.row):
        return False
    if not _fits(rule, amount_of(rule, occasion.row, level) - last["left"]):
        return False
    due = Due(level, journey, -last["left"], last["count"])
    _write(_of_order(order), rule, due, reason=Reason.ORDER_GAVE_WAY)
    ledger.give_back(line=rule.line, amount=last["left"])
    return True


def _came(order: Order) -> tuple[datetime, UUID]:
    return order.recorded_at, order.pk


def _fits(rule: RewardRule, more: int) -> bool:
    """Whether the rule runs and can spend so much more in the place of something else. It is locked, so that this holds
    until it is charged."""
    held = RewardRule.objects.select_for_update(no_key=True).filter(line=rule.line, replaced_at=None)
    now = held.first() or held.first()  # the second time where it was being changed just now
    return (
        now is not None and now.stopped_at is None and (now.budget is None or now.spent + more <= now.budget)
    )


def _take_back(occasion: Occasion) -> None:
    """What was paid for this, to each who has it still, from whichever version of a rule it came."""
    paid = occasion.rows.values("line", "journey", "level").annotate(left=Sum("amount"), count=Count("pk"))
    owed = list(paid.filter(left__gt=0, line__isnull=False).order_by("line", "journey"))
    journeys = Journey.objects.in_bulk([row["journey"] for row in owed])
    rules: dict[UUID | None, RewardRule] = {
        rule.line: rule
        for rule in RewardRule.objects.filter(line__in=[row["line"] for row in owed], replaced_at=None)
    }
    for unit in sorted({rule.unit for rule in rules.values()}):
        _lock(journeys.values(), unit)
    for row in owed:
        rule, level, journey = rules[row["line"]], row["level"], journeys[row["journey"]]
        _write(occasion, rule, Due(level, journey, -row["left"], row["count"]))
        ledger.give_back(line=rule.line, amount=row["left"])
        if rule.person_cap is not None and rule.stop != RewardRule.Stop.OPERATOR:
            _move_up(rule, level, journey, occasion)


def _write(occasion: Occasion, rule: RewardRule, due: Due, *, reason: str = "") -> None:
    ledger.write(
        journey=due.journey,
        unit=rule.unit,
        amount=due.amount,
        reason=reason or (PAID if due.amount > 0 else TAKEN_BACK)[occasion.when],
        key=f"{rule.line.hex}:{occasion.row.pk.hex}:{due.level}:{due.nth}",
        level=due.level,
        rule=rule,
        newcomer=occasion.row if isinstance(occasion.row, Journey) else None,
        order=occasion.row if isinstance(occasion.row, Order) else None,
    )


def _move_up(rule: RewardRule, level: int, journey: Journey, gone: Occasion) -> None:
    """The earliest whom a cap had shut out is paid in place of the one who is gone."""
    rows = LedgerRow.objects.filter(line=rule.line, journey=journey, level=level)
    paid = rows.filter(**{f"{gone.about}__isnull": False}).values(gone.about)
    still = paid.annotate(left=Sum("amount")).filter(left__gt=0).values(gone.about)
    find = _first_order if gone.when == When.ORDER else _first_newcomer
    if waiting := find(rule, level, journey, still, gone):
        _pay_by(rule, waiting, [(level, journey)])


def _first_order(
    rule: RewardRule, level: int, journey: Journey, paid: QuerySet[LedgerRow, UUID], gone: Occasion
) -> Occasion | None:
    below = Q(seller=journey) if level == DIRECT else Q(seller__inviter=journey)
    sales = Order.objects.filter(below, refunded_at=None, recorded_at__gte=since_of(rule))
    if end := end_of(rule.campaign):
        sales = sales.filter(placed_at__lte=end)
    unpaid = sales.exclude(pk__in=paid).exclude(pk=gone.row.pk).select_related("seller__inviter")
    order = unpaid.order_by("recorded_at", "pk").first()
    return _of_order(order) if order else None


def _first_newcomer(
    rule: RewardRule, level: int, journey: Journey, paid: QuerySet[LedgerRow, UUID], gone: Occasion
) -> Occasion | None:
    below = Q(inviter=journey) if level == DIRECT else Q(inviter__inviter=journey)
    counting = Credit.objects.filter(below, state=Credit.State.VALID, newcomer__inviter=F("inviter"))
    since = counting.filter(newcomer__created_at__gte=since_of(rule))
    unpaid = since.exclude(newcomer__in=paid).exclude(newcomer=gone.row.pk)
    credit = unpaid.select_related("newcomer__inviter__inviter").order_by("newcomer_id").first()
    return _of_newcomer(credit.newcomer) if credit else None
