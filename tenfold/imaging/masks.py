"""The mask of a QR code, told and changed: a pattern that a writer lays over the data so that no large areas arise.

A writer chooses it by the look of each code. For a screenshot review all codes of a campaign should have the same one,
so that a code is like another in nothing but what they share.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageChops

LEVELS = {"M": 0, "L": 1, "H": 2, "Q": 3}
MASKS = range(8)
_GENERATOR, _FORMAT_MASK = 0b10100110111, 0b101010000010010
_NAMES = {bits: name for name, bits in LEVELS.items()}

_RULES: tuple[Callable[[int, int], bool], ...] = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, _: i % 2 == 0,
    lambda _, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
)


def version_of(modules: Image.Image) -> int:
    return (modules.width - 17) // 4


def level_and_mask(modules: Image.Image) -> tuple[str, int]:
    """Out of the format marks beside the upper left eye; `modules` has one pixel a module, black on white."""
    bits = 0
    for x, y in _format_places(modules.width)[0]:
        bits = bits << 1 | (modules.getpixel((x, y)) == 0)
    bits ^= _FORMAT_MASK
    return _NAMES[bits >> 13], bits >> 10 & 7


def with_mask(modules: Image.Image, mask: int) -> Image.Image:
    """The same code under another mask."""
    level, present = level_and_mask(modules)
    if mask == present:
        return modules
    changed = ImageChops.difference(modules, _difference(modules.width, present, mask))
    bits = _format_bits(level, mask)
    for places in _format_places(modules.width):
        for number, place in enumerate(places):
            changed.putpixel(place, 0 if bits >> 14 - number & 1 else 255)
    return changed


def _format_bits(level: str, mask: int) -> int:
    """Level and mask with their own error correction, 15 bits."""
    content = LEVELS[level] << 3 | mask
    remainder = content << 10
    for shift in range(4, -1, -1):
        if remainder >> shift + 10 & 1:
            remainder ^= _GENERATOR << shift
    return (content << 10 | remainder) ^ _FORMAT_MASK


def _format_places(side: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Where the 15 bits stand, highest first: around the upper left eye, and once more at the two others."""
    first = [(x, 8) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(8, y) for y in (7, 5, 4, 3, 2, 1, 0)]
    second = [(8, side - 1 - step) for step in range(7)] + [(side - 8 + step, 8) for step in range(8)]
    return first, second


@lru_cache(maxsize=128)
def _difference(side: int, one: int, other: int) -> Image.Image:
    """255 where two masks differ, on the data alone."""
    pattern = Image.new("L", (side, side))
    fixed = _fixed(side)
    for y in range(side):
        for x in range(side):
            if _RULES[one](y, x) != _RULES[other](y, x) and not fixed.getpixel((x, y)):
                pattern.putpixel((x, y), 255)
    return pattern


def _fixed(side: int) -> Image.Image:
    """255 where a code of this size has its eyes, lines and marks, on which no mask lies."""
    fixed = Image.new("L", (side, side))
    areas = [(0, 0, 9, 9), (side - 8, 0, side, 9), (0, side - 8, 9, side), (6, 0, 7, side), (0, 6, side, 7)]
    if side >= 45:  # from version 7 on the version is written out
        areas += [(side - 11, 0, side - 8, 6), (0, side - 11, 6, side - 8)]
    for x in (centres := _alignment(side)):
        for y in centres:
            if (x, y) not in {(6, 6), (6, side - 7), (side - 7, 6)}:
                areas.append((x - 2, y - 2, x + 3, y + 3))
    for area in areas:
        fixed.paste(255, area)
    return fixed


def _alignment(side: int) -> list[int]:
    """Rows and columns of the small eyes."""
    version = (side - 17) // 4
    if version == 1:
        return []
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    return sorted([6, *(side - 7 - number * step for number in range(count - 1))])
