"""Posters of campaigns: arts of several kinds, words laid out in several orders, and the places of what is personal.

A sibling has the same art and order as another, and other words throughout.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw

from perf.looks import words
from perf.looks.arts import ARTS, art_of
from perf.looks.ink import TYPEFACES, Colour, Typeface, length_of, rounded, wrapped, write
from tenfold.imaging.qr import qr_image

SHAPES = ((1080, 1920), (1080, 1920), (1080, 1680), (1080, 1440), (1080, 1350), (1000, 1500))
PLATES = (0.2, 0.34)  # of the width
MARGIN = 0.07


@dataclass(frozen=True)
class Campaign:
    cid: str
    image: Image.Image
    qr_box: tuple[int, int, int]
    av_box: tuple[int, int, int]
    nick_xy: tuple[int, int]
    ink: Colour
    typeface: Typeface
    is_chinese: bool
    is_round: bool

    def keep(self, folder: Path) -> None:
        self.image.save(folder / f"{self.cid}.png")
        told = {"cid": self.cid, "qr_box": self.qr_box, "av_box": self.av_box, "nick_xy": self.nick_xy}
        (folder / f"{self.cid}.json").write_text(json.dumps(told) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Person:
    name: str
    face: Image.Image
    code: str


def campaign(cid: str, *, art: str, said: str, avoid: str = "") -> Campaign:
    """`art` and `said` are seeds of the look and of the words; no word is used that the seed `avoid` gives."""
    return _Composer(Random(f"art {art}")).composed(cid, said, avoid)


@dataclass(frozen=True)
class _Words:
    title: str
    under: str
    points: tuple[str, ...]
    offer: str
    hint: str


def _words(seed: str, is_chinese: bool, without: _Words | None = None) -> _Words:
    dice = Random(f"words {seed}")

    def some(known: dict[bool, Any], count: int, used: tuple[str, ...]) -> list[str]:
        return dice.sample([each for each in known[is_chinese] if each not in used], count)

    old = without or _Words("", "", (), "", "")
    return _Words(
        some(words.TITLES, 1, (old.title,))[0],
        some(words.UNDER, 1, (old.under,))[0],
        tuple(some(words.POINTS, 4, old.points)),
        some(words.OFFERS, 1, (old.offer,))[0],
        some(words.HINTS, 1, (old.hint,))[0],
    )


class _Composer:
    """Draws all that the art's own dice decide, in the same order whatever the words are."""

    def __init__(self, dice: Random) -> None:
        self.wide, self.tall = dice.choice(SHAPES)
        self.is_chinese = dice.random() < 0.7
        self.typeface = TYPEFACES[dice.choice(("noto", "microhei", "serif", "mixed"))]
        self.kind = dice.choice(ARTS)
        self.image, self.ink, self.accent = art_of(self.kind, self.wide, self.tall, dice)
        self.plate = dice.uniform(*PLATES)
        self.side = dice.choice(("left", "right", "middle"))
        self.order = dice.choice(("ptuloc", "tulpoc", "tcuplo", "ptclou", "tuplco"))
        self.has_panel = dice.random() < 0.6
        self.is_round = dice.random() < 0.6
        self.title_size = dice.uniform(0.088, 0.118)
        self.places: dict[str, tuple[int, ...]] = {}

    def composed(self, cid: str, said: str, avoid: str) -> Campaign:
        first = _words(avoid, self.is_chinese) if avoid else None
        told = _words(said, self.is_chinese, first)
        blocks = {letter: self._height(letter, told) for letter in self.order}
        for dropped in "ol":
            if self._room(blocks) < 0.03 * self.wide * len(blocks):
                blocks.pop(dropped, None)
        gap = max(0.0, self._room(blocks)) / (len(blocks) + 1)
        y = MARGIN * self.wide + gap / 2
        for letter, height in blocks.items():
            getattr(self, f"_{letter}")(round(y), told)
            y += height + gap
        x, top, side = self.places["code"]
        face, nick = self.places["face"], self.places["nick"]
        return Campaign(
            cid, self.image, (x, top, side), (face[0], face[1], face[2]), (nick[0], nick[1]),
            self.ink, self.typeface, self.is_chinese, self.is_round,
        )  # fmt: skip

    def _room(self, blocks: dict[str, float]) -> float:
        return self.tall - 2 * MARGIN * self.wide - sum(blocks.values())

    def _height(self, letter: str, told: _Words) -> float:
        lines = len(self._title_lines(told))
        shares = {"p": 0.15, "t": 1.25 * self.title_size * lines, "u": 0.075, "l": 0.34, "o": 0.12}
        return shares.get(letter, self.plate) * self.wide

    def _title_lines(self, told: _Words) -> list[str]:
        size = round(self.title_size * self.wide)
        return wrapped(self.typeface, told.title, size, (1 - 2 * MARGIN) * self.wide, True)[:2]

    def _left(self, words_: str, size: int, is_bold: bool) -> float:
        if self.side != "middle":
            return MARGIN * self.wide
        return (self.wide - length_of(self.typeface, words_, size, is_bold)) / 2

    def _line(self, y: float, words_: str, size: int, fill: Colour, is_bold: bool = False) -> None:
        at = (self._left(words_, size, is_bold), y)
        write(self.image, at, words_, size, fill, typeface=self.typeface, is_bold=is_bold)

    def _t(self, y: int, told: _Words) -> None:
        size = round(self.title_size * self.wide)
        for nth, line in enumerate(self._title_lines(told)):
            self._line(y + (0.6 + 1.25 * nth) * size, line, size, self.ink, True)

    def _u(self, y: int, told: _Words) -> None:
        self._line(y + 0.037 * self.wide, told.under, round(0.046 * self.wide), self.accent)

    def _l(self, y: int, told: _Words) -> None:
        left, step = MARGIN * self.wide, 0.085 * self.wide
        ink = self.ink
        if self.has_panel:
            light = sum(self.ink) < 380
            ground = (252, 250, 244) if light else (24, 28, 38)
            box = (0.7 * left, y, self.wide - 0.7 * left, y + 0.34 * self.wide)
            ImageDraw.Draw(self.image).rounded_rectangle(box, 24, fill=ground)
        dot = 0.012 * self.wide
        for nth, point in enumerate(told.points):
            middle = y + (nth + 0.5) * step
            round_ = (left + dot, middle - dot, left + 3 * dot, middle + dot)
            ImageDraw.Draw(self.image).ellipse(round_, fill=self.accent)
            at = (left + 0.06 * self.wide, middle)
            write(self.image, at, point, round(0.047 * self.wide), ink, typeface=self.typeface)

    def _o(self, y: int, told: _Words) -> None:
        size = round(0.055 * self.wide)
        long = length_of(self.typeface, told.offer, size, True)
        left = self._left(told.offer, size, True) + (0.03 * self.wide if self.side != "middle" else 0)
        box = (left - 0.03 * self.wide, y, left + long + 0.03 * self.wide, y + 0.11 * self.wide)
        ImageDraw.Draw(self.image).rounded_rectangle(box, 0.03 * self.wide, fill=self.ink)
        ground = (255, 255, 255) if sum(self.ink) < 380 else (30, 30, 40)
        write(
            self.image,
            (left, y + 0.055 * self.wide),
            told.offer,
            size,
            ground,
            typeface=self.typeface,
            is_bold=True,
        )

    def _p(self, y: int, _told: _Words) -> None:
        left, side = round(MARGIN * self.wide), round(0.13 * self.wide)
        self.places["face"] = (left, y, side)
        self.places["nick"] = (left + side + round(0.03 * self.wide), y + round(0.01 * self.wide))

    def _c(self, y: int, told: _Words) -> None:
        side, margin = round(self.plate * self.wide), round(MARGIN * self.wide)
        left = {"left": margin, "right": self.wide - margin - side, "middle": (self.wide - side) // 2}[
            self.side
        ]
        self.places["code"] = (left, y, side)
        size = round(0.042 * self.wide)
        if self.side != "middle":
            long = length_of(self.typeface, told.hint, size)
            x = left + side + 0.04 * self.wide if self.side == "left" else left - long - 0.04 * self.wide
            write(self.image, (x, y + side / 2), told.hint, size, self.ink, typeface=self.typeface)


