"""Amounts for whoever brought somebody and for one above: worked figures, caps, budgets, and any order of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Credit, Journey
from tenfold.rewards import commission
from tenfold.rewards.books import Balance, LedgerRow, Order
from tenfold.rewards.models import RewardRule
from tenfold.rewards.ruling import change_rule, make_rule, resume_rule, stop_rule
from tests import cast
from tests.conftest import FrozenClock
from tests.rewards.family import grown, referral_tree

pytestmark = pytest.mark.django_db

# 0 brought 1 and 2; 1 brought 3, 4 and 5; 3 brought 6
SMALL = [None, 0, 0, 1, 1, 1, 3]


def pays(stage: cast.Stage, when: str = "invite", **terms: Any) -> RewardRule:
    wishes: dict[str, Any] = {"unit": "money", "direct": 500, "second": 200} | terms
    return make_rule(campaign=stage.campaign, operator=stage.owner, when=when, **wishes)


def counts(newcomer: Journey) -> None:
    Credit.objects.filter(newcomer=newcomer).update(state="valid")
    commission.invite_counted(newcomer=newcomer)


def goes(newcomer: Journey) -> None:
    Credit.objects.filter(newcomer=newcomer).update(state="void")
    commission.invite_gone(newcomer=newcomer)


def buys(stage: cast.Stage, seller: Journey | None, amount: int, number: str) -> Order:
    order = Order.objects.create(
        workspace=stage.workspace,
        campaign=stage.campaign,
        number=number,
        seller=seller,
        amount=amount,
        currency="CNY",
        placed_at=stage.campaign.created_at,
        source="form",
    )
    commission.order_counted(order=order)
    return order


def is_refunded(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(refunded_at=order.placed_at)
    commission.order_gone(order=order)


def was_not_refunded(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(refunded_at=None)
    commission.order_counted(order=order)


def have(people: list[Journey], unit: str = "money") -> dict[int, int]:
    """What each has, by their number in the tree; who has nothing is left out. The same by the ledger's rows."""
    of = {journey.pk: nth for nth, journey in enumerate(people)}
    kept = Balance.objects.filter(unit=unit).exclude(amount=0)
    told = LedgerRow.objects.filter(unit=unit).values_list("journey").annotate(total=Sum("amount"))
    by_rows = {of[key]: total for key, total in told.exclude(total=0)}
    by_balance = {of[row.journey_id]: row.amount for row in kept}
    assert by_rows == by_balance
    return by_balance


def test_the_worked_figure_of_a_real_tree() -> None:
    """251 were brought by somebody and 219 of these one level further down: 251 * 5 + 219 * 2 = 1,693."""
    stage = cast.live()
    rule = pays(stage, direct=5, second=2)
    people = grown(stage, referral_tree(), is_valid=True)
    for newcomer in people:
        commission.invite_counted(newcomer=newcomer)
    rule.refresh_from_db()
    levels = Counter(LedgerRow.objects.values_list("level", flat=True))
    assert levels == {1: 251, 2: 219}
    assert (sum(have(people).values()), rule.spent, rule.used_count) == (1693, 1693, 470)


def test_it_goes_one_level_up_and_never_further() -> None:
    stage = cast.live()
    pays(stage)
    people = grown(stage, SMALL)
    counts(people[6])
    assert have(people) == {3: 500, 1: 200}
    counts(people[0])  # a seed was brought by nobody
    assert have(people) == {3: 500, 1: 200}


def test_knocking_twice_pays_once_and_what_comes_back_is_paid_again() -> None:
    stage = cast.live()
    rule = pays(stage)
    people = grown(stage, SMALL)
    for act in (counts, counts, goes, goes, counts, counts):
        act(people[3])
    assert have(people) == {1: 500, 0: 200}
    assert LedgerRow.objects.count() == 6
    rule.refresh_from_db()
    assert (rule.used_count, rule.spent) == (2, 700)


def test_what_is_taken_back_is_what_was_paid_whatever_the_rule_says_by_now() -> None:
    stage = cast.live()
    rule = pays(stage)
    people = grown(stage, SMALL)
    counts(people[3])
    newer = change_rule(rule=rule, operator=stage.owner, direct=900, second=0)
    counts(people[4])
    assert have(people) == {1: 1400, 0: 200}
    goes(people[3])
    assert have(people) == {1: 900}
    newer.refresh_from_db()
    assert (newer.used_count, newer.spent) == (1, 900)


