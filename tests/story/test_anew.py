"""The machine's verdicts that are taken back or appealed against count in what is known about it."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.insight.rebuild import differences
from tenfold.people.models import Journey
from tenfold.proofs import rules
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.queries import agreement, plan_of, sampled
from tests import cast
from tests.story.looker import PROVEN, RESTRICTED, judged, looked, plan, reviewed, sent

pytestmark = pytest.mark.django_db


def undone(proof: Proof, stage: cast.Stage) -> Proof:
    flow.verdict_undone(proof=proof, operator=stage.owner)
    proof.refresh_from_db()
    return proof


@pytest.mark.parametrize("percent", [1, 100])
def test_verdicts_that_are_taken_back_and_given_otherwise_make_it_fall_back(percent: int) -> None:
    stage = reviewed("automatic", capacity=60, stock=None)
    plan(stage, sample_percent=percent)
    for nth in range(rules.LEAST_SAMPLED):
        assert plan_of(stage.campaign).mode == "automatic"
        proof = sent(stage, f"Mia {nth}")
        looked(proof, PROVEN)
        judged(undone(proof, stage), stage.owner, is_approved=False, reason="no_poster")
    assert (sampled(stage.campaign).looked, sampled(stage.campaign).share) == (20, 1.0)
    assert (plan_of(stage.campaign).mode, agreement(stage.campaign).disagreed) == ("shadow", 20)
    assert differences() == []


def test_an_appeal_that_is_found_right_is_a_disagreement_and_one_that_is_not_is_none() -> None:
    stage = reviewed("automatic", capacity=60)
    for name, is_approved in (("Mia", True), ("Ben", False)):
        proof = sent(stage, name)
        looked(proof, RESTRICTED)
        cast.settles(proof)
        flow.appealed(journey=Journey.objects.get(pk=proof.journey_id), proof=proof, text="Everybody sees it")
        reason = "" if is_approved else "restricted_audience"
        judged(proof, stage.owner, is_approved=is_approved, reason=reason)
        judged(proof, stage.owner, is_approved=is_approved, reason=reason)
    assert (sampled(stage.campaign).looked, sampled(stage.campaign).disagreed) == (2, 1)
    assert (agreement(stage.campaign).agreed, agreement(stage.campaign).disagreed) == (1, 1)
    assert differences() == []


def test_what_is_judged_together_after_being_taken_back_counts_as_well_and_the_last_word_holds() -> None:
    stage = reviewed("automatic", capacity=60)
    proofs = [sent(stage, name) for name in ("Mia", "Ben")]
    for proof in proofs:
        looked(proof, PROVEN)
        undone(proof, stage)
    flow.judged_together(proofs=proofs, operator=stage.owner, is_approved=False, reason="no_poster")
    assert (sampled(stage.campaign).looked, sampled(stage.campaign).disagreed) == (2, 2)
    judged(undone(proofs[0], stage), stage.owner)
    assert (sampled(stage.campaign).looked, sampled(stage.campaign).disagreed) == (2, 1)
    assert SecondLook.objects.count() == 2
    assert differences() == []


def test_a_person_s_verdict_that_is_taken_back_says_nothing_about_the_machine() -> None:
    stage = reviewed("automatic", capacity=60)
    proof = sent(stage, "Mia")
    judged(proof, stage.owner)
    judged(undone(proof, stage), stage.owner, is_approved=False, reason="no_poster")
    assert sampled(stage.campaign).looked == 0
