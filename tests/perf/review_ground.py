"""A small labelled set in the form that `./dev bench review` reads, drawn with what the product has itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from perf.review_pairs import stamped
from tenfold.imaging.fonts import face
from tenfold.simulation.screenshots import Mark, screenshot, some_look
from tenfold.up.campaign_files import art_of

SIZE = (720, 1280)
PLACES = {"qr_box": [500, 1050, 200], "av_box": [40, 50, 100], "nick_xy": [160, 70]}
WORDS = (
    "一起读十本书",
    "每天二十分钟，告别低效",
    "系统课程 全程陪伴",
    "Ten books in ten weeks",
    "扫码免费领取资料",
)
STEM = "https://read.example/c/"


def campaign(folder: Path, name: str, seed: int) -> Path:
    """A poster before anybody's code is on it, and where that goes."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = Random(seed)
    image = Image.new(
        "RGB", SIZE, (dice.randrange(40, 120), dice.randrange(40, 120), dice.randrange(40, 160))
    )
    pen = ImageDraw.Draw(image)
    for _nth in range(60):
        x, y, side = dice.randrange(SIZE[0]), dice.randrange(SIZE[1]), dice.randrange(10, 140)
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        pen.rounded_rectangle((x, y, x + side, y + side // 2), 6, fill=colour)
    for nth, words in enumerate(dice.sample(WORDS, len(WORDS))):
        top = 230 + nth * 150
        pen.rectangle((30, top, 690, top + 90), fill=(250, 250, 240))
        pen.text((50, top + 12), words, font=face(52, 700), fill=(20, 20, 60))
    image.save(folder / f"{name}.png")
    told = folder / f"{name}.json"
    told.write_text(json.dumps({"cid": name, **PLACES}))
    return told


@dataclass(frozen=True)
class Shot:
    data: bytes
    code: str


def shot(told: Path, *, code: str, seed: int = 1, mark: Mark = "", name: str = "Lily") -> Shot:
    """A post by itself, with that person's own poster."""
    dice = Random(seed)
    look = some_look(dice)
    poster = stamped(art_of(told), code, name)
    return Shot(screenshot(poster, nickname=name, look=look, dice=dice, screen="detail", mark=mark), code)


def small_set(folder: Path) -> Path:
    """Two campaigns; two genuine ones, one restricted, and a poster with somebody else's code."""
    told = {name: campaign(folder / "campaigns", name, nth) for nth, name in enumerate(("A", "B"))}
    (folder / "img").mkdir(parents=True)
    labels = []
    rows: list[tuple[str, str, str, Mark, str]] = [
        ("pos", "A", "AbCdEf0123", "", "none"),
        ("pos", "B", "GhIjKl4567", "", "none"),
        ("pos", "A", "MnOpQr8901", "lock", "lock"),
        ("neg_qrswap", "A", "", "", "none"),
    ]
    for nth, (cls, cid, token, mark, privacy) in enumerate(rows):
        code = STEM + token if token else "https://elsewhere.example/j/x1"
        made = shot(told[cid], code=code, seed=nth, mark=mark)
        file = f"{nth:05}_{cls}_detail_light.png"
        (folder / "img" / file).write_bytes(made.data)
        label = {"file": file, "cls": cls, "kind": "detail", "level": "light", "art": cid, "qr_text": code}
        genuine = {"cid": cid, "privacy": privacy} if cls == "pos" else {"cid": None}
        labels.append(json.dumps(label | genuine))
    (folder / "labels.jsonl").write_text("\n".join(labels) + "\n")
    return folder
