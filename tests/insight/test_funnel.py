from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.codes import actions as codes
from tenfold.codes.models import Channel
from tenfold.insight.funnel import channels, funnel, generations, pulse
from tests import cast
from tests.conftest import FrozenClock
from tests.insight.family import family

pytestmark = pytest.mark.django_db


def test_the_funnel_counts_what_was_counted_by_hand() -> None:
    totals = funnel(family().stage.campaign)
    assert (totals.scan_count, totals.visitor_count) == (5, 5)
    assert (totals.joined_count, totals.proof_count, totals.approved_count) == (4, 3, 2)
    assert (totals.rewarded_count, totals.sharer_count) == (2, 2)
    assert (totals.out_count, totals.waiting_count) == (1, 0)
    assert (totals.joined.part, totals.joined.whole) == (4, 5)
    assert (totals.proofs.part, totals.approved.whole) == (3, 3)


def test_an_empty_campaign_counts_nothing() -> None:
    campaign = cast.draft().campaign
    assert set(vars(funnel(campaign)).values()) == {0}
    assert generations(campaign) == []


def test_another_campaign_is_not_counted() -> None:
    told = family()
    other = cast.live(owner=cast.workspace("other@example.com"))
    cast.joins(other, "Zoe")
    assert funnel(told.stage.campaign).joined_count == 4
    assert funnel(other.campaign).joined_count == 1


def test_those_who_wait_in_line_are_counted() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Ann")
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert funnel(stage.campaign).waiting_count == 1


def test_a_channel_is_given_its_whole_line() -> None:
    told = family()
    kol = codes.make_channel(
        campaign=told.stage.campaign, name="Lin", kind=Channel.Kind.KOL, operator=told.stage.owner
    )
    cast.joins(told.stage, "Eve", by=kol)
    cast.joins(told.stage, "Fay", by=told.cai.code)
    found = {each.name: each for each in channels(told.stage.campaign)}
    assert [each.name for each in channels(told.stage.campaign)] == ["Seeds", "Lin"]
    seeds, lin = found["Seeds"], found["Lin"]
    assert (seeds.scan_count, seeds.visitor_count, seeds.seed_count, seeds.line_count) == (1, 1, 1, 5)
    assert (lin.scan_count, lin.visitor_count, lin.seed_count, lin.line_count) == (1, 1, 1, 1)


def test_generations_say_how_many_brought_how_many() -> None:
    found = generations(family().stage.campaign)
    assert [(each.number, each.person_count, each.newcomer_count) for each in found] == [
        (0, 1, 2),
        (1, 2, 1),
        (2, 1, 0),
    ]
    assert [each.k for each in found] == [2.0, 0.5, 0.0]
    assert [each.sharer_count for each in found] == [1, 1, 0]


def test_the_pulse_puts_each_scan_into_its_minute(frozen: FrozenClock) -> None:
    stage = cast.live()
    frozen.advance(hours=-2)
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    frozen.advance(hours=2)
    cast.joins(stage, "Ann")
    frozen.advance(minutes=3, seconds=20)
    cast.joins(stage, "Ben")
    slots = pulse(stage.campaign, "hour")
    assert len(slots) == 60
    assert [(slot.scan_count, slot.join_count) for slot in slots[-4:]] == [(1, 1), (0, 0), (0, 0), (1, 1)]
    assert sum(slot.scan_count for slot in slots) == 2
    days = pulse(stage.campaign, "days")
    assert [(slot.scan_count, slot.join_count) for slot in days[-3:]] == [(1, 0), (0, 0), (2, 2)]


@pytest.mark.parametrize("span", ["hour", "days"])
def test_the_pulse_of_silence_is_flat(span: str) -> None:
    slots = pulse(cast.draft().campaign, span)
    assert {(slot.scan_count, slot.join_count) for slot in slots} == {(0, 0)}
