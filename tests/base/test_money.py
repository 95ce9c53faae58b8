"""Money as it is typed, kept and read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.money import percent, plain, read_money, read_percent, written


def exactly(text: str) -> str:
    return f"^{re.escape(text)}$"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "CNY", "¥0.00"),
        (5, "CNY", "¥0.05"),
        (123_450, "CNY", "¥1,234.50"),
        (-300, "USD", "−$3.00"),
        (500, "JPY", "JP¥500"),
        (1250, "CHF", "CHF 12.50"),
    ],
)
def test_money_is_read_as_its_currency_writes_it(amount: int, currency: str, text: str) -> None:
    assert written(amount, currency) == text


@given(st.integers(0, 10**12), st.sampled_from(["CNY", "JPY", "USD"]))
def test_what_is_written_is_read_as_the_same(amount: int, currency: str) -> None:
    assert read_money(plain(amount, currency), currency) == amount


def test_commas_stand_between_thousands_and_nowhere_else() -> None:
    assert [read_money(typed, "EUR") for typed in ("1,234.5", "12,345,678", "999")] == [
        123_450,
        1_234_567_800,
        99_900,
    ]


@pytest.mark.parametrize(
    "typed", ["99,00", "1,5", ",5,", "5,", ",500", "1,23,456", "1234,567", "1,,000", "1.000,5"]
)
def test_a_comma_that_may_be_meant_as_the_point_is_not_guessed_about(typed: str) -> None:
    with pytest.raises(ValueError, match=exactly(typed)):
        read_money(typed, "EUR")


@pytest.mark.parametrize(
    "typed", ["", " ", "-1", "1.005", "1e3", "NaN", "٣", "1.", ".5", "¥5", "9" * 16, "1\x00"]
)
def test_what_is_no_amount_is_no_amount(typed: str) -> None:
    with pytest.raises(ValueError, match=exactly(typed)):
        read_money(typed, "CNY")


def test_a_currency_without_cents_has_none() -> None:
    assert read_money("1,500", "JPY") == 1500
    with pytest.raises(ValueError, match=exactly("1.5")):
        read_money("1.5", "JPY")


def test_a_share_is_kept_in_basis_points() -> None:
    assert (read_percent("12.5"), read_percent("100 %"), read_percent("0.01")) == (1250, 10_000, 1)
    assert (percent(1250), percent(1000), percent(1)) == ("12.5 %", "10 %", "0.01 %")
    for typed in ("101", "-1", "x", "1.001", ""):
        with pytest.raises(ValueError, match=exactly(typed)):
            read_percent(typed)
