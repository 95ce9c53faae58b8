"""Finding a poster in a screenshot: to a pixel, at any usual size, and never one with other words."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from PIL import Image

from tenfold.imaging.arts import Prepared, prepared, same_art
from tenfold.imaging.reading import Unreadable
from tenfold.imaging.registering import ALIKE, place
from tenfold.imaging.seen import PROVEN, Art, PosterSeen
from tests.imaging.shots import campaign, pixels, screen, sent

AT = (190, 420)
NAMES = ["poster-bold", "poster-calm", "distribution-cobalt", "invitation-arch-square"]


def furthest(seen: PosterSeen, corners: list[tuple[float, float]]) -> float:
    return float(np.abs(np.array(seen.quad) - np.array(corners)).max())


def rectangle(at: tuple[int, int], width: float, height: float) -> list[tuple[float, float]]:
    x, y = at
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [200, 330, 900])
def test_poster_is_found_to_a_pixel_or_two(name: str, width: int) -> None:
    poster = campaign(name).poster()
    shot = sent(screen((poster, width, (90, 420)), is_dark=width == 330))
    seen = place(pixels(shot), prepared(campaign(name).art))
    assert seen is not None
    assert seen.score >= PROVEN
    assert not seen.is_cropped
    assert seen.art == campaign(name).art.key
    there = rectangle((90, 420), width, round(poster.height * width / poster.width))
    assert furthest(seen, there) < max(2, width / 250)


@pytest.mark.parametrize("degrees", [-8, -3, 5])
def test_poster_is_found_on_a_photograph_of_a_screen(degrees: int) -> None:
    shot = screen((campaign().poster(), 380, AT))
    turned = shot.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(70, 60, 50))
    seen = place(pixels(sent(turned, blur=0.8)), prepared(campaign().art))
    assert seen is not None
    assert seen.score >= PROVEN
    angle, (middle_x, middle_y) = -math.radians(degrees), (shot.width / 2, shot.height / 2)
    corners = [
        (
            middle_x + (x - middle_x) * math.cos(angle) - (y - middle_y) * math.sin(angle),
            middle_y + (x - middle_x) * math.sin(angle) + (y - middle_y) * math.cos(angle),
        )
        for x, y in rectangle(AT, 380, round(1920 * 380 / 1080))
    ]
    assert furthest(seen, corners) < 3


def test_square_cut_out_of_its_middle_is_found_as_what_it_is() -> None:
    square = campaign().poster().crop((0, 420, 1080, 1500))
    seen = place(pixels(sent(screen((square, 250, AT)))), prepared(campaign().art))
    assert seen is not None
    assert seen.score >= PROVEN
    assert seen.is_cropped
    share = 250 / 1080
    assert furthest(seen, rectangle((AT[0], round(AT[1] - 420 * share)), 250, 1920 * share)) < 2


def test_same_design_with_other_words_is_another_poster() -> None:
    other = campaign(has_other_words=True).poster()
    seen = place(pixels(sent(screen((other, 380, AT)))), prepared(campaign().art))
    assert seen is None or seen.score < PROVEN
    square = other.crop((0, 420, 1080, 1500))
    seen = place(pixels(sent(screen((square, 250, AT)))), prepared(campaign().art))
    assert seen is None or seen.score < PROVEN


@pytest.mark.parametrize("name", ["poster-calm", "poster-festive"])
def test_other_design_with_the_same_words_is_not_proven(name: str) -> None:
    seen = place(pixels(sent(screen((campaign(name).poster(), 380, AT)))), prepared(campaign().art))
    assert seen is None or seen.score < PROVEN


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (40, 900), (1080, 2280)])
def test_nothing_is_found_where_there_is_nothing(size: tuple[int, int]) -> None:
    ready = prepared(campaign().art)
    plain = np.full((size[1], size[0], 3), 90, np.uint8)
    noise = np.frombuffer(random.Random(size[0]).randbytes(plain.size), np.uint8).reshape(plain.shape)
    assert place(plain, ready) is None
    assert place(noise, ready) is None


def test_score_says_how_much_is_covered() -> None:
    shot = screen((campaign().poster(), 380, AT))
    clean = place(pixels(sent(shot)), prepared(campaign().art))
    shot.paste((200, 30, 30), (AT[0], AT[1] + 150, AT[0] + 380, AT[1] + 300))
    covered = place(pixels(sent(shot)), prepared(campaign().art))
    assert clean is not None
    assert covered is None or ALIKE <= covered.score < clean.score - 0.2


def test_arts_are_alike_as_far_as_their_words_are() -> None:
    one, other = campaign().art, campaign(has_other_words=True).art
    assert same_art(one, one) > 0.98
    assert same_art(one, other) < PROVEN
    assert same_art(one, campaign("poster-calm").art) < ALIKE


def test_plain_art_can_be_prepared_and_is_found_nowhere() -> None:
    plain = Art("plain", sent(Image.new("RGB", (1080, 1920), "white")), (700, 1500, 1000, 1800))
    assert place(pixels(sent(screen((campaign().poster(), 380, AT)))), Prepared(plain)) is None


def test_art_that_is_no_picture_is_refused() -> None:
    with pytest.raises(Unreadable):
        Prepared(Art("broken", b"no picture", (0, 0, 10, 10)))
