"""Mock screens of phones, drawn for tests: no font, icon or measure of theirs is known to what reads them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tenfold.imaging.fonts import face
from tenfold.imaging.seen import PosterSeen, Quad

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont

CHINESE_AGES = (
    ["刚刚", "昨天", "1分钟前", "1小时前", "2天前", "6天前"]
    + [f"{n}分钟前" for n in range(2, 60)]
    + [f"{n}小时前" for n in range(2, 24)]
)
ENGLISH_AGES = (
    ["Just now", "Yesterday", "1 min ago", "1 hr ago", "2 hr(s) ago", "3 days ago", "2 day(s) ago"]
    + [f"{n} min ago" for n in range(2, 60, 3)]
    + [f"{n} mins ago" for n in range(3, 60, 3)]
    + [f"{n} hrs ago" for n in range(2, 24)]
)


def sans(size: int) -> Font:
    return face(size, 400, "sans")


def serif(size: int) -> Font:
    return face(size, 400, "serif")


def dejavu(size: int) -> Font:
    return ImageFont.truetype("DejaVuSans.ttf", size)


def padlock(draw: ImageDraw.ImageDraw, x: float, y: float, side: float, colour: Colour) -> float:
    """A lock as an outline."""
    thick = max(1, round(side * 0.1))
    draw.rectangle((x, y + side * 0.45, x + side * 0.75, y + side), outline=colour, width=thick)
    draw.arc((x + side * 0.12, y, x + side * 0.63, y + side * 0.9), 180, 360, fill=colour, width=thick)
    return side * 0.75


def heads(draw: ImageDraw.ImageDraw, x: float, y: float, side: float, colour: Colour) -> float:
    """Two people side by side."""
    for step in (0.0, 0.55):
        left = x + step * side
        draw.ellipse((left + side * 0.1, y + side * 0.05, left + side * 0.45, y + side * 0.4), fill=colour)
        draw.chord((left, y + side * 0.45, left + side * 0.55, y + side * 1.3), 180, 360, fill=colour)
    return side * 1.1


def person(draw: ImageDraw.ImageDraw, x: float, y: float, side: float, colour: Colour) -> float:
    """One head with a ring around it."""
    thick = max(1, round(side * 0.09))
    draw.ellipse((x, y, x + side, y + side), outline=colour, width=thick)
    draw.ellipse((x + side * 0.35, y + side * 0.2, x + side * 0.65, y + side * 0.5), fill=colour)
    draw.chord((x + side * 0.22, y + side * 0.55, x + side * 0.78, y + side * 1.1), 180, 360, fill=colour)
    return side


def eye(draw: ImageDraw.ImageDraw, x: float, y: float, side: float, colour: Colour) -> float:
    """An eye that is crossed out."""
    thick = max(1, round(side * 0.1))
    draw.ellipse((x, y + side * 0.25, x + side * 1.2, y + side * 0.85), outline=colour, width=thick)
    draw.ellipse((x + side * 0.45, y + side * 0.4, x + side * 0.75, y + side * 0.7), fill=colour)
    draw.line((x + side * 0.1, y + side * 0.95, x + side * 1.1, y + side * 0.1), fill=colour, width=thick)
    return side * 1.2


Mark = Callable[[ImageDraw.ImageDraw, float, float, float, Colour], float]

MARKS: tuple[Mark, ...]
MARKS = (padlock, heads, person, eye)


@dataclass
class Look:
    """How a phone draws its posts; lengths are shares of the screen's width."""

    width: int = 1080
    is_dark: bool = False
    font: Callable[[int], Font] = sans
    size: float = 0.034
    gap: float = 0.02
    air: float = 0.014
    indent: float = 0.0
    delete: str = "删除"
    poster: float = 0.36
    left: float = 0.165

    @property
    def colours(self) -> tuple[Colour, Colour, Colour, Colour]:
        """Ground, words, what is grey, names and buttons."""
        if self.is_dark:
            return (17, 17, 17), (205, 205, 205), (112, 112, 112), (120, 140, 180)
        return (255, 255, 255), (20, 20, 20), (150, 150, 150), (80, 100, 150)


@dataclass
class Post:
    age: str = "5分钟前"
    mark: Mark | None = None
    word: str = ""
    name: str = "小林读书"
    caption: tuple[str, ...] = ()
    is_own: bool = True


@dataclass
class Shot:
    picture: Pixels
    poster: PosterSeen
    look: Look = field(default_factory=Look)
    post: Post = field(default_factory=Post)


def look(rng: random.Random, *, is_chinese: bool = True) -> Look:
    """A phone that there may be."""
    return Look(
        width=rng.choice((720, 828, 1080, 1080, 1170, 1290)),
        is_dark=rng.random() < 0.3,
        font=rng.choice((sans, sans, serif) if is_chinese else (sans, serif, dejavu, dejavu)),
        size=rng.uniform(0.029, 0.04),
        gap=rng.uniform(0.012, 0.035),
        air=rng.uniform(0.01, 0.03),
        delete="删除" if is_chinese else "Delete",
        poster=rng.uniform(0.26, 0.46),
        left=rng.uniform(0.13, 0.19),
    )