def test_nobody_who_was_there_before_the_rule_is_paid_for(frozen: FrozenClock) -> None:
    stage = cast.live()
    early = grown(stage, [None, 0])
    frozen.advance(minutes=1)
    rule = pays(stage)
    counts(early[1])
    assert have(early) == {}
    frozen.advance(minutes=1)
    change_rule(rule=rule, operator=stage.owner, direct=900)
    late = grown(stage, [None, 0])
    frozen.advance(minutes=1)
    change_rule(
        rule=RewardRule.objects.get(line=rule.line, replaced_at=None), operator=stage.owner, direct=300
    )
    counts(late[1])
    assert have(late) == {0: 300}


def test_a_cap_shuts_out_the_sixth_who_moves_up_when_one_of_the_five_goes() -> None:
    stage = cast.live()
    pays(stage, person_cap=5, direct=100, second=0)
    people = grown(stage, [None, *[0] * 7])
    for newcomer in people[1:]:
        counts(newcomer)
    assert have(people) == {0: 500}
    goes(people[7])  # one who was never paid for
    assert have(people) == {0: 500}
    goes(people[2])
    assert have(people) == {0: 500}
    assert LedgerRow.objects.filter(newcomer=people[6], amount=100).count() == 1
    goes(people[3])
    assert have(people) == {0: 400}


def test_a_budget_stops_the_rule_once_and_somebody_is_asked() -> None:
    stage = cast.live()
    rule = pays(stage, budget=1300)
    people = grown(stage, SMALL)
    for newcomer in people[1:]:
        counts(newcomer)
    rule.refresh_from_db()
    assert (rule.spent, rule.stop) == (1000, "budget")  # twice 500 for the first; 500 more would be too much
    assert have(people) == {0: 1000}
    assert HumanTask.objects.filter(kind="budget_out").count() == 1
    goes(people[1])
    counts(people[1])  # what came back of the budget is theirs again
    rule.refresh_from_db()
    assert (rule.spent, have(people)) == (1000, {0: 1000})


def test_a_rule_that_was_stopped_pays_nothing_and_takes_back_all_the_same() -> None:
    stage = cast.live()
    rule = pays(stage, second=0)
    people = grown(stage, SMALL)
    counts(people[3])
    stop_rule(rule=rule, operator=stage.owner)
    counts(people[4])
    assert have(people) == {1: 500}
    goes(people[3])
    assert have(people) == {}
    resume_rule(rule=rule, operator=stage.owner)
    counts(people[5])
    assert have(people) == {1: 500}


def test_points_go_onto_their_own_balance() -> None:
    stage = cast.live()
    pays(stage, unit="points", direct=10, second=1)
    people = grown(stage, SMALL)
    counts(people[6])
    assert (have(people, "points"), have(people, "money")) == ({3: 10, 1: 1}, {})


# --- orders ---------------------------------------------------------------------------------------------------


def test_of_an_order_its_seller_and_one_above_have_their_shares_rounded_down() -> None:
    stage = cast.live()
    pays(stage, "order", direct=1000, second=333)
    people = grown(stage, SMALL)
    order = buys(stage, people[3], 9999, "T-1")
    assert have(people) == {3: 999, 1: 332}
    is_refunded(order)
    is_refunded(order)
    assert have(people) == {}


def test_an_order_of_nobodys_pays_nobody() -> None:
    stage = cast.live()
    pays(stage, "order", direct=10_000, second=0)
    people = grown(stage, SMALL)
    buys(stage, people[0], 1, "T-1")  # a fen
    assert have(people) == {0: 1}
    buys(stage, None, 10_000, "T-2")
    assert have(people) == {0: 1}


def test_of_capped_orders_the_next_moves_up_when_one_is_refunded(frozen: FrozenClock) -> None:
    stage = cast.live()
    pays(stage, "order", direct=1000, second=0, person_cap=2)
    people = grown(stage, SMALL)
    orders = []
    for nth in range(4):
        orders.append(buys(stage, people[3], 1000 * (nth + 1), f"T-{nth}"))
        frozen.advance(minutes=1)
    assert have(people) == {3: 100 + 200}
    is_refunded(orders[0])
    assert have(people) == {3: 200 + 300}
    is_refunded(orders[3])
    assert have(people) == {3: 200 + 300}


