"""A draw on a phone: the promise, the odds, one's own number, and everything it takes to check it."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.people import board
from tenfold.people.models import Journey
from tenfold.rewards import actions, draws
from tenfold.rewards.books import Draw
from tenfold.rewards.ruling import make_rule, stop_rule
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.web.conftest import phone

pytestmark = pytest.mark.django_db


def lottery(stage: Stage, winners: int = 1, need: int = 1) -> Draw:
    reward = actions.add_reward(
        campaign=stage.campaign, operator=stage.owner, kind="text", name="A weekend", text="By the sea"
    )
    rule = make_rule(
        campaign=stage.campaign,
        operator=stage.owner,
        when="lottery",
        reward=reward,
        winners=winners,
        need=need,
    )
    return Draw.objects.select_related("campaign").get(line=rule.line)


def takes_part(stage: Stage, name: str) -> Journey:
    journey = cast.joins(stage, name)
    board.moved(journey_id=journey.pk, by=1)
    return journey


def is_drawn(stage: Stage, draw: Draw) -> Draw:
    stage.campaign.refresh_from_db()
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    return flow.drawn(draw=draw, operator=stage.owner)


def read(client: Client, draw: Draw, status: int = 200) -> str:
    answer = client.get(f"/draw/{draw.pk}/")
    assert answer.status_code == status
    return answer.content.decode()


def test_before_it_there_is_the_promise_and_the_odds(stage: Stage, frozen: FrozenClock) -> None:
    draw = lottery(stage, winners=2)
    for name in ("Ann", "Ben", "Cid"):
        takes_part(stage, name)
    html = read(phone(), draw)
    assert "2 will be drawn; 3 take part so far." in html
    assert "Whoever has brought 1 friend takes part." in html
    assert draw.commitment in html
    assert draw.secret not in html
    assert "Drawn after" not in html  # the plan has no end yet
    Campaign.objects.update(ends_at=frozen.now)
    assert "March 3, 2026, 6 p.m." in read(phone(), draw)  # a day of grace later, in the campaign's own zone


def test_everybody_finds_their_own_number(stage: Stage, frozen: FrozenClock) -> None:
    draw = lottery(stage)
    people = [takes_part(stage, name) for name in ("Ann", "Ben")]
    out = cast.joins(stage, "Cid")
    for journey in people:
        assert draws.token_of(draw, journey) in read(phone(journey), draw)
    [number] = is_drawn(stage, draw).winners
    winner, loser = people[number - 1], people[2 - number]
    assert f"Your number {number} has won." in read(phone(winner), draw)
    assert f"Your number was {3 - number}. It has not won." in read(phone(loser), draw)
    assert "You did not take part in this draw." in read(phone(out), draw)
    assert "Your number" not in read(phone(), draw)
    own_page = phone(loser).get(f"/me/{stage.campaign.id}/").content.decode()
    assert "This was drawn." in own_page
    assert "drawn at the end" not in own_page


def test_strangers_read_at_most_the_first_letter(stage: Stage, frozen: FrozenClock) -> None:
    draw = lottery(stage)
    ann = takes_part(stage, "Annabel")
    ben = cast.joins(stage, "Ben")
    is_drawn(stage, draw)
    told = {}
    for names in ("full", "first", "hidden"):
        Campaign.objects.update(board_names=names)
        told[names] = ["Annabel" in read(phone(who), draw) for who in (ben, None)]
    assert told == {"full": [True, False], "first": [False, False], "hidden": [False, False]}
    assert "name not shown" in read(phone(), draw)
    assert draws.token_of(draw, ann)[:8] in read(phone(), draw)


def test_a_draw_that_was_stopped_says_so(stage: Stage) -> None:
    draw = lottery(stage)
    stop_rule(rule=draws.rule_of(draw), operator=stage.owner)
    assert "has stopped this draw" in read(phone(), draw)


def test_the_file_is_kept_by_others_once_it_cannot_change(stage: Stage, frozen: FrozenClock) -> None:
    draw = lottery(stage)
    takes_part(stage, "Ann")
    before = phone().get(f"/draw/{draw.pk}.json")
    assert before["Cache-Control"] == "no-store"
    assert draw.secret.encode() not in b"".join(before.streaming_content)  # type: ignore[attr-defined]
    is_drawn(stage, draw)
    after = phone().get(f"/draw/{draw.pk}.json")
    assert after["Cache-Control"].startswith("public")
    told = json.loads(b"".join(after.streaming_content))  # type: ignore[attr-defined]
    assert (told["secret"], told["winners"], len(told["entries"])) == (draw.secret, [1], 1)
    assert "Ann" not in json.dumps(told)


def test_a_page_of_many_entries_asks_the_database_as_often_as_one_of_few(
    stage: Stage, frozen: FrozenClock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    draw = lottery(stage, winners=4)
    for nth in range(6):
        takes_part(stage, f"P{nth}")
    is_drawn(stage, draw)
    with django_assert_num_queries(3):
        read(phone(), draw)


def counts_people(draw: Draw) -> bool:
    """Whether a stranger who opens the page makes the database count journeys."""
    with CaptureQueriesContext(connection) as asked:
        read(phone(), draw)
    return any("COUNT(" in one["sql"] and 'FROM "tenfold_journey"' in one["sql"] for one in asked)


def test_who_takes_part_by_friends_is_read_from_the_board(stage: Stage) -> None:
    draw = lottery(stage, need=2)
    ann = takes_part(stage, "Ann")
    takes_part(stage, "Ben")
    board.moved(journey_id=ann.pk, by=1)
    assert not counts_people(draw)
    rule = draws.rule_of(draw)
    assert draws.entrants_of(rule) == draws.qualified(rule).count() == 1


def test_who_takes_part_by_the_task_is_counted_once_a_minute_whoever_looks(
    stage: Stage, frozen: FrozenClock
) -> None:
    draw = lottery(stage, need=0)
    ann, ben = (cast.joins(stage, name) for name in ("Ann", "Ben"))
    cast.is_approved(cast.sends(ann), by=stage.owner)
    assert [counts_people(draw) for _nth in range(3)] == [True, False, False]
    cast.is_approved(cast.sends(ben), by=stage.owner)
    frozen.advance(minutes=1)
    assert "1 will be drawn; 2 take part so far." in read(phone(), draw)


def test_a_draft_shows_no_draw_and_what_is_none_is_not_found(stage: Stage) -> None:
    draw = lottery(stage)
    Campaign.objects.update(state="draft")
    for address in (f"/draw/{draw.pk}/", f"/draw/{draw.pk}.json", f"/draw/{new_id()}/"):
        assert phone().get(address).status_code == 404
    assert phone().post(f"/draw/{draw.pk}/").status_code == 405
