"""Signs of editing, for a person to look at. Each has an innocent explanation too, so that none is ever a verdict."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ocr import Pixels
from tenfold.imaging.seen import CodeSeen, Hint, PosterSeen, PostSeen, Quad
from tenfold.imaging.textlines import ink_of
from tenfold.imaging.upright import region, size_of

# Levels by which the ground behind the age may differ from that around it, and times by which its grain may.
_STEP = 2.5
_GRAIN_TIMES = 4.0
_LEAST_GRAIN = 0.8
_LEAST_PIXELS = 60


def hints(
    picture: Pixels, poster: PosterSeen | None, code: CodeSeen | None, post: PostSeen | None
) -> tuple[Hint, ...]:
    """What looks as if it had been put there afterwards; nothing where there is nothing to compare.

    "age_ground": the ground behind the age has another tone than that around it. "age_grain", "code_grain": the age or
    the code has plainly less of the picture's own noise than what surrounds it, as what was painted has.
    """
    if poster is None:
        return ()
    found = _of_age(picture, post.age.quad) if post is not None and post.age is not None else []
    if code is not None and code.quad is not None:
        found += _of_code(picture, code.quad)
    return tuple(found)


def _of_age(picture: Pixels, quad: Quad) -> list[Hint]:
    """The plain ground close to the age's letters against the plain ground a little further away."""
    wide, tall = size_of(quad)
    where = region(picture, quad, -0.2 * tall, -1.2 * tall, wide + tall, 2.2 * tall)
    if where is None:
        return []
    ink = ink_of(where.grey, where.inside, tall)
    plain = where.inside & (cv2.dilate(ink.mask.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    near = np.zeros(plain.shape, np.bool_)
    x0, y0 = -where.left, -where.top
    top, bottom = round(y0 - 0.15 * tall), round(y0 + 1.15 * tall)
    near[max(0, top) : bottom, max(0, round(x0 - 0.1 * tall)) : round(x0 + wide + 0.1 * tall)] = True
    return [
        Hint(f"age_{kind}", quad, strength)
        for kind, strength in _apart(where.grey, plain & near, plain & ~near)
    ]


def _of_code(picture: Pixels, quad: Quad) -> list[Hint]:
    """The code's quiet zone against the plain parts of what surrounds it: something stuck on has a grain of its own."""
    side = min(size_of(quad))
    where = region(picture, quad, -0.6 * side, -0.6 * side, 1.6 * side, 1.6 * side)
    if where is None:
        return []
    edges = cv2.morphologyEx(where.grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    plain = where.inside & (edges <= 24)
    near = np.zeros(plain.shape, np.bool_)
    x0, y0, rim = round(-where.left), round(-where.top), round(0.12 * side)
    near[max(0, y0 - rim) : y0 + round(side) + rim, max(0, x0 - rim) : x0 + round(side) + rim] = True
    kinds = _apart(where.grey, plain & near, plain & ~near)
    return [Hint("code_grain", quad, strength) for kind, strength in kinds if kind == "grain"]


def _apart(grey: Pixels, near: NDArray[np.bool_], far: NDArray[np.bool_]) -> list[tuple[str, float]]:
    """How two parts differ: in tone ("ground"), and in noise ("grain"); the strength grows from 0 to 1."""
    if min(int(near.sum()), int(far.sum())) < _LEAST_PIXELS:
        return []
    found = []
    step = abs(float(np.median(grey[near])) - float(np.median(grey[far])))
    grain = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    here, around = float(grain[near].mean()), float(grain[far].mean())
    if step >= _STEP:
        found.append(("ground", _strength(step, _STEP)))
    # More of it is no sign: around letters every JPEG has more.
    if around >= _LEAST_GRAIN and around >= _GRAIN_TIMES * here:
        found.append(("grain", _strength(around / max(here, 0.05), _GRAIN_TIMES)))
    return found


def _strength(value: float, least: float) -> float:
    return round(min(1.0, value / (3 * least)), 2)