def personal(campaign: Campaign, person: Person, dice: Random) -> tuple[Image.Image, float]:
    """Their own poster, and the pixels of one module of the code on it."""
    image, wide = campaign.image.copy(), campaign.image.width
    x, y, side = campaign.av_box
    face = person.face.resize((side, side), Image.Resampling.LANCZOS)
    image.paste(face, (x, y), rounded((side, side), side // 2 if campaign.is_round else side // 8))
    left, top = campaign.nick_xy
    say = words.INVITES[campaign.is_chinese]
    for line, size, middle in ((person.name, 0.044, 0.03), (dice.choice(say), 0.032, 0.088)):
        at = (left, top + middle * wide)
        write(image, at, line, round(size * wide), campaign.ink, typeface=campaign.typeface)
    plate, module = plate_of(person.code, campaign.qr_box[2], dice)
    image.paste(plate, campaign.qr_box[:2])
    return image, module


def plate_of(code: str, side: int, dice: Random) -> tuple[Image.Image, float]:
    """A white square with the code in whole pixels a module in its middle."""
    level = dice.choice("MMQ")
    modules = qr_image(code, level=level, module=1)
    each = max(1, side // modules.width)
    drawn = qr_image(code, level=level, module=each)
    ink = dice.choice(((0, 0, 0), (0, 0, 0), (18, 26, 60), (40, 20, 20)))
    plate = Image.new("RGB", (side, side), "white")
    at = (side - drawn.width) // 2
    plate.paste(Image.new("RGB", drawn.size, ink), (at, at), drawn.point(lambda value: 255 - value))
    if level == "Q" and dice.random() < 0.5:
        logo = round(0.17 * drawn.width)
        at = (side - logo) // 2
        colour = tuple(dice.randrange(40, 220) for _nth in range(3))
        ImageDraw.Draw(plate).rounded_rectangle((at, at, at + logo, at + logo), logo // 5, colour, "white", 4)
    return plate, float(each)
