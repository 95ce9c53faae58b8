"""What somebody is told to do in a group is not said any more once they are out of it; what is news for them is."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import pytest

from tenfold import flow
from tenfold.campaigns.models import Words
from tenfold.flow.say import say
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Journey
from tenfold.platforms.contract import Failed
from tenfold.platforms.registry import PLATFORMS
from tenfold.platforms.web.models import Post
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
Gone = Callable[..., Journey]


def state_of(moment: str) -> list[str]:
    return list(Message.objects.filter(moment=moment).order_by("id").values_list("state", flat=True))


@pytest.mark.parametrize("gone", [flow.left, flow.removed])
def test_a_reminder_to_somebody_who_has_left_before_is_not_sent(frozen: FrozenClock, gone: Gone) -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    cast.words_go_out()
    frozen.advance(days=1, hours=1)
    for journey in (mia, ben):
        flow.stalled(journey=Journey.objects.get(pk=journey.pk))
    assert state_of("remind") == ["queued", "queued"]
    gone(journey=mia)
    cast.words_go_out()
    assert state_of("remind") == ["cancelled", "sent"]
    assert not Post.objects.filter(key__startswith=f"remind:{mia.id}").exists()
    assert Post.objects.filter(key__startswith=f"remind:{ben.id}").exists()


def test_one_that_the_platform_has_refused_so_far_is_not_tried_again() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    with mock.patch.object(PLATFORMS["web"], "say", return_value=Failed(error="down", is_permanent=False)):
        cast.words_go_out()
    flow.left(journey=mia)
    assert set(Message.objects.values_list("state", "due_at")) == {("cancelled", None)}


def test_the_words_of_their_removal_and_of_a_verdict_are_said() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    say(mia, Words.Moment.APPROVE, key="approved")
    flow.removed(journey=mia)
    cast.words_go_out()
    assert (state_of("remove"), state_of("approve")) == (["sent"], ["sent"])
    assert (state_of("join"), state_of("task")) == (["cancelled"], ["cancelled"])


def test_who_comes_back_before_they_were_greeted_is_greeted_once() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    cast.words_go_out()
    assert state_of("join") == ["cancelled"]
    for _ in range(2):
        cast.joins(stage, "Mia", visitor=mia.person.visitor_id)
        cast.words_go_out()
        assert (state_of("join"), state_of("task")) == (["sent"], ["sent"])
        flow.left(journey=Journey.objects.get(pk=mia.pk))
    assert Post.objects.filter(key=f"join:{mia.id}").count() == 1


def test_nobody_is_asked_to_post_a_greeting_by_hand_for_who_is_gone() -> None:
    stage = cast.live(platform="wechat_group")
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    for journey in (mia, ben):
        flow.arrival_confirmed(journey=journey)
    cast.words_go_out()
    tasks = HumanTask.objects.filter(kind="say", journey_id=mia.id)
    assert set(tasks.values_list("state", flat=True)) == {"open"}
    flow.left(journey=mia)
    assert set(tasks.values_list("state", flat=True)) == {"dropped"}
    assert HumanTask.objects.filter(kind="say", journey_id=ben.id, state="open").count() == 2
    flow.arrival_confirmed(journey=cast.joins(stage, "Mia", visitor=mia.person.visitor_id))
    cast.words_go_out()
    assert set(tasks.values_list("state", flat=True)) == {"open"}
    assert tasks.count() == 2


def test_what_an_operator_has_put_aside_stays_so() -> None:
    stage = cast.live(platform="wechat_group")
    mia = cast.joins(stage, "Mia")
    flow.arrival_confirmed(journey=mia)
    cast.words_go_out()
    task = HumanTask.objects.get(moment="join")
    flow.left(journey=mia)
    HumanTask.objects.filter(pk=task.pk).update(closed_by=stage.owner)
    flow.arrival_confirmed(journey=cast.joins(stage, "Mia", visitor=mia.person.visitor_id))
    task.refresh_from_db()
    assert task.state == "dropped"
