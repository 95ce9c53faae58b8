"""Codes as a matched filter expects them: the claimed one in every way it may have been drawn, and codes like it that
nobody has."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from tenfold.imaging.arts import Array
from tenfold.imaging.plain_codes import plain_modules
from tenfold.imaging.qr import CodeFacts, qr_modules

DECOYS = 192
LEVELS = ("M", "Q", "H", "L")
MASKS = tuple(range(8))


@dataclass(frozen=True)
class Way:
    """How a code may be drawn: by our own writer, or plainly, in either way of filling up the rest."""

    level: str
    mask: int
    version: int = 0
    """The least, for our own writer."""
    is_plain: bool = True
    starts_empty: bool = False


@lru_cache(maxsize=8)
def drawn(text: str, facts: CodeFacts | None) -> tuple[tuple[Way, Array], ...]:
    """The code in all the ways that come into question; none for a text that no code can hold."""
    try:
        return tuple(_drawn(text, facts))
    except ValueError:
        return ()


def _drawn(text: str, facts: CodeFacts | None) -> Iterator[tuple[Way, Array]]:
    if facts is not None:
        way = Way(facts.level, facts.mask, facts.version, is_plain=False)
        yield way, _written([text], way)[0]
        return
    for level in LEVELS:
        usual = plain_modules([text], level)
        if usual is None:
            continue
        yield from ((Way(level, mask), usual[0, mask]) for mask in MASKS)
        other = plain_modules([text], level, starts_empty=True)
        if other is not None and (other != usual).any():
            yield from ((Way(level, mask, starts_empty=True), other[0, mask]) for mask in MASKS)
    yield from _split(text)


def _split(text: str) -> Iterator[tuple[Way, Array]]:
    """Our own writer's, where it splits the text: others do so too."""
    for level in LEVELS[:2]:
        first, usual = Way(level, 0, is_plain=False), plain_modules([text], level, masks=[0])
        ours = _written([text], first)[0]
        if usual is None or usual[0, 0].shape != ours.shape or (usual[0, 0] != ours).any():
            yield first, ours
            for mask in MASKS[1:]:
                way = Way(level, mask, is_plain=False)
                yield way, _written([text], way)[0]


@lru_cache(maxsize=64)
def decoys(start: str, places: tuple[str, ...], way: Way, count: int) -> Array:
    """(k, count, count) codes that share all but their last part with the claimed one, and its size. Each of `places`
    holds the letters that may stand there."""
    chance = random.Random(f"{start} {places}")  # noqa: S311 - the same ones for everybody whose code has these letters
    texts = [start + "".join(map(chance.choice, places)) for _nth in range(DECOYS)]
    if way.is_plain:
        return np.stack(_written(texts, way))
    # Our own writer splits texts, so that of two as long one may need more modules.
    same = replace(way, version=(count - 17) // 4)
    return np.stack([code for code in _written(texts, same) if len(code) == count])


def _written(texts: Sequence[str], way: Way) -> list[Array]:
    """Of each text (n, n), 1 for dark; raises ValueError for a text that no code can hold."""
    if not way.is_plain:
        facts = CodeFacts("", way.version, way.level, way.mask)
        return [(np.asarray(qr_modules(text, facts=facts)) == 0).astype(np.uint8) for text in texts]
    plain = plain_modules(texts, way.level, masks=[way.mask], starts_empty=way.starts_empty)
    if plain is None:
        raise ValueError("too long")
    return list(plain[:, 0])


def like(text: str, way: Way) -> tuple[str, tuple[str, ...]]:
    """What codes of the same kind share, and which letters may stand in each place of what makes each its own.

    Who splits a text does so where the sort of its letters changes. Codes that are split alike share many modules,
    whoever they are of: so others are split as the claimed one is, and what they share proves nothing."""
    tail = re.search(r"[0-9A-Za-z_-]{4,}$", text)
    length = len(tail.group()) if tail else max(1, len(text) // 2)
    start, own = text[:-length], text[-length:]
    small = string.ascii_lowercase if re.search("[a-z]", own) else ""
    large = string.digits + (string.ascii_uppercase if re.search("[A-Z]", own) else "")
    if way.is_plain:
        return start, (large + small,) * length
    return start, tuple(_place(own, nth, small, large) for nth in range(length))


def _place(own: str, nth: int, small: str, large: str) -> str:
    """The letters of the same sort as this one. Signs are kept, for - is of another sort than _; and so are runs of
    digits that are long enough for a part of their own."""
    letter = own[nth]
    if not letter.isalnum():
        return letter
    if any(run.start() <= nth < run.end() for run in re.finditer("[0-9]{3,}", own)):
        return string.digits
    return small if letter.islower() else large
