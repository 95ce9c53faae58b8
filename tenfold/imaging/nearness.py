"""Keys by which an index finds prints that may be of one shot.

Honest screenshots of one campaign share everything but the person: whole pictures hash alike by the thousand. So the
keys are taken from the code, which nobody shares, and from the whole frame only where no code is to be seen. Each key
is a band of bits of one hash: an edit turns a few bits, and leaves one band whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = tuple[int, int, int, int]
BAND_BITS = 18
_OF_CODE, _OF_FRAME = 0, 1 << 60
# Of nine by nine cells within the quiet zone those in the three corners are the eyes, which all codes have.
_CELLS = 9
_EYES = 3
_STRIDE = 5  # has no divisor in common with the number of bits of either hash


def keys_of_code(patch: NDArray[np.uint8]) -> Keys:
    """Of a square picture of a code with its quiet zone."""
    cells = _means(patch.astype(np.float32))
    is_own = np.ones((_CELLS, _CELLS), bool)
    is_own[:_EYES, :_EYES] = is_own[:_EYES, -_EYES:] = is_own[-_EYES:, :_EYES] = False
    values = cells[is_own]
    return _bands(values > np.median(values), _OF_CODE)


def _means(patch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each cell; a cell need not begin at a pixel."""
    side = len(patch)
    quiet = side * 0.1
    edges = np.linspace(quiet, side - quiet, _CELLS + 1)
    total = np.zeros((side + 1, side + 1), np.float64)
    total[1:, 1:] = patch.cumsum(0).cumsum(1)
    at = np.arange(side + 1)
    rows = np.stack([np.interp(edges, at, column) for column in total.T], axis=1)
    grid = np.stack([np.interp(edges, at, row) for row in rows])
    return np.diff(np.diff(grid, axis=0), axis=1).astype(np.float32)


def keys_of_frame(small: NDArray[np.float32]) -> Keys:
    """Of the whole frame at 32 by 64: the signs of its slowest waves."""
    waves = _cosines(8, 64) @ small @ _cosines(8, 32).T
    slow = waves.ravel()[1:]
    return _bands(slow > np.median(slow), _OF_FRAME)


def _cosines(count: int, length: int) -> NDArray[np.float64]:
    at = (np.arange(length) + 0.5) * np.pi / length
    return np.cos(np.arange(count)[:, None] * at[None, :])


def _bands(bits: NDArray[np.bool_], kind: int) -> Keys:
    """Four bands that overlap a little, spread over all bits; what kind of hash and which band is part of the key."""
    first, second, third, fourth = (_band(bits, kind, nth) for nth in range(4))
    return first, second, third, fourth


def _band(bits: NDArray[np.bool_], kind: int, nth: int) -> int:
    order = (np.arange(BAND_BITS) + nth * bits.size // 4) * _STRIDE
    value = 0
    for bit in bits[order % bits.size]:
        value = value << 1 | int(bit)
    return kind | value
