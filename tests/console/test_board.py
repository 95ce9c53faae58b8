"""The board in the console: whole names, every place, page by page."""

from __future__ import annotations

import re

import pytest

from tenfold.console import board as page
from tenfold.people import board
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, outsider, said

pytestmark = pytest.mark.django_db


def crowd(friends: dict[str, int]) -> Stage:
    stage = cast.live()
    for name, count in friends.items():
        board.moved(journey_id=cast.joins(stage, name).pk, by=count)
    return stage


def read(stage: Stage, **query: str) -> str:
    return said(desk(stage.owner).get(address("board", stage.campaign.id), query))


def rows(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<td class="tf-num">(\d+)</td>\s*<td><a class="tw-row"[^>]*>([^<]*)<', html)


def test_everybody_stands_there_by_their_name() -> None:
    told = read(crowd({"Ann": 1, "Ben": 3, "Cai": 1}))
    assert rows(told) == [("1", "Ben"), ("2", "Ann"), ("3", "Cai")]
    assert "Participants do not see this board." in told


def test_places_go_on_from_page_to_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", 2)
    stage = crowd({"Ann": 3, "Ben": 2, "Cai": 1})
    assert rows(read(stage, page="2")) == [("3", "Cai")]
    assert rows(read(stage, page="rubbish")) == [("1", "Ann"), ("2", "Ben")]


def test_it_says_whether_participants_see_it_and_leads_to_what_they_see() -> None:
    stage = crowd({})
    type(stage.campaign).objects.filter(pk=stage.campaign.pk).update(board="public")
    told = read(stage)
    assert "Everybody may see this board:" in told
    assert f'href="/board/{stage.campaign.id}/"' in told
    assert "Nobody stands here yet" in told


def test_it_is_fetched_again_as_a_piece_and_by_nobody_else() -> None:
    stage = crowd({"Ann": 1})
    client = desk(stage.owner)
    piece = said(client.get(address("board", stage.campaign.id), headers={"HX-Request": "true"}))
    assert "<html" not in piece
    assert rows(piece) == [("1", "Ann")]
    assert desk(outsider()).get(address("board", stage.campaign.id)).status_code == 404
