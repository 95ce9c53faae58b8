"""The picture as it would look from straight in front of the poster, for what stands beside the poster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.seen import Quad

Pixels = NDArray[np.uint8]

# Up to this share of the poster's width its corners may be off a plain rectangle: cut out, not bent.
_CROOKED = 0.012
_FAR = 100_000


@dataclass(frozen=True)
class Region:
    """A part of the plane of the screen; `left` and `top` place its corner from the poster's upper left corner."""

    grey: Pixels
    left: float
    top: float
    to_picture: NDArray[np.float64]
    inside: NDArray[np.bool_]
    """Where the picture reaches."""

    def quad(self, x0: float, y0: float, x1: float, y1: float) -> Quad:
        """Where a box of the region lies in the picture."""
        corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float64)
        (placed,) = cv2.perspectiveTransform(corners, self.to_picture)
        a, b, c, d = ((round(float(x), 1), round(float(y), 1)) for x, y in placed)
        return a, b, c, d


def size_of(quad: Quad) -> tuple[float, float]:
    """Mean width and height in pixels."""
    a, b, c, d = (np.array(corner) for corner in quad)

    def apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        return float(np.hypot(*(one - other)))

    return (apart(a, b) + apart(d, c)) / 2, (apart(a, d) + apart(b, c)) / 2


def is_straight(quad: Quad) -> bool:
    """Whether the picture is seen straight on, as every screenshot is and no photograph."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    off = max(abs(ax - dx), abs(bx - cx), abs(ay - by), abs(dy - cy))
    return off <= max(2.0, _CROOKED * (abs(bx - ax) + abs(cx - dx)) / 2) and bx > ax and dy > ay


def is_placed(quad: Quad) -> bool:
    """Whether these are the corners of something that may be seen."""
    corners = np.array(quad)
    return bool(np.isfinite(corners).all() and np.abs(corners).max() < _FAR and min(size_of(quad)) >= 8)


def region(
    picture: Pixels, quad: Quad, left: float, top: float, right: float, bottom: float
) -> Region | None:
    """What lies between these lines, in pixels from the poster's upper left corner; None where that is out of sight."""
    if not is_placed(quad):
        return None
    cut = _cut if is_straight(quad) else _bent
    found = cut(picture, quad, (round(left), round(top), round(right), round(bottom)))
    return found if found is not None and min(found.grey.shape) >= 8 and found.inside.any() else None


def _cut(picture: Pixels, quad: Quad, box: tuple[int, int, int, int]) -> Region | None:
    height, width = picture.shape[:2]
    x0, y0 = round((quad[0][0] + quad[3][0]) / 2), round((quad[0][1] + quad[1][1]) / 2)
    left, right = max(0, x0 + box[0]), min(width, x0 + box[2])
    top, bottom = max(0, y0 + box[1]), min(height, y0 + box[3])
    if left >= right or top >= bottom:
        return None
    grey = _grey(picture[top:bottom, left:right])
    move = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
    return Region(grey, left - x0, top - y0, move, np.ones(grey.shape, np.bool_))


def _bent(picture: Pixels, quad: Quad, box: tuple[int, int, int, int]) -> Region | None:
    width, height = size_of(quad)
    if min(width, height) < 8:
        return None
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    bend = cv2.getPerspectiveTransform(flat, np.array(quad, np.float32))
    left, top = box[:2]
    to_picture = np.asarray(bend, np.float64) @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
    size = min(4000, box[2] - left), min(4000, box[3] - top)
    if min(size) < 8:
        return None
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    grey = cv2.warpPerspective(picture, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Region(_grey(grey), left, top, to_picture, _seen(to_picture, size, picture.shape[:2]))


def _seen(
    to_picture: NDArray[np.float64], size: tuple[int, int], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    across, down, depth = (row[0] * x + row[1] * y + row[2] for row in to_picture)
    depth = np.where(depth > 1e-6, depth, np.nan)
    with np.errstate(invalid="ignore"):
        u, v = across / depth, down / depth
        return np.asarray((u >= 0) & (v >= 0) & (u <= shape[1] - 1) & (v <= shape[0] - 1))


def _grey(pixels: NDArray[Any]) -> Pixels:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
