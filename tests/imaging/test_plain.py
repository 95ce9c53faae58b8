"""Plain values as JSON and back: the same when honest, refused when not what they should be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest

from tenfold.imaging import plain
from tenfold.imaging.frames import MOST_BLOBS, MOST_BYTES, MOST_TOLD, Frame, Garbled, packed, unpacked
from tenfold.imaging.plain import Misread
from tenfold.imaging.qr import CodeFacts, FoundCode
from tenfold.imaging.seen import (
    Art,
    Claim,
    CodeSeen,
    Findings,
    Hint,
    PosterSeen,
    PostSeen,
    Quad,
    TextSeen,
)
from tenfold.imaging.shelf import MOST_KEPT, Shelf

QUAD: Quad = ((1.0, 2.0), (3.0, 2.0), (3.0, 4.5), (1.0, 4.0))
FINDINGS = Findings(
    1080,
    2340,
    codes=(FoundCode("HTTPS://A.EXAMPLE/C/1", "QRCode", ((1, 2), (3, 2), (3, 4), (1, 4))),),
    screen="post",
    poster=PosterSeen("art", QUAD, 0.9, is_cropped=True),
    code=CodeSeen("matched", 0.4, 2.2, QUAD),
    post=PostSeen(TextSeen("5分钟前", QUAD, 0.99), 5, 6, "restricted", QUAD, name_share=None),
    person_share=0.5,
    hints=(Hint("seam", QUAD, 0.2),),
    fingerprint=bytes(range(256)),
    spent_ms={"open": 1.5},
)


def told(**change: Any) -> dict[str, Any]:
    whole: dict[str, Any] = plain.told(FINDINGS)
    return whole | change


def test_findings_come_back_as_they_were() -> None:
    assert plain.read(Findings, json.loads(json.dumps(plain.told(FINDINGS)))) == FINDINGS
    assert plain.read(Findings, plain.told(Findings(1, 2))) == Findings(1, 2)


def test_what_was_kept_before_a_field_was_there_can_be_read_and_what_nobody_knows_is_left_out() -> None:
    assert plain.read(Findings, {"width": 1, "height": 2, "later": [1]}) == Findings(1, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"width": "1"},
        {"width": 1.5},
        {"width": True},
        {"width": 2**60},
        {"width": None},
        {"person_share": float("nan")},
        {"person_share": float("inf")},
        {"person_share": 10**400},
        {"person_share": "0.5"},
        {"person_share": True},
        {"screen": "anything"},
        {"screen": ["post"]},
        {"codes": {}},
        {"codes": [[]]},
        {"codes": "QR"},
        {"fingerprint": "no base64!"},
        {"fingerprint": 1},
        {"spent_ms": {"open": None}},
        {"poster": {"art": "a"}},
        {"poster": {"art": "a", "quad": [[1, 2]] * 3, "score": 1}},
        {"poster": {"art": "a", "quad": [[1, 2, 3]] * 4, "score": 1}},
        {"hints": [{"kind": 1, "quad": [[1, 2]] * 4, "strength": 0}]},
    ],
)
def test_what_is_not_what_it_should_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Misread):
        plain.read(Findings, told(**change))


def test_whatever_is_no_object_is_refused() -> None:
    for other in (None, 1, "x", [], [told()]):
        with pytest.raises(Misread):
            plain.read(Findings, other)


def test_texts_can_be_kept_by_any_database() -> None:
    code = asdict(FINDINGS.codes[0]) | {"text": "a\x00b\ud800c"}
    found = plain.read(Findings, told(codes=[code | {"corners": [[1, 2]] * 4}]))
    assert found.codes[0].text == "ab?c"


@dataclass(frozen=True)
class Deep:
    below: Deep | None = None


def test_what_is_too_deep_is_refused() -> None:
    nested: dict[str, Any] = {}
    for _ in range(10_000):
        nested = {"below": nested}
    with pytest.raises(Misread):
        plain.read(Deep, nested)


def test_numbers_of_numpy_are_told_as_ours() -> None:
    numpy = pytest.importorskip("numpy")
    found = replace(FINDINGS, width=numpy.int64(7), person_share=numpy.float32(0.5))
    assert plain.read(Findings, json.loads(json.dumps(plain.told(found)))).width == 7
    with pytest.raises(Misread):
        plain.told(replace(FINDINGS, person_share=float("nan")))


# Frames


def through(pieces: list[bytes]) -> Frame:
    return read_from(b"".join(pieces))


def read_from(data: bytes) -> Frame:
    at = [0]

    def take(count: int) -> bytes:
        at[0] += count
        if at[0] > len(data):
            raise EOFError
        return data[at[0] - count : at[0]]

    return unpacked(take)


def test_a_frame_comes_through() -> None:
    frame = Frame({"do": "clean", "max_side": 3, "words": "é\x00"}, (b"", b"abc", bytes(70_000)))
    assert through(packed(frame)) == frame
    assert through(packed(Frame())) == Frame()


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"nope",
        b"[]",
        b"1",
        b"{}",
        b'{"blobs": 1}',
        b'{"blobs": [-1]}',
        b'{"blobs": [true]}',
        b'{"blobs": [1.0]}',
        b'{"blobs": ["1"]}',
        b'{"blobs": [%d]}' % (MOST_BYTES + 1),
        b'{"blobs": [%d]}' % 10**30,
        b'{"blobs": [' + b"0," * MOST_BLOBS + b"0]}",
        b"[" * 100_000,
        b"9" * 10_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_frame_is_refused_before_anything_is_kept(head: bytes) -> None:
    with pytest.raises(Garbled):
        read_from(len(head).to_bytes(4) + head)


def test_too_much_told_is_not_even_read() -> None:
    with pytest.raises(Garbled):
        read_from((MOST_TOLD + 1).to_bytes(4))


# Claims


def art(key: str) -> Art:
    return Art(key, f"picture of {key}".encode(), (1, 2, 3, 4), ((5, 6, 7, 8),), name_box=(1, 1, 2, 2))


def claim(*keys: str, code: str = "A") -> Claim:
    facts = CodeFacts("writer", 3, "M", 5)
    return Claim(tuple(map(art, keys)), code, facts, "小明", (b"poster",), ("words",))


def test_each_art_is_sent_once() -> None:
    here, there = Shelf(), Shelf()
    sizes = []
    for asked in (claim("a", "b"), claim("b", "c"), claim("a"), claim("c", "b", "a", code="B")):
        frame = through(packed(here.packed(asked)))
        assert there.unpacked(frame.told, frame.blobs) == asked
        sizes.append(len(frame.blobs) - 1)
    assert sizes == [2, 1, 0, 0]


def test_both_sides_forget_the_same_ones() -> None:
    here, there = Shelf(), Shelf()
    for nth in [*range(MOST_KEPT + 10), 3, MOST_KEPT, 3, *range(50)]:
        asked = claim(str(nth), "always", str(nth))
        frame = here.packed(asked)
        assert there.unpacked(frame.told, frame.blobs) == asked
    assert len(here._arts) == len(there._arts) == MOST_KEPT


def test_the_same_art_is_the_same_object_each_time() -> None:
    here, there = Shelf(), Shelf()
    found = [
        there.unpacked(frame.told, frame.blobs)
        for frame in (here.packed(claim("a")), here.packed(claim("a")))
    ]
    assert found[0].arts[0] is found[1].arts[0]


def test_more_arts_than_are_kept_still_come_through() -> None:
    here, there = Shelf(), Shelf()
    asked = claim(*(str(nth) for nth in range(MOST_KEPT + 5)))
    for _ in range(2):
        frame = here.packed(asked)
        assert there.unpacked(frame.told, frame.blobs) == asked
