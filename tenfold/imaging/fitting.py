"""From a guess where a poster lies to the exact place: each block looks around for itself, then all agree on one view.

Points of the canvas and of the picture are continuous: pixel (0, 0) reaches from 0 to 1. A view is the 3 x 3 matrix of
a perspective from the canvas to the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from tenfold.imaging.arts import WORST, Array, Frame, Points, Prepared, features, high_passed, worst_of
from tenfold.imaging.shapes import Box

# How far blocks look around in each frame, in its pixels: the coarsest frame first, then as fine as the picture allows.
REACHES = ((6, 4), (3, 2))
SHARPEST = 1.25  # a frame may be so much finer than the picture
HOPELESS = 0.3  # likeness of the better half of the blocks after the first look
LOOSE = 0.35  # likeness below which a block has no say in where the poster lies
POINTS, POINTS_WIDTH = 3000, 800  # features of a picture, and how wide it is made for them
# Where fewer words are seen, fewer may be other ones. Stickers lie on whole posters.
WORST_OF_CUT = 1 / 8
# Blocks wholly beyond the part that is thought to be seen, and how alike the usual one of them is if it is there.
FEWEST_BEYOND, BEYOND = 4, 0.5
OUTSIDE = 0.02  # of the picture's side: a block must lie inside by so little more than nothing


class Sight:
    """A picture that is looked at, with smaller ones of it and its features made when they are needed."""

    def __init__(self, picture: Array) -> None:
        self.picture = picture
        self._smaller: dict[int, Array] = {}

    @cached_property
    def grey(self) -> Array:
        return np.asarray(cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY))

    @classmethod
    def of_grey(cls, grey: Array) -> Sight:
        """A picture of one channel."""
        sight = cls(grey)
        sight.__dict__["grey"] = grey
        return sight

    @cached_property
    def points(self) -> Points:
        return features(self.grey, POINTS_WIDTH / self.picture.shape[1], POINTS)

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]

    def at_least(self, share: float) -> tuple[Array, float]:
        """The picture at this share of its sides or somewhat more, and the share."""
        step = max(0, int(np.floor(2 * np.log2(1 / max(share, 1e-3)))))
        if step == 0:
            return self.grey, 1.0
        if step not in self._smaller:
            by = 2 ** (-step / 2)
            self._smaller[step] = np.asarray(
                cv2.resize(self.grey, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
            )
        smaller = self._smaller[step]
        return smaller, smaller.shape[1] / self.picture.shape[1]


@dataclass(frozen=True)
class Fit:
    """Where the poster lies, and how alike each visible block is; `seen` says which blocks of the frame are visible."""

    view: Array
    frame: Frame
    likeness: Array
    seen: Array
    is_cut: bool = False

    @property
    def score(self) -> float:
        return worst_of(self.likeness[self.seen], WORST_OF_CUT if self.is_cut else WORST)


def fitted(sight: Sight, prepared: Prepared, view: Array, part: Box) -> Fit | None:
    """The best view near the guessed one, or None where the poster plainly is not there. `part` of the canvas is what
    may be seen of it."""
    finest = _frame_for(prepared, view)
    for frame, reaches in ((prepared.frames[0], REACHES[0]), (finest, REACHES[1])):
        for reach in reaches:
            shifts, likeness, seen = _look_around(sight, prepared, frame, view, part, reach)
            seen &= within(frame, part)
            if seen.sum() < 3 or _better_half(likeness[seen]) < HOPELESS:
                return None
            view = view @ _agreed(prepared, frame, shifts, likeness * seen)
            if not _is_sane(prepared, view):
                return None
    _shifts, likeness, seen = _look_around(sight, prepared, finest, view, part, 1)
    inside = within(finest, part)
    if inside.all():
        return Fit(view, finest, likeness, seen)
    _shifts, all_of_it, _seen = _look_around(sight, prepared, finest, view, whole_of(prepared), 1)
    beyond = all_of_it[seen & _without(finest, part)]
    # What lies beyond is there after all: then it counts, or other words there would be overlooked.
    is_whole = len(beyond) >= FEWEST_BEYOND and float(np.median(beyond)) > BEYOND
    return (
        Fit(view, finest, all_of_it, seen) if is_whole else Fit(view, finest, likeness, seen & inside, True)
    )


def _frame_for(prepared: Prepared, view: Array) -> Frame:
    """The finest frame that the picture can fill."""
    scale = scale_of(view, prepared)
    fine = [frame for frame in prepared.frames if frame.scale <= SHARPEST * scale]
    return fine[-1] if fine else prepared.frames[0]


def scale_of(view: Array, prepared: Prepared) -> float:
    """Pixels of the picture for one of the canvas, in the poster's middle."""
    x, y, step = prepared.width / 2, prepared.height / 2, prepared.side / 20
    corners = mapped(view, np.array([(x - step, y - step), (x + step, y - step), (x - step, y + step)]))
    across, down = corners[1] - corners[0], corners[2] - corners[0]
    return float(abs(across[0] * down[1] - across[1] * down[0]) ** 0.5 / (2 * step))


