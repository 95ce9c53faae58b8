"""Two pictures of one size held against each other, block by block: which show something, which of these differ."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.prints import Grey
from tenfold.imaging.seen import Quad

Mask: TypeAlias = NDArray[np.bool_]

SHOWS = 60.0
"""The variance in shades from which a block shows something."""
NOISE = 36.0
"""The variance that saving and scaling leave where nothing was changed."""
ALIKE = 0.7
"""Correlation from which a block is the same in both."""
EVEN = 10.0
"""Shades by which the blocks of a bar may differ."""
MOST_BOXES = 8
MOST_BLOCKS = 120


def blocks(a: Grey, b: Grey, side: int) -> tuple[Mask, Mask]:
    """Which blocks show something in either, and which of these differ."""
    first, second = _cut(a, side), _cut(b, side)
    mean_a, mean_b = _mean(first), _mean(second)
    var_a, var_b = _mean(first * first) - mean_a**2, _mean(second * second) - mean_b**2
    together = _mean(first * second) - mean_a * mean_b
    shows: Mask = np.maximum(var_a, var_b) > SHOWS
    fit = (together + NOISE) / np.sqrt((np.maximum(var_a, 0) + NOISE) * (np.maximum(var_b, 0) + NOISE))
    return shows, shows & (fit < ALIKE)


def barred(a: Grey, b: Grey, side: int) -> Mask:
    """Blocks of rows that a bar covers in one of them, from its upper or lower edge on: what was there is unknown."""
    is_bar = _bars(a, side) != _bars(b, side)
    grown = is_bar.copy()  # the row beside it is partly the bar's
    grown[1:] |= is_bar[:-1]
    grown[:-1] |= is_bar[1:]
    rows: Mask = grown[:, None]
    return rows


def _bars(grey: Grey, side: int) -> Mask:
    """Which rows of blocks are of one shade, and all between them and an edge."""
    cut = _cut(grey, side)
    mean = _mean(cut)
    variance = _mean(cut * cut) - mean**2
    is_plain = (np.ptp(mean, axis=1) <= EVEN) & (variance.max(axis=1) <= SHOWS)
    bars: Mask = np.logical_and.accumulate(is_plain) | np.logical_and.accumulate(is_plain[::-1])[::-1]
    return bars


def _cut(grey: Grey, side: int) -> Grey:
    high, wide = grey.shape[0] // side, grey.shape[1] // side
    return grey[: high * side, : wide * side].reshape(high, side, wide, side)


def _mean(blocks: Grey) -> Grey:
    # One axis after the other is several times as fast as both at once.
    means: Grey = blocks.mean(axis=3).mean(axis=1)
    return means


def largest(differs: Mask) -> int:
    """Blocks of the largest group that touch each other: what was painted over is in one piece, noise is not."""
    return max((count for count, _box in groups(differs, 1)), default=0)


def boxes(at: tuple[float, float, float], side: int, differs: Mask) -> tuple[Quad, ...]:
    """A box around each group of blocks, at most MOST_BOXES, the largest first."""
    x, y, step = at
    step *= side
    quads = []
    for _count, (top, left, bottom, right) in groups(differs, 2)[:MOST_BOXES]:
        x0, y0, x1, y1 = x + left * step, y + top * step, x + right * step, y + bottom * step
        quads.append(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    return tuple(quads)


def groups(differs: Mask, reach: int) -> list[tuple[int, tuple[int, int, int, int]]]:
    """How many, and (top, left, bottom, right), of blocks that lie no further apart than `reach`; the largest first."""
    left_over = {(int(row), int(column)) for row, column in np.argwhere(differs)[:MOST_BLOCKS]}
    found = []
    while left_over:
        edge = [left_over.pop()]
        group = list(edge)
        while edge:
            row, column = edge.pop()
            near = {each for each in left_over if max(abs(each[0] - row), abs(each[1] - column)) <= reach}
            left_over -= near
            edge += near
            group += near
        rows, columns = [row for row, _ in group], [column for _, column in group]
        found.append((len(group), (min(rows), min(columns), max(rows) + 1, max(columns) + 1)))
    return sorted(found, reverse=True)
