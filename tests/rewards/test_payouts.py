"""Paying out: what leaves the balances, in one file, and what comes back onto them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.insight.rebuild import differences
from tenfold.people.models import Journey, Person
from tenfold.rewards import ledger, payouts
from tenfold.rewards.books import Balance, LedgerRow, Payout
from tests import cast
from tests.rewards.family import grown

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> cast.Stage:
    return cast.live()


@pytest.fixture
def people(stage: cast.Stage) -> list[Journey]:
    """Three with 12.50, 3.00 and nothing to come, and one who owes 1.00."""
    journeys = grown(stage, [None] * 4)
    for journey, amount in zip(journeys, (1250, 300, 0, -100), strict=True):
        if amount:
            earns(journey, amount)
    return journeys


def earns(journey: Journey, amount: int) -> None:
    ledger.write(journey=journey, unit="money", amount=amount, reason="adjusted", key=f"x:{new_id()}")


def balances(people: list[Journey]) -> list[int]:
    rows = dict(Balance.objects.filter(unit="money").values_list("journey", "amount"))
    told = LedgerRow.objects.filter(unit="money").values_list("journey").annotate(total=Sum("amount"))
    assert dict(told) == rows
    return [rows.get(journey.pk, 0) for journey in people]


def lines(payout: Payout) -> list[list[str]]:
    text = payouts.payout_csv(payout).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_what_is_payable_leaves_the_balances_into_one_file(stage: cast.Stage, people: list[Journey]) -> None:
    payout = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    assert (payout.total, payout.people_count, payout.state, payout.currency) == (1550, 2, "exported", "CNY")
    assert balances(people) == [0, 0, 0, -100]
    told = lines(payout)
    assert [line[1:] for line in told[1:]] == [
        ["P0", "Readers 1", "12.50", "CNY"],
        ["P1", "Readers 1", "3.00", "CNY"],
    ]
    assert told[1][0] == people[0].code.slug


def test_a_name_is_no_formula_to_a_spreadsheet(stage: cast.Stage, people: list[Journey]) -> None:
    Person.objects.filter(journeys=people[0]).update(nickname="=cmd()")
    assert lines(payouts.pay_out(campaign=stage.campaign, operator=stage.owner))[1][1] == "'=cmd()"


def test_asked_twice_it_is_the_same_and_then_nothing_is_left(
    stage: cast.Stage, people: list[Journey]
) -> None:
    once = new_id()
    first = payouts.pay_out(campaign=stage.campaign, operator=stage.owner, row_id=once)
    assert payouts.pay_out(campaign=stage.campaign, operator=stage.owner, row_id=once) == first
    with pytest.raises(Refusal) as refused:
        payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    assert refused.value.code == "nothing_to_pay"
    assert Payout.objects.count() == 1


def test_a_debt_is_taken_off_what_comes_next(stage: cast.Stage, people: list[Journey]) -> None:
    earns(people[3], 150)
    payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    assert LedgerRow.objects.get(journey=people[3], reason="paid_out").amount == -50


def test_cancelled_everything_is_back_once(stage: cast.Stage, people: list[Journey]) -> None:
    payout = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    earns(people[0], 1)
    payouts.cancel(payout=payout, operator=stage.owner)
    payouts.cancel(payout=payout, operator=stage.owner)
    assert balances(people) == [1251, 300, 0, -100]
    assert payouts.pay_out(campaign=stage.campaign, operator=stage.owner).total == 1551


def test_what_was_paid_cannot_be_cancelled_before_it_is_marked_as_not_paid(
    stage: cast.Stage, people: list[Journey]
) -> None:
    payout = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    payouts.mark_paid(payout=payout, operator=stage.owner)
    assert (payout.state, payout.closed_by) == ("paid", stage.owner)
    with pytest.raises(Refusal) as refused:
        payouts.cancel(payout=payout, operator=stage.owner)
    assert refused.value.code == "wrong_state"
    payouts.mark_unpaid(payout=payout, operator=stage.owner)
    payouts.mark_unpaid(payout=payout, operator=stage.owner)
    assert (payout.state, payout.closed_at) == ("exported", None)
    payouts.cancel(payout=payout, operator=stage.owner)
    with pytest.raises(Refusal):
        payouts.mark_paid(payout=payout, operator=stage.owner)


def test_what_an_excluded_person_has_waits(stage: cast.Stage, people: list[Journey]) -> None:
    Person.objects.filter(journeys=people[0]).update(blocked_at=clock.now())
    assert payouts.pay_out(campaign=stage.campaign, operator=stage.owner).total == 300
    Person.objects.update(blocked_at=None)
    assert payouts.pay_out(campaign=stage.campaign, operator=stage.owner).total == 1250


def test_a_payout_is_of_one_campaign_and_of_so_many_people(
    stage: cast.Stage, people: list[Journey], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = cast.live(owner=(stage.workspace, stage.owner))
    with pytest.raises(Refusal):
        payouts.pay_out(campaign=other.campaign, operator=other.owner)
    monkeypatch.setattr(payouts, "AT_ONCE", 1)
    totals = [payouts.pay_out(campaign=stage.campaign, operator=stage.owner).total for _nth in range(2)]
    assert totals == [1250, 300]


def test_money_of_many_is_never_moved_where_a_balance_is_missing(
    stage: cast.Stage, people: list[Journey]
) -> None:
    payout = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    changes = [ledger.Change(each.pk, 100, f"back:{each.pk}") for each in people]
    rows = LedgerRow.objects.count()
    with (
        pytest.raises(AssertionError, match="1 of 4 people have no balance of money to move"),
        transaction.atomic(),
    ):
        ledger.write_each(of=payout, changes=changes, reason="payout_cancelled", operator=stage.owner)
    assert (balances(people), LedgerRow.objects.count()) == ([0, 0, 0, -100], rows)


def test_how_many_are_paid_costs_no_more_statements(
    stage: cast.Stage, people: list[Journey], django_assert_max_num_queries: Any
) -> None:
    """Two or twenty-two: one transaction of a thousand people would else hold up everybody for seconds."""
    for journey in grown(stage, [None] * 20):
        earns(journey, 100)
    with django_assert_max_num_queries(14):
        payout = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    assert (payout.people_count, payout.total) == (22, 3550)
    with django_assert_max_num_queries(14):
        payouts.cancel(payout=payout, operator=stage.owner)
    assert balances(people) == [1250, 300, 0, -100]
    assert {each.name for each in differences()} == {"journeys joined"}  # made without their story
