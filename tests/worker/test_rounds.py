"""The worker's rounds: what an idle one costs, who gets a row, and what is left when it stops anywhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from tenfold import flow, worker
from tenfold.base import clock
from tenfold.base.claim import LEASE
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.groups import actions as groups
from tenfold.groups.models import Seat
from tenfold.insight.rebuild import differences
from tenfold.mailroom.models import Message
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
from tenfold.proofs.models import Proof
from tenfold.worker import BATCH, JOBS, LONGEST_TROUBLE_SECONDS, Job, Round, Worker
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
# Those whose rows are claimed by a lease, in the order in which a round does them.
CLAIMING = {"messages": Message, "verdicts": Proof, "stalled": Journey, "holds": Seat}


class Stops(threading.Event):
    """An event that is set after so many looks: a signal that comes in the middle of something."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0 or super().is_set()


def job(name: str) -> Job:
    return next(job for job in JOBS if job.name == name)


def works(name: str, stopping: threading.Event | None = None) -> int:
    return job(name).run(Round(stopping or threading.Event()))


def busy_stage(frozen: FrozenClock, people: int = 3) -> cast.Stage:
    """Everything is due at once: words to say, verdicts to put into effect, people to remind, holds that ran out."""
    stage = cast.live(stock=None, capacity=50)
    for nth in range(people):
        flow.judged(proof=cast.sends(cast.joins(stage, f"Ben {nth}")), operator=stage.owner, is_approved=True)
        cast.joins(stage, f"Eva {nth}")
        flow.scanned(slug=stage.code.slug, visitor_id=None)
    due = Journey.objects.exclude(due_at=None).latest("due_at").due_at
    assert due
    frozen.move_to(due + timedelta(hours=1))
    return stage


def free(model: Any) -> int:
    return int(model._default_manager.filter(lease_until=None).count())


# --- what a round costs and does ------------------------------------------------------------------------------


def test_every_job_has_a_name_of_its_own_and_does_nothing_where_nothing_is_due() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert [job.run(Round(threading.Event())) for job in JOBS] == [0] * len(JOBS)


def test_an_idle_round_costs_a_question_a_job_and_writes_nothing(frozen: FrozenClock) -> None:
    cast.live()
    idle = Worker(threading.Event())
    idle.once(clock.now())
    with CaptureQueriesContext(connection) as asked:
        Worker(threading.Event()).once(clock.now())
    assert len(asked) <= len(JOBS) + 2
    written = [each["sql"] for each in asked if not each["sql"].startswith(("SELECT", "BEGIN", "COMMIT"))]
    assert [sql for sql in written if "session" not in sql and "SAVEPOINT" not in sql] == []


def test_a_round_does_all_that_is_due_and_the_next_one_finds_nothing(frozen: FrozenClock) -> None:
    busy_stage(frozen)
    for _round in range(4):
        Worker(threading.Event()).once(clock.now())
    assert not Message.objects.filter(state="queued").exists()
    assert not Proof.objects.filter(settled_at=None).exists()
    assert not Seat.objects.filter(state="held").exists()
    assert Journey.objects.filter(state="rewarded").count() == 3
    assert Journey.objects.filter(remind_count=1).count() == 3
    posts = Post.objects.count()
    Worker(threading.Event()).once(clock.now())
    assert Post.objects.count() == posts
    assert differences() == []


def test_a_batch_is_small_and_says_whether_there_may_be_more(frozen: FrozenClock) -> None:
    busy_stage(frozen, people=BATCH + 1)
    sizes = dict.fromkeys(CLAIMING, BATCH) | {"holds": BATCH + 1}
    assert {name: works(name) for name in CLAIMING} == sizes


