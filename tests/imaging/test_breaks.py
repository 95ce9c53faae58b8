"""Breaks: where ICU has them, and kinsoku whatever is written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.imaging.breaks import units
from tenfold.imaging.fonts import COVERED
from tenfold.imaging.lines import break_lines, measure_at
from tests.imaging.titles import COUNT, FILE, SEED, digest, pieces_of, titles

WIDTHS = (912, 640, 520)
NEVER_FIRST, NEVER_LAST = "，。！？、；：）》」』】”’…,.!?;:)]}", "（《「『【“‘([{"


@pytest.fixture(scope="module")
def by_icu() -> dict[str, list[str]]:
    """Each title in the pieces between which ICU breaks."""
    found = titles(SEED, COUNT)
    first, *numbers = FILE.read_text().split()
    assert digest(found) == first
    return {title: pieces_of(title, int(number, 16)) for title, number in zip(found, numbers, strict=True)}


def filled(pieces: list[str], width: int) -> list[str]:
    """Lines filled from the first on, as any engine does it with its own breaks."""
    measure, lines, line = measure_at(80, 700), [], ""
    for piece in pieces:
        if line and measure((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


def test_titles_break_where_icu_breaks_them(by_icu: dict[str, list[str]]) -> None:
    measure = measure_at(80, 700)
    same = compared = 0
    for title, pieces in by_icu.items():
        widest = max(measure(piece.rstrip()) for piece in pieces)
        # Where a word is wider than a line, every engine breaks it in a way of its own.
        widths = [width for width in WIDTHS if width >= widest]
        compared += bool(widths)
        same += bool(widths) and all(
            break_lines(title, width, measure) == filled(pieces, width) for width in widths
        )
    assert compared >= 0.999 * len(by_icu)
    assert same >= 0.995 * len(by_icu)


def test_allowed_breaks_are_those_of_icu(by_icu: dict[str, list[str]]) -> None:
    assert sum(units(title) == pieces for title, pieces in by_icu.items()) >= 0.995 * len(by_icu)


@pytest.mark.parametrize(
    "broken",
    [
        "读|Community|书，|10,000 |人！",
        "等|等……|好",
        "——|他|说",
        "don't |stop |(yes) |and/|or |50%",
        "“你|好”|他|说：|“再|见”。",
        "e-|mail |-v |24/7",
        "￥99.9|元，|99.9%|好|评",
        "《三|体》|(上)|【新】",
        "第|1|期/|共|3|期",
        "8-10|岁，|3|月|1|日-5|日",
        "Hello，|世|界！",
        "A·B",
        "99.9，￥9.9",
    ],
)
def test_examples(broken: str) -> None:
    assert units(broken.replace("|", "")) == broken.split("|")


characters = st.sampled_from(sorted(COVERED - set("\u00ad")))


@given(st.text(characters | st.sampled_from(NEVER_FIRST + NEVER_LAST + "中文ab12 %"), max_size=60))
def test_pieces_are_the_text_and_hold_kinsoku(text: str) -> None:
    pieces = units(text)
    assert "".join(pieces) == text
    for before, after in pairwise(pieces):
        assert after[0] not in NEVER_FIRST + " "
        assert before.rstrip()[-1:] not in NEVER_LAST or not before.rstrip()
        # A per cent sign belongs to the word or number it follows; after another mark it may stand alone.
        assert after[0] != "%" or before[-1] not in "中文ab12"


@given(st.text("abcXYZ0189éñЖ", min_size=1, max_size=40))
def test_words_and_numbers_are_one_piece(text: str) -> None:
    assert units(text) == [text]


@given(st.text())
def test_any_text_is_taken_apart(text: str) -> None:
    assert "".join(units(text)) == text
