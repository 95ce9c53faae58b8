"""A verdict takes effect in one short step, with what was read before it; and what has changed meanwhile holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenfold import flow, worker
from tenfold.base import bulk
from tenfold.base.claim import LEASE
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign, Words
from tenfold.flow import credits as crediting
from tenfold.flow import earning
from tenfold.flow import proof as story
from tenfold.insight.rebuild import differences
from tenfold.mailroom.models import Message
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import Proof
from tenfold.rewards import actions as rewards
from tenfold.rewards import ruling
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule
from tests import cast
from tests.conftest import FrozenClock
from tests.journal.acts import everything

pytestmark = pytest.mark.django_db

When = RewardRule.When


def rule(stage: cast.Stage, when: str, kind: str, name: str, *, need: int = 0) -> RewardRule:
    worth = {"amount": 5} if kind == "points" else {"text": "https://example.com/more"}
    reward = rewards.add_reward(
        campaign=stage.campaign,
        operator=stage.owner,
        kind=kind,
        name=name,
        **worth,
    )
    return ruling.make_rule(
        campaign=stage.campaign, operator=stage.owner, when=when, reward=reward, need=need
    )


def generous() -> cast.Stage:
    """A code for the task, a ladder for friends, points on both sides; whose screenshot is approved counts."""
    stage = cast.draft(reward_kind="codes", stock=5)
    for need in (1, 3):
        rule(stage, When.INVITES, "link", f"For {need}", need=need)
    rule(stage, When.JOINED, "points", "Five points")
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    Campaign.objects.filter(pk=stage.campaign.pk).update(credit_when="approved")
    stage.campaign.refresh_from_db()
    return stage


def judged(journey: Journey, stage: cast.Stage) -> Proof:
    flow.judged(proof=cast.sends(journey), operator=stage.owner, is_approved=True)
    return Proof.objects.get(journey=journey)


def statements(act: Callable[[], object]) -> int:
    """How many there were, by the ORM and past it."""
    raw: list[str] = []
    execute = bulk._execute

    def noted(sql: str, params: object) -> object:
        raw.append(sql)
        return execute(sql, params)  # type: ignore[arg-type]

    with CaptureQueriesContext(connection) as asked, mock.patch.object(bulk, "_execute", noted):
        act()
    return len(asked) + len(raw)


def steps_of(proof: Proof) -> list[int]:
    """The statements of each step by itself, for which whoever scans waits."""
    counts: list[int] = []

    def counted(act: Callable[..., object]) -> Callable[..., object]:
        def run(**told: object) -> object:
            counts.append(statements(lambda: act(**told)))
            return None

        return run

    with ExitStack() as stack:
        for name in ("_settled", "_gets", "_inviter_gets"):
            stack.enter_context(mock.patch.object(story, name, counted(getattr(story, name))))
        flow.settled(proof=proof)
    return counts


def test_a_seeds_verdict_and_what_it_brings_take_few_statements_each() -> None:
    stage = cast.live(stock=None)
    mia = cast.joins(stage, "Mia")
    counts = steps_of(judged(mia, stage))
    assert all(count <= bound for count, bound in zip(counts, (10, 14), strict=True)), counts
    assert Message.objects.filter(journey_id=mia.pk, moment__in=["approve", "reward"]).count() == 2


def test_a_newcomers_verdict_takes_effect_in_short_steps_and_so_does_what_it_brings() -> None:
    stage = generous()
    mia = cast.joins(stage, "Mia")
    counts = [steps_of(judged(cast.joins(stage, name, by=mia.code), stage)) for name in ("Ben", "Cid", "Dan")]
    assert all(len(steps) == 3 for steps in counts)
    most = [max(step) for step in zip(*counts, strict=True)]
    assert all(count <= bound for count, bound in zip(most, (28, 24, 14), strict=True))
    assert given(mia) == ["Five points", "For 1", "For 3"]
    assert Grant.objects.exclude(journey=mia).count() == 6
    assert not Proof.objects.exclude(follows="").exists()
    assert differences() == []


# --- what changes between the reading and the step ------------------------------------------------------------


def settles_while(proof: Proof, meanwhile: Callable[[], object]) -> None:
    """Somebody else does something just when all was read that is read before the step."""

    def read(journey_id: UUID) -> Journey:
        known = earning.known_for_earning(journey_id)
        if then:
            then.pop()()
        return known

    then = [meanwhile]
    with mock.patch.object(story, "known_for_earning", read):
        flow.settled(proof=Proof.objects.get(pk=proof.pk))


def given(journey: Journey) -> list[str]:
    return list(
        Grant.objects.filter(journey=journey).order_by("reward__name").values_list("reward__name", flat=True)
    )


def test_a_rule_that_is_made_meanwhile_gives_too() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    settles_while(judged(mia, stage), lambda: rule(stage, When.TASK, "points", "Points"))
    assert given(mia) == ["A free book", "Points"]


def test_a_rule_that_is_stopped_or_changed_meanwhile_gives_as_it_is_now() -> None:
    stage = cast.live()
    mia, ben, task = cast.joins(stage, "Mia"), cast.joins(stage, "Ben"), stage.reward.rules.get()
    other = rewards.add_reward(
        campaign=stage.campaign, operator=stage.owner, kind="link", name="Other", text="https://example.com/o"
    )
    settles_while(
        judged(mia, stage), lambda: ruling.change_rule(rule=task, operator=stage.owner, reward=other)
    )
    assert given(mia) == ["Other"]
    now = other.rules.get()
    settles_while(judged(ben, stage), lambda: ruling.stop_rule(rule=now, operator=stage.owner))
    assert (given(ben), Debt.objects.count()) == ([], 0)


def test_what_is_given_is_as_much_as_it_is_now() -> None:
    stage = cast.live()
    mia, points = cast.joins(stage, "Mia"), rule(stage, When.TASK, "points", "Points").reward
    assert points is not None
    settles_while(
        judged(mia, stage),
        lambda: rewards.change_reward(reward=points, operator=stage.owner, amount=3),
    )
    assert list(LedgerRow.objects.filter(unit="points").values_list("amount", flat=True)) == [3]


def test_a_rule_that_goes_on_meanwhile_gives_to_whom_its_own_sweep_did_not_find() -> None:
    stage = cast.live()
    mia, task = cast.joins(stage, "Mia"), stage.reward.rules.get()
    ruling.stop_rule(rule=task, operator=stage.owner)

    def goes_on() -> None:
        ruling.resume_rule(rule=task, operator=stage.owner)
        flow.swept(rule=RewardRule.objects.get(pk=task.pk))

    settles_while(judged(mia, stage), goes_on)
    assert given(mia) == ["A free book"]


def test_what_makes_a_newcomer_count_is_as_it_is_now() -> None:
    stage = cast.live()
    flow.replanned(campaign=stage.campaign, operator=stage.owner, credit_when="ordered")
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)

    def otherwise() -> None:
        flow.replanned(campaign=stage.campaign, operator=stage.owner, credit_when="approved")
        flow.matured(credit=Credit.objects.get())  # looked at again, before the verdict: not yet

    settles_while(judged(ben, stage), otherwise)
    assert (Credit.objects.get().state, Journey.objects.get(pk=mia.pk).valid_count) == ("valid", 1)


def test_who_is_excluded_meanwhile_is_given_nothing() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = judged(mia, stage)
    settles_while(proof, lambda: flow.blocked(person=mia.person, note="why", operator=stage.owner))
    assert given(mia) == []
    flow.unblocked(person=mia.person, operator=stage.owner)
    assert given(mia) == ["A free book"]


def test_a_verdict_that_is_taken_back_meanwhile_has_no_effect() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = judged(mia, stage)

    def otherwise() -> None:
        flow.verdict_undone(proof=proof, operator=stage.owner)
        flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="no_poster")

    settles_while(proof, otherwise)
    assert (given(mia), Journey.objects.get(pk=mia.pk).approved_at) == ([], None)
    kept = Proof.objects.get(pk=proof.pk)
    assert (kept.state, kept.settled_at) == ("rejected", None)
    cast.settles(proof)
    assert Message.objects.filter(journey_id=mia.pk, moment="reject").exists()


def test_the_last_one_that_goes_meanwhile_is_owed() -> None:
    stage = cast.live(stock=1)
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    first, second = judged(mia, stage), judged(ben, stage)
    settles_while(second, lambda: cast.settles(first))
    assert (given(mia), given(ben), Debt.objects.get().journey_id) == (["A free book"], [], ben.pk)
    assert Reward.objects.get(pk=stage.reward.pk).left_count == 0


def test_words_in_the_language_they_read() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    Words.objects.filter(campaign=stage.campaign, moment="approve").update(text="Well done, {nickname}")
    flow.settled(proof=judged(mia, stage))
    assert Message.objects.get(journey_id=mia.pk, moment="approve").text == "Well done, Mia"


# --- and the worker dies ------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """The process ends here."""


def lost_at(where: str, frozen: FrozenClock, proof: Proof) -> None:
    """The worker ends in the middle, and its leases run out."""
    turn = worker.Round(threading.Event())
    turn.now = frozen.advance(seconds=10)
    with mock.patch.object(story, where, side_effect=PowerCut), pytest.raises(PowerCut):
        worker._verdicts(turn)
    assert Proof.objects.get(pk=proof.pk).lease_until == turn.now + LEASE
    turn.now = frozen.advance(seconds=30)
    assert worker._verdicts(turn) == worker._followings(turn) == 0


def goes_on(frozen: FrozenClock) -> None:
    turn = worker.Round(threading.Event())
    turn.now = frozen.advance(seconds=61)
    assert worker._verdicts(turn) + worker._followings(turn) == 1
    assert not Proof.objects.exclude(follows="").exists()
    assert worker._verdicts(turn) + worker._followings(turn) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["known_for_earning", "say", "credited"])
def test_a_worker_that_dies_on_the_way_has_done_nothing_and_the_next_does_all(
    frozen: FrozenClock, where: str
) -> None:
    stage = generous()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    proof = judged(ben, stage)
    before = everything()
    lost_at(where, frozen, proof)
    Proof.objects.update(lease_until=None)
    assert everything() == before
    goes_on(frozen)
    assert (given(ben), given(mia)) == (["A free book", "Five points"], ["Five points", "For 1"])
    assert differences() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["_gets", "earned_now", "_inviter_gets", "inviter_earned"])
def test_a_worker_that_dies_between_two_steps_leaves_the_rest_to_the_next_and_nothing_twice(
    frozen: FrozenClock, where: str
) -> None:
    stage = generous()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    lost_at(where, frozen, judged(ben, stage))
    assert Journey.objects.get(pk=ben.pk).approved_at is not None
    assert Journey.objects.get(pk=mia.pk).valid_count == 1
    assert ("A free book" in given(ben), "For 1" in given(mia)) == ("inviter" in where, False)
    goes_on(frozen)
    assert (given(ben), given(mia)) == (["A free book", "Five points"], ["Five points", "For 1"])
    said = Message.objects.filter(journey_id__in=[mia.pk, ben.pk], moment="reward").count()
    assert said == Grant.objects.count()
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_verdict_that_is_taken_back_before_anything_was_given_gives_nothing_more(
    frozen: FrozenClock,
) -> None:
    stage = generous()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    proof = judged(ben, stage)
    lost_at("_gets", frozen, proof)
    stale = Proof.objects.get()
    before = (given(ben), given(mia), Message.objects.count())
    flow.verdict_undone(proof=proof, operator=stage.owner)
    said = Message.objects.count()
    turn = worker.Round(threading.Event())
    turn.now = frozen.advance(seconds=61)
    assert worker._verdicts(turn) == worker._followings(turn) == 0
    assert stale.follows
    flow.followed(proof=stale)  # by who had it in hand all the time
    assert (given(ben), given(mia)) == before[:2]
    assert Message.objects.count() == said
    kept = Proof.objects.get()
    assert (kept.state, kept.follows, kept.lease_until) == ("waiting", "", None)
    assert Journey.objects.get(pk=mia.pk).valid_count == 0
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_taken_back_between_their_own_reward_and_their_inviters(frozen: FrozenClock) -> None:
    stage = generous()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    proof = judged(ben, stage)
    lost_at("_inviter_gets", frozen, proof)
    with pytest.raises(Refusal, match="given already"):
        flow.verdict_undone(proof=proof, operator=stage.owner)
    goes_on(frozen)
    assert (given(ben), given(mia)) == (["A free book", "Five points"], ["Five points", "For 1"])
    assert differences() == []


def test_two_workers_that_go_on_with_the_same_give_it_once() -> None:
    stage = generous()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    proof = judged(ben, stage)
    with mock.patch.object(story, "_followed", lambda proof: proof):
        flow.settled(proof=proof)
    first, second = Proof.objects.get(), Proof.objects.get()
    with mock.patch.object(story, "inviter_earned", wraps=crediting.inviter_earned) as told:
        flow.followed(proof=first)
        flow.followed(proof=second)
    assert told.call_count == 1  # who was told of a friend twice would read of two
    assert (given(ben), given(mia)) == (["A free book", "Five points"], ["Five points", "For 1"])
    assert Proof.objects.get().lease_until is None
    assert differences() == []
