"""Screenshots as phones make them: readable by our own reader where they should be, and not where not."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image

from tenfold.imaging.compose import Given, encode, prepare
from tenfold.imaging.qr import read_codes
from tenfold.imaging.reading import clean_picture
from tenfold.posters.rules import default_of
from tenfold.simulation.screenshots import WIDTHS, Look, screenshot, some_look

CODE = "HTTP://127.0.0.1:8000/C/ABCD2345"


@pytest.fixture(scope="module")
def poster() -> bytes:
    shared = {"title": "一起读完10本书", "points": "每周一本好书", "brand": "Tenfold"}
    ground = prepare(default_of("poster").design, shared, language="zh-hans", pictures={})
    return encode(ground, Given({"nickname": "小明"}, "zh-hans", CODE), "image/jpeg")


@pytest.mark.parametrize("seed", range(12))
def test_the_posters_code_is_read_from_nearly_every_look(poster: bytes, seed: int) -> None:
    dice = Random(seed)
    shot = screenshot(poster, nickname="小明 🐱", look=some_look(dice), dice=dice)
    assert [found.text for found in read_codes(shot)] == [CODE]


def test_a_screenshot_without_the_poster_has_no_code(poster: bytes) -> None:
    shot = screenshot(None, nickname="Mia", look=some_look(Random(3)), dice=Random(3))
    assert read_codes(shot) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("is_dark", [False, True])
def test_a_screenshot_is_a_picture_of_the_phones_width_that_the_product_takes(
    width: int, is_dark: bool
) -> None:
    look = Look(width=width, is_dark=is_dark, kind="JPEG", quality=82, clock="10:24")
    shot = screenshot(None, nickname="🐳", look=look, dice=Random(1))
    with Image.open(io.BytesIO(shot)) as picture:
        assert (picture.width, picture.height > picture.width) == (width, True)
    assert clean_picture(shot).media_type == "image/jpeg"


def test_two_screenshots_are_never_the_same_file(poster: bytes) -> None:
    dice = Random(1)
    shots = {screenshot(None, nickname="Mia", look=some_look(dice), dice=dice) for _nth in range(20)}
    assert len(shots) == 20


def test_the_same_dice_make_the_same_picture() -> None:
    one, other = (
        screenshot(None, nickname="Mia", look=some_look(Random(5)), dice=Random(5)) for _nth in range(2)
    )
    assert one == other
