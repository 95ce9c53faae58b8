"""Choosing a group, and what a member count says, from plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.keys import new_id
from tenfold.groups import rules
from tenfold.groups.models import Group
from tenfold.groups.rules import Count

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def group(name: str = "", **fields: object) -> Group:
    return Group(name=name, **({"platform": "web", "capacity": 10} | fields))


def wechat(**fields: object) -> Group:
    return Group(
        **(
            {"capacity": 10}
            | {"platform": "wechat_group", "qr_picture_id": new_id(), "qr_expires_at": NOW + HOUR}
            | fields
        )
    )


@pytest.mark.parametrize(
    ("asked", "is_showable", "has_way_in"),
    [
        (group(), True, True),
        (group(state="draining"), False, True),
        (group(state="closed"), False, False),
        (wechat(), True, True),
        (wechat(state="draining"), False, True),
        (wechat(qr_expires_at=NOW), False, False),
        (wechat(qr_expires_at=None), False, False),
        (wechat(qr_picture_id=None), False, False),
        (wechat(state="closed"), False, False),
    ],
)
def test_whom_a_group_still_lets_in(asked: Group, is_showable: bool, has_way_in: bool) -> None:
    assert rules.is_showable(asked, NOW) is is_showable
    assert rules.has_way_in(asked, NOW) is has_way_in


def test_groups_are_tried_in_their_own_order_without_those_that_are_full_on_paper() -> None:
    pool = [
        group("full", taken_count=10),
        group("one left", held_count=4, taken_count=5),
        group("shown to all", held_count=10),
        group("empty"),
        group("closing", state="draining"),
    ]
    assert [each.name for each in rules.in_order(pool, NOW)] == ["one left", "empty"]


@pytest.mark.parametrize(
    ("members", "others", "known", "arriving", "count"),
    [
        (0, 0, 0, 0, Count(0, 0, 0)),
        (1, 1, 0, 0, Count(0, 0, 0)),
        (3, 1, 0, 1, Count(1, 1, 0)),
        (3, 1, 0, 5, Count(2, 0, 0)),
        (10, 1, 4, 2, Count(2, 3, 0)),
        (5, 1, 4, 2, Count(0, 0, 0)),
        (4, 1, 4, 2, Count(0, 0, 1)),
        (0, 1, 4, 2, Count(0, 0, 5)),
    ],
)
def test_what_a_member_count_says(members: int, others: int, known: int, arriving: int, count: Count) -> None:
    assert rules.read_count(members=members, others=others, known=known, arriving=arriving) == count


SOME = st.integers(0, 500)


@given(members=SOME, others=SOME, known=SOME, arriving=SOME)
def test_a_count_explains_every_member(members: int, others: int, known: int, arriving: int) -> None:
    count = rules.read_count(members=members, others=others, known=known, arriving=arriving)
    assert others + known + count.confirmed + count.anonymous - count.missing == members
    assert 0 <= count.confirmed <= arriving
    assert count.anonymous == 0 or count.confirmed == arriving
    assert count.missing == 0 or count.confirmed == count.anonymous == 0


@pytest.mark.parametrize(
    ("held", "taken", "is_nearly_full"),
    [(0, 7, False), (1, 7, True), (8, 0, True), (0, 10, True), (0, 0, False)],
)
def test_a_group_is_nearly_full_at_four_fifths(held: int, taken: int, is_nearly_full: bool) -> None:
    assert rules.is_nearly_full(group(held_count=held, taken_count=taken)) is is_nearly_full


@pytest.mark.parametrize(
    ("left", "ends_soon"), [(None, False), (25, False), (24, True), (0, True), (-1, True)]
)
def test_a_qr_code_ends_soon_a_day_before_it_does(left: int | None, ends_soon: bool) -> None:
    expires_at = None if left is None else NOW + left * HOUR
    assert rules.qr_ends_soon(group(qr_expires_at=expires_at), NOW) is ends_soon


def test_a_wechat_group_takes_two_hundred_by_code_and_a_room_of_ours_many_more() -> None:
    assert (rules.largest_capacity("wechat_group"), rules.largest_capacity("web")) == (200, 100_000)
