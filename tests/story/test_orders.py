"""Orders of participants: each once, whoever brought them has their share, and a refund undoes it all."""

from __future__ import annotations

from typing import Any

import pytest

from tenfold import flow
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow import orders as story
from tenfold.journal.models import Entry
from tenfold.people.models import Credit, Journey
from tenfold.rewards.books import Order
from tenfold.rewards.models import RewardRule
from tenfold.rewards.queries import balance_of
from tenfold.rewards.ruling import make_rule, resume_rule, stop_rule
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(frozen: FrozenClock) -> cast.Stage:
    """A campaign that pays a tenth of an order, and a twentieth one level above."""
    stage = cast.live()
    make_rule(
        campaign=stage.campaign, operator=stage.owner, when="order", unit="money", direct=1000, second=500
    )
    return stage


@pytest.fixture
def line(shop: cast.Stage) -> list[Journey]:
    """Ann brought Ben, Ben brought Cid."""
    ann = cast.joins(shop, "Ann")
    ben = cast.joins(shop, "Ben", by=ann.code)
    return [ann, ben, cast.joins(shop, "Cid", by=ben.code)]


def orders(shop: cast.Stage, number: str = "T-1", amount: int = 10_000, **told: Any) -> Order:
    return flow.ordered(
        campaign=shop.campaign,
        number=number,
        amount=amount,
        operator=shop.owner,
        **told,
    )


def money(people: list[Journey]) -> list[int]:
    return [balance_of(journey, "money") for journey in people]


def test_whoever_brought_the_buyer_has_their_share_and_one_above(
    shop: cast.Stage, line: list[Journey]
) -> None:
    order = orders(shop, buyer=line[2].code.slug.lower())
    assert (order.buyer, order.seller, order.currency) == (line[2], line[1], "CNY")
    assert money(line) == [500, 1000, 0]
    assert Entry.objects.get(kind="ordered").data == {"order": str(order.pk), "amount": 10_000}


def test_told_twice_is_once_and_told_otherwise_is_refused(shop: cast.Stage, line: list[Journey]) -> None:
    first = orders(shop, buyer=line[2].code.slug)
    assert orders(shop, number=" T-1 ", buyer=line[2].code.slug) == first
    for other in ({"amount": 9_999, "buyer": line[2].code.slug}, {"buyer": line[1].code.slug}):
        with pytest.raises(Refusal) as refused:
            orders(shop, **other)
        assert refused.value.code == "order_differs"
    assert (Order.objects.count(), money(line)) == (1, [500, 1000, 0])


def test_the_same_file_again_pays_for_nothing_it_was_not_paid_for_the_first_time(
    shop: cast.Stage, line: list[Journey]
) -> None:
    rule = RewardRule.objects.get(when="order")
    file = f"number,amount,buyer\nT-1,100.00,{line[2].code.slug}\n".encode()
    stop_rule(rule=rule, operator=shop.owner)
    first = flow.orders_imported(campaign=shop.campaign, data=file, operator=shop.owner)
    resume_rule(rule=rule, operator=shop.owner)
    again = flow.orders_imported(campaign=shop.campaign, data=file, operator=shop.owner)
    assert (first.added, again.added, again.repeated) == (1, 0, 1)
    assert money(line) == [0, 0, 0]


def test_what_was_ordered_after_the_end_earns_nobody_anything(
    shop: cast.Stage, line: list[Journey], frozen: FrozenClock
) -> None:
    flow.ended(campaign=shop.campaign, operator=shop.owner)
    in_time = clock.now()
    frozen.advance(days=300)
    late = orders(shop, "T-1", buyer=line[2].code.slug)
    assert money(line) == [0, 0, 0]
    orders(shop, "T-2", buyer=line[2].code.slug, placed_at=in_time)  # told late, but placed in time
    assert money(line) == [500, 1000, 0]
    flow.refunded(order=late, operator=shop.owner)
    flow.unrefunded(order=late, operator=shop.owner)
    assert money(line) == [500, 1000, 0]


