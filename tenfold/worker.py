"""The worker: a loop over named jobs, each of which takes a few due rows and moves them on.

Any number of workers may run, and any may die at any moment: a row is leased before it is touched, every step is one
transaction, and a step that finds its work done does nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, close_old_connections, connections, models
from django.db.models import Exists, F, OuterRef, Q

from tenfold import flow
from tenfold.base import clock
from tenfold.base.claim import LEASE, claim_due, step
from tenfold.base.refusal import Refusal
from tenfold.base.sqlite import folding
from tenfold.base.sqlite.base import holders_go_ahead
from tenfold.campaigns.models import Campaign
from tenfold.flow.lookers import Lookers, usual_count
from tenfold.flow.postman import Postman
from tenfold.groups import actions as groups
from tenfold.groups import leases
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import Message
from tenfold.people.models import AvatarSource, Credit, Journey
from tenfold.posters import parts
from tenfold.posters.models import RenderRun
from tenfold.proofs import keeping, plans
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Grant, RewardRule
from tenfold.rewards.rules import ON_THE_WAY

log = structlog.get_logger(__name__)
M = TypeVar("M", bound=models.Model)

IDLE_SECONDS = 0.25
# Few at a time: what a dying worker had leased waits for the end of its lease.
BATCH = 10
# Except for holds, which end and begin by the thousand: these are claimed in one transaction and given back in one.
HOLDS = 100
# Of a line so many are called in one transaction, and so many times before the other jobs have their turn. Whoever
# scans comes in between.
CALLED = 50
CALLS = 10
BREATH_SECONDS = 0.01
# A row that failed is not tried again before this, so that it cannot keep the others from their turn.
REST_SECONDS = 60.0
LONGEST_TROUBLE_SECONDS = 5.0


class Round:
    """What a job is given: the moment, and the way to do something with each row that survives a bad one."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.now = clock.now()
        self._resting: dict[object, float] = {}

    def each(self, rows: Sequence[M], act: Callable[[M], object]) -> int:
        """Do `act` with every row; how many rows there were. When told to stop, give back what was not begun."""
        for nth, row in enumerate(rows):
            if self.stopping.is_set():
                _give_back(rows[nth:])
                break
            if not self._rests(row):
                self._one(row, act)
        return len(rows)

    def together(self, rows: Sequence[M], act: Callable[[Sequence[M]], object]) -> bool:
        """Do `act` with all rows at once. False if that cannot be, for whatever reason: then do them one by one."""
        if not rows or self.stopping.is_set() or any(self._rests(row) for row in rows):
            return not rows
        try:
            act(rows)
        except (OperationalError, InterfaceError):
            raise
        except Refusal as refusal:
            log.info("one_by_one", what=type(rows[0]).__name__, why=refusal.code)
            return False
        except Exception:
            log.exception("one_by_one", what=type(rows[0]).__name__)
            return False
        return True

    def _one(self, row: M, act: Callable[[M], object]) -> None:
        try:
            act(row)
        except Refusal as refusal:
            # Somebody else was here first, or an operator has changed the plan meanwhile.
            log.info("not_now", what=type(row).__name__, row=str(row.pk), why=refusal.code)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One bad row must not stop the rest. It stays leased, and is tried again when the lease is over.
            log.exception("row_failed", what=type(row).__name__, row=str(row.pk))
            self._rest(row.pk, time.monotonic())

    def _rests(self, row: M) -> bool:
        return self._resting.get(row.pk, 0.0) > time.monotonic()

    def _rest(self, key: object, moment: float) -> None:
        self._resting = {other: until for other, until in self._resting.items() if until > moment}
        self._resting[key] = moment + REST_SECONDS


def _give_back(rows: Sequence[models.Model]) -> None:
    leased = [row.pk for row in rows if hasattr(row, "lease_until")]
    if leased:
        type(rows[0])._default_manager.filter(pk__in=leased).update(lease_until=None)


@dataclass(frozen=True)
class Job:
    """`run` moves a batch and returns its size; a full one means that there may be more right now. One that `goes_on`
    has its next turn at once then, whatever the time between its turns."""

    name: str
    run: Callable[[Round], int]
    every_seconds: float = 0.0
    goes_on: bool = False


def _messages(turn: Round) -> int:
    due = claim_due(
        Message.objects.filter(state=Message.State.QUEUED), due="due_at", now=turn.now, limit=BATCH
    )
    return turn.each(due, lambda message: mailroom.deliver(message=message))


def _verdicts(turn: Round) -> int:
    judged = Proof.objects.filter(settled_at=None, state__in=[Proof.State.APPROVED, Proof.State.REJECTED])
    due = claim_due(judged.select_related("journey"), due="settle_at", now=turn.now, limit=BATCH)
    return turn.each(due, lambda proof: flow.settled(proof=proof))