def test_holds_are_given_back_by_the_hundred(frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    busy_stage(frozen, people=3)
    monkeypatch.setattr(worker, "HOLDS", 2)
    with CaptureQueriesContext(connection) as asked:
        assert works("holds") == 2
    assert len(asked) < 14
    assert [works("holds") for _each in range(2)] == [1, 0]
    assert differences() == []


@pytest.mark.parametrize("error", [Refusal("changed_meanwhile", "Look again."), ZeroDivisionError()])
def test_holds_that_cannot_end_together_end_one_by_one(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    busy_stage(frozen, people=3)
    monkeypatch.setattr(flow, "holds_expired", mock.Mock(side_effect=error))
    assert works("holds") == 3
    assert not Seat.objects.filter(state="held").exists()
    assert differences() == []


def test_a_seat_that_rests_keeps_no_other_from_its_end(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_stage(frozen, people=3)
    turn, bad = Round(threading.Event()), Seat.objects.filter(state="held").earliest("pk")
    turn._rest(bad.pk, time.monotonic())
    assert job("holds").run(turn) == 3
    assert list(Seat.objects.filter(state="held")) == [bad]


def test_a_line_is_called_by_the_fifty_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    for _nth in range(7):
        flow.scanned(slug=stage.code.slug, visitor_id=None)
    groups.add_group(campaign=stage.campaign, name="More", platform="web", capacity=9, operator=stage.owner)
    monkeypatch.setattr(worker, "CALLED", 2)
    monkeypatch.setattr(worker, "CALLS", 3)
    assert works("lines", Stops(1)) == 2  # told to stop after the first transaction
    assert [works("lines") for _each in range(2)] == [5, 0]
    assert differences() == []


def test_a_job_that_goes_on_does_not_wait_for_its_turn_while_there_is_more() -> None:
    sizes = {"goes on": iter([BATCH, BATCH, 1]), "waits": iter([BATCH])}
    jobs = [
        Job("goes on", lambda _turn: next(sizes["goes on"]), every_seconds=99, goes_on=True),
        Job("waits", lambda _turn: next(sizes["waits"]), every_seconds=99),
    ]
    one = Worker(threading.Event(), jobs)
    assert [one.once(clock.now()) for _round in range(4)] == [True, True, False, False]


@pytest.mark.parametrize("name", CLAIMING)
def test_what_another_worker_has_leased_is_left_to_it_until_the_lease_is_over(
    frozen: FrozenClock, name: str
) -> None:
    busy_stage(frozen, people=1)
    rows: Any = CLAIMING[name]
    rows.objects.update(lease_until=frozen.now + LEASE)
    assert works(name) == 0
    frozen.advance(seconds=61)
    assert works(name) > 0


# --- stopping -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLAIMING)
@pytest.mark.parametrize("after", [0, 1])
def test_told_to_stop_in_a_batch_it_gives_back_what_it_has_not_begun(
    frozen: FrozenClock, name: str, after: int
) -> None:
    busy_stage(frozen, people=2)
    model = CLAIMING[name]
    if name == "holds":  # these begin all at once, or not at all
        after = 2 * after
    before, leased = free(model), works(name, Stops(after))
    assert leased >= 2
    # What was done may keep its lease; what was not begun must not wait for the end of one.
    assert before - free(model) <= after
    assert works(name) == leased - after


def test_rows_without_a_lease_are_just_left(frozen: FrozenClock) -> None:
    cast.live()
    Campaign.objects.update(ends_at=clock.now())
    assert works("ends", Stops(0)) == 1
    assert Campaign.objects.get().state == "live"
    works("ends")
    assert Campaign.objects.get().state == "ended"


def test_told_to_stop_between_two_jobs_it_begins_no_other() -> None:
    done: list[str] = []
    stopping = threading.Event()

    def first(_turn: Round) -> int:
        done.append("first")
        stopping.set()
        return BATCH

    def second(_turn: Round) -> int:
        raise AssertionError

    jobs = [Job("first", first), Job("second", second)]
    Worker(stopping, jobs).run()
    assert done == ["first"]


def test_a_worker_that_was_told_before_it_began_does_nothing() -> None:
    stopping = threading.Event()
    stopping.set()
    Worker(stopping, [Job("never", lambda _turn: 1 // 0)]).run()


# --- trouble --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLAIMING)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_in_the_middle_loses_nothing(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch, name: str, error: type[Exception]
) -> None:
    """The rows stay leased by the one who cannot give them back, and are done when that is over."""
    busy_stage(frozen, people=2)
    count = works(name, Stops(0))
    with monkeypatch.context() as patch:
        patch.setattr(Round, "_one", _raises(error))
        patch.setattr(flow, "holds_expired", _raises(error))
        with pytest.raises(error):
            works(name)
    assert works(name) == 0
    frozen.advance(seconds=61)
    assert works(name) == count
    assert differences() == []


def _raises(error: type[Exception]) -> Callable[..., None]:
    def away(*_: object) -> None:
        raise error("the server closed the connection unexpectedly")

    return away


def test_the_pauses_of_trouble_grow_to_a_bound_and_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    away = [OperationalError("away")] * 7
    rounds = iter([*away, None, OperationalError("again"), SystemExit()])

    class Noting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            return False

    def troubled(_turn: Round) -> int:
        if trouble := next(rounds):
            raise trouble
        return 0

    monkeypatch.setattr(connections, "close_all", lambda: None)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    with pytest.raises(SystemExit):
        Worker(Noting(), [Job("troubled", troubled)]).run()
    assert pauses == [0.25, 0.5, 1, 2, 4, LONGEST_TROUBLE_SECONDS, LONGEST_TROUBLE_SECONDS, 0.25, 0.25]


def test_a_job_that_cannot_choose_its_rows_rests_and_the_others_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment, tried = [100.0], {"broken": 0, "fine": 0}
    monkeypatch.setattr("tenfold.worker.time.monotonic", lambda: moment[0])

    def broken(_turn: Round) -> int:
        tried["broken"] += 1
        raise ZeroDivisionError

    def fine(_turn: Round) -> int:
        tried["fine"] += 1
        return 0

    both = Worker(threading.Event(), [Job("broken", broken), Job("fine", fine)])
    for _round in range(3):
        both.once(clock.now())
    assert tried == {"broken": 1, "fine": 3}
    moment[0] += LONGEST_TROUBLE_SECONDS
    both.once(clock.now())
    assert tried == {"broken": 2, "fine": 4}


def test_a_row_that_failed_rests_for_a_minute_and_is_not_remembered_for_ever(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, tried, moment = cast.live(), list[object](), [100.0]
    monkeypatch.setattr("tenfold.worker.time.monotonic", lambda: moment[0])
    turn = Round(threading.Event())

    def fails(row: Campaign) -> None:
        tried.append(row.pk)
        raise ZeroDivisionError

    others = [Campaign(workspace=stage.workspace, name=f"{nth}") for nth in range(3)]
    for seconds in (0, 30, 29, 1):
        moment[0] += seconds
        turn.each([stage.campaign], fails)
    assert tried == [stage.campaign.pk] * 2
    for other in others:
        moment[0] += worker.REST_SECONDS
        turn.each([other], fails)
    assert list(turn._resting) == [others[-1].pk]


def test_each_round_sees_its_own_moment() -> None:
    seen: list[datetime] = []

    def looks(turn: Round) -> int:
        seen.append(turn.now)
        return 0

    one = Worker(threading.Event(), [Job("looks", looks)])
    moments = [clock.now() + timedelta(hours=nth) for nth in range(3)]
    for moment in moments:
        one.once(moment)
    assert seen == moments
