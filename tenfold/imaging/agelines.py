"""The line under a post that starts with its age: which ink is the age, which the button, and what stands between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from tenfold.imaging.ages import Age, age_at_start, digits_of
from tenfold.imaging.ocr import Character, surety_of, text_of
from tenfold.imaging.postlines import Line
from tenfold.imaging.seen import TextSeen
from tenfold.imaging.textlines import Run, columns, pieces, runs

SURE = 0.9
"""Of every character of an age, the least; of a button, whose words nothing else looks like, less is enough."""
SURE_ENOUGH = 0.5

# The button that only its author has below a post. Another may stand beside it but proves nothing by itself: some
# phones write so to everybody that a post was edited.
_EDIT, _DELETE = (
    "(?<!已)(?:编辑|修改)(?![于过])|edit(?!ed)",
    "(?<![已被])(?:删除|刪除|delete(?!d)(?:post)?|[删刪]$)",
)
DELETE = re.compile(_DELETE)
OWN = re.compile(f"(?:(?:{_EDIT})[·•|丨]?)*(?:{_DELETE})(?:[·•|丨]?(?:{_EDIT}))*")
_DAYS = ("昨", "前", "今", "yesterday", "today")
# All of an em, which is about the height of the age's ink.
_WORD_GAP = 0.2
_FIGURE = 0.555
_FIGURES_APART = 0.72  # one figure takes less room than this, two take more
_BLANK = 0.45  # between a figure and its unit, at most
_AT_EDGE = 0.35
LED = 3.0
_TWO_FIGURES = 1.4

# A picture without grain is no photograph: glare cannot have eaten a figure.
CLEAR = 1.5


@dataclass(frozen=True)
class Word:
    """Ink that stands together, and the characters that were read in it."""

    x0: int
    x1: int
    first: int
    last: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0


@dataclass(frozen=True)
class AgeLine:
    """A line with an age in it; `start` and `end` are the age's words, likewise the button's, which may be missing."""

    line: Line
    age: Age
    characters: tuple[Character, ...]
    words: tuple[Word, ...]
    start: int
    end: int
    button: tuple[int, int] | None
    button_characters: tuple[Character, ...] = ()

    @property
    def x0(self) -> int:
        return self.words[self.start].x0

    @property
    def x1(self) -> int:
        return self.words[self.end - 1].x1

    @cached_property
    def em(self) -> float:
        """The height of the age's ink, the width of the button and the steps between ideographs: their median."""
        mask = self.line.page.ink.mask[self.line.top : self.line.bottom, self.x0 : self.x1]
        inked = np.flatnonzero(columns(mask.T))
        tall = float(inked[-1] - inked[0] + 1) if len(inked) else float(self.line.height)
        return median([tall, *_steps(self.characters, self.button_characters), *self._button_em()])

    def _button_em(self) -> list[float]:
        letters = text_of(self.button_characters)
        if self.button is None or letters.isascii():
            return []
        wide = self.words[self.button[1] - 1].x1 - self.words[self.button[0]].x0
        return [wide / (len(letters) - 0.08)]


def _steps(*parts: tuple[Character, ...]) -> list[float]:
    """The mean distance of neighbouring ideographs."""
    steps = [
        right.middle - left.middle
        for part in parts
        for left, right in pairwise(part)
        if not (left.text.isascii() or right.text.isascii())
    ]
    return [fmean(steps)] if steps else []


def words_of(line: Line) -> tuple[Word, ...]:
    """The line's ink in words, each with the characters whose middle lies in it or nearest to it."""
    mask = line.page.ink.mask[line.top : line.bottom]
    stretches = pieces(mask, _WORD_GAP * line.height)
    if not stretches:
        return ()
    homes = [_home(stretches, character) for character in line.characters]
    words = []
    for index, (start, end) in enumerate(stretches):
        mine = [at for at, home in enumerate(homes) if home == index]
        words.append(Word(start, end, mine[0] if mine else 0, mine[-1] + 1 if mine else 0))
    return tuple(words)


def _home(stretches: list[Run], character: Character) -> int:
    """The stretch that a character stands in or next to; -1 for one that was imagined where there is no ink."""
    x = character.middle
    off = [max(start - x, x - end, 0) for start, end in stretches]
    best = min(range(len(off)), key=off.__getitem__)
    return best if not off[best] or character.surety >= SURE else -1


def age_line(line: Line, today: date | None) -> AgeLine | None:
    """The age in this line with what follows it; None where no stretch of the line starts with one."""
    text = line.text
    for at in sorted(line.starts):
        age = age_at_start(text[at:], today)
        if age is None:
            continue
        words = words_of(line)
        mine = words_with(words, at, at + age.length)
        if mine is None:
            return None
        found = button_in(line, at + age.length)
        button = words_with(words, found.start(), found.end()) if found else None
        letters = line.characters[found.start() : found.end()] if found else ()
        return AgeLine(line, age, line.characters[at : at + age.length], words, *mine, button, letters)
    return None


