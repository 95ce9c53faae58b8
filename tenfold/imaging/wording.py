"""Whether a poster that was found has the very words of the art, and not others set in the same way.

Posters of one family have their lines of words in the same places, and a line is alike another one as long as it is
looked at as a whole. So only what is as small as parts of letters is compared here, with the art blurred as much as
the picture is: then what remains unlike is another word, or something that lies upon it.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.imaging.arts import FINE_SLOW, FLAT, Array, Frame, Prepared, correlation, high_passed
from tenfold.imaging.fitting import Sight, flattened, scale_of, visible, whole_of, within
from tenfold.imaging.shapes import Box

FINER = 1.1  # a frame may be so much finer than the picture
NEAR = 2  # pixels of the frame in which a block looks around
BLURS = (0.0, 0.5, 0.8, 1.1, 1.5, 2.0)  # pixels of the frame
USUAL = 0.8
FEWEST = 10  # blocks, below which nothing is said
# Letters have strokes in all directions: a block that changes along one of them so much less than along the other has
# the edge of a box or a stripe, which tells no words.
ROUND = 0.1
# From where to where of the blocks, the worst first, the likeness is told as a share of the better half's. Some may be
# covered by a sticker or a finger. What is cut off has fewer words, and fewer may be other ones.
TELLING = (0.15, 0.35)
TELLING_OF_CUT = (0.0, 0.15)
# A row of so many blocks and more is looked at by itself, for the blocks of one line that is another are few among all.
# What lies upon a poster leaves something of a row to be seen: the better blocks tell. Of 27 genuine ones with stickers
# on them or photographed off a screen none came below 0.87 of the better half; a title of other words has 0.28 to 0.32.
# Smaller lines may have what genuine ones have.
ROW = 5
ROW_TELLS = 75  # percentile
ROW_ALIKE = 0.7
# Of a row that is covered, by a banner or a mosaic, the most blocks have less than this of the detail that the art has
# there, as a share of what is usual in the picture: nothing tells whether the words below are others. Of other words
# no more than a third of a row's blocks have so little.
BARE = 0.7
MOST_BARE = 0.5


def wording(sight: Sight, prepared: Prepared, view: Array, part: Box) -> float | None:
    """How alike the words are, 0 to 1, in what of the canvas may be seen (`part`); None where it has too few."""
    telling = TELLING if part == whole_of(prepared) else TELLING_OF_CUT
    frame = _frame_for(prepared, view)
    places = frame.corners[visible(sight, frame, view) & within(frame, part) & _has_letters(frame)]
    if len(places) < FEWEST:
        return None
    high, wide = frame.light.shape
    flat = flattened(sight, view, frame.scale, (wide + 2 * NEAR, high + 2 * NEAR), (-NEAR, -NEAR))
    light = high_passed(flat, frame.scale * prepared.side, FINE_SLOW)
    drawn = [_blurred(frame, prepared, blur) for blur in BLURS]
    there = _found(light, drawn[BLURS.index(USUAL)], places, frame.block)
    seen = _cut(light, there, frame.block)
    cuts = [_cut(art, places, frame.block) for art in drawn]
    told = [each for each in (_told(seen, cut) for cut in cuts) if len(each[0]) >= FEWEST]
    if not told:
        return None
    likeness, tells = max(told, key=lambda each: _better_half(np.sort(each[0])))
    ranked = np.sort(likeness)
    bare = _bare(seen, cuts[BLURS.index(USUAL)])
    return _share(ranked, telling) * _worst_row(likeness, places[tells, 1], bare[tells], _better_half(ranked))


def _frame_for(prepared: Prepared, view: Array) -> Frame:
    scale = scale_of(view, prepared)
    fine = [frame for frame in prepared.fine_frames if frame.scale <= FINER * scale]
    return fine[-1] if fine else prepared.fine_frames[0]


def _has_letters(frame: Frame) -> Array:
    least, most = np.linalg.eigvalsh(frame.tensors).T
    return np.asarray(least >= ROUND * most)


def _blurred(frame: Frame, prepared: Prepared, blur: float) -> Array:
    if not blur:
        return frame.light
    grey = cv2.GaussianBlur(frame.grey.astype(np.float32), (0, 0), blur)
    return high_passed(np.asarray(grey), frame.scale * prepared.side, FINE_SLOW)


def _found(light: Array, drawn: Array, places: Array, block: tuple[int, int]) -> Array:
    """Where each block is best found near its place, left and top."""
    wide, high = block
    found = []
    for x, y in places:
        around = light[y : y + high + 2 * NEAR, x : x + wide + 2 * NEAR]
        own = drawn[y : y + high, x : x + wide]
        _least, _most, _at, best = cv2.minMaxLoc(cv2.matchTemplate(around, own, cv2.TM_CCOEFF_NORMED))
        found.append((x + best[0], y + best[1]))
    return np.array(found, int)


def _cut(light: Array, corners: Array, block: tuple[int, int]) -> Array:
    wide, high = block
    return np.array([light[y : y + high, x : x + wide] for x, y in corners])


def _told(seen: Array, drawn: Array) -> tuple[Array, Array]:
    """Likeness of the blocks that tell something when they are so blurred, and which these are."""
    tells = drawn.std((1, 2)) >= FLAT
    return correlation(seen, drawn)[tells], tells


def _bare(seen: Array, drawn: Array) -> Array:
    """Which blocks have little of the detail that belongs there."""
    kept = _detail(seen) / np.maximum(_detail(drawn), 1e-3)
    return np.asarray(kept < BARE * np.median(kept))


def _detail(blocks: Array) -> Array:
    """How much each changes along the direction in which it changes least: nothing on a plain ground or at an edge."""
    across, down = np.diff(blocks, axis=2)[:, 1:], np.diff(blocks, axis=1)[:, :, 1:]
    both = [(one * other).mean((1, 2)) for one, other in ((across, across), (across, down), (down, down))]
    least = (both[0] + both[2]) / 2 - np.hypot((both[0] - both[2]) / 2, both[1])
    return np.asarray(np.sqrt(np.maximum(least, 0)))


def _worst_row(likeness: Array, rows: Array, bare: Array, usual: float) -> float:
    """How alike the least like row is, as a share of what is usual here; 1 where that is as alike as rows may be."""
    better = [
        np.percentile(likeness[mine], ROW_TELLS)
        for mine in (rows == row for row in np.unique(rows))
        if mine.sum() >= ROW and bare[mine].mean() <= MOST_BARE
    ]
    worst = min(better, default=usual) / max(usual, 0.1)
    return 1.0 if worst >= ROW_ALIKE else float(max(worst, 0))


def _better_half(ranked: Array) -> float:
    return float(ranked[len(ranked) // 2 :].mean())


def _share(ranked: Array, telling: tuple[float, float]) -> float:
    first, last = (round(len(ranked) * share) for share in telling)
    return float(np.clip(ranked[first:last].mean() / max(_better_half(ranked), 0.1), 0, 1))
