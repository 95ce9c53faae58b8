"""A labelled set of such screens: `img/`, `labels.jsonl`, `campaigns/`, in the form that `perf.review_set` reads.

Genuine ones of each look, and wrong ones: the same art with other words, other posters, a foreign code on our poster,
no poster, and the dishonest ones of `perf.looks.hostile`, with their `trick`. What not even a person could tell from a
genuine screen is in its label's `untold`: "age" where the line with age and audience is out of sight, "audience" where
the app does not draw one. Such a screen is not to be approved by itself, so it is labelled as one whose code is not to
be seen (`qr_visible`), which leaves it out of the shares.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from perf.looks import words
from perf.looks.arts import art_of, face_of
from perf.looks.cards import facebook, instagram, linkedin, xiaohongshu
from perf.looks.chats import telegram, viewer, whatsapp
from perf.looks.frames import Post, Shown
from perf.looks.hostile import tricked, wished
from perf.looks.ink import TYPEFACES, Phone, Quad
from perf.looks.posters import Campaign, Person, campaign, personal
from perf.looks.posts import company, moments, moments_detail, weibo
from perf.looks.wear import LEVELS, worn

LOOKS: dict[str, Callable[[Post], Shown]] = {
    "moments": moments,
    "moments_detail": moments_detail,
    "company": company,
    "weibo": weibo,
    "instagram": instagram,
    "xiaohongshu": xiaohongshu,
    "facebook": facebook,
    "linkedin": linkedin,
    "telegram": telegram,
    "whatsapp": whatsapp,
    "viewer": viewer,
}
WITH_GRIDS = ("moments", "weibo")
GRIDS, RESTRICTED, DARK = 0.2, 0.22, 0.3
ALWAYS_CHINESE, ALWAYS_ENGLISH = ("company", "weibo", "xiaohongshu"), ("linkedin", "whatsapp")
WRONG = ("neg_sibling", "neg_qrswap", "neg_other", "neg_noposter")
KNOWN, SIBLINGS, OTHERS = 12, 4, 6
STEM = "https://seat.example/c/"
LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
WIDTHS = (720, 828, 1080, 1080, 1170, 1242, 1290, 1440)
LEAST_MODULE = 0.9
"""Pixels: whoever asks for a smaller code to be read asks too much, so such a screen is worn less."""
DAMAGES = (*LEVELS, "clean", "light", "wechat")
MILDER = {"heavy": "wechat", "photo": "wechat", "overlay": "light", "wechat": "light", "light": "clean"}


@dataclass(frozen=True)
class Cast:
    """The campaigns of a set: ours, some with our art and other words, and others."""

    known: tuple[Campaign, ...]
    siblings: tuple[Campaign, ...]
    others: tuple[Campaign, ...]


def cast_of(seed: str) -> Cast:
    def some(letter: str, count: int) -> tuple[Campaign, ...]:
        return tuple(
            campaign(f"{letter}{n}", art=f"{seed} {letter}{n}", said=f"{seed} {letter}{n}")
            for n in range(count)
        )

    siblings = tuple(
        campaign(f"S{n}", art=f"{seed} K{n}", said=f"{seed} S{n}", avoid=f"{seed} K{n}")
        for n in range(SIBLINGS)
    )
    return Cast(some("K", KNOWN), siblings, some("O", OTHERS))


@dataclass(frozen=True)
class Wish:
    """One screen to be drawn."""

    cls: str
    look: str
    level: str
    trick: str = ""
    """Where there is one, it chooses the look."""


def wishes(per: int, tricks: int, dice: Random) -> list[Wish]:
    """So many genuine ones of each look, half as many wrong ones, and so many of each trick."""
    made = []
    for look in LOOKS:
        damages = dice.sample(DAMAGES * (per // len(DAMAGES) + 1), per)
        made += [Wish("pos", look, level) for level in damages]
    looks = list(LOOKS)
    for nth in range(per * len(LOOKS) // 2):
        made.append(Wish(WRONG[nth % len(WRONG)], looks[nth % len(looks)], dice.choice(DAMAGES)))
    made += [Wish(cls, "", dice.choice(DAMAGES), trick) for trick, cls in wished(tricks, dice)]
    return made


def make_set(folder: Path, *, seed: str, per: int, tricks: int) -> int:
    """How many screens were drawn."""
    (folder / "img").mkdir(parents=True, exist_ok=True)
    (folder / "campaigns").mkdir(exist_ok=True)
    cast = cast_of(seed)
    for each in (*cast.known, *cast.siblings, *cast.others):
        each.keep(folder / "campaigns")
    labels = list(_drawn(folder, cast, wishes(per, tricks, Random(f"wishes {seed}")), seed))
    text = "".join(json.dumps(label, ensure_ascii=False) + "\n" for label in labels)
    (folder / "labels.jsonl").write_text(text, encoding="utf-8")
    return len(labels)


def _drawn(folder: Path, cast: Cast, wanted: list[Wish], seed: str) -> Iterator[dict[str, Any]]:
    for nth, wish in enumerate(wanted):
        name = f"{nth:05}_{wish.cls}_{wish.trick or wish.look}"
        draw = tricky_screen if wish.trick else screen
        pixels, quality, label = draw(cast, wish, Random(f"{seed} {nth}"))
        file = f"{name}_{label['level']}." + ("png" if quality is None else "jpg")
        save: dict[str, Any] = {} if quality is None else {"quality": quality}
        Image.fromarray(pixels).save(folder / "img" / file, **save)
        yield {"file": file, **label}


def screen(cast: Cast, wish: Wish, dice: Random) -> tuple[Any, int | None, dict[str, Any]]:
    """Pixels, the quality to be kept at, and the label but for the file's name."""
    phone = some_phone(dice, wish.look)
    name = dice.choice(words.NAMES[phone.is_chinese])
    art, code = _subject(cast, wish.cls, dice)
    person = Person(name, face_of(name, dice), code)
    if wish.cls == "neg_noposter":
        kind = dice.choice(("photograph", "night", "gradient", "flat"))
        poster, module = art_of(kind, 1080, dice.choice((1080, 1440, 1600)), dice)[0], 0.0
    else:
        poster, module = personal(art, person, dice)
    audience = "open" if dice.random() > RESTRICTED else dice.choice(("self", "some"))
    is_grid = wish.look in WITH_GRIDS and dice.random() < GRIDS
    caption = dice.choice(words.CAPTIONS[phone.is_chinese])
    shown = LOOKS[wish.look](Post(poster, name, person.face, caption, audience, is_grid, dice, phone))
    level, made = _worn(shown, wish.level, module * _side(shown.quad) / poster.width, dice)
    quad = made.placed(shown.quad)
    is_ours = wish.cls == "pos"
    label = {
        "cls": wish.cls,
        "kind": shown.kind,
        "look": wish.look,
        "level": level,
        "qr_text": code if module else None,
        "cid": art.cid if is_ours else None,
        "art": art.cid,
        "qr_visible": bool(module) and shown.kind != "grid" and not (is_ours and shown.untold),
        "untold": shown.untold,
        "privacy": shown.privacy,
        "age": shown.age,
        "nick": name,
        "module_px": round(module * _side(quad) / poster.width, 3),
        "quad": quad,
        "dark": phone.is_dark,
    }
    return made.pixels, made.quality, label


