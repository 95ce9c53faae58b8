"""Codes as a matched filter expects them: the claimed one in every way it may have been drawn, and codes like it that
nobody has."""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tenfold.imaging.arts import Array
from tenfold.imaging.qr import CodeFacts, qr_modules

DECOYS = 48  # of each way of drawing
LEVELS = ("M", "Q")
MASKS = range(8)
LONGEST = 300


@dataclass(frozen=True)
class Way:
    """How a code may be drawn; `version` is the least."""

    level: str
    mask: int
    version: int = 0


def ways(facts: CodeFacts | None) -> tuple[Way, ...]:
    """All that come into question."""
    if facts is not None:
        return (Way(facts.level, facts.mask, facts.version),)
    return tuple(Way(level, mask) for level in LEVELS for mask in MASKS)


def modules_of(text: str, way: Way) -> Array:
    """1 for dark, 0 for light, a number a module; raises ValueError as `qr_modules` does."""
    image = qr_modules(text, facts=CodeFacts("", way.version, way.level, way.mask))
    return np.asarray((np.asarray(image) == 0).astype(np.float32))


@lru_cache(maxsize=256)
def decoys(start: str, letters: str, length: int, way: Way) -> Array:
    """(DECOYS, n, n) codes that share all but their last part with the claimed one."""
    chance = random.Random(f"{start} {letters} {length}")  # noqa: S311 - no secret: the same ones for everybody
    texts = (start + "".join(chance.choices(letters, k=length)) for _nth in range(DECOYS))
    return np.stack([modules_of(text, way) for text in texts])


def like(text: str) -> tuple[str, str, int]:
    """What codes of the same kind share, and the letters and the length of what makes each its own."""
    tail = re.search(r"[0-9A-Za-z_-]{4,}$", text)
    length = len(tail.group()) if tail else max(1, len(text) // 2)
    own = text[-length:]
    letters = string.digits
    letters += string.ascii_uppercase if re.search("[A-Z]", own) else ""
    letters += string.ascii_lowercase if re.search("[a-z]", own) else ""
    return text[:-length], letters, length
