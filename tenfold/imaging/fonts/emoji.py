"""Pictures of emoji, on machines whose system has Noto Color Emoji; elsewhere there are none.

No package of that font can be depended on, so that emoji are the one thing that two machines may draw differently.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

_PLACES = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-color-emoji-fonts/NotoColorEmoji.ttf",
)
_SIZE = 109  # the one size at which the font holds its bitmaps, each 136 by 128 pixels
_WIDTH, _HEIGHT = 136, 128
_VARIATION, _KEYCAP = "\ufe0f", "\u20e3"


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | None:
    """The system's font, or None; with raqm, whole families and flags come as one picture."""
    path = next((place for place in _PLACES if Path(place).is_file()), None)
    if path is None:
        return None
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    try:
        return ImageFont.truetype(path, _SIZE, layout_engine=engine)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def has(cluster: str) -> bool:
    """Whether the cluster is an emoji of which there is one whole picture."""
    font = _font()
    if font is None or len(cluster) > 16 or not _is_emoji(cluster):
        return False
    shown = _asked(cluster, font)
    return font.getlength(shown) <= _WIDTH + 1 and font.getmask(shown, mode="RGBA").getbbox() is not None


@lru_cache(maxsize=64)
def picture(cluster: str, size: int) -> Image.Image:
    """The emoji, RGBA, `size` pixels wide."""
    font = _font()
    assert font is not None  # only what `has` has is asked for
    image = Image.new("RGBA", (_WIDTH, _HEIGHT), (255, 255, 255, 0))
    ImageDraw.Draw(image).text((0, 0), _asked(cluster, font), font=font, embedded_color=True)
    return image.resize((size, max(1, round(size * _HEIGHT / _WIDTH))), Image.Resampling.BOX)


def _is_emoji(cluster: str) -> bool:
    """The font has letters and digits too, as parts of flags and keys: those are no emoji by themselves."""
    if _KEYCAP in cluster:
        return True
    return any(character >= "\U0001f000" or unicodedata.category(character) == "So" for character in cluster)


def _asked(cluster: str, font: ImageFont.FreeTypeFont) -> str:
    return cluster if font.layout_engine == ImageFont.Layout.RAQM else cluster.replace(_VARIATION, "")
