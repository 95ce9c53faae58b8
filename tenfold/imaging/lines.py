"""Breaking text into lines, Chinese and Latin mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise

from tenfold.imaging.breaks import units
from tenfold.imaging.fonts import face
from tenfold.imaging.texts import EMOJI_FROM

Measure = Callable[[str], float]

# Marks that may not stand first in a line, and such that may not stand last.
CLOSING = "，。！？、；：）》」』】〕〉”…‥·～％℃‰ー々"
OPENING = "（《「『【〔〈“￥"
# What no cut text ends with, before its ellipsis.
_NEVER_LAST = CLOSING + OPENING + ",.!?;:)]}%'\"-/([{$#@ —\ue000\ue001\ue002\ue003\ue004"
# Where a reader pauses anyway; what ending a line elsewhere costs, in squared shares of the width.
_PAUSES, _NO_PAUSE = "，。！？、；：…—·,.!?;:", 0.06
# Allowed by the rules, but read badly: a sign without its word, a name broken before its dot, C+ and +.
_UGLY, _SIGNS, _DOTS = 1.0, "#@", "·+～"
MOST_BALANCED = 4


def break_lines(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of one paragraph: filled from the first on, blanks at their ends dropped."""
    lines: list[str] = []
    line, used = "", 0.0
    for unit in _units_within(text, width, measure):
        if line and used + measure(unit.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line += unit
        used += measure(unit)
    return [*lines, line.rstrip()] if line.strip() else lines


def balanced_lines(text: str, width: float, measure: Measure) -> list[str]:
    """As many lines as `break_lines` makes, about equally long and ending where the sense pauses, if few."""
    count = len(break_lines(text, width, measure))
    if not 1 < count <= MOST_BALANCED:
        return break_lines(text, width, measure)
    pieces = list(_units_within(text, width, measure))
    breaks = _best_breaks(pieces, count, width, measure)
    return ["".join(pieces[start:end]).rstrip() for start, end in pairwise(breaks)]


def measure_at(size: int, weight: int, family: str = "sans") -> Measure:
    """Width in pixels of a text: a plain sum, since the font is drawn without kerning."""
    advance = partial(_advance, size, weight, family)
    return lambda text: sum(map(advance, text))


def emoji_width(size: int) -> int:
    """How wide an emoji stands in a line: with the air that its picture has around itself."""
    return round(size * 1.2)


@lru_cache(maxsize=32_768)
def _advance(size: int, weight: int, family: str, character: str) -> float:
    if character >= EMOJI_FROM:
        return emoji_width(size)
    return face(size, weight, family).getlength(character)


def _units_within(text: str, width: float, measure: Measure) -> Iterator[str]:
    """Unbreakable units; one that is wider than a whole line falls apart, marks as late as possible."""
    for unit in _units(text):
        if measure(unit.rstrip()) <= width:
            yield unit
            continue
        for part in _clinging(unit):
            yield from [part] if measure(part.rstrip()) <= width else part


@lru_cache(maxsize=256)
def _units(text: str) -> tuple[str, ...]:
    """A text is set at one size after the other, and its units are the same at all of them."""
    return tuple(units(text))


def _clinging(unit: str) -> list[str]:
    """Single characters, each with the marks that may not stand apart from it."""
    parts: list[str] = []
    for character in unit:
        if parts and (character in CLOSING or character.isspace() or parts[-1][-1] in OPENING):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def has_wide_word(paragraphs: Sequence[str], width: float, measure: Measure) -> bool:
    return any(measure(unit.rstrip()) > width for paragraph in paragraphs for unit in _units(paragraph))


def _best_breaks(pieces: list[str], count: int, width: float, measure: Measure) -> tuple[int, ...]:
    """Where each of `count` lines starts, and the end: least squares from equal length, pauses preferred."""
    widths = [measure(unit) for unit in pieces]
    ends = [measure(unit.rstrip()) for unit in pieces]
    pauses = [_cost(unit, after) for unit, after in pairwise(pieces)] + [0.0]
    target = sum(widths) / count
    reached: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for _ in range(count):
        further: dict[int, tuple[float, tuple[int, ...]]] = {}
        for start, (cost, breaks) in reached.items():
            used = 0.0
            for at in range(start, len(pieces)):
                if used + ends[at] > width + 0.01:
                    break
                used += widths[at]
                total = cost + ((used - target) / width) ** 2 + pauses[at]
                if at + 1 not in further or total < further[at + 1][0]:
                    further[at + 1] = total, (*breaks, at + 1)
        reached = further
    return reached[len(pieces)][1]


def _cost(unit: str, after: str) -> float:
    """What it costs to end a line behind this unit."""
    if unit[-1] in _SIGNS or after[0] in _DOTS:
        return _UGLY
    return 0.0 if unit.rstrip()[-1:] in _PAUSES else _NO_PAUSE


def shortened(lines: list[str], most: int, width: float, measure: Measure) -> list[str]:
    """At most `most` lines; if any are left out, the last one ends in an ellipsis."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and measure(last + "…") > width:
        last = last[:-1]
    last = last.rstrip(_NEVER_LAST)
    return [*lines[: most - 1], last + ("\ue004" if last[-1:] < "\u2000" else "…")]
