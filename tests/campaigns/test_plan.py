"""Writing a plan: what is refused, what is noted, what two writers at once do to each other."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import USUAL
from tenfold.campaigns.queries import words_for
from tenfold.journal.models import Entry
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def facts(campaign: Campaign) -> list[str]:
    return list(Entry.objects.filter(campaign_id=campaign.id).order_by("id").values_list("kind", flat=True))


def made(language: str = "en") -> tuple[Campaign, Any]:
    home, olga = cast.workspace()
    return actions.make_campaign(
        workspace_id=home.id, name=" Ten Books ", language=language, operator=olga
    ), olga


def test_a_new_campaign_is_a_draft_with_all_words_in_both_languages() -> None:
    campaign, _olga = made()
    assert (campaign.name, campaign.state, campaign.time_zone) == ("Ten Books", "draft", "Asia/Shanghai")
    assert campaign.words.count() == len(USUAL) * 2
    assert words_for(campaign, "join", "zh-hans").startswith("欢迎 {nickname}")
    assert facts(campaign) == ["campaign_made"]


@pytest.mark.parametrize(
    ("name", "language"), [("", "en"), ("  ", "en"), ("x" * 81, "en"), ("Fine", "fr"), ("Fine", "")]
)
def test_a_campaign_needs_a_name_and_one_of_our_languages(name: str, language: str) -> None:
    home, olga = cast.workspace()
    with pytest.raises(Refusal) as refused:
        actions.make_campaign(workspace_id=home.id, name=name, language=language, operator=olga)
    assert (refused.value.code, refused.value.status) == ("bad_plan", 400)
    assert not Campaign.objects.exists()


def test_a_change_notes_the_fields_that_changed_and_no_others() -> None:
    campaign, olga = made()
    actions.change_plan(
        campaign=campaign, operator=olga, name="Ten Books", remind_count=3, quiet_from=time(21)
    )
    entry = Entry.objects.get(kind="campaign_changed")
    assert entry.data == {"fields": ["remind_count", "quiet_from"]}
    assert Campaign.objects.get().remind_count == campaign.remind_count == 3
    actions.change_plan(campaign=campaign, operator=olga, remind_count=3)
    assert facts(campaign) == ["campaign_made", "campaign_changed"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"time_zone": "Mars/Base"}, "bad_time_zone"),
        ({"time_zone": "../../etc/passwd"}, "bad_time_zone"),
        ({"starts_at": NOON, "ends_at": NOON}, "ends_before_start"),
        ({"starts_at": NOON, "ends_at": NOON - timedelta(days=1)}, "ends_before_start"),
        ({"name": ""}, "bad_plan"),
        ({"remind_count": 11}, "bad_plan"),
        ({"remind_count": -1}, "bad_plan"),
        ({"remind_interval_minutes": 0}, "bad_plan"),
        ({"hold_minutes": 0}, "bad_plan"),
        ({"hold_minutes": 1441}, "bad_plan"),
        ({"undo_seconds": 601}, "bad_plan"),
        ({"credit_when": "never"}, "bad_plan"),
        ({"stay_hours": 0}, "bad_plan"),
        ({"board": "world"}, "bad_plan"),
        ({"currency": "yen"}, "bad_currency"),
        ({"currency": "EURO"}, "bad_currency"),
        ({"remove_after_minutes": 366 * 24 * 60 + 1}, "too_long"),
        ({"grace_minutes": 2**31}, "too_long"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_and_nothing_of_it_is_kept(
    fields: dict[str, Any], why: str
) -> None:
    campaign, olga = made()
    with pytest.raises(Refusal) as refused:
        actions.change_plan(campaign=campaign, operator=olga, purpose="to read", **fields)
    assert refused.value.code in (
        why,
        "bad_plan",
    )  # a number too large for PostgreSQL is turned down by its field
    assert campaign.purpose == Campaign.objects.get().purpose == ""
    assert facts(campaign) == ["campaign_made"]


def test_a_refused_field_is_named_as_on_the_form() -> None:
    campaign, olga = made()
    with pytest.raises(Refusal, match="minutes a shown seat is held"):
        actions.change_plan(campaign=campaign, operator=olga, hold_minutes=0)


def test_what_is_not_part_of_the_plan_cannot_be_changed_through_it() -> None:
    campaign, olga = made()
    with pytest.raises(ValueError, match="state"):
        actions.change_plan(campaign=campaign, operator=olga, state="live")


def test_two_who_write_at_once_cannot_put_the_end_before_the_start() -> None:
    _campaign, olga = made()
    hers, his = Campaign.objects.get(), Campaign.objects.get()
    actions.change_plan(campaign=hers, operator=olga, starts_at=NOON)
    with pytest.raises(Refusal, match="The end must come after"):
        actions.change_plan(campaign=his, operator=olga, ends_at=NOON - timedelta(hours=1))
    actions.change_plan(campaign=his, operator=olga, purpose="to read")
    assert (his.starts_at, his.purpose) == (NOON, "to read")


def test_words_are_changed_once_and_only_where_they_are() -> None:
    campaign, olga = made()
    for _twice in range(2):
        actions.change_words(
            campaign=campaign, moment="join", language="en", text=" Hi {nickname} ", operator=olga
        )
    assert words_for(campaign, "join", "en") == "Hi {nickname}"
    assert facts(campaign) == ["campaign_made", "words_changed"]
    for moment, language in (("sing", "en"), ("join", "fr")):
        with pytest.raises(Refusal) as refused:
            actions.change_words(
                campaign=campaign, moment=moment, language=language, text="Hi", operator=olga
            )
        assert refused.value.status == 404


def test_words_that_a_campaign_need_not_have_are_made_when_they_are_written_and_may_be_emptied() -> None:
    campaign, olga = made()
    assert words_for(campaign, "progress", "en") == ""
    for text in ("{newcomer} is here", ""):
        actions.change_words(campaign=campaign, moment="progress", language="en", text=text, operator=olga)
        assert words_for(campaign, "progress", "en") == text
    assert facts(campaign) == ["campaign_made", "words_changed", "words_changed"]


def test_moving_twice_is_moving_once_and_a_stale_page_is_told_so() -> None:
    campaign, olga = made()
    for to in ("live", "live", "paused", "live", "ended", "ended"):
        actions.move(campaign=campaign, to=Campaign.State(to), operator=olga)
    assert facts(campaign)[1:] == [
        "campaign_launched",
        "campaign_paused",
        "campaign_resumed",
        "campaign_ended",
    ]
    with pytest.raises(Refusal) as refused:
        actions.move(campaign=campaign, to=Campaign.State.LIVE, operator=olga)
    assert refused.value.code == "wrong_state"
    campaign.state = Campaign.State.LIVE  # what a page that was opened earlier believes
    with pytest.raises(Refusal) as refused:
        actions.move(campaign=campaign, to=Campaign.State.PAUSED, operator=olga)
    assert (refused.value.code, campaign.state) == ("wrong_state", "ended")


def test_launch_and_end_are_dated_and_a_pause_changes_neither(frozen: FrozenClock) -> None:
    campaign, olga = made()
    launched = frozen.now
    actions.move(campaign=campaign, to=Campaign.State.LIVE, operator=olga)
    for to in (Campaign.State.PAUSED, Campaign.State.LIVE):
        frozen.advance(hours=1)
        actions.move(campaign=campaign, to=to, operator=olga)
    ended = frozen.advance(hours=1)
    actions.move(campaign=campaign, to=Campaign.State.ENDED, operator=None)
    assert (campaign.launched_at, campaign.ended_at) == (launched, ended)
    assert Entry.objects.get(kind="campaign_ended").operator_id is None


def test_what_no_database_keeps_is_left_out_of_a_text() -> None:
    campaign, olga = made()
    for _twice in range(2):
        actions.change_plan(campaign=campaign, operator=olga, purpose="\x00Read\x00 more")
    assert campaign.purpose == "Read more"
    assert facts(campaign) == ["campaign_made", "campaign_changed"]