def _followings(turn: Round) -> int:
    """What approvals bring, where a worker was stopped in the middle."""
    left = Proof.objects.exclude(follows=Proof.Follows.NOTHING)
    due = claim_due(left, due="settled_at", now=turn.now, limit=BATCH)
    return turn.each(due, lambda proof: flow.followed(proof=proof))


def _stalled(turn: Round) -> int:
    stalled = Journey.objects.exclude(due_step=Journey.Step.NONE)
    due = claim_due(stalled, due="due_at", now=turn.now, limit=BATCH)
    return turn.each(due, lambda journey: flow.stalled(journey=journey))


def _holds(turn: Round) -> int:
    if not _over(turn.now).exists():  # or whoever scans would wait for us to find nothing
        return 0
    due = _due_holds(turn.now)
    if turn.together(due, lambda seats: flow.holds_expired(seats=seats)):
        return len(due)
    return turn.each(due, lambda seat: flow.hold_expired(seat=seat))


def _over(now: datetime) -> models.QuerySet[Seat]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return Seat.objects.filter(free, state=Seat.State.HELD, expires_at__lte=now)


@step
def _due_holds(now: datetime) -> list[Seat]:
    """As `claim_due`, so many that each cannot be asked for by itself."""
    due = list(
        _over(now).select_for_update(skip_locked=True, no_key=True).order_by("expires_at", "pk")[:HOLDS]
    )
    if due:
        Seat.objects.filter(pk__in=[seat.pk for seat in due]).update(lease_until=now + LEASE)
    return due


def _lines(turn: Round) -> int:
    """Campaigns where somebody waits and something is free; how many people were called, where it was most."""
    waiting = Waiting.objects.filter(campaign=OuterRef("pk"), state=Waiting.State.WAITING)
    free = Group.objects.filter(
        campaign=OuterRef("pk"), state=Group.State.OPEN, capacity__gt=F("held_count") + F("taken_count")
    )
    campaigns = Campaign.objects.filter(Exists(waiting), Exists(free), state=Campaign.State.LIVE)
    called = [0]
    turn.each(list(campaigns), lambda campaign: called.append(_line(turn, campaign)))
    return max(called)


def _line(turn: Round, campaign: Campaign) -> int:
    called = 0
    for _nth in range(CALLS):
        more = flow.line_called(campaign=campaign, limit=CALLED)
        called += more
        if more < CALLED or turn.stopping.is_set():
            break
        turn.stopping.wait(BREATH_SECONDS)
    return called


def _ends(turn: Round) -> int:
    running = Campaign.objects.filter(state__in=[Campaign.State.LIVE, Campaign.State.PAUSED])
    over = list(running.filter(ends_at__lte=turn.now))
    return turn.each(over, lambda campaign: flow.ended(campaign=campaign, operator=None))


def _stays(turn: Round) -> int:
    """Newcomers who were to stay so long until now."""
    waiting = Credit.objects.filter(state=Credit.State.PENDING)
    due = claim_due(waiting, due="due_at", now=turn.now, limit=BATCH)
    return turn.each(due, lambda credit: flow.matured(credit=credit))


def _unclaimed(turn: Round) -> int:
    offered = Grant.objects.filter(state=Grant.State.OFFERED)
    due = claim_due(offered, due="claim_until", now=turn.now, limit=BATCH)
    return turn.each(due, lambda grant: flow.unclaimed(grant=grant))


def _sweeps(turn: Round) -> int:
    """One part of those who have earned something by a rule before it was there; everything else comes in between."""
    rules = RewardRule.objects.filter(when__in=ON_THE_WAY, replaced_at=None)
    due = claim_due(rules, due="due_at", now=turn.now, limit=1)
    return turn.each(due, lambda rule: flow.swept(rule=rule)) * BATCH


def _endings(turn: Round) -> int:
    """Campaigns that are over: the last words in their groups."""
    over = Campaign.objects.filter(state=Campaign.State.ENDED)
    due = claim_due(over, due="ending_due_at", now=turn.now, limit=BATCH)
    return turn.each(due, lambda campaign: flow.end_told(campaign=campaign))


def _prizes(turn: Round) -> int:
    """Places and draws, once nobody's credit can change any more. One that was stopped waits."""
    at_the_end = RewardRule.objects.filter(when__in=flow.AT_THE_END, replaced_at=None, stopped_at=None)
    due = claim_due(at_the_end, due="due_at", now=turn.now, limit=1)
    return turn.each(due, lambda rule: flow.prizes_given(rule=rule)) * BATCH


