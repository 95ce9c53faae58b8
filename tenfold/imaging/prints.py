"""The form in which a fingerprint is kept: small grey pictures and where they lie, in at most eight kilobytes.

Whoever reads one trusts nothing in it: it was made by a process that had a stranger's picture in its hands.
"""

from __future__ import annotations

import lzma
import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.nearness import Keys
from tenfold.imaging.seen import Quad

Pixels: TypeAlias = NDArray[np.uint8]
Grey: TypeAlias = NDArray[np.float32]
Places: TypeAlias = NDArray[np.floating[Any]]
Frame: TypeAlias = tuple[float, float, float, float]

MAX_BYTES = 8 * 1024
MAX_SAMPLES = 64 * 1024
CODE_SIDE = 24

_LEAST = 4  # samples, of however narrow a frame
_MARK = b"T1"
_PLACED, _CROPPED, _REMAINS = 1, 2, 4
_HEAD = struct.Struct("<2sBhh3f4f8f4q")
_PART = struct.Struct("<HHBH")
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 2, "dict_size": 1 << 16, "lc": 0, "lp": 0, "pb": 0}]


@dataclass(frozen=True)
class Print:
    """What a screenshot is known by. `left` and `top` are the grid's first column and row, counted from its origin.

    The origin lies at `at` in pixels of the picture, a step of the grid is `step` of them. `frame` is what of the
    picture is no bar, `poster` the placed poster's corners, both in pixels of the picture; of a cropped one only the
    square in its middle is to be seen. `clock` and `age` are finer pictures of the strips where those stand
    (`clock_at`, `age_at`). `code` is the code, upright. What is None was not to be seen, or is erased: `is_remains`.
    """

    grey: Grey
    left: int
    top: int
    at: tuple[float, float]
    step: float
    frame: Frame
    poster: Quad | None
    is_cropped: bool
    clock: Grey | None
    age: Grey | None
    code: Grey | None
    keys: Keys
    is_remains: bool


def area(quad: Quad) -> float:
    following = (*quad[1:], quad[0])
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(quad, following, strict=True))) / 2


def packed(grey: Pixels | None, levels: int) -> bytes:
    """A grey picture with so many shades, and how large it is."""
    if grey is None:
        return _PART.pack(0, 0, 0, 0)
    shades = grey // (256 // levels)
    data = lzma.compress(shades.tobytes(), lzma.FORMAT_RAW, filters=_FILTERS)
    return _PART.pack(grey.shape[1], grey.shape[0], levels, len(data)) + data


def written(
    at: tuple[float, float],
    step: float,
    corner: tuple[int, int],
    frame: Frame,
    poster: Quad | None,
    is_cropped: bool,
    keys: Keys,
    parts: tuple[bytes, bytes, bytes, bytes],
    *,
    is_remains: bool = False,
) -> bytes:
    """`parts` are the small picture, the strips of clock and age, and the code."""
    corners = [value for point in poster for value in point] if poster else [0.0] * 8
    flags = bool(poster) * _PLACED | is_cropped * _CROPPED | is_remains * _REMAINS
    head = _HEAD.pack(_MARK, flags, *corner, *at, step, *frame, *corners, *keys)
    return head + b"".join(parts)


@lru_cache(maxsize=64)
def read(data: bytes) -> Print | None:
    """The print in these bytes; None where they are none."""
    if not _HEAD.size < len(data) <= MAX_BYTES or not data.startswith(_MARK):
        return None
    _mark, flags, left, top, *numbers = _HEAD.unpack_from(data)
    places, keys = numbers[:15], numbers[15:]
    if not all(math.isfinite(place) and abs(place) < 1e6 for place in places):
        return None
    x, y, step, *rest = places
    frame, corners = rest[:4], rest[4:]
    parts = _parts(data)
    if parts is None or parts[0] is None or step < 0.01:
        return None
    box: Frame = (frame[0], frame[1], frame[2], frame[3])
    if not _is_filled(box, parts[0], step) or (parts[3] is not None and parts[3].shape != (CODE_SIDE,) * 2):
        return None
    quad: Quad = (
        (corners[0], corners[1]),
        (corners[2], corners[3]),
        (corners[4], corners[5]),
        (corners[6], corners[7]),
    )
    is_placed = bool(flags & _PLACED) and area(quad) >= 64
    return Print(
        grey=parts[0],
        left=left,
        top=top,
        at=(x, y),
        step=step,
        frame=box,
        poster=quad if is_placed else None,
        is_cropped=bool(flags & _CROPPED),
        clock=parts[1],
        age=parts[2] if is_placed else None,
        code=parts[3],
        keys=(keys[0], keys[1], keys[2], keys[3]),
        is_remains=bool(flags & _REMAINS),
    )


def _is_filled(frame: Frame, grey: Grey, step: float) -> bool:
    """Whether the small picture is as large as the frame, so that laying it on a grid takes no more than itself."""
    sides = (frame[2] - frame[0], grey.shape[1]), (frame[3] - frame[1], grey.shape[0])
    return all(side >= 1 and count - _LEAST - 1 <= side / step <= count + 4 for side, count in sides)


def _parts(data: bytes) -> list[Grey | None] | None:
    """The four pictures; None where they are not what they say."""
    at, parts = _HEAD.size, list[Grey | None]()
    for _nth in range(4):
        if at + _PART.size > len(data):
            return None
        width, height, levels, size = _PART.unpack_from(data, at)
        at += _PART.size
        if not width:
            parts.append(None)
            continue
        grey = _unpacked(data[at : at + size], width, height, levels)
        if grey is None:
            return None
        parts.append(grey)
        at += size
    return parts


def _unpacked(data: bytes, width: int, height: int, levels: int) -> Grey | None:
    if levels not in (16, 32) or not 0 < width * height <= MAX_SAMPLES or min(width, height) < _LEAST:
        return None
    try:
        shades = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS).decompress(data, width * height)
    except lzma.LZMAError:
        return None
    if len(shades) != width * height:
        return None
    pixels = np.frombuffer(shades, np.uint8).reshape(height, width)
    return np.minimum(pixels, levels - 1).astype(np.float32) * (256 / levels)


CLOCK_HIGH = 0.1
AGE_HIGH = 0.1
FINE = 320
"""Samples of a strip across a screen."""


def clock_at(frame: Frame) -> tuple[float, float, float, float, float]:
    """Where the strip of the clock begins, how wide and high it is, and its step: pixels of the picture."""
    left, top, right, bottom = frame
    wide = right - left
    return left, top, wide, min(CLOCK_HIGH * wide, bottom - top), wide / FINE


def age_at(frame: Frame, poster: Quad) -> tuple[float, float, float, float, float]:
    """The same of the line below the poster; its step follows the poster, which no cutting of the frame moves."""
    step = math.sqrt(area(poster)) / 128
    left = (poster[0][0] + poster[3][0]) / 2 - 6 * step
    below = (poster[2][1] + poster[3][1]) / 2
    wide = frame[2] - frame[0]
    return left, below, min(180 * step, 0.7 * wide), AGE_HIGH * wide, step
