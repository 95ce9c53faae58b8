"""Single values of a design, read from JSON that anybody may have written: each reader returns one or raises Wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tenfold.imaging.variables import Unclosed, names_in

Reader = Callable[[object], Any]

SLOTS = ("title", "subtitle", "points", "endorsement", "offer", "code")
LANGUAGES = ("en", "zh-hans")
LONGEST_TEXT = 600
FURTHEST = 4096  # pixels from the canvas's corner, and the longest side of anything

_ID = re.compile(r"[a-z0-9_-]{1,32}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Wrong(Exception):
    """A value that is not taken: the code of the flaw, and the bounds or names that explain it."""

    def __init__(self, code: str, **about: Any) -> None:
        super().__init__(code)
        self.code, self.about = code, about


def shown(name: object) -> str:
    """The start of a name that somebody else chose, safe to be printed."""
    return name[:40].encode("utf-8", "replace").decode() if isinstance(name, str) else ""


def whole(least: int, most: int) -> Reader:
    def read(raw: object) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise Wrong("not_a_whole_number")
        return int(_bounded(raw, least, most))

    return read


def number(least: float, most: float) -> Reader:
    def read(raw: object) -> float:
        if not isinstance(raw, int | float) or isinstance(raw, bool) or not _is_finite(raw):
            raise Wrong("not_a_number")
        return float(_bounded(raw, least, most))

    return read


def _is_finite(raw: int | float) -> bool:
    return isinstance(raw, int) or math.isfinite(raw)


def _bounded(raw: int | float, least: float, most: float) -> int | float:
    if raw < least:
        raise Wrong("too_small", least=least)
    if raw > most:
        raise Wrong("too_large", most=most)
    return raw


def one_of(kind: str, known: Iterable[str]) -> Reader:
    """One of a few words; any other is an unknown `kind`."""
    words = tuple(known)

    def read(raw: object) -> str:
        if not isinstance(raw, str) or raw not in words:
            raise Wrong(f"unknown_{kind}", known=list(words), name=shown(raw))
        return raw

    return read


def colour(raw: object) -> str:
    if not isinstance(raw, str) or not _COLOUR.fullmatch(raw):
        raise Wrong("not_a_colour")
    return raw.lower()


def digest(raw: object) -> str:
    """A picture's name: the sha256 of its bytes in lower-case hex."""
    if not isinstance(raw, str) or not _DIGEST.fullmatch(raw):
        raise Wrong("not_a_digest")
    return raw


def identifier(raw: object) -> str:
    if not isinstance(raw, str) or not _ID.fullmatch(raw):
        raise Wrong("not_an_id")
    return raw


def or_empty(read: Reader) -> Reader:
    return lambda raw: "" if raw == "" and isinstance(raw, str) else read(raw)


def box(raw: object) -> tuple[int, int, int, int]:
    """x, y, width, height in pixels; x and y may lie outside, so that ornaments can be cut by the edge."""
    if not isinstance(raw, list) or len(raw) != 4:
        raise Wrong("not_a_box")
    place, size = whole(-FURTHEST, FURTHEST), whole(1, FURTHEST)
    return place(raw[0]), place(raw[1]), size(raw[2]), size(raw[3])


def words(raw: object) -> tuple[tuple[str, str], ...]:
    """Pairs of language and text; the one text of all languages stands alone under the empty language."""
    if isinstance(raw, str):
        return (("", _template(raw)),)
    if not isinstance(raw, Mapping) or not raw:
        raise Wrong("not_text")
    if len(raw) > len(LANGUAGES):
        raise Wrong("unknown_language", known=list(LANGUAGES))
    language = one_of("language", LANGUAGES)
    return tuple(sorted((language(key), _template(text)) for key, text in raw.items()))


def _template(raw: object) -> str:
    """A text with variables; without what no database can keep."""
    if not isinstance(raw, str) or any(c == "\0" or "\ud800" <= c <= "\udfff" for c in raw[:LONGEST_TEXT]):
        raise Wrong("not_text")
    if len(raw) > LONGEST_TEXT:
        raise Wrong("too_long", most=LONGEST_TEXT)
    try:
        unknown = names_in(raw, only_unknown=True)
    except Unclosed as error:
        raise Wrong("unclosed_brace") from error
    if unknown:
        raise Wrong("unknown_variable", name=shown(unknown[0]))
    return raw


def some_of(kind: str, known: Iterable[str]) -> Reader:
    """A list of different words out of a few, kept in their own order."""
    words = tuple(known)
    read_one = one_of(kind, words)

    def read(raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list):
            raise Wrong("not_a_list")
        if len(raw) > len(words):
            raise Wrong("too_many", most=len(words))
        found = {read_one(item) for item in raw}
        return tuple(word for word in words if word in found)

    return read
