"""Screenshots as phones make them: a post among others, by itself, a message in a group, the poster in a viewer.

Each phone has its own way of showing things; a few screens are wrong in one of the ways people get it wrong.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from random import Random
from typing import Literal

from PIL import Image

from tenfold.imaging.avatars import monogram_image
from tenfold.imaging.compose import Given, encode, prepare
from tenfold.imaging.sheet import (
    POINTS_WIDE,
    Sheet,
    comment_button,
    encoded,
    lock,
    status_bar,
    title_bar,
    two_heads,
)
from tenfold.posters.rules import default_of
from tenfold.simulation.names import CHINESE_NAMES, PITCHES, POSTS

Colour = tuple[int, int, int]
Screen = Literal["post", "detail", "chat", "viewer"]
Mark = Literal["", "lock", "heads"]
WIDTHS = (720, 750, 828, 1080, 1170, 1290)
JPEG_QUALITIES = (70, 82, 92)
LIKELY: dict[Screen, int] = {"post": 60, "detail": 22, "chat": 14, "viewer": 4}


class Wrong(StrEnum):
    """What is not as it should be."""

    NO_POSTER = "no_poster"
    SOMEONE_ELSES = "someone_elses"
    OTHER_CAMPAIGN = "other_campaign"
    FILE = "file"
    RESTRICTED = "restricted"
    OLD = "old"
    COPY = "copy"


WHY: dict[Wrong, str] = {
    Wrong.NO_POSTER: "no_poster",
    Wrong.SOMEONE_ELSES: "wrong_person",
    Wrong.OTHER_CAMPAIGN: "wrong_code",
    Wrong.FILE: "not_a_screenshot",
    Wrong.RESTRICTED: "restricted_audience",
    Wrong.OLD: "too_old",
    Wrong.COPY: "already_used",
}
"""The reason that a reviewer gives, as the product names it."""


@dataclass(frozen=True)
class Look:
    """How a phone shows things. `scale` is pixels a point: everything else is in points."""

    width: int
    is_dark: bool
    kind: Literal["PNG", "JPEG"]
    quality: int
    clock: str
    is_chinese: bool = True

    @property
    def ground(self) -> Colour:
        return (25, 25, 25) if self.is_dark else (255, 255, 255)

    @property
    def ink(self) -> Colour:
        return (220, 220, 220) if self.is_dark else (25, 25, 25)

    @property
    def link(self) -> Colour:
        return (125, 144, 184) if self.is_dark else (87, 107, 149)

    @property
    def quiet(self) -> Colour:
        return (120, 120, 120) if self.is_dark else (150, 150, 150)

    @property
    def faint(self) -> Colour:
        return (38, 38, 38) if self.is_dark else (246, 246, 246)


def some_look(dice: Random, *, is_chinese: bool = True) -> Look:
    kind: Literal["PNG", "JPEG"] = "PNG" if dice.random() < 0.3 else "JPEG"
    return Look(
        width=dice.choice(WIDTHS),
        is_dark=dice.random() < 0.35,
        kind=kind,
        quality=dice.choice(JPEG_QUALITIES),
        clock=f"{dice.randrange(24):02}:{dice.randrange(60):02}",
        is_chinese=is_chinese,
    )


def some_screen(dice: Random) -> Screen:
    return dice.choices(list(LIKELY), weights=list(LIKELY.values()))[0]


def some_age(dice: Random, *, is_chinese: bool, is_old: bool = False) -> str:
    """When a post went out, as phones say it: within hours, or days ago."""
    number = dice.randrange(3, 7) if is_old else dice.randrange(2, 59)
    if is_old:
        return f"{number}天前" if is_chinese else f"{number} days ago"
    if dice.random() < 0.25:
        return "刚刚" if is_chinese else "Just now"
    if dice.random() < 0.2:
        return f"{1 + number % 4}小时前" if is_chinese else f"{2 + number % 4} hours ago"
    return f"{number}分钟前" if is_chinese else f"{number} minutes ago"


def screenshot(
    poster: bytes | None,
    *,
    nickname: str,
    look: Look,
    dice: Random,
    screen: Screen = "post",
    is_old: bool = False,
    mark: Mark = "",
) -> bytes:
    """Somebody's screen with the poster in it, or with a post that has none. Only posts have an age and a mark."""
    sheet = _Screen(look, dice)
    age = some_age(dice, is_chinese=look.is_chinese, is_old=is_old)
    post = _Post(nickname, dice.choice(PITCHES), poster, age, mark)
    return encoded(_SHOWN[screen](sheet, post), kind=look.kind, quality=look.quality)


def copied(shot: bytes, dice: Random) -> bytes:
    """The same screenshot as it comes back after it was passed around: saved anew, a little smaller or cut."""
    with Image.open(io.BytesIO(shot)) as picture:
        image = picture.convert("RGB")
    if dice.random() < 0.5:
        share = dice.uniform(0.75, 0.95)
        image = image.resize((round(image.width * share), round(image.height * share)))
    else:
        image = image.crop((0, round(image.height * 0.045), image.width, image.height))
    return encoded(image, quality=dice.choice(JPEG_QUALITIES))


@cache
def foreign_poster(nth: int) -> bytes:
    """A poster of a campaign that is none of ours, with a code that leads elsewhere."""
    title, offer = (("周末亲子市集", "转发免费领门票"), ("Morning runners", "A shirt for everybody"))[nth % 2]
    shared = {"title": title, "subtitle": "Sunday · 周日", "offer": offer, "brand": "City Fair"}
    ground = prepare(default_of("poster").design, shared, language="zh-hans", pictures={})
    code = f"HTTPS://FAIR.EXAMPLE/C/FA1R{nth:04}"
    return encode(ground, Given({"nickname": "City Fair"}, "zh-hans", code), "image/jpeg")


