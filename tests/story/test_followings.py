"""Between the steps in which an approval's rewards are given nothing is told that turns out false."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection

from tenfold import flow
from tenfold.campaigns.models import Campaign, Words
from tenfold.flow import proof as story
from tenfold.mailroom.actions import deliver_due
from tenfold.mailroom.models import Message
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tenfold.proofs.queries import STILL_FOLLOWED, still_followed
from tenfold.rewards import actions as rewards
from tenfold.rewards import ruling
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule
from tenfold.rewards.steps import steps_for
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
When = RewardRule.When


def stage_that_counts_who_is_approved(*, stock: int | None = None) -> cast.Stage:
    stage = cast.live(capacity=60)
    Reward.objects.update(stock_count=stock)
    Campaign.objects.filter(pk=stage.campaign.pk).update(credit_when="approved")
    stage.campaign.refresh_from_db()
    return stage


def for_friends(stage: cast.Stage, name: str, *, need: int, stock: int | None = None) -> Reward:
    reward = rewards.add_reward(
        campaign=stage.campaign, operator=stage.owner, kind="text", name=name, text="Enjoy", stock_count=stock
    )
    ruling.make_rule(
        campaign=stage.campaign, operator=stage.owner, when=When.INVITES, reward=reward, need=need
    )
    return reward


def takes_effect(stage: cast.Stage, journey: Journey) -> Proof:
    """Their approval, and nothing yet of what follows."""
    flow.judged(proof=cast.sends(journey), operator=stage.owner, is_approved=True)
    story._settled(proof=Proof.objects.get(journey=journey))
    return Proof.objects.get(journey=journey)


def states(journey: Journey) -> list[str]:
    return [step.state for step in steps_for(Journey.objects.get(pk=journey.pk))]


# --- what there is none left of -------------------------------------------------------------------------------


def test_of_what_none_is_left_an_approval_is_owed_one_from_its_first_moment() -> None:
    stage = stage_that_counts_who_is_approved(stock=0)
    for_friends(stage, "A cup", need=1, stock=0)
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    assert (states(mia), states(ben)) == (["out", "out"], ["out", "out"])
    proof = takes_effect(stage, ben)
    assert Debt.objects.count() == 0
    between = states(mia), states(ben)
    flow.followed(proof=proof)
    assert Debt.objects.count() == 2
    assert (states(mia), states(ben)) == between == (["out", "owed"], ["owed", "out"])


def test_who_is_excluded_or_comes_to_a_rule_that_has_stopped_is_promised_nothing() -> None:
    stage = stage_that_counts_who_is_approved(stock=0)
    ben, cid = cast.joins(stage, "Ben"), cast.joins(stage, "Cid")
    proofs = [takes_effect(stage, each) for each in (ben, cid)]
    flow.blocked(person=ben.person, note="why", operator=stage.owner)
    assert (states(ben), states(cid)) == (["out"], ["owed"])
    ruling.stop_rule(rule=stage.reward.rules.get(), operator=stage.owner)
    assert states(cid) == ["out"]
    for proof in proofs:
        flow.followed(proof=proof)
    assert (states(ben), states(cid), Debt.objects.count()) == (["out"], ["out"], 0)


def test_what_is_given_in_its_place_is_not_owed() -> None:
    stage = stage_that_counts_who_is_approved(stock=0)
    letter = rewards.add_reward(
        campaign=stage.campaign, kind="text", name="A letter", text="Thanks", operator=stage.owner
    )
    ruling.change_rule(rule=stage.reward.rules.get(), operator=stage.owner, fallback=letter)
    ben = cast.joins(stage, "Ben")
    proof = takes_effect(stage, ben)
    assert states(ben) == ["open"]
    flow.followed(proof=proof)
    assert states(ben) == ["earned"]


# --- what their inviter hears ---------------------------------------------------------------------------------


def three_take_effect(frozen: FrozenClock, *steps: int) -> tuple[cast.Stage, Journey, list[Proof]]:
    """Of three newcomers, of whom their inviter has heard nothing yet; so many friends bring something."""
    stage = stage_that_counts_who_is_approved()
    for need in steps:
        for_friends(stage, f"For {need}", need=need)
    home = stage.campaign.workspace_id
    for moment, text in (("progress", "{newcomer}, {count} in all"), ("reward", "{reward}")):
        told = {"text": text, "workspace_id": home}
        Words.objects.update_or_create(campaign=stage.campaign, moment=moment, language="en", defaults=told)
    mia = cast.joins(stage, "Mia")
    friends = [cast.joins(stage, name, by=mia.code) for name in ("Ben", "Cid", "Dan")]
    return stage, mia, [takes_effect(stage, each) for each in friends]


def follow(proofs: Sequence[Proof]) -> None:
    for proof in proofs:
        flow.followed(proof=proof)


def heard(inviter: Journey, frozen: FrozenClock) -> list[str]:
    """All there is to hear, in its order."""
    for _nth in range(3):
        deliver_due(frozen.advance(minutes=2))
    rows = Message.objects.filter(journey_id=inviter.pk, moment__in=["progress", "reward"], state="sent")
    return list(rows.order_by("sent_at", "id").values_list("text", flat=True))


def test_of_all_whose_approvals_took_effect_together_their_inviter_hears_in_one_notice(
    frozen: FrozenClock,
) -> None:
    _stage, mia, proofs = three_take_effect(frozen)
    follow(proofs)
    assert heard(mia, frozen) == ["Dan and 2 more, 3 in all"]


def test_a_notice_that_is_out_already_is_followed_by_one_of_the_others_alone(frozen: FrozenClock) -> None:
    _stage, mia, [ben, *others] = three_take_effect(frozen)
    flow.followed(proof=ben)
    assert heard(mia, frozen) == ["Ben, 3 in all"]
    follow(others)
    assert heard(mia, frozen)[1:] == ["Dan and 1 more, 3 in all"]


@pytest.mark.parametrize(
    ("need", "others"), [(1, ["Dan and 1 more, 3 in all"]), (2, ["Dan, 3 in all"]), (3, [])]
)
def test_who_a_reward_speaks_of_is_told_of_by_nothing_else(
    frozen: FrozenClock, need: int, others: list[str]
) -> None:
    _stage, mia, proofs = three_take_effect(frozen, need)
    follow(proofs)
    assert sorted(heard(mia, frozen)) == sorted([f"For {need}", *others])


def test_who_goes_before_they_were_told_of_is_not_told_of_and_the_others_are(frozen: FrozenClock) -> None:
    stage, mia, [ben, cid, dan] = three_take_effect(frozen)
    flow.followed(proof=ben)
    flow.verdict_undone(proof=cid, operator=stage.owner)
    waiting = Message.objects.get(journey_id=mia.pk, moment="progress")
    assert waiting.text == "Ben, 2 in all"
    flow.left(journey=dan.journey)
    waiting.refresh_from_db()
    assert (waiting.text, still_followed(mia)) == ("Ben, 1 in all", {})
    follow([cid, dan])
    assert heard(mia, frozen) == ["Ben, 1 in all"]


def test_who_was_told_of_goes_and_the_notice_with_them_while_others_are_told_of_later(
    frozen: FrozenClock,
) -> None:
    _stage, mia, [ben, *others] = three_take_effect(frozen)
    flow.followed(proof=ben)
    flow.left(journey=ben.journey)
    assert Message.objects.get(journey_id=mia.pk, moment="progress").state == "cancelled"
    follow(others)
    assert heard(mia, frozen) == ["Dan and 1 more, 2 in all"]


def test_whoever_joins_anew_meanwhile_is_told_of_by_themselves(frozen: FrozenClock) -> None:
    stage, mia, proofs = three_take_effect(frozen)
    Campaign.objects.filter(pk=stage.campaign.pk).update(credit_when="joined")
    cast.joins(stage, "Eve", by=mia.code)
    assert heard(mia, frozen) == ["Eve, 4 in all"]
    frozen.advance(minutes=5)
    follow(proofs)
    assert heard(mia, frozen)[1:] == ["Dan and 2 more, 4 in all"]


def test_what_as_many_have_brought_once_before_is_not_what_these_have_brought(frozen: FrozenClock) -> None:
    stage, mia, proofs = three_take_effect(frozen, 3)
    follow(proofs)
    assert heard(mia, frozen)[-1] == "For 3"
    for proof in proofs[:2]:
        flow.left(journey=proof.journey)
    frozen.advance(minutes=5)
    before = heard(mia, frozen)
    later = [cast.joins(stage, name, by=mia.code) for name in ("Eve", "Fay", "Gil")]
    follow([takes_effect(stage, each) for each in later])
    assert heard(mia, frozen)[len(before) :] == ["Gil and 2 more, 4 in all"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="another database chooses by what is in the table")
def test_who_is_told_of_later_is_found_however_many_somebody_has_brought() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {STILL_FOLLOWED.replace('?', '%s')}", ["0" * 32])
        plan = [row[3] for row in cursor.fetchall()]
    assert ["proof_follows" in plan[0], "credit_once" in plan[1] or "newcomer" in plan[1]] == [True, True], (
        plan
    )


def test_what_friends_bring_waits_for_their_own_and_is_not_left_without_them(frozen: FrozenClock) -> None:
    stage, mia, [ben, *others] = three_take_effect(frozen, 1, 3)
    flow.followed(proof=ben)
    for proof in others:
        flow.verdict_undone(proof=proof, operator=stage.owner)
    follow(others)
    assert heard(mia, frozen) == ["For 1"]
    assert list(Grant.objects.filter(journey=mia).values_list("reward__name", flat=True)) == ["For 1"]
