"""Screenshots for tests with posters of our own: a ready design, drawn for somebody, put small into a plain screen."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tenfold import posters
from tenfold.imaging.compose import Given, Ground, prepare, whole
from tenfold.imaging.design import read_design
from tenfold.imaging.layers import Avatar, Code, Text
from tenfold.imaging.qr import CodeFacts, code_facts
from tenfold.imaging.seen import Art, Claim
from tests.imaging import samples

PREFIX = "HTTPS://TENFOLD.EXAMPLE/C/"
OWN, OTHER = PREFIX + "7K3M9QXP", PREFIX + "2H8W4RZT"
WORDS = {
    "brand": "橙子读书",
    "title": "一百天，读完十本好书",
    "subtitle": "每天二十分钟，有人带着你读",
    "points": "每日领读，难书也能读下去\n小组打卡，互相督促不掉队\n读完十本，赠送作者签名版",
    "endorsement": "城市图书馆联合发起",
    "offer": "扫码免费入群，仅限前一百名",
}
OTHER_WORDS = {
    "brand": "向阳学堂",
    "title": "四周学会插画入门",
    "subtitle": "零基础，从第一笔开始",
    "points": "大师直播，限时互动答疑\n作业批改，一对一点评\n结业证书，优秀学员奖学金",
    "endorsement": "三位编辑亲自授课",
    "offer": "邀请两位好友，立减九十九元",
}


@dataclass(frozen=True)
class Campaign:
    """One ready design with its words."""

    ground: Ground
    key: str

    @property
    def code(self) -> Code:
        return next(layer for layer in self.ground.design.layers if isinstance(layer, Code))

    @property
    def facts(self) -> CodeFacts | None:
        return self.ground.facts

    @cached_property
    def art(self) -> Art:
        layers = self.ground.design.layers
        face = next((layer.corners for layer in layers if isinstance(layer, Avatar)), None)
        name = next(
            (each.corners for each in layers if isinstance(each, Text) and each.is_about_person), None
        )
        picture = samples.encoded(self.ground.image, "PNG")
        return Art(self.key, picture, self.code.corners, self.ground.boxes, face, name)

    def poster(self, text: str = OWN, nickname: str = "小美", face: bytes | None = None) -> Image.Image:
        values = {"nickname": nickname, "invite": f"{nickname} 邀请你"}
        return whole(self.ground, Given(values, "zh-hans", text, face))

    def claim(self, text: str = OWN, *, knows_facts: bool = True, poster: bytes = b"") -> Claim:
        return Claim((self.art,), text, self.facts if knows_facts else None, posters=(poster,))


@cache
def campaign(name: str = "poster-bold", *, has_other_words: bool = False) -> Campaign:
    raw = json.loads((Path(posters.__file__).parent / "ready" / f"{name}.json").read_text())["design"]
    design = read_design(raw)
    level = next(layer.level for layer in design.layers if isinstance(layer, Code))
    words: Mapping[str, str] = OTHER_WORDS if has_other_words else WORDS
    ground = prepare(
        design, words, language="zh-hans", pictures={}, facts=code_facts(PREFIX + "0" * 8, level=level)
    )
    return Campaign(ground, f"{name} {has_other_words}")


def screen(*posters: tuple[Image.Image, int, tuple[int, int]], is_dark: bool = False) -> Image.Image:
    """A phone's screen with posters in it: each with its width and where its corner is."""
    ground, ink = ((25, 25, 25), (200, 200, 200)) if is_dark else ((255, 255, 255), (30, 30, 30))
    image = Image.new("RGB", (1080, 2280), ground)
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.rectangle((190, 120 + 22 * line, 500 + 61 * (line * 7 % 5), 130 + 22 * line), fill=ink)
    for poster, width, at in posters:
        size = width, round(poster.height * width / poster.width)
        image.paste(poster.resize(size, Image.Resampling.LANCZOS), at)
    return image


def sent(image: Image.Image, *, quality: int = 60, blur: float = 0.0) -> bytes:
    """As a chat passes it on."""
    soft = image.filter(ImageFilter.GaussianBlur(blur)) if blur else image
    return samples.encoded(soft, "JPEG", quality=quality)


def pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
