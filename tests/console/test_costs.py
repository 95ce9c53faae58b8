"""What a page costs does not grow with what is on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.codes import actions as codes
from tenfold.flow import orders as shop
from tenfold.groups import actions as groups
from tenfold.people.models import Journey
from tenfold.rewards import actions as rewards
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk

pytestmark = pytest.mark.django_db
More = Callable[[Stage, int], object]


def group(stage: Stage, n: int) -> object:
    return groups.add_group(
        campaign=stage.campaign, name=f"G{n}", platform="web", capacity=9, operator=stage.owner
    )


def channel(stage: Stage, n: int) -> object:
    return codes.make_channel(campaign=stage.campaign, name=f"C{n}", kind="kol", operator=stage.owner)


def seed(stage: Stage, n: int) -> Journey:
    return cast.joins(stage, f"N{n}")


def rewarded(stage: Stage, n: int) -> Journey:
    journey = seed(stage, n)
    cast.is_approved(cast.sends(journey), stage.owner)
    return Journey.objects.get(pk=journey.pk)


def redeemed(stage: Stage, n: int) -> object:
    number = rewarded(stage, n).grants.get().number
    return flow.redeemed(number=number, workspace_id=stage.workspace.id, operator=stage.owner)


def invited(stage: Stage, n: int) -> object:
    return cast.joins(stage, f"N{n}", by=Journey.objects.get(person__nickname="Ann").code)


def refused(stage: Stage, n: int) -> object:
    proof = cast.sends(Journey.objects.get(person__nickname="Ann"), cast.screenshot(f"#00{n}0{n}0"))
    return cast.settles(flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="no_poster"))


def colleague(stage: Stage, n: int) -> object:
    return cast.team_mate(stage.workspace, stage.owner, Role.VIEWER)


def adjusted(stage: Stage, n: int) -> object:
    ann = Journey.objects.get(person__nickname="Ann")
    return flow.adjusted(journey=ann, unit="points", amount=n, note="Helped", operator=stage.owner)


def owed(stage: Stage, n: int) -> object:
    return flow.adjusted(journey=seed(stage, n), unit="money", amount=n, note="A taxi", operator=stage.owner)


def order(stage: Stage, n: int) -> object:
    code = seed(stage, n).code.slug
    return shop.ordered(campaign=stage.campaign, number=f"A-{n}", amount=100, code=code, operator=stage.owner)


def rule(stage: Stage, n: int) -> object:
    by: dict[str, Any] = {"campaign": stage.campaign, "operator": stage.owner}
    gift = rewards.add_reward(kind="text", name=f"Gift {n}", text="Ask for it.", **by)
    return rewards.make_rule(when="invites", need=n, reward=gift, **by)


def costs(client: Client, page: str) -> int:
    client.get(page)  # what is asked once and then remembered
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("home", seed),
        ("team", colleague),
        ("groups", group),
        ("codes", channel),
        ("codes", seed),
        ("live", group),
        ("live", channel),
        ("live", rewarded),
        ("judged", rewarded),
        ("tree", invited),
        ("board", invited),
        ("tree_list", seed),
        ("tree_branch", invited),
        ("people", rewarded),
        ("person", invited),
        ("person", refused),
        ("redeem", redeemed),
        ("reward", rewarded),
        ("reward", rule),
        ("ledger", rewarded),
        ("ledger", adjusted),
        ("person_ledger", adjusted),
        ("payouts", owed),
        ("orders", order),
        ("words", group),
        ("poster", channel),
    ],
)
def test_three_cost_as_much_as_five(name: str, more: More) -> None:
    stage = cast.live(capacity=20, stock=20, reward_kind="codes")
    ann = cast.joins(stage, "Ann")
    in_address: dict[str, list[object]] = {"home": [], "team": [], "redeem": []}
    in_address |= {each: [stage.campaign.id, ann.id] for each in ("person", "person_ledger")}
    page = address(name, *in_address.get(name, [stage.campaign.id]))
    client = desk(stage.owner)
    for n in (1, 2, 3):  # from the third verdict on there is a pace to tell
        more(stage, n)
    three = costs(client, page)
    for n in (4, 5):
        more(stage, n)
    assert costs(client, page) == three
