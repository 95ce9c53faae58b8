"""Each act on groups, seats and the line: what it changes, what it tells the journal, and both or neither."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.groups import actions as groups
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.groups.queries import others_wait, place_in_line
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask
from tests import cast
from tests.conftest import FrozenClock
from tests.journal.acts import FactLost, everything, facts_of, journal_is_broken

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Hall:
    """A group with a seat that is held, one that is taken and two free; a second group; two who wait in the line."""

    stage: cast.Stage
    group: Group
    second: Group
    held: Seat
    taken: Seat
    first_in_line: Waiting

    @property
    def counts(self) -> tuple[int, int]:
        group = Group.objects.get(pk=self.group.pk)
        return group.held_count, group.taken_count


@pytest.fixture
def hall() -> Hall:
    return make_hall()


def make_hall() -> Hall:
    stage, now = cast.live(capacity=4), clock.now()
    second = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform="web", capacity=2, operator=stage.owner
    )
    held, taken = (hold(stage.group, now + timedelta(minutes=15)) for _each in range(2))
    groups.take_seat(seat=taken, now=now)
    waits = [groups.join_line(campaign=stage.campaign, visitor_id=new_id()) for _each in range(2)]
    return Hall(stage, stage.group, second, held, taken, waits[0])


def hold(group: Group, until: object) -> Seat:
    seat = groups.hold_seat_in(group=group, visitor_id=new_id(), until=until)  # type: ignore[arg-type]
    assert seat
    return seat


def add(hall: Hall, **wishes: object) -> object:
    fields = {"name": " Three ", "platform": "web", "capacity": 5} | wishes
    return groups.add_group(campaign=hall.stage.campaign, operator=hall.stage.owner, **fields)  # type: ignore[arg-type]


def change(hall: Hall, **wishes: object) -> object:
    fields = {"name": "Renamed", "capacity": 9} | wishes
    return groups.change_group(group=hall.group, operator=hall.stage.owner, **fields)  # type: ignore[arg-type]


def put(hall: Hall, state: str) -> object:
    return groups.set_state(group=hall.group, state=state, operator=hall.stage.owner)


def order(hall: Hall, ids: list[UUID]) -> None:
    groups.reorder(campaign=hall.stage.campaign, group_ids=ids, operator=hall.stage.owner)


def new_qr(hall: Hall) -> object:
    wishes = {"clean": cast.screenshot(), "text": "https://weixin.qq.com/g/x", "now": clock.now()}
    return groups.set_qr(group=hall.group, operator=hall.stage.owner, **wishes)  # type: ignore[arg-type]


def leave_line(hall: Hall) -> None:
    visitor = hall.first_in_line.visitor_id
    groups.leave_line(campaign_id=hall.stage.campaign.id, visitor_id=visitor, state=Waiting.State.SERVED)


Act = Callable[[Hall], object]
# What is done; the facts it writes; how the first group's (held, taken) move; whether doing it twice is doing it once.
ACTS: dict[str, tuple[Act, list[str], tuple[int, int], bool]] = {
    "add": (add, ["group_added"], (0, 0), False),
    "change": (change, ["group_changed"], (0, 0), False),
    "drain": (lambda hall: put(hall, "draining"), ["group_changed"], (0, 0), True),
    "close": (lambda hall: put(hall, "closed"), ["group_changed", "hold_ended"], (-1, 0), True),
    "reorder": (
        lambda hall: order(hall, [hall.second.id, hall.group.id]),
        ["group_changed", "group_changed"],
        (0, 0),
        True,
    ),
    "new code": (new_qr, ["group_changed"], (0, 0), False),
    "count": (
        lambda hall: groups.note_count(group=hall.group, members=7, operator=hall.stage.owner),
        ["group_counted"],
        (0, 0),
        False,
    ),
    "hold": (
        lambda hall: groups.hold_seat(campaign=hall.stage.campaign, visitor_id=new_id(), now=clock.now()),
        ["seat_held"],
        (1, 0),
        False,
    ),
    "take": (
        lambda hall: groups.take_seat(seat=hall.held, now=clock.now()),
        ["hold_ended", "seat_taken"],
        (-1, 1),
        True,
    ),
    "expire": (
        lambda hall: groups.expire_hold(seat=hall.held, now=clock.now() + timedelta(minutes=15)),
        ["hold_ended"],
        (-1, 0),
        True,
    ),
    "release held": (lambda hall: groups.release(seat=hall.held, reason="x"), ["hold_ended"], (-1, 0), True),
    "release taken": (
        lambda hall: groups.release(seat=hall.taken, reason="x"),
        ["seat_freed"],
        (0, -1),
        True,
    ),
    "unknown members": (
        lambda hall: groups.set_unknown_seats(group=hall.group, count=2, now=clock.now()),
        ["seat_taken", "seat_taken"],
        (0, 2),
        True,
    ),
    "join the line": (
        lambda hall: groups.join_line(campaign=hall.stage.campaign, visitor_id=UUID(int=1)),
        ["line_joined"],
        (0, 0),
        True,
    ),
    "call": (
        lambda hall: groups.call_next(campaign=hall.stage.campaign, now=clock.now()),
        ["seat_held", "line_called"],
        (1, 0),
        False,
    ),
    "leave the line": (leave_line, ["line_left"], (0, 0), True),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_tells_what_it_did_and_the_counters_agree(hall: Hall, name: str) -> None:
    act, facts, (held, taken), _is_once = ACTS[name]
    before = hall.counts
    assert facts_of(lambda: act(hall)) == facts
    assert hall.counts == (before[0] + held, before[1] + taken)
    assert differences() == []
    told = Entry.objects.order_by("-id")[: len(facts)]
    assert {entry.campaign_id for entry in told} == {hall.stage.campaign.id}
    assert all(entry.group_id for entry in told if entry.kind not in ("line_joined", "line_left"))


@pytest.mark.parametrize("name", [name for name, told in ACTS.items() if told[3]])
def test_an_act_that_finds_its_work_done_does_and_tells_nothing(hall: Hall, name: str) -> None:
    act = ACTS[name][0]
    act(hall)
    after = everything()
    assert facts_of(lambda: act(hall)) == []
    assert everything() == after


@pytest.mark.django_db(transaction=True)
def test_an_act_whose_fact_cannot_be_written_has_not_happened() -> None:
    hall = make_hall()
    before = everything()
    for name, (act, facts, _moves, _is_once) in ACTS.items():
        with journal_is_broken(nth=len(facts)), pytest.raises(FactLost):
            act(deepcopy(hall))
        assert everything() == before, name
    assert differences() == []


# --- the pool -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"name": ""}, "bad_name"),
        ({"name": "   "}, "bad_name"),
        ({"name": "x" * 61}, "bad_name"),
        ({"platform": "icq"}, "unknown_platform"),
        ({"platform": ""}, "unknown_platform"),
        ({"capacity": 0}, "bad_capacity"),
        ({"capacity": -1}, "bad_capacity"),
        ({"capacity": 100_001}, "bad_capacity"),
        ({"capacity": 201, "platform": "wechat_group"}, "bad_capacity"),
    ],
)
def test_a_group_that_cannot_be_is_refused_and_not_made(
    hall: Hall, wishes: dict[str, object], code: str
) -> None:
    before = everything()
    with pytest.raises(Refusal) as refused:
        add(hall, **wishes)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert everything() == before


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"name": ""}, "bad_name"),
        ({"capacity": 1}, "capacity_too_small"),
        ({"others_count": 501}, "bad_others"),
        ({"others_count": -1}, "bad_others"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(
    hall: Hall, wishes: dict[str, object], code: str
) -> None:
    before = everything()
    with pytest.raises(Refusal) as refused:
        change(hall, **wishes)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert everything() == before


def test_a_group_may_shrink_to_what_is_in_use_and_others_stay_as_they_were(hall: Hall) -> None:
    change(hall, capacity=2, others_count=3)
    change(hall, capacity=2)
    group = Group.objects.get(pk=hall.group.pk)
    assert (group.capacity, group.free_count, group.others_count, group.name) == (2, 0, 3, "Renamed")


def test_a_form_that_lies_open_for_long_does_not_write_back_old_counters(hall: Hall) -> None:
    """The group handed in was read before somebody took a seat in it."""
    stale = Group.objects.get(pk=hall.group.pk)
    hold(hall.group, clock.now() + timedelta(minutes=15))
    before = hall.counts
    groups.change_group(group=stale, operator=hall.stage.owner, name="Renamed", capacity=4)
    assert hall.counts == before == (2, 1)


def test_a_state_there_is_not_is_refused(hall: Hall) -> None:
    with pytest.raises(Refusal) as refused:
        put(hall, "exploded")
    assert (refused.value.code, refused.value.status) == ("unknown_state", 400)


def test_new_groups_stand_at_the_end_and_an_order_may_leave_some_out_or_name_strangers(hall: Hall) -> None:
    add(hall)
    third = hall.stage.campaign.groups.get(name="Three")
    assert third.position == 2
    order(hall, [third.id, new_id(), third.id])
    assert [group.name for group in hall.stage.campaign.groups.all()] == ["Three", "Readers 1", "Readers 2"]


def test_an_order_never_reaches_into_another_campaign(hall: Hall) -> None:
    other = cast.draft(owner=(hall.stage.workspace, hall.stage.owner))
    order(hall, [hall.second.id, other.group.id, hall.group.id])
    assert Group.objects.get(pk=other.group.pk).position == 0


def test_a_new_code_lives_for_seven_days_and_settles_the_task_that_asked_for_it(
    hall: Hall, frozen: FrozenClock
) -> None:
    Group.objects.filter(pk=hall.group.pk).update(qr_expires_at=frozen.now + timedelta(hours=1))
    hall.group.refresh_from_db()
    groups.warn(group=hall.group, now=frozen.now)
    new_qr(hall)
    group = Group.objects.get(pk=hall.group.pk)
    assert group.qr_expires_at == frozen.now + timedelta(days=7)
    assert group.qr_picture
    assert HumanTask.objects.get(kind="renew_qr").state == "dropped"


# --- seats ----------------------------------------------------------------------------------------------------


def test_the_last_seat_is_held_once_and_then_there_is_none(hall: Hall) -> None:
    until = clock.now() + timedelta(minutes=15)
    seats = [groups.hold_seat_in(group=hall.second, visitor_id=new_id(), until=until) for _each in range(4)]
    assert [bool(seat) for seat in seats] == [True, True, False, False]


def test_one_visitor_never_holds_two_seats_of_one_campaign(hall: Hall) -> None:
    assert hall.held.visitor_id
    with pytest.raises(IntegrityError), transaction.atomic():
        groups.hold_seat_in(group=hall.second, visitor_id=hall.held.visitor_id, until=clock.now())
    assert Group.objects.get(pk=hall.second.pk).held_count == 0


def test_no_counter_can_be_written_past_the_capacity_whoever_writes_it(hall: Hall) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.filter(pk=hall.group.pk).update(taken_count=4)


@pytest.mark.parametrize("state", ["draining", "closed"])
def test_a_group_that_takes_nobody_new_is_left_out(hall: Hall, state: str) -> None:
    put(hall, state)
    seat = groups.hold_seat(campaign=hall.stage.campaign, visitor_id=new_id(), now=clock.now())
    assert seat is not None
    assert seat.group == hall.second
    assert groups.hold_seat_in(group=hall.group, visitor_id=new_id(), until=clock.now()) is None


def test_a_hold_is_extended_while_it_is_one(hall: Hall, frozen: FrozenClock) -> None:
    campaign, now = hall.stage.campaign, frozen.advance(minutes=10)
    assert groups.extend_hold(seat=hall.held, campaign=campaign, now=now)
    assert not groups.expire_hold(seat=hall.held, now=now + timedelta(minutes=campaign.hold_minutes - 1))
    assert groups.extend_hold(seat=hall.taken, campaign=campaign, now=now)
    assert Seat.objects.get(pk=hall.taken.pk).expires_at is None
    groups.release(seat=hall.held, reason="x")
    assert not groups.extend_hold(seat=hall.held, campaign=campaign, now=now)


def test_a_hold_without_an_end_never_expires_and_goes_back_at_once_when_released(hall: Hall) -> None:
    groups.keep_hold(seat=hall.held)
    assert not groups.expire_hold(seat=hall.held, now=clock.now() + timedelta(days=400))
    put(hall, "closed")
    assert hall.counts == (1, 1)
    assert groups.release(seat=hall.held, reason="left")
    assert hall.counts == (0, 1)


def test_a_taken_seat_does_not_expire(hall: Hall) -> None:
    assert not groups.expire_hold(seat=hall.taken, now=clock.now() + timedelta(days=400))
    assert hall.counts == (1, 1)


@pytest.mark.parametrize(("asked", "found"), [(0, 0), (1, 1), (2, 2), (99, 2)])
def test_unknown_members_take_what_room_there_is_and_go_again(hall: Hall, asked: int, found: int) -> None:
    now = clock.now()
    assert groups.set_unknown_seats(group=hall.group, count=asked, now=now) == found
    assert hall.counts == (1, 1 + found)
    assert groups.set_unknown_seats(group=hall.group, count=0, now=now) == 0
    assert hall.counts == (1, 1)
    assert differences() == []


# --- the line -------------------------------------------------------------------------------------------------


def test_the_line_is_served_in_its_order_and_who_missed_the_call_stands_at_its_end(
    frozen: FrozenClock,
) -> None:
    campaign = cast.live(capacity=1).campaign
    waits = []
    for _each in range(3):
        frozen.advance(seconds=1)
        waits.append(groups.join_line(campaign=campaign, visitor_id=new_id()))
    ann, ben, cid = waits
    assert [place_in_line(each) for each in waits] == [1, 2, 3]
    assert [groups.call_next(campaign=campaign, now=frozen.now) for _each in range(3)] == [True, False, False]
    ann.refresh_from_db()
    assert (ann.state, place_in_line(ann), place_in_line(ben), place_in_line(cid)) == ("called", 0, 1, 2)
    groups.leave_line(campaign_id=campaign.id, visitor_id=ann.visitor_id, state=Waiting.State.MISSED)
    frozen.advance(seconds=1)
    again = groups.join_line(campaign=campaign, visitor_id=ann.visitor_id)
    assert (again.pk, again.called_at, place_in_line(again)) == (ann.pk, None, 3)


def test_who_waits_already_keeps_their_place(hall: Hall, frozen: FrozenClock) -> None:
    since = hall.first_in_line.since
    frozen.advance(hours=1)
    again = groups.join_line(campaign=hall.stage.campaign, visitor_id=hall.first_in_line.visitor_id)
    assert (again.since, Waiting.objects.count()) == (since, 2)


def test_who_has_a_seat_by_then_is_called_to_that_one(hall: Hall) -> None:
    until = clock.now() + timedelta(minutes=15)
    own = groups.hold_seat_in(group=hall.second, visitor_id=hall.first_in_line.visitor_id, until=until)
    assert own
    assert facts_of(lambda: groups.call_next(campaign=hall.stage.campaign, now=clock.now())) == [
        "line_called"
    ]
    assert Entry.objects.latest("id").group_id == hall.second.id


def test_nobody_is_called_where_nobody_waits_or_nothing_is_free() -> None:
    stage, now = cast.live(capacity=1), clock.now()
    assert not groups.call_next(campaign=stage.campaign, now=now)
    hold(stage.group, now + timedelta(minutes=15))
    groups.join_line(campaign=stage.campaign, visitor_id=new_id())
    assert facts_of(lambda: groups.call_next(campaign=stage.campaign, now=now)) == []


def test_only_others_are_others(hall: Hall) -> None:
    campaign_id, mine = hall.stage.campaign.id, hall.first_in_line.visitor_id
    assert others_wait(campaign_id=campaign_id, visitor_id=mine)
    Waiting.objects.exclude(visitor_id=mine).update(state="served")
    assert not others_wait(campaign_id=campaign_id, visitor_id=mine)
    assert others_wait(campaign_id=campaign_id, visitor_id=new_id())
    assert not others_wait(campaign_id=new_id(), visitor_id=new_id())


def test_leaving_a_line_one_never_stood_in_is_nothing(hall: Hall) -> None:
    def leaves() -> None:
        groups.leave_line(campaign_id=hall.stage.campaign.id, visitor_id=new_id(), state=Waiting.State.SERVED)

    assert facts_of(leaves) == []


@pytest.mark.parametrize("reason", groups.OUR_DOING)
def test_what_we_do_to_shown_seats_leaves_one_that_was_taken_meanwhile(reason: str) -> None:
    stage = cast.live()
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None).seat
    assert shown is not None
    assert groups.take_seat(seat=shown, now=clock.now())
    assert not groups.release(seat=shown, reason=reason)
    shown.refresh_from_db()
    assert (shown.state, Group.objects.get(pk=shown.group_id).taken_count) == ("taken", 1)
