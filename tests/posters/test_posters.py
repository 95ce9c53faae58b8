"""The texts of a poster, and whose poster it is."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tenfold.base.refusal import Refusal
from tenfold.codes.queries import address_of
from tenfold.imaging.qr import read_codes
from tenfold.people import actions as people
from tenfold.posters import actions
from tenfold.posters.drawing import poster_of
from tenfold.posters.grounds import picture_of
from tenfold.posters.queries import text_of
from tests import cast

pytestmark = pytest.mark.django_db


def change(stage: cast.Stage, language: str = "en", **elements: str) -> None:
    actions.change_text(campaign=stage.campaign, language=language, operator=stage.owner, **elements)


@pytest.mark.parametrize(
    ("language", "elements", "why"),
    [
        ("fr", {"title": "Lisez"}, "unknown_language"),
        ("en", {"title": " "}, "bad_poster_text"),
        ("en", {"title": "x" * 61}, "bad_poster_text"),
        ("en", {"offer": "x" * 81}, "bad_poster_text"),
    ],
)
def test_texts_that_do_not_fit_are_refused_and_the_old_ones_stay(
    language: str, elements: dict[str, str], why: str
) -> None:
    stage = cast.draft()
    with pytest.raises(Refusal) as refused:
        change(stage, language, **elements)
    assert (refused.value.code, refused.value.status) == (why, 400)
    assert text_of(stage.campaign, "en").title == "Read ten books with us"


def test_one_element_is_changed_without_the_others() -> None:
    stage = cast.draft()
    change(stage, points=" one \n\n two ", offer="Free")
    change(stage, offer="Free today")
    said = dict(poster_of(stage.code, language="en").shared)
    assert (said["title"], said["points"], said["offer"]) == (
        "Read ten books with us",
        "one\ntwo",
        "Free today",
    )


@pytest.mark.parametrize(
    ("written", "asked", "title"),
    [
        ("en zh-hans", "zh-hans", "zh-hans"),
        ("en", "zh-hans", "en"),
        ("zh-hans", "en", "zh-hans"),
        ("", "en", "Ten Books"),
    ],
)
def test_a_language_nobody_wrote_falls_back_to_the_campaign_s_and_at_last_to_its_name(
    written: str, asked: str, title: str
) -> None:
    stage = cast.draft()
    stage.campaign.poster_texts.all().delete()
    for language in written.split():
        change(stage, language, title=language)
    assert text_of(stage.campaign, asked).title == title


def test_a_participant_s_poster_carries_their_name_and_code_and_a_channel_s_nobody_s() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    own, seeds = poster_of(mia.code, language="en"), poster_of(stage.code, language="en")
    assert dict(own.personal) == {"nickname": "Mia", "invite": "Mia invites you"}
    assert dict(seeds.personal) == {}
    (code,) = read_codes(picture_of(own, media_type="image/png"))
    assert code.text == own.code_text == address_of(mia.code)


def test_the_tag_changes_exactly_when_the_picture_would() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    tags = [poster_of(mia.code, language="en").etag for _twice in range(2)]
    people.change_profile(person=mia.person, nickname="Mia B", avatar=None, language="en")
    tags.append(poster_of(mia.code, language="en").etag)
    people.change_profile(person=mia.person, nickname="Mia B", avatar=cast.screenshot(), language="en")
    tags.append(poster_of(mia.code, language="en").etag)
    change(stage, offer="Free")
    tags.append(poster_of(mia.code, language="en").etag)
    assert [tags.index(tag) for tag in tags] == [0, 0, 2, 3, 4]


def test_a_poster_costs_as_few_queries_for_a_large_campaign_as_for_a_small_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live(capacity=20)
    for nth in range(5):
        mia = cast.joins(stage, f"Mia {nth}")
    with django_assert_num_queries(4):  # the campaign, its designs, its texts, the owner
        poster_of(mia.code, language="en")
