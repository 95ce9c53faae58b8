"""The bench of rewards: its campaign is one that the product could have made, and its sums are right."""

from __future__ import annotations

import pytest

from perf.rewards_stage import SEED_IN, STEPS, crowd_of, filled
from tenfold import flow
from tenfold.insight.rebuild import checked
from tenfold.people import board
from tenfold.people.models import Journey, Standing
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Grant


def test_most_bring_nobody_and_a_few_bring_very_many() -> None:
    crowd = crowd_of(20_000)
    assert crowd == crowd_of(20_000)
    assert sum(crowd.counts) == sum(above >= 0 for above in crowd.above)
    assert 0.8 < crowd.above.count(-1) * SEED_IN / 20_000 < 1.2
    assert 0.5 < crowd.counts.count(0) / 20_000 < 0.75
    assert max(crowd.counts) > 100
    assert all(above < nth for nth, above in enumerate(crowd.above))


@pytest.mark.django_db
def test_the_stage_is_one_that_the_product_could_have_made() -> None:
    stage, people = filled(700)
    assert checked().differences == []
    journeys = Journey.objects.filter(campaign=stage.campaign)
    assert journeys.count() == 700
    ranking = [(each.valid_count, each.counted_seq) for each in board.ranked(campaign_id=stage.campaign.id)]
    assert ranking == sorted(ranking, key=lambda each: (-each[0], each[1]))
    assert len(set(ranking)) == len(ranking) == board.people_count(stage.campaign.id)
    for nth, journey in enumerate(board.places(campaign_id=stage.campaign.id, first=1, last=700), start=1):
        place = board.place_of(journey)
        assert place
        assert place.number == nth
    for need in STEPS:
        assert Grant.objects.filter(rule__need=need).count() == journeys.filter(valid_count__gte=need).count()
    assert sorted(count for _slug, count in people) == sorted(journeys.values_list("valid_count", flat=True))


@pytest.mark.django_db
def test_the_story_goes_on_in_it() -> None:
    stage, people = filled(60)
    slug, count = max(people, key=lambda each: each[1])
    shown = flow.scanned(slug=slug, visitor_id=None)
    assert shown.group
    flow.joined(
        group=shown.group, visitor_id=shown.visitor_id, nickname="Zoe", has_consented=True, language="en"
    )
    inviter = Journey.objects.get(code__slug=slug)
    assert inviter.valid_count == inviter.board_count == count + 1
    assert LedgerRow.objects.filter(journey=inviter, unit="invite").count() == count + 1
    assert checked().differences == []
    assert Standing.objects.filter(campaign=stage.campaign, people_count=0, valid_count__gt=0).count() == 0
