"""Whether a screenshot is of a whole screen, or of a part that was cut out.

A part may look like what it is not: the right edge cut off where a post's picture ends, that picture stands at the
right edge as a message does, and nobody sees any more who may see it. Cut out at a side, a screen has lost one end of
the phone's own bar, which reaches from one side to the other; cut off at the top, all of it. Signs may stand in that
bar as far as the cut, and an app's own bar or a line of words may take its place: but what is narrower shows its
letters larger. A post's picture can stand where a message does only if more than half of the screen is cut off at the
right, for it begins within the left fifth of it; so nothing in what is left is as small as a whole screen's own bar.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ocr import Pixels
from tenfold.imaging.postlines import LETTER
from tenfold.imaging.textlines import columns, ink_of, rows

# As tall as wide; and of its width, how far down the bar may be, and how near to the sides it comes.
_TALL = (1.6, 2.5)
_DOWN, _ASIDE = 0.14, 0.16
# As tall are the letters and signs of that bar at most: 0.025 to 0.036 of screens, twice that of half a screen.
_TALLEST = 0.045
_NEAR = 0.01  # of its width, beside a picture
_PLAINLY, _SPECKS = 30.0, 0.001
_SEEN = 0.4  # so far down it is looked at: what begins in the bar's place and goes on is no part of it


def is_whole(picture: Pixels, until: float = np.inf) -> bool:
    """`picture` is a screenshot seen straight on; from the row `until` on nothing is a bar."""
    height, width = picture.shape[:2]
    if not _TALL[0] <= height / width <= _TALL[1]:
        return False
    top = np.ascontiguousarray(picture[: round(_SEEN * width)])
    grey = np.asarray(cv2.cvtColor(top, cv2.COLOR_RGB2GRAY), np.uint8)
    letter = LETTER * width
    ink = ink_of(grey, np.ones(grey.shape, np.bool_), letter)
    bars = [row for row in rows(ink.mask, letter) if row[1] <= min(_DOWN * width, until)]
    small = [row for row in bars if row[1] - row[0] <= _TALLEST * width]
    return any(_spans(columns(ink.mask[start:end]), width) for start, end in small)


def is_all_there(picture: Pixels, top: float, bottom: float) -> bool:
    """Whether a screenshot is of a whole screen, or has nothing but a plain ground above and below these two lines, as
    of a viewer that hides its bars: a post's picture, cut off below its heading, has what stands under it."""
    if is_whole(picture, top):
        return True
    near = _NEAR * picture.shape[1]
    return _is_plain(picture[: max(0, round(top - near))]) and _is_plain(picture[round(bottom + near) :])


def _is_plain(part: Pixels) -> bool:
    light = part.mean(axis=2)
    return not light.size or bool((np.abs(light - np.median(light)) > _PLAINLY).mean() < _SPECKS)


def _spans(inked: NDArray[np.bool_], width: int) -> bool:
    at = np.flatnonzero(inked)
    return bool(at.size and at[0] <= _ASIDE * width and at[-1] >= (1 - _ASIDE) * width)
