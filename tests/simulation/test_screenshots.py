"""Screenshots as phones make them: readable by our own reader where they should be, and not where not."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image, ImageChops

from tenfold.imaging.compose import Given, encode, prepare
from tenfold.imaging.qr import read_codes
from tenfold.imaging.reading import clean_picture
from tenfold.posters.rules import default_of
from tenfold.simulation.screenshots import (
    LIKELY,
    WIDTHS,
    Look,
    Screen,
    copied,
    foreign_poster,
    screenshot,
    some_age,
    some_look,
    some_screen,
)

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


@pytest.mark.parametrize("screen", list(LIKELY))
@pytest.mark.parametrize("is_chinese", [True, False])
def test_the_code_is_read_from_every_kind_of_screen(poster: bytes, screen: Screen, is_chinese: bool) -> None:
    look = some_look(Random(4), is_chinese=is_chinese)
    shot = screenshot(poster, nickname="Mia", look=look, dice=Random(4), screen=screen)
    assert [found.text for found in read_codes(shot)] == [CODE]


def test_a_mark_and_an_age_change_the_line_below_the_post_and_nothing_above(poster: bytes) -> None:
    look = Look(width=720, is_dark=False, kind="PNG", quality=82, clock="10:24")

    def line(**wishes: object) -> tuple[int, int, int, int] | None:
        one, other = (
            Image.open(io.BytesIO(screenshot(poster, nickname="Mia", look=look, dice=Random(9), **each)))
            for each in ({"screen": "detail"}, {"screen": "detail"} | wishes)
        )
        return ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox()

    assert line() is None
    for mark in ("lock", "heads"):
        found = line(mark=mark)
        assert found is not None
        assert found[3] - found[1] < 40  # pixels high: the age, the mark and "delete"


@pytest.mark.parametrize("seed", range(8))
def test_a_copy_is_another_file_of_the_same_picture(poster: bytes, seed: int) -> None:
    shot = screenshot(poster, nickname="Mia", look=some_look(Random(seed)), dice=Random(seed))
    copy = copied(shot, Random(seed))
    assert copy != shot
    assert [found.text for found in read_codes(copy)] == [CODE]


def test_a_foreign_poster_leads_elsewhere() -> None:
    assert [found.text for found in read_codes(foreign_poster(0))] == ["HTTPS://FAIR.EXAMPLE/C/FA1R0000"]
    assert foreign_poster(0) != foreign_poster(1)


def test_old_posts_are_days_old_and_others_hours_at_most() -> None:
    dice = Random(2)
    old = {some_age(dice, is_chinese=nth % 2 == 0, is_old=True) for nth in range(200)}
    young = {some_age(dice, is_chinese=nth % 2 == 0) for nth in range(200)}
    assert all("天前" in age or "days" in age for age in old)
    assert not any("天" in age or "day" in age for age in young)


def test_all_screens_come_up() -> None:
    dice = Random(1)
    assert {some_screen(dice) for _nth in range(300)} == set(LIKELY)
