"""Whether a sign is the arrow that leads back, which viewers have in their bar: told by what every such arrow is, a
point on the left from which two like strokes go apart evenly, and no letter that stands alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.textlines import runs

_LIKE = 0.1  # of its pixels, which may be off what it is turned upside down
_POINT = 0.12  # of its width: so far left its middle begins
_OPEN = 0.25  # and so far right its ends
_EVEN = (0.3, 0.72)  # half way to an end, of what the end is off: of a round letter less, of a cross all
_RAGGED = 0.45  # of the longest stroke in a row
_SHAPE = (0.35, 2.0)  # as wide as tall


def is_arrow(ink: NDArray[np.bool_]) -> bool:
    """`ink` (height, width) holds the sign and nothing else."""
    down, across = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not down.size:
        return False
    sign = ink[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    height, width = sign.shape
    if height < 6 or not sign.any(axis=1).all() or not _SHAPE[0] <= width / height <= _SHAPE[1]:
        return False
    near = cv2.dilate(sign[::-1].astype(np.uint8), np.ones((3, 3), np.uint8))
    if (sign & (near == 0)).sum() > _LIKE * sign.sum() or any(_strokes(row) > 1 for row in sign):
        return False
    starts = sign.argmax(axis=1)
    half = np.minimum(starts, starts[::-1])[: (height + 1) // 2] / width
    end, between, point = (
        float(half[: max(1, height // 10)].max()),
        float(half[len(half) // 2]),
        float(half.min()),
    )
    return point <= _POINT and end >= _OPEN and _EVEN[0] * end <= between <= _EVEN[1] * end


def _strokes(row: NDArray[np.bool_]) -> int:
    """How many strokes cross this row: what is far shorter than the longest is the ragged edge of the shaft."""
    lengths = [end - start for start, end in runs(row, 1)]
    return sum(length > _RAGGED * max(lengths) for length in lengths)
