"""`tenfold plan`: files looked through, made into campaigns, written from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenfold.accounts.models import Role
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import ORDER, READY
from tenfold.cli import main
from tenfold.rewards.queries import rules_of
from tests import cast


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plan", *arguments])


@pytest.fixture
def spoilt(tmp_path: Path) -> str:
    file = tmp_path / "spoilt.toml"
    text = (READY / "group_fission.toml").read_text()
    file.write_text(text.replace("hold_minutes = 15", "hold_minutes = 0").replace("[[rules]]", "[[ruels]]"))
    return str(file)


@pytest.mark.parametrize("name", ORDER)
def test_those_of_the_install_are_checked_by_their_names(name: str) -> None:
    answer = run("check", name)
    assert answer.exit_code == 0, answer.output
    assert answer.output.endswith("Good.\n")


def test_every_trouble_is_told_in_both_languages(spoilt: str) -> None:
    answer = run("check", spoilt)
    assert answer.exit_code == 1
    assert "plan.hold_minutes: " in answer.output
    assert "ruels: Unknown. Known are: " in answer.output
    found = json.loads(run("check", spoilt, "--json").output)
    assert found["is_good"] is False
    assert [one["place"] for one in found["troubles"]] == ["ruels", "plan.hold_minutes"]
    assert all(set(one["text"]) == {"en", "zh-hans"} for one in found["troubles"])


def test_warnings_are_told_with_their_source_and_stop_nothing() -> None:
    answer = run("check", "group_fission", "--json")
    found = json.loads(answer.output)
    assert (answer.exit_code, found["is_good"], found["troubles"]) == (0, True, [])
    assert [(one["code"], one["level"]) for one in found["warnings"]] == [("share_for_reward", "forbidden")]
    assert "2019" in found["warnings"][0]["text"]["en"]


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\x00b"])
def test_what_cannot_be_opened_is_not_taken_for_a_bad_playbook(name: str) -> None:
    assert run("check", name).exit_code == 2


@pytest.mark.django_db
def test_a_file_becomes_a_campaign_and_a_file_again(tmp_path: Path) -> None:
    home, olga = cast.workspace()
    where = ("--workspace", home.name, "--operator", olga.email)
    answer = run("apply", "distribution", *where, "--language", "zh-hans")
    assert answer.exit_code == 0, answer.output
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.state, str(campaign.id) in answer.output) == ("分销推广", "draft", True)
    assert rules_of(campaign).count() == 2
    file = tmp_path / "mine.toml"
    file.write_text(run("save", str(campaign.id)).output)
    assert run("check", str(file)).exit_code == 0
    assert run("apply", str(file), "--operator", olga.email, "--name", "Again").exit_code == 0
    assert Campaign.objects.filter(name="Again").exists()


@pytest.mark.django_db
def test_only_a_manager_of_the_workspace_makes_one(spoilt: str) -> None:
    home, olga = cast.workspace()
    viewer = cast.team_mate(home, olga, Role.VIEWER)
    stranger = cast.workspace("else@example.com")[1]
    for email in (viewer.email, stranger.email, "nobody@example.com"):
        refused = run("apply", "distribution", "--workspace", home.name, "--operator", email)
        assert refused.exit_code == 1
    assert run("apply", "distribution", "--workspace", "Nowhere", "--operator", olga.email).exit_code == 1
    assert run("apply", spoilt, "--workspace", home.name, "--operator", olga.email).exit_code == 1
    assert run("apply", "distribution", "--operator", "nobody@example.com").exit_code == 1
    assert run("save", "rubbish").exit_code == 1
    assert not Campaign.objects.exists()
