"""Seats in blocks: what a lease gives, what ends it, and that nobody sells what has ended. On PostgreSQL alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base import bulk, clock
from tenfold.base.keys import new_id
from tenfold.flow import Opening, Outcome, cards_of
from tenfold.groups import actions as groups
from tenfold.groups import leases, pool, rules
from tenfold.groups.leases import Leased
from tenfold.groups.models import Group, Seat, SeatLease
from tenfold.groups.queries import unused_seats
from tenfold.insight.rebuild import differences
from tests import cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="leases are for several processes on PostgreSQL"
    ),
]


def scan(stage: cast.Stage, door: Leased, count: int = 1) -> list[Outcome]:
    card = cards_of([stage.code.slug])[stage.code.slug]
    openings = [Opening(card, None) for _each in range(count)]
    return [shown.outcome for shown in flow.scanned_together(openings, seats=door)]


def runs_out() -> None:
    SeatLease.objects.filter(ended_at=None).update(expires_at=clock.now().replace(year=2020))


def sold() -> int:
    return Seat.objects.filter(state__in=["held", "taken"]).count()


def books_balance() -> None:
    for group in Group.objects.all():
        live = Seat.objects.filter(group=group).exclude(state="released").count()
        assert group.held_count + group.taken_count == live + unused_seats().get(group.id, 0)
        assert group.held_count + group.taken_count <= group.capacity
    assert differences() == []


def test_a_door_takes_a_block_and_hands_it_out_without_touching_the_group() -> None:
    stage, door = cast.live(capacity=100), Leased("one")
    assert scan(stage, door) == [Outcome.GROUP]
    lease = SeatLease.objects.get()
    assert (lease.seats, lease.used, lease.holder) == (50, 1, "one")  # half of its share, which is all of it
    stage.group.refresh_from_db()
    assert stage.group.held_count == 50
    scan(stage, door, 20)
    lease.refresh_from_db()
    assert (lease.used, SeatLease.objects.count(), sold()) == (21, 1, 21)
    books_balance()


@pytest.mark.parametrize(
    ("free", "missing", "doors", "size"),
    [
        (1000, 1, 2, 200),
        (200, 1, 2, 50),
        (40, 1, 2, 10),
        (40, 30, 2, 30),
        (3, 1, 8, 1),
        (3, 9, 8, 3),
        (1, 1, 1, 1),
    ],
)
def test_blocks_shrink_as_a_group_fills(free: int, missing: int, doors: int, size: int) -> None:
    assert rules.block_size(free=free, missing=missing, doors=doors) == size


def test_an_ended_lease_sells_nothing_whatever_its_holder_believes() -> None:
    stage, door = cast.live(capacity=10), Leased("frozen")
    scan(stage, door)
    runs_out()
    assert leases.end_expired() == 1
    other = Leased("other")
    assert scan(stage, other, 9) == [Outcome.GROUP] * 9
    assert scan(stage, door, 2) == [Outcome.WAITING] * 2
    assert sold() == 10
    books_balance()


def test_a_lease_past_its_end_is_as_good_as_ended_before_anybody_has_ended_it() -> None:
    stage, door = cast.live(capacity=10), Leased("late")
    scan(stage, door)
    [lease] = SeatLease.objects.values_list("id", flat=True)
    runs_out()
    with pytest.raises(pool.Changed), transaction.atomic():
        leases.use({lease.hex: 1})


def test_what_a_dead_door_had_taken_comes_back() -> None:
    stage = cast.live(capacity=8)
    scan(stage, Leased("dead"), 2)
    runs_out()
    leases.end_expired()
    stage.group.refresh_from_db()
    assert (stage.group.held_count, sold()) == (2, 2)
    books_balance()


def test_a_door_that_stops_gives_back_what_it_has() -> None:
    stage, door = cast.live(capacity=100), Leased("stops")
    scan(stage, door)
    door.give_back()
    assert (SeatLease.objects.filter(ended_at=None).count(), Group.objects.get().held_count) == (0, 1)
    books_balance()


def test_the_last_seats_are_found_where_nobody_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, sleepy = cast.live(capacity=8), Leased("sleepy")
    scan(stage, sleepy)
    asking = Leased("asking")
    scan(stage, asking, 4)
    assert unused_seats() == {stage.group.id: 3}
    assert leases.end_idle(campaign_id=stage.campaign.id.hex, but="asking") == 0  # asked for a moment ago
    monkeypatch.setattr(leases, "IDLE_SECONDS", -1.0)
    assert scan(stage, asking, 3) == [Outcome.GROUP] * 3
    assert sold() == 8
    books_balance()


@pytest.mark.parametrize(
    "change",
    [
        lambda stage: groups.set_state(group=stage.group, state="closed", operator=stage.owner),
        lambda stage: groups.set_state(group=stage.group, state="draining", operator=stage.owner),
        lambda stage: groups.change_group(group=stage.group, operator=stage.owner, name="Small", capacity=3),
    ],
    ids=["closed", "draining", "smaller"],
)
def test_an_operator_is_heard_at_once_whatever_doors_have_taken(
    change: Callable[[cast.Stage], object],
) -> None:
    stage, door = cast.live(capacity=100), Leased("door")
    scan(stage, door, 3)
    change(stage)
    assert SeatLease.objects.filter(ended_at=None).count() == 0
    assert scan(stage, door) == [Outcome.WAITING]
    books_balance()


def test_seats_for_a_line_are_not_taken_aside() -> None:
    stage, door = cast.live(capacity=1), Leased("door")
    plans = flow.Plans()
    card = cards_of([stage.code.slug])[stage.code.slug]
    shown = flow.scanned_together([Opening(card, None), Opening(card, None)], seats=door, plans=plans)
    assert [each.outcome for each in shown] == [Outcome.GROUP, Outcome.WAITING]
    groups.change_group(group=stage.group, operator=stage.owner, name="More", capacity=9)
    flow.scanned_together([Opening(card, None)], seats=door, plans=plans)
    assert unused_seats() == {}


def test_a_campaign_that_was_scanned_before_its_launch_gives_seats_after_it() -> None:
    stage, door, plans = cast.draft(capacity=9), Leased("door"), flow.Plans()
    card = cards_of([stage.code.slug])[stage.code.slug]
    steps: list[tuple[Callable[[], object], Outcome]] = [
        (lambda: None, Outcome.DRAFT),
        (lambda: flow.launched(campaign=stage.campaign, operator=stage.owner), Outcome.GROUP),
        (lambda: flow.paused(campaign=stage.campaign, operator=stage.owner), Outcome.PAUSED),
        (lambda: flow.resumed(campaign=stage.campaign, operator=stage.owner), Outcome.GROUP),
    ]
    for act, outcome in steps:
        stage.campaign.refresh_from_db()
        act()
        for plan in plans._plans.values():
            plan.read_at -= 1  # older than may be remembered
        [shown] = flow.scanned_together([Opening(card, None)], seats=door, plans=plans)
        assert shown.outcome == outcome


def test_who_was_queued_in_a_try_that_failed_sends_nobody_else_to_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, door, plans = cast.live(capacity=1), Leased("door"), flow.Plans()
    card = cards_of([stage.code.slug])[stage.code.slug]
    begin, settle, tries = door.begin, door.settle, list[int]()

    def begins(wanted: Mapping[str, int], now: datetime) -> None:
        tries.append(1)
        if len(tries) == 2:  # what made the first try fail: there are more seats
            Group.objects.update(capacity=9)
        begin(wanted, now)

    def fails_once() -> None:
        if len(tries) == 1:
            raise pool.Changed
        settle()

    monkeypatch.setattr(door, "begin", begins)
    monkeypatch.setattr(door, "settle", fails_once)
    shown = flow.scanned_together([Opening(card, None)] * 3, seats=door, plans=plans)
    assert [each.outcome for each in shown] == [Outcome.GROUP] * 3
    assert len(tries) == 2
    books_balance()


class Night:
    """Three doors in one process, and what happens to them."""

    def __init__(self) -> None:
        # Its own people, as nothing is taken back: inside a transaction of the test's own no step would be tried again.
        self.stage = cast.live(owner=cast.workspace(f"{new_id().hex}@example.com"), capacity=7)
        self.small = groups.add_group(
            campaign=self.stage.campaign, name="Small", platform="web", capacity=3, operator=self.stage.owner
        )
        self.doors = [Leased(f"door {nth}") for nth in range(3)]

    def do(self, act: tuple[str, int, int]) -> None:
        name, nth, count = act
        door = self.doors[nth]
        match name:
            case "scan":
                scan(self.stage, door, count)
            case "dies":
                self.doors[nth] = Leased(f"born {bulk.moment(clock.now())}")
            case "stops":
                door.give_back()
            case "expire":
                runs_out()
                leases.end_expired()
            case "seat ends":
                for seat in Seat.objects.filter(state="held").order_by("id")[:count]:
                    groups.release(seat=seat, reason="expired")
            case "line":
                flow.line_called(campaign=self.stage.campaign)
            case "resize":
                room = Group.objects.get(pk=self.small.id)
                used = Seat.objects.filter(group=room).exclude(state="released").count()
                groups.change_group(
                    group=room, operator=self.stage.owner, name="Small", capacity=max(1, used, count)
                )


ACTS = st.tuples(
    st.sampled_from(["scan", "scan", "scan", "dies", "stops", "expire", "seat ends", "line", "resize"]),
    st.integers(0, 2),
    st.integers(1, 5),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=5, max_size=25))
def test_whatever_doors_do_the_books_balance_and_nothing_stays_behind(
    transactional_db: None, acts: list[tuple[str, int, int]]
) -> None:
    night = Night()
    for act in acts:
        night.do(act)
    books_balance()
    runs_out()
    leases.end_expired()
    assert unused_seats() == {}
    books_balance()
