"""The worker: each job moves what is due, no row and no trouble stops the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connections

from tenfold import flow, worker
from tenfold.base import clock
from tenfold.base.claim import claim_due
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.groups.models import Seat
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Grant
from tenfold.worker import BATCH, JOBS, Job, Round, Worker
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def works(*, rounds: int = 1) -> None:
    """A fresh worker does each job once a round."""
    for _ in range(rounds):
        Worker(threading.Event()).once(clock.now())


def test_words_are_said(frozen: FrozenClock) -> None:
    stage = cast.live()
    cast.joins(stage, "Mia")
    works()
    assert Message.objects.filter(state="sent").count() == 2
    assert Post.objects.filter(room_id=stage.group.id, kind="bot").count() == 2
    works()
    assert Post.objects.filter(room_id=stage.group.id, kind="bot").count() == 2


def test_a_verdict_takes_effect_when_it_can_no_longer_be_taken_back(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=True)
    works()
    assert state_of(mia) == Journey.State.PROOF_SENT
    frozen.advance(seconds=stage.campaign.undo_seconds + 1)
    works()
    assert state_of(mia) == Journey.State.REWARDED


def test_who_stalls_is_reminded(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    assert mia.due_at is not None
    frozen.move_to(mia.due_at + timedelta(hours=12))
    works(rounds=2)
    reminded = Journey.objects.get(pk=mia.pk)
    assert Message.objects.filter(journey_id=mia.id, moment="remind").count() == reminded.remind_count <= 1


def test_a_hold_runs_out_and_the_seat_goes_to_who_waits(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    second = flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert second.outcome == flow.Outcome.WAITING
    frozen.advance(minutes=stage.campaign.hold_minutes + 1)
    works(rounds=2)
    assert Seat.objects.get(state="held").visitor_id == second.visitor_id


def test_a_campaign_ends_by_itself(frozen: FrozenClock) -> None:
    stage = cast.live()
    Campaign.objects.update(ends_at=clock.now() + timedelta(hours=1))
    works()
    assert Campaign.objects.get().state == Campaign.State.LIVE
    frozen.advance(hours=2)
    works()
    assert Campaign.objects.get().state == Campaign.State.ENDED
    assert flow.scanned(slug=stage.code.slug, visitor_id=None).outcome == flow.Outcome.ENDED


def test_owed_rewards_are_given_when_there_is_stock_again(frozen: FrozenClock) -> None:
    stage = cast.live(stock=1, reward_kind="codes")
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    for journey in (mia, ben):
        cast.is_approved(
            cast.sends(journey, cast.screenshot("red" if journey == mia else "blue")), by=stage.owner
        )
    assert state_of(ben) == Journey.State.APPROVED
    flow.restocked(reward=stage.reward, codes=["BOOK-NEW"], operator=stage.owner)
    works()
    assert state_of(ben) == Journey.State.REWARDED


def test_who_has_stayed_counts_and_what_was_not_claimed_goes_on(frozen: FrozenClock) -> None:
    stage = cast.draft(stock=1, reward_kind="text")
    owner = stage.owner
    campaigns.change_plan(campaign=stage.campaign, operator=owner, credit_when="stayed", stay_hours=6)
    rewards.change_reward(reward=stage.reward, operator=owner, claim_hours=2)
    flow.launched(campaign=stage.campaign, operator=owner)
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    cast.joins(stage, "Cid", by=mia.code)
    for journey, colour in ((mia, "red"), (ben, "blue")):
        cast.is_approved(cast.sends(journey, cast.screenshot(colour)), by=owner)
    badge = rewards.add_reward(campaign=stage.campaign, kind="text", name="Badge", text="x", operator=owner)
    rewards.make_rule(campaign=stage.campaign, operator=owner, when="joined", reward=badge)
    works()
    assert Grant.objects.filter(reward=badge).count() == 2  # found though they had joined before the rule
    frozen.advance(hours=6)
    works(rounds=3)
    assert Journey.objects.get(pk=mia.pk).valid_count == 1
    held = Grant.objects.filter(reward=stage.reward).values_list("journey__person__nickname", "state")
    assert set(held) == {("Mia", "expired"), ("Ben", "offered")}


def test_the_operator_is_warned_before_a_wechat_code_ends(frozen: FrozenClock) -> None:
    cast.live(platform="wechat_group", capacity=200)
    works()
    assert not HumanTask.objects.exists()
    frozen.advance(days=6, hours=1)
    works(rounds=2)
    assert HumanTask.objects.get(state="open").kind == HumanTask.Kind.RENEW_QR


def test_old_sessions_are_cleaned_away() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=clock.now() - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=clock.now() + timedelta(days=1))
    works()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def state_of(journey: Journey) -> str:
    return Journey.objects.get(pk=journey.pk).state


# --- what goes wrong ------------------------------------------------------------------------------------------


def test_one_bad_row_does_not_stop_the_others_and_is_tried_again_later(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = cast.live()
    for name in ("Mia", "Ben", "Eva"):
        cast.joins(stage, name)
    bad = Message.objects.order_by("due_at")[2]
    deliver = mailroom.deliver

    def sometimes(*, message: Message) -> None:
        if message.pk == bad.pk:
            raise ZeroDivisionError
        deliver(message=message)

    with monkeypatch.context() as patch:
        patch.setattr(mailroom, "deliver", sometimes)
        works(rounds=2)
    assert list(Message.objects.exclude(state="sent")) == [bad]
    works()
    assert Message.objects.exclude(state="sent").count() == 1  # still leased
    frozen.advance(seconds=61)
    works()
    assert not Message.objects.exclude(state="sent").exists()


def test_a_row_without_a_lease_rests_after_a_failure(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, tries = cast.live(), []

    def fails(**_: object) -> None:
        tries.append(1)
        raise ZeroDivisionError

    Campaign.objects.update(ends_at=clock.now())
    monkeypatch.setattr(flow, "ended", fails)
    turn = Round(threading.Event())
    for _ in range(3):
        ends(turn)
    assert len(tries) == 1
    assert Campaign.objects.get(pk=stage.campaign.pk).state == Campaign.State.LIVE


def test_a_refusal_is_no_failure(frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def refuses(**_: Any) -> None:
        tries.append(1)
        raise Refusal("changed_meanwhile", "Someone was faster.")

    cast.live()
    Campaign.objects.update(ends_at=clock.now())
    monkeypatch.setattr(flow, "ended", refuses)
    turn = Round(threading.Event())
    ends(turn)
    ends(turn)
    assert len(tries) == 2


def ends(turn: Round) -> None:
    next(job for job in JOBS if job.name == "ends").run(turn)


def test_told_to_stop_it_gives_back_what_it_had_not_begun(frozen: FrozenClock) -> None:
    stage, stopping = cast.live(), threading.Event()
    for name in ("Mia", "Ben"):
        cast.joins(stage, name)
    turn = Round(stopping)
    due = claim_due(Message.objects.all(), due="due_at", now=clock.now())
    done: list[Message] = []

    def act(message: Message) -> None:
        done.append(message)
        stopping.set()

    turn.each(due, act)
    assert len(done) == 1
    assert list(Message.objects.filter(lease_until__isnull=False)) == done


def job(run: Callable[[Round], int], name: str = "job", every_seconds: float = 0) -> Job:
    return Job(name, run, every_seconds)


def test_trouble_with_the_database_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, tries, closed = threading.Event(), [], []
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.001)
    monkeypatch.setattr(connections, "close_all", lambda: closed.append(1))
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)

    def troubled(_turn: Round) -> int:
        tries.append(1)
        if len(tries) == 3:
            stopping.set()
            return 0
        raise OperationalError("the database is starting up")

    Worker(stopping, [job(troubled)]).run()
    assert (len(tries), len(closed)) == (3, 2)


def test_a_broken_job_leaves_the_others_their_turn() -> None:
    done = []

    def broken(_turn: Round) -> int:
        raise ZeroDivisionError

    def fine(_turn: Round) -> int:
        done.append(1)
        return 0

    Worker(threading.Event(), [job(broken, "broken"), job(fine, "fine")]).once(clock.now())
    assert done == [1]


def test_a_full_batch_means_no_pause() -> None:
    assert Worker(threading.Event(), [job(lambda _turn: BATCH)]).once(clock.now())
    assert not Worker(threading.Event(), [job(lambda _turn: BATCH - 1)]).once(clock.now())


def test_a_rare_job_waits_for_its_turn() -> None:
    done: list[int] = []

    def noted(_turn: Round) -> int:
        done.append(1)
        return 0

    busy = Worker(threading.Event(), [job(noted, every_seconds=60)])
    busy.once(clock.now())
    busy.once(clock.now())
    assert done == [1]