def test_a_late_order_does_not_move_up_in_the_place_of_one_that_is_refunded(frozen: FrozenClock) -> None:
    shop = cast.live()
    make_rule(
        campaign=shop.campaign, operator=shop.owner, when="order", unit="money", direct=1000, person_cap=1
    )
    ann = cast.joins(shop, "Ann")
    ben = cast.joins(shop, "Ben", by=ann.code)
    first = orders(shop, "T-1", buyer=ben.code.slug)
    flow.ended(campaign=shop.campaign, operator=shop.owner)
    frozen.advance(days=1)
    orders(shop, "T-2", buyer=ben.code.slug)
    flow.refunded(order=first, operator=shop.owner)
    assert money([ann]) == [0]


def test_a_refund_takes_all_back_once_and_can_be_undone(shop: cast.Stage, line: list[Journey]) -> None:
    order = orders(shop, buyer=line[2].code.slug)
    flow.refunded(order=order, operator=shop.owner)
    flow.refunded(order=order, operator=shop.owner)
    assert money(line) == [0, 0, 0]
    orders(shop, buyer=line[2].code.slug)  # the shop tells of it again: it stays refunded
    assert money(line) == [0, 0, 0]
    flow.unrefunded(order=order, operator=shop.owner)
    flow.unrefunded(order=order, operator=shop.owner)
    assert money(line) == [500, 1000, 0]


def test_a_buyer_nobody_knows_came_by_somebodys_code(shop: cast.Stage, line: list[Journey]) -> None:
    orders(shop, "T-1", code=line[1].code.slug)
    orders(shop, "T-2", code=shop.code.slug)  # a channel's: nobody is paid
    assert money(line) == [500, 1000, 0]
    assert Order.objects.get(number="T-2").seller is None


def test_who_brought_the_buyer_does_not_change_by_the_code_of_one_order(
    shop: cast.Stage, line: list[Journey]
) -> None:
    dan = cast.joins(shop, "Dan")
    orders(shop, buyer=line[2].code.slug, code=dan.code.slug)
    assert money([*line, dan]) == [500, 1000, 0, 0]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"number": " "}, "bad_number"),
        ({"number": "x" * 65}, "bad_number"),
        ({"number": "T\x001"}, "bad_number"),
        ({"amount": 0}, "bad_amount"),
        ({"amount": -1}, "bad_amount"),
        ({"amount": 10**15}, "bad_amount"),
        ({"buyer": "ZZZZZZZZ"}, "unknown_buyer"),
        ({"buyer": "\x00"}, "unknown_buyer"),
        ({"code": "ZZZZZZZZ"}, "unknown_code"),
        ({"code": " "}, "nobody"),
    ],
)
def test_an_order_that_cannot_be_is_refused(shop: cast.Stage, told: dict[str, Any], why: str) -> None:
    with pytest.raises(Refusal) as refused:
        orders(shop, **({"code": shop.code.slug} | told))
    assert (refused.value.code, refused.value.status) == (why, 400)
    assert not Order.objects.exists()


def test_codes_of_another_campaign_are_unknown_here(shop: cast.Stage, line: list[Journey]) -> None:
    other = cast.live(owner=(shop.workspace, shop.owner))
    asked: list[dict[str, Any]] = [
        {"buyer": line[2].code.slug},
        {"code": line[2].code.slug},
        {"code": shop.code.slug},
    ]
    for told in asked:
        with pytest.raises(Refusal, match="code"):
            orders(other, **told)


# --- invites that count by an order ---------------------------------------------------------------------------


def test_an_invite_counts_once_the_newcomer_has_an_order_that_stands(
    shop: cast.Stage, line: list[Journey]
) -> None:
    Campaign.objects.filter(pk=shop.campaign.pk).update(credit_when="ordered")
    ann, eve = line[0], cast.joins(shop, "Eve", by=line[0].code)
    assert Credit.objects.get(newcomer=eve).state == "pending"
    orders(shop, "T-1", buyer=eve.code.slug)
    second = orders(shop, "T-2", buyer=eve.code.slug)
    assert Credit.objects.get(newcomer=eve).state == "valid"
    flow.refunded(order=Order.objects.get(number="T-1"), operator=shop.owner)
    assert Credit.objects.get(newcomer=eve).state == "valid"
    flow.refunded(order=second, operator=shop.owner)
    assert Credit.objects.get(newcomer=eve).state == "pending"
    flow.unrefunded(order=second, operator=shop.owner)
    ann.refresh_from_db()
    assert (Credit.objects.get(newcomer=eve).state, ann.valid_count) == ("valid", 2)


