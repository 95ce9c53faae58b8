"""Orders: what a participant bought elsewhere, the share of it for whoever brought them, and what a refund undoes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow import credits as story
from tenfold.people import actions as people
from tenfold.rewards import commission, orders
from tenfold.rewards.books import Order
from tenfold.rewards.order_sheet import Line, Trouble, read_orders_csv

Source = Order.Source
A_PIECE = 100
ENOUGH = timedelta(seconds=20)
"""So long a request may take: behind most proxies it ends after a minute."""


@dataclass(frozen=True)
class Imported:
    """What became of a file: orders taken in, those that were there already, refunds noted, and the lines that were
    not taken, each with its reason. A long file is taken in parts: `left` lines were not looked at yet, and `go_on` is
    what the next part is asked for with."""

    added: int = 0
    repeated: int = 0
    refunded: int = 0
    errors: list[Trouble] = field(default_factory=list)
    left: int = 0
    go_on: str = ""


@step
def ordered(
    *,
    campaign: Campaign,
    number: str,
    amount: int,
    buyer: str = "",
    code: str = "",
    placed_at: datetime | None = None,
    source: str = Source.FORM,
    operator: Operator | None = None,
) -> Order:
    """Somebody bought something. `buyer` is their own code, `code` the one they came by. Telling it twice is once: a
    rule that was stopped the first time pays nothing for it the second time either."""
    order, is_new = orders.record(
        campaign=campaign,
        number=number,
        amount=amount,
        buyer=buyer,
        code=code,
        placed_at=placed_at,
        source=source,
        operator=operator,
    )
    if is_new:
        _counted(order)
    return order


@step
def refunded(*, order: Order, operator: Operator | None) -> Order:
    """The buyer has their money back: what others got of it is taken back, and an invite that counted by it."""
    _lock(order)
    if orders.refund(order=order, operator=operator):
        commission.order_gone(order=order)
        if order.buyer and not orders.has_ordered(order.buyer):
            story.returned(newcomer=order.buyer)
    return order


@step
def unrefunded(*, order: Order, operator: Operator) -> Order:
    """It was not refunded after all."""
    _lock(order)
    if orders.unrefund(order=order, operator=operator):
        _counted(order)
    return order


def _counted(order: Order) -> None:
    _lock(order)
    if order.buyer:
        story.bought(newcomer=order.buyer, at=order.placed_at)
    commission.order_counted(order=order)


def _lock(order: Order) -> None:
    if order.buyer:
        people.lock(journey=order.buyer, and_inviter=True)


def orders_imported(*, campaign: Campaign, data: bytes, operator: Operator, go_on: str = "") -> Imported:
    """The orders of a file, each kept by itself: whoever sends it again after a mistake is mended loses nothing and
    counts nothing twice, and nobody else waits for longer than one order takes. What is kept already is only compared.
    After `ENOUGH` the rest waits for the same file with what `go_on` said; any other file begins at its first line."""
    sheet = read_orders_csv(data, currency=campaign.currency, zone=campaign.zone)
    mark = sha256(data).hexdigest()[:16]
    start, until = _start(go_on, mark), clock.now() + ENOUGH
    told = Imported(errors=[trouble for trouble in sheet.troubles if not start])
    for at in range(start, len(sheet.lines), A_PIECE):
        if at > start and clock.now() >= until:
            left = len(sheet.lines) - at
            return replace(_sorted(told), left=left, go_on=f"{mark}:{at}")
        told = _piece_imported(campaign, sheet.lines[at : at + A_PIECE], operator, told)
    return _sorted(told)


def _start(go_on: str, mark: str) -> int:
    of, _colon, at = go_on.partition(":")
    return int(at) if of == mark and at.isascii() and at.isdigit() and len(at) < 9 else 0


def _sorted(told: Imported) -> Imported:
    return replace(told, errors=sorted(told.errors, key=lambda trouble: trouble.line))


def _piece_imported(campaign: Campaign, lines: list[Line], operator: Operator, told: Imported) -> Imported:
    kept = orders.kept_as(campaign, [line.number for line in lines])
    known = set(kept)
    added = repeated = refunded = 0
    errors = list(told.errors)
    for line in lines:
        if line.number in kept and kept[line.number].is_told_by(line):
            repeated += 1
            continue
        try:
            was_refunded, is_refunded = _imported(campaign, line, operator)
        except Refusal as refusal:
            errors.append(Trouble(line.row, refusal.message))
            continue
        repeated += line.number in known
        added += line.number not in known
        refunded += is_refunded and not was_refunded
        known.add(line.number)
    return Imported(told.added + added, told.repeated + repeated, told.refunded + refunded, errors)


@step
def _imported(campaign: Campaign, line: Line, operator: Operator) -> tuple[bool, bool]:
    """Whether it was refunded before, and is now. A file that does not say so undoes no refund."""
    order = ordered(
        campaign=campaign,
        number=line.number,
        amount=line.amount,
        buyer=line.buyer,
        code=line.code,
        placed_at=line.placed_at,
        source=Source.CSV,
        operator=operator,
    )
    was = order.refunded_at is not None
    if line.is_refunded:
        refunded(order=order, operator=operator)
    return was, was or line.is_refunded