def button_in(line: Line, first: int = 0) -> re.Match[str] | None:
    """The author's own button in this line; what goes on right behind it is none, as in "Delete history"."""
    text = line.text
    for found in OWN.finditer(text, first):
        end = found.end()
        if end == len(text) or end in line.starts or not text[end].isalnum():
            return found
    return None


def tells_age(line: Line, today: date | None) -> bool:
    """Whether an age begins anywhere in the line where words may begin."""
    return any(age_at_start(line.text[at:], today) is not None for at in line.starts)


def said_until(found: AgeLine) -> int:
    """Where that ends which stands with the age: further off are buttons."""
    x1 = found.x1
    for word in found.words[found.end :]:
        if word.x0 - x1 >= LED * found.em:
            break
        x1 = word.x1
    return x1


def words_with(words: tuple[Word, ...], first: int, last: int) -> tuple[int, int] | None:
    """Which words these characters make up; None where they share one with others."""
    mine = [at for at, word in enumerate(words) if word.first < last and first < word.last]
    if not mine or words[mine[0]].first < first or words[mine[-1]].last > last:
        return None
    return mine[0], mine[-1] + 1


def is_in_place(found: AgeLine, edges: Sequence[float], *, is_straight: bool, is_next: bool) -> bool:
    """Whether the line is surely this post's, and starts with the age; `edges` are where the poster and the lines
    around start, `is_next` says that nothing else can lie between the poster and this line."""
    ink, em = found.line.page.ink, found.em
    if surety_of(found.characters) < SURE or _is_led(found, em):
        return False
    # Without a button it may be the age of the next one's post, unless it is the very next line.
    if not _is_in_sight(found, em) or (found.button is None and not is_next):
        return False
    is_clear = is_straight and ink.noise < CLEAR
    off = min(abs(found.x0 - edge) for edge in edges) / em
    # In a clear picture it may start elsewhere, but not where one or two figures would have room before it.
    return off <= _AT_EDGE or (is_clear and off >= _TWO_FIGURES)


def _is_led(found: AgeLine, em: float) -> bool:
    """Whether ink stands close before the age: a sticker, or what is left of a figure."""
    return any(found.x0 - word.x1 < LED * em for word in found.words[: found.start])


def figures_fit(found: AgeLine) -> bool:
    """Whether the figures take the room of as many as were read: one swallowed by its neighbour leaves its room."""
    text, em = text_of(found.characters), found.em
    figures, first = sum(letter.isdigit() for letter in text), digits_of(text)
    if not figures or text.lower().startswith(_DAYS):
        return True
    if text[first:].isascii():
        return figures == first <= 2 and _fit_ascii(found, first, em)
    ideographs = sum(not letter.isascii() for letter in text)
    room = _width_before_blank(found, first, em) or found.x1 - found.x0 - ideographs * em
    if figures == first <= 2:
        return (room < _FIGURES_APART * em) == (figures == 1)
    return abs(room - figures * _FIGURE * em) < _FIGURE * em / 2


def _width_before_blank(found: AgeLine, figures: int, em: float) -> float:
    """How wide the figures are by themselves where a blank follows them, else 0; a figure that was eaten leaves more
    than a blank."""
    words = found.words[found.start : found.end]
    for left, right in pairwise(words):
        if left.last == words[0].first + figures == right.first and right.x0 - left.x1 <= _BLANK * em:
            return left.x1 - found.x0
    return 0.0


def _fit_ascii(found: AgeLine, figures: int, em: float) -> bool:
    """The same of "12 min ago", by the room before the unit; and of "12m", where each character has ink of its own."""
    mine = found.words[found.start : found.end]
    first = mine[0].first
    before = [word for word in mine if word.first < first + figures]
    if before[-1].last > first + figures:
        mask = found.line.page.ink.mask[found.line.top : found.line.bottom, found.x0 : before[-1].x1]
        return len(before) == 1 and len(runs(columns(mask))) == before[0].last - first
    room = before[-1].x1 - found.x0
    return len(before) < len(mine) and (room < _FIGURES_APART * em) == (figures == 1)


def _is_in_sight(found: AgeLine, em: float) -> bool:
    """Whether nothing of the age can lie beyond the edge of the picture."""
    inside = found.line.page.where.inside[found.line.top : found.line.bottom]
    around = inside[:, max(0, round(found.x0 - _AT_EDGE * em)) : found.x1 + 1]
    return found.x0 >= _AT_EDGE * em and bool(around.all())


def button_of(found: AgeLine) -> TextSeen | None:
    """The button with which only its author may delete a post."""
    if found.button is None or surety_of(found.button_characters) < SURE_ENOUGH:
        return None
    x0, x1 = found.words[found.button[0]].x0, found.words[found.button[1] - 1].x1
    text = text_of(found.button_characters)
    return TextSeen(text, found.line.quad(x0, x1), round(surety_of(found.button_characters), 3))
