"""Reading a stock of codes from a CSV file. Nothing but a code is ever given out as one."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.base.sheets import read_rows

LONGEST_CODE = 200
MOST_CODES = 200_000
# The surest first: a column headed “coupon” may hold its name, where another one is headed “code”.
HEADINGS = (
    {"code", "codes", "兑换码", "券码"},
    {
        "coupon code",
        "voucher code",
        "redeem code",
        "redemption code",
        "activation code",
        "gift code",
        "promo code",
    }
    | {"cdkey", "cdk", "优惠码", "优惠券码", "激活码", "礼品码", "卡密"},
    {"coupon", "coupons", "voucher", "vouchers", "券号"},
)
CODE_HEADINGS = {heading for known in HEADINGS for heading in known}
# What heads other columns: nobody is to be given one of these words.
OTHER_HEADINGS = {
    "id",
    "no",
    "no.",
    "number",
    "serial",
    "serial number",
    "sku",
    "key",
    "keys",
    "pin",
    "password",
}
OTHER_HEADINGS |= {"url", "link", "name", "card", "card number", "status", "date", "note", "value"}
OTHER_HEADINGS |= {
    "序号",
    "编号",
    "号码",
    "卡号",
    "密码",
    "链接",
    "名称",
    "状态",
    "日期",
    "备注",
    "面值",
    "码",
}


@dataclass(frozen=True)
class Sheet:
    """The codes of a file in its order, each once, and how many lines repeated an earlier one."""

    codes: list[str]
    repeated: int


def read_codes_csv(data: bytes) -> Sheet:
    """The column of a CSV file that is headed "code" or 兑换码, or the only one. UTF-8 and GB18030 (Excel in Chinese)
    are read; anything else is refused whole, so that no stock is half taken in."""
    rows = _codes(read_rows(data))
    if not rows:
        raise Refusal("file_empty", _("There is no code in this file."), status=400)
    if len(rows) > MOST_CODES:
        raise Refusal("too_many_codes", _("At most 200,000 codes in one file."), status=400)
    _check_codes(rows)
    codes = list(dict.fromkeys(rows))
    return Sheet(codes=codes, repeated=len(rows) - len(codes))


def _codes(rows: list[list[str]]) -> list[str]:
    """What stands in the column of the codes. A serial number or a name before them is never given out as one, nor is
    the heading of another column: where it is not clear which one it is, the file is refused."""
    cells = [[cell.strip() for cell in row] for row in rows]
    filled = [row for row in cells if any(row)]
    column = _headed_column(filled[0]) if filled else None
    if column is not None:
        return [row[column] for row in filled[1:] if len(row) > column and row[column]]
    is_wide = len({nth for row in filled for nth, cell in enumerate(row) if cell}) > 1
    _check_no_heading_below(filled, CODE_HEADINGS if is_wide else CODE_HEADINGS | OTHER_HEADINGS)
    if is_wide:
        raise _which_column()
    codes = [cell for row in filled for cell in row if cell]
    if _is_headed(codes):
        message = _(
            "Nothing was added: the first line, “%(line)s”, looks like a heading. Write “code” (兑换码) instead of it;"
            " or, if it is a code, in a line above it."
        )
        raise Refusal("unknown_heading", message % {"line": codes[0][:40]}, status=400)
    return codes


def _headed_column(row: list[str]) -> int | None:
    """The column that is headed the most surely; a Refusal where two are as sure, as one may hold names."""
    heads = [_heading(cell) for cell in row]
    for known in HEADINGS:
        columns = [nth for nth, head in enumerate(heads) if head in known]
        if len(columns) > 1:
            raise _which_column()
        if columns:
            return columns[0]
    return None


def _which_column() -> Refusal:
    message = _("This file has several columns. Write “code” (兑换码) above the one with the codes.")
    return Refusal("which_column", message, status=400)


def _check_no_heading_below(rows: list[list[str]], known: set[str]) -> None:
    """A title above the heading would else be given out as a code, and the heading as well."""
    cell = next((cell for row in rows[1:] for cell in row if _heading(cell) in known), None)
    if cell is not None:
        message = _(
            "Nothing was added: “%(line)s” looks like a heading, and is not in the first line. Delete the lines above"
            " it; or, if it is a code, write “code” (兑换码) in a line above the first."
        )
        raise Refusal("heading_below", message % {"line": cell[:40]}, status=400)


def _heading(cell: str) -> str:
    return " ".join(cell.lower().replace("_", " ").replace("-", " ").rstrip(":：").split())


def _is_headed(codes: list[str]) -> bool:
    """Whether the first line is no code: a word that heads columns, or one without any digit above codes that all have
    some."""
    first, rest = (codes or [""])[0], codes[1:]
    if _heading(first) in OTHER_HEADINGS:
        return True
    return bool(rest) and not _has_digit(first) and all(map(_has_digit, rest))


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _check_codes(rows: list[str]) -> None:
    for number, code in enumerate(rows, start=1):
        if len(code) > LONGEST_CODE or not code.isprintable():
            message = _("Code %(number)s is too long or has characters that cannot be printed.") % {
                "number": number
            }
            raise Refusal("bad_code", message, status=400)