def tricky_screen(cast: Cast, wish: Wish, dice: Random) -> tuple[Any, int | None, dict[str, Any]]:
    """The same of one that is dishonest."""
    art, code = _subject(cast, "pos", dice)
    trick = tricked(wish.trick, wish.cls, art, code, LOOKS, some_phone, dice)
    shown = trick.shown
    level, made = _worn(shown, wish.level, trick.module * _side(shown.quad) / trick.width, dice)
    quad = made.placed(shown.quad)
    label = {
        "cls": wish.cls,
        "kind": shown.kind,
        "look": trick.look,
        "level": level,
        "trick": wish.trick,
        "qr_text": code,
        "cid": art.cid,
        "art": art.cid,
        "qr_visible": True,
        "privacy": shown.privacy,
        "age": shown.age,
        "oldest_hours": trick.oldest_hours,
        "nick": trick.name,
        "module_px": round(trick.module * _side(quad) / trick.width, 3),
        "quad": quad,
        "dark": trick.phone.is_dark,
    }
    return made.pixels, made.quality, label


def _worn(shown: Shown, level: str, module: float, dice: Random) -> tuple[str, Any]:
    """As hard as wished for, unless too little of the code would be left for anybody."""
    pixels = np.asarray(shown.image)
    while True:
        made = worn(pixels, level, shown.quad, Random(dice.random()))
        left = module * _side(made.placed(shown.quad)) / _side(shown.quad)
        if not module or left >= LEAST_MODULE or level not in MILDER:
            return level, made
        level = MILDER[level]


def _side(quad: Quad) -> float:
    """How wide a quad is, in pixels."""
    return (math.dist(quad[0], quad[1]) + math.dist(quad[3], quad[2])) / 2


def some_phone(dice: Random, look: str) -> Phone:
    is_chinese = dice.random() < 0.6
    if look in ALWAYS_CHINESE:
        is_chinese = dice.random() < 0.9
    elif look in ALWAYS_ENGLISH:
        is_chinese = dice.random() < 0.15
    faces = ("noto", "noto", "microhei") if is_chinese else ("noto", "dejavu", "mixed")
    width = dice.choice(WIDTHS)
    return Phone(
        width,
        round(width * dice.uniform(1.95, 2.22)),
        dice.random() < DARK,
        is_chinese,
        TYPEFACES[dice.choice(faces) if dice.random() < 0.96 else "serif"],
        dice.choice((0.92, 1.0, 1.0, 1.08, 1.18)),
        dice.randrange(6),
    )


def _token(dice: Random) -> str:
    return "".join(dice.choice(LETTERS) for _nth in range(8))


def _subject(cast: Cast, cls: str, dice: Random) -> tuple[Campaign, str]:
    """Whose poster is drawn, and the code on it."""
    if cls in ("pos", "neg_qrswap"):
        art = dice.choice(cast.known)
    else:
        art = dice.choice(cast.siblings if cls == "neg_sibling" else cast.others)
    own, token = STEM + _token(dice), _token(dice)
    if cls == "pos":
        return art, own
    away = (
        f"https://elsewhere.example/r/{token}",
        f"https://weixin.qq.com/g/{token}{token}",
        f"wxp://f2f{token}{token}",
    )
    # On our poster the code of another participant as well.
    return art, dice.choice((*away, own) if cls == "neg_qrswap" else away)
