from __future__ import annotations

import re

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.insight.telling import QUIET, SENTENCES, news, story
from tenfold.journal.facts import Fact
from tenfold.web.tags import icon
from tests import cast
from tests.insight.family import family

pytestmark = pytest.mark.django_db


def test_a_persons_story_is_told_in_order() -> None:
    told = family()
    assert [each.text for each in story(told.ann)] == [
        "Ann joined Readers 1",
        "Ann's poster was scanned for the first time",
        "Ben counts for Ann",
        "Cai counts for Ann",
        "Ann sent a screenshot",
        "Olga Owner looked at the screenshot of Ann",
        "The screenshot of Ann was approved",
        "Ann earned the reward",
    ]


def test_a_refused_screenshot_says_why() -> None:
    told = family()
    [refused] = [each for each in story(told.cai) if each.kind == Fact.REJECTED]
    assert refused.because.startswith("The poster is not to be seen")


def test_a_lost_invite_says_why() -> None:
    told = family()
    lost = {each.kind: each.because for each in story(told.ben)}
    assert lost[Fact.CREDIT_VOID] == "they left too soon"


def test_news_come_newest_first_and_without_the_quiet_ones() -> None:
    told = family()
    kinds = [each.kind for each in news(told.stage.campaign)]
    assert kinds[:2] == [Fact.LEFT, Fact.CREDIT_VOID] or kinds[:2] == [Fact.CREDIT_VOID, Fact.LEFT]
    assert not set(kinds) & QUIET


def test_the_same_news_many_times_on_end_is_told_once() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Ann")
    for _ in range(4):
        flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert [(each.kind, each.times) for each in news(stage.campaign)][:2] == [
        (Fact.LINE_JOINED, 4),
        (Fact.JOINED, 1),
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_sentence_can_be_said(language: str) -> None:
    blanks = {"who": "A", "newcomer": "B", "group": "G", "operator": "O"}
    with translation.override(language):
        for mark, _colour, sentence in SENTENCES.values():
            said = str(sentence) % blanks
            assert said
            assert not re.search(r"%|\(", said)
            assert "<svg" in icon(mark)


def test_telling_costs_the_same_for_one_and_for_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live()
    for number in range(3):
        cast.joins(stage, f"N{number}")
        with django_assert_num_queries(4):
            news(stage.campaign)


def test_an_operator_without_a_name_is_told_by_their_address() -> None:
    stage = cast.live()
    stage.owner.name = ""
    stage.owner.save()
    ann = cast.joins(stage, "Ann")
    cast.is_approved(cast.sends(ann), stage.owner)
    assert f"{stage.owner.email} looked at the screenshot of Ann" in [each.text for each in story(ann)]