def art(rng: random.Random, width: int, height: int) -> Image.Image:
    """Something busy of a poster's kind."""
    noise = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (16, 9, 3), np.uint8)
    picture = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for row in range(5):
        words = rng.choice(("限时体验营", "训练营 开课", "免费领取资料", "扫码加入"))
        draw.text((width * 0.08, height * (0.1 + 0.15 * row)), words, "white", sans(max(8, width // 9)))
    return picture


def screen(rng: random.Random, look: Look, post: Post) -> Shot:
    """A feed with the post in it."""
    width = look.width
    ground, words, _, blue = look.colours
    picture = Image.new("RGB", (width, round(width * 2.1)), ground)
    draw = ImageDraw.Draw(picture)
    unit = width / 1080
    size = round(look.size * width)
    left, y = look.left * width, rng.uniform(0.2, 0.4) * width
    draw.text((30 * unit, 14 * unit), "9:41", words, look.font(round(34 * unit)))
    picture.paste(art(rng, round(0.1 * width), round(0.1 * width)), (round(0.035 * width), round(y)))
    draw.text((left, y), post.name, blue, look.font(round(size * 1.2)))
    y += size * 1.8
    for line in post.caption:
        draw.text((left, y), line, words, look.font(round(size * 1.2)))
        y += size * 1.75
    across = round(look.poster * width)
    down = round(across * 16 / 9)
    picture.paste(art(rng, across, down), (round(left), round(y + 0.01 * width)))
    x0, y0 = round(left), round(y + 0.01 * width)
    quad: Quad = ((x0, y0), (x0 + across, y0), (x0 + across, y0 + down), (x0, y0 + down))
    _foot(draw, look, post, x0 + look.indent * width, y0 + down + look.gap * width, size)
    return Shot(np.asarray(picture), PosterSeen("art", quad, 0.9), look, post)


def _foot(draw: ImageDraw.ImageDraw, look: Look, post: Post, x: float, y: float, size: int) -> None:
    _, words, grey, blue = look.colours
    font, air = look.font(size), look.air * look.width
    draw.text((x, y), post.age, grey, font)
    x += draw.textlength(post.age, font) + air
    if post.word:
        draw.text((x, y), post.word, grey, font)
        x += draw.textlength(post.word, font) + air
    if post.mark:
        top = y + font.getmetrics()[0] - size * 0.9
        x += post.mark(draw, x, top, size * 0.95, grey) + air
    if post.is_own:
        draw.text((x, y), look.delete, blue, font)
    panel = (247, 247, 247) if not look.is_dark else (32, 32, 32)
    draw.rectangle((x, y + size * 2.2, look.width * 0.95, y + size * 5), fill=panel)
    draw.text((x + air, y + size * 2.4), "Lily: 学到了", words, font)


def jpeg(picture: Pixels, quality: int) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def worn(rng: random.Random, shot: Shot, level: str) -> Shot:
    """The shot as it arrives: "clean", "sent" (scaled by a chat) or "heavy" (small, blurred, JPEG at its worst)."""
    if level == "clean":
        return shot
    width = rng.choice((590, 640, 720, 886)) if level == "sent" else rng.choice((480, 540, 640))
    scale = min(1.0, width / shot.look.width)
    image = Image.fromarray(shot.picture)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    if level == "heavy":
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
    picture = jpeg(np.asarray(image), rng.randrange(50, 76) if level == "sent" else rng.randrange(30, 51))
    a, b, c, d = ((x * scale, y * scale) for x, y in shot.poster.quad)
    return replace(shot, picture=picture, poster=replace(shot.poster, quad=(a, b, c, d)))


@dataclass
class Card:
    """A post as wide as the screen: a face, the name over the age, words, the picture, buttons, the next one's post."""

    age: str = "5分钟前"
    word: str = "公开"
    apart: str = "  "
    mark: Mark | None = None
    next_age: str = ""
    foot: str = ""
    has_heading: bool = True


def card(rng: random.Random, look: Look, card: Card) -> Shot:
    """A feed of such posts."""
    width, size = look.width, round(look.size * look.width)
    ground, words, _, _ = look.colours
    picture = Image.new("RGB", (width, round(width * 2.1)), ground)
    draw = ImageDraw.Draw(picture)
    draw.text((width * 0.05, width * 0.02), "9:41", words, look.font(size))
    y = round(width * 0.16)
    if card.has_heading:
        y = _heading(rng, picture, look, y, (card.age, card.apart, card.word), card.mark)
    across = round(width * 0.94)
    left, down = (width - across) // 2, round(across * 4 / 3)
    picture.paste(art(rng, across, down), (left, y))
    quad: Quad = ((left, y), (left + across, y), (left + across, y + down), (left, y + down))
    foot = y + down + size
    if card.foot:
        draw.text((width * 0.04, foot), card.foot, look.colours[2], look.font(size))
        foot += round(size * 1.7)
    if card.next_age:
        _heading(rng, picture, look, foot, (card.next_age, "  ", "公开"), None)
    return Shot(np.asarray(picture), PosterSeen("art", quad, 0.9), look, Post(card.age, card.mark))


def _heading(
    rng: random.Random,
    picture: Image.Image,
    look: Look,
    y: int,
    line: tuple[str, str, str],
    mark: Mark | None,
) -> int:
    """Draws it and returns where it ends; the line is the age, what parts it from the word, and that."""
    width, size = look.width, round(look.size * look.width)
    _, words, grey, _ = look.colours
    draw, font, side = ImageDraw.Draw(picture), look.font(size), round(width * 0.1)
    age, apart, word = line
    picture.paste(art(rng, side, side), (round(width * 0.04), y))
    draw.text((width * 0.17, y - size * 0.2), "小林读书", words, look.font(round(size * 1.15)))
    below = y + size * 1.5
    draw.text((width * 0.17, below), age + apart + word, grey, font)
    if mark:
        x = width * 0.17 + draw.textlength(age + apart + word, font) + size * 0.4
        mark(draw, x, below + font.getmetrics()[0] - size * 0.9, size * 0.95, grey)
    return y + side + round(size * 1.2)
