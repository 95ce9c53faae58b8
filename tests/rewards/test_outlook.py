"""What rules will cost, from a campaign's own numbers where it has enough of them."""

from __future__ import annotations

from typing import Any

import pytest

from tenfold.base import clock
from tenfold.people.models import Journey
from tenfold.rewards import actions, outlook
from tenfold.rewards.books import Order
from tenfold.rewards.forecast import Offspring
from tenfold.rewards.models import RewardRule
from tenfold.rewards.ruling import change_rule, make_rule, stop_rule
from tests import cast
from tests.rewards.family import grown, referral_tree

pytestmark = pytest.mark.django_db


def rule(stage: cast.Stage, when: str, **terms: Any) -> RewardRule:
    return make_rule(campaign=stage.campaign, operator=stage.owner, when=when, **terms)


def money(stage: cast.Stage, amount: int, stock: int | None = None) -> Any:
    return actions.add_reward(
        campaign=stage.campaign,
        operator=stage.owner,
        kind="money",
        name=f"{amount} fen",
        amount=amount,
        stock_count=stock,
    )


def test_the_worked_ladder_of_a_campaign_nobody_knows_yet() -> None:
    """1 -> 5, 3 -> +10, 10 -> +50 with the usual unevenness: 3.486678 a participant."""
    stage = cast.live()
    for need, amount in ((1, 500), (3, 1000), (10, 5000)):
        rule(stage, "invites", reward=money(stage, amount), need=need)
    costs = outlook.costs_of(stage.campaign, people=1000)
    ladder = [cost.expected.cost for cost in costs if cost.rule.when == "invites"]
    assert sum(cost or 0 for cost in ladder) == pytest.approx(348_667.8, rel=1e-6)


def test_stock_cap_and_budget_bound_it_and_old_versions_cost_nothing() -> None:
    stage = cast.live()
    rule(stage, "joined", reward=money(stage, 100, stock=30))
    first = rule(stage, "invite", unit="money", direct=1000)
    change_rule(rule=first, operator=stage.owner, direct=500, budget=2000)
    told = {cost.rule.when: cost.expected for cost in outlook.costs_of(stage.campaign, people=1000)}
    assert (told["joined"].count, told["joined"].cost) == (30, 3000)
    assert (told["invite"].cost, told["invite"].limit) == (2000, 2000)
    assert told["task"].count == 5  # the stock of the stage's own reward
    assert len(told) == 3


def test_the_replacement_is_told_beside_what_it_replaces() -> None:
    """Of those who join a thousand, thirty have the money; the others the badge, as many as there are."""
    stage = cast.live()
    badge = actions.add_reward(
        campaign=stage.campaign,
        operator=stage.owner,
        kind="text",
        name="Badge",
        text="Thanks",
        stock_count=600,
    )
    made = rule(stage, "joined", reward=money(stage, 100, stock=30), fallback=badge)

    def told() -> tuple[float | None, float | None, float]:
        found = outlook.costs_of(stage.campaign, people=1000)
        each = next(each.expected for each in found if each.rule.when == "joined")
        return each.count, each.cost, each.instead

    assert told() == (30, 3000, 600)
    made = change_rule(rule=made, operator=stage.owner, campaign_cap=100)
    assert told() == (30, 3000, 70)
    made = change_rule(rule=made, operator=stage.owner, campaign_cap=None, budget=2000)
    assert told() == (20, 2000, 0)  # the rule stops at its budget, before any is replaced
    change_rule(rule=made, operator=stage.owner, budget=None, fallback=None)
    assert told() == (30, 3000, 0)


def test_what_an_operator_knows_better_is_taken() -> None:
    stage = cast.live()
    rule(stage, "invite", unit="money", direct=100)

    def cost(**known: float) -> float | None:
        found = outlook.costs_of(stage.campaign, people=100, **known)
        return next(each.expected.cost for each in found if each.rule.when == "invite")

    assert cost(mean=0.5) == pytest.approx(5000)
    assert cost(mean=-3.0) == 0
    assert cost(mean=1e9, size=0.1) == 100 * 100


def test_from_two_hundred_people_on_it_is_the_campaigns_own_tree() -> None:
    stage = cast.live()
    people = grown(stage, referral_tree())
    assert outlook.outlook_of(stage.campaign, people=9).offspring == outlook.USUAL  # nobody counts yet
    for journey in people:
        brought = sum(other.inviter_id == journey.pk for other in people)
        Journey.objects.filter(pk=journey.pk).update(board_count=brought, approved_at=clock.now())
    found = outlook.outlook_of(stage.campaign, people=9)
    # The mean is exact; the size by moments lies near that of the likelihood, .725.
    assert found.offspring.mean == pytest.approx(251 / 264)
    assert 0.5 < found.offspring.size < 1.2
    assert found.task_share == 1.0


def test_few_people_say_less_than_what_others_have_measured() -> None:
    stage = cast.live()
    grown(stage, [None, 0, 0])
    found = outlook.outlook_of(stage.campaign, people=9)
    assert (found.offspring, found.task_share) == (Offspring(0.95, 0.18), 0.5)


def test_orders_tell_what_a_participant_buys() -> None:
    stage = cast.live()
    share = rule(stage, "order", unit="money", direct=1000)
    people = grown(stage, [None, 0])
    [unknown] = [each for each in outlook.costs_of(stage.campaign, people=100) if each.rule == share]
    assert (unknown.expected.count, unknown.expected.cost) == (None, None)
    for nth, refunded in enumerate((None, clock.now())):
        Order.objects.create(
            workspace=stage.workspace,
            campaign=stage.campaign,
            number=f"T-{nth}",
            seller=people[0],
            amount=400,
            currency="CNY",
            placed_at=clock.now(),
            refunded_at=refunded,
            source="form",
        )
    [known] = [each for each in outlook.costs_of(stage.campaign, people=100) if each.rule == share]
    assert known.expected.cost == pytest.approx(100 * 200 * 0.95 * 0.10)


def test_a_rule_that_has_stopped_costs_nothing_more() -> None:
    stage = cast.live()
    stop_rule(rule=rule(stage, "invite", unit="money", direct=100), operator=stage.owner)
    assert [cost.rule.when for cost in outlook.costs_of(stage.campaign, people=10)] == ["task"]
