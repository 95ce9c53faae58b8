"""Groups of personal WeChat, which have no API: a screenshot or a count confirms a join, a person does the talking."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tenfold import flow
from tenfold.base.refusal import Refusal
from tenfold.groups import actions as groups
from tenfold.groups.models import Group, Seat
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Credit, Journey
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def stage_of(capacity: int = 200) -> cast.Stage:
    return cast.live(platform="wechat_group", capacity=capacity)


def count(stage: cast.Stage, members: int) -> tuple[int, int, int]:
    group = Group.objects.get(pk=stage.group.pk)
    found = flow.members_counted(group=group, members=members, operator=stage.owner)
    return found.confirmed, found.anonymous, found.missing


def seats(stage: cast.Stage) -> tuple[int, int]:
    group = Group.objects.get(pk=stage.group.pk)
    return group.held_count, group.taken_count


def now(journey: Journey) -> Journey:
    return Journey.objects.get(pk=journey.pk)


def kinds(journey: Journey) -> list[str]:
    return list(Entry.objects.filter(journey_id=journey.id).order_by("id").values_list("kind", flat=True))


def test_who_says_they_joined_keeps_their_seat_for_two_days_and_is_not_greeted_yet(
    frozen: FrozenClock,
) -> None:
    stage = stage_of()
    mia = cast.joins(stage, "Mia")
    frozen.advance(hours=47)
    flow.hold_expired(seat=Seat.objects.get())
    flow.stalled(journey=mia)
    assert (now(mia).state, seats(stage), Message.objects.count()) == ("arriving", (1, 0), 0)
    assert not Credit.objects.exists()
    frozen.advance(hours=1)
    flow.stalled(journey=mia)
    assert (now(mia).state, seats(stage), Message.objects.count()) == ("removed", (0, 0), 0)
    back = flow.scanned(slug=stage.code.slug, visitor_id=mia.person.visitor_id)
    assert (back.outcome, seats(stage)) == ("group", (1, 0))


def test_a_screenshot_that_waits_stops_the_time_and_a_rejected_one_starts_it_again(
    frozen: FrozenClock,
) -> None:
    stage = stage_of()
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    frozen.advance(days=5)
    flow.stalled(journey=mia)
    assert now(mia).state == "arriving"
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="no_poster")
    cast.settles(proof)
    assert now(mia).due_at == frozen.now + timedelta(hours=48)


def test_an_approved_screenshot_confirms_the_join_and_brings_everything_after_it() -> None:
    stage = stage_of()
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    cast.is_approved(cast.sends(ben), by=stage.owner)
    assert (now(ben).state, seats(stage), now(ann).valid_count) == ("rewarded", (1, 1), 1)
    moments = Message.objects.order_by("id").values_list("moment", flat=True)
    assert list(moments) == ["join", "task", "approve", "reward"]


def test_a_rejected_screenshot_confirms_nothing() -> None:
    stage = stage_of()
    ben = cast.joins(stage, "Ben")
    proof = flow.judged(proof=cast.sends(ben), operator=stage.owner, is_approved=False, reason="no_poster")
    cast.settles(proof)
    assert (now(ben).state, now(ben).due_step, seats(stage)) == ("arriving", "confirm", (1, 0))


@pytest.mark.parametrize(
    "order",
    [
        "sends counts approves",
        "counts sends approves",
        "sends judges counts settles",
        "counts sends counts approves",
    ],
)
def test_count_and_screenshot_in_any_order_end_the_same(order: str) -> None:
    stage = stage_of()
    ben = cast.joins(stage, "Ben")
    for part in order.split():
        if part == "sends":
            proof = cast.sends(ben)
        elif part == "counts":
            count(stage, 2)
        elif part == "judges":
            flow.judged(proof=proof, operator=stage.owner, is_approved=True)
        else:
            flow.judged(proof=proof, operator=stage.owner, is_approved=True)
            cast.settles(proof)
    assert (now(ben).state, now(ben).due_at, seats(stage)) == ("rewarded", None, (0, 1))
    assert [kind for kind in kinds(ben) if kind in ("arrived", "joined", "approved", "rewarded")] == [
        "arrived",
        "joined",
        "approved",
        "rewarded",
    ]
    assert Message.objects.filter(moment="join").count() == 1


def test_who_is_counted_in_while_their_screenshot_waits_is_not_reminded_of_one() -> None:
    stage = stage_of()
    ben = cast.joins(stage, "Ben")
    cast.sends(ben)
    count(stage, 2)
    assert (now(ben).state, now(ben).due_at) == ("proof_sent", None)


def test_a_count_confirms_the_earliest_first(frozen: FrozenClock) -> None:
    stage = stage_of()
    journeys = []
    for name in ("Ann", "Ben", "Cid"):
        journeys.append(cast.joins(stage, name))
        frozen.advance(minutes=1)
    assert count(stage, 3) == (2, 0, 0)
    assert [now(each).state for each in journeys] == ["joined", "joined", "arriving"]
    assert count(stage, 3) == (0, 0, 0)
    assert count(stage, 4) == (1, 0, 0)
    group = Group.objects.get()
    assert (group.counted_members, group.counted_at) == (4, frozen.now)


def test_members_nobody_knows_take_seats_and_give_them_back() -> None:
    stage = stage_of(capacity=5)
    assert count(stage, 4) == (0, 3, 0)
    assert (seats(stage), Seat.objects.filter(visitor_id=None).count()) == ((0, 3), 3)
    before = Entry.objects.filter(kind__startswith="seat_").count()
    count(stage, 4)
    assert (
        Entry.objects.filter(kind__startswith="seat_").count() == before
    )  # the same count again moves nothing
    assert (count(stage, 2), seats(stage)) == ((0, 1, 0), (0, 1))
    assert (count(stage, 400), seats(stage)) == (
        (0, 399, 0),
        (0, 5),
    )  # more than there is room for: full, never oversold
    assert flow.scanned(slug=stage.code.slug, visitor_id=None).outcome == "waiting"


def test_an_unknown_member_who_then_says_so_is_that_member() -> None:
    stage = stage_of(capacity=3)
    count(stage, 3)
    cast.joins(stage, "Mia")
    assert (seats(stage), count(stage, 3), seats(stage)) == ((1, 2), (1, 1, 0), (0, 2))


def test_missing_members_are_a_question_for_a_person() -> None:
    stage = stage_of()
    for name in ("Ann", "Ben"):
        cast.joins(stage, name)
    count(stage, 3)
    for _twice in range(2):
        assert count(stage, 1) == (0, 0, 2)
    task = HumanTask.objects.get(kind="count")
    assert (task.text, seats(stage)) == ("2", (0, 2))


@pytest.mark.parametrize("members", [-1, 501])
def test_a_count_that_cannot_be_is_refused(members: int) -> None:
    stage = stage_of()
    with pytest.raises(Refusal, match="between 0 and 500"):
        count(stage, members)


def test_a_room_of_ours_is_not_counted_by_hand() -> None:
    stage = cast.live()
    cast.joins(stage, "Mia")
    with pytest.raises(Refusal) as refused:
        count(stage, 100)
    assert (refused.value.code, seats(stage)) == ("counts_itself", (0, 1))


def test_closing_the_group_keeps_those_who_say_they_are_in() -> None:
    stage = stage_of()
    mia = cast.joins(stage, "Mia")
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    groups.set_state(group=stage.group, state="closed", operator=stage.owner)
    assert seats(stage) == (1, 0)
    cast.is_approved(cast.sends(mia), by=stage.owner)
    assert (now(mia).state, seats(stage)) == ("rewarded", (0, 1))


def test_a_seat_in_a_group_whose_code_has_ended_is_exchanged_for_one_that_can_be_reached(
    frozen: FrozenClock,
) -> None:
    stage = stage_of()
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None)
    frozen.advance(days=7)
    assert flow.scanned(slug=stage.code.slug, visitor_id=shown.visitor_id).outcome == "waiting"
    second = groups.add_group(
        campaign=stage.campaign, name="Room", platform="web", capacity=5, operator=stage.owner
    )
    flow.line_called(campaign=stage.campaign)
    again = flow.scanned(slug=stage.code.slug, visitor_id=shown.visitor_id)
    assert (again.group, seats(stage)) == (second, (0, 0))


def test_removing_is_a_task_with_the_name_and_saying_one_with_the_text() -> None:
    stage = stage_of()
    mia = cast.joins(stage, "Mia")
    count(stage, 2)
    flow.removed(journey=mia)
    cast.words_go_out()
    tasks = dict(HumanTask.objects.filter(moment__in=["", "remove"]).values_list("kind", "text"))
    assert tasks["remove"] == "Mia"
    assert "Mia" in tasks["say"]
    assert (now(mia).state, seats(stage)) == ("removed", (0, 0))


def test_who_left_before_they_were_confirmed_can_come_back_and_is_greeted_then() -> None:
    stage = stage_of()
    mia = cast.joins(stage, "Mia")
    for _twice in range(2):
        flow.left(journey=mia)
        mia = cast.joins(stage, "Mia", visitor=mia.person.visitor_id)
    assert (mia.state, seats(stage)) == ("arriving", (1, 0))
    count(stage, 2)
    assert (now(mia).state, seats(stage), Message.objects.filter(moment="join").count()) == (
        "joined",
        (0, 1),
        1,
    )
    told = [kind for kind in kinds(mia) if kind in ("left", "rejoined", "joined")]
    assert told == ["left", "rejoined", "joined"]


# --- warnings -------------------------------------------------------------------------------------------------


def test_a_person_is_warned_a_day_before_the_code_ends_and_again_only_for_the_next_code(
    frozen: FrozenClock,
) -> None:
    stage = stage_of()
    frozen.advance(days=5)
    groups.warn_all(frozen.now)
    assert not HumanTask.objects.exists()
    frozen.advance(days=1)
    for _twice in range(2):
        groups.warn_all(frozen.now)
    assert HumanTask.objects.get().kind == "renew_qr"
    flow.qr_uploaded(group=stage.group, data=cast.wechat_qr("readers-1"), operator=stage.owner)
    assert HumanTask.objects.get().state == "dropped"
    frozen.advance(days=6)
    groups.warn_all(frozen.now)
    assert HumanTask.objects.filter(kind="renew_qr", state="open").count() == 1


def test_a_person_is_warned_once_when_a_group_is_four_fifths_full_and_again_when_it_grew(
    frozen: FrozenClock,
) -> None:
    stage = cast.live(capacity=5)
    for nth in range(4):
        cast.joins(stage, f"Ben {nth}")
        groups.warn_all(frozen.now)
    groups.warn_all(frozen.now)
    assert HumanTask.objects.get().kind == "group_filling"
    groups.change_group(group=stage.group, operator=stage.owner, name="R", capacity=100)
    groups.warn_all(frozen.now)
    assert HumanTask.objects.count() == 1


def test_nobody_is_warned_about_groups_that_take_no_newcomers(frozen: FrozenClock) -> None:
    stage = stage_of()
    groups.set_state(group=stage.group, state="draining", operator=stage.owner)
    assert groups.warn_all(frozen.now + timedelta(days=7)) == 0
