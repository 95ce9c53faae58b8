"""Several workers settle the places at the end while somebody changes their rule: each place goes to one person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenfold import flow
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Debt, Grant, RewardRule
from tenfold.rewards.ruling import change_rule, make_rule
from tests import cast
from tests.race.crowd import all_at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PLACES = 3


def settles(rule: RewardRule) -> None:
    """As a worker that has found this version due."""
    flow.prizes_given(rule=RewardRule.objects.get(pk=rule.pk))


@pytest.mark.parametrize("turn", range(3))
def test_each_place_is_given_once_though_its_rule_is_changed_meanwhile(turn: int) -> None:
    stage = cast.live(capacity=20)
    cup = rewards.add_reward(
        campaign=stage.campaign, operator=stage.owner, kind="text", name="Cup", text="Gold"
    )
    rule = make_rule(
        campaign=stage.campaign, operator=stage.owner, when="rank", reward=cup, rank_from=1, rank_to=PLACES
    )
    for name in ("Ann", "Ben", "Cid", "Dan"):
        above = cast.joins(stage, name)
        cast.joins(stage, f"{name}'s", by=above.code)
    stage.campaign.refresh_from_db()
    flow.ended(campaign=stage.campaign, operator=stage.owner)

    def changes() -> None:
        change_rule(rule=rule, operator=stage.owner, need=1 + turn % 2)

    acts: list[Callable[[], None]] = [lambda: settles(rule)] * 3
    acts.insert(turn, changes)
    all_at_once(acts)
    held = RewardRule.objects.get(line=rule.line, replaced_at=None)
    settles(held)
    given = Grant.objects.filter(line=rule.line)
    # Nobody has two friends: who settled first decides whether there was anything to give.
    assert given.count() in ({PLACES} if held.need == 1 else {0, PLACES})
    assert RewardRule.objects.get(pk=held.pk).settled_at is not None
    assert not Debt.objects.filter(line=rule.line).exists()
