"""The whole look at a screenshot, part by part. Needs OpenCV; `examine` is the door."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np
import zxingcpp

from tenfold.imaging.arts import Array, prepared
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.fitting import Sight
from tenfold.imaging.hints import hints
from tenfold.imaging.persona import person_share
from tenfold.imaging.post import read_post
from tenfold.imaging.proving import Patch, decoded, proved
from tenfold.imaging.qr import ENLARGED_SIDE, READING_SIDE, FoundCode
from tenfold.imaging.reading import open_picture
from tenfold.imaging.registering import CodeAt, placed, placed_around, placed_by_look, quad_of
from tenfold.imaging.screens import screen_of
from tenfold.imaging.seen import (
    PROVEN,
    Claim,
    CodeSeen,
    Findings,
    Hint,
    PosterSeen,
    PostSeen,
    Quad,
    Screen,
    Want,
)

# Nothing is written beside this. Beside a picture in a chat or in a viewer neither; where something is, it is a
# post, cut to look so.
SILENT: frozenset[Screen] = frozenset({"file"})
BARE: frozenset[Screen] = frozenset({"chat", "viewer"})
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


@dataclass(frozen=True)
class Placed:
    """What was found of the poster and its code; `codes` are all that were read, anywhere."""

    poster: PosterSeen | None
    code: CodeSeen | None
    codes: tuple[FoundCode, ...]

    @property
    def is_proven(self) -> bool:
        return (
            self.poster is not None
            and self.poster.score >= PROVEN
            and self.code is not None
            and self.code.proven != ""
        )

    @property
    def may_be_covered(self) -> bool:
        """Whether their own code was read, on a poster of which too little is seen to be proven."""
        is_alike = self.poster is not None and self.poster.score < PROVEN
        return is_alike and self.code is not None and self.code.proven == "decoded"


def look(picture: bytes, claim: Claim, wants: frozenset[Want]) -> Findings:
    """Raises Unreadable for what is no picture."""
    clock = Clock()
    with clock.part("open"):
        sight = Sight(np.asarray(open_picture(picture, max_side=READING_SIDE)))
    found = _placed_in(sight, claim, clock)
    screen, post = _around(sight, claim, found, wants, clock)
    poster, code, pixels = found.poster, found.code, sight.picture
    person: float | None = None
    signs: tuple[Hint, ...] = ()
    with clock.part("signs"):
        if poster is not None and found.is_proven and "person" in wants:
            person = person_share(pixels, poster, claim)
        if "hints" in wants:
            signs = hints(pixels, poster, code, post)
    with clock.part("fingerprint"):
        known_by = _fingerprint(sight, claim, found)
    width, height = sight.size
    return Findings(
        width, height, found.codes, screen, poster, code, post, person, signs, known_by, clock.spent
    )


def _fingerprint(sight: Sight, claim: Claim, found: Placed) -> bytes:
    poster = found.poster if found.poster is not None and found.poster.score >= PROVEN else None
    code: Quad | None = None
    if poster is not None and not poster.is_cropped:
        art = next(art for art in claim.arts if art.key == poster.art)
        code = quad_of(Patch(sight, poster, art).corners)
    elif poster is None and found.codes:
        code = quad_of(np.array(found.codes[0].corners, float))
    return fingerprint(sight.picture, poster, code)


def _placed_in(sight: Sight, claim: Claim, clock: Clock) -> Placed:
    with clock.part("codes"):
        # The claimed one first: of two posters on a screen it tells which is meant.
        read = sorted(codes_in(sight.grey), key=lambda each: each[0].text != claim.code_text)
    with clock.part("poster"):
        poster = _poster(sight, claim, read)
    codes = tuple(code for code, _at in read)
    with clock.part("code"):
        if poster is None:
            return _unplaced(sight, claim, codes)
        first = Placed(poster, *proved(sight, poster, claim, codes))
    if first.is_proven or poster.score < PROVEN:
        return first
    with clock.part("beside"):
        return _beside(sight, claim, first) or first


def _beside(sight: Sight, claim: Claim, first: Placed) -> Placed | None:
    """The same poster once more, with the claimed code: a friend's may stand above one's own."""
    assert first.poster is not None
    art = next(art for art in claim.arts if art.key == first.poster.art)
    other = placed(sight, prepared(art), beside=first.poster)
    if other is None or other.score < PROVEN:
        other = placed_by_look(sight, prepared(art), beside=first.poster)
    if other is None:
        return None
    second = Placed(other, *proved(sight, other, claim, first.codes))
    return second if second.is_proven else None


def _unplaced(sight: Sight, claim: Claim, codes: tuple[FoundCode, ...]) -> Placed:
    """No poster: the codes alone, looked for once more in a larger picture where none was read."""
    if not codes and max(sight.size) <= ENLARGED_SIDE:
        double = cv2.resize(sight.grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        codes = tuple(code for code, _at in codes_in(np.asarray(double), 2))
    own = next((code for code in codes if code.text == claim.code_text), None)
    return Placed(None, decoded(own, claim) if own else None, codes)


def _around(
    sight: Sight, claim: Claim, found: Placed, wants: frozenset[Want], clock: Clock
) -> tuple[Screen, PostSeen | None]:
    """The kind of screen, and what the post says: read only where the code is proven, for else it proves nothing. Of a
    poster that may be covered a person is asked, who is told what may be wrong with the post."""
    poster = found.poster if found.poster is not None and found.poster.score >= PROVEN else None
    art = next((art for art in claim.arts if poster is not None and art.key == poster.art), None)
    pixels, same = (prepared(art).colours, prepared(art).mask) if art is not None else (None, None)
    with clock.part("screen"):
        screen = screen_of(sight.picture, poster, art=pixels, same=same)
    shown = found.poster if found.is_proven or found.may_be_covered else None
    if shown is None or "text" not in wants or screen in SILENT:
        return screen, None
    with clock.part("text"):
        today = date.fromisoformat(claim.sent_on) if claim.sent_on else None
        post = read_post(sight.picture, shown, claim, today=today)
        screen = screen_of(sight.picture, poster, post=post, art=pixels, same=same)
        # What stands around a message are other messages, no caption of its own.
        return screen, None if screen in BARE and post.audience != "restricted" else post


def codes_in(grey: Array, enlarged: int = 1) -> list[tuple[FoundCode, CodeAt]]:
    """Every code that a reader reads in the picture, and where its modules lie."""
    found = zxingcpp.read_barcodes(grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    return [(_found(code, enlarged), _at(code)) for code in found]


def _found(code: zxingcpp.Barcode, enlarged: int) -> FoundCode:
    first, second, third, fourth = ((x // enlarged, y // enlarged) for x, y in _corners(code))
    return FoundCode(code.text, code.format.name, (first, second, third, fourth))


def _at(code: zxingcpp.Barcode) -> CodeAt:
    # A corner is told as the last pixel inside, whose far edge is that of the code.
    return CodeAt(np.array(_corners(code), float) + 0.5, 17 + 4 * int(str(_about(code).get("Version", 1))))


def _about(code: zxingcpp.Barcode) -> dict[str, object]:
    return code.extra if isinstance(code.extra, dict) else {}


def _corners(code: zxingcpp.Barcode) -> list[tuple[int, int]]:
    at = code.position
    return [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]


def _poster(sight: Sight, claim: Claim, read: Sequence[tuple[FoundCode, CodeAt]]) -> PosterSeen | None:
    """The first poster of the claim that is proven, else the one that is likest. What tells more comes first, for all
    of them: a friend may have posted another one of these above."""
    own = [at for code, at in read if code.text == claim.code_text]
    if len(claim.arts) > 1 and own:
        around = (placed_around(sight, prepared(art), at) for at in own for art in claim.arts)
        if (seen := next((seen for seen in around if _is_sure(seen)), None)) is not None:
            return seen
    best: PosterSeen | None = None
    for art in claim.arts:
        seen = placed(sight, prepared(art), [at for _code, at in read])
        if seen is not None and (best is None or seen.score > best.score):
            best = seen
        if _is_sure(best):
            return best
    by_look = (placed_by_look(sight, prepared(art)) for art in claim.arts)
    return next((seen for seen in by_look if seen is not None), best)


def _is_sure(seen: PosterSeen | None) -> bool:
    return seen is not None and seen.score >= PROVEN
