"""Orders: what participants bought elsewhere, each once. Who is paid for one is settled when it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people.models import Journey
from tenfold.rewards.books import Order
from tenfold.rewards.order_sheet import Line, check_amount, clean_number


@step
def record(
    *,
    campaign: Campaign,
    number: str,
    amount: int,
    buyer: str,
    code: str,
    placed_at: datetime | None,
    source: str,
    operator: Operator | None,
) -> tuple[Order, bool]:
    """Record an order; and whether it is new. Told again, it is the first one; told otherwise under the same number, it
    is refused."""
    number, buyer_journey = clean_number(number), _buyer(campaign, buyer)
    seller = _seller(campaign, buyer_journey, code)
    told = (check_amount(amount), buyer_journey.pk if buyer_journey else None, seller.pk if seller else None)
    if found := Order.objects.filter(campaign=campaign, number=number).first():
        return _same(found, told), False
    order = Order.objects.create(
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        number=number,
        buyer=buyer_journey,
        seller=seller,
        amount=amount,
        currency=campaign.currency,
        placed_at=placed_at or clock.now(),
        source=source,
        recorded_at=clock.now(),
        recorded_by=operator,
    )
    _note(Fact.ORDERED, order, operator)
    return order, True


def _same(found: Order, told: tuple[int, UUID | None, UUID | None]) -> Order:
    if (found.amount, found.buyer_id, found.seller_id) != told:
        message = _("An order with the number %(number)s is there already, and it is another one.")
        raise Refusal("order_differs", message % {"number": found.number})
    return found


def _buyer(campaign: Campaign, slug: str) -> Journey | None:
    """The participant whose own code this is; None where nothing is said."""
    if not slug.strip():
        return None
    found = _owner(campaign, slug)
    if found is None:
        raise Refusal("unknown_buyer", _("Nobody in this campaign has the buyer's code."), status=400)
    return found


def _seller(campaign: Campaign, buyer: Journey | None, slug: str) -> Journey | None:
    """Whoever brought the buyer, as the tree has it: the code of one purchase does not change who invited them. Of
    a buyer nobody knows, the owner of the code they came by; a channel's code has none."""
    if buyer is not None:
        return buyer.inviter
    if not slug.strip():
        raise Refusal("nobody", _("Say who bought, or by whose code they came."), status=400)
    if found := _owner(campaign, slug):
        return found
    if not LiveCode.objects.filter(campaign=campaign, slug=read_slug(slug)).exists():
        raise Refusal("unknown_code", _("There is no such code in this campaign."), status=400)
    return None


def _owner(campaign: Campaign, slug: str) -> Journey | None:
    owners = Journey.objects.filter(campaign=campaign, code__slug=read_slug(slug))
    return owners.select_related("inviter__inviter").first()


@step
def refund(*, order: Order, operator: Operator | None) -> bool:
    """The money went back to the buyer. False if it had before."""
    if not changes_one(Order.objects.filter(pk=order.pk, refunded_at=None), refunded_at=clock.now()):
        return False
    order.refresh_from_db()
    _note(Fact.ORDER_REFUNDED, order, operator)
    return True


@step
def unrefund(*, order: Order, operator: Operator | None) -> bool:
    """It was not refunded after all. False if it was not."""
    if not changes_one(Order.objects.filter(pk=order.pk, refunded_at__isnull=False), refunded_at=None):
        return False
    order.refresh_from_db()
    _note(Fact.ORDER_UNREFUNDED, order, operator)
    return True


@dataclass(frozen=True)
class Kept:
    """An order as it is kept, by the codes of its buyer and its seller."""

    amount: int
    buyer: str | None
    seller: str | None
    is_refunded: bool

    def is_told_by(self, line: Line) -> bool:
        """Whether this line of a file says nothing new. Where that is not sure, it is taken to."""
        if self.amount != line.amount or (line.is_refunded and not self.is_refunded):
            return False
        told = (read_slug(line.buyer), None) if line.buyer.strip() else (None, read_slug(line.code))
        return any(told) and told == ((self.buyer, None) if self.buyer else (None, self.seller))


def kept_as(campaign: Campaign, numbers: list[str]) -> dict[str, Kept]:
    """Those of these that are there already."""
    found = Order.objects.filter(campaign=campaign, number__in=numbers)
    told = found.values_list("number", "amount", "buyer__code__slug", "seller__code__slug", "refunded_at")
    return {number: Kept(amount, buyer, seller, at is not None) for number, amount, buyer, seller, at in told}


def has_ordered(buyer: Journey) -> bool:
    """Whether they bought something that was not refunded."""
    return Order.objects.filter(buyer=buyer, refunded_at=None).exists()


def _note(fact: Fact, order: Order, operator: Operator | None, **told: object) -> None:
    write(
        fact,
        order,
        {"order": str(order.pk), "amount": order.amount, **told},
        campaign_id=order.campaign_id,
        journey_id=order.buyer_id,
        operator_id=operator.id if operator else None,
    )
