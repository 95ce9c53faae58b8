"""Screenshots as phones make them: a feed of posts, with the poster among them, or without where it went wrong."""

from __future__ import annotations

import io
from dataclasses import dataclass
from random import Random
from typing import Literal

from PIL import Image, ImageDraw

from tenfold.imaging.fonts import face
from tenfold.imaging.texts import drawable
from tenfold.simulation.names import PITCHES, POSTS

Colour = tuple[int, int, int]
WIDTHS = (720, 750, 828, 1080, 1170, 1290)
JPEG_QUALITIES = (70, 82, 92)


@dataclass(frozen=True)
class Look:
    """How a phone shows things. `scale` is pixels a point: everything else is in points."""

    width: int
    is_dark: bool
    kind: Literal["PNG", "JPEG"]
    quality: int
    clock: str

    @property
    def scale(self) -> float:
        return self.width / 390

    @property
    def ground(self) -> Colour:
        return (25, 25, 25) if self.is_dark else (255, 255, 255)

    @property
    def ink(self) -> Colour:
        return (220, 220, 220) if self.is_dark else (25, 25, 25)

    @property
    def link(self) -> Colour:
        return (125, 144, 184) if self.is_dark else (87, 107, 149)


def some_look(dice: Random) -> Look:
    kind: Literal["PNG", "JPEG"] = "PNG" if dice.random() < 0.3 else "JPEG"
    return Look(
        width=dice.choice(WIDTHS),
        is_dark=dice.random() < 0.35,
        kind=kind,
        quality=dice.choice(JPEG_QUALITIES),
        clock=f"{dice.randrange(24):02}:{dice.randrange(60):02}",
    )


def screenshot(
    poster: bytes | None, *, nickname: str, look: Look, dice: Random, title: str = "朋友圈 Moments"
) -> bytes:
    """A feed under a title with somebody's post; `poster` is the picture in it, or None for a post that has none."""
    sheet = _Sheet(look)
    sheet.top(title)
    others = dice.sample(POSTS, 2)
    sheet.post(others[0][0], others[0][1], None, dice)
    sheet.post(nickname, dice.choice(PITCHES), poster, dice)
    sheet.post(others[1][0], others[1][1], None, dice)
    return _encoded(sheet.cut(), look)


class _Sheet:
    """A long sheet that is written from top to bottom and cut to the phone's height in the end."""

    def __init__(self, look: Look) -> None:
        self.look, self.down = look, 0.0
        self.image = Image.new("RGB", (look.width, round(1200 * look.scale)), look.ground)
        self.pen = ImageDraw.Draw(self.image)

    def top(self, title: str) -> None:
        self._write(self.look.clock, 28, 12, 14, self.look.ink)
        self._write("5G", 340, 12, 13, self.look.ink)
        self._write(drawable(title, "…"), 28, 46, 17, self.look.ink)
        self.down = 90

    def post(self, name: str, text: str, picture: bytes | None, dice: Random) -> None:
        colour = (dice.randrange(90, 220), dice.randrange(90, 220), dice.randrange(90, 220))
        self._box(16, self.down, 42, 42, colour)
        self._write(drawable(name, "…"), 70, self.down, 16, self.look.link)
        self.down += 26
        for line in text.split("\n"):
            self._write(line, 70, self.down, 15, self.look.ink)
            self.down += 24
        if picture is not None:
            self._picture(picture, dice.choice((150, 180, 210, 240)))
        self._write(f"{dice.randrange(1, 59)} min", 70, self.down + 6, 12, (140, 140, 140))
        self.down += 44

    def cut(self) -> Image.Image:
        return self.image.crop((0, 0, self.image.width, round(max(self.down, 780) * self.look.scale)))

    def _picture(self, data: bytes, width: int) -> None:
        with Image.open(io.BytesIO(data)) as poster:
            size = (self._px(width), self._px(width * poster.height / poster.width))
            small = poster.convert("RGB").resize(size, Image.Resampling.BILINEAR)
        self.image.paste(small, (self._px(70), self._px(self.down + 4)))
        self.down += small.height / self.look.scale + 10

    def _box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        corners = (self._px(x), self._px(y), self._px(x + width), self._px(y + height))
        self.pen.rounded_rectangle(corners, radius=self._px(5), fill=colour)

    def _write(self, text: str, x: float, y: float, size: float, colour: Colour) -> None:
        self.pen.text((self._px(x), self._px(y)), text, font=face(self._px(size)), fill=colour)

    def _px(self, points: float) -> int:
        return round(points * self.look.scale)


def _encoded(image: Image.Image, look: Look) -> bytes:
    out = io.BytesIO()
    if look.kind == "PNG":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "JPEG", quality=look.quality)
    return out.getvalue()
