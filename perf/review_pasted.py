"""A friend's screenshot with a code of one's own put in, as somebody makes who has shared nothing.

Nobody may be approved for it. The sender's own poster is part of what they claim, as it is of what the worker is given:
where the friend's code is covered by one's own, only face and name are still the friend's.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from PIL import Image

from perf.review_copies import encoded
from perf.review_looks import Seen, cleaned, look_at, verdict
from perf.review_pairs import code_plate, match, stamped
from perf.review_set import ScreenSet, dice_of, fresh
from tenfold.imaging.seen import Art, Claim, Quad
from tenfold.imaging.shapes import Box

# Pixels a side: what a reader surely reads.
READABLE = 110
LANCZOS = Image.Resampling.LANCZOS
Square = tuple[int, int, int]
"""Left, top, side in a screenshot."""


@dataclass(frozen=True)
class PastedSeen:
    """`approvals` counts by itself and held against the friend's screenshot."""

    file: str
    place: str
    approvals: int
    has_own_code: bool
    person_share: float | None


def pasted_seen(screens: ScreenSet, bases: Iterable[Seen]) -> Iterator[PastedSeen]:
    from tenfold.imaging.likeness import alike

    for base in bases:
        claim = sender(screens, base)
        for place, picture in pasted(screens.picture(base.label), base, claim):
            found = look_at(cleaned(picture), claim)
            same = match(alike(found.fingerprint, base.findings.fingerprint).kind, is_own=False)
            outcomes = [verdict(found, claim)[0], verdict(found, claim, same)[0]]
            own = found.code is not None and bool(found.code.proven)
            yield PastedSeen(base.label.file, place, outcomes.count("pass"), own, found.person_share)


def sender(screens: ScreenSet, base: Seen) -> Claim:
    """Somebody else of the same campaign, with a poster of their own."""
    from tenfold.simulation.names import some_nickname

    claim, dice = screens.claim(base.label), dice_of(base.label, "sender")
    text, name = fresh(claim.code_text, dice), some_nickname(dice)[0]
    return replace(claim, code_text=text, nickname=name, posters=(stamped(claim.arts[0], text, name),))


def pasted(picture: bytes, base: Seen, claim: Claim) -> Iterator[tuple[str, bytes]]:
    """(place, picture) of each place that there is."""
    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    poster, art = base.findings.poster, claim.arts[0]
    if poster is None:
        return
    for place, find in PLACES.items():
        square = find(image.size, poster.quad, art)
        if square is not None:
            left, top, side = square
            made = image.copy()
            made.paste(
                code_plate(claim.code_text, (0, 0, 4 * side, 4 * side)).resize((side, side), LANCZOS),
                (left, top),
            )
            yield place, encoded(made)


def _on(quad: Quad, box: Box, size: tuple[int, int]) -> Square:
    """Where a square of the poster lies in the screenshot, which is straight."""
    (left, top), _, (right, bottom), _ = quad
    across, down = (right - left) / size[0], (bottom - top) / size[1]
    return round(left + box[0] * across), round(top + box[1] * down), round((box[2] - box[0]) * across)


def _over(_size: tuple[int, int], quad: Quad, art: Art) -> Square:
    left, top, side = _on(quad, art.code_box, _canvas(art))
    return left - 1, top - 1, side + 2


def _face(_size: tuple[int, int], quad: Quad, art: Art) -> Square | None:
    if art.avatar_box is None:
        return None
    left, top, side = _on(quad, art.avatar_box, _canvas(art))
    return left, top, max(side, READABLE)


def _corner(_size: tuple[int, int], quad: Quad, art: Art) -> Square:
    """Of the poster, the one that is farthest from its code."""
    (left, top), _, (right, bottom), _ = quad
    x, y, code = _on(quad, art.code_box, _canvas(art))
    side = max(code, READABLE)
    at_left, at_top = x + code / 2 > (left + right) / 2, y + code / 2 > (top + bottom) / 2
    return round(left if at_left else right - side), round(top if at_top else bottom - side), side


def _beside(size: tuple[int, int], quad: Quad, _art: Art) -> Square | None:
    """Where the screenshot has most room beside the poster, if it has enough."""
    (left, top), _, (right, bottom), _ = quad
    rooms: dict[Square, float] = {
        (0, round(top), READABLE): left,
        (round(right) + 1, round(top), READABLE): size[0] - right - 1,
        (round(left), 0, READABLE): top,
        (round(left), round(bottom) + 1, READABLE): size[1] - bottom - 1,
    }
    place = max(rooms, key=lambda place: rooms[place])
    return place if rooms[place] >= READABLE else None


def _canvas(art: Art) -> tuple[int, int]:
    with Image.open(io.BytesIO(art.picture)) as opened:
        return opened.size


PLACES: dict[str, Callable[[tuple[int, int], Quad, Art], Square | None]] = {
    "in a corner": _corner,
    "over the face": _face,
    "beside it": _beside,
    "over the code": _over,
}
