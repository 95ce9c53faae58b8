"""Reading a stock of codes from a file that may come from anywhere."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal

LARGEST_FILE = 5 * 1024 * 1024
LONGEST_CODE = 200
MOST_CODES = 200_000


@dataclass(frozen=True)
class Sheet:
    """The codes of a file in its order, each once, and how many lines repeated an earlier one."""

    codes: list[str]
    repeated: int


def read_codes_csv(data: bytes) -> Sheet:
    """The first column of a CSV file, with or without the heading "code" or 兑换码. UTF-8 and GB18030 (Excel in
    Chinese) are read; anything else is refused whole, so that no stock is half taken in."""
    if len(data) > LARGEST_FILE:
        raise Refusal("file_too_large", _("The file is larger than 5 MB."), status=400)
    rows = [row[0].strip() for row in _rows(_text(data)) if row and row[0].strip()]
    if rows and rows[0].lower() in ("code", "codes", "兑换码", "券码"):
        rows = rows[1:]
    if not rows:
        raise Refusal("file_empty", _("There is no code in this file."), status=400)
    if len(rows) > MOST_CODES:
        raise Refusal("too_many_codes", _("At most 200,000 codes in one file."), status=400)
    _check_codes(rows)
    codes = list(dict.fromkeys(rows))
    return Sheet(codes=codes, repeated=len(rows) - len(codes))


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refusal(
        "bad_encoding",
        _("This is not a text file in UTF-8 or GB18030. Save it again as CSV UTF-8."),
        status=400,
    )


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise Refusal("bad_csv", _("This file is not a proper CSV file."), status=400) from error


def _check_codes(rows: list[str]) -> None:
    for number, code in enumerate(rows, start=1):
        if len(code) > LONGEST_CODE or not code.isprintable():
            message = _("Code %(number)s is too long or has characters that cannot be printed.") % {
                "number": number
            }
            raise Refusal("bad_code", message, status=400)