# --- files ----------------------------------------------------------------------------------------------------


def test_a_file_is_taken_line_by_line_and_twice_is_once(shop: cast.Stage, line: list[Journey]) -> None:
    cid, ben = line[2].code.slug, line[1].code.slug
    data = (
        f"订单号,金额,买家,推荐码,付款时间,退款\n"
        f"T-1,100,{cid},,2026-03-01 09:00,\n"
        f"T-2,50,,{ben},,\n"
        f"T-3,100,{cid},,,是\n"
        f"T-4,oops,{cid},,,\n"
        f"T-5,100,NOBODY00,,,\n"
        f"T-1,70,{cid},,,\n"
    ).encode("gb18030")
    told = flow.orders_imported(campaign=shop.campaign, data=data, operator=shop.owner)
    assert (told.added, told.repeated, told.refunded) == (3, 0, 1)
    assert [error.line for error in told.errors] == [5, 6, 7]
    assert money(line) == [500 + 250, 1000 + 500, 0]
    again = flow.orders_imported(campaign=shop.campaign, data=data, operator=shop.owner)
    assert (again.added, again.repeated, again.refunded) == (0, 3, 0)
    assert money(line) == [500 + 250, 1000 + 500, 0]
    first = Order.objects.get(number="T-1")
    assert (first.source, first.placed_at.isoformat()) == ("csv", "2026-03-01T01:00:00+00:00")


def test_a_refund_in_a_later_file_is_noted(shop: cast.Stage, line: list[Journey]) -> None:
    rows = [f"T-1,100,{line[2].code.slug},{refunded}" for refunded in ("", "yes", "no")]
    for row, stands in zip(rows, ([500, 1000, 0], [0, 0, 0], [0, 0, 0]), strict=True):
        data = f"number,amount,buyer,refunded\n{row}\n".encode()
        flow.orders_imported(campaign=shop.campaign, data=data, operator=shop.owner)
        assert money(line) == stands


def test_a_long_file_is_taken_in_parts_and_each_order_once(
    shop: cast.Stage, line: list[Journey], frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each order takes its time; what is there already takes none."""
    monkeypatch.setattr(story, "A_PIECE", 2)
    taken = story._imported

    def slowly(*told: Any) -> tuple[bool, bool]:
        frozen.advance(seconds=6)
        return taken(*told)

    monkeypatch.setattr(story, "_imported", slowly)
    rows = [f"T-{nth},10,{line[2].code.slug if nth != 4 else 'NOBODY00'}" for nth in range(9)]
    data = "\n".join(["number,amount,buyer", "bad,row", *rows]).encode()

    def sends(go_on: str = "", data: bytes = data) -> tuple[int, int, list[int], int, str]:
        told = flow.orders_imported(campaign=shop.campaign, data=data, operator=shop.owner, go_on=go_on)
        return told.added, told.repeated, [each.line for each in told.errors], told.left, told.go_on

    added, repeated, errors, left, go_on = sends()
    assert (added, repeated, errors, left) == (4, 0, [2], 5)
    assert sends(go_on) == (3, 0, [7], 1, go_on.replace(":4", ":8"))
    assert sends(go_on.replace(":4", ":8")) == (1, 0, [], 0, "")
    assert Order.objects.count() == 8
    assert money(line) == [8 * 50, 8 * 100, 0]
    assert sends() == (0, 8, [2, 7], 0, "")
    assert sends(go_on, data + b"\n")[:4] == (0, 8, [2, 7], 0)  # another file: all of it
    assert money(line) == [8 * 50, 8 * 100, 0]
