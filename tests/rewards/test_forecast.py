"""What rules will cost: worked figures, and what must hold whatever the numbers."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.rewards.forecast import Expected, Offspring, Outlook, Terms, expected, grandchildren

UNEVEN = Offspring(0.95, 0.18)


def test_the_worked_ladder_and_the_worked_cap() -> None:
    chances = [UNEVEN.at_least(need) for need in (1, 3, 10)]
    assert chances == pytest.approx([0.281553, 0.118904, 0.017797], abs=5e-7)
    ladder = [Terms("invites", need=need, worth=worth) for need, worth in ((1, 500), (3, 1000), (10, 5000))]
    costs = [expected(terms, Outlook(1000, UNEVEN)).cost for terms in ladder]
    assert sum(cost or 0 for cost in costs) == pytest.approx(348_667.8, rel=1e-6)
    assert UNEVEN.capped(5) == pytest.approx(0.723189, abs=5e-7)
    capped = expected(Terms("invite", direct=100, person_cap=5), Outlook(1000, UNEVEN))
    assert capped.cost == pytest.approx(72_318.9, rel=1e-6)


def test_other_worked_shares() -> None:
    assert Offspring(0.5).share(0) == pytest.approx(0.606531, rel=1e-6)
    assert Offspring(2, 0.5).at_least(0) == 1.0
    assert Offspring(0).at_least(1) == 0.0
    assert Offspring(0, 0.2).capped(3) == pytest.approx(0.0)
    assert Offspring(2000).capped(5000) == pytest.approx(2000, rel=1e-6)


means, sizes = st.floats(0.01, 8), st.one_of(st.floats(0.05, 50), st.just(inf))


@settings(max_examples=60)
@given(means, sizes, st.integers(0, 40))
def test_a_cap_pays_no_more_than_itself_nor_than_there_are(mean: float, size: float, most: int) -> None:
    one = Offspring(mean, size)
    by_tails = sum(one.at_least(count) for count in range(1, most + 1))
    assert one.capped(most) == pytest.approx(by_tails, abs=1e-9)
    assert -1e-9 <= one.capped(most) <= min(most, mean) + 1e-9
    assert one.at_least(most) >= one.at_least(most + 1) - 1e-12


@settings(max_examples=25)
@given(st.floats(0.05, 2), st.floats(0.2, 5))
def test_without_a_cap_two_levels_are_the_square(mean: float, size: float) -> None:
    one = Offspring(mean, size)
    assert grandchildren(one, None) == mean**2
    assert grandchildren(one, 400) == pytest.approx(mean**2, rel=1e-3)
    assert grandchildren(one, 1) <= 1.0


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (Terms("task", worth=10), Expected(40.0, 400.0)),
        (Terms("joined"), Expected(100.0, 0.0)),
        (Terms("joined", most=30, worth=2), Expected(30.0, 60.0)),
        (Terms("attendance", need=5, worth=1), Expected(40.0, 40.0)),
        (Terms("lottery", winners=3, worth=100), Expected(3.0, 300.0)),
        (Terms("lottery", winners=90), Expected(40.0, 0.0)),
        (Terms("invite", direct=5), Expected(50.0, 250.0)),
        (Terms("invite", direct=5, second=2), Expected(75.0, 300.0)),
        (Terms("invite", direct=5, most=25), Expected(25.0, 125.0)),
        (Terms("invite", direct=5, budget=100), Expected(20.0, 100.0, 100)),
        (Terms("invite", direct=5, budget=1000), Expected(50.0, 250.0, 1000)),
        (Terms("order", direct=1000, second=500), Expected(None, None)),
    ],
)
def test_every_kind_of_rule_with_its_limits(terms: Terms, said: Expected) -> None:
    told = expected(terms, Outlook(100, Offspring(0.5, 1.0), task_share=0.4))
    assert (told.count, told.cost, told.limit) == (
        pytest.approx(said.count) if said.count is not None else None,
        pytest.approx(said.cost) if said.cost is not None else None,
        said.limit,
    )


def test_orders_cost_their_shares_of_what_the_invited_buy() -> None:
    outlook = Outlook(100, Offspring(0.5, 1.0), order_amount=2000.0)
    told = expected(Terms("order", direct=1000, second=500), outlook)
    assert told.cost == pytest.approx(200_000 * (0.5 * 0.10 + 0.25 * 0.05))


def test_where_everybody_brings_more_than_one_nobody_is_paid_for_twice() -> None:
    told = expected(Terms("invite", direct=10, second=10), Outlook(100, Offspring(3.0, 1.0)))
    assert (told.count, told.cost) == (200.0, 2000.0)


def test_ranks_go_to_as_many_as_reach_the_least_count() -> None:
    outlook = Outlook(10, UNEVEN)
    assert expected(Terms("rank", need=1, places=100), outlook).count == pytest.approx(2.81553, rel=1e-5)
    assert expected(Terms("rank", places=1), outlook).count == 1.0
