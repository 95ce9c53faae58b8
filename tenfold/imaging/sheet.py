"""Screens of phones, drawn: for the picture of a good example, and for crowds that send screenshots.

Everything is given in points, of which every phone is 390 wide; `Sheet.scale` makes pixels of them.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from tenfold.imaging.fonts import face
from tenfold.imaging.shapes import Colour, disc, rounded_mask
from tenfold.imaging.texts import drawable

POINTS_WIDE = 390


class Sheet:
    """As wide as a phone and as high as it takes, written from top to bottom and cut in the end."""

    def __init__(self, width: int, points_high: int, ground: Colour) -> None:
        self.scale = width / POINTS_WIDE
        self.image = Image.new("RGB", (width, self.px(points_high)), ground)
        self.pen = ImageDraw.Draw(self.image)

    def px(self, points: float) -> int:
        return round(points * self.scale)

    def write(
        self, text: str, at: tuple[float, float], size: float, colour: Colour, *, weight: int = 400
    ) -> float:
        """Where it ends. Characters that we cannot draw are left out; names of nothing else become an ellipsis."""
        font, text = face(self.px(size), weight), drawable(text, "…")
        self.pen.text((self.px(at[0]), self.px(at[1])), text, font=font, fill=colour)
        return at[0] + font.getlength(text) / self.scale

    def length(self, text: str, size: float, *, weight: int = 400) -> float:
        return face(self.px(size), weight).getlength(drawable(text, "…")) / self.scale

    def box(
        self, at: tuple[float, float], size: tuple[float, float], colour: Colour, *, radius: float = 0
    ) -> None:
        left, top = self.px(at[0]), self.px(at[1])
        width, height = self.px(at[0] + size[0]) - left, self.px(at[1] + size[1]) - top
        if width > 0 and height > 0:
            self.image.paste(colour, (left, top), rounded_mask(width, height, self.px(radius)))

    def disc(self, middle: tuple[float, float], radius: float, colour: Colour) -> None:
        disc(self.image, (middle[0] * self.scale, middle[1] * self.scale), radius * self.scale, colour)

    def stroke(self, *points: tuple[float, float], colour: Colour, width: float = 1.6) -> None:
        places = [(self.px(x), self.px(y)) for x, y in points]
        self.pen.line(places, fill=colour, width=max(1, self.px(width)), joint="curve")

    def picture(self, image: Image.Image, at: tuple[float, float], width: float) -> float:
        """Put it there, so wide; how high it stands."""
        size = (self.px(width), max(1, self.px(width * image.height / image.width)))
        self.image.paste(image.resize(size, Image.Resampling.LANCZOS), (self.px(at[0]), self.px(at[1])))
        return size[1] / self.scale

    def cut(self, points_high: float) -> Image.Image:
        return self.image.crop((0, 0, self.image.width, min(self.px(points_high), self.image.height)))


def status_bar(sheet: Sheet, clock: str, ink: Colour, *, charge: float = 0.7) -> None:
    """The phone's own line on top: the time, how well it hears, how full it is."""
    sheet.write(clock, (28, 13), 15, ink, weight=600)
    for nth in range(4):
        height = 4 + 2.4 * nth
        sheet.box((286 + 5 * nth, 29 - height), (3.4, height), ink, radius=0.8)
    for nth in range(3):
        reach = 10 - 3.4 * nth
        corners = (321 - reach, 28 - reach, 321 + reach, 28 + reach)
        sheet.pen.arc([sheet.px(each) for each in corners], 225, 315, fill=ink, width=max(1, sheet.px(1.8)))
    sheet.box((340, 17), (25, 12), ink, radius=3.6)
    inner = tuple(255 - each for each in ink)
    sheet.box((341.4, 18.4), (22.2, 9.2), (inner[0], inner[1], inner[2]), radius=2.4)
    sheet.box((342.4, 19.4), (20.2 * charge, 7.2), ink, radius=1.6)
    sheet.box((366, 21), (1.8, 4), ink, radius=0.8)


def title_bar(sheet: Sheet, title: str, ink: Colour, *, down: float = 44) -> None:
    """A way back, and what this screen is."""
    sheet.stroke((25, down + 14), (17, down + 22), (25, down + 30), colour=ink, width=2.2)
    length = sheet.length(title, 17, weight=600)
    sheet.write(title, ((POINTS_WIDE - length) / 2, down + 11), 17, ink, weight=600)
    for nth in range(3):
        sheet.disc((352 + 7 * nth, down + 22), 1.9, ink)


def lock(sheet: Sheet, at: tuple[float, float], ink: Colour, *, size: float = 12) -> None:
    """The mark of a post that nobody else sees."""
    x, y = at
    sheet.box((x, y + size * 0.42), (size * 0.84, size * 0.58), ink, radius=size * 0.12)
    corners = (x + size * 0.17, y, x + size * 0.67, y + size * 0.8)
    width = max(1, sheet.px(size * 0.12))
    sheet.pen.arc([sheet.px(each) for each in corners], 180, 360, fill=ink, width=width)


def two_heads(sheet: Sheet, at: tuple[float, float], ink: Colour, *, size: float = 12) -> None:
    """The mark of a post that some people see."""
    x, y = at
    for nth, grown in ((1, 0.82), (0, 1.0)):
        middle = x + size * (0.36 + 0.52 * nth)
        sheet.disc((middle, y + size * (1.24 - 0.98 * grown)), size * 0.2 * grown, ink)
        corners = (
            middle - size * 0.34 * grown,
            y + size * 0.52,
            middle + size * 0.34 * grown,
            y + size * 1.5,
        )
        sheet.pen.pieslice([sheet.px(each) for each in corners], 180, 360, fill=ink)


def comment_button(sheet: Sheet, down: float, ground: Colour, ink: Colour) -> None:
    """What opens the little menu beside a post."""
    sheet.box((338, down), (30, 19), ground, radius=4)
    for nth in range(2):
        sheet.disc((348.5 + 9 * nth, down + 9.5), 2.2, ink)


def encoded(image: Image.Image, *, kind: str = "JPEG", quality: int = 85) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "JPEG", quality=quality)
    return out.getvalue()
