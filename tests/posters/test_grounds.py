"""What all have in common is drawn once a process, and does not fill it."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest import mock

import pytest
from PIL import Image

from tenfold.imaging.compose import Ground, prepare
from tenfold.imaging.design import read_design
from tenfold.imaging.patches import Patch
from tenfold.imaging.qr import code_facts, qr_modules, read_codes
from tenfold.people import actions as people
from tenfold.posters import grounds
from tenfold.posters.drawing import poster_of
from tenfold.posters.grounds import GROUNDS, Grounds, picture_of, size_of
from tests import cast
from tests.posters.samples import content, saved

DESIGN = read_design(content())


def ground() -> Ground:
    return prepare(DESIGN, {}, language="en", pictures={})


def test_the_least_used_go_when_there_is_no_room() -> None:
    one = ground()
    kept = Grounds(most_bytes=2 * size_of(one))
    drawn: list[str] = []

    def ask(key: str) -> None:
        def draw() -> Ground:
            drawn.append(key)
            return one

        kept.of(key, draw)

    for key in "abacbaca":
        ask(key)
        assert kept.size <= 2 * size_of(one)
    assert "".join(drawn) == "abcbac"


def test_one_that_is_larger_than_all_room_is_used_all_the_same() -> None:
    one, kept = ground(), Grounds(most_bytes=1)
    assert kept.of("a", lambda: one) is one
    assert kept.of("a", lambda: pytest.fail("drawn again")) is one


def test_of_many_who_ask_at_once_one_draws() -> None:
    one, kept = ground(), Grounds()
    starts, drawn = threading.Barrier(8), []

    def draw() -> Ground:
        drawn.append(threading.get_ident())
        return one

    def ask(_nth: int) -> Ground:
        starts.wait()
        return kept.of("a", draw)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [one] * 8
    assert len(drawn) == 1


def test_a_ground_that_cannot_be_drawn_keeps_nobody_from_trying_again() -> None:
    kept, one = Grounds(), ground()

    def fails() -> Ground:
        raise ValueError("spoilt")

    with pytest.raises(ValueError, match="spoilt"):
        kept.of("a", fails)
    assert kept.of("a", lambda: one) is one


def test_one_that_is_drawn_twice_after_all_counts_once() -> None:
    """Who waited for one that had to go meanwhile draws it again, as does who asks for it then."""
    kept, one = Grounds(), ground()
    for _twice in range(2):
        assert kept._keep("a", one) is one
    assert kept.size == size_of(one)


def test_all_that_a_ground_holds_is_counted() -> None:
    """Pillow gives a coloured pixel four bytes; what differs is kept a second time, and the JPEG in pieces."""
    one = ground()
    pixels = 4 * 1080 * 1920
    below = sum(4 * (box[2] - box[0]) * (box[3] - box[1]) for box in one.boxes)
    jpeg = len(one.spliced.jpeg([]))
    assert pixels + below + jpeg < size_of(one) < 1.1 * (pixels + below + jpeg)
    patch = Patch((0, 0, 0), (0, 0), Image.new("L", (100, 100)))
    picture = Patch(Image.new("RGB", (50, 50)), (0, 0))
    logo = Image.new("RGB", (10, 10))
    more = replace(one, logos={"a": logo}, lasting={"code": [patch, picture]})
    assert size_of(more) - size_of(one) == 100 * 100 + 4 * 50 * 50 + 4 * 10 * 10


@pytest.mark.django_db
def test_a_campaign_s_ground_is_drawn_once_for_all_its_people() -> None:
    stage = cast.live()
    journeys = [cast.joins(stage, name) for name in ("Mia", "Ben", "Zoe")]
    saved(stage.campaign, stage.owner, variant="A")
    with mock.patch.object(grounds, "prepare", wraps=prepare) as prepared:
        pictures = [
            picture_of(poster_of(mia.code, language="en"), media_type="image/jpeg") for mia in journeys
        ]
    assert prepared.call_count == 1
    assert len(set(pictures)) == 3
    assert GROUNDS.size > 0


@pytest.mark.django_db
def test_a_face_is_on_the_poster_and_its_bytes_are_read_only_then() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    saved(stage.campaign, stage.owner, variant="A")
    people.change_profile(person=mia.person, nickname="Mia", avatar=cast.screenshot("#ff0000"), language="en")
    poster = poster_of(mia.code, language="en")
    with Image.open(io.BytesIO(picture_of(poster, media_type="image/png"))) as picture:
        assert picture.convert("RGB").getpixel((120, 1560)) == (255, 0, 0)


@pytest.mark.django_db
def test_the_code_keeps_the_mask_that_its_version_was_saved_with() -> None:
    """Another writer of another release may choose another one: a screenshot's code must stay what is expected."""
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    version = saved(stage.campaign, stage.owner, variant="A")
    poster = poster_of(mia.code, language="en")
    facts = poster.chosen.facts
    assert facts is not None
    assert version.code["mask"] == facts.mask
    with Image.open(io.BytesIO(picture_of(poster, media_type="image/png"))) as picture:
        box = (715, 1535, 965, 1785)
        drawn = (
            picture.convert("L")
            .crop(box)
            .resize((25, 25), Image.Resampling.BOX)
            .point(lambda v: 255 * (v > 127))
        )
    expected = qr_modules(poster.code_text, facts=facts)
    assert drawn.tobytes() == expected.tobytes()
    assert code_facts(poster.code_text).version == facts.version


@pytest.mark.django_db
@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
def test_every_form_shows_the_same_code(media_type: str) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    poster = poster_of(mia.code, language="en")
    data = picture_of(poster, media_type=media_type)  # type: ignore[arg-type]
    assert [code.text for code in read_codes(data)] == [poster.code_text]
