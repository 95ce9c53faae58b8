"""The whole loop, told through the story's own steps."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.groups import actions as groups
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Credit, Journey
from tenfold.platforms.web.models import Post
from tests import cast

pytestmark = pytest.mark.django_db


def test_scan_join_prove_earn_and_bring_the_next() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    assert (mia.origin, mia.generation, mia.state) == ("seed", 0, "joined")

    ben = cast.joins(stage, "Ben", by=mia.code)
    assert (ben.inviter_id, ben.generation) == (mia.id, 1)
    assert Credit.objects.get(inviter=mia, newcomer=ben).state == "valid"

    proof = cast.sends(ben)
    cast.is_approved(proof, by=stage.owner)
    ben.refresh_from_db()
    assert ben.state == Journey.State.REWARDED
    assert ben.grants.get().reward == stage.reward

    cast.words_go_out()
    said = (
        Post.objects.filter(room_id=stage.group.id, kind="bot").order_by("id").values_list("text", flat=True)
    )
    assert next(text for text in said if "Ben" in text).startswith("Welcome to Readers 1, Ben!")
    assert any("Ben has earned A free book" in text for text in said)

    mia.refresh_from_db()
    assert mia.valid_count == 1
    assert mia.sharing_at is not None


def test_full_group_sends_scanner_to_the_next_and_all_full_to_the_line() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert shown.outcome == flow.Outcome.WAITING
    second = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform="web", capacity=5, operator=stage.owner
    )
    assert flow.line_called(campaign=stage.campaign) == 1
    again = flow.scanned(slug=stage.code.slug, visitor_id=shown.visitor_id)
    assert (again.outcome, again.group) == (flow.Outcome.GROUP, second)


def test_wechat_group_is_confirmed_by_a_count_and_speaks_through_a_person() -> None:
    stage = cast.live(platform="wechat_group", capacity=200)
    mia = cast.joins(stage, "Mia")
    assert mia.state == "arriving"
    count = flow.members_counted(group=stage.group, members=3, operator=stage.owner)
    assert (count.confirmed, count.anonymous, count.missing) == (1, 1, 0)
    mia.refresh_from_db()
    assert mia.state == "joined"
    cast.words_go_out()
    tasks = HumanTask.objects.filter(kind="say")
    assert {task.moment for task in tasks} == {"join", "task"}
    assert all("Mia" in task.text for task in tasks)
