"""Dishonest screens of one's own poster: of a post that only some may see, or of an old one, made to look like more.

Who sends one claims their own code, which is on it; it is not to be approved, by a plan that asks for an open audience
or, of an old post (`oldest_hours`), for a young one. `trick` names the way. That a person is asked is right too: of
what was cut out nobody can be sure, so no reason is demanded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from PIL import Image

from perf.looks import tricks, words
from perf.looks.arts import art_of, face_of
from perf.looks.frames import Post, Shown
from perf.looks.ink import Phone, write
from perf.looks.posters import Campaign, Person, personal
from perf.looks.tricks import Change, Scene

LIMIT_HOURS = 24 * words.OLD_DAYS - 1
"""The oldest that a plan would take, where an old one is sent."""
RESTRICTED, OLD = "neg_restricted", "neg_old"
TRIES = 40

COLUMNS = ("moments", "moments_detail", "company")
CARDS = ("weibo", "facebook", "linkedin")
BELOW = (*COLUMNS, "xiaohongshu")
COMMENTED = ("moments", "moments_detail", "xiaohongshu")
ALL = (*BELOW, *CARDS, "instagram")


@dataclass(frozen=True)
class Trick:
    """In which looks, of which posts, where its author types, and what is done to the screen."""

    looks: tuple[str, ...]
    classes: tuple[str, ...] = (RESTRICTED, OLD)
    typed: str = ""
    change: Change | None = None
    is_narrow: bool = False
    is_bare: bool = False


TRICKS: dict[str, Trick] = {
    "typed_caption": Trick(ALL, typed="caption"),
    "typed_name": Trick(ALL, typed="name"),
    "typed_comment": Trick(COMMENTED, typed="comment"),
    "typed_below": Trick(ALL, typed="picture"),
    "typed_cut_top": Trick(CARDS, typed="caption", change=tricks.cut_top),
    "typed_cut_bottom": Trick(BELOW, typed="caption", change=tricks.cut_bottom),
    "typed_below_cut": Trick(BELOW, typed="picture", change=tricks.cut_bottom),
    "cut_top": Trick((*CARDS, "instagram"), change=tricks.cut_top),
    "cut_bottom": Trick(BELOW, change=tricks.cut_bottom),
    "cut_left": Trick(COLUMNS, (OLD,), change=tricks.cut_left),
    "cut_right": Trick(("weibo",), (RESTRICTED,), change=tricks.cut_right),
    "cut_message": Trick(COLUMNS, change=tricks.cut_message, is_narrow=True),
    "cut_tilted": Trick(COLUMNS, change=tricks.cut_tilted, is_narrow=True),
    "cut_face": Trick(COLUMNS, change=tricks.cut_face, is_bare=True),
    "pill": Trick(ALL, (RESTRICTED,), change=tricks.pill),
    "painted": Trick(ALL, change=tricks.painted),
    "retyped": Trick(ALL, change=tricks.retyped),
    "two_posts": Trick(COLUMNS, change=tricks.two_posts),
    "two_headings": Trick(CARDS, change=tricks.two_headings),
    "glued_below": Trick(BELOW, change=tricks.glued_below),
    "glued_beside": Trick((*COLUMNS, "weibo"), change=tricks.glued_beside),
}
"""Each by its name."""


@dataclass(frozen=True)
class Made:
    """What `trick` made of a post: `look`, what is told of it, and the pixels of one module on the poster."""

    shown: Shown
    look: str
    cls: str
    name: str
    phone: Phone
    module: float
    width: float
    """Of the poster that this module is of."""

    @property
    def oldest_hours(self) -> int:
        """What the plan asks for; 0 for nothing."""
        return LIMIT_HOURS if self.cls == OLD else 0


Looks = dict[str, Callable[[Post], Shown]]
SomePhone = Callable[[Random, str], Phone]


def tricked(
    trick: str, cls: str, art: Campaign, code: str, looks: Looks, some_phone: SomePhone, dice: Random
) -> Made:
    """Screens are drawn until one has a place for this trick."""
    wanted = TRICKS[trick]
    for _nth in range(TRIES):
        look = dice.choice(wanted.looks)
        phone = some_phone(dice, look)
        phone = replace(phone, notices=dice.choice((0, 0, 2, 4, 5)))
        name = dice.choice(words.NAMES[phone.is_chinese])
        person = Person(name, face_of(name, dice), code)
        poster, module = personal(art, person, dice)
        post = _post(wanted, cls, poster, person, phone, dice)
        shown = _seen(looks[look](post), poster.height / post.poster.height)
        mark = shown.marks.get("audience" if cls == RESTRICTED else "age")
        if mark is None:
            continue
        if wanted.change is not None:
            other = _Other(looks[look], post)
            changed = wanted.change(Scene(shown, phone, mark, dice, other))
            if changed is None:
                continue
            shown = changed
        return Made(shown, look, cls, post.name, phone, module, poster.width)
    raise ValueError(f"no screen of {wanted.looks} has a place for {trick}")


@dataclass(frozen=True)
class _Other:
    """Another post in the same app, on the same phone: of something else, young and open."""

    look: Callable[[Post], Shown]
    post: Post

    def __call__(self) -> Shown:
        dice = self.post.dice
        picture = art_of("photograph", 900, dice.choice((900, 1200, 1500)), dice)[0]
        post = replace(self.post, poster=picture, audience="open", since="young", comment="", caption="")
        return self.look(post)


def _post(wanted: Trick, cls: str, poster: Image.Image, person: Person, phone: Phone, dice: Random) -> Post:
    lie = dice.choice(words.LIES[phone.is_chinese])
    caption = "" if wanted.is_bare else dice.choice(words.CAPTIONS[phone.is_chinese])
    caption = lie if wanted.typed == "caption" else caption
    name = person.name if wanted.typed != "name" else dice.choice((lie, f"{person.name[:3]} {lie}"))
    audience = dice.choice(("self", "some")) if cls == RESTRICTED else "open"
    picture = _with_line(poster, lie, phone, dice) if wanted.typed == "picture" else poster
    since = "old" if cls == OLD else "young"
    comment = lie if wanted.typed == "comment" else ""
    return Post(
        picture, name, person.face, caption, audience, False, dice, phone, since, comment, wanted.is_narrow
    )


def _with_line(poster: Image.Image, said: str, phone: Phone, dice: Random) -> Image.Image:
    """A picture to be posted that has a line of its own under the poster, as an app would have it."""
    size = round(poster.width * dice.uniform(0.05, 0.1))
    ground = (18, 18, 20) if phone.is_dark else (255, 255, 255)
    image = Image.new("RGB", (poster.width, poster.height + round(2.4 * size)), ground)
    image.paste(poster)
    at = (0.0, poster.height + 1.4 * size)
    write(image, at, said, size, (142, 142, 148), typeface=phone.typeface)
    return image


def _seen(shown: Shown, share: float) -> Shown:
    """Where the poster itself lies, which is the upper part of the picture."""
    a, b, c, d = shown.quad
    foot = [
        (up[0] + (down[0] - up[0]) * share, up[1] + (down[1] - up[1]) * share)
        for up, down in ((b, c), (a, d))
    ]
    return replace(shown, quad=(a, b, *foot))


def wished(each: int, dice: Random) -> list[tuple[str, str]]:
    """(trick, class): so many of each trick, of both kinds of post in turn."""
    made = []
    for name, trick in TRICKS.items():
        kinds = dice.sample(trick.classes, len(trick.classes))
        made += [(name, kinds[nth % len(kinds)]) for nth in range(each)]
    return made
