"""Finding a campaign's poster in a screenshot: guesses where it lies, each tried in full until one holds.

A code that is read tells where the poster around it lies, at no cost. Else features are compared, which also finds the
small squares that a post of several pictures shows, and last of all the poster as a whole at many sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tenfold.imaging.arts import Array, Points, Prepared
from tenfold.imaging.fitting import Fit, Sight, corners_of, fitted, mapped
from tenfold.imaging.overall import overall
from tenfold.imaging.patches import QUIET
from tenfold.imaging.seen import PROVEN, Corner, PosterSeen, Quad
from tenfold.imaging.shapes import Box
from tenfold.imaging.wording import wording

ALIKE = 0.2  # below, nothing of it is said
SURE = 0.6  # no better place is looked for
# Where its words can be seen they tell a poster more surely than its look as a whole, of which so much may be covered.
SPARED = 0.12
FEWEST_SEEN = 6  # blocks
RATIO = 0.82
FEWEST_POINTS = 7
NEAR = 6.0  # pixels of the picture within which a feature agrees with the others


@dataclass(frozen=True)
class CodeAt:
    """Where a code's modules lie in the picture, clockwise from its own top left, and how many there are a side."""

    corners: Array
    modules: int


def place(picture: Array, prepared: Prepared) -> PosterSeen | None:
    """Where the poster lies in the picture (RGB), if it does. Its score says how surely it is this one: `PROVEN`."""
    sight = Sight(picture)
    seen = placed(sight, prepared)
    if seen is not None and seen.score >= PROVEN:
        return seen
    return placed_by_look(sight, prepared) or seen


def placed(
    sight: Sight, prepared: Prepared, codes: Sequence[CodeAt] = (), *, beside: PosterSeen | None = None
) -> PosterSeen | None:
    """By the codes that are known already, and by features; `beside` is where it has been found, and is not again."""
    taken = _taken(prepared, beside)
    return _seen(sight, prepared, _best_of(sight, prepared, _guesses(sight, prepared, codes, taken)))


def placed_around(sight: Sight, prepared: Prepared, code: CodeAt) -> PosterSeen | None:
    """Where it lies if this is the code on it."""
    view = _around(code, prepared)
    return _seen(sight, prepared, _best_of(sight, prepared, [(view, _parts(prepared)[0])]))


def placed_by_look(
    sight: Sight, prepared: Prepared, *, beside: PosterSeen | None = None
) -> PosterSeen | None:
    """Where the poster's look as a whole proves it, for when neither codes nor features do."""
    taken, whole = _taken(prepared, beside), _parts(prepared)[0]
    middle = np.array([(prepared.width / 2, prepared.height / 2)])
    views = overall(
        sight, prepared, lambda view: bool(_is_within(prepared, taken, mapped(view, middle)).any())
    )
    seen = _seen(sight, prepared, _best_of(sight, prepared, ((view, whole) for view in views)))
    return seen if seen is not None and seen.score >= PROVEN else None


def _taken(prepared: Prepared, beside: PosterSeen | None) -> Array | None:
    """From the picture to the canvas of the poster that has been found already."""
    return None if beside is None else np.linalg.inv(view_of(beside, prepared.width, prepared.height))


def _best_of(sight: Sight, prepared: Prepared, guesses: Iterable[tuple[Array, Box]]) -> Fit | None:
    best: Fit | None = None
    for view, part in guesses:
        fit = fitted(sight, prepared, view, part)
        if fit is not None and fit.seen.sum() >= FEWEST_SEEN and (best is None or fit.score > best.score):
            best = fit
        if best is not None and best.score >= SURE:
            break
    return best


