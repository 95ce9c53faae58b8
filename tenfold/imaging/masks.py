"""The mask of a QR code, told: a pattern that a writer lays over the data so that no large areas arise.

A writer chooses it by the look of each code. For a screenshot review all codes of a campaign should have the same one,
so that a code is like another in nothing but what they share.
"""

from __future__ import annotations

from PIL import Image

_LEVELS = {0: "M", 1: "L", 2: "H", 3: "Q"}
_FORMAT_MASK = 0b101010000010010
# Where the 15 bits of level and mask stand around the upper left eye, highest first.
_FORMAT_PLACES = [
    *((x, 8) for x in (0, 1, 2, 3, 4, 5, 7, 8)),
    *((8, y) for y in (7, 5, 4, 3, 2, 1, 0)),
]


def version_of(modules: Image.Image) -> int:
    return (modules.width - 17) // 4


def level_and_mask(modules: Image.Image) -> tuple[str, int]:
    """Out of the format marks beside the upper left eye; `modules` has one pixel a module, black on white."""
    bits = 0
    for place in _FORMAT_PLACES:
        bits = bits << 1 | (modules.getpixel(place) == 0)
    bits ^= _FORMAT_MASK
    return _LEVELS[bits >> 13], bits >> 10 & 7
