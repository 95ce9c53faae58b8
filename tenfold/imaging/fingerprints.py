"""What is kept of a screenshot so that it can be known again when the picture itself is erased.

A small grey picture of it, at most 160 pixels across, so that a face is a smudge on it and no name can be read, and
a small one of the code. The grid of the small picture is laid through the middle of the poster where that is placed,
so that cutting, framing and scaling the screenshot move no sample; else through the corner of the frame. Steps of the
grid are powers of two of the poster's size: two grids of different steps are made equal by adding up pixels.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tenfold.imaging.nearness import keys_of_code, keys_of_frame
from tenfold.imaging.seen import PosterSeen, Quad

Pixels: TypeAlias = NDArray[np.uint8]
Grey: TypeAlias = NDArray[np.float32]
Places: TypeAlias = NDArray[np.floating[Any]]

MAX_BYTES = 8 * 1024
MAX_ACROSS = 160
"""Pixels of the small picture; a line of text is 3 to 6 of them high."""
CODE_SIDE = 24
_POSTER_SIZE = (
    12  # times a power of two: pixels of the small picture that the poster takes, as the root of its area
)
_WIDE_ENOUGH = 480  # pixels across from which the small picture is made
_LEVELS = (32, 16)  # shades kept; fewer where the picture is too busy
_MAX_SAMPLES = 64 * 1024
_BAR_CONTRAST = 14  # between the darkest and the lightest pixel of a row that belongs to a bar

_HEAD = struct.Struct("<2sBBhhHH3f4f8f4qB")
_MARK = b"T1"
_PLACED, _CODED, _CROPPED = 1, 2, 4


@dataclass(frozen=True)
class Print:
    """A fingerprint that was read. `left` and `top` are the grid's first column and row, counted from its origin.

    The origin lies at `at` in pixels of the picture, a step of the grid is `step` of them. `frame` is what of the
    picture is no bar, `poster` the placed poster's corners, both in pixels of the picture; of a cropped one only the
    square in its middle is to be seen. `code` is None where the code's place was not known.
    """

    grey: Grey
    left: int
    top: int
    at: tuple[float, float]
    step: float
    frame: tuple[float, float, float, float]
    poster: Quad | None
    is_cropped: bool
    code: Grey | None
    keys: tuple[int, int, int, int]


def fingerprint(picture: Pixels, poster: PosterSeen | None, code: Quad | None = None) -> bytes:
    """At most MAX_BYTES. The picture is RGB or grey; `code` is where the code lies with its quiet zone, if in it."""
    # Green is most of what is light, and a third of the work.
    luma = Image.fromarray(np.ascontiguousarray(picture[:, :, 1] if picture.ndim == 3 else picture))
    quad = poster.quad if poster and _is_sane(poster.quad, luma.size) else None
    patch = _code_patch(luma, code) if code and _is_sane(code, luma.size) else None
    times = max(1, luma.width // _WIDE_ENOUGH)
    page = luma.reduce(times) if times > 1 else luma
    frame = _frame(page)
    for across in (MAX_ACROSS, MAX_ACROSS // 2, MAX_ACROSS // 4):
        at, step = _grid(frame, _scaled(quad, 1 / times), across)
        grid, left, top = _sampled(page, at, step)
        keys = keys_of_code(patch) if patch is not None else keys_of_frame(_thumb(grid))
        for levels in _LEVELS:
            packed = _packed(grid, levels)
            if len(packed) <= MAX_BYTES - CODE_SIDE**2 // 2 - _HEAD.size:
                drawn = (times * at[0], times * at[1]), times * step, tuple(times * edge for edge in frame)
                flags = _flags(poster if quad else None, patch)
                head = _head(flags, levels, left, top, grid.shape, *drawn, quad, keys)
                return head + (_nibbles(patch) if patch is not None else b"") + packed
    raise AssertionError("a picture of 40 samples across always fits")


def _scaled(quad: Quad | None, times: float) -> Quad | None:
    if quad is None:
        return None
    first, second, third, fourth = ((x * times, y * times) for x, y in quad)
    return first, second, third, fourth


def _thumb(grid: Pixels) -> Grey:
    return np.asarray(Image.fromarray(grid).resize((32, 64), Image.Resampling.BOX), np.float32)


def near_keys(data: bytes) -> tuple[int, int, int, int] | None:
    """For an index: of two prints of one shot at least one key is very likely in the same place and equal."""
    found = read(data)
    return found.keys if found else None


def _is_sane(quad: Quad, size: tuple[int, int]) -> bool:
    """Whether it is a shape with an area that lies near the picture."""
    reach = 4 * max(size)
    if not all(math.isfinite(value) and abs(value) <= reach for corner in quad for value in corner):
        return False
    return _area(quad) >= 16 * 16


def _area(quad: Quad) -> float:
    following = (*quad[1:], quad[0])
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(quad, following, strict=True))) / 2


def _grid(
    frame: tuple[float, float, float, float], quad: Quad | None, across: int
) -> tuple[tuple[float, float], float]:
    """Where the grid's origin lies, and its step."""
    left, top, right, bottom = frame
    # A long picture, such as one that was scrolled, is kept smaller as a whole.
    across = min(across, max(8, int(math.sqrt(_MAX_SAMPLES * (right - left) / (bottom - top)))))
    if quad is None:
        return (left, top), (right - left) / across
    size = math.sqrt(_area(quad))
    finest = across * size / (right - left)
    of_poster = _POSTER_SIZE * 2.0 ** math.floor(math.log2(finest / _POSTER_SIZE))
    middle = sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4
    return middle, size / of_poster


