"""What a screenshot asks of the database while it may write: on SQLite whoever scans waits for that long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.flow import lookers
from tenfold.flow.looks import concluded
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.seen import Findings
from tenfold.people import actions as people
from tenfold.people.models import Journey
from tenfold.proofs import looking
from tenfold.proofs.models import Look, Proof, Shot
from tenfold.proofs.queries import plan_of
from tests import cast
from tests.imaging.edits import Post
from tests.story.looker import PROVEN, UNSURE, plan, reviewed, sent

# SQLite says when it begins to write.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="there is one lock on SQLite alone"),
]


@pytest.fixture(autouse=True)
def _there_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 1)


def written(act: Callable[[], object]) -> list[list[str]]:
    """The statements of each transaction."""
    with CaptureQueriesContext(connection) as asked:
        act()
    found = list[list[str]]()
    is_writing = False
    for query in asked.captured_queries:
        if query["sql"] == "BEGIN IMMEDIATE":
            found.append([])
            is_writing = True
        elif query["sql"] in ("COMMIT", "ROLLBACK"):
            is_writing = False
        elif is_writing:
            found[-1].append(query["sql"])
    return found


def counts(act: Callable[[], object]) -> list[int]:
    return [len(each) for each in written(act)]


def unsampled() -> cast.Stage:
    """Some, by chance, are for a person as well."""
    stage = reviewed("automatic")
    plan(stage, sample_percent=0)
    return stage


def begun(proof: Proof) -> Look:
    look = looking.begin(now=clock.now())
    assert look is not None
    assert look.proof_id == proof.pk
    return look


def finds(stage: cast.Stage, look: Look, findings: Findings) -> None:
    journey = Journey.objects.select_related("code", "campaign").get(pk=look.proof.journey_id)
    concluded(look=look, journey=journey, plan=plan_of(stage.campaign), findings=findings)


def test_a_screenshot_that_is_sent_is_one_move_and_four_rows() -> None:
    mia = cast.joins(reviewed("automatic"), "Mia")
    [asked] = written(lambda: cast.sends(mia))
    # Whether one waits is asked past Django, which counts its own alone.
    assert [sql.split()[0] for sql in asked] == ["UPDATE", *["INSERT"] * 4]
    assert (mia.state, mia.due_at) == ("proof_sent", None)


def test_what_is_refused_keeps_nobody_waiting() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    with pytest.raises(Refusal) as refused:
        cast.sends(mia)
    assert refused.value.code == "not_a_member"

    def again() -> None:
        with suppress(Refusal):
            cast.sends(mia)

    assert written(again) == []


def test_who_was_moved_since_they_were_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reminder, a removal: between what was read before the step, and the step."""
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    flow.removed(journey=Journey.objects.get(pk=ben.pk))
    read = Journey.refresh_from_db
    # What is read before the step has no filter of its own: of that they know nothing here.
    monkeypatch.setattr(Journey, "refresh_from_db", lambda self, **of: read(self, **of) if of else None)
    with pytest.raises(Refusal) as refused:
        cast.sends(ben)
    assert refused.value.code == "not_a_member"
    assert not Proof.objects.exists()
    Journey.objects.filter(pk=mia.pk).update(state=Journey.State.ARRIVING)
    proof = cast.sends(mia)
    again = Journey.objects.get(pk=mia.pk)
    assert (proof.state, again.state, again.proof_sent_at) == ("waiting", "arriving", mia.proof_sent_at)


def test_a_look_is_begun_kept_and_concluded_in_few_statements() -> None:
    stage = unsampled()
    proof = sent(stage, "Mia")
    assert counts(lambda: looking.begin(now=clock.now())) == [1]
    look = Look.objects.select_related("proof", "campaign").get()
    # Kept: none was there, and the row. Concluded: the screenshot twice and what it is like, three changes or rows,
    # two facts at most.
    kept, told = counts(partial(finds, stage, look, PROVEN))
    assert kept == 2
    assert told <= 7
    look.refresh_from_db()
    proof.refresh_from_db()
    assert (look.is_applied, look.state, proof.state) == (True, "done", "approved")


def test_what_is_left_to_people_costs_no_more() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    assert max(counts(partial(finds, stage, begun(proof), UNSURE))) <= 6


def test_a_copy_is_noted_in_one_statement_more() -> None:
    stage, post = unsampled(), Post(person=1)
    found = replace(PROVEN, fingerprint=fingerprint(post.picture, post.poster, post.code))
    first, copy = sent(stage, "Mia"), sent(stage, "Ben")
    for proof, most in ((first, 7), (copy, 8)):
        assert max(counts(partial(finds, stage, begun(proof), found))) <= most
    assert Shot.objects.get(proof=copy).first == Shot.objects.get(proof=first)


def test_in_memory_is_what_is_on_disk() -> None:
    """Nothing is read back; what the caller goes on with is right all the same."""
    stage = reviewed("automatic")
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    kept = Journey.objects.get(pk=mia.pk)
    assert [getattr(mia, field.attname) for field in Journey._meta.concrete_fields] == [
        getattr(kept, field.attname) for field in Journey._meta.concrete_fields
    ]
    look = begun(proof)
    finds(stage, look, PROVEN)
    for ours in (look, look.proof):
        theirs = type(ours)._default_manager.get(pk=ours.pk)
        for field in type(ours)._meta.concrete_fields:
            assert getattr(ours, field.attname) == getattr(theirs, field.attname), field


def test_proving_twice_moves_once() -> None:
    mia = cast.joins(cast.live(), "Mia")
    stale = Journey.objects.get(pk=mia.pk)
    assert people.prove(journey=mia, now=clock.now())
    assert not people.prove(journey=stale, now=clock.now())
    assert stale.state == "joined"
