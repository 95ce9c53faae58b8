from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.insight.rules import FEW, Rate


def test_few_people_give_no_percentage() -> None:
    assert Rate(3, FEW - 1).is_few
    assert not Rate(3, FEW).is_few


def test_nobody_yet_says_nothing() -> None:
    assert (Rate(0, 0).percent, Rate(0, 0).interval) == (0.0, (0.0, 100.0))


def test_the_interval_is_wilsons() -> None:
    """Against the textbook: 10 of 100 lies between 5.5 % and 17.4 %."""
    low, high = Rate(10, 100).interval
    assert (round(low, 1), round(high, 1)) == (5.5, 17.4)


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_the_interval_holds_the_share_and_stays_within_the_possible(whole: int, part: int) -> None:
    rate = Rate(min(part, whole), whole)
    assert 0 <= rate.low <= rate.percent + 1e-9
    assert rate.percent - 1e-9 <= rate.high <= 100


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 1, 0.0, 79.3),
        (1, 1, 20.7, 100.0),
        (0, 10, 0.0, 27.8),
        (5, 10, 23.7, 76.3),
        (1, 2, 9.5, 90.5),
        (3, 3, 43.9, 100.0),
    ],
)
def test_small_numbers_give_wide_intervals(part: int, whole: int, low: float, high: float) -> None:
    """Against published tables of Wilson's interval."""
    rate = Rate(part, whole)
    assert (round(rate.low, 1), round(rate.high, 1)) == (low, high)
    assert rate.is_few


@given(st.integers(1, 2000), st.integers(0, 2000))
def test_more_people_make_the_interval_narrower(whole: int, part: int) -> None:
    part = min(part, whole)
    few, many = Rate(part, whole), Rate(part * 10, whole * 10)
    assert many.high - many.low < few.high - few.low


@given(st.integers(1, 2000), st.integers(0, 2000))
def test_the_interval_of_the_others_is_the_mirror(whole: int, part: int) -> None:
    part = min(part, whole)
    rate, others = Rate(part, whole), Rate(whole - part, whole)
    assert rate.low == pytest.approx(100 - others.high, abs=1e-6)


def test_more_than_all_is_shown_but_breaks_nothing() -> None:
    """A join can outlive the scan it came from: the share stays within reason."""
    rate = Rate(3, 2)
    assert rate.percent == 150
    assert rate.high == 100
