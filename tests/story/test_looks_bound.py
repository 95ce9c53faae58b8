"""What binds a look: the plan of when the screenshot came, the reviewer who has it, the mode, and the time there is."""

from __future__ import annotations

from typing import Any

import pytest

from tenfold.base import clock
from tenfold.flow import lookers
from tenfold.flow.looks import look_next
from tenfold.imaging.child import Died, NoChild
from tenfold.proofs import looking
from tenfold.proofs.desk import queue_next
from tenfold.proofs.models import Look, Proof
from tenfold.proofs.plans import switch_mode
from tenfold.proofs.queries import queue
from tests import cast
from tests.conftest import FrozenClock
from tests.story.looker import PROVEN, Looker, judged, looked, plan, reviewed, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _there_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 1)


def stricter(stage: cast.Stage) -> None:
    plan(stage, needs_caption="Read with us", oldest_hours=1)


class Meanwhile(Looker):
    """Something happens while it looks."""

    def __init__(self, what: Any) -> None:
        super().__init__(PROVEN)
        self.what = what

    def examine(self, *given: Any, **named: Any) -> Any:
        self.what()
        return super().examine(*given, **named)


# --- the plan -------------------------------------------------------------------------------------------------


def test_a_screenshot_is_decided_by_what_was_asked_when_it_came(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    before, running = sent(stage, "Mia"), sent(stage, "Ben")
    stricter(stage)
    looker = Looker(PROVEN)
    assert look_next(looker)
    assert looker.claims[0].captions == ()
    plan(stage, needs_caption="", oldest_hours=None)
    assert look_next(Meanwhile(lambda: stricter(stage)))
    cai = cast.joins(stage, "Cai")
    # Their code is too old as well, so that the screenshot itself has to show its age.
    frozen.advance(hours=2)
    after = cast.sends(cai)
    look = looked(after, PROVEN)
    states = dict(Proof.objects.values_list("pk", "state"))
    assert [states[each.pk] for each in (before, running, after)] == ["approved", "approved", "waiting"]
    assert set(look.doubts) == {"age_not_read", "caption_not_read"}


def test_what_came_while_nobody_looked_is_asked_what_the_plan_asks_when_the_machine_begins() -> None:
    stage = reviewed("off")
    sent(stage, "Mia")
    stricter(stage)
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="shadow")
    looker = Looker(PROVEN)
    assert look_next(looker)
    assert looker.claims[0].captions == ("Read with us",)
    assert Look.objects.get().asked["oldest_hours"] == 1


# --- the reviewer ---------------------------------------------------------------------------------------------


def test_what_a_reviewer_has_before_them_is_left_to_them(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    frozen.advance(seconds=125)
    assert queue_next(campaign=stage.campaign, operator=stage.owner) == proof
    look = looked(proof, PROVEN)
    assert (look.outcome, look.is_applied, proof.state) == ("pass", False, "waiting")
    judged(proof, stage.owner, is_approved=False, reason="no_poster")
    proof.refresh_from_db()
    assert (proof.state, proof.judged_by) == ("rejected", stage.owner)


def test_what_they_had_once_and_let_go_is_the_machine_s_again(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    frozen.advance(seconds=125)
    queue_next(campaign=stage.campaign, operator=stage.owner)
    frozen.advance(minutes=5)
    assert looked(proof, PROVEN).is_applied


# --- the mode -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["put_back", "try_again"])
def test_with_the_machine_off_what_it_had_begun_is_not_begun_again_until_it_is_on(
    end: str, frozen: FrozenClock
) -> None:
    stage = reviewed("shadow")
    proof = sent(stage, "Mia")
    look = looking.begin(now=clock.now())
    assert look
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="off")
    getattr(looking, end)(look=look)
    frozen.advance(minutes=3)
    assert not look_next(Looker(PROVEN))
    assert list(queue(stage.campaign)) == [proof]
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="shadow")
    assert looked(proof, PROVEN).outcome == "pass"


def test_nothing_that_is_due_is_begun_where_the_machine_is_off() -> None:
    stage = reviewed("shadow")
    sent(stage, "Mia")
    plan(stage, mode="off")  # it came while that was being switched
    assert not look_next(Looker(PROVEN))
    assert Look.objects.get().tries == 0


def test_what_was_left_to_people_stays_so_when_the_machine_is_on_again() -> None:
    stage = reviewed("shadow")
    proof = sent(stage, "Mia")
    judged(proof, stage.owner)
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="off")
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="shadow")
    assert not look_next(Looker(PROVEN))


# --- the time -------------------------------------------------------------------------------------------------


def test_whoever_is_late_again_and_again_is_not_waited_for(frozen: FrozenClock) -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    for _time in range(looking.MOST_LATE):
        assert look_next(Looker(Died("late")))
        frozen.advance(seconds=6)
    look = Look.objects.get()
    assert (look.state, look.doubts, look.due_at) == ("unreadable", ["unreadable"], None)
    assert list(queue(stage.campaign)) == [proof]
    assert not look_next(Looker(PROVEN))


def test_nothing_is_begun_before_there_is_somebody_ready_to_look() -> None:
    class Slow(Looker):
        def ready(self) -> None:
            raise NoChild("not_started")

    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    assert not look_next(Slow(PROVEN))
    assert Look.objects.get().tries == 0
    assert looked(proof, PROVEN).is_applied


def test_nobody_is_made_ready_for_nothing() -> None:
    class Never(Looker):
        def ready(self) -> None:
            raise AssertionError("there is nothing to look at")

    assert not look_next(Never(PROVEN))
