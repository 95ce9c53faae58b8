"""The fonts that pictures are drawn with: faces by family, size and weight, and what they can draw."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_HERE = Path(__file__).parent
_FILES = {"sans": _HERE / "TenfoldSans-SC.ttf", "serif": _HERE / "TenfoldSerif-SC.otf"}
_LEAST_WEIGHT, _MOST_WEIGHT = 400, 800

# Both families have the same characters; a test compares them with the files.
COVERED = frozenset((_HERE / "TenfoldSans-SC.txt").read_text("utf-8"))


@lru_cache(maxsize=96)
def face(size: int, weight: int = 400, family: str = "sans") -> ImageFont.FreeTypeFont:
    """The face at `size` pixels an em. The sans has the weights 400 to 800, the serif one (see `emboldened`).

    The basic layout engine, since the other one leans on a library that a bare machine may not have, and the
    same poster would then come out differently on two machines.
    """
    font = ImageFont.truetype(_FILES[family], size, layout_engine=ImageFont.Layout.BASIC)
    if family == "sans":
        font.set_variation_by_axes([min(max(weight, _LEAST_WEIGHT), _MOST_WEIGHT)])
    return font


def emboldened(size: int, weight: int, family: str) -> float:
    """How many pixels the strokes of a face are drawn thicker on each side, where it lacks the weight itself."""
    missing = min(max(weight, _LEAST_WEIGHT), 900) - _LEAST_WEIGHT if family == "serif" else 0
    return size * missing / 400 * 0.014
