"""Setting a text layer: its words at the largest size at which they keep to their box and their lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tenfold.imaging.layers import Text
from tenfold.imaging.lines import Measure, balanced_lines, break_lines, has_wide_word, measure_at, shortened
from tenfold.imaging.texts import EMOJI_FROM, set_quotes, unset_quotes, with_emoji
from tenfold.imaging.variables import filled

# Each further try is so much smaller; a text is set at one of about twenty sizes at most.
_SMALLER = 0.94
MOST_PARAGRAPHS, LONGEST = 40, 6000
# Of the size: what a line takes up above and below its em, for accents and tails (a serif g ends 0.18 below).
_AIR = 0.18
_INDENT = 0.75
_BASELINE = 0.88  # of the em, where an ideograph's box stands on its baseline


@dataclass(frozen=True)
class Line:
    """One line: `x` pixels from the left of the box to its start, its baseline `y` below the top of it."""

    text: str
    x: int
    y: int
    is_marked: bool = False
    """Whether the marker of a list stands `Setting.indent` before it."""


@dataclass(frozen=True)
class Setting:
    """A text as it will be drawn. In the lines each emoji is a private code (see `texts.with_emoji`)."""

    lines: tuple[Line, ...]
    size: int
    emoji: tuple[str, ...]
    is_cut: bool
    is_broken: bool = False
    """Whether a word was longer than a line and fell apart."""
    indent: int = 0


@dataclass(frozen=True)
class _Words:
    """The paragraphs of a text as they can be drawn."""

    paragraphs: tuple[str, ...]
    emoji: tuple[str, ...]


@dataclass(frozen=True)
class _Try:
    """Lines at one size, each with whether a paragraph begins with it."""

    rows: tuple[tuple[str, bool], ...]
    size: int
    leading: int
    is_cut: bool = False
    is_broken: bool = False


def set_text(layer: Text, values: Mapping[str, str], language: str) -> Setting:
    """The text of the layer in its box; without lines if nothing of it can be drawn. Never raises for any value."""
    words = _words(filled(layer.says(language), values))
    if not words.paragraphs:
        return Setting((), layer.size, (), False)
    return _placed(layer, _largest(layer, words) or _forced(layer, words), words.emoji)


def _largest(layer: Text, words: _Words) -> _Try | None:
    """The lines at the largest size that fits, found by halving: each size that is tried is a face to be opened."""
    sizes = list(_sizes(layer))
    found = _fitting(layer, words, sizes[0])
    if found or len(sizes) == 1:
        return found
    at = bisect_left(sizes, True, lo=1, key=lambda size: _fitting(layer, words, size) is not None)
    return _fitting(layer, words, sizes[at]) if at < len(sizes) else None


def spelled_out(setting: Setting) -> tuple[str, ...]:
    """The lines as they were written: emoji and narrow quotes instead of their private codes."""
    return tuple("".join(_spelled(character, setting) for character in line.text) for line in setting.lines)


def _spelled(character: str, setting: Setting) -> str:
    return (
        setting.emoji[ord(character) - ord(EMOJI_FROM)]
        if character >= EMOJI_FROM
        else unset_quotes(character)
    )


def _words(text: str) -> _Words:
    found: list[str] = []
    lines = (with_emoji(line, found) for line in text[:LONGEST].splitlines()[:MOST_PARAGRAPHS])
    return _Words(tuple(set_quotes(line) for line in lines if line), tuple(found))


def _sizes(layer: Text) -> Iterator[int]:
    least = min(layer.least or layer.size, layer.size)
    size = layer.size
    while size > least:
        yield size
        size = max(least, min(size - 1, round(size * _SMALLER)))
    yield least


def _indent(layer: Text, size: int) -> int:
    """How far the lines of a list are indented, for its markers."""
    return round(size * _INDENT) if layer.marker else 0


def _most_lines(layer: Text, size: int) -> int:
    """How many lines of this size the layer takes, by its own rule and by the height of its box."""
    room = layer.box[3] - size * (1 + 2 * _AIR)
    return max(1, min(layer.lines, 1 + int(room / _leading(layer, size))))


def _leading(layer: Text, size: int) -> int:
    return max(1, round(size * layer.leading))


def _fitting(layer: Text, words: _Words, size: int) -> _Try | None:
    """The lines at a size at which all words stay whole and none is left out."""
    measure = measure_at(size, layer.weight, layer.font)
    width, most = layer.box[2] - _indent(layer, size), _most_lines(layer, size)
    if len(words.paragraphs) > most or _least_width(words, measure) > width * most:
        return None
    if size * (1 + 2 * _AIR) > layer.box[3] or has_wide_word(words.paragraphs, width, measure):
        return None
    blocks = [break_lines(paragraph, width, measure) for paragraph in words.paragraphs]
    if sum(map(len, blocks)) > most:
        return None
    return _Try(_rows(words, width, measure), size, _leading(layer, size))


def _least_width(words: _Words, measure: Measure) -> float:
    """Of all lines together: a blank where a line ends takes no room."""
    blank = measure(" ")
    return sum(measure(paragraph) - paragraph.count(" ") * blank for paragraph in words.paragraphs)


def _rows(words: _Words, width: float, measure: Measure) -> tuple[tuple[str, bool], ...]:
    blocks = (balanced_lines(paragraph, width, measure) for paragraph in words.paragraphs)
    return tuple((line, at == 0) for block in blocks for at, line in enumerate(block))


def _forced(layer: Text, words: _Words) -> _Try:
    """At the least size: words that are wider than the box fall apart, what is too much ends in an ellipsis."""
    size = list(_sizes(layer))[-1]
    measure = measure_at(size, layer.weight, layer.font)
    width, most = layer.box[2] - _indent(layer, size), _most_lines(layer, size)
    rows: list[tuple[str, bool]] = []
    for paragraph in words.paragraphs[: most + 1]:
        rows += [(line, at == 0) for at, line in enumerate(break_lines(paragraph, width, measure))]
    kept = shortened([line for line, _ in rows], most, width, measure)
    starts = (is_start for _, is_start in rows)
    return _Try(
        tuple(zip(kept, starts, strict=False)),
        size,
        _leading(layer, size),
        is_cut=len(rows) > most or size > layer.box[3],
        is_broken=has_wide_word(words.paragraphs, width, measure),
    )


def _placed(layer: Text, tried: _Try, emoji: tuple[str, ...]) -> Setting:
    """Each line at its place in the box."""
    measure = measure_at(tried.size, layer.weight, layer.font)
    indent, y = _indent(layer, tried.size), _first_baseline(layer, tried)
    lines: list[Line] = []
    for text, is_start in tried.rows:
        x = indent + _start(layer, measure(text) + indent)
        lines.append(Line(text, round(x), y, is_marked=is_start and bool(indent)))
        y += tried.leading
    return Setting(tuple(lines), tried.size, emoji, tried.is_cut, tried.is_broken, indent)


def _first_baseline(layer: Text, tried: _Try) -> int:
    height = (len(tried.rows) - 1) * tried.leading + tried.size
    spare = layer.box[3] - height
    air = min(spare / 2, tried.size * _AIR)
    top = {"top": air, "middle": spare / 2, "bottom": spare - air}[layer.valign]
    return round(top + _BASELINE * tried.size)


def _start(layer: Text, width: float) -> float:
    spare = layer.box[2] - width
    return {"left": 0, "centre": spare / 2, "right": spare}[layer.align]
