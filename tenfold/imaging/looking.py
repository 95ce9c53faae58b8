"""The whole look at a screenshot, part by part. Needs OpenCV; `examine` is the door."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import zxingcpp

from tenfold.imaging.arts import Array, prepared
from tenfold.imaging.examine import Want
from tenfold.imaging.fitting import Sight
from tenfold.imaging.persona import person_share
from tenfold.imaging.proving import proved
from tenfold.imaging.qr import READING_SIDE, FoundCode
from tenfold.imaging.reading import open_picture
from tenfold.imaging.registering import PROVEN, CodeAt, placed
from tenfold.imaging.seen import Claim, CodeSeen, Findings, PosterSeen

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)


class Clock:
    """CPU milliseconds of each part of a look."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        before = time.process_time()
        try:
            yield
        finally:
            self.spent[name] = round(self.spent.get(name, 0.0) + (time.process_time() - before) * 1000, 2)


def look(picture: bytes, claim: Claim, wants: frozenset[Want]) -> Findings:
    """Raises Unreadable for what is no picture."""
    clock = Clock()
    with clock.part("open"):
        sight = Sight(np.asarray(open_picture(picture, max_side=READING_SIDE)))
    with clock.part("codes"):
        read = codes_in(sight.grey)
    with clock.part("poster"):
        poster = _poster(sight, claim, [at for _code, at in read])
    codes = [code for code, _at in read]
    code: CodeSeen | None = None
    if poster is not None:
        with clock.part("code"):
            code = proved(sight, poster, claim, codes)
    person: float | None = None
    if poster is not None and code is not None and code.proven and "person" in wants:
        with clock.part("person"):
            person = person_share(sight.picture, poster, claim)
    width, height = sight.size
    return Findings(
        width, height, tuple(codes), poster=poster, code=code, person_share=person, spent_ms=clock.spent
    )


def codes_in(grey: Array) -> list[tuple[FoundCode, CodeAt]]:
    """Every code that a reader reads in the picture, and where its modules lie."""
    found = zxingcpp.read_barcodes(grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    return [(_found(code), _placed(code)) for code in found]


def _found(code: zxingcpp.Barcode) -> FoundCode:
    first, second, third, fourth = _corners(code)
    return FoundCode(code.text, code.format.name, (first, second, third, fourth))


def _placed(code: zxingcpp.Barcode) -> CodeAt:
    # A corner is told as the last pixel inside, whose far edge is that of the code.
    return CodeAt(np.array(_corners(code), float) + 0.5, 17 + 4 * int(str(_about(code).get("Version", 1))))


def _about(code: zxingcpp.Barcode) -> dict[str, object]:
    return code.extra if isinstance(code.extra, dict) else {}


def _corners(code: zxingcpp.Barcode) -> list[tuple[int, int]]:
    at = code.position
    return [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]


def _poster(sight: Sight, claim: Claim, codes: Sequence[CodeAt]) -> PosterSeen | None:
    """The first poster of the claim that is proven, else the one that is likest."""
    best: PosterSeen | None = None
    for art in claim.arts:
        seen = placed(sight, prepared(art), codes)
        if seen is not None and (best is None or seen.score > best.score):
            best = seen
        if best is not None and best.score >= PROVEN:
            break
    return best
