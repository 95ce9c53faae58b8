"""The operator's moves around the story: launching when ready, and starting again from what worked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from tenfold import flow
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Channel
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.journal.models import Entry
from tenfold.posters import actions as posters
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Reward
from tests import cast
from tests.conftest import FrozenClock
from tests.posters.samples import content, saved

pytestmark = pytest.mark.django_db


def missing(campaign: Campaign) -> list[str]:
    return [str(sentence) for sentence in flow.missing_before_launch(campaign)]


def test_an_empty_draft_is_told_all_that_is_missing_and_stays_a_draft() -> None:
    home, olga = cast.workspace()
    campaign = campaigns.make_campaign(workspace_id=home.id, name="Empty", language="en", operator=olga)
    assert len(missing(campaign)) == 3
    for move in (flow.launched, flow.resumed, flow.paused, flow.ended):
        with pytest.raises(Refusal):
            move(campaign=campaign, operator=olga)
    assert Campaign.objects.get().state == "draft"
    assert not Channel.objects.exists()


def test_each_thing_that_is_missing_is_said_in_one_sentence(frozen: FrozenClock) -> None:
    stage = cast.draft(stock=1, reward_kind="codes")
    assert missing(stage.campaign) == []
    groups.set_state(group=stage.group, state="draining", operator=stage.owner)
    stage.campaign.poster_texts.filter(language="en").delete()
    Reward.objects.update(granted_count=1)
    campaigns.change_plan(
        campaign=stage.campaign, operator=stage.owner, ends_at=frozen.now - timedelta(seconds=1)
    )
    said = missing(stage.campaign)
    assert ["room" in said[0], "poster" in said[1], "stock" in said[2], "end" in said[3]] == [True] * 4
    with pytest.raises(Refusal) as refused:
        flow.launched(campaign=stage.campaign, operator=stage.owner)
    assert refused.value.code == "not_ready"
    assert all(sentence in str(refused.value.message) for sentence in said)


def test_a_wechat_group_without_a_valid_code_has_no_room_to_launch_with(frozen: FrozenClock) -> None:
    stage = cast.draft(platform="wechat_group")
    assert missing(stage.campaign) == []
    frozen.advance(days=7)
    assert len(missing(stage.campaign)) == 1


def test_launching_twice_is_launching_once_even_when_the_stock_is_out_by_then() -> None:
    stage = cast.live(stock=1, reward_kind="codes")
    cast.is_approved(cast.sends(cast.joins(stage, "Mia")), by=stage.owner)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    assert Entry.objects.filter(kind="campaign_launched").count() == 1


def test_a_campaign_without_a_channel_gets_one_for_its_seed_users() -> None:
    stage = cast.draft()
    stage.campaign.codes.all().delete()
    Channel.objects.all().delete()
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    assert (Channel.objects.get().kind, stage.campaign.codes.get().channel) == ("seed", Channel.objects.get())


def test_what_has_ended_stays_ended() -> None:
    stage = cast.live()
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    for move in (flow.launched, flow.resumed, flow.paused):
        with pytest.raises(Refusal) as refused:
            move(campaign=stage.campaign, operator=stage.owner)
        assert refused.value.code == "wrong_state"


@pytest.mark.parametrize(("kind", "stock", "copied"), [("codes", 2, 0), ("text", 5, 0), ("text", None, None)])
def test_a_copy_has_the_plan_and_none_of_the_people(
    kind: str, stock: int | None, copied: int | None, frozen: FrozenClock
) -> None:
    stage = cast.live(reward_kind=kind, stock=stock)
    day = timedelta(days=1)
    campaigns.change_plan(
        campaign=stage.campaign,
        operator=stage.owner,
        starts_at=frozen.now - day,
        ends_at=frozen.now + day,
        remind_count=7,
    )
    campaigns.change_words(
        campaign=stage.campaign, moment="join", language="en", text="Hi!", operator=stage.owner
    )
    closed = groups.add_group(
        campaign=stage.campaign, name="Old", platform="web", capacity=3, operator=stage.owner
    )
    groups.set_state(group=closed, state="closed", operator=stage.owner)
    cast.is_approved(cast.sends(cast.joins(stage, "Mia")), by=stage.owner)
    copy = flow.cloned(campaign=stage.campaign, operator=stage.owner)
    assert (copy.state, copy.name, copy.remind_count) == ("draft", "Ten Books (copy)", 7)
    assert (copy.starts_at, copy.ends_at, copy.launched_at) == (None, None, None)
    assert copy.words.get(moment="join", language="en").text == "Hi!"
    assert (copy.words.count(), copy.poster_texts.count(), copy.journeys.count(), copy.codes.count()) == (
        16,
        2,
        0,
        0,
    )
    assert list(copy.groups.values_list("name", "capacity", "taken_count", "state")) == [
        ("Readers 1", 10, 0, "open")
    ]
    assert (copy.rewards.get().stock_count, copy.rewards.get().granted_count, copy.rewards.get().name) == (
        copied,
        0,
        "A free book",
    )


def test_a_copy_of_a_long_name_fits_in_both_languages() -> None:
    stage = cast.draft()
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, name="x" * 80)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            copy = flow.cloned(campaign=stage.campaign, operator=stage.owner)
        assert copy.name.startswith("x" * 60)
        assert len(copy.name) <= 80


def test_a_copy_can_be_launched_once_it_has_a_stock() -> None:
    stage = cast.live(reward_kind="codes")
    copy = flow.cloned(campaign=stage.campaign, operator=stage.owner)
    assert len(missing(copy)) == 1
    rewards.add_codes(reward=copy.rewards.get(), codes=["NEW-1"], operator=stage.owner)
    copy.refresh_from_db()
    flow.launched(campaign=copy, operator=stage.owner)
    assert (copy.state, Group.objects.filter(campaign=copy).count()) == ("live", 1)


def test_a_poster_that_its_texts_have_outgrown_is_not_launched() -> None:
    stage = cast.draft()
    made = content()
    made["layers"][0] |= {"box": [60, 100, 600, 70], "least": 40, "lines": 1}
    saved(stage.campaign, stage.owner, made, variant="A")
    long = "Read ten books with us, this year and the next"
    posters.change_text(campaign=stage.campaign, language="en", operator=stage.owner, title=long)
    with pytest.raises(Refusal) as refused:
        flow.launched(campaign=stage.campaign, operator=stage.owner)
    assert refused.value.code == "poster_not_ready"
    assert "cut off in English" in str(refused.value.message)
    posters.change_text(campaign=stage.campaign, language="en", operator=stage.owner, title="Read ten books")
    assert flow.launched(campaign=stage.campaign, operator=stage.owner).state == "live"


def test_a_copy_has_the_designs_that_are_in_use() -> None:
    stage = cast.draft()
    version = saved(stage.campaign, stage.owner, variant="A", name="Used")
    saved(stage.campaign, stage.owner, name="Only tried")
    copy = flow.cloned(campaign=stage.campaign, operator=stage.owner)
    (design,) = copy.designs.select_related("shown")
    assert (design.name, design.variant) == ("Used", "A")
    assert design.shown is not None
    assert (design.shown.number, design.shown.content) == (1, version.content)
    assert design.shown_id != version.id
