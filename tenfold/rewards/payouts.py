"""Paying out what people have earned in money: a file for whoever transfers it, and what became of it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_id
from tenfold.base.money import plain
from tenfold.base.refusal import Refusal
from tenfold.base.sheets import write_rows
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people.models import Journey
from tenfold.rewards import ledger
from tenfold.rewards.books import Balance, LedgerRow, Order, Payout, Unit

State = Payout.State
Reason = LedgerRow.Reason
AT_ONCE = 1_000
"""People in one payout: a file somebody can look through, and a transaction that others can wait for. With more to pay
the next payout takes the next; what one has taken is on no balance any more."""


def payable(campaign_id: UUID) -> QuerySet[Balance]:
    """Who has money to come, in the order in which they entered. Of somebody excluded it waits on their balance."""
    rows = Balance.objects.filter(campaign_id=campaign_id, unit=Unit.MONEY, amount__gt=0)
    open_rows = rows.filter(journey__person__blocked_at=None)
    return open_rows.select_related("journey__person", "journey__code", "journey__group").order_by(
        "journey_id"
    )


@step
def pay_out(*, campaign: Campaign, operator: Operator, row_id: UUID | None = None) -> Payout:
    """Take what is payable off the balances and into one payout. Asked again with its `row_id` it is the same one."""
    if row_id and (found := Payout.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    due = _locked(campaign.id)
    if not due:
        raise Refusal("nothing_to_pay", _("Nobody has money to come."))
    payout = Payout.objects.create(
        id=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        currency=campaign.currency,
        total=sum(balance.amount for balance in due),
        people_count=len(due),
        made_at=clock.now(),
        made_by=operator,
    )
    changes = [
        ledger.Change(balance.journey_id, -balance.amount, f"payout:{payout.pk.hex}:{balance.journey_id.hex}")
        for balance in due
    ]
    ledger.write_each(of=payout, changes=changes, reason=Reason.PAID_OUT, operator=operator)
    _note(Fact.PAYOUT_MADE, payout, operator, total=payout.total, people=payout.people_count)
    return payout


def _locked(campaign_id: UUID) -> list[Balance]:
    """What is payable, locked: the people first, as everywhere, then what they have."""
    people = list(payable(campaign_id).values_list("journey_id", flat=True)[:AT_ONCE])
    list(
        Journey.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk")
    )
    due = payable(campaign_id).filter(journey__in=people).select_related(None)
    return list(due.select_for_update(of=("self",), no_key=True))


@step
def mark_paid(*, payout: Payout, operator: Operator) -> Payout:
    """The transfers were made."""
    return _to(payout, State.EXPORTED, State.PAID, operator, Fact.PAYOUT_PAID)


@step
def mark_unpaid(*, payout: Payout, operator: Operator) -> Payout:
    """They were not made after all."""
    return _to(payout, State.PAID, State.EXPORTED, operator, Fact.PAYOUT_UNPAID)


@step
def cancel(*, payout: Payout, operator: Operator) -> Payout:
    """Everything back onto the balances. What was paid stays paid."""
    if payout_is(payout, State.CANCELLED):
        return payout
    _to(payout, State.EXPORTED, State.CANCELLED, operator, Fact.PAYOUT_CANCELLED)
    back = [
        ledger.Change(row.journey_id, -row.amount, f"{row.key}:back")
        for row in rows_of(payout).select_related(None)
    ]
    ledger.write_each(of=payout, changes=back, reason=Reason.PAYOUT_CANCELLED, operator=operator)
    return payout


def payout_is(payout: Payout, state: Payout.State) -> bool:
    payout.refresh_from_db()
    return payout.state == state


def _to(payout: Payout, before: Payout.State, to: Payout.State, operator: Operator, fact: Fact) -> Payout:
    """Move on; asking twice is asking once."""
    if payout_is(payout, to):
        return payout
    is_closed = to != State.EXPORTED
    closed = {
        "closed_at": clock.now() if is_closed else None,
        "closed_by": operator if is_closed else None,
    }
    if not changes_one(Payout.objects.filter(pk=payout.pk, state=before), state=to, **closed):
        raise Refusal("wrong_state", _("This payout is %(state)s.") % {"state": payout.get_state_display()})
    payout.refresh_from_db()
    _note(fact, payout, operator, state=payout.state)
    return payout


def rows_of(payout: Payout) -> QuerySet[LedgerRow]:
    """What left each balance, below zero."""
    rows = LedgerRow.objects.filter(payout=payout, reason=Reason.PAID_OUT)
    return rows.select_related("journey__person", "journey__code", "journey__group").order_by("journey_id")


def to_be_paid(rows: QuerySet[LedgerRow]) -> int:
    """How much of these rows stands on lists that nobody has paid yet."""
    found = rows.filter(payout__state=State.EXPORTED, reason=Reason.PAID_OUT).order_by()
    return -(found.aggregate(sum=Sum("amount"))["sum"] or 0)


def overpaid(campaign_id: UUID) -> QuerySet[Balance]:
    """Who was paid what had to be taken back afterwards: below zero, the most first."""
    rows = Balance.objects.filter(campaign_id=campaign_id, unit=Unit.MONEY, amount__lt=0)
    return rows.select_related("journey__person").order_by("amount", "id")


def order_overpaid(order: Order) -> bool:
    """Whether somebody who earned by this order was paid more than they have earned."""
    return overpaid(order.campaign_id).filter(journey__ledger__order=order).exists()


def payout_csv(payout: Payout) -> bytes:
    """One line a person, for whoever transfers the money, in the language of whoever asks."""
    name = pgettext("of a person", "Name")
    heads = (gettext("Code"), name, gettext("Group"), gettext("Amount"), gettext("Currency"))
    lines = (
        (
            row.journey.code.slug,
            row.journey.person.nickname,
            row.journey.group.name,
            plain(-row.amount, payout.currency),
            payout.currency,
        )
        for row in rows_of(payout)
    )
    return write_rows([heads, *lines])


def _note(fact: Fact, payout: Payout, operator: Operator, **told: object) -> None:
    about = {"campaign_id": payout.campaign_id, "operator_id": operator.id}
    write(fact, payout, {"payout": str(payout.pk), **told}, **about)
