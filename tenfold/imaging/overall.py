"""Where a poster may lie by its look as a whole: small, at many sizes, where neither codes nor features prove it.

Features are small and sharp: of a thumbnail that was sent on few are left, and of soft grounds few were there. The
picture is made as small as lets the poster have one size, for each size that it may have in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from tenfold.imaging.arts import Array, Prepared, high_passed
from tenfold.imaging.fitting import Sight

SIDE = 56  # of a square of as many pixels as the poster has when it is compared
SLOW = 0.35  # of the side: what changes more slowly is a shadow, or the light of a screen
NARROWEST = 0.16  # of the picture's width: how wide a poster is at least
STEP = 1.1  # from one width that is tried to the next
# Of such a small picture: those of strips, and for wide posters, would have many times as many.
MOST_PIXELS = 300_000
# Grey levels that are taken for chance: plain grounds differ by less, and are like anything.
CHANCE = 6.0
EACH = 2  # the best places of one size
TRIED = 3  # of all sizes
LIKE = 0.35  # likeness below which a place is not worth a closer look
APART = 1 / 3  # of the poster's width: nearer ones are the same place


@dataclass(frozen=True)
class Place:
    """Left, top and width in the picture, in its pixels, and how alike it is there."""

    likeness: float
    left: float
    top: float
    width: float

    def is_near(self, other: Place) -> bool:
        reach = APART * max(self.width, other.width)
        return abs(self.left - other.left) < reach and abs(self.top - other.top) < reach


def overall(
    sight: Sight, prepared: Prepared, is_taken: Callable[[Array], bool] = lambda _view: False
) -> Iterator[Array]:
    """Views in which the poster is likest, the likest first; at most `TRIED`, and none that is taken."""
    whole = _whole(prepared)
    places = sorted(_places(sight, whole), key=lambda place: -place.likeness)
    tried: list[Place] = []
    for place in places:
        if place.likeness < LIKE or len(tried) == TRIED:
            return
        by = place.width / prepared.width
        view = np.array([[by, 0, place.left], [0, by, place.top], [0, 0, 1.0]])
        if is_taken(view) or any(place.is_near(other) for other in tried):
            continue
        tried.append(place)
        yield view


def _whole(prepared: Prepared) -> Array:
    """What everybody's poster has, without slow changes of light; nothing where each has their own."""
    by = SIDE / prepared.side
    size = max(8, round(prepared.width * by)), max(8, round(prepared.height * by))
    light = high_passed(cv2.resize(prepared.grey, size, interpolation=cv2.INTER_AREA), SIDE, SLOW)
    shared = cv2.resize(prepared.mask, size, interpolation=cv2.INTER_AREA) / np.float32(255)
    return np.asarray(light * shared)


def _places(sight: Sight, whole: Array) -> Iterator[Place]:
    wide, high = sight.size
    share = 1.0
    while share > NARROWEST:
        by = whole.shape[1] / share / wide
        size = round(wide * by), round(high * by)
        is_small = by <= 1 and size[0] * size[1] <= MOST_PIXELS
        if is_small and size[0] >= whole.shape[1] and size[1] >= whole.shape[0]:
            small = cv2.resize(sight.at_least(by)[0], size, interpolation=cv2.INTER_AREA)
            yield from _best(_likeness(high_passed(small, SIDE, SLOW), whole), whole, 1 / by)
        share /= STEP


def _likeness(light: Array, whole: Array) -> Array:
    """Correlation with the poster at each place where it lies within the picture."""
    found = cv2.matchTemplate(light, whole, cv2.TM_CCOEFF)
    high, wide = found.shape
    size = whole.shape[1], whole.shape[0]
    mean = cv2.boxFilter(light, -1, size, anchor=(0, 0))[:high, :wide]
    square = cv2.sqrBoxFilter(light, -1, size, anchor=(0, 0))[:high, :wide]
    varies = np.sqrt((np.maximum(square - mean * mean, 0) + CHANCE**2) * (whole.var() + CHANCE**2))
    return np.asarray(found / varies / whole.size)


def _best(likeness: Array, whole: Array, unit: float) -> Iterator[Place]:
    """The best places; `unit` is a pixel of the small picture in those of the picture."""
    down, across = (round(side * APART) for side in whole.shape)
    for _nth in range(EACH):
        _least, most, _at, (x, y) = cv2.minMaxLoc(likeness)
        yield Place(most, x * unit, y * unit, whole.shape[1] * unit)
        likeness[max(0, y - down) : y + down + 1, max(0, x - across) : x + across + 1] = -1
