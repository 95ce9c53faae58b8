"""A campaign's poster made ready for being looked for: what of it is the same for everybody, cut into small blocks.

The whole of this and of the modules that use it runs in a child process alone: it needs OpenCV.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tenfold.imaging.reading import open_picture
from tenfold.imaging.seen import Art

Array = npt.NDArray[Any]

cv2.setNumThreads(1)

ART_SIDE = 4096  # of canvases: nothing of them is made smaller before it is measured
KEPT_SIDE = 640  # of a square of as many pixels as are kept of an art
# Sides of the square that has as many pixels as a frame: the coarsest first.
FRAMES = (144, 204, 288)
# A block is this share of the art's mean side wide and high.
BLOCK = (1 / 8, 1 / 12)
SLOW = 1 / 12  # of the side: what changes more slowly is taken out
# The same for what is as small as letters: one line of words a block, so that a line is not known by its place.
FINE_FRAMES = (152, 216, 304, 432)
FINE_BLOCK = (1 / 8, 1 / 16)
FINE_SLOW = 1 / 48
FLAT = 4.0  # grey levels: less than this varies within a block that tells nothing
MOST_PERSONAL = 0.2  # of a block's pixels
FEWEST_BLOCKS = 10
WORST = 1 / 4  # of the blocks: what of them is unlike counts
POINTS = 2000
SMALLEST = 64  # side of a picture that can have features
MOST_KEPT = 12


@dataclass(frozen=True)
class Frame:
    """The art at one size, without its slow changes of light, and its blocks."""

    scale: float
    """Pixels of the frame for a pixel of the canvas."""
    grey: Array
    light: Array
    corners: Array
    """(blocks, 2): left and top of each."""
    block: tuple[int, int]
    tensors: Array
    """(blocks, 2, 2): how surely a block tells where it lies along each direction."""


@dataclass(frozen=True)
class Points:
    """Features: where on the canvas, and what they look like."""

    places: Array
    looks: Array


class Prepared:
    """An art with everything that is worked out but once; raises Unreadable for an art that is no picture.

    Sizes and boxes are those of the canvas; of its pixels a smaller picture is kept.
    """

    def __init__(self, art: Art) -> None:
        picture = open_picture(art.picture, max_side=ART_SIDE)
        self.art = art
        self.width, self.height = picture.size
        share = min(1.0, KEPT_SIDE / self.side)
        size = max(8, round(self.width * share)), max(8, round(self.height * share))
        self.colours: Array = np.asarray(cv2.resize(np.asarray(picture), size, interpolation=cv2.INTER_AREA))
        self.grey: Array = np.asarray(cv2.cvtColor(self.colours, cv2.COLOR_RGB2GRAY))
        self.mask = self._shared_mask(size[0] / self.width, size[1] / self.height)
        self.frames = tuple(self._frame(side, BLOCK, SLOW) for side in FRAMES)

    @property
    def side(self) -> float:
        """Of a square of as many pixels."""
        return float((self.width * self.height) ** 0.5)

    @cached_property
    def points(self) -> Points:
        return features(self.grey, 1.0, POINTS, self.mask, self.width / self.grey.shape[1])

    @cached_property
    def fine_frames(self) -> tuple[Frame, ...]:
        """For letters: see `wording`."""
        return tuple(self._frame(side, FINE_BLOCK, FINE_SLOW) for side in FINE_FRAMES)

    def _shared_mask(self, across: float, down: float) -> Array:
        """255 where the art is the same for everybody."""
        mask = np.full(self.grey.shape, 255, np.uint8)
        for left, top, right, bottom in (self.art.code_box, *self.art.personal):
            rows = slice(max(0, int(top * down)), max(0, round(bottom * down)))
            mask[rows, max(0, int(left * across)) : max(0, round(right * across))] = 0
        return mask

    def _frame(self, side: int, shares: tuple[float, float], slow: float) -> Frame:
        scale = side / self.side
        size = max(8, round(self.width * scale)), max(8, round(self.height * scale))
        grey = np.asarray(cv2.resize(self.grey, size, interpolation=cv2.INTER_AREA))
        light = high_passed(grey, side, slow)
        shared = cv2.resize(self.mask, size, interpolation=cv2.INTER_AREA) / 255.0
        block = round(side * shares[0]), round(side * shares[1])
        corners = _telling(light, shared, block)
        return Frame(scale, grey, light, corners, block, _tensors(light, corners, block))


def features(grey: Array, share: float, most: int, mask: Array | None = None, unit: float = 1.0) -> Points:
    """Of a picture made as small as `share` of its sides; places are those of the picture itself, times `unit`."""
    if (
        min(grey.shape) * min(share, 1) < 32
    ):  # what surrounds a point has 31 pixels; of 1 OpenCV makes an error
        return Points(np.zeros((0, 2)), np.zeros((0, 32), np.uint8))
    small = grey if share >= 1 else cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    share = small.shape[1] / grey.shape[1]
    if min(small.shape) < SMALLEST:  # OpenCV raises
        return Points(np.zeros((0, 2)), np.zeros((0, 32), np.uint8))
    found, looks = cv2.ORB.create(most, fastThreshold=8).detectAndCompute(small, mask)
    places = np.array([point.pt for point in found], float).reshape(-1, 2)
    return Points(
        (places + 0.5) * (unit / share), looks if looks is not None else np.zeros((0, 32), np.uint8)
    )


def high_passed(grey: Array, side: float, slow: float = SLOW) -> Array:
    """Without what changes slowly: gradients, shadows, a screen's own light."""
    light = grey.astype(np.float32)
    # A mean over squares is as good as a Gaussian here, and costs a quarter of it.
    reach = 2 * max(1, round(side * slow / 2)) + 1
    return np.asarray(light - cv2.blur(light, (reach, reach)))


