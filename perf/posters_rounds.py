"""Personal posters and simplejpeg's encode of the very same pictures, in turn, on one core; and the medians of it.

Times are CPU time of this thread, so that whoever else uses the machine counts as little as can be.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import simplejpeg

from perf.posters_people import Look, people
from tenfold.imaging.compose import Given, Ground, MediaType, encode, prepare, stamp, whole
from tenfold.imaging.splice import QUALITY


@dataclass(frozen=True)
class Stand:
    """A design that is prepared, and the people who come for it."""

    look: Look
    ground: Ground
    givens: Iterator[Given]


@dataclass(frozen=True)
class Seen:
    """Seconds and bytes of some posters, summed: ours, the drawing's part of them, and encoded whole."""

    posters: int
    ours: float
    drawing: float
    full: float
    our_bytes: int
    full_bytes: int

    @property
    def ratio(self) -> float:
        """How many of ours are made in the time of one full encode."""
        return self.full / self.ours


def stand(look: Look, seed: int) -> Stand:
    ground = prepare(look.design, look.shared, language=look.language, pictures={})
    return Stand(look, ground, people(look.language, random.Random(seed)))


def seen(stand: Stand, posters: int) -> Seen:
    """So many people, each new; what is measured first alternates, and the drawing alone comes last."""
    sums = [0.0, 0.0, 0.0]
    sizes = [0, 0]
    for nth in range(posters):
        given = next(stand.givens)
        pixels = numpy.asarray(whole(stand.ground, given))
        jobs: list[tuple[int, Callable[[], bytes]]] = [
            (0, lambda given=given: encode(stand.ground, given, "image/jpeg")),  # type: ignore[misc]
            (1, lambda pixels=pixels: full_encode(pixels)),  # type: ignore[misc]
        ]
        for place, job in jobs if nth % 2 else jobs[::-1]:
            seconds, data = timed(job)
            sums[place] += seconds
            sizes[place] += len(data)
        sums[2] += timed(lambda given=given: stamp(stand.ground, given))[0]  # type: ignore[misc]
    return Seen(posters, sums[0], sums[2], sums[1], sizes[0], sizes[1])


def together(some: Sequence[Seen]) -> Seen:
    return Seen(
        sum(each.posters for each in some),
        sum(each.ours for each in some),
        sum(each.drawing for each in some),
        sum(each.full for each in some),
        sum(each.our_bytes for each in some),
        sum(each.full_bytes for each in some),
    )


def full_encode(pixels: Any) -> bytes:
    """Of the same quality, and with colours at half resolution as ours are."""
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=QUALITY, colorspace="RGB", colorsubsampling="420")
    return data


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    before = time.thread_time()
    made = job()
    return time.thread_time() - before, made


def whole_file(stand: Stand, kind: MediaType) -> float:
    """Seconds of one PNG or WebP."""
    given = next(stand.givens)
    return timed(lambda: encode(stand.ground, given, kind))[0]


def cold(look: Look, seed: int) -> float:
    """Seconds until the first poster of a design that this process has never seen."""
    design, given = look.design, next(people(look.language, random.Random(seed)))

    def first() -> bytes:
        ground = prepare(design, look.shared, language=look.language, pictures={})
        return encode(ground, given, "image/jpeg")

    return timed(first)[0]


def pixels_of(stand: Stand) -> Any:
    return numpy.asarray(whole(stand.ground, next(stand.givens)))
