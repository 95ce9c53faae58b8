"""A screenshot of a whole screen is told from a part of one, however it is drawn and kept."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.screens import screen_of
from tenfold.imaging.seen import PosterSeen
from tenfold.imaging.whole import is_whole
from tests.imaging import phones

WIDE, TALL = 1080, 2300
LEFT, RIGHT, TOP, BOTTOM = 180, 620, 560, 1342


def a_post(*, is_dark: bool = False, share: float = 1.0) -> Image.Image:
    """A poster below a name, as in a feed, with the phone's own bar above."""
    ink, ground = ("white", "#191919") if is_dark else ("black", "white")
    screen = Image.new("RGB", (WIDE, TALL), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((48, 30), "21:07", ink, phones.sans(38))
    draw.text((860, 30), "5G 81%", ink, phones.sans(36))
    draw.text((480, 140), "朋友圈", ink, phones.sans(46))
    draw.rectangle((36, 460, 146, 570), fill="#557799")
    draw.text((180, 460), "小林今天也在读书呢好开心呀", "#576b95", phones.sans(44))
    screen.paste(phones.art(random.Random(4), RIGHT - LEFT, BOTTOM - TOP), (LEFT, TOP))
    return screen.resize((round(WIDE * share), round(TALL * share)))


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize(("share", "quality"), [(1.0, 95), (0.66, 60), (0.5, 50)])
def test_a_whole_screen_is_one(is_dark: bool, share: float, quality: int) -> None:
    seen = np.asarray(a_post(is_dark=is_dark, share=share))
    assert is_whole(phones.jpeg(seen, quality))


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, RIGHT + 8, 1250),
        (0, 0, RIGHT + 8, TALL),
        (0, 120, WIDE, TALL),
        (200, 0, WIDE, TALL),
        (0, 0, 800, TALL),
        (0, 440, RIGHT + 8, 1600),
        (0, 400, RIGHT + 30, 1600),
        (0, 0, WIDE, 1400),
    ],
)
@pytest.mark.parametrize("is_dark", [False, True])
def test_a_part_is_none(is_dark: bool, box: tuple[int, int, int, int]) -> None:
    assert not is_whole(np.asarray(a_post(is_dark=is_dark).crop(box)))


@pytest.mark.parametrize("signs", [40, 30])
@pytest.mark.parametrize("is_dark", [False, True])
def test_signs_in_the_phones_bar_as_far_as_the_cut_make_no_whole_screen(is_dark: bool, signs: int) -> None:
    """Nor an app's own bar right under it, or words: what is half as wide shows its letters twice as tall."""
    screen = a_post(is_dark=is_dark)
    draw = ImageDraw.Draw(screen)
    for nth in range(8):
        draw.ellipse((180 + 60 * nth, 34, 180 + 60 * nth + signs, 34 + signs), fill="#888888")
    draw.text((60, 140), "‹ 客户朋友圈的动态", "#888888", phones.sans(46))
    assert is_whole(np.asarray(screen))
    wide = round(LEFT / 0.36)
    for top in (0, 90, 120):
        seen = np.asarray(screen.crop((0, top, wide, top + 2 * wide)))
        assert not is_whole(seen)
        assert not is_whole(phones.jpeg(seen, 50))


@pytest.mark.parametrize("top", [0, 300, 430, TOP - 40])
@pytest.mark.parametrize("spare", [4, 30])
def test_a_post_that_is_cut_off_where_its_picture_ends_is_no_message(top: int, spare: int) -> None:
    wide = RIGHT + spare
    seen = np.asarray(a_post().crop((0, top, wide, top + round(1.9 * wide))))
    up, down = float(TOP - top), float(BOTTOM - top)
    placed = PosterSeen("art", ((LEFT, up), (RIGHT, up), (RIGHT, down), (LEFT, down)), 0.9)
    assert screen_of(seen, placed) != "chat"
