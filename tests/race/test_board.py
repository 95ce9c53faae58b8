"""Many move on the board at once: no place is lost or given twice, whatever the order. On SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random
from uuid import UUID

import pytest
from django.db.models import F, Sum

from tenfold.base.claim import step
from tenfold.insight.boards import Blocks, InBlocks
from tenfold.people import board
from tenfold.people.models import Journey, Standing
from tests import cast
from tests.race.crowd import all_at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PEOPLE, ACTS = 8, 40


@step
def moved_together(*, moves: list[tuple[UUID, int]]) -> None:
    """As when a group is counted: several people in one transaction, their journeys locked first as everywhere."""
    keys = [key for key, _by in moves]
    list(Journey.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    for key, by in moves:
        board.moved(journey_id=key, by=by)


def test_several_who_move_several_at_once_leave_everybody_in_one_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "BLOCK", 3)
    stage, dice = cast.live(), Random(1)
    keys = [cast.joins(stage, f"N{nth}").pk for nth in range(PEOPLE)]
    acts = [[(key, dice.choice([1, 1, 1, -1])) for key in dice.sample(keys, 3)] for _nth in range(ACTS)]
    all_at_once([partial(moved_together, moves=moves) for moves in acts])
    counted = Counter[UUID]()
    for moves in acts:
        for key, by in moves:
            counted[key] += by
    journeys = Journey.objects.filter(campaign=stage.campaign)
    assert dict(journeys.values_list("pk", "valid_count")) == {key: counted[key] for key in keys}
    assert Blocks().counts() == InBlocks().counts()
    ranking = list(board.ranked(campaign_id=stage.campaign.id))
    assert [board.place_of(each).number for each in ranking] == list(range(1, len(ranking) + 1))  # type: ignore[union-attr]
    assert len({(each.board_count, each.counted_seq) for each in ranking}) == len(ranking)
    rows = Standing.objects.filter(campaign=stage.campaign)
    assert rows.aggregate(all=Sum("people_count"))["all"] == len(ranking)
    assert not rows.filter(given_count__lt=F("people_count")).exists()


def test_the_first_of_all_begin_the_board_at_once() -> None:
    stage = cast.live(capacity=20)
    keys = [cast.joins(stage, f"N{nth}").pk for nth in range(PEOPLE)]
    all_at_once([partial(board.moved, journey_id=key, by=1) for key in keys])
    ranking = list(board.ranked(campaign_id=stage.campaign.id))
    assert [each.counted_seq for each in ranking] == list(range(PEOPLE))
    assert {each.pk for each in ranking} == set(keys)
