"""Choosing a playbook when a campaign is made; saving one; loading one that anybody may have written."""

from __future__ import annotations

import tomllib
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from tenfold.accounts.models import Role
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import LARGEST_FILE, ORDER, READY
from tenfold.flow.playbooks import every_ready
from tenfold.groups import actions as groups
from tenfold.rewards.queries import rules_of
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, said
from tests.console.doors import playbook_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return cast.draft()


def test_all_of_the_install_are_offered_with_what_they_do_and_need(stage: Stage) -> None:
    page = said(desk(stage.owner).get(address("make")))
    for one in every_ready():
        assert f'value="{one.name}"' in page
        for text in one.told.values():
            assert escape(text) in page
    assert page.count("checked") == 1


@pytest.mark.parametrize("name", ORDER)
def test_one_that_is_chosen_is_filled_in(stage: Stage, name: str) -> None:
    wish = {"name": "Spring", "language": "zh-hans", "playbook": name}
    answer = desk(stage.owner).post(address("make"), wish)
    made = Campaign.objects.get(name="Spring")
    assert answer["Location"] == address("plan", made.id)
    assert (made.playbook, made.workspace_id, bool(rules_of(made))) == (name, stage.workspace.id, True)


def test_sent_twice_it_is_made_once(stage: Stage) -> None:
    wish = {"name": "Spring", "language": "en", "playbook": "distribution", "once": str(new_id())}
    for _twice in range(2):
        assert desk(stage.owner).post(address("make"), wish).status_code == 302
    assert Campaign.objects.filter(name="Spring").count() == 1


def test_a_playbook_that_there_is_not_is_refused(stage: Stage) -> None:
    wish = {"name": "Spring", "language": "en", "playbook": "../../etc/passwd"}
    answer = desk(stage.owner).post(address("make"), wish)
    assert answer.status_code == 422
    assert "is-invalid" in said(answer)
    assert not Campaign.objects.filter(name="Spring").exists()


def test_a_campaign_is_saved_as_a_file_with_its_own_name_and_loaded_again(stage: Stage) -> None:
    client = desk(stage.owner)
    Campaign.objects.filter(pk=stage.campaign.pk).update(name='十本书 "Ten\r\n/Books"')
    answer = client.get(address("save_playbook", stage.campaign.id))
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert unquote(answer["Content-Disposition"]).endswith("十本书--Ten---Books-.toml")
    file = SimpleUploadedFile("mine.toml", answer.content)
    loaded = client.post(address("load_playbook"), {"file": file, "name": "Copy", "language": "en"})
    copy = Campaign.objects.get(name="Copy")
    assert loaded["Location"] == address("plan", copy.id)
    assert len(tomllib.loads(client.get(address("save_playbook", copy.id)).content.decode())["rules"]) == 1
    assert tomllib.loads(answer.content.decode())["name"] == "group_fission"


def test_without_a_name_the_file_gives_it(stage: Stage) -> None:
    desk(stage.owner).post(
        address("load_playbook"), {"file": playbook_file("distribution"), "language": "zh-hans"}
    )
    assert Campaign.objects.filter(name="分销推广", language="zh-hans").count() == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Playbook"),
        (b"format = 2", "<code>format</code>"),
        (b"a = <script>", "This is not TOML"),
        (b"\xff\xfe", "This is not a text file in UTF-8"),
        (b"#" * (LARGEST_FILE + 2), "larger than 128 KB"),
        ((READY / "group_fission.toml").read_bytes() + b"[wishes]\n'<b>' = 1\n", "<code>wishes</code>"),
    ],
)
def test_a_file_with_a_fault_says_what_and_makes_nothing(stage: Stage, data: bytes, told: str) -> None:
    file = SimpleUploadedFile("x.toml", data)
    answer = desk(stage.owner).post(address("load_playbook"), {"file": file, "language": "en"})
    assert answer.status_code == 422
    page = said(answer)
    assert told in page
    assert 'role="alert"' in page or "is-invalid" in page
    assert "<script>" not in page.split("<main")[1].split("</main>")[0]
    assert Campaign.objects.count() == 1


def test_a_viewer_may_keep_a_copy_and_make_nothing(stage: Stage) -> None:
    viewer = desk(cast.team_mate(stage.workspace, stage.owner, Role.VIEWER))
    assert viewer.get(address("save_playbook", stage.campaign.id)).status_code == 200
    wish = {"file": playbook_file(), "language": "en"}
    assert viewer.post(address("load_playbook"), wish).status_code == 403
    stranger = desk(cast.workspace("else@example.com")[1])
    assert stranger.get(address("save_playbook", stage.campaign.id)).status_code == 404


@pytest.mark.parametrize("tab", ["plan", "reward", "launch"])
def test_what_a_platform_forbids_stands_where_it_is_decided(stage: Stage, tab: str) -> None:
    client = desk(stage.owner)
    there = address(tab, stage.campaign.id)
    assert "WeChat forbids" not in said(client.get(there))
    groups.add_group(
        campaign=stage.campaign, name="Two", platform="wechat_group", capacity=5, operator=stage.owner
    )
    page = said(client.get(there))
    assert "WeChat forbids rewards for sharing" in page
    assert "October 2019" in page
