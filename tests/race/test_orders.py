"""Money at once: orders, refunds and payouts by many, and no budget, cap or balance is ever passed or paid twice."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Sum

from tenfold import flow
from tenfold.people.models import Journey
from tenfold.rewards import payouts
from tenfold.rewards.books import Balance, LedgerRow, Order, Payout
from tenfold.rewards.models import RewardRule
from tenfold.rewards.ruling import make_rule
from tests import cast
from tests.race.crowd import all_at_once, codes_of
from tests.rewards.family import grown

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PROCESSES, ORDERS_EACH = 8, 6
# 0 brought 1 to 4, and each of these one more, who buys
FAMILY = [None, 0, 0, 0, 0, 1, 2, 3, 4]


def pays(stage: cast.Stage, **terms: Any) -> RewardRule:
    """Ten in a hundred of an order, and five one level above."""
    wishes: dict[str, Any] = {"direct": 1000, "second": 500} | terms
    return make_rule(campaign=stage.campaign, operator=stage.owner, when="order", unit="money", **wishes)


def order(stage: cast.Stage, buyer: Journey, number: str) -> Order:
    return flow.ordered(campaign=stage.campaign, number=number, amount=1000, buyer=buyer.code.slug)


def sums() -> dict[object, int]:
    """Of everybody by their rows; the same as on their balances."""
    rows = dict(LedgerRow.objects.filter(unit="money").values_list("journey").annotate(total=Sum("amount")))
    assert rows == dict(Balance.objects.filter(unit="money").values_list("journey", "amount"))
    return dict(rows)


def test_one_order_told_by_many_at_once_is_paid_once() -> None:
    stage = cast.live()
    pays(stage)
    people = grown(stage, FAMILY)
    told = all_at_once([partial(order, stage, people[5], "T-1")] * 16)
    assert {each.pk for each in told if isinstance(each, Order)} == {Order.objects.get().pk}
    assert sums() == {people[1].pk: 100, people[0].pk: 50}


def test_the_last_a_cap_allows_is_paid_to_one_of_many() -> None:
    """At most three a person and level: the four sellers have one each, and whoever brought them has three."""
    stage = cast.live()
    pays(stage, person_cap=3)
    people = grown(stage, FAMILY)
    all_at_once([partial(order, stage, people[5 + nth % 4], f"T-{nth}") for nth in range(4)])
    assert sums() == {people[0].pk: 150} | {journey.pk: 100 for journey in people[1:5]}
    all_at_once([partial(order, stage, people[5], f"M-{nth}") for nth in range(12)])
    assert sums() == {people[0].pk: 150, people[1].pk: 300} | {one.pk: 100 for one in people[2:5]}


def test_orders_refunds_and_payouts_at_once_add_up() -> None:
    stage = cast.live()
    rule = pays(stage, person_cap=2)
    people = grown(stage, FAMILY)
    first = [order(stage, people[5 + nth % 4], f"T-{nth}") for nth in range(8)]
    acts: list[Callable[[], object]] = [
        *(partial(flow.refunded, order=each, operator=stage.owner) for each in first[:4]),
        *(partial(flow.refunded, order=each, operator=stage.owner) for each in first[:4]),
        *(partial(order, stage, people[5 + nth % 4], f"N-{nth}") for nth in range(8)),
        *(partial(payouts.pay_out, campaign=stage.campaign, operator=stage.owner) for _nth in range(4)),
    ]
    refused = codes_of(all_at_once(acts))
    assert set(refused) <= {"nothing_to_pay"}
    paid_out = Payout.objects.aggregate(total=Sum("total"))["total"] or 0
    rule.refresh_from_db()
    # Of each seller's four orders one is refunded: two are paid; of the twelve that stand, two one level above.
    assert rule.spent == 4 * 2 * 100 + 2 * 50
    assert sum(sums().values()) + paid_out == rule.spent


def a_process(stage: cast.Stage, buyers: list[Journey], nth: int, gate: object, answers: object) -> None:
    connections.close_all()
    gate.wait()  # type: ignore[attr-defined]
    acts = [partial(order, stage, buyers[each % 4], f"T-{nth}-{each}") for each in range(ORDERS_EACH)]
    told = all_at_once(acts)
    answers.put(sum(isinstance(each, Order) for each in told))  # type: ignore[attr-defined]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="several processes share a PostgreSQL; SQLite has its own races"
)
def test_eight_processes_never_pass_a_budget() -> None:
    """48 orders would cost 7,200; there are 1,000: six and a half of them."""
    stage = cast.live()
    rule = pays(stage, budget=1000)
    people = grown(stage, FAMILY)
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    gate, answers = forks.Barrier(PROCESSES, timeout=60), forks.Queue()
    processes = [
        forks.Process(target=a_process, args=(stage, people[5:], nth, gate, answers))
        for nth in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    assert sum(answers.get(timeout=90) for _each in processes) == PROCESSES * ORDERS_EACH
    for process in processes:
        process.join(timeout=30)
    rule.refresh_from_db()
    assert 1000 - 100 < rule.spent <= 1000
    assert rule.stop == "budget"
    assert sum(sums().values()) == rule.spent
