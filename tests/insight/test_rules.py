from __future__ import annotations

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
