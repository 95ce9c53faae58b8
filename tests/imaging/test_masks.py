"""Codes under a mask of our choice: the same text, the same everywhere."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tenfold.imaging.masks import level_and_mask, version_of
from tenfold.imaging.qr import WRITER, CodeFacts, code_facts, qr_modules

ADDRESS = "HTTP://TENFOLD.EXAMPLE/C/7K3M9Q"
EYE = (0, 0, 7, 7)


def text_in(modules: Image.Image) -> str:
    side = (modules.width + 8) * 4
    plate = Image.new("L", (side, side), 255)
    plate.paste(modules.resize((modules.width * 4,) * 2, Image.Resampling.NEAREST), (16, 16))
    return str(zxingcpp.read_barcodes(plate)[0].text)


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:abc", min_size=1, max_size=150),
    st.sampled_from("MQ"),
    st.integers(0, 7),
    st.integers(1, 12),
)
def test_code_under_any_mask_says_the_same(text: str, level: str, mask: int, version: int) -> None:
    modules = qr_modules(text, facts=CodeFacts("any", version, level, mask))
    assert level_and_mask(modules) == (level, mask)
    assert version_of(modules) >= version
    assert text_in(modules) == text


@given(st.text("ABC012/:.", min_size=1, max_size=60), st.sampled_from("MQ"))
def test_the_writers_own_mask_gives_the_code_it_writes_unasked(text: str, level: str) -> None:
    written = qr_modules(text, level=level)
    facts = CodeFacts("any", version_of(written), *level_and_mask(written))
    assert qr_modules(text, facts=facts).tobytes() == written.tobytes()


@pytest.mark.parametrize("version", [1, 2, 7, 9, 14])
def test_eyes_and_lines_stay(version: int) -> None:
    codes = [qr_modules("TENFOLD", facts=CodeFacts("any", version, "M", mask)) for mask in range(8)]
    side = codes[0].width
    for area in [EYE, (side - 7, 0, side, 7), (0, side - 7, 7, side), (6, 0, 7, side), (0, 6, side, 7)]:
        assert len({code.crop(area).tobytes() for code in codes}) == 1
    assert len({code.tobytes() for code in codes}) == 8


def test_facts_are_those_of_the_code() -> None:
    facts = code_facts(ADDRESS, level="Q")
    assert (facts.writer, facts.version, facts.level) == (WRITER, 3, "Q")
    assert qr_modules(ADDRESS, facts=facts).tobytes() == qr_modules(ADDRESS, level="Q").tobytes()


def test_longer_text_than_the_facts_allow_takes_a_larger_code() -> None:
    facts = code_facts(ADDRESS)
    longer = qr_modules(ADDRESS * 3, facts=facts)
    assert version_of(longer) > facts.version
    assert level_and_mask(longer) == (facts.level, facts.mask)


def test_code_by_another_writer_under_the_same_mask_is_the_same() -> None:
    """Rows of a version 2 code of level M under mask 5, as segno 1.6 writes it."""
    modules = qr_modules("HTTPS://T.EXAMPLE/ABC", facts=CodeFacts("any", 2, "M", 5))
    rows = [modules.crop((0, y, 25, y + 1)).tobytes() for y in range(25)]
    assert ["".join("#" if not dot else "." for dot in row) for row in rows] == BY_SEGNO


BY_SEGNO = [
    "#######........##.#######",
    "#.....#.#..#.##.#.#.....#",
    "#.###.#.##..##.#..#.###.#",
    "#.###.#.#.......#.#.###.#",
    "#.###.#....##..##.#.###.#",
    "#.....#...#....#..#.....#",
    "#######.#.#.#.#.#.#######",
    "........#..##.###........",
    "#.....#.###......##..###.",
    ".##.##.##.####..#..####..",
    ".....##..#.#####..###..##",
    "..#....#######.....#.#...",
    "##.######...##.#####.###.",
    "#.##...#.......###.###...",
    "#...#.###..##..#.#..###..",
    "#.##.#..#.##...####.#.###",
    "#.#...###.##....#####.#.#",
    "........#.#.#####...####.",
    "#######...##...##.#.#.##.",
    "#.....#...#.##..#...###..",
    "#.###.#..#..#.#.#####....",
    "#.###.#..##...##..#####.#",
    "#.###.#....##..#...#....#",
    "#.....#..###..##...###...",
    "#######.#.#..#####.######",
]
