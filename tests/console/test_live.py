"""The page of a running campaign."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.base.keys import unsign
from tenfold.people.models import Journey
from tenfold.rewards.models import RewardRule
from tests import cast
from tests.console.desk import address, desk, mate, outsider, said
from tests.insight.family import family

pytestmark = pytest.mark.django_db


def charts(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="charts" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_the_charts_show_the_story_counted_by_hand() -> None:
    told = family()
    drawn = charts(said(desk(told.stage.owner).get(address("live", told.stage.campaign.id))))
    assert drawn["funnel"]["counts"] == [5, 5, 4, 3, 2, 2, 2]
    assert drawn["funnel"]["notes"] == ["", "", "4 of 5", "3 of 4", "2 of 3", "2 of 2", "2 of 4"]
    assert (sum(drawn["pulse"]["scans"]), sum(drawn["pulse"]["joins"])) == (5, 4)
    assert drawn["seats"] | {"names": 0} == {
        "groups": ["Readers 1"],
        "taken": [3],
        "held": [1],
        "free": [6],
        "names": 0,
    }
    people = {each["id"]: each for each in drawn["tree"]}
    assert [(each["name"], people[each["in"]]["name"]) for each in drawn["tree"] if each["in"]] == [
        ("Ben", "Ann"),
        ("Cai", "Ann"),
        ("Dan", "Ben"),
    ]
    assert [each["tone"] for each in drawn["tree"]] == ["done", "done", "early", "out"]


def test_no_step_is_a_share_of_one_it_is_no_part_of() -> None:
    """Approved by friends who came, without a screenshot; and rewarded for joining, without a task."""
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    for name in ("Ben", "Cai"):
        cast.joins(stage, name, by=ann.code)
    there = address("live", stage.campaign.id)
    Journey.objects.filter(pk=ann.pk).update(approved_at=clock.now())
    html = said(desk(stage.owner).get(there))
    assert charts(html)["funnel"]["notes"][3:5] == ["1 of 3", "1 of 1"]
    assert "Sent a screenshot, or needed none" in html
    assert "0 approved" in html
    RewardRule.objects.update(when="joined")
    Journey.objects.update(rewarded_at=clock.now(), approved_at=None)
    html = said(desk(stage.owner).get(there))
    assert charts(html)["funnel"]["counts"][2:4] == [3, 3]
    assert charts(html)["funnel"]["notes"][3] == "3 of 3"
    assert "Sent a screenshot" not in html


def test_no_share_is_above_the_whole() -> None:
    """Rewarded without being approved any more; and in a group that shows no joins, who is not known to be in yet."""
    stage = cast.live(platform="wechat_group")
    at = clock.now()
    people = [cast.joins(stage, name) for name in ("Ann", "Ben", "Cai")]
    Journey.objects.filter(pk=people[0].pk).update(joined_at=at, approved_at=at)
    Journey.objects.update(proof_sent_at=at, sharing_at=at, rewarded_at=at)
    drawn = charts(said(desk(stage.owner).get(address("live", stage.campaign.id))))
    assert drawn["funnel"]["counts"][2:] == [1, 3, 1, 3, 3]
    assert drawn["funnel"]["notes"][2:] == ["1 of 3", "1 of 1", "1 of 3", "1 of 1", "1 of 1"]


def test_every_chart_has_a_table_beside_it() -> None:
    told = family()
    html = said(desk(told.stage.owner).get(address("live", told.stage.campaign.id)))
    assert {"funnel", "pulse", "tree", "seats"} == set(re.findall(r'data-chart="(\w+)"', html))
    assert all(f'id="{name}-table"' in html for name in ("funnel", "pulse", "seats"))
    assert "K 2.0 so far: 1 brought 2" in html


def test_what_to_do_next_leads_there() -> None:
    stage = cast.live()
    cast.sends(cast.joins(stage, "Ann"))
    html = said(desk(stage.owner).get(address("live", stage.campaign.id)))
    assert "1 screenshot waits for a verdict" in html
    assert f'class="tw-call " href="{address("review", stage.campaign.id)}"' in html


def test_a_calm_campaign_says_that_nothing_waits() -> None:
    stage = cast.live()
    there = address("live", stage.campaign.id)
    assert "Nobody has scanned yet" in said(desk(stage.owner).get(there))
    cast.joins(stage, "Ann")
    assert "Nothing waits for you" in said(desk(stage.owner).get(there))


def test_the_moving_part_alone_has_the_new_numbers() -> None:
    stage = cast.live()
    client = desk(stage.owner)
    page = address("live_now", stage.campaign.id)
    before = client.get(page, headers={"HX-Request": "true"})
    cast.joins(stage, "Ann")
    after = client.get(page, headers={"HX-Request": "true"})
    assert (charts(said(before))["funnel"]["counts"][2], charts(said(after))["funnel"]["counts"][2]) == (0, 1)
    assert "<html" not in said(after)
    assert "Ann joined Readers 1" in said(after)


def test_the_stream_is_that_of_this_campaign() -> None:
    stage = cast.live()
    html = said(desk(stage.owner).get(address("live", stage.campaign.id)))
    [token] = re.findall(r'sse-connect="/live/console/([^"?]+)[?]after=[-\w]+"', html)
    assert unsign("live", token) == str(stage.campaign.id)


def test_a_name_that_is_code_stays_a_name() -> None:
    stage = cast.live()
    cast.joins(stage, "</script><b>x")
    html = said(desk(stage.owner).get(address("live", stage.campaign.id)))
    assert "<b>x" not in html


@pytest.mark.parametrize("span", ["hour", "days", "rubbish", ""])
def test_any_span_is_answered(span: str) -> None:
    stage = cast.live()
    page = desk(stage.owner).get(address("live", stage.campaign.id), {"span": span})
    assert len(charts(said(page))["pulse"]["at"]) == (48 if span == "days" else 60)


@pytest.mark.parametrize("state", ["draft", "paused", "ended"])
def test_every_state_has_a_page(state: str) -> None:
    stage = cast.draft() if state == "draft" else cast.live()
    if state == "paused":
        flow.paused(campaign=stage.campaign, operator=stage.owner)
    if state == "ended":
        flow.ended(campaign=stage.campaign, operator=stage.owner)
    assert desk(stage.owner).get(address("live", stage.campaign.id)).status_code == 200


def test_who_may_watch() -> None:
    stage = cast.live()
    for page in ("live", "live_now"):
        assert desk(mate(stage, Role.VIEWER)).get(address(page, stage.campaign.id)).status_code == 200
    assert desk(outsider()).get(address("live", stage.campaign.id)).status_code == 404
    assert desk().get(address("live", stage.campaign.id)).status_code == 302


def test_chinese_readers_get_their_own_numbers() -> None:
    told = family()
    client = desk(told.stage.owner, language="zh-hans")
    assert client.get(address("live", told.stage.campaign.id)).status_code == 200


def test_the_page_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live()
    client = desk(stage.owner)
    ann = cast.joins(stage, "Ann")
    client.get(address("live_now", stage.campaign.id))
    for number in range(3):
        cast.joins(stage, f"N{number}", by=ann.code)
        # On PostgreSQL doors may have seats in their hands: the pool and the next steps ask for these too.
        with django_assert_num_queries(31 if connection.vendor == "postgresql" else 29):
            client.get(address("live_now", stage.campaign.id))


def test_a_viewer_is_sent_nowhere_they_may_not_go() -> None:
    stage = cast.live()
    cast.sends(cast.joins(stage, "Ann"))
    review, tasks = address("review", stage.campaign.id), address("tasks", stage.campaign.id)
    for role, is_called in ((Role.REVIEWER, True), (Role.VIEWER, False)):
        html = said(desk(mate(stage, role)).get(address("live", stage.campaign.id)))
        assert (f'href="{review}"' in html) is is_called
        assert (f'href="{tasks}"' in html) is is_called
