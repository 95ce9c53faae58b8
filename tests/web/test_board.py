"""The board on a phone: who may see it, how much of the names, and one's own place."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tenfold.base.keys import new_id
from tenfold.insight import marks
from tenfold.people import board
from tenfold.people.models import Journey, Person
from tenfold.rewards.models import RewardRule
from tenfold.rewards.ruling import make_rule, stop_rule
from tenfold.web import board as page
from tests import cast
from tests.cast import Stage
from tests.web.conftest import phone

pytestmark = pytest.mark.django_db


def shows(stage: Stage, who: str, names: str = "first") -> None:
    stage.campaign.board, stage.campaign.board_names = who, names
    stage.campaign.save(update_fields=["board", "board_names"])


def has(journey: Journey, friends: int) -> Journey:
    board.moved(journey_id=journey.pk, by=friends)
    return journey


def read(client: Client, stage: Stage, status: int = 200) -> str:
    answer = client.get(f"/board/{stage.campaign.id}/")
    assert answer.status_code == status
    return answer.content.decode()


def rows(html: str) -> list[tuple[str, str, str]]:
    """Of each line its number, what stands for the name, and the count."""
    name = r'<span class="who">(?:<span class="quiet">)?([^<]*)<'
    line = rf'<b class="place num">(\d+)</b>{name}.*?<span class="num">(\d+)'
    return re.findall(line, html)


# --- who may see it -------------------------------------------------------------------------------------------


def test_without_a_board_there_is_no_page(stage: Stage) -> None:
    ann = has(cast.joins(stage, "Ann"), 2)
    assert "There is no board at this address." in read(phone(ann), stage, 404)
    assert phone(ann).get(f"/board/{new_id()}/").status_code == 404


def test_a_board_for_participants_is_closed_to_everybody_else(stage: Stage) -> None:
    shows(stage, "members")
    ann = has(cast.joins(stage, "Ann"), 2)
    assert "This board is for those who have joined." in read(phone(), stage, 403)
    assert "Ann" not in read(phone(UUID(int=7)), stage, 403)
    assert "You are number 1 of 1" in read(phone(ann), stage)


def test_a_public_board_is_read_by_anybody_and_kept_by_no_cache(stage: Stage) -> None:
    shows(stage, "public")
    has(cast.joins(stage, "Ann"), 2)
    answer = phone().get(f"/board/{stage.campaign.id}/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert rows(answer.content.decode()) == [("1", "A**", "2")]
    assert "You are" not in answer.content.decode()


def test_a_draft_shows_no_board() -> None:
    stage = cast.draft()
    shows(stage, "public")
    read(phone(), stage, 404)


# --- how much of the names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "to_a_member", "to_a_stranger"),
    [("full", "Ann", "A**"), ("first", "A**", "A**"), ("hidden", "name not shown", "name not shown")],
)
def test_names_are_shown_as_the_plan_says_and_whole_ones_to_members_alone(
    stage: Stage, names: str, to_a_member: str, to_a_stranger: str
) -> None:
    shows(stage, "public", names)
    has(cast.joins(stage, "Ann"), 2)
    ben = has(cast.joins(stage, "Ben"), 1)
    assert rows(read(phone(ben), stage)) == [("1", to_a_member, "2"), ("2", "Ben", "1")]
    stranger = read(phone(), stage)
    assert rows(stranger)[0] == ("1", to_a_stranger, "2")
    assert "Ann" not in stranger


def test_a_name_is_text_and_never_markup(stage: Stage) -> None:
    shows(stage, "members", "full")
    ann = has(cast.joins(stage, "<b>Ann</b>"), 1)
    assert "&lt;b&gt;Ann" in read(phone(ann), stage)


# --- one's own place ------------------------------------------------------------------------------------------


def test_it_says_exactly_what_is_left_to_pass_the_one_before(stage: Stage) -> None:
    shows(stage, "members")
    has(cast.joins(stage, "Ann"), 4)
    ben = has(cast.joins(stage, "Ben"), 2)
    told = read(phone(ben), stage)
    assert "You are number 2 of 2" in told
    assert "2 friends count for you." in told
    assert "With 3 more you pass the one before you." in told
    assert told.count('aria-current="true"') == 1


def test_who_stands_below_the_list_reads_their_own_line_after_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "SHOWN", 2)
    shows(stage, "members", "full")
    for name, friends in (("Ann", 4), ("Ben", 3), ("Cai", 2)):
        has(cast.joins(stage, name), friends)
    dan = has(cast.joins(stage, "Dan"), 1)
    assert rows(read(phone(dan), stage)) == [("1", "Ann", "4"), ("2", "Ben", "3"), ("4", "Dan", "1")]


def test_without_a_friend_who_counts_one_is_told_how_to_get_there(stage: Stage) -> None:
    shows(stage, "members")
    told = read(phone(cast.joins(stage, "Ann")), stage)
    assert "You are not on the board yet" in told
    assert "The first friend who counts for you brings you onto it." in told
    assert "Nobody stands here yet." in told


def test_who_is_blocked_does_not_stand_there(stage: Stage) -> None:
    shows(stage, "members", "full")
    ann, ben = has(cast.joins(stage, "Ann"), 2), has(cast.joins(stage, "Ben"), 1)
    Person.objects.filter(pk=ann.person_id).update(blocked_at=ann.created_at)
    board.moved(journey_id=ann.pk, by=0)
    assert rows(read(phone(ben), stage)) == [("1", "Ben", "1")]
    assert "You are not on the board yet" in read(phone(ann), stage)


def test_when_it_is_over_nobody_is_sent_for_more(stage: Stage) -> None:
    shows(stage, "members")
    has(cast.joins(stage, "Ann"), 2)
    ben = has(cast.joins(stage, "Ben"), 1)
    type(stage.campaign).objects.filter(pk=stage.campaign.pk).update(state="ended")
    told = read(phone(ben), stage)
    assert "You are number 2 of 2" in told
    assert "more you pass" not in told


# --- as it is open --------------------------------------------------------------------------------------------


def test_it_is_fetched_again_as_a_piece_and_can_be_without_script(stage: Stage) -> None:
    shows(stage, "public")
    ann = has(cast.joins(stage, "Ann"), 1)
    whole = read(phone(ann), stage)
    assert f'sse-connect="/live/me/{ann.page_key}?after={marks.of_journey(ann.pk)}"' in whole
    assert 'hx-trigger="sse:changed delay:1s, every 20s"' in whole
    assert "<noscript>" in whole
    assert "/live/me/" not in read(phone(), stage)
    piece = phone(ann).get(f"/board/{stage.campaign.id}/", headers={"HX-Request": "true"}).content.decode()
    assert piece.startswith('<div id="board"')


def test_in_chinese(stage: Stage) -> None:
    shows(stage, "public")
    has(cast.joins(stage, "王小明"), 1)
    assert rows(read(phone(language="zh-hans"), stage)) == [("1", "王**", "1")]


def test_it_costs_as_many_queries_for_many_as_for_one(
    stage: Stage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    shows(stage, "public", "full")
    ann = has(cast.joins(stage, "Ann"), 1)
    client = phone(ann)
    with django_assert_max_num_queries(9) as one:
        read(client, stage)
    for nth in range(4):
        has(cast.joins(stage, f"N{nth}"), nth + 1)
    with django_assert_max_num_queries(len(one)):
        read(client, stage)


def test_what_places_bring_at_the_end_is_told(stage: Stage) -> None:
    shows(stage, "public")
    make_rule(
        campaign=stage.campaign,
        operator=stage.owner,
        when="rank",
        reward=stage.reward,
        rank_from=1,
        rank_to=3,
        need=5,
    )
    told = read(phone(), stage)
    assert "For places at the end" in told
    assert re.search(r"<b>A free book</b>.*places 1 to 3.*with at least 5 friends", told)
    stop_rule(rule=RewardRule.objects.get(when="rank"), operator=stage.owner)
    assert "For places at the end" not in read(phone(), stage)
