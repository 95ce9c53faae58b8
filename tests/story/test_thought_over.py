"""What the machine has decided is thought over where a screenshot turns out to be a copy of one sent before it,
whichever of the two was looked at first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenfold import flow
from tenfold.base import clock
from tenfold.flow import lookers
from tenfold.flow.looks import concluded
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.seen import Findings
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.proofs import looking
from tenfold.proofs.models import Look, Proof, SecondLook, Shot
from tenfold.proofs.queries import plan_of, queue
from tests import cast
from tests.imaging.edits import Post, edited
from tests.story.looker import PROVEN, UNSURE, judged, reviewed, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _there_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 1)


def found(edit: str = "", base: Findings = PROVEN) -> Findings:
    """Proven as the sender's own: code and poster are there, in a picture like somebody else's."""
    post = edited(Post(person=1), edit) if edit else Post(person=1)
    return replace(base, fingerprint=fingerprint(post.picture, post.poster, post.code))


def begun(*proofs: Proof) -> list[Look]:
    looks = [looking.begin(now=clock.now()) for _each in proofs]
    by_proof = {look.proof_id: look for look in looks if look}
    return [by_proof[proof.pk] for proof in proofs]


def seen(look: Look, findings: Findings) -> Look:
    plan = plan_of(look.campaign)
    concluded(look=look, journey=look.proof.journey, plan=plan, findings=findings)
    look.refresh_from_db()
    look.proof.refresh_from_db()
    return look


@pytest.mark.parametrize("edit", ["", "rejpeg", "clock"])
def test_a_copy_that_was_looked_at_before_the_one_it_copies_goes_back_to_people(edit: str) -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    assert seen(bob, found(edit)).proof.state == "approved"
    assert seen(ann, found()).proof.state == "approved"
    bob.refresh_from_db()
    bob.proof.refresh_from_db()
    assert (bob.outcome, bob.doubts, bob.is_applied) == ("ask", ["copy_suspected"], False)
    assert (bob.proof.state, bob.proof.is_machine, bob.proof.settle_at) == ("waiting", False, None)
    assert list(queue(stage.campaign)) == [bob.proof]
    assert Shot.objects.get(proof=bob.proof).first == ann.proof.shot
    assert Shot.objects.get(proof=ann.proof).first is None
    cast.is_approved(bob.proof, by=stage.owner)
    assert differences() == []


def test_in_the_order_they_were_sent_it_is_as_ever() -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    assert seen(ann, found()).outcome == "pass"
    assert (seen(bob, found()).outcome, bob.doubts) == ("ask", ["copy_suspected"])


def test_the_same_bytes_need_no_fingerprint() -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann", "teal"), sent(stage, "Bob", "teal"))
    assert seen(bob, PROVEN).proof.state == "approved"
    seen(ann, PROVEN)
    assert Proof.objects.get(pk=bob.proof_id).state == "waiting"


def test_whoever_is_still_being_looked_at_hears_of_it_at_the_end() -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    from tenfold.proofs import likeness

    likeness.keep(proof=bob.proof, fingerprint=found().fingerprint, has_own_code=True)
    seen(ann, found())
    assert Shot.objects.get(proof=bob.proof).first == ann.proof.shot
    shot = Shot.objects.get(proof=bob.proof)
    gravest = likeness.note_match(shot=shot, match=None)
    assert gravest is not None
    assert gravest.proof_id == ann.proof_id
    assert Proof.objects.get(pk=bob.proof_id).state == "waiting"


def test_of_an_approval_that_has_taken_effect_somebody_looks_again() -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    seen(bob, found())
    cast.settles(bob.proof)
    SecondLook.objects.all().delete()
    seen(ann, found())
    # Ann's own may have been chosen by chance to be looked at again.
    again = SecondLook.objects.get(proof=bob.proof_id)
    assert (again.proof, again.of, again.state, again.first_state) == (
        bob.proof,
        "machine",
        "waiting",
        "approved",
    )
    assert Proof.objects.get(pk=bob.proof_id).state == "approved"
    assert differences() == []


def test_what_a_person_decided_and_what_was_turned_down_stays() -> None:
    stage = reviewed("automatic")
    ann, bob, cai = begun(*(sent(stage, name) for name in ("Ann", "Bob", "Cai")))
    seen(bob, found(base=UNSURE))
    judged(bob.proof, stage.owner)
    restricted = replace(found(), post=replace(PROVEN.post, audience="restricted"))  # type: ignore[type-var]
    seen(cai, restricted)
    seen(ann, found())
    bob.proof.refresh_from_db()
    cai.proof.refresh_from_db()
    assert (bob.proof.state, bob.proof.judged_by) == ("approved", stage.owner)
    assert (cai.proof.state, cai.proof.reason) == ("rejected", "restricted_audience")
    assert differences() == []


def test_with_a_newer_one_waiting_it_is_looked_at_again_instead() -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    seen(bob, found())
    newer = cast.sends(bob.proof.journey, cast.screenshot("gold"))
    seen(ann, found())
    assert Proof.objects.get(pk=newer.pk).state == "waiting"
    assert Proof.objects.get(pk=bob.proof_id).state == "approved"
    assert SecondLook.objects.filter(proof=bob.proof_id, state="waiting").count() == 1


def test_in_shadow_the_machine_says_what_it_knows_by_now() -> None:
    stage = reviewed("shadow")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    assert seen(bob, found()).outcome == "pass"
    seen(ann, found())
    bob.refresh_from_db()
    assert (bob.outcome, bob.doubts) == ("ask", ["copy_suspected"])
    assert Proof.objects.get(pk=bob.proof_id).state == "waiting"


def test_it_is_told_as_the_machine_s_own_doing() -> None:
    stage = reviewed("automatic")
    ann, bob = begun(sent(stage, "Ann"), sent(stage, "Bob"))
    seen(bob, found())
    seen(ann, found())
    told = [each.text for each in story(bob.proof.journey)]
    assert "The machine took back its verdict on Bob: the same screenshot was sent before" in told
    flow.verdict_undone(proof=Proof.objects.get(pk=ann.proof_id), operator=stage.owner)
    assert not [each for each in story(ann.proof.journey) if "machine took back" in each.text]
