"""Texts with variables: `{title}` stands for a value, `{{` and `}}` for a brace."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHARED = (
    "title",
    "subtitle",
    "points",
    "endorsement",
    "offer",
    "brand",
    "campaign",
    "scan_hint",
    "starts",
    "ends",
)
PERSONAL = ("nickname", "invite", "number", "date", "award", "rank", "group")
KNOWN = frozenset(SHARED + PERSONAL)

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{")


class Unclosed(ValueError):
    """A brace that opens and does not close."""


def names_in(template: str, *, only_unknown: bool = False) -> tuple[str, ...]:
    """The variables of a text in order; raises Unclosed."""
    names = []
    for part in _PART.finditer(template):
        if part[0] == "{":
            raise Unclosed
        if part[1] is not None and not (only_unknown and part[1] in KNOWN):
            names.append(part[1])
    return tuple(names)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The text with its values put in, line by line: a line whose variables are all empty says nothing, and goes."""
    lines = (line for line in template.split("\n") if _says_something(line, values))
    return "\n".join(_PART.sub(lambda part: _value(part, values), line) for line in lines)


def _says_something(line: str, values: Mapping[str, str]) -> bool:
    names = names_in(line)
    return not names or any(values.get(name, "").strip() for name in names)


def _value(part: re.Match[str], values: Mapping[str, str]) -> str:
    return part[0][0] if part[1] is None else values.get(part[1], "")
