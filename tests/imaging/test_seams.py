"""Poster and line are of one post, or of two that were put together."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.post import read_post
from tenfold.imaging.screens import screen_of
from tenfold.imaging.seams import is_of_one_post
from tenfold.imaging.seen import Claim, Quad
from tests.imaging import phones

GAP = 0.09
NOBODY = Claim((), "X")


def a_post(*, is_dark: bool = False) -> tuple[phones.Shot, Quad]:
    """With room between the poster and its line."""
    look = phones.Look(is_dark=is_dark, gap=GAP)
    shot = phones.screen(random.Random(6), look, phones.Post())
    left, foot = shot.poster.quad[3]
    top = foot + GAP * look.width
    return shot, ((left, top), (left + 120, top), (left + 120, top + 36), (left, top + 36))


def with_rest(shot: phones.Shot, tall: int) -> phones.Pixels:
    """The end of another picture under the poster."""
    image, quad = Image.fromarray(shot.picture), shot.poster.quad
    wide = round(quad[1][0] - quad[0][0])
    rest = Image.new("RGB", (wide, tall), (90, 110, 80))
    image.paste(rest, (round(quad[3][0]), round(quad[3][1]) + 18))
    return np.asarray(image)


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("quality", [95, 40])
def test_a_rest_of_another_picture_above_the_line_makes_it_that_ones(is_dark: bool, quality: int) -> None:
    shot, line = a_post(is_dark=is_dark)
    assert is_of_one_post(phones.jpeg(shot.picture, quality), shot.poster, line)
    divided = phones.jpeg(with_rest(shot, 2), quality)
    assert is_of_one_post(divided, shot.poster, line)
    assert not is_of_one_post(phones.jpeg(with_rest(shot, 40), quality), shot.poster, line)


@pytest.mark.parametrize("is_dark", [False, True])
def test_words_above_a_picture_are_no_rest_and_a_picture_is(is_dark: bool) -> None:
    shot, _line = a_post(is_dark=is_dark)
    (left, top), (right, _) = shot.poster.quad[:2]
    above = ((left, top - 240), (right, top - 240), (right, top - 205), (left, top - 205))
    image = Image.fromarray(shot.picture)
    image.paste(shot.look.colours[0], (round(left), round(top) - 200, round(right), round(top)))
    written = image.copy()
    ImageDraw.Draw(written).text(
        (left, top - 150), "一起来读书吧三三三", shot.look.colours[1], phones.sans(44)
    )
    assert is_of_one_post(np.asarray(written), shot.poster, above)
    rest = (36, 36, 36) if is_dark else (90, 110, 80)
    image.paste(rest, (round(left), round(top) - 130, round(right), round(top) - 80))
    assert not is_of_one_post(np.asarray(image), shot.poster, above)


@pytest.mark.parametrize("mark", [None, phones.padlock])
def test_what_another_post_says_is_held_neither_for_nor_against_this_one(mark: phones.Mark | None) -> None:
    look = phones.Look(gap=GAP)
    shot = phones.screen(random.Random(6), look, phones.Post(mark=mark))
    own = read_post(shot.picture, shot.poster, NOBODY)
    assert (own.audience, own.age is None) == ("restricted" if mark else "everyone", False)
    others = read_post(with_rest(shot, 40), shot.poster, NOBODY)
    assert (others.age, others.audience, others.delete_button) == (None, "unknown", None)
    assert screen_of(with_rest(shot, 40), shot.poster, post=others) == "unknown"


def test_two_screens_side_by_side_are_not_one() -> None:
    shot, line = a_post()
    beside = np.hstack([shot.picture, shot.picture[:, ::-1]])
    assert not is_of_one_post(beside, shot.poster, line)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_screen_beside_one_that_was_cut_at_its_poster_tells_nothing_of_it(side: str) -> None:
    """However tall the picture is."""
    shot, line = a_post()
    (left, top), (right, _), (_, foot), _ = shot.poster.quad
    [(_x, above), *_, (_, below)] = line
    beside = (right + 4, right + 400) if side == "right" else (left - 400, left - 4)
    words = ((beside[0], above), (beside[1], above), (beside[1], below), (beside[0], below))
    assert above > foot > top
    assert is_of_one_post(shot.picture, shot.poster, line)
    assert not is_of_one_post(shot.picture, shot.poster, words)