@dataclass(frozen=True)
class _Post:
    name: str
    text: str
    picture: bytes | None
    age: str
    mark: Mark


class _Screen:
    """A phone's screen that is being filled from top to bottom."""

    def __init__(self, look: Look, dice: Random) -> None:
        self.look, self.dice, self.down = look, dice, 0.0
        self.sheet = Sheet(look.width, 1500, look.ground)

    def top(self, chinese: str, english: str) -> None:
        status_bar(self.sheet, self.look.clock, self.look.ink, charge=self.dice.uniform(0.1, 1))
        title_bar(self.sheet, chinese if self.look.is_chinese else english, self.look.ink)
        self.down = 100

    def post(self, post: _Post, *, is_own: bool) -> None:
        look, sheet = self.look, self.sheet
        sheet.picture(monogram_image(post.name, sheet.px(42)), (16, self.down), 42)
        sheet.write(post.name, (70, self.down), 16, look.link, weight=600)
        self.down += 26
        for line in post.text.split("\n"):
            sheet.write(line, (70, self.down), 15, look.ink)
            self.down += 23
        if post.picture is not None:
            self._poster(post.picture, 70, self.dice.choice((150, 180, 210, 240)))
        self._foot(post, is_own=is_own)
        self.down += 44

    def message(self, name: str, text: str) -> None:
        """Somebody else's, in a chat."""
        sheet = self.sheet
        sheet.picture(monogram_image(name, sheet.px(40)), (12, self.down), 40)
        sheet.write(name, (62, self.down - 2), 12, self.look.quiet)
        sheet.box((62, self.down + 16), (sheet.length(text, 15) + 24, 38), self.look.faint, radius=6)
        sheet.write(text, (74, self.down + 25), 15, self.look.ink)
        self.down += 72

    def own_picture(self, name: str, picture: bytes) -> None:
        width = self.dice.choice((150, 165, 180))
        self.sheet.picture(monogram_image(name, self.sheet.px(40)), (POINTS_WIDE - 52, self.down), 40)
        self._poster(picture, POINTS_WIDE - 62 - width, width)
        self.down += 18

    def cut(self) -> Image.Image:
        return self.sheet.cut(max(self.down, 780))

    def _foot(self, post: _Post, *, is_own: bool) -> None:
        """The age; then a mark, if not everybody may see it; and only one's own can be deleted."""
        sheet, look = self.sheet, self.look
        end = sheet.write(post.age, (70, self.down + 6), 13, look.quiet)
        if post.mark:
            draw = lock if post.mark == "lock" else two_heads
            draw(sheet, (end + 10, self.down + 8), look.quiet)
            end += 26
        if is_own:
            sheet.write("删除" if look.is_chinese else "Delete", (end + 12, self.down + 6), 13, look.link)
        comment_button(sheet, self.down + 5, look.faint, look.link)

    def _poster(self, data: bytes, left: float, width: float) -> None:
        with Image.open(io.BytesIO(data)) as poster:
            self.down += 4 + self.sheet.picture(poster.convert("RGB"), (left, self.down + 4), width)
        self.down += 6


def _in_feed(screen: _Screen, post: _Post) -> Image.Image:
    screen.top("朋友圈", "Moments")
    before, after = (_some_post(screen, name, text) for name, text in screen.dice.sample(POSTS, 2))
    screen.post(before, is_own=False)
    screen.post(post, is_own=True)
    screen.post(after, is_own=False)
    return screen.cut()


def _by_itself(screen: _Screen, post: _Post) -> Image.Image:
    screen.top("详情", "Details")
    screen.post(post, is_own=True)
    name, look = screen.dice.choice(CHINESE_NAMES), screen.look
    screen.sheet.box((70, screen.down - 4), (300, 34), look.faint, radius=4)
    screen.sheet.write(f"{name}：👍 +1", (82, screen.down + 3), 14, look.link)
    screen.down += 60
    return screen.cut()


def _in_chat(screen: _Screen, post: _Post) -> Image.Image:
    dice = screen.dice
    screen.top(f"同学群 ({dice.randrange(12, 400)})", f"Class of ’09 ({dice.randrange(12, 400)})")
    for name, text in dice.sample(POSTS, 2):
        screen.message(name, text.split("\n")[0])
    if post.picture is None:
        screen.message(post.name, post.text.split("\n")[0])
    else:
        screen.own_picture(post.name, post.picture)
    name, text = dice.choice(POSTS)
    screen.message(name, text.split("\n")[0])
    return screen.cut()


def _in_viewer(screen: _Screen, post: _Post) -> Image.Image:
    """The poster alone on black, as after a tap on it."""
    sheet, white = screen.sheet, (255, 255, 255)
    sheet.box((0, 0), (POINTS_WIDE, 1500), (0, 0, 0))
    if post.picture is not None:
        with Image.open(io.BytesIO(post.picture)) as poster:
            sheet.picture(poster.convert("RGB"), (0, 62), POINTS_WIDE)
    status_bar(sheet, screen.look.clock, white)
    sheet.disc((195, 800), 16, (60, 60, 60))
    return sheet.cut(844)


def _some_post(screen: _Screen, name: str, text: str) -> _Post:
    return _Post(name, text, None, some_age(screen.dice, is_chinese=screen.look.is_chinese), "")


_SHOWN: dict[Screen, Callable[[_Screen, _Post], Image.Image]] = {
    "post": _in_feed,
    "detail": _by_itself,
    "chat": _in_chat,
    "viewer": _in_viewer,
}
