"""The desk and the machine, all at once: nobody has what another has, and a screenshot has one verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tenfold import flow
from tenfold.accounts.models import Operator, Role
from tenfold.base import clock
from tenfold.flow import lookers
from tenfold.flow.looks import concluded, look_next
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.seen import Findings
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.proofs import looking
from tenfold.proofs.desk import queue_next, second_look, second_next
from tenfold.proofs.models import Look, Proof, SecondLook
from tenfold.proofs.plans import switch_mode
from tests import cast
from tests.imaging.edits import Post
from tests.race.crowd import all_at_once, codes_of
from tests.story.looker import PROVEN, RESTRICTED, Looker, plan, reviewed, sent

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
REVIEWERS = 8


@pytest.fixture(autouse=True)
def _there_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 1)


def reviewers(stage: cast.Stage) -> list[Operator]:
    return [cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER) for _each in range(REVIEWERS)]


def takes_all(stage: cast.Stage, operator: Operator) -> list[Proof]:
    """One after the other, each judged, until there is none."""
    taken = []
    while (proof := queue_next(campaign=stage.campaign, operator=operator)) is not None:
        taken.append(proof)
        flow.judged(proof=proof, operator=operator, is_approved=True)
    return taken


def test_eight_reviewers_who_ask_at_once_share_no_screenshot() -> None:
    stage = reviewed("off", capacity=40)
    proofs = [sent(stage, f"Ben {nth}") for nth in range(REVIEWERS)]
    people = reviewers(stage)
    shown = all_at_once([partial(queue_next, campaign=stage.campaign, operator=each) for each in people])
    assert Counter(shown) == Counter(proofs)
    again = all_at_once([partial(queue_next, campaign=stage.campaign, operator=each) for each in people])
    assert again == shown


def test_eight_reviewers_work_through_the_queue_and_nothing_is_judged_twice() -> None:
    stage = reviewed("off", capacity=60)
    proofs = [sent(stage, f"Ben {nth}") for nth in range(3 * REVIEWERS)]
    done = all_at_once([partial(takes_all, stage, each) for each in reviewers(stage)])
    assert codes_of(done) == []
    assert Counter(proof for each in done for proof in each) == Counter(proofs)  # type: ignore[union-attr]
    assert Entry.objects.filter(kind="proof_judged").count() == len(proofs)
    assert differences() == []


def test_eight_who_look_again_share_no_second_look() -> None:
    stage = reviewed("off", capacity=40)
    plan(stage, second_percent=100)
    people = reviewers(stage)
    for nth in range(REVIEWERS):
        flow.judged(proof=sent(stage, f"Ben {nth}"), operator=stage.owner, is_approved=True)
    shown = all_at_once([partial(second_next, campaign=stage.campaign, operator=each) for each in people])
    assert Counter(shown) == Counter(SecondLook.objects.all())
    look = SecondLook.objects.earliest("id")
    acts = [partial(second_look, look=look, operator=each, is_approved=True) for each in people]
    assert codes_of(all_at_once(acts)) == ["looked_already"] * (REVIEWERS - 1)
    assert Entry.objects.filter(kind="second_looked").count() == 1


def test_eight_threads_that_look_take_each_look_once() -> None:
    stage = reviewed("automatic", capacity=40)
    for nth in range(REVIEWERS):
        sent(stage, f"Ben {nth}")
    begun = all_at_once([partial(looking.begin, now=clock.now())] * REVIEWERS)
    assert Counter(look.pk for look in begun if isinstance(look, Look)) == Counter(
        Look.objects.values_list("pk", flat=True)
    )
    assert set(Look.objects.values_list("tries", "state")) == {(1, "running")}


@pytest.mark.parametrize("nth", range(3))
def test_a_person_and_the_machine_at_the_same_moment_give_one_verdict(nth: int) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    acts: list[Callable[[], object]] = [
        partial(look_next, Looker(RESTRICTED)),
        *(
            partial(flow.judged, proof=Proof.objects.get(), operator=each, is_approved=True)
            for each in reviewers(stage)[:3]
        ),
    ]
    all_at_once(acts if nth % 2 else acts[::-1])
    proof.refresh_from_db()
    assert proof.state == ("rejected" if proof.is_machine else "approved")
    assert proof.is_machine is (proof.judged_by is None)
    assert Look.objects.get().is_applied is proof.is_machine
    assert Entry.objects.filter(kind="proof_judged").count() == 1
    assert Entry.objects.filter(kind="looked").count() == 1
    assert differences() == []


def test_taken_back_settled_and_concluded_at_once_leave_one_story() -> None:
    stage = reviewed("automatic", capacity=40)
    proofs = [sent(stage, f"Ben {nth}") for nth in range(4)]
    for _each in proofs:
        look_next(Looker(RESTRICTED))
    rows = list(Proof.objects.select_related("journey__campaign"))
    acts = [partial(flow.verdict_undone, proof=proof, operator=stage.owner) for proof in rows]
    acts += [partial(flow.settled, proof=Proof.objects.get(pk=proof.pk)) for proof in rows]
    all_at_once(acts)
    assert differences() == []
    for proof in Proof.objects.select_related("journey"):
        assert (proof.state, proof.journey.state) == ("waiting", "proof_sent")


def test_many_verdicts_at_once_and_single_ones_between_them_are_one_each() -> None:
    stage = reviewed("off", capacity=40)
    proofs = [sent(stage, f"Ben {nth}") for nth in range(6)]
    one, other, *_ = reviewers(stage)
    acts = [
        partial(flow.judged_together, proofs=proofs, operator=one, is_approved=True),
        partial(flow.judged_together, proofs=proofs[::-1], operator=other, is_approved=True),
    ]
    both = all_at_once(acts)
    assert sum(len(each.judged) for each in both if isinstance(each, flow.Together)) == len(proofs)
    assert Entry.objects.filter(kind="proof_judged").count() == len(proofs)


def alike_ones(stage: cast.Stage) -> tuple[list[Look], Findings]:
    """The same shot from several people, all begun to be looked at, in the order it was sent."""
    post = Post(person=1)
    found = replace(PROVEN, fingerprint=fingerprint(post.picture, post.poster, post.code))
    proofs = [sent(stage, f"Ben {nth}") for nth in range(4)]
    looks = {look.proof_id: look for _each in proofs if (look := looking.begin(now=clock.now()))}
    return [looks[proof.pk] for proof in proofs], found


@pytest.mark.parametrize("nth", range(3))
def test_of_the_same_shot_looked_at_at_once_only_the_first_that_was_sent_is_approved(nth: int) -> None:
    stage = reviewed("automatic", capacity=40)
    looks, found = alike_ones(stage)
    acts = [
        partial(concluded, look=look, journey=look.proof.journey, plan=plan(stage), findings=found)
        for look in looks
    ]
    all_at_once(acts if nth % 2 else acts[::-1])
    states = [Proof.objects.get(pk=look.proof_id).state for look in looks]
    assert states == ["approved", "waiting", "waiting", "waiting"]
    for look in looks:
        look.refresh_from_db()
    assert [(look.outcome, look.is_applied) for look in looks] == [("pass", True)] + [("ask", False)] * 3
    assert Entry.objects.filter(kind="looked").count() == len(looks)
    assert differences() == []


@pytest.mark.parametrize("nth", range(2))
def test_a_copy_thought_over_while_its_verdict_takes_effect_is_either_taken_back_or_looked_at_again(
    nth: int,
) -> None:
    stage = reviewed("automatic", capacity=40)
    (first, copy, *_), found = alike_ones(stage)
    concluded(look=copy, journey=copy.proof.journey, plan=plan(stage), findings=found)
    proof = Proof.objects.select_related("journey__campaign").get(pk=copy.proof_id)
    SecondLook.objects.all().delete()
    acts: list[Callable[[], object]] = [
        partial(concluded, look=first, journey=first.proof.journey, plan=plan(stage), findings=found),
        partial(flow.settled, proof=proof),
    ]
    all_at_once(acts if nth else acts[::-1])
    proof.refresh_from_db()
    is_asked = SecondLook.objects.filter(proof=proof, state="waiting").exists()
    assert (proof.state, is_asked) in {("waiting", False), ("approved", True)}
    assert (proof.settled_at is None) is (proof.state == "waiting")
    assert differences() == []


@pytest.mark.parametrize("nth", range(3))
def test_a_reviewer_who_takes_it_while_the_machine_decides_has_it_or_sees_it_decided(nth: int) -> None:
    stage = reviewed("automatic", capacity=40)
    proof = sent(stage, "Mia")
    Proof.objects.update(people_at=clock.now())
    acts: list[Callable[[], object]] = [
        partial(look_next, Looker(RESTRICTED)),
        partial(queue_next, campaign=stage.campaign, operator=stage.owner),
    ]
    answers = all_at_once(acts if nth % 2 else acts[::-1])
    shown = answers[1 if nth % 2 else 0]
    proof.refresh_from_db()
    assert (shown == proof) is (proof.state == "waiting")
    assert proof.is_machine is (proof.state == "rejected")


def test_the_machine_switched_off_while_it_begins_begins_nothing_afterwards() -> None:
    stage = reviewed("shadow", capacity=40)
    for nth in range(REVIEWERS):
        sent(stage, f"Ben {nth}")
    acts: list[Callable[[], object]] = [partial(looking.begin, now=clock.now())] * 4
    acts.append(partial(switch_mode, campaign=stage.campaign, operator=stage.owner, mode="off"))
    for look in all_at_once(acts):
        if isinstance(look, Look):
            looking.put_back(look=look)
    assert not look_next(Looker(PROVEN))
    assert not Look.objects.exclude(due_at=None).exists()
