"""The machine looks first: what it decides, what it leaves to people, and that nothing waits for it for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.flow import lookers, looks
from tenfold.flow.looks import look_next
from tenfold.imaging.child import LOOKING, Died, NoChild
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.headers import Unreadable
from tenfold.imaging.seen import CodeSeen, Findings
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Journey
from tenfold.proofs import looking, rules
from tenfold.proofs.desk import second_look, second_next
from tenfold.proofs.models import Look, Proof, SecondLook, Shot
from tenfold.proofs.queries import agreement, findings_of, queue, sampled
from tests import cast
from tests.conftest import FrozenClock
from tests.imaging.edits import Post
from tests.story.looker import (
    PROVEN,
    RESTRICTED,
    UNSURE,
    Looker,
    judged,
    looked,
    own_code,
    plan,
    reviewed,
    sent,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _there_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 1)


def facts(kind: str) -> list[dict[str, object]]:
    return list(Entry.objects.filter(kind=kind).order_by("id").values_list("data", flat=True))


def in_queue(stage: cast.Stage) -> list[Proof]:
    return list(queue(stage.campaign))


# --- deciding -------------------------------------------------------------------------------------------------


def test_what_is_proven_is_approved_within_the_usual_moment_and_told(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    assert in_queue(stage) == []
    look = looked(proof, PROVEN)
    assert (look.outcome, look.is_applied, look.state, look.due_at) == ("pass", True, "done", None)
    assert (proof.state, proof.is_machine, proof.judged_by) == ("approved", True, None)
    assert proof.settle_at == frozen.now + timedelta(seconds=6)
    cast.settles(proof)
    mia = Journey.objects.get()
    assert (mia.state, list(Message.objects.order_by("id").values_list("moment", flat=True))[-2:]) == (
        "rewarded",
        ["approve", "reward"],
    )
    assert facts("proof_judged")[0]["by"] == "machine"
    told = [each.text for each in story(mia)]
    assert "The machine decided about the screenshot of Mia" in told
    assert differences() == []


def test_a_hard_fact_is_turned_down_and_the_participant_reads_what_to_do() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    looked(proof, RESTRICTED)
    cast.settles(proof)
    assert (proof.state, proof.reason, proof.is_machine) == ("rejected", "restricted_audience", True)
    assert "Make it visible to everyone" in Message.objects.get(moment="reject").text


def test_what_is_not_sure_is_in_the_queue_with_all_that_was_found() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    look = looked(proof, UNSURE)
    assert (look.outcome, look.doubts, look.is_applied) == ("ask", ["audience_not_read"], False)
    assert in_queue(stage) == [proof]
    assert (proof.state, bool(proof.alike_key)) == ("waiting", True)
    assert findings_of(look) == UNSURE
    assert facts("looked") == [{"proof": str(proof.pk), "outcome": "ask", "reasons": [], "is_applied": False}]


def test_in_shadow_people_decide_at_once_and_the_two_are_compared() -> None:
    stage = reviewed("shadow")
    mia, ben = sent(stage, "Mia"), sent(stage, "Ben")
    assert in_queue(stage) == [mia, ben]
    looked(mia, PROVEN)
    judged(ben, stage.owner, is_approved=False, reason="no_poster")
    looked(ben, PROVEN)
    assert Proof.objects.get(pk=mia.pk).state == "waiting"
    judged(mia, stage.owner)
    found = agreement(stage.campaign)
    assert (found.beside, found.agreed, found.disagreed, found.share) == (2, 1, 1, 0.5)
    assert {(row.outcome, row.state, row.human_reason, row.count) for row in found.rows} == {
        ("pass", "approved", "", 1),
        ("pass", "rejected", "no_poster", 1),
    }
    assert [look.is_applied for look in Look.objects.all()] == [False, False]


def test_with_the_machine_off_nobody_waits_for_it_and_nothing_is_kept_for_it() -> None:
    for stage in (reviewed("off"),):
        proof = sent(stage, "Mia")
        assert (in_queue(stage), Look.objects.count()) == ([proof], 0)
        assert not look_next(Looker(PROVEN))


def test_where_nothing_can_look_all_is_the_people_s_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 0)
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    assert (in_queue(stage), Look.objects.count()) == ([proof], 0)


def test_the_claim_is_their_own_code_name_and_posters() -> None:
    stage = reviewed("automatic")
    plan(stage, needs_caption="Read with us")
    proof = sent(stage, "Mia")
    looker = Looker(PROVEN)
    look_next(looker)
    [claim] = looker.claims
    assert (claim.code_text, claim.nickname, claim.captions) == (
        own_code(proof.journey),
        "Mia",
        ("Read with us",),
    )
    assert len(claim.arts) == len({art.key for art in claim.arts}) == 2  # a language each
    assert claim.facts
    assert all(claim.posters)
    assert len(claim.posters) == len(claim.arts)


@pytest.mark.parametrize(("hours", "outcome"), [(23, "pass"), (25, "ask")])
def test_a_message_in_a_chat_is_as_young_as_their_code(frozen: FrozenClock, hours: int, outcome: str) -> None:
    stage = reviewed("automatic")
    plan(stage, oldest_hours=24)
    journey = cast.joins(stage, "Mia")
    frozen.advance(hours=hours)
    look = looked(cast.sends(journey), replace(PROVEN, screen="chat", post=None))
    assert (look.outcome, "age_not_read" in look.doubts) == (outcome, outcome == "ask")


# --- never waiting for long, never twice ----------------------------------------------------------------------


def test_a_lease_outlives_a_look_and_ends_before_people_are_asked() -> None:
    assert LOOKING.wall_seconds < looking.LEASE.total_seconds() < rules.MACHINE_FIRST.total_seconds()


def test_no_screenshot_is_hidden_from_people_for_more_than_two_minutes(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    frozen.advance(seconds=119)
    assert in_queue(stage) == []
    frozen.advance(seconds=1)
    assert in_queue(stage) == [proof]
    judged(proof, stage.owner)
    look = looked(proof, RESTRICTED)
    assert (look.outcome, look.is_applied, proof.state, proof.judged_by) == (
        "fail",
        False,
        "approved",
        stage.owner,
    )
    assert len(facts("proof_judged")) == 1


def test_whoever_dies_looking_loses_nothing_and_decides_nothing_twice(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    lost = looking.begin(now=frozen.now)
    assert lost
    assert looking.begin(now=frozen.now) is None
    frozen.advance(seconds=looking.LEASE.total_seconds() + 1)
    look = looked(proof, PROVEN)
    assert (look.tries, look.outcome, proof.state) == (2, "pass", "approved")
    # The one thought dead comes to its end after all.
    is_concluded = flow_concludes(lost, RESTRICTED)
    assert not is_concluded
    look.refresh_from_db()
    assert (look.outcome, len(facts("looked")), len(facts("proof_judged"))) == ("pass", 1, 1)


def flow_concludes(look: Look, findings: Findings) -> bool:
    from tenfold.flow.looks import concluded
    from tenfold.proofs.queries import plan_of

    before = len(facts("looked"))
    concluded(look=look, journey=look.proof.journey, plan=plan_of(look.campaign), findings=findings)
    return len(facts("looked")) > before


@pytest.mark.parametrize("death", [Died("cpu"), Died("garbage"), RuntimeError("a mistake of ours")])
def test_what_kills_twice_is_left_to_people_and_blocks_nobody(death: Exception) -> None:
    stage = reviewed("automatic")
    poison = sent(stage, "Mia")
    good = sent(stage, "Ben")
    assert look_next(Looker(death))
    first = Look.objects.get(proof=poison)
    assert (first.state, first.tries) == ("queued", 1)
    looked(good, PROVEN)
    look = looked(poison, death)
    assert (look.state, look.outcome, look.doubts, look.tries) == ("unreadable", "ask", ["unreadable"], 2)
    assert in_queue(stage) == [poison]
    assert not look_next(Looker(death))


def test_what_cannot_be_read_at_all_is_left_to_people_at_once() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    look = looked(proof, Unreadable("truncated"))
    assert (look.state, look.tries, look.reasons, in_queue(stage)) == (
        "unreadable",
        1,
        ["unreadable"],
        [proof],
    )


@pytest.mark.parametrize("trouble", [NoChild("not_started"), Died("late")])
def test_without_a_child_or_a_core_the_look_is_made_later_and_no_try_is_lost(
    trouble: Exception, frozen: FrozenClock
) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    look_next(Looker(trouble))
    look = Look.objects.get()
    assert (look.state, look.tries) == ("queued", 0)
    assert not look_next(Looker(PROVEN))
    frozen.advance(seconds=6)
    assert looked(proof, PROVEN).outcome == "pass"


def test_two_workers_that_die_with_the_same_picture_leave_it_to_people(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    for _worker in range(2):
        assert looking.begin(now=frozen.now)
        frozen.advance(seconds=looking.LEASE.total_seconds() + 1)
    assert looking.begin(now=frozen.now) is None
    look = Look.objects.get()
    assert (look.state, look.outcome, in_queue(stage)) == ("unreadable", "ask", [proof])


def test_a_newer_screenshot_takes_the_place_of_one_that_was_not_looked_at() -> None:
    stage = reviewed("automatic")
    old = sent(stage, "Mia")
    newer = cast.sends(old.journey, cast.screenshot("gold"))
    look = looked(newer, PROVEN)
    assert look.proof == newer
    assert not look_next(Looker(PROVEN))
    assert Proof.objects.get(pk=old.pk).state == "withdrawn"


# --- taken back, looked at again, fallen back -----------------------------------------------------------------


def test_the_machine_s_verdict_is_taken_back_like_any_other_and_stays_with_people() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    looked(proof, RESTRICTED)
    cast.settles(proof)
    flow.verdict_undone(proof=proof, operator=stage.owner)
    proof.refresh_from_db()
    assert (proof.state, proof.is_machine, in_queue(stage)) == ("waiting", False, [proof])
    assert not Look.objects.get().is_applied
    assert not look_next(Looker(RESTRICTED))
    cast.is_approved(proof, by=stage.owner)
    assert agreement(stage.campaign).disagreed == 1
    assert differences() == []


def test_a_verdict_taken_back_while_the_machine_looks_is_not_given_by_it() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    look = looking.begin(now=clock.now())
    judged(proof, stage.owner)
    flow.verdict_undone(proof=proof, operator=stage.owner)
    assert look
    assert not flow_concludes(look, PROVEN)
    assert Proof.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("mode", "undo_seconds", "state", "seconds"),
    [("off", 10, "waiting", None), ("shadow", 10, "waiting", None), ("automatic", 300, "approved", 300)],
)
def test_what_is_changed_while_the_machine_looks_holds_for_its_verdict(
    frozen: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    undo_seconds: int,
    state: str,
    seconds: int | None,
) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")

    def changed(**known: Any) -> object:
        plan(stage, mode=mode)
        Campaign.objects.filter(pk=stage.campaign.pk).update(undo_seconds=undo_seconds)
        return conclude(**known)

    conclude = looks._concluded
    monkeypatch.setattr(looks, "_concluded", changed)
    look = looked(proof, PROVEN)
    assert (proof.state, look.state, look.is_applied) == (state, "done", state == "approved")
    assert proof.settle_at == (frozen.now + timedelta(seconds=seconds) if seconds else None)


def test_of_the_machine_s_verdicts_some_are_looked_at_again_and_people_take_over_where_too_many_are_wrong() -> (
    None
):
    stage = reviewed("automatic", capacity=60, stock=None)
    plan(stage, sample_percent=100, bound_percent=5)
    rita = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    for nth in range(rules.LEAST_SAMPLED):
        looked(sent(stage, f"Ben {nth}"), PROVEN)
    waiting = sent(stage, "Mia")
    for nth in range(rules.LEAST_SAMPLED):
        look = second_next(campaign=stage.campaign, operator=rita)
        assert look
        assert plan(stage).mode == "automatic"
        is_confirmed = nth >= 2
        second_look(
            look=look,
            operator=rita,
            is_approved=is_confirmed,
            reason="" if is_confirmed else "no_poster",
        )
    fallen = plan(stage)
    assert (fallen.mode, fallen.fell_back_at) != ("automatic", None)
    assert fallen.fell_back_why == {"sampled": 20, "disagreed": 2, "bound_percent": 5}
    assert (sampled(stage.campaign).looked, sampled(stage.campaign).share) == (20, 0.1)
    task = HumanTask.objects.get(kind="review")
    assert (task.text, task.state) == ("2/20 > 5 %", "open")
    assert in_queue(stage) == [waiting]
    looked(waiting, PROVEN)
    assert waiting.state == "waiting"
    assert facts("review_fell_back") == [fallen.fell_back_why]
    assert SecondLook.objects.filter(agrees=True).count() == 18
    assert differences() == []


def test_the_very_same_picture_from_two_people_is_asked_about_once_both_codes_are_in_it() -> None:
    stage = reviewed("automatic")
    first = cast.sends(cast.joins(stage, "Ann"))
    second = cast.sends(cast.joins(stage, "Ben"))
    assert looked(first, PROVEN).outcome == "pass"
    look = looked(second, PROVEN)
    assert (look.outcome, look.reasons, look.doubts) == ("ask", ["already_used"], ["copy_suspected"])
    assert (second.shot.likeness, in_queue(stage)) == ("exact", [second])


def test_the_same_picture_without_their_own_code_was_sent_before() -> None:
    stage = reviewed("automatic")
    looked(cast.sends(cast.joins(stage, "Ann")), PROVEN)
    ben = cast.sends(cast.joins(stage, "Ben"))
    look = looked(ben, replace(PROVEN, code=CodeSeen("", 0.0, 1.0)))
    assert (look.outcome, look.reasons, ben.reason) == ("fail", ["already_used"], "already_used")


def test_a_code_of_somebody_else_is_told_with_its_owner() -> None:
    from tenfold.imaging.qr import FoundCode

    stage = reviewed("automatic")
    ben = cast.joins(stage, "Ben")
    proof = sent(stage, "Mia")
    corners = ((150, 300), (200, 300), (200, 350), (150, 350))
    other = FoundCode(own_code(ben), "QRCode", corners)
    found = Findings(1080, 1920, (other,), "post", PROVEN.poster, CodeSeen("", 0.0, 3.0), PROVEN.post)
    look = looked(proof, found)
    assert (look.reasons, look.belongs) == (["wrong_person"], {own_code(ben): ["other_person", str(ben.pk)]})


class Dies(Looker):
    """It looks, and dies of comparing."""

    def __init__(self, error: Exception) -> None:
        super().__init__(replace(PROVEN, fingerprint=print_of(1)))
        self.error = error
        self.asked = 0

    def sift(self, pairs: Sequence[tuple[bytes, bytes]]) -> Sequence[bool]:
        self.asked += 1
        raise self.error


def print_of(person: int) -> bytes:
    post = Post(person=person)
    return fingerprint(post.picture, post.poster, post.code)


@pytest.mark.parametrize("error", [Died("cpu"), Died("late"), NoChild("not_started")])
def test_a_copy_is_found_though_the_child_dies_of_comparing_and_nothing_is_looked_at_again(
    error: Exception,
) -> None:
    stage = reviewed("automatic")
    first, copy = sent(stage, "Mia"), sent(stage, "Ben")
    looked(first, replace(PROVEN, fingerprint=print_of(1)))
    looker = Dies(error)
    assert look_next(looker)
    look = Look.objects.get(proof=copy)
    assert (looker.asked > 0, look.state, look.tries, len(looker.claims)) == (True, "done", 1, 1)
    assert (Shot.objects.get(proof=copy).likeness, "copy_suspected" in look.doubts) == ("same", True)


@pytest.mark.parametrize("may_be", [True, False])
def test_of_what_is_not_alike_nothing_is_noted_whatever_the_child_says(may_be: bool) -> None:
    stage = reviewed("automatic")
    mia = sent(stage, "Mia")
    looked(mia, replace(PROVEN, fingerprint=print_of(1)))
    ben = sent(stage, "Ben")
    looker = Looker(replace(PROVEN, fingerprint=print_of(2)))
    with mock.patch.object(looker, "sift", lambda pairs: [may_be] * len(pairs)):
        assert look_next(looker)
    assert Shot.objects.get(proof=ben).likeness == ""
    assert Look.objects.get(proof=ben).outcome == "pass"
