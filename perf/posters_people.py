"""Whom posters are made for, and of which design: as different from each other as they come, by a seed."""

from __future__ import annotations

import copy
import io
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from tenfold.imaging.compose import Given
from tenfold.imaging.design import Design, read_design

# Those that come with the install, or a folder of one's own.
READY = Path(os.environ.get("PERF_DESIGNS") or Path(__file__).parents[1] / "tenfold" / "posters" / "ready")
LANGUAGES = ("en", "zh-hans")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of the addresses on live codes
ADDRESS = "HTTPS://TENFOLD.EXAMPLE/C/"

# The everyday characters of Chinese: the first level of GB 2312 but for its last, broken row.
_CHARACTERS = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
_LATIN = ("Ada", "Grace Hopper", "José", "Łukasz", "Анна", "Zoë", "Björn", "Nguyễn", "O'Neill", "Maximiliane")
_AFTER = (
    *("", "", "", "", "·产品", "（三班）", "同学", "呀～", " van der Berg", "_2026"),
    *("\U0001f389\U0001f389", " \U0001f4aa\U0001f3fd", " \U0001f469\u200d\U0001f469\u200d\U0001f467"),
    *("\u202eabc\u200b", "e\u0302\u0303" * 3),
)
_TITLES = {
    "en": ("Ten days of better photographs", "Learn to cook for ten", "Read with us", "Speak up in meetings"),
    "zh-hans": ("十天拍出好照片", "七天手机摄影训练营，一起来", "一起读书", "零基础学做饭：从十人份开始！"),
}
_LINES = {
    "en": (
        "Ten minutes a day",
        "Feedback from a teacher",
        "A certificate at the end",
        "1,200 people have joined",
    ),
    "zh-hans": ("每天十分钟", "老师点评作业", "结营颁发证书", "已有 12,000 人参加"),
}


@dataclass(frozen=True)
class Look:
    """A design as it lies in its file, and what all of its readers see."""

    name: str
    content: dict[str, Any]
    language: str
    shared: dict[str, str]

    @property
    def design(self) -> Design:
        return read_design(self.content)

    @property
    def is_tall_poster(self) -> bool:
        canvas = self.content["canvas"]
        return self.content["kind"] == "poster" and (canvas["width"], canvas["height"]) == (1080, 1920)


def looks(seed: int) -> list[Look]:
    """Every ready design, each in both languages."""
    dice = random.Random(seed)
    found = []
    for path in sorted(READY.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))["design"]
        found += [
            Look(f"{path.stem}, {language}", content, language, shared(language, dice))
            for language in LANGUAGES
        ]
    return found


def varied(look: Look, dice: random.Random) -> Look:
    """The same on another canvas, in other colours, with other words.

    All layers move together, so that the code stays as legible as it was while every one of them meets the grid of the
    encoder at another place; the margins that are new are seldom a multiple of a block.
    """
    content = copy.deepcopy(look.content)
    canvas, across, down = content["canvas"], dice.randint(0, 40), dice.randint(0, 40)
    canvas["width"] += across
    canvas["height"] += down
    right, below = dice.randint(0, across), dice.randint(0, down)
    for layer in content["layers"]:
        layer["box"][0] += right
        layer["box"][1] += below
    if content["background"]["type"] == "colour" and dice.random() < 0.5:
        content["background"] = {
            "type": "gradient",
            "from": content["background"]["colour"],
            "to": f"#{dice.randrange(1 << 24):06x}",
            "angle": dice.randrange(360),
        }
    return Look(look.name, content, look.language, shared(look.language, dice))


def shared(language: str, dice: random.Random) -> dict[str, str]:
    lines = dice.sample(_LINES[language], 3)
    return {
        "title": dice.choice(_TITLES[language]),
        "subtitle": dice.choice(_LINES[language]),
        "points": "\n".join(lines),
        "endorsement": dice.choice(_LINES[language]),
        "offer": f"{dice.choice(_LINES[language])} {dice.randint(1, 999)}",
        "brand": "Tenfold",
        "campaign": dice.choice(_TITLES[language]),
        "scan_hint": {"en": "Press and hold to join", "zh-hans": "长按识别，立即加入"}[language],
        "starts": f"2026-0{dice.randint(1, 9)}-01",
        "ends": f"2026-1{dice.randint(0, 2)}-28",
    }


def people(language: str, dice: random.Random) -> Iterator[Given]:
    """Without an end; nobody comes twice. Every tenth has no face."""
    while True:
        nickname = _name(dice) + dice.choice(_AFTER)
        yield Given(
            values={
                "nickname": nickname,
                "invite": {"en": f"{nickname} invites you", "zh-hans": f"{nickname}邀请你一起来"}[language],
                "number": f"T-{dice.randrange(10**8):08}",
                "date": f"2026-11-{dice.randint(1, 30):02}",
                "award": dice.choice(_TITLES[language]),
                "rank": str(dice.randint(1, 500)),
                "group": f"{dice.randint(1, 99)}",
            },
            language=language,
            code_text=ADDRESS + "".join(dice.choices(LETTERS, k=7)),
            avatar=face(dice.randrange(1 << 30)) if dice.random() < 0.9 else None,
        )


def _name(dice: random.Random) -> str:
    """Two to four characters, of which a few are common and most are rare, as it is with names; or a Latin name."""
    if dice.random() < 0.2:
        return dice.choice(_LATIN)
    places = (len(_CHARACTERS) ** dice.random() for _ in range(dice.randint(2, 4)))
    return "".join(_CHARACTERS[int(place) - 1] for place in places)


def face(seed: int) -> bytes:
    """A photograph of 132 by 132 pixels in JPEG, as a chat gives it; no two seeds have the same bytes."""
    dice = random.Random(seed)
    image = _scenes()[seed % len(_scenes())].copy()
    for _ in range(3):
        x, y = dice.randrange(100), dice.randrange(100)
        image.paste(tuple(dice.randbytes(3)), (x, y, x + dice.randint(4, 32), y + dice.randint(4, 32)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


@cache
def _scenes() -> list[Image.Image]:
    """Coarse noise, made smooth: as much to encode as faces have."""
    noise = (Image.frombytes("RGB", (12, 12), random.Random(seed).randbytes(432)) for seed in range(8))
    return [image.resize((132, 132), Image.Resampling.BICUBIC) for image in noise]
