"""Lines of text as ink."""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil

from PIL import Image, ImageDraw

from tenfold.imaging.fonts import emboldened, emoji, face
from tenfold.imaging.layers import Text
from tenfold.imaging.lines import emoji_width, measure_at
from tenfold.imaging.setting import Line, Setting
from tenfold.imaging.shapes import round_mask
from tenfold.imaging.texts import EMOJI_FROM

_RUN = re.compile(f"[{EMOJI_FROM}-\U000ffffd]|[^{EMOJI_FROM}-\U000ffffd]+")
_EMOJI_ABOVE = 0.9  # of the size: how far the picture of an emoji reaches above the baseline

_DOT = 0.26

# Characters up to this size are kept as ink: four thousand of them in some 8 MB.
_LARGEST_KEPT = 64

Placed = tuple[Image.Image, tuple[int, int]]


def written(setting: Setting, layer: Text) -> tuple[Image.Image, list[Placed]]:
    """The lines as a mask of the size of the layer's box, and the emoji that stand between them."""
    mask = Image.new("L", layer.box[2:])
    pictures: list[Placed] = []
    for line in setting.lines:
        if line.is_marked:
            _mark(mask, line, setting)
        for run, x in _runs(line, layer, setting.size):
            if run >= EMOJI_FROM:
                pictures += _emoji(setting, run, x, line.y, mask)
            else:
                _write(mask, run, (x, line.y), setting.size, layer)
    return mask, pictures


def _write(mask: Image.Image, run: str, at: tuple[int, int], size: int, layer: Text) -> None:
    """The run with its baseline's start at a place; of kept characters where they are not large."""
    if size > _LARGEST_KEPT:
        font = face(size, layer.weight, layer.font)
        thicker = emboldened(size, layer.weight, layer.font)
        ImageDraw.Draw(mask).text(at, run, fill=255, font=font, anchor="ls", stroke_width=thicker)
        return
    draw, (x, y) = ImageDraw.Draw(mask), at
    for character in run:
        ink, left, top, advance = _glyph(size, layer.weight, layer.font, character)
        if ink:
            draw.bitmap((x + left, y + top), ink, fill=255)
        x += advance


@lru_cache(maxsize=4096)
def _glyph(size: int, weight: int, family: str, character: str) -> tuple[Image.Image | None, int, int, int]:
    """A character's ink, the place of its corner beside the baseline's start, and how far the next one is from there.

    Drawing an outline costs ten times its pasting. Characters stand at whole pixels and know nothing of each other.
    """
    font, thicker = face(size, weight, family), emboldened(size, weight, family)
    around = font.getbbox(character, anchor="ls", stroke_width=thicker)
    air = ceil(thicker)
    left, top, right, bottom = (round(edge) + (air if at > 1 else -air) for at, edge in enumerate(around))
    advance = round(font.getlength(character))
    if character.isspace() or left >= right or top >= bottom:
        return None, 0, 0, advance
    ink = Image.new("L", (right - left, bottom - top))
    draw = ImageDraw.Draw(ink)
    draw.text((-left, -top), character, fill=255, font=font, anchor="ls", stroke_width=thicker)
    return ink, left, top, advance


def _mark(mask: Image.Image, line: Line, setting: Setting) -> None:
    """A dot at half the height of the small letters: the font's own is an ideograph wide and thin."""
    across = max(2, round(setting.size * _DOT))
    at = (
        line.x - setting.indent + round(setting.size * 0.06),
        line.y - round(setting.size * 0.36) - across // 2,
    )
    mask.paste(255, (*at, at[0] + across, at[1] + across), round_mask(across))


def _runs(line: Line, layer: Text, size: int) -> list[tuple[str, int]]:
    """Pieces of a line with the places where they start; each emoji is a piece of its own."""
    if not any(character >= EMOJI_FROM for character in line.text):
        return [(line.text, line.x)]
    measure = measure_at(size, layer.weight, layer.font)
    runs, x = [], float(line.x)
    for run in _RUN.findall(line.text):
        runs.append((run, round(x)))
        x += measure(run)
    return runs


def _emoji(setting: Setting, code: str, x: int, baseline: int, within: Image.Image) -> list[Placed]:
    """The emoji, cut to the box."""
    cluster = setting.emoji[ord(code) - ord(EMOJI_FROM)]
    picture = emoji.picture(cluster, emoji_width(setting.size))
    y = baseline - round(_EMOJI_ABOVE * setting.size) - (picture.height - setting.size) // 2
    left, top = max(0, -x), max(0, -y)
    right, bottom = min(picture.width, within.width - x), min(picture.height, within.height - y)
    if left >= right or top >= bottom:
        return []
    return [(picture.crop((left, top, right, bottom)), (x + left, y + top))]
