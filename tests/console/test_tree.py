"""The tree's page, its branches as JSON and as a list."""

from __future__ import annotations

import pytest

from tenfold.accounts.models import Role
from tenfold.insight import tree
from tests import cast
from tests.console.desk import address, desk, mate, outsider, said
from tests.insight.family import family

pytestmark = pytest.mark.django_db


def test_branches_are_loaded_when_they_are_opened() -> None:
    told = family()
    client, branch = desk(told.stage.owner), address("tree_branch", told.stage.campaign.id)
    [ann] = client.get(branch).json()["nodes"]
    assert {key: ann[key] for key in ("name", "invited", "below", "valid", "generation", "tone")} == {
        "name": "Ann",
        "invited": 2,
        "below": 3,
        "valid": 2,
        "generation": 0,
        "tone": "done",
    }
    assert ann["address"] == address("person", told.stage.campaign.id, told.ann.id)
    below = client.get(branch, {"of": ann["id"]}).json()
    assert [(node["name"], node["invited"]) for node in below["nodes"]] == [("Ben", 1), ("Cai", 0)]
    assert (below["total"], below["rest"]) == (2, 0)


def test_a_wide_fan_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "PAGE", 2)
    stage = cast.live()
    for number in range(3):
        cast.joins(stage, f"N{number}")
    client, branch = desk(stage.owner), address("tree_branch", stage.campaign.id)
    first, rest = client.get(branch).json(), client.get(branch, {"offset": "2"}).json()
    assert ([len(first["nodes"]), first["rest"]], [len(rest["nodes"]), rest["rest"]]) == ([2, 1], [1, 0])
    assert len({node["id"] for node in first["nodes"] + rest["nodes"]}) == 3


def test_the_same_branches_are_there_as_a_list() -> None:
    told = family()
    html = said(desk(told.stage.owner).get(address("tree", told.stage.campaign.id)))
    assert f"?of={told.ann.id}" in html
    assert "invited 2" in html
    assert "3 in all" in html
    items = said(
        desk(told.stage.owner).get(address("tree_list", told.stage.campaign.id), {"of": str(told.ann.id)})
    )
    assert "Ben" in items
    assert f"?of={told.ben.id}" in items
    assert f"?of={told.cai.id}" not in items


def test_an_empty_tree_says_how_it_starts() -> None:
    stage = cast.live()
    assert "The tree starts with your seed users" in said(
        desk(stage.owner).get(address("tree", stage.campaign.id))
    )


@pytest.mark.parametrize(
    "asked", [{"offset": "-1"}, {"offset": "x"}, {"offset": "9" * 30}, {"of": "rubbish"}]
)
def test_rubbish_in_the_address_is_read_as_nothing(asked: dict[str, str]) -> None:
    told = family()
    answer = desk(told.stage.owner).get(address("tree_branch", told.stage.campaign.id), asked)
    assert [node["name"] for node in answer.json()["nodes"]] == ["Ann"]


def test_who_may_see_the_tree() -> None:
    told = family()
    campaign = told.stage.campaign
    for page in ("tree", "tree_branch", "tree_list"):
        assert desk(mate(told.stage, Role.VIEWER)).get(address(page, campaign.id)).status_code == 200
        assert desk(outsider()).get(address(page, campaign.id)).status_code == 404
    other = cast.live(owner=(told.stage.workspace, told.stage.owner))
    foreign = address("tree_branch", other.campaign.id)
    assert desk(told.stage.owner).get(foreign, {"of": str(told.ann.id)}).status_code == 404
