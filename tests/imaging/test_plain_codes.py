"""Codes computed as other writers draw them: a reader that knows nothing of them reads every one without an error."""

from __future__ import annotations

import random
import string

import numpy as np
import pytest
import zxingcpp

from tenfold.imaging.decoys import MASKS, Way, decoys, drawn, like
from tenfold.imaging.plain_codes import plain_modules
from tenfold.imaging.proving import Modules, margin_of
from tenfold.imaging.qr import CodeFacts, code_facts

LETTERS = {"digits": string.digits, "upper": "ABCXYZ0189/:.-", "any": string.ascii_letters + string.digits}


def read(modules: np.ndarray) -> zxingcpp.Barcode:
    picture = 255 - np.kron(np.pad(modules, 4), np.ones((4, 4), np.uint8)) * 255
    (code,) = zxingcpp.read_barcodes(picture)
    return code


@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_all_lengths_are_read_as_they_were_written(kind: str, level: str) -> None:
    dice = random.Random(kind + level)
    for length in (1, 2, 7, 13, 31, 64, 90, 130, 170, 200):
        text = "".join(dice.choices(LETTERS[kind], k=length))
        mask = dice.choice(MASKS)
        modules = plain_modules([text], level, masks=[mask])
        assert modules is not None
        code = read(modules[0, 0])
        assert code.text == text
        assert isinstance(code.extra, dict)
        told = {key: code.extra[key] for key in ("UEC", "ECLevel", "DataMask", "Version")}
        version = str((modules.shape[-1] - 17) // 4)
        assert told == {"UEC": 1.0, "ECLevel": level, "DataMask": mask, "Version": version}


def test_many_texts_at_once_are_those_one_by_one() -> None:
    texts = ["https://a.example/AbC1", "https://a.example/xYz2", "https://a.example/0000"]
    together = plain_modules(texts, "Q")
    assert together is not None
    for text, modules in zip(texts, together, strict=True):
        alone = plain_modules([text], "Q")
        assert alone is not None
        assert (alone[0] == modules).all()


def test_other_way_of_filling_up_says_the_same() -> None:
    usual, other = (plain_modules(["abcdefg"], "M", starts_empty=flag) for flag in (False, True))
    assert usual is not None
    assert other is not None
    assert (usual != other).any()
    assert [read(each).text for each in other[0]] == ["abcdefg"] * 8


def test_text_that_no_code_of_these_sizes_holds_is_none() -> None:
    assert plain_modules(["x" * 600], "L") is None
    assert drawn("x" * 4000, None) == ()
    assert drawn("点", code_facts("A")) == ()


def test_own_writer_is_among_the_ways_where_it_splits_a_text() -> None:
    text = "https://a.example/c/12345678901234"
    ours = CodeFacts("", 0, "M", 3)
    ((_way, expected),) = drawn(text, ours)
    assert any(
        modules.shape == expected.shape and (modules == expected).all() for _way, modules in drawn(text, None)
    )


@pytest.mark.parametrize(
    "text", ["HTTPS://A.EXAMPLE/C/7K3M9QXP", "https://a.example/j/AbC123xyz", "1234567890"]
)
def test_decoys_are_other_codes_of_the_same_kind(text: str) -> None:
    way, own = drawn(text, None)[0]
    start, places = like(text, way)
    assert text.startswith(start)
    assert len(start) + len(places) == len(text)
    assert all(letter in letters for letter, letters in zip(text[len(start) :], places, strict=True))
    others = decoys(start, places, way, len(own))
    assert len(others) >= 100
    assert (others != own).any((1, 2)).all()
    assert all(read(other).text.startswith(start) for other in others[:5])


UPPER = string.ascii_uppercase + string.digits


@pytest.mark.parametrize(
    ("start", "places"),
    [
        # As bytes up to the small letters, the rest in the alphanumeric set: such codes have most modules in common.
        ("https://seat.example/c/a", ["bcd", *["0A1B2CXYZ"] * 6]),
        ("https://seat.example/c/", [*[string.ascii_lowercase] * 3, "_", *[UPPER] * 7]),
        ("https://seat.example/c/xyz?u=lU", [string.digits] * 3),
        ("https://seat.example/c/", [*[UPPER] * 2, *[string.digits] * 6]),
        ("https://seat.example/c/", [*[UPPER] * 4, *[string.digits] * 8]),
        ("HTTPS://SEAT.EXAMPLE/C/", [*[UPPER] * 4, "_", *[UPPER] * 6]),
        ("HTTPS://SEAT.EXAMPLE/C/", [UPPER] * 8),
    ],
)
def test_a_code_that_is_split_as_the_one_seen_is_not_taken_for_it(start: str, places: list[str]) -> None:
    dice = random.Random(5)
    texts = [start + "".join(map(dice.choice, places)) for _nth in range(30)]
    way, known = Way("Q", 6, is_plain=False), CodeFacts("", 0, "Q", 6)
    codes = [modules for text in texts for _way, modules in drawn(text, known)]
    seen = Modules((1 - codes[0]) * np.float32(255), blur=0.25, clearness=1.0)
    margins = []
    for text, code in zip(texts, codes, strict=True):
        if code.shape == codes[0].shape:
            others = decoys(*like(text, way), way, len(code))
            assert len(others) >= 100
            margins.append(margin_of(seen, code, others))
    assert len(margins) > 20
    assert margins[0] > 0.4
    assert max(margins[1:]) < 0
