"""Lines put together of kept characters are the lines that the font draws."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.fonts import COVERED, face
from tenfold.imaging.layers import Text
from tenfold.imaging.setting import set_text
from tenfold.imaging.writing import written


def drawn(setting_line: tuple[str, int, int], layer: Text, size: int) -> bytes:
    text, x, y = setting_line
    mask = Image.new("L", layer.box[2:])
    font = face(size, layer.weight, layer.font)
    ImageDraw.Draw(mask).text((x, y), text, fill=255, font=font, anchor="ls")
    return mask.tobytes()


@pytest.mark.parametrize("size", [9, 28, 38, 63, 64, 65, 90])
@pytest.mark.parametrize("weight", [400, 550, 800])
def test_every_character_stands_where_the_font_puts_it(size: int, weight: int) -> None:
    dice = random.Random(size * weight)
    characters = sorted(character for character in COVERED if character > " ")
    for length in (1, 3, 12):
        for pool in (characters, "AVWToyfijl.,1 "):
            text = "".join(dice.choices(pool, k=length)).strip() or "A"
            layer = Text(id="a", box=(0, 0, 1600, 200), text=(("", text),), size=size, weight=weight)
            setting = set_text(layer, {}, "en")
            (line,) = setting.lines
            assert written(setting, layer)[0].tobytes() == drawn((line.text, line.x, line.y), layer, size)
