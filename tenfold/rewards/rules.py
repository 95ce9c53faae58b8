"""Reading a stock of codes from a file that may come from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.base.sheets import LARGEST_FILE, read_rows

__all__ = ["LARGEST_FILE", "LONGEST_CODE", "MOST_CODES", "Sheet", "read_codes_csv"]

LONGEST_CODE = 200
MOST_CODES = 200_000
HEADINGS = ("code", "codes", "兑换码", "券码")


@dataclass(frozen=True)
class Sheet:
    """The codes of a file in its order, each once, and how many lines repeated an earlier one."""

    codes: list[str]
    repeated: int


def read_codes_csv(data: bytes) -> Sheet:
    """The column of a CSV file that is headed "code" or 兑换码, else the first. UTF-8 and GB18030 (Excel in Chinese)
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
    """What stands in the column of the codes. A serial number or a name before them is never given out as one."""
    cells = [[cell.strip() for cell in row] for row in rows]
    filled = [row for row in cells if any(row)]
    heads = filled[0] if filled else []
    column = next((place for place, cell in enumerate(heads) if cell.lower() in HEADINGS), None)
    body, place = (filled, 0) if column is None else (filled[1:], column)
    return [row[place] for row in body if len(row) > place and row[place]]


def _check_codes(rows: list[str]) -> None:
    for number, code in enumerate(rows, start=1):
        if len(code) > LONGEST_CODE or not code.isprintable():
            message = _("Code %(number)s is too long or has characters that cannot be printed.") % {
                "number": number
            }
            raise Refusal("bad_code", message, status=400)
