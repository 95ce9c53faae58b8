"""Drawing in the units of a phone: 360 across whatever its pixels, words in any of several typefaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from perf.looks.icons import icon_mask

ACROSS = 360.0
PLACES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
PACKAGES = {
    "NotoSansCJK": "fonts-noto-cjk",
    "NotoSerifCJK": "fonts-noto-cjk",
    "wqy": "fonts-wqy-microhei",
    "DejaVu": "fonts-dejavu-core",
}
SIMPLIFIED = 2  # of the faces in a file of Noto's
FIRST_IDEOGRAPHIC = "\u2e80"
BASELINE = 0.36  # of the size: so far below the middle of a line

Colour = tuple[int, int, int]
Quad = tuple[tuple[float, float], ...]
Box = tuple[float, float, float, float]


class NoFont(Exception):
    """A typeface is missing; the message names Debian's package."""


@dataclass(frozen=True)
class Typeface:
    """File names: Latin letters and ideographs, each plain and bold."""

    latin: tuple[str, str]
    ideographs: tuple[str, str]


NOTO = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
SERIF = ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc")
MICROHEI = ("wqy-microhei.ttc", "wqy-microhei.ttc")
DEJAVU = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
TYPEFACES = {
    "noto": Typeface(NOTO, NOTO),
    "microhei": Typeface(MICROHEI, MICROHEI),
    "dejavu": Typeface(DEJAVU, NOTO),
    "mixed": Typeface(DEJAVU, MICROHEI),
    "serif": Typeface(SERIF, SERIF),
}


@dataclass(frozen=True)
class Phone:
    width: int
    height: int
    is_dark: bool
    is_chinese: bool
    typeface: Typeface
    size: float
    """Of its letters, as its owner has set it."""
    style: int
    """Which of several shapes its signs have."""
    notices: int = 0
    """Signs behind its clock, of what has arrived."""

    @property
    def tall(self) -> float:
        return self.height / self.width * ACROSS


@lru_cache(maxsize=64)
def path_of(name: str) -> str:
    for place in PLACES:
        found = next(iter(sorted(place.rglob(name))), None) if place.is_dir() else None
        if found:
            return str(found)
    package = next(package for start, package in PACKAGES.items() if name.startswith(start))
    raise NoFont(f"{name} is in none of {', '.join(map(str, PLACES))}: on Debian, apt-get install {package}")


@lru_cache(maxsize=512)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    index = SIMPLIFIED if name.startswith("Noto") else 0
    return ImageFont.truetype(path_of(name), size, index=index)


def runs_of(words: str) -> list[tuple[bool, str]]:
    """(whether ideographic, the run): each is drawn in a typeface of its own."""
    found: list[tuple[bool, str]] = []
    for letter in words:
        is_ideographic = letter >= FIRST_IDEOGRAPHIC
        if found and found[-1][0] == is_ideographic:
            found[-1] = (is_ideographic, found[-1][1] + letter)
        else:
            found.append((is_ideographic, letter))
    return found


def _fonts(
    typeface: Typeface, words: str, size: int, is_bold: bool
) -> list[tuple[ImageFont.FreeTypeFont, str]]:
    return [
        (font((typeface.ideographs if is_ideographic else typeface.latin)[is_bold], size), run)
        for is_ideographic, run in runs_of(words)
    ]


def length_of(typeface: Typeface, words: str, size: int, is_bold: bool = False) -> float:
    return sum(font.getlength(run) for font, run in _fonts(typeface, words, size, is_bold))


def write(
    image: Image.Image,
    at: tuple[float, float],
    words: str,
    size: int,
    fill: Colour,
    *,
    typeface: Typeface,
    is_bold: bool = False,
) -> float:
    """From `at`, the left end of the line's middle, in pixels; where it ends."""
    pen, (x, y) = ImageDraw.Draw(image), at
    for font_, run in _fonts(typeface, words, size, is_bold):
        pen.text((x, y + BASELINE * size), run, font=font_, fill=fill, anchor="ls")
        x += font_.getlength(run)
    return x