def _telling(light: Array, shared: Array, block: tuple[int, int]) -> Array:
    """Left and top of the blocks that differ from a plain ground and belong to everybody; the best if all are plain."""
    wide, high = block
    across = np.arange(0, light.shape[1] - wide + 1, wide) + (light.shape[1] % wide) // 2
    down = np.arange(0, light.shape[0] - high + 1, high) + (light.shape[0] % high) // 2
    corners = np.array([(x, y) for y in down for x in across], int)
    varies = np.array([light[y : y + high, x : x + wide].std() for x, y in corners])
    common = np.array([shared[y : y + high, x : x + wide].mean() for x, y in corners])
    varies[common < 1 - MOST_PERSONAL] = 0
    least = min(FLAT, np.sort(varies)[-min(FEWEST_BLOCKS, len(varies))])
    return np.asarray(corners[varies >= max(least, 0.5)])


def _tensors(light: Array, corners: Array, block: tuple[int, int]) -> Array:
    across, down = np.gradient(light, axis=1), np.gradient(light, axis=0)
    tensors = np.zeros((len(corners), 2, 2))
    for at, (x, y) in enumerate(corners):
        part = slice(y, y + block[1]), slice(x, x + block[0])
        gx, gy, all_of_it = across[part], down[part], (light[part] ** 2).sum() + 1e-6
        tensors[at] = np.array([[(gx * gx).sum(), (gx * gy).sum()], [(gx * gy).sum(), (gy * gy).sum()]])
        tensors[at] /= all_of_it
    return tensors


_KEPT: OrderedDict[str, Prepared] = OrderedDict()


def prepared(art: Art) -> Prepared:
    """As `Prepared`, kept in this process for the next picture."""
    found = _KEPT.pop(art.key, None) or Prepared(art)
    _KEPT[art.key] = found
    while len(_KEPT) > MOST_KEPT:
        _KEPT.popitem(last=False)
    return found


def same_art(one: Art, other: Art) -> float:
    """How alike two posters are in what everybody's has, 0 to 1; from `seen.PROVEN` one passes for the other."""
    a, b = prepared(one), prepared(other)
    frame = a.frames[-1]
    high, wide = frame.light.shape
    light = high_passed(cv2.resize(b.grey, (wide, high), interpolation=cv2.INTER_AREA), FRAMES[-1])
    return worst_of(block_likeness(frame, light))


def block_likeness(frame: Frame, light: Array) -> Array:
    """Correlation of each block with what lies in its very place."""
    wide, high = frame.block
    at = [(slice(y, y + high), slice(x, x + wide)) for x, y in frame.corners]
    return correlation(np.array([frame.light[part] for part in at]), np.array([light[part] for part in at]))


def correlation(one: Array, other: Array) -> Array:
    """Of each row of (n, ...) with the same row of the other, -1 to 1."""
    a = one.reshape(len(one), -1) - one.reshape(len(one), -1).mean(1, keepdims=True)
    b = other.reshape(len(other), -1) - other.reshape(len(other), -1).mean(1, keepdims=True)
    return np.asarray((a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1) + 1e-6))


def worst_of(likeness: Array, share: float = WORST) -> float:
    """The mean of the worst of them: words count, not the look as a whole."""
    worst = np.sort(likeness)[: max(1, round(len(likeness) * share))]
    return float(np.clip(worst.mean(), 0, 1)) if len(likeness) else 0.0
