"""Which ink stands in one line, where panels stand beside lines and touch the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.textlines import rows

LETTER = 24.0


def inked(*boxes: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Two lines of strokes, and boxes: left, top, right and bottom."""
    mask = np.zeros((120, 400), np.bool_)
    for top in (10, 54):
        for x in range(10, 160, 10):
            mask[top : top + 22, x : x + 3] = True
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    return mask


def test_lines_are_apart() -> None:
    assert rows(inked(), LETTER) == [(10, 32), (54, 76)]


def test_a_panel_beside_two_lines_does_not_make_them_one() -> None:
    beside = (330, 4, 370, 40), (300, 39, 380, 44), (200, 43, 240, 80)
    assert rows(inked(*beside), LETTER) == [(10, 32), (54, 76)]


def test_where_a_panel_stands_between_lines_there_may_be_words_in_it() -> None:
    beside = (330, 4, 370, 28), (330, 52, 370, 80)
    joined = inked(*beside, (10, 33, 120, 53))
    assert rows(joined, LETTER) == []


def test_what_is_too_tall_for_a_line_without_a_panel_is_none() -> None:
    assert rows(inked((200, 4, 203, 110)), LETTER) == []
