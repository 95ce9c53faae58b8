"""Drawing with smooth edges, and the mark of the product: a dot that becomes ten."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

# Pillow draws shapes without smooth edges: they are drawn this many times larger and scaled down.
_FINER = 4
_LARGEST_KEPT = 250_000  # pixels


def disc(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    left, top = round(centre[0] - radius), round(centre[1] - radius)
    image.paste(colour, (left, top), round_mask(round(2 * radius)))


@lru_cache(maxsize=64)
def round_mask(side: int) -> Image.Image:
    """A disc of `side` pixels across as a mask."""
    return rounded_mask(side, side, side // 2)


def rounded_mask(width: int, height: int, radius: int) -> Image.Image:
    """As `rounded`, and kept unless it is large: for what is drawn for every person. It must not be changed."""
    is_kept = width * height <= _LARGEST_KEPT
    return _kept_mask(width, height, radius) if is_kept else rounded(width, height, radius)


@lru_cache(maxsize=64)
def _kept_mask(width: int, height: int, radius: int) -> Image.Image:
    return rounded(width, height, radius)


def rounded(width: int, height: int, radius: int) -> Image.Image:
    """A rectangle with round corners as a mask."""
    radius = min(radius, width // 2, height // 2)
    mask = Image.new("L", (width, height), 255)
    return _cornered(mask, _corner(2 * radius, 2 * radius)) if radius else mask


def ellipse(width: int, height: int) -> Image.Image:
    """An ellipse as a mask."""
    return _cornered(Image.new("L", (width, height)), _corner(width, height))


def _corner(width: int, height: int) -> Image.Image:
    """The upper left quarter of an ellipse of this size, its middle row and column included."""
    across, down = -(-width // 2), -(-height // 2)
    finer = _FINER if across * down <= 1_000_000 else 2
    fine = Image.new("L", (across * finer, down * finer))
    ImageDraw.Draw(fine).ellipse((0, 0, width * finer - 1, height * finer - 1), fill=255)
    return fine.resize((across, down), Image.Resampling.BOX)


def _cornered(mask: Image.Image, corner: Image.Image) -> Image.Image:
    """The mask with the corner, turned accordingly, at each of its four."""
    right, bottom = mask.width - corner.width, mask.height - corner.height
    lower = ImageOps.flip(corner)
    mask.paste(corner, (0, 0))
    mask.paste(ImageOps.mirror(corner), (right, 0))
    mask.paste(lower, (0, bottom))
    mask.paste(ImageOps.mirror(lower), (right, bottom))
    return mask


def ring(whole: Image.Image, thick: int, radius: int, *, is_ellipse: bool) -> Image.Image:
    """What of a shape's mask lies within `thick` pixels of its edge."""
    width, height = whole.width - 2 * thick, whole.height - 2 * thick
    if width <= 0 or height <= 0:
        return whole
    inner = ellipse(width, height) if is_ellipse else rounded(width, height, max(0, radius - thick))
    mask = whole.copy()
    mask.paste(0, (thick, thick, thick + width, thick + height), inner)
    return mask


def faded(mask: Image.Image, opacity: float) -> Image.Image:
    return mask if opacity >= 1 else mask.point([round(value * opacity) for value in range(256)])


def gradient(size: tuple[int, int], start: Colour, end: Colour, angle: int) -> Image.Image:
    """Turned as in CSS: the colours stand at the corners that lie furthest in the angle's direction and against it."""
    width, height = size
    across, down = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
    length = abs(width * across) + abs(height * down)
    ramp = Image.new("L", (3, 258))  # one row more at either end, so that nothing beyond them is asked for
    for x in range(3):
        for y in range(258):
            ramp.putpixel((x, y), min(255, max(0, y - 1)))
    a_pixel = 255 / length
    first = 1.5 + 127.5 - (width / 2 * across + height / 2 * down) * a_pixel
    turned = (0.0, 0.0, 1.5, across * a_pixel, down * a_pixel, first)
    share = ramp.transform(size, Image.Transform.AFFINE, turned, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, end), Image.new("RGB", size, start), share)


def rgb(colour: str) -> Colour:
    """The channels of "#rrggbb"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: Colour, other: Colour) -> float:
    """How well two colours stand apart, 1 to 21, as WCAG counts it; words need 4.5, a code's modules more."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    """How much light a colour gives, 0 to 1, as WCAG counts it."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def dots_masks(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """The mark in the middle of a box: the first dot, and the nine others, as masks."""
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    first, others = Image.new("L", (width, height)), Image.new("L", (width, height))
    for x, y, radius in _dots(side):
        mask, across = (others if x > side / 4 else first), max(1, round(2 * radius))
        mask.paste(255, (round(left + x - radius), round(top + y - radius)), round_mask(across))
    return first, others


def _dots(side: float) -> list[tuple[float, float, float]]:
    """Centres and radii of the mark's ten dots in a square: one, two, three and four from left to right."""
    step = side / 4
    return [
        (step * (row + 0.5), step * (2 + place - row / 2), step * (0.34 if row else 0.46))
        for row in range(4)
        for place in range(row + 1)
    ]
