"""What a page costs does not grow with what is on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.codes import actions as codes
from tenfold.groups import actions as groups
from tenfold.people.models import Journey
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
        ("words", group),
        ("poster", channel),
    ],
)
def test_three_cost_as_much_as_five(name: str, more: More) -> None:
    stage = cast.live(capacity=20, stock=20, reward_kind="codes")
    ann = cast.joins(stage, "Ann")
    in_address = {"home": [], "team": [], "redeem": [], "person": [stage.campaign.id, ann.id]}
    page = address(name, *in_address.get(name, [stage.campaign.id]))
    client = desk(stage.owner)
    for n in (1, 2, 3):  # from the third verdict on there is a pace to tell
        more(stage, n)
    three = costs(client, page)
    for n in (4, 5):
        more(stage, n)
    assert costs(client, page) == three
