"""The signs of apps, each in several shapes: drawn large and made small, so that their edges are soft."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

SIDE = 192
Draw = Callable[[ImageDraw.ImageDraw, int], None]
Points = list[tuple[float, float]]


@lru_cache(maxsize=512)
def icon_mask(name: str, pixels: int, style: int) -> Image.Image:
    """As large as `pixels`; `style` chooses among its shapes."""
    mask = Image.new("L", (SIDE, SIDE), 0)
    ICONS[name](ImageDraw.Draw(mask), style)
    return mask.resize((pixels, pixels), Image.Resampling.LANCZOS)


def _lock(pen: ImageDraw.ImageDraw, style: int) -> None:
    thick = (16, 20, 13)[style % 3]
    pen.arc((54, 14, 138, 118), 180, 360, 255, thick)
    pen.line((62, 62, 62, 92), 255, thick)
    pen.line((130, 62, 130, 92), 255, thick)
    if style % 2:
        pen.rounded_rectangle((36, 84, 156, 176), 14, outline=255, width=thick)
        pen.ellipse((86, 114, 106, 134), 255)
    else:
        pen.rounded_rectangle((36, 84, 156, 176), 14, fill=255)


def _head(pen: ImageDraw.ImageDraw, x: int, top: int, style: int, scale: float = 1.0) -> None:
    wide, tall = 34 * scale, 62 * scale
    ring = None if style % 2 == 0 else 13
    fill = 255 if ring is None else None
    pen.ellipse((x - wide, top, x + wide, top + 2 * wide), fill, 255, ring or 1)
    shoulders = (x - 1.8 * wide, top + 2.3 * wide, x + 1.8 * wide, top + 2.3 * wide + 2 * tall)
    if ring is None:
        pen.pieslice(shoulders, 180, 360, 255)
    else:
        pen.arc(shoulders, 180, 360, 255, ring)
        pen.line((shoulders[0], top + 2.3 * wide + tall, shoulders[2], top + 2.3 * wide + tall), 255, ring)


def _heads(pen: ImageDraw.ImageDraw, style: int) -> None:
    _head(pen, 128, 34, style, 0.8)
    pen.ellipse((24, 18, 112, 106), 0)
    _head(pen, 68, 26, style)


def _person(pen: ImageDraw.ImageDraw, style: int) -> None:
    _head(pen, 96, 20, style)


def _globe(pen: ImageDraw.ImageDraw, style: int) -> None:
    if style % 3 == 2:
        pen.ellipse((14, 14, 178, 178), 255)
        pen.ellipse((62, 14, 130, 178), outline=0, width=9)
        pen.line((14, 96, 178, 96), 0, 9)
        pen.line((96, 14, 96, 178), 0, 9)
        return
    thick = 12 + 3 * (style % 2)
    pen.ellipse((14, 14, 178, 178), outline=255, width=thick)
    pen.ellipse((60, 14, 132, 178), outline=255, width=thick)
    pen.line((18, 96, 174, 96), 255, thick)
    if style % 2:
        pen.line((30, 56, 162, 56), 255, thick - 5)
        pen.line((30, 136, 162, 136), 255, thick - 5)


def _heart(pen: ImageDraw.ImageDraw, style: int) -> None:
    points: Points = []
    for nth in range(64):
        angle = 2 * math.pi * nth / 64
        x = 16 * math.sin(angle) ** 3
        y = 13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle) - math.cos(4 * angle)
        points.append((96 + 5 * x, 88 - 5 * y))
    if style % 2:
        pen.polygon(points, 255)
    else:
        pen.line([*points, points[0]], 255, 13, "curve")


def _bubble(pen: ImageDraw.ImageDraw, style: int) -> None:
    if style % 2:
        pen.ellipse((18, 22, 174, 158), outline=255, width=13)
    else:
        pen.rounded_rectangle((18, 30, 174, 146), 26, outline=255, width=13)
    pen.polygon([(54, 140), (54, 182), (100, 144)], 255)


def _share(pen: ImageDraw.ImageDraw, style: int) -> None:
    if style % 3 == 0:
        pen.line((24, 148, 60, 84, 120, 78), 255, 14, "curve")
        pen.polygon([(112, 30), (178, 80), (112, 130)], 255)
    elif style % 3 == 1:
        pen.polygon([(16, 40), (178, 24), (100, 176), (82, 104)], outline=255, width=13)
    else:
        pen.line((96, 30, 96, 124), 255, 13)
        pen.line((58, 62, 96, 24, 134, 62), 255, 13, "curve")
        pen.line((34, 96, 34, 168, 158, 168, 158, 96), 255, 13)


def _star(pen: ImageDraw.ImageDraw, style: int) -> None:
    points: Points = []
    for nth in range(10):
        radius, angle = (84 if nth % 2 == 0 else 38), math.pi * (nth / 5 - 0.5)
        points.append((96 + radius * math.cos(angle), 100 + radius * math.sin(angle)))
    if style % 2:
        pen.line([*points, points[0], points[1]], 255, 12, "curve")
    else:
        pen.polygon(points, 255)


def _starred(pen: ImageDraw.ImageDraw, _style: int) -> None:
    pen.ellipse((10, 10, 182, 182), 255)
    inner = Image.new("L", (SIDE, SIDE), 0)
    _star(ImageDraw.Draw(inner), 0)
    pen.bitmap((36, 36), inner.resize((120, 120)), 0)


def _dots(pen: ImageDraw.ImageDraw, style: int) -> None:
    for nth in range(3):
        at = (22 + 60 * nth, 84) if style % 2 == 0 else (84, 22 + 60 * nth)
        pen.ellipse((at[0], at[1], at[0] + 26, at[1] + 26), 255)


def _back(pen: ImageDraw.ImageDraw, style: int) -> None:
    if style % 2:
        pen.line((166, 96, 30, 96), 255, 15)
    pen.line((112, 26, 42, 96, 112, 166), 255, 15, "curve")


def _ticks(pen: ImageDraw.ImageDraw, _style: int) -> None:
    for shift in (0, 46):
        pen.line((14 + shift, 100, 52 + shift, 140, 132 + shift, 54), 255, 14, "curve")


def _plus(pen: ImageDraw.ImageDraw, style: int) -> None:
    if style % 2:
        pen.ellipse((12, 12, 180, 180), outline=255, width=12)
    pen.line((96, 44, 96, 148), 255, 14)
    pen.line((44, 96, 148, 96), 255, 14)


def _search(pen: ImageDraw.ImageDraw, _style: int) -> None:
    pen.ellipse((22, 22, 134, 134), outline=255, width=15)
    pen.line((122, 122, 172, 172), 255, 17)


def _home(pen: ImageDraw.ImageDraw, style: int) -> None:
    pen.polygon([(96, 20), (178, 96), (150, 96), (150, 172), (42, 172), (42, 96), (14, 96)], 255)
    if style % 2:
        pen.rectangle((78, 118, 114, 172), 0)


def _camera(pen: ImageDraw.ImageDraw, _style: int) -> None:
    pen.rounded_rectangle((14, 50, 178, 164), 22, outline=255, width=14)
    pen.ellipse((62, 70, 130, 138), outline=255, width=14)
    pen.rectangle((68, 34, 124, 54), 255)


def _smile(pen: ImageDraw.ImageDraw, _style: int) -> None:
    pen.ellipse((14, 14, 178, 178), outline=255, width=12)
    pen.arc((52, 52, 140, 146), 25, 155, 255, 12)
    pen.ellipse((62, 64, 82, 84), 255)
    pen.ellipse((110, 64, 130, 84), 255)


def _thumb(pen: ImageDraw.ImageDraw, style: int) -> None:
    points: Points = [(62, 88), (102, 20), (122, 30), (114, 76), (170, 76), (158, 166), (62, 166)]
    if style % 2:
        pen.polygon(points, 255)
    else:
        pen.line([*points, points[0]], 255, 13, "curve")
    pen.rectangle((22, 88, 48, 166), 255)


def _signal(pen: ImageDraw.ImageDraw, _style: int) -> None:
    for nth in range(4):
        pen.rectangle((18 + 42 * nth, 136 - 32 * nth, 46 + 42 * nth, 168), 255)


def _wifi(pen: ImageDraw.ImageDraw, _style: int) -> None:
    for radius in (130, 86, 42):
        pen.pieslice((96 - radius, 160 - radius, 96 + radius, 160 + radius), 225, 315, 255)
        inner = radius - 22
        pen.pieslice((96 - inner, 160 - inner, 96 + inner, 160 + inner), 220, 320, 0)


def _battery(pen: ImageDraw.ImageDraw, style: int) -> None:
    pen.rounded_rectangle((4, 52, 172, 140), 18, outline=255, width=12)
    pen.rectangle((176, 78, 190, 114), 255)
    pen.rectangle((24, 72, 60 + 30 * (style % 4), 120), 255)


def _bin(pen: ImageDraw.ImageDraw, _style: int) -> None:
    pen.line((26, 48, 166, 48), 255, 13)
    pen.rectangle((76, 22, 116, 44), 255)
    pen.line((46, 50, 56, 172, 136, 172, 146, 50), 255, 13)


ICONS: dict[str, Draw] = {
    "lock": _lock,
    "heads": _heads,
    "person": _person,
    "globe": _globe,
    "heart": _heart,
    "bubble": _bubble,
    "share": _share,
    "star": _star,
    "starred": _starred,
    "dots": _dots,
    "back": _back,
    "ticks": _ticks,
    "plus": _plus,
    "search": _search,
    "home": _home,
    "camera": _camera,
    "smile": _smile,
    "thumb": _thumb,
    "signal": _signal,
    "wifi": _wifi,
    "battery": _battery,
    "bin": _bin,
}
