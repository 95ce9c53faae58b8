"""Tables as files: reading one that may come from anywhere, and writing one that a spreadsheet will open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal

LARGEST_FILE = 5 * 1024 * 1024
# A cell that begins with one of these is a formula to a spreadsheet, the wide ones where Chinese is written, and names
# are typed by strangers.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def read_rows(data: bytes) -> list[list[str]]:
    """The rows of a CSV file in UTF-8 or GB18030 (Excel in Chinese), as they stand; anything else is refused whole."""
    if len(data) > LARGEST_FILE:
        raise Refusal("file_too_large", _("The file is larger than 5 MB."), status=400)
    try:
        return list(csv.reader(io.StringIO(_text(data), newline="")))
    except csv.Error as error:
        raise Refusal("bad_csv", _("This file is not a proper CSV file."), status=400) from error


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


def write_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV file as Excel opens it in every language: with a mark of UTF-8, and no cell of text that is a formula.
    Numbers stay numbers: what begins with a minus and is one is no formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").replace(".", "", 1).isdecimal()
