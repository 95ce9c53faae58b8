"""Whether face and name on a poster are the sender's own: a reason to look twice, never a verdict."""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.imaging.arts import Array, correlation, high_passed, prepared
from tenfold.imaging.fitting import Sight, flattened, scale_of
from tenfold.imaging.reading import open_picture
from tenfold.imaging.registering import view_of
from tenfold.imaging.seen import Claim, PosterSeen
from tenfold.imaging.shapes import Box

FACE_SIDE = 24  # pixels at which faces are compared
FACE_EDGE = 0.14  # of the side: what may be cut off around a face
FINEST, COARSEST = 0.28, 0.12  # pixels for one of the canvas at which names are compared
INK = 5.0  # grey levels by which a part of the own name varies at least
SLACK = 2  # pixels by which a name may lie elsewhere
SAY = (0.65, 0.35)  # of the face and of the name


def person_share(picture: Array, seen: PosterSeen, claim: Claim) -> float | None:
    """0 to 1; None where the poster has neither, or the sender's own poster is not known."""
    found = parts(picture, seen, claim)
    known = [(part, say) for part, say in zip(found, SAY, strict=True) if part is not None]
    if not known:
        return None
    share = sum(part * say for part, say in known) / sum(say for _part, say in known)
    return round(float(np.clip(share, 0, 1)), 4)


def parts(picture: Array, seen: PosterSeen, claim: Claim) -> tuple[float | None, float | None]:
    """Of the face and of the name, each -1 to 1."""
    posters = dict(zip((art.key for art in claim.arts), claim.posters, strict=False))
    poster = posters.get(seen.art, b"")
    if not poster:
        return None, None
    art = next(art for art in claim.arts if art.key == seen.art)
    ready = prepared(art)
    own = np.asarray(open_picture(poster, max_side=max(ready.width, ready.height)))
    straight = np.diag([own.shape[1] / ready.width, own.shape[0] / ready.height, 1.0])
    view = view_of(seen, ready.width, ready.height)
    scale = float(np.clip(scale_of(view, ready), COARSEST, FINEST))
    face = name = None
    if art.avatar_box is not None:
        face = _face_likeness(_face(picture, view, art.avatar_box), _face(own, straight, art.avatar_box))
    if art.name_box is not None:
        here, there = Sight(picture), Sight(own)
        box = art.name_box
        name = _name_likeness(_cut(here, view, scale, box, SLACK), _cut(there, straight, scale, box, 0))
    return face, name


def _face(picture: Array, view: Array, box: Box) -> Array:
    """(3, n, n): the middle of a face in its colours."""
    edge = (box[2] - box[0]) * FACE_EDGE
    left, top, right, bottom = box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge
    scale = FACE_SIDE / (right - left)
    size, corner = (FACE_SIDE, round((bottom - top) * scale)), (left * scale, top * scale)
    reds = (Sight.of_grey(np.ascontiguousarray(picture[..., nth])) for nth in range(3))
    return np.stack([flattened(red, view, scale, size, corner) for red in reds]).astype(np.float32)


def _face_likeness(one: Array, other: Array) -> float:
    """Of the colours as a whole: the eye takes a green square for another than a red one, too."""
    return float(correlation(_coloured(one)[None], _coloured(other)[None])[0])


def _coloured(face: Array) -> Array:
    # White and black are the same in all pictures: colours are told from middle grey, not from a face's own mean.
    soft = np.stack([cv2.GaussianBlur(channel, (0, 0), 0.8) for channel in face])
    return np.asarray(soft - soft.mean())


def _cut(sight: Sight, view: Array, scale: float, box: Box, slack: int) -> Array:
    left, top, right, bottom = (side * scale for side in box)
    size = max(4, round(right - left)) + 2 * slack, max(4, round(bottom - top)) + 2 * slack
    flat = flattened(sight, view, scale, size, (left - slack, top - slack))
    return high_passed(cv2.GaussianBlur(flat, (0, 0), 0.6), 24 * (bottom - top) * scale)


def _name_likeness(seen: Array, own: Array) -> float:
    """The mean of the worse half of what is written: what is the same on all posters does not count for much."""
    matches = cv2.matchTemplate(seen, own, cv2.TM_CCOEFF_NORMED)
    _least, _most, _at, (x, y) = cv2.minMaxLoc(matches)
    here = seen[y : y + own.shape[0], x : x + own.shape[1]]
    wide = max(6, own.shape[0] // 2)
    starts = range(0, own.shape[1] - wide + 1, wide // 2)
    inked = [at for at in starts if own[:, at : at + wide].std() > INK or here[:, at : at + wide].std() > INK]
    if not inked:
        return 1.0
    likeness = correlation(
        np.stack([here[:, at : at + wide] for at in inked]),
        np.stack([own[:, at : at + wide] for at in inked]),
    )
    return float(np.sort(likeness)[: (len(likeness) + 1) // 2].mean())
