"""The list of campaigns, making them, and moving them between their states."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.campaigns.models import Campaign, Words
from tenfold.console.campaign_lines import lines
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, outsider, said

pytestmark = pytest.mark.django_db
State = Campaign.State


@pytest.fixture
def stage() -> Stage:
    return cast.draft()


def state_of(stage: Stage) -> str:
    stage.campaign.refresh_from_db()
    return stage.campaign.state


def test_empty_workspace_says_what_to_do_first() -> None:
    _home, olga = cast.workspace()
    page = said(desk(olga).get(address("home")))
    assert "Make your first campaign" in page
    assert address("make") in page


def test_viewer_of_an_empty_workspace_is_not_offered_what_they_may_not_do() -> None:
    home, olga = cast.workspace()
    viewer = cast.team_mate(home, olga, Role.VIEWER)
    assert address("make") not in said(desk(viewer).get(address("home")))


def test_list_tells_what_happened_and_what_waits(stage: Stage) -> None:
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    anna = cast.joins(stage, "Anna")
    cast.joins(stage, "Ben", by=anna.code)
    cast.sends(anna)
    page = said(desk(stage.owner).get(address("home")))
    assert "<dt>Scans</dt><dd>2</dd>" in page
    assert "<dt>Joined</dt><dd>2</dd>" in page
    assert "2 of 10 seats" in page
    assert "1 to review" in page


def test_list_asks_the_same_queries_however_many_campaigns_there_are(stage: Stage) -> None:
    client = desk(stage.owner)
    client.get(address("home"))
    with CaptureQueriesContext(connection) as one:
        client.get(address("home"))
    for _nth in range(2):
        flow.cloned(campaign=stage.campaign, operator=stage.owner)
    with CaptureQueriesContext(connection) as three:
        page = client.get(address("home"))
    assert said(page).count("tf-line-link") == 3
    # On PostgreSQL doors may have seats in their hands: these are asked for too.
    count = 14 if connection.vendor == "postgresql" else 13
    assert (len(one), len(three)) == (count, count)


def test_running_campaigns_come_first(stage: Stage) -> None:
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    draft = flow.cloned(campaign=stage.campaign, operator=stage.owner)
    page = said(desk(stage.owner).get(address("home")))
    assert page.index(f"{stage.campaign.id}") < page.index(f"{draft.id}")


def test_where_something_waits_for_a_person_comes_first_of_all(stage: Stage) -> None:
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    cast.sends(cast.joins(stage, "Anna"))
    later = cast.draft(owner=(stage.workspace, stage.owner))
    flow.launched(campaign=later.campaign, operator=stage.owner)
    ids = [line.campaign.id for line in lines(stage.workspace)]
    assert ids == [stage.campaign.id, later.campaign.id]
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    assert [line.campaign.id for line in lines(stage.workspace)] == ids


def test_made_campaign_has_words_in_both_languages(stage: Stage) -> None:
    answer = desk(stage.owner).post(address("make"), {"name": " Spring ", "language": "zh-hans"})
    made = Campaign.objects.get(name="Spring")
    assert answer["Location"] == address("plan", made.id)
    assert (made.state, made.workspace_id) == (State.DRAFT, stage.workspace.id)
    assert Words.objects.filter(campaign=made).count() == 16


@pytest.mark.parametrize("wrong", [{"name": "  "}, {"name": "n" * 81}, {"language": "xx"}])
def test_campaign_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    stage: Stage, wrong: dict[str, str]
) -> None:
    answer = desk(stage.owner).post(address("make"), {"name": "Spring", "language": "en"} | wrong)
    assert answer.status_code == 422
    assert "is-invalid" in said(answer)
    assert Campaign.objects.count() == 1


def test_rename(stage: Stage) -> None:
    client = desk(stage.owner)
    assert client.post(address("rename", stage.campaign.id), {"name": ""}).status_code == 422
    client.post(address("rename", stage.campaign.id), {"name": "Twelve Books"})
    stage.campaign.refresh_from_db()
    assert stage.campaign.name == "Twelve Books"


def test_copy_is_a_draft_of_its_own(stage: Stage) -> None:
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    answer = desk(stage.owner).post(address("clone", stage.campaign.id))
    copy = Campaign.objects.exclude(pk=stage.campaign.pk).get()
    assert answer["Location"] == address("plan", copy.id)
    assert (copy.state, copy.groups.count()) == (State.DRAFT, 1)


def test_launch_page_of_an_empty_draft_lists_what_is_missing(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(address("make"), {"name": "Bare", "language": "en"})
    bare = Campaign.objects.get(name="Bare")
    page = said(client.get(address("launch", bare.id)))
    for missing in flow.missing_before_launch(bare):
        assert escape(str(missing)) in page
    assert "Launch now" not in page
    refused = client.post(address("launch", bare.id))
    assert refused.status_code == 409
    assert "No reward is set." in said(refused)
    bare.refresh_from_db()
    assert bare.state == State.DRAFT


def test_launch_pause_resume_end(stage: Stage) -> None:
    client, one = desk(stage.owner), stage.campaign.id
    assert client.post(address("launch", one))["Location"] == address("live", one)
    assert state_of(stage) == State.LIVE
    page = said(client.post(address("pause", one), follow=True))
    assert state_of(stage) == State.PAUSED
    assert f'action="{address("resume", one)}"' in page  # the undo in the toast
    client.post(address("resume", one))
    assert state_of(stage) == State.LIVE
    client.post(address("end", one))
    assert state_of(stage) == State.ENDED


@pytest.mark.parametrize("name", ["launch", "pause", "end"])
def test_pressing_twice_is_pressing_once(stage: Stage, name: str) -> None:
    client, one = desk(stage.owner), stage.campaign.id
    if name != "launch":
        client.post(address("launch", one))
    assert client.post(address(name, one)).status_code == 302
    after = state_of(stage)
    assert client.post(address(name, one)).status_code == 302
    assert state_of(stage) == after


def test_ended_campaign_cannot_go_on(stage: Stage) -> None:
    client, one = desk(stage.owner), stage.campaign.id
    client.post(address("launch", one))
    client.post(address("end", one))
    answer = client.post(address("resume", one))
    assert answer.status_code == 409
    assert "A campaign in this state cannot do that." in said(answer)


@pytest.mark.parametrize("name", ["clone", "pause", "resume", "end"])
def test_what_changes_something_is_a_post(stage: Stage, name: str) -> None:
    assert desk(stage.owner).get(address(name, stage.campaign.id)).status_code == 405


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
@pytest.mark.parametrize("name", ["rename", "clone", "launch", "pause", "resume", "end"])
def test_only_managers_move_a_campaign(stage: Stage, role: Role, name: str) -> None:
    answer = desk(mate(stage, role)).post(address(name, stage.campaign.id), {"name": "Mine"})
    assert answer.status_code == 403
    assert "Your role does not allow this." in said(answer)
    assert state_of(stage) == State.DRAFT


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_reviewers_and_viewers_make_nothing(stage: Stage, role: Role) -> None:
    client = desk(mate(stage, role))
    assert client.get(address("make")).status_code == 403
    assert client.post(address("make"), {"name": "Mine", "language": "en"}).status_code == 403


def test_manager_does_what_owners_do_with_campaigns(stage: Stage) -> None:
    client = desk(mate(stage, Role.MANAGER))
    assert client.post(address("launch", stage.campaign.id)).status_code == 302
    assert state_of(stage) == State.LIVE


@pytest.mark.parametrize(
    "name", ["campaign", "launch", "plan", "words", "groups", "poster", "reward", "codes"]
)
def test_outsider_does_not_even_learn_that_it_exists(stage: Stage, name: str) -> None:
    client = desk(outsider())
    assert client.get(address(name, stage.campaign.id)).status_code == 404
    assert stage.campaign.name not in said(client.get(address("home")))


def test_campaign_opens_where_work_is(stage: Stage) -> None:
    client, one = desk(stage.owner), stage.campaign.id
    assert client.get(address("campaign", one))["Location"] == address("plan", one)
    client.post(address("launch", one))
    assert client.get(address("campaign", one))["Location"] == address("live", one)


def test_opening_a_campaign_shows_its_workspace(stage: Stage) -> None:
    second = cast.draft(owner=cast.workspace(stage.owner.email))
    client = desk(stage.owner)
    client.get(address("plan", second.campaign.id))
    assert client.session["workspace_id"] == str(second.workspace.id)


def test_name_is_never_read_as_markup(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(address("rename", stage.campaign.id), {"name": "<script>alert(1)</script>"})
    for page in (client.get(address("home")), client.get(address("plan", stage.campaign.id))):
        assert "<script>alert(1)" not in said(page)
        assert "&lt;script&gt;alert(1)" in said(page)
