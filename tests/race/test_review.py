"""The desk and the machine, all at once: nobody has what another has, and a screenshot has one verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tenfold import flow
from tenfold.accounts.models import Operator, Role
from tenfold.base import clock
from tenfold.flow import lookers
from tenfold.flow.looks import look_next
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.proofs import looking
from tenfold.proofs.desk import queue_next, second_look, second_next
from tenfold.proofs.models import Look, Proof, SecondLook
from tests import cast
from tests.race.crowd import all_at_once, codes_of
from tests.story.looker import RESTRICTED, Looker, plan, reviewed, sent

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
