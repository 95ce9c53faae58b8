"""The poster, as an operator writes it."""

from __future__ import annotations

import pytest

from tenfold.accounts.models import Role
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.imaging.qr import read_codes
from tenfold.posters.models import PosterText
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, mate, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return cast.draft(reward_kind="codes")


def there(stage: Stage, tab: str, *more: object) -> str:
    return address(tab, stage.campaign.id, *more)


POSTER = {
    "en-title": "Ten books in ten weeks",
    "en-points": "Free\r\nTogether",
    "zh-hans-title": "十周十本书",
}


def test_poster_texts_are_saved_in_both_languages(stage: Stage) -> None:
    assert desk(stage.owner).post(there(stage, "poster"), POSTER).status_code == 302
    texts = {text.language: text for text in PosterText.objects.filter(campaign=stage.campaign)}
    assert texts["en"].title == "Ten books in ten weeks"
    assert texts["en"].points.split() == ["Free", "Together"]
    assert texts["zh-hans"].title == "十周十本书"


def test_one_language_may_stay_empty_as_long_as_it_never_had_a_text(stage: Stage) -> None:
    PosterText.objects.filter(language="zh-hans").delete()
    client = desk(stage.owner)
    assert client.post(there(stage, "poster"), {"en-title": "Books"}).status_code == 302
    assert not PosterText.objects.filter(language="zh-hans").exists()
    half = {"en-title": "Books", "zh-hans-offer": "免费"}
    assert client.post(there(stage, "poster"), half).status_code == 422


def test_poster_without_a_title_is_refused_and_stays_as_typed(stage: Stage) -> None:
    wrong = POSTER | {"en-title": "", "en-subtitle": "s" * 121}
    answer = desk(stage.owner).post(there(stage, "poster"), wrong)
    assert answer.status_code == 422
    assert said(answer).count("is-invalid") == 2
    assert "十周十本书" in said(answer)
    assert PosterText.objects.get(campaign=stage.campaign, language="en").title == "Read ten books with us"


def test_preview_draws_what_is_typed_and_keeps_nothing(stage: Stage) -> None:
    client = desk(mate(stage, Role.VIEWER))
    typed = POSTER | {"language": "en"}
    one = client.post(there(stage, "poster_preview"), typed)
    other = client.post(there(stage, "poster_preview"), typed | {"en-title": "Something else"})
    assert one["Content-Type"] == "image/jpeg"
    assert one.content[:3] == b"\xff\xd8\xff"
    assert one.content != other.content
    assert PosterText.objects.get(campaign=stage.campaign, language="en").title == "Read ten books with us"
    assert client.post(there(stage, "poster_preview"), {"language": "tlh"}).status_code == 400


@pytest.mark.parametrize(("kind", "media_type"), [("png", "image/png"), ("jpg", "image/jpeg")])
def test_seed_poster_is_downloaded_and_its_code_can_be_read(stage: Stage, kind: str, media_type: str) -> None:
    answer = desk(stage.owner).get(there(stage, "poster_file", "en", kind))
    assert answer["Content-Type"] == media_type
    assert answer["Content-Disposition"].startswith("attachment;")
    assert [found.text for found in read_codes(answer.content)] == [address_of(stage.code)]


def test_poster_file_needs_a_code_and_a_known_kind(stage: Stage) -> None:
    client = desk(stage.owner)
    assert client.get(there(stage, "poster_file", "en", "svg")).status_code == 404
    assert client.get(there(stage, "poster_file", "tlh", "png")).status_code == 404
    LiveCode.objects.all().delete()
    assert client.get(there(stage, "poster_file", "en", "png")).status_code == 404
