"""Seats and the line: shown, held, taken, given back, called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.codes.models import Scan
from tenfold.flow import Outcome, Shown
from tenfold.groups import actions as groups
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.groups.queries import place_in_line
from tenfold.journal.models import Entry
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def scan(stage: cast.Stage, visitor: UUID | None = None) -> Shown:
    return flow.scanned(slug=stage.code.slug, visitor_id=visitor)


def more(stage: cast.Stage, name: str, capacity: int = 1) -> Group:
    return groups.add_group(
        campaign=stage.campaign, name=name, platform="web", capacity=capacity, operator=stage.owner
    )


def holds_run_out() -> None:
    for seat in Seat.objects.filter(state="held", expires_at__lte=clock.now()):
        flow.hold_expired(seat=seat)


def wait(stage: cast.Stage, count: int) -> list[UUID]:
    return [scan(stage).visitor_id for _nth in range(count)]


def place_of(visitor: UUID) -> int:
    return place_in_line(Waiting.objects.get(visitor_id=visitor))


def state_of(visitor: UUID) -> str:
    return Waiting.objects.get(visitor_id=visitor).state


# --- a scan ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moves", "outcome"),
    [
        ([], "draft"),
        (["live"], "group"),
        (["live", "paused"], "paused"),
        (["live", "paused", "live"], "group"),
        (["live", "ended"], "ended"),
    ],
)
def test_a_code_says_in_which_state_its_campaign_is(moves: list[str], outcome: str) -> None:
    stage = cast.draft()
    for to in moves:
        campaigns.move(campaign=stage.campaign, to=campaigns.State(to), operator=stage.owner)
    assert scan(stage).outcome == outcome
    assert Scan.objects.get().outcome == outcome


def test_before_its_start_and_from_its_end_on_nobody_gets_in(frozen: FrozenClock) -> None:
    stage = cast.live()
    times = {"starts_at": frozen.now + timedelta(hours=1), "ends_at": frozen.now + timedelta(hours=2)}
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, **times)
    seen = [scan(stage).outcome]
    for _each in range(2):
        frozen.advance(hours=1)
        seen.append(scan(stage).outcome)
    assert seen == [Outcome.NOT_STARTED, Outcome.GROUP, Outcome.ENDED]


@pytest.mark.parametrize(
    "slug", ["", "NOSUCH00", "x" * 300, "../../..", "AAAA\x00AAA", "ＡＡＡＡＡＡＡＡ", "'; --"]
)
def test_rubbish_for_a_code_is_unknown_and_noted_nowhere(slug: str) -> None:
    shown = flow.scanned(slug=slug, visitor_id=None)
    assert (shown.outcome, shown.campaign, shown.group) == (Outcome.UNKNOWN, None, None)
    assert not Entry.objects.exists()
    assert not Scan.objects.exists()


def test_a_code_copied_by_hand_is_read_with_its_look_alikes() -> None:
    stage = cast.live()
    stage.code.slug = "AB01CD1X"
    stage.code.save()
    assert flow.scanned(slug=" abOlcdix ", visitor_id=None).outcome == Outcome.GROUP


def test_scanning_again_shows_the_same_seat_and_starts_its_hold_anew(frozen: FrozenClock) -> None:
    stage = cast.live()
    first = scan(stage)
    frozen.advance(minutes=14)
    again = scan(stage, first.visitor_id)
    assert first.seat is not None
    assert again.seat == first.seat
    assert Seat.objects.get().expires_at == frozen.now + timedelta(minutes=15)
    frozen.advance(minutes=2)
    flow.hold_expired(seat=first.seat)  # a worker that took it before it was shown again
    assert Seat.objects.get().state == "held"


def test_a_member_is_shown_their_group_and_holds_no_other_seat() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    shown = scan(stage, mia.person.visitor_id)
    assert (shown.outcome, shown.group, Seat.objects.count()) == (Outcome.MEMBER, stage.group, 1)


# --- joining --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "why"),
    [
        ({"has_consented": False}, "consent_needed"),
        ({"nickname": "\u200b"}, "name_empty"),
        ({"nickname": "x" * 21}, "name_too_long"),
    ],
)
def test_without_consent_or_a_name_nobody_is_written_down(wishes: dict[str, object], why: str) -> None:
    stage = cast.live()
    shown = scan(stage)
    asked = {"visitor_id": shown.visitor_id, "nickname": "Mia", "has_consented": True, "language": "en"}
    with pytest.raises(Refusal) as refused:
        flow.joined(group=stage.group, **(asked | wishes))  # type: ignore[arg-type]
    assert refused.value.code == why
    assert not Entry.objects.filter(kind="joined").exists()


def test_a_hold_that_ran_out_lets_its_visitor_in_only_while_there_is_room(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    slow, quick = scan(stage).visitor_id, new_id()
    frozen.advance(minutes=16)
    holds_run_out()
    cast.joins(stage, "Quick", visitor=quick)
    with pytest.raises(Refusal) as refused:
        flow.joined(group=stage.group, visitor_id=slow, nickname="Slow", has_consented=True, language="en")
    assert refused.value.code == "seat_gone"


@pytest.mark.parametrize("end", [campaigns.State.PAUSED, campaigns.State.ENDED])
def test_a_shown_seat_is_of_no_use_when_the_campaign_takes_nobody(end: campaigns.State) -> None:
    stage = cast.live()
    shown = scan(stage)
    campaigns.move(campaign=stage.campaign, to=end, operator=stage.owner)
    group = Group.objects.get()
    with pytest.raises(Refusal) as refused:
        flow.joined(
            group=group, visitor_id=shown.visitor_id, nickname="Mia", has_consented=True, language="en"
        )
    assert refused.value.code == end


def test_a_language_we_do_not_speak_becomes_the_campaign_s_own() -> None:
    stage = cast.live()
    shown = scan(stage)
    journey = flow.joined(
        group=stage.group, visitor_id=shown.visitor_id, nickname="Mia", has_consented=True, language="tlh"
    )
    assert journey.person.language == "en"


# --- the pool -------------------------------------------------------------------------------------------------


def test_groups_fill_in_their_order_and_a_new_order_counts_from_then_on() -> None:
    stage = cast.live(capacity=2)
    second, third = more(stage, "Second"), more(stage, "Third")
    assert [scan(stage).group for _each in range(2)] == [stage.group, stage.group]
    groups.reorder(
        campaign=stage.campaign, group_ids=[third.id, new_id(), second.id, third.id], operator=stage.owner
    )
    assert [scan(stage).group for _each in range(2)] == [third, second]
    assert list(stage.campaign.groups.values_list("name", flat=True)) == ["Third", "Second", "Readers 1"]


def test_a_draining_group_keeps_its_promises_and_takes_nobody_new() -> None:
    stage = cast.live()
    shown = scan(stage)
    groups.set_state(group=stage.group, state="draining", operator=stage.owner)
    assert scan(stage).outcome == Outcome.WAITING
    assert cast.joins(stage, "Mia", visitor=shown.visitor_id).group == stage.group


def test_a_closed_group_gives_back_what_was_only_shown_and_keeps_its_members() -> None:
    stage = cast.live()
    mia, shown = cast.joins(stage, "Mia"), scan(stage)
    second = more(stage, "Second")
    groups.set_state(group=stage.group, state="closed", operator=stage.owner)
    groups.set_state(group=stage.group, state="closed", operator=stage.owner)
    stage.group.refresh_from_db()
    assert (stage.group.held_count, stage.group.taken_count) == (0, 1)
    assert scan(stage, shown.visitor_id).group == second
    assert scan(stage, mia.person.visitor_id).group == stage.group
    assert Entry.objects.filter(kind="group_changed", data__has_key="state").count() == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": " "}, "bad_name"),
        ({"name": "x" * 61}, "bad_name"),
        ({"capacity": 0}, "bad_capacity"),
        ({"capacity": 100_001}, "bad_capacity"),
        ({"capacity": 2}, "capacity_too_small"),
        ({"others_count": -1}, "bad_others"),
        ({"others_count": 501}, "bad_others"),
    ],
)
def test_a_group_is_changed_only_to_what_it_can_be(fields: dict[str, object], why: str) -> None:
    stage = cast.live(capacity=5)
    cast.joins(stage, "Mia")
    wait(stage, 2)
    asked: dict[str, Any] = {"name": "R", "capacity": 3}
    with pytest.raises(Refusal) as refused:
        groups.change_group(group=stage.group, operator=stage.owner, **(asked | fields))
    assert (refused.value.code, refused.value.status) == (why, 400)
    kept = Group.objects.get()
    assert (kept.name, kept.capacity, kept.others_count) == ("Readers 1", 5, 1)


@pytest.mark.parametrize(("platform", "capacity"), [("telepathy", 5), ("wechat_group", 201)])
def test_a_group_is_on_a_platform_we_know_within_its_limit(platform: str, capacity: int) -> None:
    stage = cast.live()
    with pytest.raises(Refusal):
        groups.add_group(
            campaign=stage.campaign, name="G", platform=platform, capacity=capacity, operator=stage.owner
        )
    with pytest.raises(Refusal):
        groups.set_state(group=stage.group, state="sold", operator=stage.owner)


# --- the line -------------------------------------------------------------------------------------------------


def test_the_line_is_called_in_its_order_and_nobody_slips_past() -> None:
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    first, second, third = wait(stage, 3)
    assert [place_in_line(each) for each in Waiting.objects.order_by("since")] == [1, 2, 3]
    flow.left(journey=mia)
    late = scan(stage)
    assert (late.outcome, place_of(late.visitor_id)) == (Outcome.WAITING, 4)
    assert scan(stage, second).outcome == Outcome.WAITING
    assert [flow.line_called(campaign=stage.campaign) for _each in range(2)] == [1, 0]
    assert [state_of(each) for each in (first, second, third)] == ["called", "waiting", "waiting"]
    assert (scan(stage, first).outcome, scan(stage, third).outcome) == (Outcome.GROUP, Outcome.WAITING)
    cast.joins(stage, "First", visitor=first)
    assert state_of(first) == "served"


def test_who_misses_their_call_goes_to_the_end_and_the_next_is_called(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    flow.left(journey=cast.joins(stage, "Mia"))
    seat = groups.hold_seat_in(group=stage.group, visitor_id=new_id(), until=frozen.now)
    first = scan(stage).visitor_id
    frozen.advance(seconds=1)
    second = scan(stage).visitor_id
    assert seat is not None
    flow.hold_expired(seat=seat)
    assert flow.line_called(campaign=stage.campaign) == 1
    frozen.advance(minutes=16)
    holds_run_out()
    assert (state_of(first), flow.line_called(campaign=stage.campaign), state_of(second)) == (
        "missed",
        1,
        "called",
    )
    frozen.advance(seconds=1)
    assert (scan(stage, first).outcome, state_of(first)) == (Outcome.WAITING, "waiting")
    facts = Entry.objects.filter(kind__startswith="line_").order_by("id").values_list("kind", flat=True)
    assert list(facts) == ["line_joined"] * 2 + ["line_called", "line_left", "line_called", "line_joined"]


def test_the_line_rests_while_the_campaign_does() -> None:
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    wait(stage, 1)
    flow.left(journey=mia)
    flow.paused(campaign=stage.campaign, operator=stage.owner)
    assert flow.line_called(campaign=stage.campaign) == 0
    flow.resumed(campaign=stage.campaign, operator=stage.owner)
    assert flow.line_called(campaign=stage.campaign) == 1


def test_a_new_group_serves_as_many_of_the_line_as_it_has_seats() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    visitors = wait(stage, 3)
    more(stage, "Second", capacity=2)
    assert flow.line_called(campaign=stage.campaign) == 2
    assert [state_of(each) for each in visitors] == ["called", "called", "waiting"]


def test_those_who_wait_may_leave_a_name_and_nobody_else() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    (first,) = wait(stage, 1)
    named = flow.line_name_given(campaign=stage.campaign, visitor_id=first, name=" Ben\u202e ")
    assert named.name == "Ben"
    with pytest.raises(Refusal) as refused:
        flow.line_name_given(campaign=stage.campaign, visitor_id=new_id(), name="Ben")
    assert (refused.value.code, refused.value.status) == ("not_in_line", 404)
