"""The campaign's words: each once, to the right group, in the person's own language, with every blank filled."""

from __future__ import annotations

from datetime import time

import pytest
from django.utils import translation

from tenfold import flow
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Words
from tenfold.campaigns.rules import VARIABLES
from tenfold.flow import say as words
from tenfold.flow.progress import repeat_said
from tenfold.groups import actions as groups
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
from tenfold.platforms.web.queries import latest_posts, posts_after, posts_before
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def everything(stage: cast.Stage) -> None:
    """Every moment says all the variables it has."""
    for moment in Words.Moment.values:
        text = f"{moment}: " + " | ".join(f"{{{name}}}" for name in VARIABLES[moment])
        for language in ("en", "zh-hans"):
            campaigns.change_words(
                campaign=stage.campaign, moment=moment, language=language, text=text, operator=stage.owner
            )


def said() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in Message.objects.order_by("id"):
        found.setdefault(message.moment, []).append(message.text)
    return found


def comes(stage: cast.Stage, name: str, language: str, slug: str = "") -> object:
    shown = flow.scanned(slug=slug or stage.code.slug, visitor_id=None)
    return flow.joined(
        group=stage.group, visitor_id=shown.visitor_id, nickname=name, has_consented=True, language=language
    )


def test_every_variable_of_every_moment_is_filled(frozen: FrozenClock) -> None:
    stage = cast.live(stock=1)
    everything(stage)
    plan = {"is_removal_on": True, "remind_count": 1, "quiet_from": time(0), "quiet_until": time(0)}
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, **plan)
    mia = cast.joins(stage, "{reward}")
    ben = cast.joins(stage, "Ben", by=mia.code)
    flow.judged(proof=cast.sends(ben), operator=stage.owner, is_approved=False, reason="not_yet")
    cast.settles(ben.proofs.get())
    cast.is_approved(cast.sends(mia), by=stage.owner)
    for _day in range(4):
        frozen.advance(days=1)
        ben.refresh_from_db()
        flow.stalled(journey=ben)
    words.say_end(campaign=stage.campaign)
    shown = {  # on their page and to who stands in line; nobody is written to
        "repeat": [repeat_said(Journey.objects.get(pk=mia.pk))],
        "full": [words.full_said(campaign=stage.campaign, place=3, language="en")],
    }
    told = said() | shown
    assert set(told) == set(Words.Moment.values)
    assert told["join"][0].split(" | ")[0] == "join: {reward}"  # a name is said as it is
    assert told["join"][0].endswith(f" | {stage.workspace.name}")
    assert told["join"][1].endswith(" | {reward}")  # ... also where it is the inviter's
    for text in (texts[-1] for texts in told.values()):
        assert "/me/" in text or "/line/" in text  # who stands in line has no page of their own yet
        assert not any(
            f"{{{name}}}" in text.replace("{reward}", "") for names in VARIABLES.values() for name in names
        )


def test_each_is_spoken_to_in_their_own_language_whatever_the_operator_s_is() -> None:
    stage = cast.live()
    with translation.override("zh-hans"):
        comes(stage, "Ben", "en")
        comes(stage, "小明", "zh-hans")
    english, chinese = said()["join"]
    assert english.isascii()
    assert "欢迎" in chinese


def test_words_go_out_once_and_only_into_the_group_they_are_for(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    second = groups.add_group(
        campaign=stage.campaign, name="Second", platform="web", capacity=1, operator=stage.owner
    )
    for name in ("Mia", "Ben"):
        cast.joins(stage, name)
    assert [cast.words_go_out() for _each in range(3)] == [4, 0, 0]
    for group, name in ((stage.group, "Mia"), (second, "Ben")):
        texts = [post.text for post in latest_posts(group.id)]
        assert len(texts) == 2
        assert all(name in text for text in texts)


def test_changed_words_are_said_from_then_on_and_what_is_queued_stays_as_it_was() -> None:
    stage = cast.live()
    comes(stage, "Ann", "en")
    campaigns.change_words(
        campaign=stage.campaign, moment="join", language="en", text="Hello {nickname}", operator=stage.owner
    )
    comes(stage, "Ben", "en")
    first, second = said()["join"]
    assert first != "Hello Ann"
    assert second == "Hello Ben"


def test_in_a_wechat_group_a_person_says_them_with_the_text_ready() -> None:
    stage = cast.live(platform="wechat_group", capacity=100)
    cast.joins(stage, "Mia")
    flow.members_counted(group=stage.group, members=2, operator=stage.owner)
    for _twice in range(2):
        cast.words_go_out()
    tasks = HumanTask.objects.filter(kind="say").order_by("id")
    assert [task.text for task in tasks] == [*said()["join"], *said()["task"]]
    assert not Post.objects.exists()


def test_a_feed_is_read_in_pieces_without_gap_or_overlap() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    posts = [flow.posted(journey=mia, text=f"{nth}", picture=None, key=f"{nth}") for nth in range(7)]
    assert latest_posts(stage.group.id, limit=3) == posts[4:]
    assert posts_before(stage.group.id, posts[4].id, limit=3) == posts[1:4]
    assert posts_after(stage.group.id, posts[4].id) == posts[5:]
    assert posts_after(stage.group.id, None, limit=2) == posts[:2]
