"""Poster and line are of one post, or of two that were put together."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from tenfold.imaging.seams import is_of_one_post
from tenfold.imaging.seen import PostSeen, TextSeen
from tests.imaging import phones

GAP = 0.09


def a_post(*, is_dark: bool = False) -> tuple[phones.Shot, PostSeen]:
    """With room between the poster and its line."""
    look = phones.Look(is_dark=is_dark, gap=GAP)
    shot = phones.screen(random.Random(6), look, phones.Post())
    left, foot = shot.poster.quad[3]
    top = foot + GAP * look.width
    box = ((left, top), (left + 120, top), (left + 120, top + 36), (left, top + 36))
    return shot, PostSeen(age=TextSeen("5分钟前", box, 1.0))


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
    shot, post = a_post(is_dark=is_dark)
    assert is_of_one_post(phones.jpeg(shot.picture, quality), shot.poster, post)
    divided = phones.jpeg(with_rest(shot, 2), quality)
    assert is_of_one_post(divided, shot.poster, post)
    assert not is_of_one_post(phones.jpeg(with_rest(shot, 40), quality), shot.poster, post)


def test_nothing_is_between_where_the_line_is_above() -> None:
    shot, _post = a_post()
    above = TextSeen("5分钟前", ((60, 30), (180, 30), (180, 60), (60, 60)), 1.0)
    assert is_of_one_post(with_rest(shot, 40), shot.poster, PostSeen(age=above))
    assert is_of_one_post(with_rest(shot, 40), shot.poster, PostSeen(audience="everyone"))


def test_two_screens_side_by_side_are_not_one() -> None:
    shot, post = a_post()
    beside = np.hstack([shot.picture, shot.picture[:, ::-1]])
    assert not is_of_one_post(beside, shot.poster, post)
