"""Where there is ink on a plain ground, and which of it stands in one line."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Run = tuple[int, int]
"""From (inclusive) and to (exclusive)."""

TALLEST_LINE = 2.2
"""Of a letter: what is taller are several lines, or none."""
_FAINTEST = 12.0
_NOISES = 4.5
_OF_STRONGEST = 0.22
_SLOWLY, _LINE_LONG = 24.0, 9
_TALLEST, _SPECK = 2.0, 0.09
_THICK = 0.5  # of a letter: no stroke is


@dataclass(frozen=True)
class Ink:
    """How far each pixel stands from the ground behind it, and from where on that is more than noise."""

    strength: NDArray[np.float32]
    mask: NDArray[np.bool_]
    """Where letters and signs may be: neither specks nor what is taller than a line."""
    ground: Pixels
    noise: float
    least: float

    @property
    def grain(self) -> float:
        """What noise alone may come to."""
        return max(_FAINTEST, _NOISES * self.noise)

    def is_plain(self, top: int, bottom: int, step: int) -> bool:
        """Whether the ground of these rows changes slowly, seen in steps: that of a picture does not."""
        line = np.median(self.ground[top:bottom, : _LINE_LONG * step], axis=0)
        return len(line) <= step or float(np.abs(line[step:] - line[:-step]).max()) <= _SLOWLY


def ink_of(grey: Pixels, inside: NDArray[np.bool_], letter: float) -> Ink:
    """`letter` is about the height of a letter in pixels: whatever is larger than a few of them is ground.

    The ground is a median, so that glare, shadows and panels belong to it and text does not.
    """
    finer = max(1, round(letter / 8))
    small = cv2.resize(grey, None, fx=1 / finer, fy=1 / finer, interpolation=cv2.INTER_AREA)
    reach = max(3, min(61, round(3 * letter / finer))) | 1
    ground = cv2.resize(cv2.medianBlur(small, reach), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    strength = np.abs(grey.astype(np.float32) - ground.astype(np.float32))
    strength[~inside] = 0
    seen = strength[inside]
    noise = float(np.median(seen)) * 1.48
    least = max(_FAINTEST, _NOISES * noise, _OF_STRONGEST * float(np.percentile(seen, 99.5)))
    return Ink(strength, _letters(strength > least, letter), np.asarray(ground, np.uint8), noise, least)


def _letters(mask: NDArray[np.bool_], letter: float) -> NDArray[np.bool_]:
    """The ink without what cannot belong to a line: faces, edges of a phone, specks of noise."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    wide, tall = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    kept = (tall <= _TALLEST * letter) & (np.maximum(wide, tall) >= _SPECK * letter)
    kept[0] = False
    return np.asarray(kept[labels]) if count > 1 else mask


def runs(line: NDArray[np.bool_], gap: float = 0) -> list[Run]:
    """Stretches of True; those not more than `gap` apart are one."""
    edges = np.flatnonzero(np.diff(line.astype(np.int8), prepend=0, append=0))
    found: list[Run] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if found and start - found[-1][1] <= gap:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def rows(mask: NDArray[np.bool_], letter: float) -> list[Run]:
    """The lines of text, from the top: rows with ink, apart from each other, of a height that text may have."""
    found: list[Run] = []
    for start, end in _stretches(mask, letter):
        if end - start <= TALLEST_LINE * letter:
            found.append((start, end))
        else:
            parts = _beside_panels(mask[start:end], letter)
            found += [(start + top, start + bottom) for top, bottom in parts]
    return [(start, end) for start, end in found if end - start >= 0.35 * letter]


def _stretches(mask: NDArray[np.bool_], letter: float) -> list[Run]:
    return runs(mask.sum(axis=1) >= max(2, letter / 12), letter * 0.12)


def _beside_panels(mask: NDArray[np.bool_], letter: float) -> list[Run]:
    """The lines of what is too tall for one, because panels stand beside them: each has a spot as thick as no stroke of
    a letter is. None where a panel stands by itself, in which there may be words; beside a line it is ink of that."""
    side = max(3, round(_THICK * letter))
    spots = cv2.erode(mask.astype(np.uint8), np.ones((side, side), np.uint8), borderValue=0)
    _count, labels, stats, _middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    panels = [int(label) for label in np.unique(labels[spots > 0])]
    found = _stretches(mask & ~np.isin(labels, panels), letter)
    lines = [(top, bottom) for top, bottom in found if bottom - top <= TALLEST_LINE * letter]
    for label in panels:
        top, tall = int(stats[label, cv2.CC_STAT_TOP]), int(stats[label, cv2.CC_STAT_HEIGHT])
        if not any(_are_level((top, top + tall), line) for line in lines):
            return []
    return lines


def _are_level(one: Run, other: Run) -> bool:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared >= min(one[1] - one[0], other[1] - other[0])


def columns(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of them have ink."""
    return np.asarray(mask.any(axis=0))


def pieces(mask: NDArray[np.bool_], gap: float) -> list[Run]:
    """What stands together in a line, from the left."""
    return [(start, end) for start, end in runs(columns(mask), gap) if end - start >= 2]
