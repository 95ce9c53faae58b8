"""Lines: Chinese rules for first and last marks, Latin words whole, nothing lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.imaging.lines import CLOSING, OPENING, balanced_lines, break_lines, shortened

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


def test_balance_keeps_signs_with_their_words_and_names_whole() -> None:
    assert balanced_lines("今天来聊聊#读书打卡这件事", 8, one_each) in (
        ["今天来聊聊", "#读书打卡这件事"],
        ["今天来聊聊#读", "书打卡这件事"],
    )
    assert all(line[0] != "·" for line in balanced_lines("一起读完列夫·托尔斯泰", 6, one_each))


def test_shortened_ends_in_the_ellipsis_of_its_script() -> None:
    assert shortened(["好的，好的，", "好的，好的"], 1, 4, one_each) == ["好的…"]
    assert shortened(["very long", "text"], 1, 9, one_each) == ["very lon\ue004"]
    assert shortened(["短"], 1, 4, one_each) == ["短"]
