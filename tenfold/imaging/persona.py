"""Whether face and name on a poster are the sender's own: a reason to look twice, never a verdict."""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.imaging.arts import Array, correlation, high_passed, prepared
from tenfold.imaging.fitting import Sight, flattened
from tenfold.imaging.reading import open_picture
from tenfold.imaging.registering import view_of
from tenfold.imaging.seen import Claim, PosterSeen
from tenfold.imaging.shapes import Box

MEAN_SIDE = 288  # of the canvas when face and name are compared


def person_share(picture: Array, seen: PosterSeen, claim: Claim) -> float | None:
    """0 to 1; None where the poster has neither, or the sender's own poster is not known."""
    art = next(art for art in claim.arts if art.key == seen.art)
    if not claim.poster or art.key != claim.arts[0].key:
        return None
    ready = prepared(art)
    own = Sight(np.asarray(open_picture(claim.poster, max_side=max(ready.width, ready.height))))
    straight = np.diag([own.size[0] / ready.width, own.size[1] / ready.height, 1.0])
    scale = MEAN_SIDE / ready.side
    sight, view = Sight(picture), view_of(seen, ready.width, ready.height)
    likeness = [
        _likeness(_cut(sight, view, scale, box), _cut(own, straight, scale, box))
        for box in (art.avatar_box, art.name_box)
        if box is not None
    ]
    return round(float(np.clip(np.mean(likeness), 0, 1)), 4) if likeness else None


def _cut(sight: Sight, view: Array, scale: float, box: Box) -> Array:
    left, top, right, bottom = (side * scale for side in box)
    size = max(4, round(right - left)), max(4, round(bottom - top))
    flat = flattened(sight, view, scale, size, (left, top))
    return high_passed(cv2.GaussianBlur(flat, (0, 0), 0.7), MEAN_SIDE)


def _likeness(one: Array, other: Array) -> float:
    return float(correlation(one[None], other[None])[0])
