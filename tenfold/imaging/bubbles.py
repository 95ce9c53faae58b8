"""Whether a picture lies in the bubble of a message: a narrow frame of one colour around it, and the wall of the chat
outside on both sides.

What was cut out has lost a side of its frame, and the line that other apps draw around a picture is a hair's breadth.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ocr import Pixels
from tenfold.imaging.postlines import screen_width
from tenfold.imaging.seen import Quad
from tenfold.imaging.upright import is_placed, size_of

# Of the screen's width: where the frame is looked at, where the wall is, and between which the one becomes the other.
_FRAME_AT, _WALL_AT, _TURNS = (0.003, 0.006), (0.02, 0.03), (0.005, 0.018)
# Levels of the colour that differs most, between frame and wall at least; all that is like one of both is nearer to it.
_OTHER = 16.0
_LIKE, _BLUR = 0.5, 0.002  # of that; and of the screen's width, where neither is to be seen
# Points along a side, but for its rounded ends; of a frame's so many are alike, of a wall with drawings fewer.
_POINTS, _ENDS = 64, 0.12
_EVEN, _EVEN_WALL = 0.85, 0.5

Colours = NDArray[np.float32]
_NOTHING: tuple[Colours, Colours] = np.zeros((0, 3), np.float32), np.zeros(0, np.float32)


@dataclass(frozen=True)
class Rim:
    """The colours of frame and wall beside one side of a picture, and how far they are apart."""

    frame: Colours
    wall: Colours

    @property
    def apart(self) -> float:
        return _apart(self.frame, self.wall)


def is_in_bubble(picture: Pixels, quad: Quad) -> bool:
    """Whether left, right and above the same narrow frame is, and the same wall beyond it on both sides."""
    if not is_placed(quad):
        return False
    left, right, top = (_rim(picture, quad, side) for side in ("left", "right", "top"))
    if left is None or right is None or top is None:
        return False
    most = _LIKE * min(left.apart, right.apart, top.apart)
    pairs = (left.frame, right.frame), (left.frame, top.frame), (left.wall, right.wall)
    return all(_apart(one, other) <= most for one, other in pairs)


def _rim(picture: Pixels, quad: Quad, side: str) -> Rim | None:
    """Frame and wall on this side, if there are both and nothing else."""
    screen = screen_width(picture, quad)
    colours, evens = _outwards(picture, quad, side, _WALL_AT[1] * screen)
    # The first is one pixel away.
    frame_at, wall_at = (
        slice(round(start * screen) - 1, round(end * screen)) for start, end in (_FRAME_AT, _WALL_AT)
    )
    if frame_at.start < 0 or not len(colours):
        return None
    rim = Rim(np.median(colours[frame_at], axis=0), np.median(colours[wall_at], axis=0))
    if rim.apart < _OTHER or evens[frame_at].max() < _EVEN or np.median(evens[wall_at]) < _EVEN_WALL:
        return None
    to_frame, to_wall = (np.abs(colours - one).max(axis=1) / rim.apart for one in (rim.frame, rim.wall))
    begins, blur = frame_at.start, max(2, round(_BLUR * screen))
    turn = begins + int(np.argmax(to_wall[begins:] < to_frame[begins:]))
    if turn + blur >= len(colours):
        return None
    is_frame = to_frame[begins : max(begins + 1, turn - blur)].max() <= _LIKE
    is_wall = to_wall[turn + blur :].max() <= _LIKE
    is_narrow = _TURNS[0] * screen <= turn + 1 <= _TURNS[1] * screen
    return rim if is_frame and is_wall and is_narrow else None


def _outwards(picture: Pixels, quad: Quad, side: str, reach: float) -> tuple[Colours, Colours]:
    """The middle colour of the points so many pixels away, (n, 3), and how many of them are like it; none
    where the picture does not reach so far."""
    wide, tall = size_of(quad)
    flat = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    bend = cv2.getPerspectiveTransform(flat, np.array(quad, np.float32))
    along = np.linspace(_ENDS, 1 - _ENDS, _POINTS)
    colours, evens = [], []
    for off in range(1, round(reach) + 1):
        sides = {
            "left": (np.full(_POINTS, -off), along * tall),
            "right": (np.full(_POINTS, wide + off), along * tall),
            "top": (along * wide, np.full(_POINTS, -off)),
        }
        points = cv2.perspectiveTransform(np.array([np.stack(sides[side], axis=1)], np.float64), bend)[0]
        if not np.isfinite(points).all():
            return _NOTHING
        at = np.rint(points).astype(int)
        if at.min() < 0 or at[:, 0].max() >= picture.shape[1] or at[:, 1].max() >= picture.shape[0]:
            return _NOTHING
        seen = picture[at[:, 1], at[:, 0]].astype(np.float32)
        colours.append(np.median(seen, axis=0))
        evens.append(float((np.abs(seen - colours[-1]).max(axis=1) <= _OTHER).mean()))
    return np.array(colours, np.float32), np.array(evens, np.float32)


def _apart(one: Colours, other: Colours) -> float:
    return float(np.abs(one - other).max())
