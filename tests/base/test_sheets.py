"""Tables as files, to and from spreadsheets."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.refusal import Refusal
from tenfold.base.sheets import read_rows, write_rows


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@cmd", "'@cmd"),
        ("+86 138", "'+86 138"),
        ("-2+3", "'-2+3"),
        ("\tx", "'\tx"),
        ("＝1＋1", "'＝1＋1"),
        ("＠cmd", "'＠cmd"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        (-12, "-12"),
        ("-12.50", "-12.50"),
        ("", ""),
        ("Mia", "Mia"),
    ],
)
def test_no_cell_of_text_is_a_formula_to_a_spreadsheet(cell: object, written: str) -> None:
    data = write_rows([["a", cell]])
    assert data.startswith(codecs.BOM_UTF8)
    assert next(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == ["a", written]


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.lists(st.lists(words.map(lambda text: f"x{text}"), min_size=1, max_size=4), max_size=5))
def test_what_was_written_is_read_again(rows: list[list[str]]) -> None:
    assert read_rows(write_rows(rows)) == rows


def test_chinese_from_excel_is_read_and_a_picture_is_not() -> None:
    assert read_rows("订单号,金额\r\n1,2".encode("gb18030")) == [["订单号", "金额"], ["1", "2"]]
    with pytest.raises(Refusal, match="UTF-8 or GB18030"):
        read_rows(b"\x89PNG\r\n\x1a\n\x00")
