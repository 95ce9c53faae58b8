"""Shapes: smooth, where they should be, and the mark has ten dots."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps

from tenfold.imaging.shapes import (
    Colour,
    contrast,
    disc,
    dots_masks,
    ellipse,
    gradient,
    rgb,
    ring,
    round_mask,
    rounded,
)

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


def blank(width: int = 200, height: int = 200) -> Image.Image:
    return Image.new("RGB", (width, height), WHITE)


def box_of_change(image: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(image, blank(*image.size)).getbbox()


def test_disc_is_round_and_smooth() -> None:
    image = blank()
    disc(image, (100, 100), 50, BLACK)
    assert box_of_change(image) == (50, 50, 150, 150)
    assert image.getpixel((100, 100)) == BLACK
    assert image.getpixel((53, 53)) == WHITE
    assert len(image.getcolors() or []) > 10
    area = sum(255 - value for value in image.convert("L").tobytes()) / 255
    assert abs(area - 3.14159 * 50 * 50) < 60


def test_disc_over_the_edge_is_cut_off() -> None:
    image = blank()
    disc(image, (200, 0), 50, BLACK)
    assert box_of_change(image) == (150, 0, 200, 50)


def test_rounded_fills_its_box_but_the_corners() -> None:
    mask = rounded(160, 100, 20)
    assert mask.getpixel((80, 0)) == mask.getpixel((0, 50)) == mask.getpixel((159, 59)) == 255
    assert all(mask.getpixel(corner) == 0 for corner in ((0, 0), (159, 0), (0, 99), (159, 99)))
    assert rounded(160, 100, 0).getextrema() == (255, 255)
    assert rounded(10, 100, 500).size == (10, 100)


@given(st.integers(6, 80), st.integers(6, 80))
def test_ellipse_has_its_area_and_is_symmetric(width: int, height: int) -> None:
    mask = ellipse(width, height)
    assert mask.size == (width, height)
    assert mask.tobytes() == ImageOps.mirror(mask).tobytes() == ImageOps.flip(mask).tobytes()
    area = sum(mask.tobytes()) / 255
    assert area == pytest.approx(math.pi * width * height / 4, rel=0.05, abs=3)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 40), st.integers(0, 40), st.booleans())
def test_ring_is_the_edge_of_the_whole(
    width: int, height: int, thick: int, radius: int, is_ellipse: bool
) -> None:
    whole = ellipse(width, height) if is_ellipse else rounded(width, height, radius)
    edge = ring(whole, thick, radius, is_ellipse=is_ellipse)
    assert all(part <= full for part, full in zip(edge.tobytes(), whole.tobytes(), strict=True))
    if min(width, height) > 2 * thick + 2:
        assert edge.getpixel((width // 2, height // 2)) == 0
    else:
        assert edge.getextrema()[1] == whole.getextrema()[1]


def test_masks_are_symmetric() -> None:
    mask = round_mask(41)
    assert mask.size == (41, 41)
    assert mask.tobytes() == mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes()
    assert mask.tobytes() == mask.transpose(Image.Transpose.ROTATE_90).tobytes()


def test_mark_is_one_dot_that_becomes_ten() -> None:
    first, others = dots_masks(500, 400)
    centres = [
        (100 + 100 * row, 200 + 100 * place - 50 * row) for row in range(4) for place in range(row + 1)
    ]
    assert [first.getpixel(centre) for centre in centres] == [255] + [0] * 9
    assert [others.getpixel(centre) for centre in centres] == [0] + [255] * 9
    assert others.getpixel((150, 60)) == 0


def test_gradient_is_one_colour_along_its_width() -> None:
    image = gradient((40, 200), (255, 0, 10), (0, 255, 10), 180)
    assert image.getpixel((0, 0)) == image.getpixel((39, 0))
    column = list(image.getchannel("G").crop((20, 0, 21, 200)).tobytes())
    assert column == sorted(column)
    assert len(set(column)) > 150


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(rgb("#777777"), WHITE) == pytest.approx(4.48, abs=0.01)
    assert contrast(WHITE, WHITE) == 1
