"""What of a fingerprint is kept when its picture is erased: enough to know the shot again, too little to read a name.

The strips of clock and age go. They are fine enough to be read, and where a screenshot was cut or scrolled they hold
something else: the title of a chat, the names of those who like a post. The small picture is made so coarse that a
name on it is three samples high. That alone would take honest people's shots for each other, so it counts only beside
a code that is the same, and of a shot without a code nothing is left.
"""

from __future__ import annotations

import numpy as np

from tenfold.imaging.laying import coarse
from tenfold.imaging.prints import MAX_BYTES, packed, read, written

FINEST = 16.0
"""Pixels of the picture to a sample: a name is written 30 to 50 of them high. At 7.5 it can be read."""
MOST_ACROSS = 67
"""Samples, of however large a picture."""
_LEAST = 8
_LEVELS = 16


def remains(data: bytes) -> bytes:
    """The fingerprint without what could be read; b"" of what is none, shows no code or is too small."""
    found = read(data)
    if found is None or found.code is None:
        return b""
    step = max(FINEST, found.step, (found.frame[2] - found.frame[0]) / MOST_ACROSS)
    grid = coarse(found, step / found.step)
    if min(grid.grey.shape) < _LEAST:
        return b""
    shades = np.clip(grid.grey, 0, 255).astype(np.uint8)
    none = packed(None, _LEVELS)
    kept = written(
        found.at,
        found.step * grid.times,
        (int(grid.left), int(grid.top)),
        found.frame,
        found.poster,
        found.is_cropped,
        found.keys,
        (packed(shades, _LEVELS), none, none, packed(found.code.astype(np.uint8), _LEVELS)),
        is_remains=True,
    )
    return kept if len(kept) <= MAX_BYTES else b""
