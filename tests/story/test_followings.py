"""Between the steps in which an approval's rewards are given nothing is told that turns out false."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.campaigns.models import Campaign
from tenfold.flow import proof as story
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tenfold.rewards import actions as rewards
from tenfold.rewards import ruling
from tenfold.rewards.models import Debt, Reward, RewardRule
from tenfold.rewards.queries import steps_for
from tests import cast

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
