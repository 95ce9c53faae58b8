"""Whether two screenshots are one: told from their fingerprints, long after the pictures are erased.

Honest people share the poster, the words and the layout; each has a face, a name, a code and a clock of their own.
So it does not count how much is alike, but whether anything differs where an edited copy has no reason to: two prints
are of one shot where every part that shows something is the same in both, but for the clock and the line with the
age of the post, the two that are painted over to send a shot again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tenfold.imaging.blocks import Mask, barred, blocks, boxes, largest
from tenfold.imaging.laying import Laid, fitted, laid
from tenfold.imaging.prints import CODE_SIDE, Grey, Places, Print, age_at, clock_at, read
from tenfold.imaging.seen import Kind, Likeness, Quad

FOUND: frozenset[Kind] = frozenset({"same", "cropped", "clock_edited", "age_edited", "retaken"})

BLOCK = 3
"""Pixels of the laid prints across a block: somewhat less than a line of text is high."""
CODE_ALIKE = 0.55
CODE_SAME = 0.8
"""The same of the inside of the code: below the first it is another, from the second on it is surely the same. Codes of
different people, of 134,000 pairs, are alike by 0.762 at most: their addresses begin alike."""
HOPELESS = 0.8
"""A share of parts that are alike below which laying the two more exactly cannot make them one shot: but of a poster
that fills the screen, where all is strokes, and a pixel beside its place none is like itself."""
FILLS = 0.7  # of a frame's width, a poster that fills it
LIKELY = 0.9
"""The share that two shots of one person's have in common if one may be made of the other. Where they forwarded again
into the same surroundings it is as high, but then both clock and age are others."""
STRAY, STRAY_SAME_CODE = 2, 8
MANY_STRAY, MANY_STRAY_SAME_CODE = 8, 40
"""So many blocks may differ by chance in one place, and in all; more where the code says that it is one person's."""
BUSY = 900
STRAY_BUSY, SHARE_BUSY = 6, 0.026
CODE_ALIKE_BUSY = 0.3
"""The same where so many blocks show something, as of a poster that fills the screen. Scaling leaves noise in more of
them, in up to 2.1 % of copies that were measured; but somebody else's face, name and code are so large then that of 924
honest pairs each differs in 14 blocks and more in one place, and in 3.5 % of all.
A code that was cut out a little off is like itself by no more than that."""
FINE_BLOCK = 5
EDGE = 2
PAINTED = 2
"""In the finer strips: so many blocks that differ are no chance."""
FRAMED = 0.012
"""Share of its width by which a frame may lie beside another that is said to be the same."""
ENOUGH = 24
"""Blocks that show something, and that are alike beside clock and age, without which nothing can be said."""
MOST_BARRED = 0.35
"""Of the blocks that show something, those that a bar may hide; what hides more is another screen's empty page."""
CROPPED = 0.97
"""The share of either picture that has to be in both, or it is cropped."""
CLOCK_HIGH = 0.12
TILTED_CLOCK_HIGH = 0.35
TILT = 0.015
AGE_HIGH = 0.17
"""Shares of the screen's width: where the clock and the line with the age are looked for."""


NOTHING = Likeness(0.0, (), "other")


def alike(a: bytes, b: bytes) -> Likeness:
    """Compare two fingerprints. What is no fingerprint is like nothing; nothing raises."""
    first, second = read(a), read(b)
    if first is None or second is None:
        return NOTHING
    best = NOTHING
    for pair, b_grey in _ways(first, second):
        found = _compared(pair, b_grey)
        best = max(best, found, key=lambda each: (each.kind in FOUND, each.kind == "likely", each.share))
        is_hopeless = pair.is_by_poster and best.share < HOPELESS and not _fills(first)
        if best.kind in FOUND or is_hopeless:
            break
    return best


def _ways(first: Print, second: Print) -> Iterator[tuple[Laid, Grey]]:
    """As they are laid, and fitted more exactly; the quickest first."""
    for pair in laid(first, second):
        yield pair, pair.b
        yield pair, fitted(pair.a, pair.b)


