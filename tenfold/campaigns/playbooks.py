"""Reading playbooks: a TOML file that anybody may have written, with every trouble in it named at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenfold.accounts.models import Language
from tenfold.base.refusal import Refusal

READY = Path(__file__).parents[1] / "playbooks"
LARGEST_FILE = 128 * 1024
MOST_DOTS = 32
MOST_ROWS = 50
FURTHEST = 2**63 - 1
# The order in which an operator is offered those of the install.
ORDER = ("group_fission", "task_treasure", "free_tickets", "distribution", "checkin_course", "seed_letters")
USUAL = ("join", "task", "remind", "approve", "reject", "reward", "warn", "remove")
"""The moments that every campaign has words for."""

_LINE = re.compile(r"at line (\d+), column (\d+)")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
_DIRT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]")
Table = dict[str, Any]
Taken = Callable[[object], Any]


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with a file. `place` is where it stands, as `rules[2].need`; rows count from 1."""

    place: str
    code: str
    text: str


class Wrong(Exception):
    """A single value that is not taken."""

    def __init__(self, code: str, text: str | Promise) -> None:
        super().__init__(code)
        self.code, self.text = code, str(text)


class NotAPlaybook(Refusal):
    """A file that cannot be used as it is; the troubles are in the language of whoever asked."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = tuple(troubles)
        said = " ".join(f"{one.place}: {one.text}" for one in self.troubles[:5])
        super().__init__("not_a_playbook", said, status=422)


# --- the file ---------------------------------------------------------------------------------------------------


def read_toml(data: bytes) -> Table:
    """What stands in a file; raises NotAPlaybook where it is too large, no text or no TOML."""
    if len(data) > LARGEST_FILE:
        raise _unreadable("", "too_large", _("The file is larger than 128 KB."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("", "not_utf8", _("This is not a text file in UTF-8.")) from error
    _check_dots(text)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_toml(text, error) from error


def _check_dots(text: str) -> None:
    """Keys with thousands of dots would keep the reader busy for minutes. Dots in texts are counted too."""
    for number, line in enumerate(text.splitlines(), start=1):
        if any(part.count(".") > MOST_DOTS for part in line.split("=")):
            place = _("line %(line)s") % {"line": number}
            raise _unreadable(place, "too_deep", _("There are too many dots in this line."))


def _not_toml(text: str, error: Exception) -> NotAPlaybook:
    if isinstance(error, RecursionError):
        return _unreadable("", "too_deep", _("Tables and lists lie too deep in each other."))
    if "end of document" in str(error):
        place = _("line %(line)s") % {"line": _last_line(text)}
        message = _(
            "The file ends in the middle of something: a bracket, a quotation mark or a value is missing."
        )
        return _unreadable(place, "not_toml", message)
    found = _LINE.search(str(error))
    place = _("line %(line)s, column %(column)s") % {"line": found[1], "column": found[2]} if found else ""
    return _unreadable(place, "not_toml", _("This is not TOML. Look at the quotation marks and brackets."))


def _last_line(text: str) -> int:
    """Where anything stands at all; TOML knows no other line ends."""
    return text.rstrip().count("\n") + 1


def _unreadable(place: str, code: str, text: str) -> NotAPlaybook:
    return NotAPlaybook([Trouble(place, code, text)])


@cache
def ready_file(name: str) -> Table:
    """What stands in a playbook of the install. Nobody may change what this gives."""
    return read_toml((READY / f"{name}.toml").read_bytes())


def usual_words() -> Iterator[tuple[str, str, str]]:
    """Language, moment and text of the words that a campaign starts with when it is made without a playbook."""
    for language, texts in ready_file(ORDER[0])["words"].items():
        yield from ((language, moment, texts[moment].strip()) for moment in USUAL)


# --- its parts --------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """Takes a file apart. Whatever is wrong is noted with its place, and reading goes on."""

    troubles: list[Trouble] = field(default_factory=list)

    def note(self, place: str, code: str, text: str | Promise) -> None:
        self.troubles.append(Trouble(place, code, str(text)))

    def is_clear(self, place: str) -> bool:
        """Whether what is known below a place was taken: a value that was not has its default, which may not fit."""
        below = [one for one in self.troubles if one.place.startswith(f"{place}.")]
        return all(one.code == "unknown_key" for one in below)

    def value(self, raw: object, place: str, taken: Taken) -> Any:
        """The value, or None where it was not taken."""
        try:
            return taken(raw)
        except Wrong as wrong:
            self.note(place, wrong.code, wrong.text)
        except Refusal as refusal:
            self.note(place, refusal.code, refusal.message)
        except ValidationError as error:
            self.note(place, "bad_value", " ".join(error.messages))
        return None

    def table(
        self, raw: object, place: str, takers: Mapping[str, Taken], needed: Iterable[str] = ()
    ) -> Table:
        """The values of a table by their keys, with those left out that are wrong."""
        if not isinstance(raw, dict):
            self.note(place, "not_a_table", _("A table belongs here."))
            return {}
        for key in [key for key in raw if key not in takers][:MOST_ROWS]:
            known = ", ".join(sorted(takers))
            self.note(at(place, key), "unknown_key", _("Unknown. Known are: %(known)s.") % {"known": known})
        for key in (key for key in needed if key not in raw):
            self.note(at(place, key), "missing", _("This is missing."))
        known_keys = [key for key in raw if key in takers]
        found = {key: self.value(raw[key], at(place, key), takers[key]) for key in known_keys}
        return {key: value for key, value in found.items() if value is not None}

    def rows(self, raw: object, place: str) -> list[tuple[str, object]]:
        """Each row of a list with its place."""
        if not isinstance(raw, list):
            self.note(
                place, "not_a_list", _("A list of tables belongs here: [[%(place)s]].") % {"place": place}
            )
            return []
        if len(raw) > MOST_ROWS:
            self.note(place, "too_many", _("At most %(most)s.") % {"most": MOST_ROWS})
        return [(f"{place}[{nth}]", row) for nth, row in enumerate(raw[:MOST_ROWS], start=1)]


def at(place: str, key: object) -> str:
    """A place below a place; a key may be anything that somebody typed."""
    name = "".join(letter if letter.isprintable() else "?" for letter in str(key)[:40])
    return f"{place}.{name}" if place else name


# --- single values ----------------------------------------------------------------------------------------------


def text(raw: object) -> str:
    """With plain line ends, and without what no page shows."""
    if not isinstance(raw, str):
        raise Wrong("not_text", _("A text in quotation marks belongs here."))
    plain = _with_plain_ends(raw)
    if dirt := _DIRT.search(plain):
        raise Wrong(
            "bad_sign", _("A sign that cannot be shown: U+%(code)s.") % {"code": f"{ord(dirt[0]):04X}"}
        )
    return plain.strip()


def clean(raw: str) -> str:
    """As `text` takes it."""
    return _DIRT.sub("", _with_plain_ends(raw)).strip()


def _with_plain_ends(raw: str) -> str:
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def whole(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or abs(raw) > FURTHEST:
        raise Wrong("not_a_number", _("A whole number belongs here."))
    return raw


def key(raw: object) -> str:
    if not isinstance(raw, str) or not _KEY.fullmatch(raw):
        raise Wrong("bad_key", _("A short name of small letters, digits and _ belongs here."))
    return raw


def one_of(known: Iterable[str]) -> Taken:
    words = tuple(known)

    def taken(raw: object) -> str:
        if not isinstance(raw, str) or raw not in words:
            raise Wrong(
                "unknown_choice", _("One of these belongs here: %(known)s.") % {"known": ", ".join(words)}
            )
        return raw

    return taken


def one_of_numbers(*known: int) -> Taken:
    def taken(raw: object) -> int:
        if whole(raw) not in known:
            told = ", ".join(map(str, known))
            raise Wrong("unknown_choice", _("One of these belongs here: %(known)s.") % {"known": told})
        return whole(raw)

    return taken


def of_field(model: type[models.Model], name: str) -> Taken:
    """A value that a column takes, checked by the column itself."""
    column = model._meta.get_field(name)
    assert isinstance(column, models.Field)

    def taken(raw: object) -> Any:
        return column.clean(_typed(column, raw), None)

    return taken


def _typed(column: models.Field[Any, Any], raw: object) -> object:
    if column.choices:
        return one_of(str(value) for value, _label in column.flatchoices)(raw)
    if isinstance(column, models.CharField | models.TextField):
        return no_longer(text(raw), column.max_length)
    if isinstance(column, models.BooleanField) and not isinstance(raw, bool):
        raise Wrong("not_a_switch", _("true or false belongs here."))
    if isinstance(column, models.TimeField) and not isinstance(raw, time):
        raise Wrong("not_a_time", _("A time belongs here, as 22:00:00."))
    return whole(raw) if isinstance(column, models.IntegerField) else raw


def no_longer(written: str, most: int | None) -> str:
    if most is not None and len(written) > most:
        raise Wrong("too_long", _("At most %(most)s characters.") % {"most": most})
    return written


def spoken(taken: Taken) -> Taken:
    """One text for all, or one a language: a Spoken either way."""

    def taken_each(raw: object) -> Spoken:
        if not isinstance(raw, dict):
            return Spoken({"": taken(raw)})
        if not raw or not set(raw) <= set(Language.values):
            known = ", ".join(Language.values)
            raise Wrong("unknown_language", _("One text, or one for each of: %(known)s.") % {"known": known})
        return Spoken({language: taken(each) for language, each in raw.items()})

    return taken_each


@dataclass(frozen=True)
class Spoken:
    """A text by language; one that holds for all stands under the empty one."""

    texts: Mapping[str, str]

    def in_language(self, language: str) -> str:
        return self.texts.get(language) or self.texts.get("") or next(iter(self.texts.values()))


def plain(values: Mapping[str, Any], language: str) -> Table:
    """The values with their texts in one language."""
    return {
        name: value.in_language(language) if isinstance(value, Spoken) else value
        for name, value in values.items()
    }
