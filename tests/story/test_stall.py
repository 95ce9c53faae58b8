"""Those who never act: reminded, warned, removed; never at night, in a pause, after the end, or against the plan."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base import clock
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.rules import after_quiet
from tenfold.mailroom.models import Message
from tenfold.people.models import Journey
from tenfold.people.queries import who_would_go
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
AWAKE = {"quiet_from": time(0), "quiet_until": time(0)}
HOURLY = {"remind_interval_minutes": 60, "warn_after_minutes": 120, "remove_after_minutes": 180}


def stage_with(**fields: object) -> cast.Stage:
    stage = cast.live()
    plans(stage, **(AWAKE | HOURLY | fields))
    return stage


def plans(stage: cast.Stage, **fields: object) -> None:
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, **fields)


def worker_comes() -> None:
    for journey in Journey.objects.exclude(due_step="").filter(due_at__lte=clock.now()):
        flow.stalled(journey=journey)


def hours_pass(frozen: FrozenClock, hours: int) -> None:
    for _each in range(hours):
        frozen.advance(hours=1)
        worker_comes()


def told() -> list[str]:
    moments = Message.objects.order_by("id").values_list("moment", flat=True)
    return [moment for moment in moments if moment not in ("join", "task")]


def test_as_many_reminders_as_planned_then_silence(frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=3)
    mia = cast.joins(stage, "Mia")
    hours_pass(frozen, 10)
    mia.refresh_from_db()
    assert (told(), mia.remind_count, mia.state, mia.due_at) == (["remind"] * 3, 3, "joined", None)


def test_a_warning_with_the_hours_left_and_then_removal_if_the_plan_says_so(frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=1, is_removal_on=True)
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    cast.is_approved(cast.sends(ann), by=stage.owner)
    hours_pass(frozen, 5)
    assert [moment for moment in told() if moment not in ("approve", "reward")] == ["remind", "warn"]
    assert " 3 h" in Message.objects.get(moment="warn").text
    hours_pass(frozen, 1)
    ben.refresh_from_db()
    ann.refresh_from_db()
    assert (ben.state, ben.seat, ann.state, ann.valid_count) == ("removed", None, "rewarded", 0)
    assert told()[-1] == "remove"
    hours_pass(frozen, 24)
    assert told()[-1] == "remove"


@pytest.mark.parametrize("hours", [0, 1, 3, 5])
def test_removal_taken_out_of_the_plan_ends_it_wherever_it_stood(hours: int, frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=1, is_removal_on=True)
    mia = cast.joins(stage, "Mia")
    hours_pass(frozen, hours)
    before = told()
    plans(stage, is_removal_on=False)
    assert who_would_go(stage.campaign, frozen.now + timedelta(days=30)) == []
    hours_pass(frozen, 12)
    mia.refresh_from_db()
    assert (mia.state, mia.due_at) == ("joined", None)
    assert set(told()) - set(before) <= {"remind"}


@pytest.mark.parametrize(
    ("act", "state"),
    [("sends", "proof_sent"), ("leaves", "left"), ("is approved", "rewarded")],
)
def test_who_acts_hears_no_more_of_it(act: str, state: str, frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=1, is_removal_on=True)
    mia = cast.joins(stage, "Mia")
    stale = Journey.objects.get()
    frozen.advance(hours=1)
    if act == "leaves":
        flow.left(journey=mia)
    else:
        proof = cast.sends(mia)
        if act == "is approved":
            cast.is_approved(proof, by=stage.owner)
    flow.stalled(journey=stale)
    hours_pass(frozen, 24)
    mia.refresh_from_db()
    assert mia.state == state
    assert "remind" not in told()


def test_what_falls_into_the_night_waits_for_the_morning(frozen: FrozenClock) -> None:
    stage = stage_with(quiet_from=time(22), quiet_until=time(8), remind_interval_minutes=300, remind_count=1)
    mia = cast.joins(stage, "Mia")  # 18:00 in Shanghai
    assert mia.due_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    plans(stage, quiet_until=time(9))  # meanwhile the operator lets them sleep longer
    frozen.move_to(mia.due_at)
    worker_comes()
    mia.refresh_from_db()
    assert (told(), mia.due_at) == ([], datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
    frozen.move_to(mia.due_at)
    worker_comes()
    assert told() == ["remind"]


def test_a_pause_holds_everything_back_and_the_end_ends_it(frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=1, is_removal_on=True)
    mia = cast.joins(stage, "Mia")
    flow.paused(campaign=stage.campaign, operator=stage.owner)
    hours_pass(frozen, 12)
    assert told() == []
    flow.resumed(campaign=stage.campaign, operator=stage.owner)
    hours_pass(frozen, 1)
    assert told() == ["remind"]
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    hours_pass(frozen, 12)
    mia.refresh_from_db()
    assert (told(), mia.state, mia.due_at) == (["remind"], "joined", None)


def test_two_workers_with_the_same_row_remind_once(frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=2)
    cast.joins(stage, "Mia")
    frozen.advance(hours=1)
    for journey in [Journey.objects.get(), Journey.objects.get()]:
        flow.stalled(journey=journey)
    assert told() == ["remind"]


def test_a_rejected_screenshot_does_not_buy_new_reminders(frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=1, is_removal_on=True)
    mia = cast.joins(stage, "Mia")
    hours_pass(frozen, 1)
    proof = flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=False, reason="no_poster")
    cast.settles(proof)
    hours_pass(frozen, 5)
    assert told() == ["remind", "reject", "warn", "remove"]


def test_the_dry_run_tells_nobody_and_changes_nothing(frozen: FrozenClock) -> None:
    stage = stage_with(remind_count=0, is_removal_on=True)
    mia = cast.joins(stage, "Mia")
    (would_go,) = who_would_go(stage.campaign, frozen.now + timedelta(hours=5))
    assert (would_go.journey, would_go.step, would_go.at) == (mia, "warn", frozen.now + timedelta(hours=5))
    assert who_would_go(stage.campaign, frozen.now + timedelta(hours=4)) == []
    assert told() == []


MINUTES = st.integers(1, 2000)


@pytest.mark.usefixtures("frozen")
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    fields=st.fixed_dictionaries(
        {
            "remind_count": st.integers(0, 3),
            "remind_interval_minutes": MINUTES,
            "warn_after_minutes": MINUTES,
            "remove_after_minutes": MINUTES,
            "is_removal_on": st.booleans(),
            "quiet_from": st.sampled_from([time(0), time(12), time(22)]),
            "quiet_until": st.sampled_from([time(0), time(8), time(14)]),
            "time_zone": st.sampled_from(["Asia/Shanghai", "America/New_York"]),
        }
    ),
    gaps=st.lists(st.integers(0, 600), min_size=1, max_size=3),
    horizon=st.integers(1, 15_000),
    ends_in=st.none() | st.integers(2000, 10_000),
)
def test_the_dry_run_is_what_really_happens_when_the_clock_plays_forward(
    fields: dict[str, object], gaps: list[int], horizon: int, ends_in: int | None
) -> None:
    with transaction.atomic():
        start = clock.now()
        stage = cast.live()
        end = clock.now() + timedelta(minutes=ends_in) if ends_in else None
        plans(stage, ends_at=end, **fields)
        for nth, gap in enumerate(gaps):
            cast.joins(stage, f"Ben {nth}")
            plays_until(stage, clock.now() + timedelta(minutes=gap))
        until = clock.now() + timedelta(minutes=horizon)
        gone_before = set(Journey.objects.filter(state="removed").values_list("pk", flat=True))
        foretold = {each.journey.pk: each.at for each in who_would_go(stage.campaign, until)}
        plays_until(stage, until)
        gone = Journey.objects.filter(state="removed").exclude(pk__in=gone_before)
        assert dict(gone.values_list("pk", "left_at")) == foretold
        clock.set_for_tests(start)
        transaction.set_rollback(True)


def plays_until(stage: cast.Stage, end: datetime) -> None:
    """The clock goes on from one due time to the next, and the worker does what is due."""
    while due := Journey.objects.exclude(due_step="").filter(due_at__lte=end).order_by("due_at").first():
        assert due.due_at is not None
        clock.set_for_tests(max(due.due_at, clock.now()))
        before = Message.objects.count()
        flow.stalled(journey=due)
        assert is_awake(stage) or Message.objects.count() == before
    clock.set_for_tests(end)


def is_awake(stage: cast.Stage) -> bool:
    plan = stage.campaign
    window = {"quiet_from": plan.quiet_from, "quiet_until": plan.quiet_until}
    return after_quiet(clock.now(), zone=plan.zone, **window) == clock.now()
