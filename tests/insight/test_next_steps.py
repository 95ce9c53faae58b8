from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.groups.models import Group
from tenfold.insight.next_steps import Need, next_steps
from tenfold.people.models import Journey
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def needs(stage: cast.Stage) -> list[Need]:
    stage.campaign.refresh_from_db()
    return [step.need for step in next_steps(stage.campaign)]


def test_a_draft_wants_launching() -> None:
    assert needs(cast.draft()) == [Need.LAUNCH]


def test_a_fresh_campaign_wants_its_first_posters_handed_out() -> None:
    stage = cast.live()
    assert needs(stage) == [Need.SEEDS]
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert needs(stage) == []


def test_a_paused_one_says_so_first() -> None:
    stage = cast.live()
    cast.sends(cast.joins(stage, "Ann"))
    flow.paused(campaign=stage.campaign, operator=stage.owner)
    assert needs(stage) == [Need.RESUME, Need.REVIEW]


def test_screenshots_become_urgent_with_time(frozen: FrozenClock) -> None:
    stage = cast.live()
    cast.sends(cast.joins(stage, "Ann"))
    [step] = next_steps(stage.campaign)
    assert (step.need, step.count, step.is_urgent) == (Need.REVIEW, 1, False)
    frozen.advance(minutes=61)
    [step] = next_steps(stage.campaign)
    assert (step.minutes, step.is_urgent) == (61, True)


def test_seats_are_short_before_they_are_out() -> None:
    stage = cast.live(capacity=10)
    for number in range(7):
        cast.joins(stage, f"N{number}")
    assert needs(stage) == []
    cast.joins(stage, "N7")
    assert needs(stage) == [Need.SEATS]


def test_who_waits_in_line_comes_first_and_speaks_for_the_seats() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Ann")
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert needs(stage) == [Need.LINE]


def test_a_group_code_near_its_end_is_named(frozen: FrozenClock) -> None:
    stage = cast.live(platform="wechat_group")
    frozen.advance(days=5)
    assert needs(stage) == [Need.SEEDS]
    frozen.advance(days=1, hours=5)
    [step] = next_steps(stage.campaign)
    assert (step.need, step.name, step.minutes) == (Need.QR, "Readers 1", 19 * 60)


def test_a_small_stock_wants_more() -> None:
    stage = cast.live(stock=10, reward_kind="codes")
    for number in range(9):
        cast.is_approved(cast.sends(cast.joins(stage, f"N{number}")), stage.owner)
    [stock] = [step for step in next_steps(stage.campaign) if step.need == Need.STOCK]
    assert (stock.count, stock.name) == (1, "A free book")


def test_tasks_of_a_group_without_a_robot_are_counted() -> None:
    stage = cast.live(platform="wechat_group")
    flow.arrival_confirmed(journey=cast.joins(stage, "Ann"))
    cast.words_go_out()
    steps = {step.need: step.count for step in next_steps(stage.campaign)}
    assert steps[Need.TASKS] > 0


def test_an_ended_campaign_only_wants_its_work_finished() -> None:
    stage = cast.live(capacity=2)
    cast.sends(cast.joins(stage, "Ann"))
    cast.joins(stage, "Ben")
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    assert needs(stage) == [Need.REVIEW]
    assert (Group.objects.count(), Journey.objects.count()) == (1, 2)
