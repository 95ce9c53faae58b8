"""The bubble around a picture that somebody sent, in several colours and widths, against frames that are none."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.bubbles import is_in_bubble
from tenfold.imaging.screens import screen_of
from tenfold.imaging.seen import PosterSeen, Quad
from tests.imaging import phones
from tests.imaging.phones import Colour, Pixels

WIDE, TALL = 1080, 2280
TOP = 520
COLOURS: list[tuple[Colour, Colour]] = [
    ((215, 252, 210), (235, 228, 220)),
    ((0, 92, 75), (11, 20, 26)),
    ((149, 236, 105), (237, 237, 237)),
    ((40, 80, 118), (16, 24, 32)),
]


def sent_picture(
    colours: tuple[Colour, Colour] = COLOURS[0], *, share: float = 0.645, frame: int = 9, margin: int = 30
) -> tuple[Image.Image, PosterSeen]:
    """A screen of a chat with a picture as wide as `share` of it in a bubble at the right."""
    bubble, wall = colours
    ink = "white" if sum(wall) < 300 else "black"
    screen = Image.new("RGB", (WIDE, TALL), wall)
    draw = ImageDraw.Draw(screen)
    draw.text((48, 30), "21:07", ink, phones.sans(38))
    draw.text((860, 30), "5G 81%", ink, phones.sans(36))
    draw.text((160, 150), "读书三群 (86)", ink, phones.sans(46))
    wide = round(share * WIDE)
    tall = round(wide * 1.5)
    right = WIDE - margin - frame
    box = right - wide, TOP, right, TOP + tall
    draw.rounded_rectangle(
        (box[0] - frame, TOP - frame, right + frame - 1, box[3] + frame + 60), 26, fill=bubble
    )
    screen.paste(phones.art(random.Random(7), wide, tall), box[:2])
    return screen, PosterSeen("art", quad_of(*box), 0.9)


def quad_of(left: float, top: float, right: float, bottom: float) -> Quad:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def worn(screen: Image.Image, found: PosterSeen, share: float, quality: int) -> tuple[Pixels, PosterSeen]:
    """As a chat passes it on, the poster placed a pixel off."""
    small = screen.resize((round(screen.width * share), round(screen.height * share)))
    a, b, c, d = ((x * share + 0.4, y * share - 0.4) for x, y in found.quad)
    return phones.jpeg(np.asarray(small), quality), PosterSeen("art", (a, b, c, d), 0.9)


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("share", [0.6, 0.64, 0.68, 0.72])
def test_a_wide_picture_in_a_bubble_at_the_right_is_a_message(
    colours: tuple[Colour, Colour], share: float
) -> None:
    screen, found = sent_picture(colours, share=share)
    assert screen_of(np.asarray(screen), found) == "chat"
    assert screen_of(*worn(screen, found, 0.67, 75)) == "chat"


@pytest.mark.parametrize("frame", [0, 1, 2, 3, 30])
@pytest.mark.parametrize("colours", COLOURS)
def test_without_a_frame_or_with_a_hair_of_one_or_in_a_card_it_is_none(
    colours: tuple[Colour, Colour], frame: int
) -> None:
    screen, found = sent_picture(colours, frame=frame)
    assert screen_of(np.asarray(screen), found) != "chat"
    assert screen_of(*worn(screen, found, 0.6, 60)) != "chat"


@pytest.mark.parametrize("lost", [30, 36, 39, 60])
def test_one_that_is_cut_off_at_the_right_is_none(lost: int) -> None:
    screen, found = sent_picture()
    assert screen_of(np.asarray(screen.crop((0, 0, WIDE - lost, TALL))), found) != "chat"


def test_one_of_which_the_top_of_the_screen_was_cut_off_is_none() -> None:
    screen, found = sent_picture()
    (left, top), _, (right, bottom), _ = found.quad
    cut = PosterSeen("art", quad_of(left, top - 240, right, bottom - 240), 0.9)
    assert screen_of(np.asarray(screen), found) == "chat"
    assert screen_of(np.asarray(screen.crop((0, 240, WIDE, TALL))), cut) != "chat"


@pytest.mark.parametrize("left", [36, 130, 180, 220])
def test_a_framed_picture_that_begins_where_posts_do_is_none(left: int) -> None:
    screen = sent_picture()[0].crop((0, 0, WIDE, 400)).resize((WIDE, 400))
    whole = Image.new("RGB", (WIDE, TALL), COLOURS[0][1])
    whole.paste(screen, (0, 0))
    ImageDraw.Draw(whole).rectangle((left - 9, 511, left + 859, 1709), fill=COLOURS[0][0])
    whole.paste(phones.art(random.Random(7), 850, 1190), (left, 520))
    placed = PosterSeen("art", quad_of(left, 520, left + 850, 1710), 0.9)
    assert screen_of(np.asarray(whole), placed) != "chat"


@pytest.mark.parametrize("side", ["left", "right", "top"])
def test_a_frame_of_which_one_side_is_missing_is_none(side: str) -> None:
    screen, found = sent_picture()
    (left, top), _, (right, bottom), _ = (tuple(map(round, corner)) for corner in found.quad)
    over = {
        "left": (left - 9, top - 9, left - 1, bottom + 80),
        "right": (right, top - 9, right + 9, bottom + 80),
        "top": (left - 9, top - 9, right + 9, top - 1),
    }
    ImageDraw.Draw(screen).rectangle(over[side], fill=COLOURS[0][1])
    assert screen_of(np.asarray(screen), found) != "chat"


@pytest.mark.parametrize("share", [0.01, 0.03, 0.08, 0.2])
def test_of_a_very_small_picture_nothing_is_known(share: float) -> None:
    screen, found = sent_picture()
    pixels, seen = worn(screen, found, share, 60)
    assert not is_in_bubble(pixels, seen.quad)
