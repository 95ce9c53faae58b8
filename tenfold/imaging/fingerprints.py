"""What is kept of a screenshot so that it can be known again when the picture itself is erased.

A small grey picture of it, at most 144 pixels across, so that a face is a smudge on it; finer ones of the two strips
that are painted over to send a screenshot again, with the clock and with the age of the post; and one of the code.
Names can be read on it as long as the picture itself is kept: `remains` leaves what goes on when that is erased.

The grid of the small picture goes through the middle of the poster where that is placed, so that cutting, framing and
scaling the screenshot move no sample; else through the corner of the frame.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from tenfold.imaging.nearness import (
    OF_CODE,
    OF_FRAME,
    Keys,
    Marks,
    keys_of,
    marks_of_code,
    marks_of_frame,
    probes_of,
)
from tenfold.imaging.prints import (
    CODE_SIDE,
    MAX_BYTES,
    MAX_SAMPLES,
    Frame,
    Grey,
    Pixels,
    age_at,
    area,
    clock_at,
    packed,
    read,
    written,
)
from tenfold.imaging.seen import PosterSeen, Quad

_SIZES = ((144, 32), (144, 16), (112, 16), (80, 16), (48, 16))
"""Samples across and shades; fewer where the picture is too busy for MAX_BYTES."""
_WIDE_ENOUGH = 480  # pixels across from which the small picture is made
_BAR_CONTRAST = 14  # between the darkest and the lightest pixel of a row that belongs to a bar
_STRIP_BYTES = 2000
_HEAD_BYTES = 200  # more than what stands before the parts and between them


def fingerprint(picture: Pixels, poster: PosterSeen | None, code: Quad | None = None) -> bytes:
    """At most MAX_BYTES. The picture is RGB or grey; `code` is where the code lies with its quiet zone, if in it."""
    # Green is most of what is light, and a third of the work.
    luma = Image.fromarray(np.ascontiguousarray(picture[:, :, 1] if picture.ndim == 3 else picture))
    quad = poster.quad if poster and _is_sane(poster.quad, luma.size) else None
    is_cropped = bool(quad and poster and poster.is_cropped)
    patch = _code_patch(luma, code) if code and _is_sane(code, luma.size) else None
    times = max(1, luma.width // _WIDE_ENOUGH)
    page = luma.reduce(times) if times > 1 else luma
    left, top, right, bottom = _frame(page)
    frame = (times * left, times * top, times * right, times * bottom)
    clock = _packed_strip(_strip(luma, *clock_at(frame)))
    age = _packed_strip(_strip(luma, *age_at(frame, quad)) if quad and not is_cropped else None)
    own = packed(patch, 16)
    room = MAX_BYTES - _HEAD_BYTES - len(clock) - len(age) - len(own)
    at = _middle(quad) if quad else (frame[0], frame[1])
    for across, levels in _SIZES:
        step = _step(frame, across)
        grid, *corner = _sampled(
            page, (left, top, right, bottom), (at[0] / times, at[1] / times), step / times
        )
        small = packed(grid, levels)
        if len(small) <= room:
            break
    keys = keys_of(*_marks(patch, grid))
    parts = (small, clock, age, own)
    return written(at, step, (corner[0], corner[1]), frame, quad, is_cropped, keys, parts)


def near_keys(data: bytes) -> Keys | None:
    """For an index: of two prints of one shot at least one key is likely the same, or among the other's probes."""
    found = read(data)
    return found.keys if found else None


def near_probes(data: bytes) -> list[list[int]]:
    """For each of the four keys what to look for: itself first, then what an edit would most likely make of it."""
    found = read(data)
    if found is None:
        return []
    code = found.code.astype(np.uint8) if found.code is not None else None
    return probes_of(*_marks(code, found.grey.astype(np.uint8)))


def _marks(patch: Pixels | None, grid: Pixels) -> tuple[Marks, int]:
    if patch is not None:
        # In the shades in which it is kept, so that whoever reads it later comes to the same.
        return marks_of_code((patch // 16).astype(np.float32)), OF_CODE
    return marks_of_frame(_thumb(grid)), OF_FRAME


def _is_sane(quad: Quad, size: tuple[int, int]) -> bool:
    """Whether it is a shape with an area that lies near the picture."""
    reach = 4 * max(size)
    if not all(math.isfinite(value) and abs(value) <= reach for corner in quad for value in corner):
        return False
    return area(quad) >= 16 * 16


def _middle(quad: Quad) -> tuple[float, float]:
    return sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4


def _step(frame: Frame, across: int) -> float:
    """A long picture, such as one that was scrolled, is kept smaller as a whole."""
    wide, high = frame[2] - frame[0], frame[3] - frame[1]
    return max(wide, math.sqrt(wide * high / (0.8 * MAX_SAMPLES)) * _SIZES[0][0]) / across


def _sampled(
    page: Image.Image, frame: Frame, at: tuple[float, float], step: float
) -> tuple[Pixels, int, int]:
    """What of the page is in the frame, on the grid; only samples that lie wholly in it."""
    left, top = math.ceil((frame[0] - at[0]) / step), math.ceil((frame[1] - at[1]) / step)
    right = max(left + 4, math.floor((frame[2] - at[0]) / step))
    bottom = max(top + 4, math.floor((frame[3] - at[1]) / step))
    box = (at[0] + left * step, at[1] + top * step, at[0] + right * step, at[1] + bottom * step)
    return _scaled(page, box, (right - left, bottom - top)), left, top


def _strip(
    luma: Image.Image, left: float, top: float, wide: float, high: float, step: float
) -> Pixels | None:
    size = int(wide / step), int(high / step)
    box = (left, top, left + size[0] * step, top + size[1] * step)
    if left < -3 * step or min(size) < 12 or top < 0 or box[3] > luma.height:
        return None
    # A poster near the right edge: what is beyond is the edge's own colour in all pictures of the shot.
    return _scaled(luma, box, size)


def _packed_strip(strip: Pixels | None) -> bytes:
    """Without it where it is too busy to be a line of text."""
    data = packed(strip, 16)
    return data if len(data) <= _STRIP_BYTES else packed(None, 16)


def _scaled(luma: Image.Image, box: Frame, size: tuple[int, int]) -> Pixels:
    inside = max(0.0, box[0]), max(0.0, box[1]), min(luma.width, box[2]), min(luma.height, box[3])
    return np.asarray(luma.resize(size, Image.Resampling.BILINEAR, box=inside))


def _thumb(grid: Pixels) -> Grey:
    return np.asarray(Image.fromarray(grid).resize((32, 64), Image.Resampling.BOX), np.float32)


def _frame(page: Image.Image) -> Frame:
    """The page without the bars of one colour that were laid on two of its sides, equally wide on both."""
    thin, flat = max(1, page.width // 64), max(1, page.height // 64)
    top, bottom = _bars(np.asarray(page.reduce((thin, 1))))
    left, right = _bars(np.asarray(page.reduce((1, flat)))[top // flat : -(-bottom // flat)].T)
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
    stretched = np.clip((patch - low) * (255 / max(1.0, high - low)), 0, 255)
    return stretched.astype(np.uint8) if high - low > 12 else None
