"""Orders read from a file that may come from anywhere."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.base.refusal import Refusal
from tenfold.base.sheets import write_rows
from tenfold.rewards.order_sheet import MOST_LINES, Line, Sheet, read_orders_csv

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str | bytes, currency: str = "CNY") -> Sheet:
    data = text.encode() if isinstance(text, str) else text
    return read_orders_csv(data, currency=currency, zone=SHANGHAI)


def test_columns_stand_in_any_order_and_in_either_language() -> None:
    english = read("Code,Amount,Number,Time,Refunded\nABC,99.50,T-1,2026-3-2 18:05,yes\n")
    chinese = read("推荐码,金额,订单号,付款时间,退款\nABC,99.50,T-1,2026/3/2 18:05:00,是\n".encode("gb18030"))
    moment = datetime(2026, 3, 2, 18, 5, tzinfo=SHANGHAI)
    line = Line(row=2, number="T-1", amount=9950, buyer="", code="ABC", placed_at=moment, is_refunded=True)
    assert english == chinese == Sheet([line], [])


def test_a_bad_line_is_named_by_its_row_and_the_others_are_taken() -> None:
    told = read(
        "number,amount,time,refunded\n"
        "1,10,,\n"
        ",10,,\n"
        "\n"
        "3,-1,,\n"
        "4,0,,\n"
        "5,1e3,,\n"
        "6,10,0001-01-01,\n"
        "7,10,2026-02-30,\n"
        "8,10,,perhaps\n"
        '"9\u200b",10,,\n'
        "10\n"
        "11,1.005,,\n"
        "12,7.5,2026-03-02,no\n"
    )
    assert [(line.row, line.number, line.amount) for line in told.lines] == [(2, "1", 1000), (14, "12", 750)]
    assert [trouble.line for trouble in told.troubles] == [3, 5, 6, 7, 8, 9, 10, 11, 12, 13]


def test_a_currency_without_cents_takes_none() -> None:
    told = read("number,amount\n1,1200\n2,12.50\n", currency="JPY")
    assert ([line.amount for line in told.lines], [t.line for t in told.troubles]) == ([1200], [3])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "file_empty"),
        ("number,amount\n", "file_empty"),
        ("a,b\n1,2\n", "no_headings"),
        ("number\n1\n", "no_headings"),
        (b"\x89PNG\r\n\x1a\n\x00", "bad_encoding"),
        ("number,amount\n" + "1,1\n" * (MOST_LINES + 1), "too_many_orders"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(data: str | bytes, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(data)
    assert (refused.value.code, refused.value.status) == (why, 400)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.text(max_size=12).filter(lambda text: "\x00" not in text), max_size=5), max_size=6)
)
def test_whatever_stands_in_the_cells_each_row_is_a_line_or_a_trouble(rows: list[list[str]]) -> None:
    try:
        data = write_rows([["number", "amount", "time", "refunded", "code"], *rows])
        told = read(data)
    except (Refusal, UnicodeEncodeError) as refused:
        assert not isinstance(refused, Refusal) or refused.code in ("file_empty", "bad_csv")  # noqa: PT017
    else:
        seen = {line.row for line in told.lines} | {trouble.line for trouble in told.troubles}
        assert len(seen) == len(told.lines) + len(told.troubles) > 0
        assert all(line.amount > 0 and line.number.isprintable() for line in told.lines)
