"""The arrow that leads back, drawn in several ways, against letters and signs that are none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tenfold.imaging.arrows import is_arrow
from tests.imaging import phones


def drawn(points: list[tuple[float, float]], side: int, thick: int) -> NDArray[np.bool_]:
    """A stroke through these points of a square, from 0 to 1."""
    sign = Image.new("L", (2 * side, 2 * side), 0)
    ImageDraw.Draw(sign).line([(side * (x + 0.5), side * (y + 0.5)) for x, y in points], 255, thick, "curve")
    return np.asarray(sign) > 127


def written(text: str, side: int) -> NDArray[np.bool_]:
    sign = Image.new("L", (3 * side, 3 * side), 0)
    ImageDraw.Draw(sign).text((side, side), text, 255, phones.sans(side))
    return np.asarray(sign) > 127


@pytest.mark.parametrize("side", [14, 24, 40])
@pytest.mark.parametrize("thick", [2, 4])
def test_arrows_that_lead_back(side: int, thick: int) -> None:
    assert is_arrow(drawn([(0.5, 0), (0, 0.5), (0.5, 1)], side, thick))
    assert is_arrow(drawn([(0.45, 0.05), (0, 0.5), (0.45, 0.95)], side, thick))
    shaft = drawn([(0, 0.5), (1, 0.5)], side, thick)
    assert is_arrow(drawn([(0.45, 0), (0, 0.5), (0.45, 1)], side, thick) | shaft)


@pytest.mark.parametrize("side", [14, 24, 40])
@pytest.mark.parametrize("text", list("月一二三十王中口日田小大人林木水李CDEGKOSXZcexoz01358>→+-×÷=:·…"))
def test_letters_and_other_signs_are_no_arrow(text: str, side: int) -> None:
    assert not is_arrow(written(text, side))
    assert not is_arrow(np.zeros((20, 20), np.bool_))
