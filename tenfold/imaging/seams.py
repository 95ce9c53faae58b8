"""Whether a poster and what was read around it are of one post.

Of two screens side by side the poster may be of the one, and the line with age and audience of the other. The same of
two posts, one below the other, where between poster and line lies a rest of another picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ocr import Pixels
from tenfold.imaging.seen import PosterSeen, Quad
from tenfold.imaging.textlines import runs
from tenfold.imaging.upright import is_straight, region, size_of

_NARROW = 1.15  # times as tall as wide: two phones side by side are not so tall
# Of the poster's width: how near to it and to the line nothing is looked at, how long a row of a picture is that no
# letters interrupt, and how tall it is at least, as no line that divides is.
_NEAR, _LONG, _TALL = 0.03, 0.4, 0.04
_ENDS = 0.9  # where a line of the same post has begun
_GAP = 0.008  # where it is as light as the ground
# Levels: a dark picture hardly differs from a dark ground, of which a photograph has many shades.
_PLAINLY, _PLAINLY_IN_PHOTO = 12.0, 30.0


def is_of_one_post(picture: Pixels, poster: PosterSeen, line: Quad) -> bool:
    """`line` is where the words stand that tell of the post, or the mark that does."""
    if is_straight(poster.quad) and picture.shape[0] < _NARROW * picture.shape[1]:
        return False
    if _is_beside(poster, line):
        return False
    return poster.is_cropped or not _has_rest_between(picture, poster, line)


def _is_beside(poster: PosterSeen, line: Quad) -> bool:
    """Where the one screen was cut beside its poster, the other one's line begins where the poster ends, or ends where
    it begins. An age is short, and may begin where a wide poster does."""
    wide, xs = size_of(poster.quad)[0], [x for x, _y in _from_poster(poster.quad, line)]
    return min(xs) > _ENDS * wide or max(xs) < 0


def _has_rest_between(picture: Pixels, poster: PosterSeen, line: Quad) -> bool:
    wide, tall = size_of(poster.quad)
    ys, near = [y for _x, y in _from_poster(poster.quad, line)], _NEAR * wide
    is_below = min(ys) > tall
    top, bottom = (tall, min(ys)) if is_below else (max(ys), 0.0)
    if bottom - top <= 2 * near:
        return False
    where = region(picture, poster.quad, 0, top + near, wide, bottom - near)
    if where is None:
        return False
    light, some = where.grey.astype(np.float32), max(1, round(near))
    # The ground is what stands next to the line.
    ground = float(np.median(light[-some:] if is_below else light[:some]))
    inked = np.abs(light - ground) > (_PLAINLY if is_straight(poster.quad) else _PLAINLY_IN_PHOTO)
    rows = np.array([_longest(row, _GAP * wide) >= _LONG * wide for row in inked])
    return any(end - start >= _TALL * wide for start, end in runs(rows))


def _longest(row: NDArray[np.bool_], gap: float) -> int:
    return max((end - start for start, end in runs(row, gap)), default=0)


def _from_poster(quad: Quad, some: Quad) -> list[tuple[float, float]]:
    """These places in pixels from the poster's upper left corner, seen straight on."""
    wide, tall = size_of(quad)
    flat = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    bend = cv2.getPerspectiveTransform(np.array(quad, np.float32), flat)
    (found,) = cv2.perspectiveTransform(np.array([some], np.float64), np.asarray(bend, np.float64))
    return [(float(x), float(y)) for x, y in found]