def _sampled(luma: Image.Image, at: tuple[float, float], step: float) -> tuple[Pixels, int, int]:
    """The picture on the grid; only samples that lie wholly in it."""
    left, top = math.ceil(-at[0] / step), math.ceil(-at[1] / step)
    right = max(left + 1, math.floor((luma.width - at[0]) / step))
    bottom = max(top + 1, math.floor((luma.height - at[1]) / step))
    box = (at[0] + left * step, at[1] + top * step, at[0] + right * step, at[1] + bottom * step)
    inside = max(0.0, box[0]), max(0.0, box[1]), min(luma.width, box[2]), min(luma.height, box[3])
    size = right - left, bottom - top
    return np.asarray(luma.resize(size, Image.Resampling.BILINEAR, box=inside)), left, top


def _frame(luma: Image.Image) -> tuple[float, float, float, float]:
    """The picture without the bars of one colour that were laid on two of its sides, equally wide on both."""
    thin, flat = max(1, luma.width // 64), max(1, luma.height // 64)
    top, bottom = _bars(np.asarray(luma.reduce((thin, 1))))
    left, right = _bars(np.asarray(luma.reduce((1, flat)))[top // flat : -(-bottom // flat)].T)
    return left, top, right, bottom


def _bars(pixels: Pixels) -> tuple[int, int]:
    """The first row that is not part of a bar, and the one after the last."""
    count, shades = len(pixels), pixels.astype(np.int16)
    is_plain = np.ptp(shades, axis=1) <= _BAR_CONTRAST
    above = is_plain & (np.abs(shades[:, 0] - shades[0, 0]) <= _BAR_CONTRAST)
    below = is_plain & (np.abs(shades[:, 0] - shades[-1, 0]) <= _BAR_CONTRAST)
    first, last = int(np.argmin(above)), int(np.argmin(below[::-1]))
    # Margins of a page are plain too, but hardly ever equal, and none is there on purpose.
    is_bar = min(first, last) >= 0.03 * count and abs(first - last) <= max(2, 0.005 * count)
    return (first, count - last) if is_bar and first + last < 0.8 * count else (0, count)


def _code_patch(luma: Image.Image, quad: Quad) -> Pixels | None:
    """The code upright, with the same contrast wherever it came from."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    box = math.floor(min(xs)) - 2, math.floor(min(ys)) - 2, math.ceil(max(xs)) + 2, math.ceil(max(ys)) + 2
    inside = max(0, box[0]), max(0, box[1]), min(luma.width, box[2]), min(luma.height, box[3])
    seen = max(0, inside[2] - inside[0]) * max(0, inside[3] - inside[1])
    if seen < 0.9 * (box[2] - box[0]) * (box[3] - box[1]):
        return None
    cut = luma.crop(box)
    # Twice the patch, so that turning it upright loses nothing; then down, each pixel the mean of what it covers.
    shrink = max(1, math.floor(min(cut.size) / (4 * CODE_SIDE)))
    cut = cut.reduce(shrink) if shrink > 1 else cut
    corners = [
        ((x - box[0]) / shrink, (y - box[1]) / shrink) for x, y in (quad[0], quad[3], quad[2], quad[1])
    ]
    data = [value for corner in corners for value in corner]
    upright = cut.transform((2 * CODE_SIDE,) * 2, Image.Transform.QUAD, data, Image.Resampling.BILINEAR)
    patch = np.asarray(upright.resize((CODE_SIDE, CODE_SIDE), Image.Resampling.BOX), np.float32)
    low, high = np.percentile(patch, (3, 97))
    stretched = np.clip((patch - low) * (15 / max(1.0, high - low)), 0, 15)
    return stretched.round().astype(np.uint8) if high - low > 12 else None


def _packed(grid: Pixels, levels: int) -> bytes:
    """Neighbours are alike: what changes from pixel to pixel takes little room."""
    shades = grid // (256 // levels)
    change = np.diff(shades, axis=1, prepend=0) % levels
    return zlib.compress(change.astype(np.uint8).tobytes(), 6)


def _nibbles(patch: Pixels) -> bytes:
    flat = patch.ravel()
    return (flat[::2] << 4 | flat[1::2]).astype(np.uint8).tobytes()


def _flags(poster: PosterSeen | None, patch: Pixels | None) -> int:
    return (
        bool(poster) * _PLACED | (patch is not None) * _CODED | bool(poster and poster.is_cropped) * _CROPPED
    )


def _head(
    flags: int,
    levels: int,
    left: int,
    top: int,
    shape: Sequence[int],
    at: tuple[float, float],
    step: float,
    frame: tuple[float, ...],
    quad: Quad | None,
    keys: tuple[int, int, int, int],
) -> bytes:
    corners = [value for corner in quad for value in corner] if quad else [0.0] * 8
    return _HEAD.pack(
        _MARK, flags, levels, left, top, shape[1], shape[0], *at, step, *frame, *corners, *keys, 0
    )


@lru_cache(maxsize=128)
def read(data: bytes) -> Print | None:
    """The print in these bytes; None where they are none, whoever made them."""
    if not _HEAD.size < len(data) <= MAX_BYTES or not data.startswith(_MARK):
        return None
    _mark, flags, levels, left, top, width, height, x, y, step, *rest = _HEAD.unpack_from(data)
    frame, corners, keys = rest[:4], rest[4:12], rest[12:16]
    if levels not in _LEVELS or not 0 < width * height <= 2 * _MAX_SAMPLES or not step > 0:
        return None
    if not all(map(math.isfinite, (x, y, step, *frame, *corners))):
        return None
    side = CODE_SIDE * CODE_SIDE // 2 if flags & _CODED else 0
    patch = np.frombuffer(data, np.uint8, side, _HEAD.size) if len(data) > _HEAD.size + side else None
    grey = _unpacked(data[_HEAD.size + side :], levels, width, height)
    if grey is None or patch is None:
        return None
    quad = (
        (corners[0], corners[1]),
        (corners[2], corners[3]),
        (corners[4], corners[5]),
        (corners[6], corners[7]),
    )
    return Print(
        grey=grey,
        left=left,
        top=top,
        at=(x, y),
        step=step,
        frame=(frame[0], frame[1], frame[2], frame[3]),
        poster=quad if flags & _PLACED else None,
        is_cropped=bool(flags & _CROPPED),
        code=_patch(patch) if side else None,
        keys=(keys[0], keys[1], keys[2], keys[3]),
    )


def _unpacked(data: bytes, levels: int, width: int, height: int) -> Grey | None:
    unpacking = zlib.decompressobj()
    try:
        change = unpacking.decompress(data, width * height + 1)
    except zlib.error:
        return None
    if len(change) != width * height or not unpacking.eof:
        return None
    shades = np.frombuffer(change, np.uint8).reshape(height, width)
    return (np.cumsum(shades, axis=1, dtype=np.uint16) % levels * (256 // levels)).astype(np.float32)


def _patch(nibbles: Pixels) -> Grey:
    flat = np.stack((nibbles >> 4, nibbles & 15), axis=1).astype(np.float32)
    return flat.reshape(CODE_SIDE, CODE_SIDE)