def _renders(turn: Round) -> int:
    """One part of one run: everything else that is due comes in between."""
    running = RenderRun.objects.filter(state=RenderRun.State.RUNNING)
    due = claim_due(running.select_related("campaign"), due="due_at", now=turn.now, limit=1)
    return turn.each(due, lambda run: flow.rendered(run=run)) * BATCH


def _faces(turn: Round) -> int:
    """All at once: each of them may take its second."""
    told = AvatarSource.objects.filter(due_at__isnull=False)
    due = claim_due(told, due="due_at", now=turn.now, limit=BATCH)
    flow.faces_fetched(sources=due)
    return len(due)


def _log(_turn: Round) -> int:
    folding.fold()
    return 0


def _old_sessions(_turn: Round) -> int:
    SessionStore.clear_expired()
    return 0


JOBS = [
    Job("messages", _messages),
    Job("verdicts", _verdicts),
    Job("what follows", _followings),
    Job("stalled", _stalled),
    Job("holds", _holds),
    Job("opened", lambda turn: flow.codes_opened(turn.each), every_seconds=2),
    Job("engines", lambda _turn: plans.decided_by_another(), every_seconds=60),
    Job("lines", _lines, every_seconds=0.5, goes_on=True),
    Job("ends", _ends, every_seconds=1),
    Job("endings", _endings, every_seconds=1),
    Job("prizes", _prizes, every_seconds=1),
    Job("renders", _renders),
    Job("faces", _faces, every_seconds=30, goes_on=True),
    Job("stays", _stays),
    Job("unclaimed", _unclaimed, every_seconds=1, goes_on=True),
    Job("sweeps", _sweeps),
    Job("debts", lambda _turn: flow.debts_paid(), every_seconds=2),
    Job("log", _log, every_seconds=4),
    Job("leases", lambda _turn: leases.end_expired(), every_seconds=1),
    Job("old leases", lambda _turn: leases.forget_ended(), every_seconds=3600),
    Job("warnings", lambda turn: groups.warn_all(turn.now), every_seconds=30),
    Job("old screenshots", lambda turn: keeping.erased(turn.now), every_seconds=3600, goes_on=True),
    Job("old hooks", lambda turn: mailroom.forget_heard(turn.now), every_seconds=3600, goes_on=True),
    Job("old renders", lambda _turn: parts.swept(), every_seconds=3600),
    Job("old sessions", _old_sessions, every_seconds=24 * 3600),
]


class Worker:
    def __init__(self, stopping: threading.Event, jobs: Sequence[Job] = JOBS) -> None:
        self._stopping = stopping
        self._jobs = jobs
        self._turn = Round(stopping)
        self._next: dict[str, float] = {}

    def run(self) -> None:
        """Work until told to stop. Nothing that happens to the database ends this loop."""
        trouble_seconds = IDLE_SECONDS
        while not self._stopping.is_set():
            try:
                close_old_connections()
                is_busy = self.once(clock.now())
                trouble_seconds = IDLE_SECONDS
                self._stopping.wait(0 if is_busy else IDLE_SECONDS)
            except (OperationalError, InterfaceError) as error:
                log.warning("database_trouble", why=repr(error), again_in_seconds=trouble_seconds)
                connections.close_all()
                self._stopping.wait(trouble_seconds)
                trouble_seconds = min(trouble_seconds * 2, LONGEST_TROUBLE_SECONDS)

    def once(self, now: datetime) -> bool:
        """Every job whose turn it is, once. True if one of them may have more to do right now."""
        self._turn.now = now
        sizes = [self._moved(job) for job in self._jobs if self._is_its_turn(job)]
        return max(sizes, default=0) >= BATCH

    def _is_its_turn(self, job: Job) -> bool:
        if self._stopping.is_set() or self._next.get(job.name, 0.0) > time.monotonic():
            return False
        self._next[job.name] = time.monotonic() + job.every_seconds
        return True

    def _moved(self, job: Job) -> int:
        try:
            size = job.run(self._turn)
            if job.goes_on and size >= BATCH:
                self._next.pop(job.name, None)
            return size
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # A job that cannot even choose its rows must not stop the other jobs.
            log.exception("job_failed", job=job.name)
            self._next[job.name] = time.monotonic() + LONGEST_TROUBLE_SECONDS
            return 0


def run(stopping: threading.Event) -> None:
    holders_go_ahead()
    lookers = Lookers(stopping, usual_count())
    log.info("worker_started", jobs=[job.name for job in JOBS], lookers=lookers.count)
    lookers.start()
    postman = Postman(stopping)
    postman.start()
    try:
        Worker(stopping).run()
    finally:
        lookers.leave()
        postman.leave()
    log.info("worker_stopped")
