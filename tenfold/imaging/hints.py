"""Signs of editing, for a person to look at. Each has an innocent explanation too, so that none is ever a verdict."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ocr import Pixels
from tenfold.imaging.seen import CodeSeen, Hint, PosterSeen, PostSeen, Quad
from tenfold.imaging.textlines import ink_of
from tenfold.imaging.upright import Region, is_placed, region, size_of

# Levels by which the ground behind the age may differ from that around it, and times by which its grain may.
_STEP = 2.5
_GRAIN_TIMES = 4.0
_LEAST_GRAIN = 0.8
_LEAST_PIXELS = 60
_GLARING = 248
_EDGE = 12
_NEXT = np.ones((3, 3), np.uint8)


def hints(
    picture: Pixels, poster: PosterSeen | None, code: CodeSeen | None, post: PostSeen | None
) -> tuple[Hint, ...]:
    """What looks as if it had been put there afterwards; nothing where there is nothing to compare.

    "age_ground": the ground behind the age has another tone than that around it. "age_grain", "code_grain": the age or
    the code has plainly less of the picture's own noise than what surrounds it, as what was painted has.
    """
    if poster is None or not is_placed(poster.quad):
        return ()
    found = _of_age(picture, post.age.quad) if post is not None and post.age is not None else []
    if code is not None and code.quad is not None and is_placed(code.quad):
        found += _of_code(picture, poster.quad, code.quad)
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


def _of_code(picture: Pixels, poster: Quad, code: Quad) -> list[Hint]:
    """The white of the code against the ground of the screen below the poster: one camera took both, or none did."""
    side, (_, tall) = min(size_of(code)), size_of(poster)
    here = region(picture, code, -0.1 * side, -0.1 * side, 1.1 * side, 1.1 * side)
    below = region(picture, poster, 0, tall + 0.05 * side, size_of(poster)[0], tall + 1.5 * side)
    if here is None or below is None:
        return []
    white, ground = _plain(here), _plain(below)
    white &= here.grey >= np.median(here.grey[white]) - 12 if white.any() else white
    # What is overexposed has no grain either.
    if min(int(white.sum()), int(ground.sum())) < _LEAST_PIXELS or np.median(here.grey[white]) >= _GLARING:
        return []
    grain = float(_grain(here.grey)[white].mean())
    around = float(_grain(below.grey)[ground].mean())
    if around < max(_LEAST_GRAIN, _GRAIN_TIMES * grain):
        return []
    return [Hint("code_grain", code, _strength(around / max(grain, 0.05), _GRAIN_TIMES))]


def _plain(where: Region) -> NDArray[np.bool_]:
    """What lies away from every edge."""
    soft = cv2.GaussianBlur(where.grey, (0, 0), 1.5)
    edges = cv2.dilate(cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, _NEXT), _NEXT)
    return np.asarray(where.inside & (edges <= _EDGE))


def _grain(grey: Pixels) -> NDArray[np.float32]:
    return np.asarray(np.abs(cv2.Laplacian(grey, cv2.CV_32F)))


def _apart(grey: Pixels, near: NDArray[np.bool_], far: NDArray[np.bool_]) -> list[tuple[str, float]]:
    """How two parts differ: in tone ("ground"), and in noise ("grain"); the strength grows from 0 to 1."""
    if min(int(near.sum()), int(far.sum())) < _LEAST_PIXELS:
        return []
    found = []
    step = abs(float(np.median(grey[near])) - float(np.median(grey[far])))
    grain = _grain(grey)
    here, around = float(grain[near].mean()), float(grain[far].mean())
    if step >= _STEP:
        found.append(("ground", _strength(step, _STEP)))
    # More of it is no sign: around letters every JPEG has more.
    if around >= _LEAST_GRAIN and around >= _GRAIN_TIMES * here:
        found.append(("grain", _strength(around / max(here, 0.05), _GRAIN_TIMES)))
    return found


def _strength(value: float, least: float) -> float:
    return round(min(1.0, value / (3 * least)), 2)
