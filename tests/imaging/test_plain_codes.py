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


def test_a_code_that_is_split_as_the_one_seen_is_not_taken_for_it() -> None:
    """As bytes up to its small letters, the rest in the alphanumeric set: such codes have most modules in common."""
    dice = random.Random(5)
    texts = [
        f"https://seat.example/c/a{dice.choice('bcd')}" + "".join(dice.choices("0A1B2CXYZ", k=6))
        for _ in range(40)
    ]
    way = Way("Q", 6, is_plain=False)
    codes = [modules for text in texts for drawn_way, modules in drawn(text, None) if drawn_way == way]
    others = [decoys(*like(text, way), way, len(codes[0])) for text in texts]
    assert all(len(each) >= 100 for each in others)
    assert {read(other).text[-6:].isupper() for other in others[0][:10]} == {True}
    seen = Modules((1 - codes[0]) * np.float32(255), blur=0.25, clearness=1.0)
    margins = [margin_of(seen, code, each) for code, each in zip(codes, others, strict=True)]
    assert margins[0] > 0.5
    assert max(margins[1:]) < 0