def _compared(pair: Laid, b: Grey) -> Likeness:
    shows, differs = blocks(pair.a, b, BLOCK)
    hidden = shows & barred(pair.a, b, BLOCK)
    if int(hidden.sum()) <= MOST_BARRED * int(shows.sum()):
        shows, differs = shows & ~hidden, differs & ~hidden
    count = int(shows.sum())
    if count < ENOUGH:
        return NOTHING
    share = 1 - int(differs.sum()) / count
    code = _code_fit(pair)
    clock, age = _zones(pair, differs.shape, is_same_code=code is not None and code >= CODE_SAME)
    elsewhere = differs & ~clock & ~age
    if int((shows & ~differs & ~clock & ~age).sum()) < ENOUGH:
        return NOTHING
    is_remains = pair.first.is_remains or pair.second.is_remains
    if is_remains and (code is None or code < CODE_SAME):
        return NOTHING
    if not _is_by_chance(elsewhere, count, code):
        return Likeness(
            share,
            boxes(pair.of_first, BLOCK, differs),
            _unless_new(pair, share, code, (differs & clock, differs & age)),
        )
    if is_remains:
        return Likeness(share, (), "retaken")
    in_clock, in_age = _clock(pair, differs & clock), _age(pair, differs & age)
    kind = _kind(pair, is_clock=bool(in_clock), is_age=bool(in_age))
    return Likeness(share, in_clock + in_age, kind)


def _unless_new(pair: Laid, share: float, code: float | None, differs: tuple[Mask, Mask]) -> Kind:
    """Of two that are not surely one shot: a new post has another clock and another age, somebody else another code.
    `differs` where the clock is, and where the age is."""
    is_anothers = code is not None and code < CODE_ALIKE_BUSY
    if share < LIKELY or is_anothers or pair.first.is_remains or pair.second.is_remains:
        return "other"
    return "other" if _clock(pair, differs[0]) and _age(pair, differs[1]) else "likely"


def _clock(pair: Laid, coarse: Mask) -> tuple[Quad, ...]:
    """Where the clocks differ: told by the finer strips where both have their frames' own upper edge."""
    one, other = pair.first, pair.second
    if one.clock is None or other.clock is None or _is_tilted(one) or not _are_framed_alike(pair):
        return boxes(pair.of_first, BLOCK, coarse) if coarse.sum() > STRAY else ()
    x, y, _, _, step = clock_at(one.frame)
    return _differing(one.clock, other.clock, (x, y, step))


def _age(pair: Laid, coarse: Mask) -> tuple[Quad, ...]:
    one, other = pair.first, pair.second
    if one.age is None or other.age is None or one.poster is None:
        return boxes(pair.of_first, BLOCK, coarse) if coarse.sum() > STRAY else ()
    x, y, _, _, step = age_at(one.frame, one.poster)
    return _differing(one.age, other.age, (x, y, step))


def _differing(a: Grey, b: Grey, at: tuple[float, float, float]) -> tuple[Quad, ...]:
    """Where two strips differ. What lies at their edges is partly what lies beyond them."""
    high, wide = min(len(a), len(b)) - EDGE, min(a.shape[1], b.shape[1]) - EDGE
    a, b = a[EDGE:high, EDGE:wide], b[EDGE:high, EDGE:wide]
    at = at[0] + EDGE * at[2], at[1] + EDGE * at[2], at[2]
    _, differs = blocks(a, b, FINE_BLOCK)
    if differs.any():
        _, fitted_differs = blocks(a, fitted(a, b), FINE_BLOCK)
        differs = min(differs, fitted_differs, key=lambda mask: int(mask.sum()))
    return boxes(at, FINE_BLOCK, differs) if largest(differs) >= PAINTED else ()


def _are_framed_alike(pair: Laid) -> bool:
    """Whether the first one's frame, laid on the second picture, has the upper corners of the second one's."""
    (x, y, step), (other_x, other_y, other_step) = pair.of_first, pair.of_second
    scale = other_step / step
    left, top, right, _ = pair.first.frame
    other_left, other_top, other_right, _ = pair.second.frame
    off = max(
        abs(other_x + (left - x) * scale - other_left),
        abs(other_x + (right - x) * scale - other_right),
        abs(other_y + (top - y) * scale - other_top),
    )
    return off < FRAMED * (other_right - other_left)


def _kind(pair: Laid, *, is_clock: bool, is_age: bool) -> Kind:
    if is_clock and is_age:
        return "retaken"
    if is_clock:
        return "clock_edited"
    if is_age:
        return "age_edited"
    return "same" if _shared(pair) >= CROPPED else "cropped"


def _shared(pair: Laid) -> float:
    """The share of the two frames' heights, or widths, that is in both; of the frame that shares less."""
    shares: list[float] = []
    for found, (_x, _y, step) in ((pair.first, pair.of_first), (pair.second, pair.of_second)):
        left, top, right, bottom = found.frame
        # Two samples at either edge are left out by laying them.
        high, wide = (pair.a.shape[0] + 4) * step, (pair.a.shape[1] + 4) * step
        shares += [high / (bottom - top), wide / (right - left)]
    return min(shares)


