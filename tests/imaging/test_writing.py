"""Lines put together of kept characters are the lines that the font draws."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageDraw

from tenfold.imaging.fonts import COVERED, emboldened, face
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


def test_thicker_strokes_differ_only_where_characters_touch() -> None:
    for size in (24, 36, 52):
        layer = Text(id="a", box=(0, 0, 1600, 200), text=(("", "x"),), size=size, weight=700, font="serif")
        text = "王小波邀请你一起来 Grace To AVWA fly"
        setting = set_text(replace(layer, text=(("", text),)), {}, "en")
        (line,) = setting.lines
        kept = Image.frombytes("L", (1600, 200), written(setting, layer)[0].tobytes())
        font = face(size, 700, "serif")
        whole = Image.new("L", (1600, 200))
        draw = ImageDraw.Draw(whole)
        thicker = emboldened(size, 700, "serif")
        draw.text((line.x, line.y), line.text, fill=255, font=font, anchor="ls", stroke_width=thicker)
        differing = ImageChops.difference(kept, whole).histogram()
        assert sum(differing[1:]) < 60
        assert sum(differing[80:]) == 0
