"""What all apps share: the phone's own bar, an app's bars, a feed scrolled somewhere, and what is known of a screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from PIL import Image

from perf.looks import words
from perf.looks.arts import face_of
from perf.looks.ink import Box, Canvas, Colour, Phone, Quad

STATUS = 26.0
LONG = 5  # screens: so much of a feed is drawn
CUT_OFF = 0.05


@dataclass(frozen=True)
class Post:
    """What somebody shares, and with whom: `audience` is open, self or some; `since` says how old it is: young, old or
    any; `comment` is what is written under it first, where an app shows that."""

    poster: Image.Image
    name: str
    face: Image.Image
    caption: str
    audience: str
    is_grid: bool
    dice: Random
    phone: Phone
    since: str = ""
    comment: str = ""
    is_narrow: bool = False

    def age(self, form: str = "long") -> str:
        return words.age(self.dice, self.phone.is_chinese, form, self.since)

    @property
    def is_open(self) -> bool:
        return self.audience == "open"

    def privacy_in(self, is_in_sight: bool) -> str:
        """What a label tells of it: nothing where nothing is to be seen."""
        known = {"open": "none", "self": "lock", "some": "group"}
        return known[self.audience] if is_in_sight else "none"

    @property
    def shape(self) -> float:
        """Of the poster, its height by its width."""
        return self.poster.height / self.poster.width


@dataclass(frozen=True)
class Shown:
    """A whole screen, where the poster lies in it, and what not even a person can tell from it."""

    image: Image.Image
    quad: Quad
    kind: str
    privacy: str = "none"
    untold: str = ""
    age: str = ""
    marks: dict[str, Box] = field(default_factory=dict)
    """Where its "age" and "audience" are drawn, as far as they are to be seen: in pixels."""


@dataclass(frozen=True)
class Colours:
    ground: Colour
    card: Colour
    ink: Colour
    faint: Colour
    link: Colour
    line: Colour


LIGHT = Colours(
    (255, 255, 255), (255, 255, 255), (24, 24, 26), (142, 142, 148), (66, 92, 140), (230, 230, 233)
)
DARK = Colours((18, 18, 20), (28, 28, 31), (226, 226, 230), (132, 132, 138), (122, 150, 200), (52, 52, 56))
GREYS = Colours(
    (240, 242, 245), (255, 255, 255), (14, 16, 20), (101, 104, 112), (24, 100, 210), (220, 222, 226)
)


def colours(phone: Phone, light: Colours = LIGHT) -> Colours:
    return DARK if phone.is_dark else light


def status_bar(canvas: Canvas, dice: Random, fill: Colour) -> None:
    """The phone's clock and signs, in its own order and shapes."""
    phone = canvas.phone
    canvas.text(16 if phone.style % 2 else 22, STATUS / 2, words.clock(dice), 12.5, fill, bold=True)
    canvas.icons(
        ("bubble", "heart", "share", "bubble", "plus")[: phone.notices], 66, STATUS / 2, 12, fill, 17
    )
    if phone.style % 3 == 0:
        canvas.text(292, STATUS / 2, dice.choice(("5G", "4G", "LTE")), 10, fill, anchor="r")
    canvas.icons(("signal", "wifi", "battery"), 300, STATUS / 2, 13, fill, 17)


def title_bar(
    canvas: Canvas, post: Post, title: str, palette: Colours, tall: float, left: str, right: str
) -> None:
    """An app's bar under the phone's own; `left` and `right` are signs, or a word."""
    middle, phone = STATUS + (tall - STATUS) / 2, canvas.phone
    status_bar(canvas, post.dice, palette.ink)
    x = 14.0
    if left:
        x = canvas.icon(left, 12, middle, 18, palette.ink) + 12
    if phone.style % 2:
        canvas.text(180, middle, title, 16, palette.ink, bold=True, anchor="m")
    else:
        canvas.text(x, middle, title, 17, palette.ink, bold=True)
    if right:
        canvas.icon(right, 328, middle, 19, palette.ink)


@dataclass(frozen=True)
class Bars:
    """Above and below what scrolls: how tall, and what draws them."""

    top: float
    bottom: float
    draw_top: Callable[[Canvas], None]
    draw_bottom: Callable[[Canvas], None]


@dataclass(frozen=True)
class Laid:
    """A post on a long sheet: from where to where it reaches, and where what tells its age and audience is."""

    quad: Quad
    first: float
    last: float
    telling: tuple[float, float]


def scrolled(
    sheet: Canvas, laid: Laid, bars: Bars, palette: Colours, dice: Random
) -> tuple[Image.Image, Quad, bool, dict[str, Box]]:
    """The screen, where the poster is in it, whether what tells of its age and audience is out of sight, and else where
    each of these is."""
    phone = sheet.phone
    room = phone.tall - bars.top - bars.bottom
    spare = room - (laid.last - laid.first)
    start = laid.first - (dice.uniform(0, min(spare, 220)) if spare > 0 else 0)
    if dice.random() < CUT_OFF:
        start = (
            laid.telling[0] - room if laid.telling[0] > laid.quad[2][1] / sheet.unit else laid.telling[1] + 2
        )
    # A poster that cannot be seen whole is not what is asked here.
    highest, lowest = laid.quad[0][1] / sheet.unit - 2, laid.quad[2][1] / sheet.unit + 2 - room
    start = max(0.0, min(max(start, lowest), highest))
    screen = Canvas(phone, phone.tall, palette.ground)
    offset = sheet.px(start - bars.top)[0]
    screen.image.paste(sheet.image, (0, -offset))
    for height, at, draw in (
        (bars.top, 0.0, bars.draw_top),
        (bars.bottom, phone.tall - bars.bottom, bars.draw_bottom),
    ):
        bar = Canvas(phone, height, palette.card) if height > 0 else None
        if bar is not None:
            draw(bar)
            bar.box(0, height - 0.6 if at == 0 else 0, 360, height if at == 0 else 0.6, palette.line)
            screen.image.paste(bar.image, (0, sheet.px(at)[0]))
    quad = tuple((x, y - offset) for x, y in laid.quad)
    is_out = laid.telling[0] < start or laid.telling[1] > start + room
    marks = {name: (x0, y0 - offset, x1, y1 - offset) for name, (x0, y0, x1, y1) in sheet.called.items()}
    return screen.image, quad, is_out, {} if is_out else marks


def tabs(signs: tuple[str, ...], names: tuple[str, ...], palette: Colours) -> Callable[[Canvas], None]:
    """A bar of signs with or without their names below."""

    def draw(bar: Canvas) -> None:
        tall = bar.image.height / bar.unit
        for nth, sign in enumerate(signs):
            x = 360 * (nth + 0.5) / len(signs)
            bar.icon(
                sign, x - 10, tall * (0.36 if names else 0.45), 20, palette.ink if nth == 0 else palette.faint
            )
            if names:
                bar.text(
                    x, tall * 0.74, names[nth], 9, palette.ink if nth == 0 else palette.faint, anchor="m"
                )

    return draw


def nothing(_bar: Canvas) -> None:
    """No bar, or an empty one."""


def stranger(dice: Random, is_chinese: bool) -> tuple[str, Image.Image]:
    name = dice.choice(words.NAMES[is_chinese])
    return name, face_of(name, dice)


def fitted(shape: float, room: float, tallest: float) -> tuple[float, float]:
    """How wide and tall a picture of this shape is shown where it may be so wide and so tall."""
    return (room, room * shape) if room * shape <= tallest else (tallest / shape, tallest)
