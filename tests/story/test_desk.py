"""The queue for people: who sees what, in which order; many at once; second looks; appeals; the pace."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.accounts.models import Operator, Role
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.flow import lookers
from tenfold.flow.looks import look_next
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.proofs import rules
from tenfold.proofs.desk import queue_next, release, reserve, second_look, second_next
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.plans import change_review_plan, switch_mode
from tenfold.proofs.queries import alike, pace, plan_of, queue, seconded
from tests import cast
from tests.conftest import FrozenClock
from tests.story.looker import PROVEN, RESTRICTED, UNSURE, Looker, judged, looked, plan, reviewed, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _there_is_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "usual_count", lambda: 1)


def why(act: object) -> str:
    with pytest.raises(Refusal) as refused:
        act()  # type: ignore[operator]
    return refused.value.code


def rita_of(stage: cast.Stage) -> Operator:
    return cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)


def is_rejected(proof: Proof, by: Operator, reason: str = "no_poster") -> Proof:
    judged(proof, by, is_approved=False, reason=reason)
    return cast.settles(proof)


# --- order and reservation ------------------------------------------------------------------------------------


def test_what_settles_more_comes_first_then_alike_ones_together_then_the_oldest(frozen: FrozenClock) -> None:
    stage = reviewed("automatic", capacity=30)
    campaign = stage.campaign
    campaign.credit_when = campaign.CreditWhen.APPROVED
    campaign.save()
    proofs = {}
    for name, found in (("Ann", UNSURE), ("Ben", RESTRICTED), ("Cai", UNSURE)):
        frozen.advance(seconds=1)
        proofs[name] = sent(stage, name)
        plan(stage, mode="shadow")
        looked(proofs[name], found)
        plan(stage, mode="automatic")
    eve = cast.joins(stage, "Eve", by=proofs["Ann"].journey.code)
    frozen.advance(seconds=1)
    proofs["Eve"] = cast.sends(eve)
    frozen.advance(seconds=121)
    assert [proof.settles for proof in proofs.values()] == [2, 2, 2, 3]
    names = [proof.journey.person.nickname for proof in queue(campaign)]
    assert names[0] == "Eve"
    assert names[1:] in (["Ann", "Cai", "Ben"], ["Ben", "Ann", "Cai"])
    assert set(alike(proofs["Ann"], operator=stage.owner)) == {proofs["Ann"], proofs["Cai"]}
    assert set(alike(proofs["Eve"], operator=stage.owner)) == {proofs["Eve"]}


def test_who_has_waited_too_long_comes_before_everybody(frozen: FrozenClock) -> None:
    stage = reviewed("off")
    early = sent(stage, "Ann")
    frozen.advance(hours=7)
    late = sent(stage, "Ben")
    Proof.objects.filter(pk=late.pk).update(settles=9)
    assert list(queue(stage.campaign)) == [early, late]


def test_two_reviewers_never_have_the_same_one(frozen: FrozenClock) -> None:
    stage = reviewed("off")
    rita = rita_of(stage)
    first, second = sent(stage, "Ann"), sent(stage, "Ben")
    assert queue_next(campaign=stage.campaign, operator=stage.owner) == first
    assert queue_next(campaign=stage.campaign, operator=stage.owner) == first
    assert queue_next(campaign=stage.campaign, operator=rita) == second
    assert not reserve(proof=first, operator=rita)
    assert reserve(proof=first, operator=stage.owner)
    frozen.advance(seconds=rules.HELD.total_seconds() - 1)
    assert not reserve(proof=first, operator=rita)
    frozen.advance(seconds=1)
    assert reserve(proof=first, operator=rita)


def test_going_on_walks_the_queue_to_its_end_and_begins_again() -> None:
    stage = reviewed("off")
    first, second, third = (sent(stage, name) for name in ("Ann", "Ben", "Cai"))
    shown = queue_next(campaign=stage.campaign, operator=stage.owner)
    walked = [shown]
    for _each in range(3):
        shown = queue_next(campaign=stage.campaign, operator=stage.owner, after=shown)
        walked.append(shown)
    assert walked == [first, second, third, first]
    release(proof=first, operator=stage.owner)
    assert Proof.objects.filter(reserved_by=stage.owner).count() == 0


def test_a_verdict_gives_the_desk_back_and_nothing_waits_twice() -> None:
    stage = reviewed("off")
    proof = sent(stage, "Ann")
    assert queue_next(campaign=stage.campaign, operator=stage.owner) == proof
    judged(proof, stage.owner)
    assert queue_next(campaign=stage.campaign, operator=stage.owner) is None
    assert not reserve(proof=proof, operator=stage.owner)


# --- many at once ---------------------------------------------------------------------------------------------


def test_many_are_judged_at_once_and_taken_back_at_once() -> None:
    stage = reviewed("off")
    proofs = [sent(stage, name) for name in ("Ann", "Ben", "Cai")]
    judged(proofs[1], stage.owner)
    done = flow.judged_together(
        proofs=proofs, operator=stage.owner, is_approved=False, reason="restricted_audience"
    )
    assert (len(done.judged), done.skipped) == (2, 1)
    assert Proof.objects.filter(batch_id=done.batch_id, state="rejected").count() == 2
    cast.settles(proofs[0])
    undone = flow.together_undone(batch_id=done.batch_id, campaign=stage.campaign, operator=stage.owner)
    assert undone == 2
    assert set(queue(stage.campaign)) == {proofs[0], proofs[2]}
    again = flow.together_undone(batch_id=done.batch_id, campaign=stage.campaign, operator=stage.owner)
    assert again == 0
    assert differences() == []


def test_a_batch_keeps_what_was_rewarded_and_is_bounded() -> None:
    stage = reviewed("off")
    proofs = [sent(stage, name) for name in ("Ann", "Ben")]
    done = flow.judged_together(proofs=proofs, operator=stage.owner, is_approved=True)
    cast.settles(proofs[0])
    undone = flow.together_undone(batch_id=done.batch_id, campaign=stage.campaign, operator=stage.owner)
    assert undone == 1
    too_many = [proofs[0]] * (rules.MOST_AT_ONCE + 1)
    act = lambda: flow.judged_together(proofs=too_many, operator=stage.owner, is_approved=True)  # noqa: E731
    assert why(act) == "too_many"
    wrong = lambda: flow.judged_together(proofs=proofs, operator=stage.owner, is_approved=False)  # noqa: E731
    assert why(wrong) == "reason_needed"


# --- second looks ---------------------------------------------------------------------------------------------


def test_of_people_s_verdicts_some_are_looked_at_by_a_second_person_who_does_not_know_them() -> None:
    stage = reviewed("off")
    plan(stage, second_percent=100)
    proof, alone = sent(stage, "Ann"), sent(stage, "Ben")
    judged(alone, stage.owner)
    assert SecondLook.objects.count() == 0  # nobody else is there
    rita = rita_of(stage)
    judged(proof, stage.owner)
    assert second_next(campaign=stage.campaign, operator=stage.owner) is None
    look = second_next(campaign=stage.campaign, operator=rita)
    assert look
    assert (look.proof, look.of, look.state, look.agrees) == (proof, "person", "waiting", None)
    own = lambda: second_look(look=look, operator=stage.owner, is_approved=True)  # noqa: E731
    assert why(own) == "own_verdict"
    second_look(look=look, operator=rita, is_approved=False, reason="wrong_code")
    assert why(lambda: second_look(look=look, operator=rita, is_approved=True)) == "looked_already"
    found = seconded(stage.campaign)
    assert (found.looked, found.disagreed, Proof.objects.get(pk=proof.pk).state) == (1, 1, "approved")
    assert differences() == []


def test_a_verdict_that_was_taken_back_is_not_looked_at_again() -> None:
    stage = reviewed("off")
    rita = rita_of(stage)
    plan(stage, second_percent=100)
    proof = judged(sent(stage, "Ann"), stage.owner)
    flow.verdict_undone(proof=proof, operator=stage.owner)
    assert second_next(campaign=stage.campaign, operator=rita) is None
    assert SecondLook.objects.get().state == "withdrawn"


def test_who_is_chosen_is_by_chance_and_always_the_same() -> None:
    keys = [new_id() for _each in range(3000)]
    for percent in (0, 5, 50, 100):
        chosen = [key for key in keys if rules.is_chosen(key, percent, salt="sample")]
        assert len(chosen) == pytest.approx(30 * percent, abs=120)
        assert chosen == [key for key in keys if rules.is_chosen(key, percent, salt="sample")]


@pytest.mark.parametrize(
    ("looked", "disagreed", "bound", "falls"),
    [(19, 19, 2, False), (20, 0, 2, False), (20, 1, 2, True), (50, 1, 2, False), (100, 3, 2, True)],
)
def test_people_take_over_beyond_the_bound_and_not_on_a_few(
    looked: int, disagreed: int, bound: int, falls: bool
) -> None:
    assert rules.falls_back(looked=looked, disagreed=disagreed, bound_percent=bound) is falls


# --- appeals --------------------------------------------------------------------------------------------------


def test_an_appeal_goes_to_somebody_else_first_of_all_and_its_outcome_is_final(frozen: FrozenClock) -> None:
    stage = reviewed("off")
    rita = rita_of(stage)
    others = [sent(stage, name) for name in ("Ann", "Ben")]
    proof = is_rejected(sent(stage, "Mia"), stage.owner, "wrong_code")
    flow.appealed(journey=proof.journey, proof=proof, text="  It is\x00 my own\n poster ")
    assert (proof.state, proof.appeal_text, proof.appealed_reason, proof.appealed_judge) == (
        "waiting",
        "It is my own poster",
        "wrong_code",
        stage.owner,
    )
    assert Journey.objects.get(pk=proof.journey_id).state == "proof_sent"
    assert next(iter(queue(stage.campaign, operator=rita))) == proof
    assert set(queue(stage.campaign, operator=stage.owner)) == set(others)
    assert why(lambda: judged(proof, stage.owner)) == "appeal_to_another"
    is_rejected(proof, rita, "wrong_code")
    assert why(lambda: flow.appealed(journey=proof.journey, proof=proof, text="Please")) == "appealed_already"
    assert [e.data["by"] for e in Entry.objects.filter(kind="appealed")] == ["person"]
    assert differences() == []


def test_whoever_is_alone_judges_the_appeal_too_and_may_find_it_right() -> None:
    stage = reviewed("off")
    proof = is_rejected(sent(stage, "Mia"), stage.owner)
    flow.appealed(journey=proof.journey, proof=proof, text="Look again")
    assert queue_next(campaign=stage.campaign, operator=stage.owner) == proof
    cast.is_approved(proof, by=stage.owner)
    assert Journey.objects.get(pk=proof.journey_id).state == "rewarded"


def test_an_appeal_against_the_machine_is_a_person_s() -> None:
    stage = reviewed("automatic")
    proof = sent(stage, "Mia")
    looked(proof, RESTRICTED)
    cast.settles(proof)
    flow.appealed(journey=proof.journey, proof=proof, text="Everybody sees it")
    assert (proof.state, proof.is_machine, proof.appealed_judge) == ("waiting", False, None)
    assert queue_next(campaign=stage.campaign, operator=stage.owner) == proof


def test_there_is_no_appeal_where_there_is_nothing_to_appeal_against(frozen: FrozenClock) -> None:
    stage = reviewed("off")
    proof = sent(stage, "Mia")
    mia = proof.journey

    def appeals(text: str = "Please") -> str:
        return why(lambda: flow.appealed(journey=mia, proof=Proof.objects.get(pk=proof.pk), text=text))

    assert appeals() == "no_appeal"
    judged(proof, stage.owner, is_approved=False, reason="no_poster")
    assert appeals() == "no_appeal"  # they have not been told yet
    cast.settles(proof)
    assert appeals(" \x00 ") == "text_needed"
    plan(stage, appeals=False)
    assert appeals() == "no_appeal"
    plan(stage, appeals=True)
    Proof.objects.filter(pk=proof.pk).update(erased_at=clock.now())
    assert appeals() == "no_appeal"
    Proof.objects.filter(pk=proof.pk).update(erased_at=None)
    newer = cast.sends(mia, cast.screenshot("gold"))
    assert appeals() == "newer_waits"
    cast.is_approved(newer, by=stage.owner)
    assert appeals() == "already_approved"
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    ben = Journey.objects.get(pk=mia.pk)
    assert ben.approved_at


def test_an_appeal_is_closed_by_the_end_and_by_leaving() -> None:
    stage = reviewed("off")
    first, second = (is_rejected(sent(stage, name), stage.owner) for name in ("Mia", "Ben"))
    flow.left(journey=first.journey)
    assert why(lambda: flow.appealed(journey=first.journey, proof=first, text="x")) == "not_a_member"
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    fresh = Proof.objects.select_related("journey__campaign").get(pk=second.pk)
    assert why(lambda: flow.appealed(journey=fresh.journey, proof=fresh, text="x")) == "over"


# --- plan and mode --------------------------------------------------------------------------------------------


def test_a_campaign_of_before_is_reviewed_in_shadow_with_plain_answers() -> None:
    stage = cast.live()
    told = plan_of(stage.campaign)
    assert (
        told.mode,
        told.place,
        told.needs_everyone,
        told.oldest_hours,
        told.opened_by,
        told.keep_days,
    ) == (
        "shadow",
        "shared",
        True,
        None,
        0,
        90,
    )
    assert told._state.adding
    changed = change_review_plan(
        campaign=stage.campaign, operator=stage.owner, place="moments", needs_caption=" Read\x00  with us "
    )
    assert (changed.place, changed.needs_caption, plan_of(stage.campaign)) == (
        "moments",
        "Read with us",
        changed,
    )


@pytest.mark.parametrize(
    "wrong",
    [{"oldest_hours": 0}, {"place": "moon"}, {"sample_percent": 0}, {"bound_percent": 51}, {"keep_days": 0}],
)
def test_a_plan_that_makes_no_sense_is_refused_and_nothing_of_it_is_kept(wrong: dict[str, object]) -> None:
    stage = cast.live()
    act = lambda: change_review_plan(campaign=stage.campaign, operator=stage.owner, **wrong)  # noqa: E731
    assert why(act) == "bad_review_plan"
    [(field, value)] = wrong.items()
    assert getattr(plan_of(stage.campaign), field) != value


def test_only_an_owner_lets_the_machine_decide_and_only_after_seeing_how_it_does() -> None:
    stage = reviewed("shadow", capacity=60, stock=None)
    manager = cast.team_mate(stage.workspace, stage.owner, Role.MANAGER)

    def switches(by: Operator) -> None:
        switch_mode(campaign=stage.campaign, operator=by, mode="automatic")

    for nth in range(rules.LEAST_BESIDE):
        assert why(lambda: switches(stage.owner)) == "too_few"
        proof = sent(stage, f"Ben {nth}")
        looked(proof, PROVEN)
        judged(proof, stage.owner)
    assert why(lambda: switches(manager)) == "not_owner"
    switches(stage.owner)
    told = plan(stage)
    assert (told.mode, told.automatic_by) == ("automatic", stage.owner)
    [fact] = Entry.objects.filter(kind="review_mode_changed")
    assert fact.data == {"mode": "automatic", "before": "shadow", "beside": 30, "agreed": 30}
    proof = sent(stage, "Mia")
    switch_mode(campaign=stage.campaign, operator=manager, mode="off")
    assert list(queue(stage.campaign)) == [proof]
    assert why(lambda: switch_mode(campaign=stage.campaign, operator=manager, mode="x")) == "unknown_mode"


def test_a_machine_that_is_switched_on_looks_at_what_waits_and_one_that_is_switched_off_does_not() -> None:
    stage = reviewed("off")
    waiting = sent(stage, "Ann")
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="shadow")
    assert list(queue(stage.campaign)) == [waiting]
    assert looked(waiting, PROVEN).outcome == "pass"
    sent(stage, "Ben")
    switch_mode(campaign=stage.campaign, operator=stage.owner, mode="off")
    assert not look_next(Looker(PROVEN))


# --- the pace -------------------------------------------------------------------------------------------------


def test_the_pace_is_that_of_the_last_verdicts_and_unknown_without_any(frozen: FrozenClock) -> None:
    stage = reviewed("off", capacity=30)
    proofs = [sent(stage, f"Ben {nth}") for nth in range(10)]
    assert pace(stage.campaign) is None
    for proof in proofs[:5]:
        frozen.advance(minutes=2)
        judged(proof, stage.owner)
    # Five in eight minutes, the first of them eight minutes ago; five more wait.
    assert pace(stage.campaign) == 8
    frozen.advance(minutes=8)
    assert pace(stage.campaign) == 16
    frozen.advance(hours=3)
    assert pace(stage.campaign) is None


def test_the_pace_is_as_most_have_waited_and_a_case_that_is_left_for_long_says_nothing(
    frozen: FrozenClock,
) -> None:
    stage = reviewed("off", capacity=30)
    left = sent(stage, "Ann")
    for nth in range(6):
        proof = sent(stage, f"Ben {nth}")
        frozen.advance(minutes=4)
        judged(proof, stage.owner)
    assert pace(stage.campaign) == 4
    frozen.advance(minutes=20)
    assert pace(stage.campaign) == 20  # since anybody judged
    Proof.objects.filter(pk=left.pk).update(appealed_at=clock.now())
    assert pace(stage.campaign) == 7  # nobody waits but for an appeal
    assert pace(stage.campaign, of_appeals=True) is None


def test_the_machine_s_verdicts_are_not_the_people_s_pace(frozen: FrozenClock) -> None:
    stage = reviewed("automatic", capacity=30)
    for nth in range(5):
        looked(sent(stage, f"Ben {nth}"), PROVEN)
    assert pace(stage.campaign) is None