def _is_by_chance(differs: Mask, count: int, code: float | None) -> bool:
    """Whether this, of `count` blocks that show something, is noise and not somebody else's face or name. `code` is
    how alike the codes are, if both show."""
    if code is not None and code < (CODE_ALIKE_BUSY if count >= BUSY else CODE_ALIKE):
        return False
    stray, many = STRAY, float(MANY_STRAY)
    if count >= BUSY:
        stray, many = STRAY_BUSY, SHARE_BUSY * count
    if code is not None and code >= CODE_SAME:
        stray, many = STRAY_SAME_CODE, float(MANY_STRAY_SAME_CODE)
    return int(differs.sum()) <= many and largest(differs) <= stray


def _code_fit(pair: Laid) -> float | None:
    """How alike the codes of both are; None where not both show one, or only one is cut out by its poster: with its
    margin, which the other one lacks."""
    one, other = pair.first.code, pair.second.code
    if one is None or other is None or (pair.first.poster is None) != (pair.second.poster is None):
        return None
    return max(_inside_fit(one, np.roll(other, move, (0, 1))) for move in _MOVES)


_MOVES = tuple((down, across) for down in (-1, 0, 1) for across in (-1, 0, 1))


def _inside_fit(one: Grey, other: Grey) -> float:
    """The correlation of what is neither margin nor one of the eyes, which all codes have."""
    a, b = one[_INSIDE], other[_INSIDE]
    a, b = a - a.mean(), b - b.mean()
    strength = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / (strength + 1e-6)


def _inside() -> Mask:
    inside = np.zeros((CODE_SIDE, CODE_SIDE), bool)
    inside[3:-3, 3:-3] = True
    inside[:9, :9] = inside[:9, -9:] = inside[-9:, :9] = False
    return inside


_INSIDE = _inside()


def _zones(pair: Laid, shape: tuple[int, ...], *, is_same_code: bool) -> tuple[Mask, Mask]:
    """Blocks where the clock stands, and where the age of the post does; of the screen as it was taken upright."""
    x, y = _middles(pair.of_first, shape)
    _, lower = _middles(pair.of_second, shape)
    left, top, right, _bottom = pair.first.frame
    wide = right - left
    other_left, other_top, other_right, _ = pair.second.frame
    reach = TILTED_CLOCK_HIGH if is_same_code and _is_tilted(pair.first) else CLOCK_HIGH
    is_high = (y - top < reach * wide) & (lower - other_top < reach * (other_right - other_left))
    clock = np.broadcast_to(is_high[:, None], shape)
    return clock, _age_zone(pair, x, y, wide)


def _middles(of: tuple[float, float, float], shape: tuple[int, ...]) -> tuple[Places, Places]:
    """Of the columns and rows of blocks, in pixels of a picture."""
    x, y, step = of
    columns: Places = x + (np.arange(shape[1]) + 0.5) * BLOCK * step
    rows: Places = y + (np.arange(shape[0]) + 0.5) * BLOCK * step
    return columns, rows


def _fills(found: Print) -> bool:
    """Whether the poster is nearly as wide as the frame, as in a viewer."""
    if found.poster is None:
        return False
    across = abs(found.poster[1][0] - found.poster[0][0])
    return not found.is_cropped and across >= FILLS * (found.frame[2] - found.frame[0])


def _is_tilted(found: Print) -> bool:
    """A photograph of a screen, whose clock may lie well below the upper edge."""
    if found.poster is None:
        return False
    (x0, y0), (x1, y1), _, (x3, y3) = found.poster
    return abs(y1 - y0) > TILT * abs(x1 - x0) or abs(x3 - x0) > TILT * abs(y3 - y0)


def _age_zone(pair: Laid, x: Places, y: Places, wide: float) -> Mask:
    """The lines right below the poster, from its left edge on; below all the small pictures where it is one of them."""
    poster = pair.first.poster
    if poster is None:
        return np.zeros((len(y), len(x)), bool)
    left, right = (poster[0][0] + poster[3][0]) / 2, (poster[1][0] + poster[2][0]) / 2
    bottom, reach = (poster[2][1] + poster[3][1]) / 2, AGE_HIGH * wide
    if pair.first.is_cropped:
        side = right - left
        bottom = (poster[0][1] + poster[1][1] + 2 * bottom) / 4 + side / 2
        left, reach = left - 2 * side, reach + 2.2 * side
    inside: Mask = (y > bottom - 0.02 * wide) & (y < bottom + reach)
    return inside[:, None] & (x > left - 0.04 * wide)[None, :]
