"""What somebody is told to do in a group is not said any more once they are out of it; what is news for them is."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import pytest

from tenfold import flow
from tenfold.campaigns.models import Words
from tenfold.flow.say import say
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.insight.rebuild import differences
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


def another_group(stage: cast.Stage, platform: str) -> Group:
    group = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform=platform, capacity=5, operator=stage.owner
    )
    if platform == "web":
        return group
    return flow.qr_uploaded(group=group, data=cast.wechat_qr("readers-2"), operator=stage.owner)


@pytest.mark.parametrize(("then", "heard"), [("web", "sent"), ("wechat_group", "human")])
def test_who_comes_back_into_another_group_is_greeted_there(then: str, heard: str) -> None:
    stage = cast.live(capacity=1)
    other = another_group(stage, then)
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    cast.joins(stage, "Ben")
    back = cast.joins(stage, "Mia", visitor=mia.person.visitor_id)
    flow.arrival_confirmed(journey=back)
    cast.words_go_out()
    told = Message.objects.filter(journey_id=mia.id, moment__in=["join", "task"])
    assert set(told.values_list("group_id", "platform", "state")) == {(other.id, then, heard)}
    assert "Readers 2" in told.get(moment="join").text


def test_who_was_to_be_greeted_by_hand_is_greeted_by_hand_where_they_are_now() -> None:
    stage = cast.live(platform="wechat_group", capacity=1)
    other = another_group(stage, "wechat_group")
    mia = cast.joins(stage, "Mia")
    flow.arrival_confirmed(journey=mia)
    cast.words_go_out()
    flow.left(journey=mia)
    cast.joins(stage, "Ben")
    flow.arrival_confirmed(journey=cast.joins(stage, "Mia", visitor=mia.person.visitor_id))
    cast.words_go_out()
    task = HumanTask.objects.get(kind="say", journey_id=mia.id, moment="join")
    assert (task.state, task.group_id, "Readers 2" in task.text) == ("open", other.id, True)
    assert differences() == []


def test_who_has_done_the_task_meanwhile_is_greeted_but_not_told_to_do_it() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    flow.judged(proof=proof, operator=stage.owner, is_approved=True)
    flow.left(journey=Journey.objects.get(pk=mia.pk))
    cast.settles(proof)
    cast.joins(stage, "Mia", visitor=mia.person.visitor_id)
    cast.words_go_out()
    assert (state_of("join"), state_of("task")) == (["sent"], ["cancelled"])
