"""What has to be seen of the machine before it may decide, and what makes all that was seen worth little."""

from __future__ import annotations

import pytest

from tenfold.base.refusal import Refusal
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import told
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask
from tenfold.proofs import rules
from tenfold.proofs.models import Look
from tenfold.proofs.plans import change_review_plan, decided_by_another, switch_mode
from tenfold.proofs.queries import agreement, plan_of
from tests import cast
from tests.conftest import FrozenClock
from tests.story.looker import PROVEN, RESTRICTED, judged, looked, plan, reviewed, sent

pytestmark = pytest.mark.django_db


def switched_on(stage: cast.Stage) -> None:
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="automatic")


def why_not(stage: cast.Stage) -> str:
    with pytest.raises(Refusal) as refused:
        switched_on(stage)
    return refused.value.code


def passes(stage: cast.Stage, name: str, *, is_approved: bool = True) -> None:
    proof = sent(stage, name)
    looked(proof, PROVEN)
    judged(proof, stage.owner, is_approved=is_approved, reason="" if is_approved else "no_poster")


@pytest.fixture
def stage(frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> cast.Stage:
    monkeypatch.setattr(rules, "LEAST_BESIDE", 3)
    monkeypatch.setattr(rules, "LEAST_PASSED", 2)
    return reviewed("shadow", capacity=40, stock=None)


def seen(stage: cast.Stage) -> None:
    for nth in range(3):
        passes(stage, f"Ann {nth}")


def test_turning_down_alone_shows_nothing_about_approving(stage: cast.Stage) -> None:
    for nth in range(5):
        proof = sent(stage, f"Ben {nth}")
        looked(proof, RESTRICTED)
        judged(proof, stage.owner, is_approved=False, reason="restricted_audience")
    assert why_not(stage) == "too_few_passed"
    passes(stage, "Mia", is_approved=False)
    passes(stage, "Cai")
    assert why_not(stage) == "too_few_passed"
    passes(stage, "Dan")
    switched_on(stage)
    assert plan_of(stage.campaign).automatic_engine == rules.ENGINE


def test_other_questions_are_counted_anew_and_people_decide_until_then(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    seen(stage)
    frozen.advance(minutes=1)
    switched_on(stage)
    waiting = sent(stage, "Eve")
    change_review_plan(campaign=stage.campaign, operator=stage.owner, keep_days=30, opened_by=4)
    assert plan_of(stage.campaign).mode == "automatic"
    change_review_plan(campaign=stage.campaign, operator=stage.owner, place="group")
    fallen = plan_of(stage.campaign)
    assert (fallen.mode, fallen.fell_back_why) == ("shadow", {"changed": "questions"})
    assert not looked(waiting, PROVEN).is_applied
    fact = Entry.objects.get(kind="review_fell_back")
    assert told([fact])[0].because == "other questions are asked now"
    assert (agreement(stage.campaign).beside, why_not(stage)) == (0, "too_few")
    frozen.advance(minutes=1)
    change_review_plan(campaign=stage.campaign, operator=stage.owner, place="any", needs_everyone=False)
    seen_since = [f"Fay {nth}" for nth in range(3)]
    for name in seen_since:
        passes(stage, name)
    switched_on(stage)
    assert plan_of(stage.campaign).fell_back_at is None
    assert differences() == []


def test_another_release_of_the_machine_is_watched_anew(
    stage: cast.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(stage)
    switched_on(stage)
    assert decided_by_another() == 0
    before = rules.ENGINE
    monkeypatch.setattr(rules, "ENGINE", "another")
    waiting = sent(stage, "Eve")
    assert not looked(waiting, PROVEN).is_applied  # also before the worker's turn
    Look.objects.filter(proof=waiting).update(engine=before)
    assert (decided_by_another(), decided_by_another()) == (1, 0)
    fallen = plan_of(stage.campaign)
    assert (fallen.mode, fallen.fell_back_why) == ("shadow", {"changed": "engine"})
    assert HumanTask.objects.get(kind="review").text == f"{before} → another"
    assert (agreement(stage.campaign).beside, why_not(stage)) == (0, "too_few")


def test_where_nothing_decides_nothing_falls_back(stage: cast.Stage) -> None:
    change_review_plan(campaign=stage.campaign, operator=stage.owner, needs_name=True)
    assert plan_of(stage.campaign).fell_back_at is None
    plan(stage, mode="off", automatic_engine="0")
    assert decided_by_another() == 0
    assert not Entry.objects.filter(kind="review_fell_back").exists()
