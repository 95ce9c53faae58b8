"""Whether two screenshots are one: told from their fingerprints, long after the pictures are erased.

Honest people share the poster, the words and the layout; each has a face, a name, a code and a clock of their own.
So it does not count how much is alike, but whether anything differs where an edited copy has no reason to: two prints
are of one shot where every part that shows something is the same in both, but for the clock and the line with the
age of the post, the two that are painted over to send a shot again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.laying import Laid, fitted, laid
from tenfold.imaging.prints import CODE_SIDE, Grey, Places, Print, age_at, clock_at, read
from tenfold.imaging.seen import Quad

Kind = Literal["same", "cropped", "clock_edited", "age_edited", "retaken", "other"]
"""Retaken: clock and age both differ and nothing else does, as in an honest second shot of one's own post; or they
cannot be compared any more, since one of the pictures is erased."""

Mask: TypeAlias = NDArray[np.bool_]

BLOCK = 3
"""Pixels of the laid prints across a block: somewhat less than a line of text is high."""
SHOWS = 60.0
"""The variance in shades from which a block shows something."""
NOISE = 36.0
"""The variance that saving and scaling leave where nothing was changed."""
ALIKE = 0.7
"""Correlation from which a block is the same in both."""
CODE_ALIKE = 0.55
CODE_SAME = 0.8
"""The same of the inside of the code: below the first it is another, from the second on it is surely the same. Codes of
different people, of 134,000 pairs, are alike by 0.762 at most: their addresses begin alike."""
HOPELESS = 0.8
"""A share of parts that are alike below which laying the two more exactly cannot make them one shot."""
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
"""Blocks that show something, without which nothing can be said."""
CROPPED = 0.97
"""The share of either picture that has to be in both, or it is cropped."""
MOST_BOXES = 8
MOST_BLOCKS = 120
CLOCK_HIGH = 0.12
TILTED_CLOCK_HIGH = 0.35
TILT = 0.015
AGE_HIGH = 0.17
"""Shares of the screen's width: where the clock and the line with the age are looked for."""


@dataclass(frozen=True)
class Likeness:
    """How alike: `share` of the parts that show something. `changed` lies in pixels of the first picture."""

    share: float
    changed: tuple[Quad, ...]
    kind: Kind


NOTHING = Likeness(0.0, (), "other")


def alike(a: bytes, b: bytes) -> Likeness:
    """Compare two fingerprints. What is no fingerprint is like nothing; nothing raises."""
    first, second = read(a), read(b)
    if first is None or second is None:
        return NOTHING
    best = NOTHING
    for pair, b_grey in _ways(first, second):
        found = _compared(pair, b_grey)
        best = max(best, found, key=lambda each: (each.kind != "other", each.share))
        if best.kind != "other" or (pair.is_by_poster and best.share < HOPELESS):
            break
    return best


def _ways(first: Print, second: Print) -> Iterator[tuple[Laid, Grey]]:
    """As they are laid, and fitted more exactly; the quickest first."""
    for pair in laid(first, second):
        yield pair, pair.b
        yield pair, fitted(pair.a, pair.b)


def _compared(pair: Laid, b: Grey) -> Likeness:
    shows, differs = _blocks(pair.a, b, BLOCK)
    count = int(shows.sum())
    if count < ENOUGH:
        return NOTHING
    share = 1 - int(differs.sum()) / count
    code = _code_fit(pair)
    clock, age = _zones(pair, differs.shape, is_same_code=code is not None and code >= CODE_SAME)
    elsewhere = differs & ~clock & ~age
    is_remains = pair.first.is_remains or pair.second.is_remains
    if is_remains and (code is None or code < CODE_SAME):
        return NOTHING
    if not _is_by_chance(elsewhere, count, code):
        return Likeness(share, _boxes(pair.of_first, BLOCK, differs), "other")
    if is_remains:
        return Likeness(share, (), "retaken")
    in_clock, in_age = _clock(pair, differs & clock), _age(pair, differs & age)
    kind = _kind(pair, is_clock=bool(in_clock), is_age=bool(in_age))
    return Likeness(share, in_clock + in_age, kind)