def wrapped(typeface: Typeface, words: str, size: int, room: float, is_bold: bool = False) -> list[str]:
    """Lines of at most `room` pixels: broken between ideographs and between words."""
    parts: list[str] = []
    for is_ideographic, run in runs_of(words):
        parts += run if is_ideographic else [f"{word} " for word in run.split(" ") if word]
    lines = [""]
    for part in parts:
        is_full = lines[-1] and length_of(typeface, lines[-1] + part.rstrip(), size, is_bold) > room
        if is_full and part not in "，。！？、：；":
            lines.append("")
        lines[-1] += part
    return [line.strip() for line in lines if line.strip()]


class Canvas:
    """A part of a screen, as wide as the phone; all lengths in its units."""

    def __init__(self, phone: Phone, tall: float, ground: Colour) -> None:
        self.phone, self.unit = phone, phone.width / ACROSS
        self.image = Image.new("RGB", (phone.width, round(tall * self.unit)), ground)
        self.pen = ImageDraw.Draw(self.image)
        self.called: dict[str, Box] = {}
        """Where what has a name was drawn: left, top, right and bottom, in pixels."""

    def px(self, *lengths: float) -> tuple[int, ...]:
        return tuple(round(length * self.unit) for length in lengths)

    def size(self, size: float) -> int:
        return max(8, round(size * self.phone.size * self.unit))

    def long(self, words: str, size: float, *, bold: bool = False) -> float:
        return length_of(self.phone.typeface, words, self.size(size), bold) / self.unit

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        fill: Colour,
        *,
        bold: bool = False,
        anchor: str = "l",
        called: str = "",
    ) -> float:
        """At the line's middle; `anchor` is l, m or r. Where it ends."""
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor] * self.long(words, size, bold=bold)
        at = (x * self.unit, y * self.unit)
        end = write(self.image, at, words, self.size(size), fill, typeface=self.phone.typeface, is_bold=bold)
        self.note(called, x, y, end / self.unit, 0.62 * size * self.phone.size)
        return end / self.unit

    def note(self, name: str, x: float, y: float, end: float, half: float) -> None:
        """More of the same name lies beside it."""
        if name:
            left, top, right, bottom = self.px(x, y - half, end, y + half)
            old = self.called.get(name, (left, top, right, bottom))
            self.called[name] = (min(left, old[0]), min(top, old[1]), max(right, old[2]), max(bottom, old[3]))

    def lines(
        self, x: float, y: float, words: str, size: float, fill: Colour, room: float, *, bold: bool = False
    ) -> float:
        """A paragraph whose first line is in the middle of a row from `y` on; where the next row would begin."""
        step = 1.42 * size * self.phone.size
        for line in wrapped(self.phone.typeface, words, self.size(size), room * self.unit, bold):
            self.text(x, y + step / 2, line, size, fill, bold=bold)
            y += step
        return y

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Colour, round_: float = 0.0) -> None:
        left, top, right, bottom = self.px(x0, y0, x1, y1)
        if right > left and bottom > top:
            self.pen.rounded_rectangle(
                (left, top, right - 1, bottom - 1), round(round_ * self.unit), fill=fill
            )

    def icon(self, name: str, x: float, y: float, side: float, fill: Colour, called: str = "") -> float:
        """Its left edge and its middle; where it ends."""
        pixels = max(6, round(side * self.unit))
        mask = icon_mask(name, pixels, self.phone.style)
        left, top = self.px(x, y - side / 2)
        self.image.paste(Image.new("RGB", mask.size, fill), (left, top), mask)
        self.note(called, x, y, x + side, side / 2)
        return x + side

    def icons(self, names: Sequence[str], x: float, y: float, side: float, fill: Colour, step: float) -> None:
        for nth, name in enumerate(names):
            self.icon(name, x + nth * step, y, side, fill)

    def picture(
        self, picture: Image.Image, x: float, y: float, wide: float, tall: float, round_: float = 0.0
    ) -> Quad:
        """Its corners in pixels, clockwise from the upper left one."""
        left, top, right, bottom = self.px(x, y, x + wide, y + tall)
        size = (max(1, right - left), max(1, bottom - top))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        self.image.paste(small, (left, top), rounded(size, round(round_ * self.unit)) if round_ else None)
        return ((left, top), (right, top), (right, bottom), (left, bottom))


@lru_cache(maxsize=64)
def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with soft round corners."""
    large = Image.new("L", (size[0] * 3, size[1] * 3), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, large.width - 1, large.height - 1), radius * 3, fill=255)
    return large.resize(size, Image.Resampling.LANCZOS)
