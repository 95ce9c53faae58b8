"""Personal posters and simplejpeg's encode of the very same pictures, in turn, on one core; and the medians of it.

Times are CPU time of this thread, so that whoever else uses the machine counts as little as can be.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import simplejpeg

from perf.posters_people import ADDRESS, LETTERS, Look, people
from tenfold.imaging.compose import Given, Ground, MediaType, encode, prepare, stamp, whole
from tenfold.imaging.qr import code_facts
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
    """With the facts of its codes settled, as a campaign has them."""
    return Stand(look, _ground(look), people(look.language, random.Random(seed)))


def _ground(look: Look) -> Ground:
    codes = [layer["level"] for layer in look.content["layers"] if layer["type"] == "code"]
    facts = code_facts(f"{ADDRESS}{LETTERS[:7]}", level=codes[0]) if codes else None
    return prepare(look.design, look.shared, language=look.language, pictures={}, facts=facts)


def seen(stand: Stand, posters: int, *, ours_first: bool = True) -> Seen:
    """So many new people in a row, and the same pictures encoded whole in a row; the drawing alone comes last."""
    givens = list(itertools.islice(stand.givens, posters))
    pictures = [numpy.asarray(whole(stand.ground, given)) for given in givens]
    jobs: list[Callable[[], list[bytes]]] = [
        lambda: [encode(stand.ground, given, "image/jpeg") for given in givens],
        lambda: [full_encode(pixels) for pixels in pictures],
    ]
    done = [timed(job) for job in (jobs if ours_first else jobs[::-1])]
    (ours, our_files), (full, full_files) = done if ours_first else done[::-1]
    drawing, _ = timed(lambda: [stamp(stand.ground, given) for given in givens])
    return Seen(posters, ours, drawing, full, sum(map(len, our_files)), sum(map(len, full_files)))


def warm(stand: Stand, posters: int) -> None:
    for given in itertools.islice(stand.givens, posters):
        encode(stand.ground, given, "image/jpeg")


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
    given = next(people(look.language, random.Random(seed)))
    return timed(lambda: encode(_ground(look), given, "image/jpeg"))[0]


def pixels_of(stand: Stand) -> Any:
    return numpy.asarray(whole(stand.ground, next(stand.givens)))
