"""Keys by which an index finds prints that may be of one shot.

Honest screenshots of one campaign share everything but the person: whole pictures hash alike by the thousand. So the
keys are taken from the code, which nobody shares, and from the whole frame only where no code is to be seen. Each key
is a band of bits of one hash: an edit turns a few bits, and leaves one band whole, or turns only those of it that
were least sure, which a search tries both ways.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Keys = tuple[int, int, int, int]
Marks = NDArray[np.floating]
"""Of each bit how surely it is set, below zero if it is not."""

BAND_BITS = 16
UNSURE = 3
"""Bits of a band that are tried both ways."""
OF_CODE, OF_FRAME = 0, 1 << 60
"""What a key was taken from is part of it."""
# Of nine by nine cells within the quiet zone those in the three corners are the eyes, which all codes have.
_CELLS = 9
_EYES = 3
_STRIDE = 5  # has no divisor in common with the number of bits of either hash


def marks_of_code(patch: NDArray[np.float32]) -> Marks:
    """Of a square picture of a code with its quiet zone."""
    cells = _means(patch)
    is_own = np.ones((_CELLS, _CELLS), bool)
    is_own[:_EYES, :_EYES] = is_own[:_EYES, -_EYES:] = is_own[-_EYES:, :_EYES] = False
    values = cells[is_own]
    return values - np.median(values)


def _means(patch: NDArray[np.float32]) -> Marks:
    """The mean of each cell; a cell need not begin at a pixel."""
    side = len(patch)
    edges = np.linspace(side * 0.1, side * 0.9, _CELLS + 1)
    total = np.zeros((side + 1, side + 1))
    total[1:, 1:] = patch.cumsum(0).cumsum(1)
    at = np.arange(side + 1)
    rows = np.stack([np.interp(edges, at, column) for column in total.T], axis=1)
    grid = np.stack([np.interp(edges, at, row) for row in rows])
    return np.diff(np.diff(grid, axis=0), axis=1)


def marks_of_frame(small: NDArray[np.float32]) -> Marks:
    """Of the whole frame at 32 by 64: its slowest waves."""
    waves = _cosines(8, 64) @ small @ _cosines(8, 32).T
    slow = waves.ravel()[1:]
    return slow - np.median(slow)


def _cosines(count: int, length: int) -> NDArray[np.float64]:
    at = (np.arange(length) + 0.5) * np.pi / length
    waves: NDArray[np.float64] = np.cos(np.arange(count)[:, None] * at[None, :])
    return waves


def keys_of(marks: Marks, kind: int) -> Keys:
    """Four bands that overlap a little, spread over all bits."""
    first, second, third, fourth = (_number(_band(marks, nth) > 0, kind) for nth in range(4))
    return first, second, third, fourth


def probes_of(marks: Marks, kind: int) -> list[list[int]]:
    """Of each band its key, and those it would have if its least sure bits were others."""
    return [_probes(_band(marks, nth), kind) for nth in range(4)]


def _probes(band: Marks, kind: int) -> list[int]:
    bits = band > 0
    unsure = np.argsort(np.abs(band), kind="stable")[:UNSURE]
    found = []
    for turned in product((False, True), repeat=UNSURE):
        tried = bits.copy()
        tried[unsure] ^= np.array(turned)
        found.append(_number(tried, kind))
    return found


def _band(marks: Marks, nth: int) -> Marks:
    order = (np.arange(BAND_BITS) + nth * marks.size // 4) * _STRIDE
    return marks[order % marks.size]


def _number(bits: NDArray[np.bool_], kind: int) -> int:
    value = 0
    for bit in bits:
        value = value << 1 | int(bit)
    return kind | value