def test_the_order_whose_refund_is_undone_is_paid_for_again_in_place_of_the_one_that_moved_up(
    frozen: FrozenClock,
) -> None:
    stage = cast.live()
    rule = pays(stage, "order", direct=1000, second=0, person_cap=1)
    people = grown(stage, SMALL)
    large = buys(stage, people[3], 10_000, "T-1")
    frozen.advance(minutes=1)
    small = buys(stage, people[3], 100, "T-2")
    is_refunded(large)
    assert have(people) == {3: 10}
    was_not_refunded(large)
    was_not_refunded(small)  # told twice
    assert have(people) == {3: 1000}
    rule.refresh_from_db()
    assert (rule.used_count, rule.spent) == (1, 1000)
    [gave_way] = LedgerRow.objects.filter(reason="order_gave_way")
    assert (gave_way.order, gave_way.amount) == (small, -10)


def test_an_order_gives_way_only_where_the_budget_has_enough_for_the_other(frozen: FrozenClock) -> None:
    stage = cast.live()
    rule = pays(stage, "order", direct=1000, second=0, person_cap=1, budget=1000)
    people = grown(stage, SMALL)
    large = buys(stage, people[3], 10_000, "T-1")
    frozen.advance(minutes=1)
    buys(stage, people[3], 100, "T-2")
    is_refunded(large)
    buys(stage, people[5], 100, "T-3")
    was_not_refunded(large)
    assert have(people) == {3: 10, 5: 10}
    rule.refresh_from_db()
    assert (rule.spent, rule.stop) == (20, "")


def test_who_was_shut_out_moves_up_though_a_limit_of_all_had_stopped_the_rule(frozen: FrozenClock) -> None:
    stage = cast.live()
    rule = pays(stage, "order", direct=1000, second=0, person_cap=1, budget=1000)
    people = grown(stage, SMALL)
    large = buys(stage, people[3], 10_000, "T-1")
    frozen.advance(minutes=1)
    buys(stage, people[3], 100, "T-2")
    buys(stage, people[5], 100, "T-3")
    rule.refresh_from_db()
    assert rule.stop == "budget"
    is_refunded(large)
    assert have(people) == {3: 10}


# --- any order of events --------------------------------------------------------------------------------------


def recounted(valid: set[int], cap: int | None) -> dict[int, int]:
    """What everybody has by counting anew: as many as count, at most so many on each level."""
    above = dict(enumerate(SMALL))
    direct = Counter(above[nth] for nth in valid)
    second = Counter(above[host] for nth in valid if (host := above[nth]) is not None)
    most = len(SMALL) if cap is None else cap
    total = {nth: 500 * min(direct[nth], most) + 200 * min(second[nth], most) for nth in range(len(SMALL))}
    return {nth: amount for nth, amount in total.items() if amount}


EVENTS = st.lists(st.tuples(st.sampled_from([counts, goes]), st.integers(1, 6)), max_size=16)


@pytest.fixture
def stage() -> cast.Stage:
    return cast.live()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=EVENTS, cap=st.sampled_from([None, 1, 2]))
def test_any_order_of_coming_and_going_gives_the_same_as_counting_anew(
    stage: cast.Stage, events: list[tuple[Callable[[Journey], None], int]], cap: int | None
) -> None:
    with transaction.atomic():
        rule = pays(stage, person_cap=cap)
        people = grown(stage, SMALL)
        valid: set[int] = set()
        for act, nth in events:
            act(people[nth])
            valid = valid | {nth} if act is counts else valid - {nth}
        assert have(people) == recounted(valid, cap)
        rule.refresh_from_db()
        assert rule.spent == sum(have(people).values())
        transaction.set_rollback(True)


REFUNDS = st.lists(
    st.tuples(st.sampled_from([is_refunded, was_not_refunded]), st.integers(0, 4)), max_size=12
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=REFUNDS, cap=st.sampled_from([None, 1, 2]))
def test_any_order_of_refunds_and_their_undoing_pays_the_earliest_orders(
    stage: cast.Stage, events: list[tuple[Callable[[Order], None], int]], cap: int | None
) -> None:
    with transaction.atomic():
        rule = pays(stage, "order", direct=1000, second=100, person_cap=cap)
        people = grown(stage, SMALL)
        orders = [buys(stage, people[6], 1000 * 3**nth, f"T-{nth}") for nth in range(5)]
        standing = set(range(5))
        for act, nth in events:
            act(orders[nth])
            standing = standing | {nth} if act is was_not_refunded else standing - {nth}
        paid = sum(1000 * 3**nth for nth in sorted(standing)[:cap])
        assert have(people) == ({6: paid // 10, 3: paid // 100} if paid else {})
        rule.refresh_from_db()
        assert rule.spent == sum(have(people).values())
        transaction.set_rollback(True)