def _clock(pair: Laid, coarse: Mask) -> tuple[Quad, ...]:
    """Where the clocks differ: told by the finer strips where both have their frames' own upper edge."""
    one, other = pair.first, pair.second
    if one.clock is None or other.clock is None or _is_tilted(one) or not _are_framed_alike(pair):
        return _boxes(pair.of_first, BLOCK, coarse) if coarse.sum() > STRAY else ()
    x, y, _, _, step = clock_at(one.frame)
    return _differing(one.clock, other.clock, (x, y, step))


def _age(pair: Laid, coarse: Mask) -> tuple[Quad, ...]:
    one, other = pair.first, pair.second
    if one.age is None or other.age is None or one.poster is None:
        return _boxes(pair.of_first, BLOCK, coarse) if coarse.sum() > STRAY else ()
    x, y, _, _, step = age_at(one.frame, one.poster)
    return _differing(one.age, other.age, (x, y, step))


def _differing(a: Grey, b: Grey, at: tuple[float, float, float]) -> tuple[Quad, ...]:
    """Where two strips differ. What lies at their edges is partly what lies beyond them."""
    high, wide = min(len(a), len(b)) - EDGE, min(a.shape[1], b.shape[1]) - EDGE
    a, b = a[EDGE:high, EDGE:wide], b[EDGE:high, EDGE:wide]
    at = at[0] + EDGE * at[2], at[1] + EDGE * at[2], at[2]
    _, differs = _blocks(a, b, FINE_BLOCK)
    if differs.any():
        _, fitted_differs = _blocks(a, fitted(a, b), FINE_BLOCK)
        differs = min(differs, fitted_differs, key=lambda mask: int(mask.sum()))
    return _boxes(at, FINE_BLOCK, differs) if _largest(differs) >= PAINTED else ()


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


def _largest(differs: Mask) -> int:
    """Blocks of the largest group that touch each other: what was painted over is in one piece, noise is not."""
    return max((count for count, _box in _groups(differs, 1)), default=0)


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


def _blocks(a: Grey, b: Grey, side: int) -> tuple[Mask, Mask]:
    """Which blocks show something in either, and which of these differ."""
    first, second = _cut(a, side), _cut(b, side)
    mean_a, mean_b = _mean(first), _mean(second)
    var_a, var_b = _mean(first * first) - mean_a**2, _mean(second * second) - mean_b**2
    together = _mean(first * second) - mean_a * mean_b
    shows: Mask = np.maximum(var_a, var_b) > SHOWS
    fit = (together + NOISE) / np.sqrt((np.maximum(var_a, 0) + NOISE) * (np.maximum(var_b, 0) + NOISE))
    return shows, shows & (fit < ALIKE)


def _cut(grey: Grey, side: int) -> Grey:
    high, wide = grey.shape[0] // side, grey.shape[1] // side
    return grey[: high * side, : wide * side].reshape(high, side, wide, side)


def _mean(blocks: Grey) -> Grey:
    # One axis after the other is several times as fast as both at once.
    means: Grey = blocks.mean(axis=3).mean(axis=1)
    return means


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
    return int(differs.sum()) <= many and _largest(differs) <= stray


def _code_fit(pair: Laid) -> float | None:
    """How alike the codes of both are; None where not both show one."""
    one, other = pair.first.code, pair.second.code
    if one is None or other is None:
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


def _boxes(at: tuple[float, float, float], side: int, differs: Mask) -> tuple[Quad, ...]:
    """A box around each group of blocks, at most MOST_BOXES, the largest first."""
    x, y, step = at
    step *= side
    quads = []
    for _count, (top, left, bottom, right) in _groups(differs, 2)[:MOST_BOXES]:
        x0, y0, x1, y1 = x + left * step, y + top * step, x + right * step, y + bottom * step
        quads.append(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    return tuple(quads)


def _groups(differs: Mask, reach: int) -> list[tuple[int, tuple[int, int, int, int]]]:
    """How many, and (top, left, bottom, right), of blocks that lie no further apart than `reach`; the largest first."""
    left_over = {(int(row), int(column)) for row, column in np.argwhere(differs)[:MOST_BLOCKS]}
    found = []
    while left_over:
        edge = [left_over.pop()]
        group = list(edge)
        while edge:
            row, column = edge.pop()
            near = {each for each in left_over if max(abs(each[0] - row), abs(each[1] - column)) <= reach}
            left_over -= near
            edge += near
            group += near
        rows, columns = [row for row, _ in group], [column for _, column in group]
        found.append((len(group), (min(rows), min(columns), max(rows) + 1, max(columns) + 1)))
    return sorted(found, reverse=True)