def mapped(view: Array, points: Array) -> Array:
    """(n, 2) points through the view."""
    lifted = np.c_[points, np.ones(len(points))] @ view.T
    return np.asarray(lifted[:, :2] / np.where(np.abs(lifted[:, 2:]) < 1e-9, 1e-9, lifted[:, 2:]))


def flattened(
    sight: Sight, view: Array, scale: float, size: tuple[int, int], corner: tuple[float, float]
) -> Array:
    """The grey canvas as seen, at `scale` pixels for one of the canvas; `corner` is that of the cut, in its pixels."""
    fine = _spread(view, corner, scale)
    smaller, share = sight.at_least(min(1.0, scale / max(fine, 1e-6)))
    into = (
        np.diag([share, share, 1.0])
        @ view
        @ np.array([[1 / scale, 0, corner[0] / scale], [0, 1 / scale, corner[1] / scale], [0, 0, 1]])
    )
    into = _shift(-0.5) @ into @ _shift(0.5)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(smaller, into, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _spread(view: Array, corner: tuple[float, float], scale: float) -> float:
    """Pixels of the picture for one of the canvas, near the corner."""
    x, y = corner[0] / scale, corner[1] / scale
    at = mapped(view, np.array([(x, y), (x + 8, y), (x, y + 8)]))
    across, down = at[1] - at[0], at[2] - at[0]
    return float(abs(across[0] * down[1] - across[1] * down[0]) ** 0.5 / 8)


def _shift(by: float) -> Array:
    return np.array([[1, 0, by], [0, 1, by], [0, 0, 1]])


def _look_around(
    sight: Sight, prepared: Prepared, frame: Frame, view: Array, part: Box, reach: int
) -> tuple[Array, Array, Array]:
    """Of each block where it is best found, how well, and whether it lies within the picture."""
    high, wide = frame.light.shape
    size = wide + 2 * reach, high + 2 * reach
    flat = flattened(sight, view, frame.scale, size, (-reach, -reach))
    light = high_passed(_surrounded(flat, frame, part, reach), frame.scale * prepared.side)
    across, down = frame.block
    found = np.array(
        [
            _best(
                cv2.matchTemplate(
                    light[y : y + down + 2 * reach, x : x + across + 2 * reach],
                    frame.light[y : y + down, x : x + across],
                    cv2.TM_CCOEFF_NORMED,
                )
            )
            for x, y in frame.corners
        ]
    )
    return found[:, :2] - reach, found[:, 2], visible(sight, frame, view)


def _surrounded(flat: Array, frame: Frame, part: Box, reach: int) -> Array:
    """What is seen, with the art's own pixels around the part that may be: else blocks at its edge would feel what
    lies beside the poster."""
    left, top, right, bottom = (round(side * frame.scale) + reach for side in part)
    inside = slice(max(0, top), bottom), slice(max(0, left), right)
    around = np.pad(frame.grey, reach, mode="reflect").astype(np.float32)
    gain = flat[inside].std() / max(1.0, float(around[inside].std()))
    surrounded = (around - around[inside].mean()) * gain + flat[inside].mean()
    surrounded[inside] = flat[inside]
    return np.asarray(surrounded)


def _best(matches: Array) -> tuple[float, float, float]:
    """Where the match is best, to parts of a pixel, and how good it is."""
    _least, most, _at, (x, y) = cv2.minMaxLoc(matches)
    across = _summit(matches[y, x - 1 : x + 2]) if 0 < x < matches.shape[1] - 1 else 0.0
    down = _summit(matches[y - 1 : y + 2, x]) if 0 < y < matches.shape[0] - 1 else 0.0
    return x + across, y + down, most


def _summit(three: Array) -> float:
    before, here, after = (float(value) for value in three)
    bend = before - 2 * here + after
    return 0.0 if bend > -1e-6 else max(-0.5, min(0.5, (before - after) / (2 * bend)))


def visible(sight: Sight, frame: Frame, view: Array) -> Array:
    wide, high = frame.block
    low = mapped(view, frame.corners / frame.scale)
    far = mapped(view, (frame.corners + np.array((wide, high))) / frame.scale)
    edge = OUTSIDE * np.abs(far - low).mean()
    inside = (np.minimum(low, far) >= -edge) & (np.maximum(low, far) <= np.array(sight.size) + edge)
    return np.asarray(inside.all(1))


def within(frame: Frame, part: Box) -> Array:
    low, far = frame.corners / frame.scale, (frame.corners + np.array(frame.block)) / frame.scale
    slack = 2 / frame.scale
    inside = (low >= np.array(part[:2]) - slack) & (far <= np.array(part[2:]) + slack)
    return np.asarray(inside.all(1))


def _without(frame: Frame, part: Box) -> Array:
    """Blocks that have nothing of the part."""
    low, far = frame.corners / frame.scale, (frame.corners + np.array(frame.block)) / frame.scale
    return np.asarray(((far <= np.array(part[:2])) | (low >= np.array(part[2:]))).any(1))


def _better_half(likeness: Array) -> float:
    return float(np.sort(likeness)[len(likeness) // 2 :].mean())


def _agreed(prepared: Prepared, frame: Frame, shifts: Array, likeness: Array) -> Array:
    """The change of the canvas that fits most blocks, each heard along the directions in which it can tell."""
    middles = (frame.corners + np.array(frame.block) / 2) / frame.scale
    size = np.array([prepared.width, prepared.height]) / 2
    places, moves = middles / size - 1, shifts / frame.scale / size
    heard = np.clip(likeness - LOOSE, 0, None) ** 2
    turned = _derivatives(places)
    change = np.zeros(8)
    for _round in range(4):
        off = moves - turned @ change
        doubt = 1 / (1 + ((off * size * frame.scale) ** 2).sum(1) / 4)
        say = (heard * doubt)[:, None, None] * frame.tensors * (size[None, :, None] * size[None, None, :])
        normal = np.einsum("nki,nkl,nlj->ij", turned, say, turned)
        wanted = np.einsum("nki,nkl,nl->i", turned, say, moves)
        change = np.linalg.solve(normal + np.diag(_STIFF) * (np.trace(normal) + 1e-9), wanted)
    there = np.diag([*size, 1.0]) @ _shift(1.0)
    a, b, c, d, e, f, g, h = change
    return np.asarray(there @ np.array([[1 + a, b, c], [d, 1 + e, f], [g, h, 1]]) @ np.linalg.inv(there))


# Perspective is believed last: a poster of which little is seen would be bent at will.
_STIFF = np.array([1e-5, 1e-5, 1e-6, 1e-5, 1e-5, 1e-6, 1e-3, 1e-3])


def _derivatives(places: Array) -> Array:
    """(n, 2, 8): how a point moves with each number of a view near to none."""
    x, y = places[:, 0], places[:, 1]
    none, one = np.zeros_like(x), np.ones_like(x)
    across = np.stack([x, y, one, none, none, none, -x * x, -x * y], 1)
    down = np.stack([none, none, none, x, y, one, -x * y, -y * y], 1)
    return np.stack([across, down], 1)


def whole_of(prepared: Prepared) -> Box:
    return 0, 0, prepared.width, prepared.height


def corners_of(prepared: Prepared) -> Array:
    wide, high = prepared.width, prepared.height
    return np.array([(0, 0), (wide, 0), (wide, high), (0, high)], float)


def _is_sane(prepared: Prepared, view: Array) -> bool:
    """Whether it is a picture that a phone may show: not turned over, about upright, of about the right shape."""
    if not np.isfinite(view).all():
        return False
    a, b, c, d = mapped(view, corners_of(prepared))
    top, right, bottom, left = b - a, c - b, c - d, d - a
    turns = [top[0] * right[1] - top[1] * right[0], bottom[0] * left[1] - bottom[1] * left[0]]
    if min(turns) <= 0 or top[0] <= 0 or left[1] <= 0:
        return False
    wide, high = np.hypot(*(top + bottom)), np.hypot(*(left + right))
    shape = (wide / high) / (prepared.width / prepared.height)
    return bool(0.7 < shape < 1.4 and wide > 2 * 40)