def view_of(seen: PosterSeen, width: int, height: int) -> Array:
    """From the canvas to the picture."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, np.array(seen.quad, np.float32)), float)


def quad_of(points: Array) -> Quad:
    corners: list[Corner] = [(round(float(x), 2), round(float(y), 2)) for x, y in points]
    return corners[0], corners[1], corners[2], corners[3]


def _seen(sight: Sight, prepared: Prepared, fit: Fit | None) -> PosterSeen | None:
    if fit is None or fit.score < ALIKE:
        return None
    quad = quad_of(mapped(fit.view, corners_of(prepared)))
    is_cropped = bool(fit.seen.mean() < 0.9)
    return PosterSeen(prepared.art.key, quad, round(_score(sight, prepared, fit), 4), is_cropped)


def _score(sight: Sight, prepared: Prepared, fit: Fit) -> float:
    """The lesser of how well the whole fits and how well its words do."""
    if fit.score + SPARED < PROVEN:  # its words would make no difference
        return fit.score
    words = wording(sight, prepared, fit.view, _parts(prepared)[-1 if fit.is_cut else 0])
    return fit.score if words is None else min(words, fit.score + SPARED)


def _guesses(
    sight: Sight, prepared: Prepared, codes: Sequence[CodeAt], taken: Array | None
) -> Iterator[tuple[Array, Box]]:
    parts = _parts(prepared)
    for code in codes:
        if not _is_within(prepared, taken, code.corners).all():
            yield _around(code, prepared), parts[0]
    view = _by_features(sight, prepared, taken)
    if view is not None:
        yield from ((view, part) for part in parts)


def _is_within(prepared: Prepared, taken: Array | None, points: Array) -> Array:
    """Which points of the picture lie on a poster that has been found; `taken` leads from the picture to its canvas."""
    if taken is None:
        return np.zeros(len(points), bool)
    at = mapped(taken, points)
    return np.asarray(((at >= 0) & (at <= (prepared.width, prepared.height))).all(1))


def _parts(prepared: Prepared) -> tuple[Box, ...]:
    """What of the canvas may be seen: all of it, or the square in its middle, as in a post of several pictures."""
    wide, high = prepared.width, prepared.height
    side = min(wide, high)
    left, top = (wide - side) // 2, (high - side) // 2
    square = (left, top, left + side, top + side)
    return ((0, 0, wide, high), square) if wide != high else (square,)


def _around(code: CodeAt, prepared: Prepared) -> Array:
    """The view in which the code stands where the art has one. Too small to tell a perspective: none is assumed."""
    box = np.array(modules_box(prepared.art.code_box, code.modules), float)
    square = np.array([(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])])
    lifted = np.c_[square, np.ones(4)]
    linear, *_rest = np.linalg.lstsq(lifted, code.corners, rcond=None)
    return np.vstack([linear.T, [0, 0, 1]])


def modules_box(box: Box, count: int) -> Box:
    """Where the modules stand in the square of a code: whole pixels each, in the middle."""
    side = box[2] - box[0]
    module = max(1, side // (count + 2 * QUIET))
    start = (side - count * module) // 2
    return (
        box[0] + start,
        box[1] + start,
        box[0] + start + count * module,
        box[1] + start + count * module,
    )


def _by_features(sight: Sight, prepared: Prepared, taken: Array | None) -> Array | None:
    mine, theirs = prepared.points, sight.points
    if taken is not None:
        free = ~_is_within(prepared, taken, theirs.places)
        theirs = Points(theirs.places[free], theirs.looks[free])
    if len(mine.places) < FEWEST_POINTS or len(theirs.places) < FEWEST_POINTS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(theirs.looks, mine.looks, k=2)
    good = [two[0] for two in pairs if len(two) == 2 and two[0].distance < RATIO * two[1].distance]
    if len(good) < FEWEST_POINTS:
        return None
    canvas = mine.places[[match.trainIdx for match in good]]
    picture = theirs.places[[match.queryIdx for match in good]]
    similar, agreeing = cv2.estimateAffinePartial2D(
        canvas, picture, method=cv2.RANSAC, ransacReprojThreshold=NEAR, maxIters=3000, confidence=0.995
    )
    if similar is None or agreeing.sum() < FEWEST_POINTS:
        return None
    return np.vstack([similar, [0, 0, 1]])
