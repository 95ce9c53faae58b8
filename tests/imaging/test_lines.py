"""Lines: Chinese rules for first and last marks, Latin words whole, nothing lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.imaging.lines import CLOSING, OPENING, Block, balanced_lines, break_lines, fit, measure_at

WORDS = [
    "社群",
    "裂变",
    "读完",
    "Community",
    "10,000",
    "don't",
    "v2.1",
    "一",
    "人",
    "A",
    " ",
    "50%",
    "a@b.co",
]
MARKS = ["，", "。", "！", "？", "、", "；", "：", "）", "》", "”", "』", "」", "（", "《", "“", "「", "……"]


def one_each(text: str) -> float:
    """A typewriter: every character is one wide."""
    return float(len(text))


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """Words with at most one mark between two of them, as people write."""
    parts = draw(
        st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([*MARKS, "", "", ""])), max_size=40)
    )
    return " ".join("".join(word + mark for word, mark in parts).split())


widths = st.integers(min_value=24, max_value=60)


@given(sentences(), widths)
def test_no_line_is_too_wide(text: str, width: int) -> None:
    assert all(len(line) <= width for line in break_lines(text, width, one_each))


@given(sentences(), widths)
def test_nothing_is_lost_but_blanks_at_ends(text: str, width: int) -> None:
    joined = "".join(break_lines(text, width, one_each))
    assert joined.replace(" ", "") == text.replace(" ", "")


@given(sentences(), widths)
def test_lines_have_no_blanks_at_their_ends(text: str, width: int) -> None:
    assert all(line == line.strip() != "" for line in break_lines(text, width, one_each))


@given(sentences(), widths)
def test_no_line_starts_with_a_closing_mark(text: str, width: int) -> None:
    if not has_long_chain(text, width):
        assert all(line[0] not in CLOSING for line in break_lines(text, width, one_each)[1:])


@given(sentences(), widths)
def test_no_line_ends_with_an_opening_mark(text: str, width: int) -> None:
    if not has_long_chain(text, width):
        assert all(line[-1] not in OPENING for line in break_lines(text, width, one_each)[:-1])


def has_long_chain(text: str, width: int) -> bool:
    """Whether some run of Latin words and marks has no place to break in a whole line."""
    run = longest = 0
    for character in text:
        run = run + 1 if "!" <= character < "\u2000" or character in CLOSING + OPENING else 1
        longest = max(longest, run)
    return longest >= width


@given(sentences(), widths)
def test_latin_words_stay_whole(text: str, width: int) -> None:
    if has_long_chain(text, width):
        return
    lines = break_lines(text, width, one_each)
    for before, after in pairwise(lines):
        if before[-1].isascii() and after[0].isascii():
            assert before + after not in text


@given(sentences(), widths)
def test_balanced_lines_are_as_many_and_lose_nothing(text: str, width: int) -> None:
    plain, balanced = break_lines(text, width, one_each), balanced_lines(text, width, one_each)
    assert len(balanced) == len(plain)
    assert "".join(balanced).replace(" ", "") == "".join(plain).replace(" ", "")
    assert all(len(line) <= width for line in balanced)


@given(st.text(max_size=80), st.integers(min_value=1, max_value=12))
def test_any_text_at_any_width_is_broken(text: str, width: int) -> None:
    lines = break_lines(text, width, one_each)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("十个人，一百天", 3, ["十个", "人，一", "百天"]),
        ("一二三（四五）", 4, ["一二三", "（四五）"]),
        ("一二三《四五》。", 4, ["一二三", "《四", "五》。"]),
        ("读Community书", 10, ["读Community", "书"]),
        ("读Community书", 9, ["读", "Community", "书"]),
        ("共10,000人", 7, ["共10,000", "人"]),
        ("to be or not", 5, ["to be", "or", "not"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("，，，，，，", 4, ["，，，，", "，，"]),
        ("等等……好", 4, ["等等……", "好"]),
        ("", 4, []),
        ("   ", 4, []),
    ],
)
def test_examples(text: str, width: int, lines: list[str]) -> None:
    assert break_lines(text, width, one_each) == lines


def test_balance_ends_a_line_where_the_sense_pauses() -> None:
    assert balanced_lines("一百天，读完十本好书", 8, one_each) == ["一百天，", "读完十本好书"]


def test_balance_leaves_no_single_character_behind() -> None:
    assert balanced_lines("一二三四五六七八九", 8, one_each) in (
        ["一二三四", "五六七八九"],
        ["一二三四五", "六七八九"],
    )


# Fitting, with the real font


def test_short_text_takes_the_first_step() -> None:
    block = fit("读书会", 900, ((120, 1), (60, 2)))
    assert block.lines == ("读书会",)
    assert block.font.size == 120
    assert block.height == block.leading == 168
    assert 350 <= block.width <= 370


def test_longer_text_takes_a_smaller_step() -> None:
    assert fit("一二三四五六七八九十", 900, ((120, 1), (80, 1))).font.size == 80


def test_word_is_rather_small_than_broken() -> None:
    block = fit("Internationalization", 600, ((120, 3), (50, 1)), weight=800)
    assert block.lines == ("Internationalization",)


def test_too_long_text_ends_in_an_ellipsis() -> None:
    chinese = fit("很长的标题" * 50, 600, ((60, 2), (40, 2)))
    assert len(chinese.lines) == 2
    assert chinese.lines[-1].endswith("…")
    latin = fit("very long " * 50, 600, ((40, 2),))
    assert latin.lines[-1].endswith("\ue004")


def test_no_mark_stands_before_the_ellipsis() -> None:
    assert fit("好的，" * 100, 270, ((60, 1),)).lines == ("好的…",)
    assert "，…" not in fit("好，" * 100, 270, ((60, 1),)).lines[0]


def test_asked_for_breaks_are_kept() -> None:
    assert fit("十个人\n一百天\r\n一本书", 900, ((60, 3),)).lines == ("十个人", "一百天", "一本书")
    assert fit("\n\n十个人\n\n", 900, ((60, 3),)).lines == ("十个人",)


@pytest.mark.parametrize("text", ["", " ", "\n", "🌸", "\u202e", "مرحبا"])
def test_nothing_to_draw_gives_an_empty_block(text: str) -> None:
    block = fit(text, 900, ((60, 3),))
    assert (block.lines, block.height, block.width) == ((), 0, 0)


@given(st.text(max_size=500), st.integers(min_value=80, max_value=900))
def test_any_text_fits_its_box(text: str, width: int) -> None:
    block = fit(text, width, ((48, 1), (30, 3)))
    assert len(block.lines) <= 3
    assert all(block.font.getlength(line) <= width + 1 for line in block.lines)


def test_measure_is_what_the_font_draws() -> None:
    for text in ("读完 Community，10,000 人", "AVATAR To We", "…—"):
        assert measure_at(40, 700)(text) == pytest.approx(
            fit(text, 2000, ((40, 1),), weight=700).font.getlength(text)
        )


def test_block_without_lines_has_no_height() -> None:
    assert Block((), fit("x", 100, ((20, 1),)).font, 30, 0).height == 0
