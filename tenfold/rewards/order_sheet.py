"""Reading orders from a file that a shop has exported. Every line stands for itself: a bad one is named, by the number
that a spreadsheet shows beside it, and the others are taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.base.money import MOST, read_money
from tenfold.base.refusal import Refusal
from tenfold.base.sheets import read_rows

MOST_LINES = 50_000
LONGEST_NUMBER = 64
HEADINGS = {
    "number": ("number", "order", "order number", "订单号", "订单编号"),
    "amount": ("amount", "total", "金额", "订单金额", "实付金额"),
    "buyer": ("buyer", "buyer's code", "买家", "买家编号"),
    "code": ("code", "referral code", "推荐码", "邀请码"),
    "placed": ("time", "placed at", "paid at", "下单时间", "付款时间"),
    "refunded": ("refunded", "refund", "退款", "是否退款"),
}
YES = frozenset({"yes", "y", "true", "1", "refunded", "是", "已退款"})
NO = frozenset({"", "no", "n", "false", "0", "否", "未退款"})
MOMENT = re.compile(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class Line:
    """An order as a file tells it. `buyer` is the buyer's own code, `code` the one they came by; either may be empty.
    Without a time it was placed when it is read."""

    row: int
    number: str
    amount: int
    buyer: str
    code: str
    placed_at: datetime | None
    is_refunded: bool


@dataclass(frozen=True)
class Trouble:
    """Why a line was not taken."""

    line: int
    message: str | Promise


@dataclass(frozen=True)
class Sheet:
    lines: list[Line]
    troubles: list[Trouble]


def read_orders_csv(data: bytes, *, currency: str, zone: ZoneInfo) -> Sheet:
    """The lines of a CSV file whose first row names its columns, in either language and any order."""
    rows = [(row, [cell.strip() for cell in cells]) for row, cells in enumerate(read_rows(data), start=1)]
    filled = [(row, cells) for row, cells in rows if any(cells)]
    if len(filled) < 2:
        raise Refusal("file_empty", _("There is no order in this file."), status=400)
    if len(filled) > MOST_LINES + 1:
        raise Refusal("too_many_orders", _("At most 50,000 orders in one file."), status=400)
    columns = _columns(filled[0][1])
    return _read_each(filled[1:], lambda row, cells: _line(row, _named(columns, cells), currency, zone))


def _read_each(rows: Iterable[tuple[int, list[str]]], read: Callable[[int, list[str]], Line]) -> Sheet:
    lines, troubles = [], []
    for row, cells in rows:
        try:
            lines.append(read(row, cells))
        except Refusal as refusal:
            troubles.append(Trouble(row, refusal.message))
    return Sheet(lines, troubles)


def _columns(heads: list[str]) -> dict[str, int]:
    lowered = [head.lower() for head in heads]
    found = {
        name: next(place for place, head in enumerate(lowered) if head in known)
        for name, known in HEADINGS.items()
        if any(head in known for head in lowered)
    }
    if "number" not in found or "amount" not in found:
        message = _("The first row names the columns. Two are needed: “number” (订单号) and “amount” (金额).")
        raise Refusal("no_headings", message, status=400)
    return found


def _named(columns: dict[str, int], cells: list[str]) -> dict[str, str]:
    return {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}


def _line(row: int, told: dict[str, str], currency: str, zone: ZoneInfo) -> Line:
    return Line(
        row=row,
        number=clean_number(told["number"]),
        amount=read_amount(told["amount"], currency),
        buyer=told.get("buyer", ""),
        code=told.get("code", ""),
        placed_at=read_moment(told.get("placed", ""), zone),
        is_refunded=_is_yes(told.get("refunded", "")),
    )


def clean_number(text: str) -> str:
    """An order's number, as the shop writes it."""
    number = text.strip()
    if not 1 <= len(number) <= LONGEST_NUMBER or not number.isprintable():
        raise Refusal("bad_number", _("The order number is missing, or longer than 64 letters."), status=400)
    return number


def read_amount(text: str, currency: str) -> int:
    """What was paid, in the smallest unit; more than nothing."""
    try:
        amount = read_money(text, currency)
    except ValueError as error:
        raise _bad_amount() from error
    return check_amount(amount)


def check_amount(amount: int) -> int:
    if not 0 < amount <= MOST:
        raise _bad_amount()
    return amount


def _bad_amount() -> Refusal:
    return Refusal("bad_amount", _("The amount is a number above 0, such as 99.00."), status=400)


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A time of day where the campaign is; None where nothing is said."""
    if not text.strip():
        return None
    found = MOMENT.fullmatch(text.strip())
    try:
        if found:
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        pass
    raise Refusal("bad_time", _("The time is written like 2026-03-02 10:00."), status=400)


def _is_yes(text: str) -> bool:
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise Refusal("bad_refund", _("Refunded is yes or no."), status=400)
