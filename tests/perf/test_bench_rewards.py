"""The bench of rewards: its campaign is one that the product could have made, and its sums are right."""

from __future__ import annotations

import pytest

from perf.bench_rewards import Pair, Round, Wishes, figures_of, measured
from perf.drill_kill import Figure
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


# --- what is told -------------------------------------------------------------------------------------------------


class Stub:
    """A database that takes this long for each of everything."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self.asked = seconds, list[tuple[str, int]]()

    def seconds(self, what: str, times: int) -> list[float]:
        self.asked.append((what, times))
        return [self._seconds] * times


def test_both_databases_are_asked_the_same_in_turn() -> None:
    small, large = Stub(1.0), Stub(1.25)
    wishes = Wishes((10, 100), rounds=3, joins=5, pages=4, port=0, is_checked=False)
    rounds = list(measured(small, large, wishes))  # type: ignore[arg-type]
    assert [each.joins.ratio for each in rounds] == [1.25] * 3
    assert small.asked == large.asked
    assert small.asked.count(("joins", 3)) == 6


def test_a_ratio_above_the_target_is_a_miss_and_one_noisy_round_is_not() -> None:
    def pair(ratio: float) -> Pair:
        return Pair(small=0.01, large=0.01 * ratio, small_mean=0.02, large_mean=0.02 * ratio)

    def told(*ratios: float) -> dict[str, Figure]:
        rounds = [Round(joins=pair(each), board=pair(each), constant=pair(1)) for each in ratios]
        return {each.name: each for each in figures_of("sqlite", (1_000, 1_000_000), rounds)}

    good, bad = told(1.1, 1.2, 9.0), told(1.1, 2.5, 2.4)
    assert good["sqlite: a join, times that among 1,000"] == Figure(
        "sqlite: a join, times that among 1,000", 1.2, "<= 1.3", True
    )
    assert good["sqlite: joins a second among 1,000, all of them"].value == 50
    assert all(each.ok for each in good.values())
    assert {name for name, each in bad.items() if not each.ok} == {
        "sqlite: a join, times that among 1,000",
        "sqlite: the board's page, times that among 1,000",
    }


# --- the stage ----------------------------------------------------------------------------------------------------


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
