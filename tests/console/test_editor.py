"""The tabs that set a campaign up: who may, and the plan."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from tenfold.accounts.models import Role
from tenfold.campaigns.models import Campaign
from tenfold.journal.models import Entry
from tenfold.rewards.models import Reward, RewardRule
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, mate, outsider, said

pytestmark = pytest.mark.django_db
TABS = ["plan", "words", "groups", "poster", "reward", "codes"]
PLAN: dict[str, Any] = {
    "language": "en",
    "time_zone": "Asia/Shanghai",
    "starts_at": "2026-03-08T09:00",
    "ends_at": "2026-03-15T21:30",
    "purpose": "Readers for the spring list",
    "audience": "",
    "pain_point": "",
    "process": "",
    "channel_plan": "",
    "hold_minutes_0": "20",
    "hold_minutes_1": "1",
    "remind_count": "3",
    "remind_interval_minutes_0": "12",
    "remind_interval_minutes_1": "60",
    "quiet_from": "23:00",
    "quiet_until": "07:30",
    "warn_after_minutes_0": "2",
    "warn_after_minutes_1": "1440",
    "remove_after_minutes_0": "36",
    "remove_after_minutes_1": "60",
    "credit_when": "approved",
    "grace_minutes_0": "0",
    "grace_minutes_1": "1",
    "stay_hours": "24",
    "undo_seconds": "10",
    "currency": "CNY",
    "board": "off",
    "board_names": "first",
}


def fresh(stage: Stage) -> Campaign:
    return Campaign.objects.get(pk=stage.campaign.pk)


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return cast.draft(reward_kind="codes")


def there(stage: Stage, tab: str, *more: object) -> str:
    return address(tab, stage.campaign.id, *more)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("role", list(Role))
def test_everyone_in_the_team_may_look(stage: Stage, tab: str, role: Role) -> None:
    answer = desk(mate(stage, role)).get(there(stage, tab))
    assert answer.status_code == 200
    has_forms_elsewhere = tab in ("groups", "codes", "reward")
    assert ("data-save-button" in said(answer) or has_forms_elsewhere) == (
        role in (Role.OWNER, Role.MANAGER) or has_forms_elsewhere
    )


@pytest.mark.parametrize("tab", ["plan", "words", "poster", "new_reward", "restock", "codes"])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_only_managers_save(stage: Stage, tab: str, role: Role) -> None:
    entries = Entry.objects.count()
    mates = desk(mate(stage, role))
    more = [stage.reward.id] if tab == "restock" else []
    wish = {"name": "Mine", "kind": "text", "text": "x"}
    assert mates.post(there(stage, tab, *more), wish).status_code == 403
    assert Entry.objects.count() == entries + 1  # that the mate came into the team


@pytest.mark.parametrize(
    "tab", ["plan", "dry_run", "words", "words_preview", "poster", "poster_preview", "reward", "restock"]
)
def test_outsider_finds_nothing(stage: Stage, tab: str) -> None:
    client = desk(outsider())
    where = there(stage, tab, *([stage.reward.id] if tab == "restock" else []))
    found = {client.get(where).status_code, client.post(where).status_code}
    assert found <= {404, 405}


@pytest.mark.parametrize("tab", TABS)
def test_draft_says_on_top_what_is_missing(stage: Stage, tab: str) -> None:
    RewardRule.objects.all().delete()
    Reward.objects.all().delete()
    page = said(desk(stage.owner).get(there(stage, tab)))
    assert "1 thing missing before the launch" in page
    assert "No reward is set." in page


def test_plan_is_typed_by_the_wall_clock_and_kept_in_utc(stage: Stage) -> None:
    client = desk(stage.owner)
    assert client.post(there(stage, "plan"), PLAN).status_code == 302
    campaign = fresh(stage)
    assert campaign.starts_at == datetime(2026, 3, 8, 1, 0, tzinfo=UTC)
    assert campaign.ends_at == datetime(2026, 3, 15, 13, 30, tzinfo=UTC)
    assert (campaign.quiet_from, campaign.quiet_until) == (time(23, 0), time(7, 30))
    page = said(client.get(there(stage, "plan")))
    assert 'value="2026-03-08T09:00"' in page
    assert 'value="2026-03-15T21:30"' in page


def test_dates_follow_the_time_zone_that_is_chosen_with_them(stage: Stage) -> None:
    desk(stage.owner).post(there(stage, "plan"), PLAN | {"time_zone": "America/New_York"})
    assert fresh(stage).starts_at == datetime(
        2026, 3, 8, 13, 0, tzinfo=UTC
    )  # the day its clocks went forward


def test_hour_that_no_clock_shows_is_refused(stage: Stage) -> None:
    answer = desk(stage.owner).post(
        there(stage, "plan"), PLAN | {"time_zone": "America/New_York", "starts_at": "2026-03-08T02:30"}
    )
    assert answer.status_code == 422
    assert "is-invalid" in said(answer)
    assert fresh(stage).starts_at is None


def test_spans_of_time_are_kept_in_minutes_and_shown_in_their_largest_unit(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(there(stage, "plan"), PLAN)
    campaign = fresh(stage)
    spans = (campaign.hold_minutes, campaign.remind_interval_minutes, campaign.warn_after_minutes)
    assert spans == (20, 720, 2880)
    assert (campaign.remove_after_minutes, campaign.grace_minutes) == (2160, 0)
    page = said(client.get(there(stage, "plan")))
    assert 'name="warn_after_minutes_0" value="2"' in page


def test_removal_is_off_until_somebody_switches_it_on(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(there(stage, "plan"), PLAN)
    assert not fresh(stage).is_removal_on
    client.post(there(stage, "plan"), PLAN | {"is_removal_on": "on"})
    assert fresh(stage).is_removal_on


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ends_at": "2026-03-01T09:00"}, "The end must come after the start."),
        ({"starts_at": "soon"}, "Enter a valid date/time."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"time_zone": "../../etc/passwd"}, "Select a valid choice."),
        ({"remind_count": "11"}, "less than or equal to 10"),
        ({"hold_minutes_0": "0"}, "Between one minute and a year, please."),
        ({"hold_minutes_0": "2", "hold_minutes_1": "1440"}, "less than or equal to 1440"),
        ({"hold_minutes_1": "7"}, "Select a valid choice."),
        ({"quiet_from": "25:00"}, "Enter a valid time."),
        ({"purpose": "p" * 1001}, "at most 1000 characters"),
        ({"undo_seconds": ""}, "This field is required."),
    ],
)
def test_plan_that_cannot_be_keeps_what_was_typed_and_says_why(
    stage: Stage, wrong: dict[str, str], why: str
) -> None:
    answer = desk(stage.owner).post(there(stage, "plan"), PLAN | wrong)
    assert answer.status_code == 422
    assert why in said(answer)
    assert wrong.get("purpose", "Readers for the spring list") in said(answer)
    assert fresh(stage).purpose == ""


def test_saving_the_same_plan_twice_is_one_fact(stage: Stage) -> None:
    client = desk(stage.owner)
    for _twice in range(2):
        assert client.post(there(stage, "plan"), PLAN).status_code == 302
    assert Entry.objects.filter(kind="campaign_changed", data__has_key="fields").count() == 1


def test_dry_run_lists_who_would_go_and_removes_nobody(frozen: FrozenClock) -> None:
    stage = cast.live()
    anna = cast.joins(stage, "Anna")
    client, query = desk(stage.owner), PLAN | {"remind_count": "1", "days": "30"}
    page = said(client.get(there(stage, "dry_run"), query))
    assert "1 person would be removed." in page
    assert "Anna" in page
    assert "Nobody would be removed" in said(client.get(there(stage, "dry_run"), query | {"days": "1"}))
    anna.refresh_from_db()
    assert anna.is_member
    assert not fresh(stage).is_removal_on
