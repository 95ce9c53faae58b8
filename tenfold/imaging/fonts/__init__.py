"""The one font that pictures are drawn with: faces by size and weight, and what it can draw."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_HERE = Path(__file__).parent
_FILE = _HERE / "TenfoldSans-SC.ttf"

COVERED = frozenset((_HERE / "TenfoldSans-SC.txt").read_text("utf-8"))


@lru_cache(maxsize=64)
def face(size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels an em, weight 400 to 800.

    The basic layout engine, since the other one leans on a library that a bare machine may not have, and the
    same poster would then come out differently on two machines.
    """
    font = ImageFont.truetype(_FILE, size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font
