"""Inviters hear how far they have come: at most once a minute, never at night, and only what is true by then."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.campaigns.models import Words
from tenfold.flow.progress import progress_lost, repeat_said
from tenfold.flow.say import full_said, say_end
from tenfold.mailroom.actions import deliver_due
from tenfold.mailroom.models import Message
from tenfold.people.models import Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import RewardRule
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PROGRESS = "{nickname}: {newcomer}, {count} in all, {left} left. {next}"


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    """At noon, with a step at 2 and one at 5, and words for progress."""
    frozen.move_to(NOON)
    stage = cast.live(capacity=60)
    RewardRule.objects.update(replaced_at=frozen.now)
    for name, need in (("A guide", 2), ("A box", 5)):
        step_of(stage, name, need)
    says(stage, "progress", PROGRESS)
    return stage


def step_of(stage: Stage, name: str, need: int) -> None:
    reward = rewards.add_reward(
        campaign=stage.campaign, kind="text", name=name, text="Enjoy", operator=stage.owner
    )
    rewards.make_rule(campaign=stage.campaign, operator=stage.owner, when="invites", reward=reward, need=need)


def says(stage: Stage, moment: str, text: str, language: str = "en") -> None:
    home = stage.campaign.workspace_id
    Words.objects.update_or_create(
        campaign=stage.campaign,
        moment=moment,
        language=language,
        defaults={"text": text, "workspace_id": home},
    )


def told(journey: Journey, moment: str = "progress") -> list[str]:
    mine = Message.objects.filter(journey_id=journey.id, moment=moment, state=Message.State.SENT)
    return list(mine.order_by("sent_at", "id").values_list("text", flat=True))


def brings(stage: Stage, inviter: Journey, *names: str) -> list[Journey]:
    return [cast.joins(stage, name, by=inviter.code) for name in names]


def test_each_newcomer_is_told_with_exactly_what_is_left(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    brings(stage, mia, "Ben")
    deliver_due(frozen.now)
    assert told(mia) == ["Mia: Ben, 1 in all, 1 left. 1 more friend for “A guide”."]


def test_where_a_step_is_reached_the_reward_says_it_alone(stage: Stage, frozen: FrozenClock) -> None:
    says(stage, "reward", "{why}: {reward}")
    mia = cast.joins(stage, "Mia")
    brings(stage, mia, "Ben", "Zoe")
    deliver_due(frozen.now + timedelta(minutes=5))
    assert told(mia) == []
    assert told(mia, "reward") == ["2 friends have come by your code: A guide"]


def test_those_of_one_minute_are_told_together(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    brings(stage, mia, "Ben")
    deliver_due(frozen.now)
    frozen.advance(seconds=10)
    brings(stage, mia, "Zoe", "Tom", "Ida")
    deliver_due(frozen.now)
    assert len(told(mia)) == 1
    frozen.advance(seconds=50)
    deliver_due(frozen.now)
    assert told(mia)[1:] == ["Mia: Ida and 1 more, 4 in all, 1 left. 1 more friend for “A box”."]
    frozen.advance(seconds=1)
    for name in ("Kim", "Lee"):
        brings(stage, mia, name)
        deliver_due(frozen.now)
    assert len(told(mia)) == 2
    frozen.advance(minutes=1)
    deliver_due(frozen.now)
    expected = "Mia: Lee, 6 in all, 0 left. Everyone who comes by your code is still counted."
    assert told(mia)[2:] == [expected]


def test_who_goes_before_it_is_said_is_not_told_of(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    [ben] = brings(stage, mia, "Ben")
    flow.left(journey=ben)
    deliver_due(frozen.now)
    assert told(mia) == []
    frozen.advance(minutes=2)
    brings(stage, mia, "Zoe")
    deliver_due(frozen.now)
    assert told(mia) == ["Mia: Zoe, 1 in all, 1 left. 1 more friend for “A guide”."]
    frozen.advance(seconds=5)
    [_kim, _tom, lee] = brings(stage, mia, "Kim", "Tom", "Lee")
    flow.left(journey=lee)
    frozen.advance(minutes=1)
    deliver_due(frozen.now)
    assert told(mia)[1:] == ["Mia: Tom, 3 in all, 2 left. 2 more friends for “A box”."]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="another database chooses by what is in the table")
def test_who_came_last_is_found_without_sorting_all_who_came(stage: Stage) -> None:
    ann = cast.joins(stage, "Ann")
    for name in ("Ben", "Cid"):
        cast.joins(stage, name, by=ann.code)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        progress_lost(inviter=ann)
    [newest] = [
        one["sql"] for one in asked if 'FROM "tenfold_credit"' in one["sql"] and "LIMIT 1" in one["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {newest}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "TEMP B-TREE" not in plan, plan


def test_nobody_is_woken(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    frozen.move_to(NOON.replace(hour=23))
    brings(stage, mia, "Ben")
    deliver_due(frozen.now + timedelta(hours=8))
    assert told(mia) == []
    deliver_due(frozen.now + timedelta(hours=9))
    assert len(told(mia)) == 1


def test_in_a_group_where_a_person_posts_it_notices_come_by_the_hour(frozen: FrozenClock) -> None:
    frozen.move_to(NOON)
    stage = cast.live(platform="wechat_group", capacity=50)
    says(stage, "progress", PROGRESS)
    mia = cast.joins(stage, "Mia")
    flow.arrival_confirmed(journey=mia)
    mia.refresh_from_db()
    for minutes in (0, 5, 50, 10):
        frozen.advance(minutes=minutes)
        [friend] = brings(stage, mia, f"Friend {minutes}")
        flow.arrival_confirmed(journey=friend)
        deliver_due(frozen.now)
    asked = Message.objects.filter(journey_id=mia.id, moment="progress")
    assert sorted(asked.values_list("state", flat=True)) == ["human", "human"]
    assert "and 2 more" in asked.order_by("created_at")[1].text


def test_a_campaign_without_words_for_it_is_silent(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    brings(stage, mia, "Ben")
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    assert not Message.objects.filter(moment__in=["progress", "repeat", "full", "end"]).exists()
    assert repeat_said(mia) == ""
    assert full_said(campaign=stage.campaign, place=1, language="en") == ""


def test_who_has_left_hears_nothing_more(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    brings(stage, mia, "Ben")
    deliver_due(frozen.now)
    assert told(mia) == []


def test_a_name_is_never_read_for_variables(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    brings(stage, mia, "{left}%(count)s")
    deliver_due(frozen.now)
    assert told(mia) == ["Mia: {left}%(count)s, 1 in all, 1 left. 1 more friend for “A guide”."]


def test_the_end_is_said_once_in_each_group(stage: Stage, frozen: FrozenClock) -> None:
    says(stage, "end", "“{campaign}” is over in {group}: {count} took part. {page_link}")
    mia = cast.joins(stage, "Mia")
    brings(stage, mia, "Ben")
    for _again in range(2):
        flow.ended(campaign=stage.campaign, operator=stage.owner)
        say_end(campaign=stage.campaign)
    [end] = Message.objects.filter(moment="end")
    assert end.text.startswith("“Ten Books” is over in Readers 1: 2 took part. http")
    assert (end.journey_id, end.group_id) == (None, stage.group.id)


def test_whoever_scans_again_reads_it_on_their_own_page(stage: Stage) -> None:
    says(stage, "repeat", "{nickname}, you are in: {count}, {left} left. {next}")
    mia = cast.joins(stage, "Mia")
    assert repeat_said(mia) == "Mia, you are in: 0, 2 left. 2 more friends for “A guide”."


def test_whoever_stands_in_line_reads_their_place(stage: Stage) -> None:
    says(stage, "full", "“{campaign}” is full, you are number {count}")
    assert (
        full_said(campaign=stage.campaign, place=7, language="en") == "“Ten Books” is full, you are number 7"
    )
    assert full_said(campaign=stage.campaign, place=7, language="zh-hans") == ""
