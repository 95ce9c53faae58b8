"""Drawing with smooth edges, and the mark of the product: a dot that becomes ten."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw

from tenfold.imaging.lines import Block

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

INK: Colour = (15, 42, 42)
PAPER: Colour = (251, 247, 239)
ACCENT: Colour = (255, 94, 54)

# Pillow draws shapes without smooth edges: they are drawn this many times larger and scaled down.
_FINER = 4
_BASELINE = 0.88  # of the em, where an ideograph's box stands on its baseline


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour `share` of the way from `one` to `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def disc(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    left, top = round(centre[0] - radius), round(centre[1] - radius)
    image.paste(colour, (left, top), round_mask(round(2 * radius)))


def plate(image: Image.Image, box: Box, radius: int, colour: Colour) -> None:
    """A filled rectangle with round corners."""
    left, top, right, bottom = box
    image.paste(colour, (left, top), rounded_mask(right - left, bottom - top, radius))


@lru_cache(maxsize=64)
def round_mask(side: int) -> Image.Image:
    """A disc of `side` pixels across as a mask."""
    return rounded_mask(side, side, side // 2)


@lru_cache(maxsize=16)
def rounded_mask(width: int, height: int, radius: int) -> Image.Image:
    """A rectangle with round corners as a mask."""
    fine = Image.new("L", (radius * 2 * _FINER,) * 2)
    ImageDraw.Draw(fine).ellipse((0, 0, fine.width - 1, fine.height - 1), fill=255)
    corners = fine.resize((radius * 2, radius * 2), Image.Resampling.BOX)
    mask = Image.new("L", (width, height), 255)
    right, bottom = width - radius, height - radius
    for x, left in ((0, 0), (right, radius)):
        for y, top in ((0, 0), (bottom, radius)):
            mask.paste(corners.crop((left, top, left + radius, top + radius)), (x, y))
    return mask


def write(
    image: Image.Image, block: Block, at: tuple[int, int], colour: Colour, *, centred: bool = False
) -> None:
    """Draws the lines with the block's top left corner, or the middle of its top edge, at `at`."""
    draw = ImageDraw.Draw(image)
    baseline = at[1] + (block.leading - block.font.size) / 2 + _BASELINE * block.font.size
    for line in block.lines:
        draw.text(
            (at[0], round(baseline)), line, fill=colour, font=block.font, anchor="ms" if centred else "ls"
        )
        baseline += block.leading


def ten_dots(image: Image.Image, box: Box, first: Colour, others: tuple[Colour, ...]) -> None:
    """The mark: one dot, then two, three and four, inside a square box; `others` colours the rows in turn."""
    left, top, right, _ = box
    step = (right - left) / 4
    for row in range(4):
        colour = others[(row - 1) % len(others)] if row else first
        for place in range(row + 1):
            x = left + step * (row + 0.5)
            y = top + step * (2 + place - row / 2)
            disc(image, (x, y), step * (0.46 if not row else 0.34), colour)
