"""One look at each picture of a set, as the worker's child takes it, and what the rules make of it.

Beside each look the same picture is read by the decoder alone, on the same core and in turn, so that both cost what
they cost on this machine at this moment.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perf.review_set import Label, ScreenSet, read_set
from tenfold.imaging.seen import PROVEN, Claim, Findings

if TYPE_CHECKING:
    from tenfold.proofs.copies import Match

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]
SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Seen:
    """What came of one picture. `margins` are those of the impostors' codes; none where no poster was proven, for
    nobody's code can then be accepted."""

    label: Label
    findings: Findings
    outcome: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    margins: tuple[float, ...] = ()
    cpu_ms: float = 0.0
    decoder_ms: float = 0.0

    @property
    def is_proven(self) -> bool:
        return self.findings.code is not None and bool(self.findings.code.proven)

    @property
    def art(self) -> float:
        return self.findings.poster.score if self.findings.poster else 0.0

    @property
    def is_right(self) -> bool:
        """Of a wrong one: refused or doubted, for the reason that holds; of a trick, which has hidden it, a person
        may be asked for any. Small pictures in a post do not show whose code they have: that a person is told so is all
        that can be asked."""
        if self.outcome == "pass" or (not self.reasons and not self.label.trick):
            return False
        if self.label.trick and self.outcome == "ask":
            return True
        if self.label.is_grid and self.outcome == "ask" and self.label.cls in ("pos", "neg_qrswap"):
            return self.reasons[0] in ("unreadable", "no_poster", *self.label.truths)
        return self.reasons[0] in self.label.truths


@dataclass(frozen=True)
class Wishes:
    """`keep` is a file to which each look is added, and from which a run that was broken off goes on, as long as the
    code is the same."""

    folder: Path
    impostors: int
    processes: int = 1
    keep: Path | None = None


def looks(wishes: Wishes, labels: Sequence[Label]) -> Iterator[Seen]:
    known = {seen.label.file: seen for seen in _kept(wishes.keep)}
    yield from (known[label.file] for label in labels if label.file in known)
    for seen in _made(wishes, [label for label in labels if label.file not in known]):
        if wishes.keep:
            with wishes.keep.open("ab") as file:
                pickle.dump((_engine(), seen), file)
        yield seen


def _kept(path: Path | None) -> Iterator[Seen]:
    if path is None or not path.exists():
        return
    with path.open("rb") as file:
        while True:
            try:
                engine, seen = pickle.load(file)
            except EOFError:
                return
            if engine == _engine():
                yield seen


@cache
def _engine() -> str:
    """Changes with whatever looks or decides: what another one has seen is not gone on from."""
    rooms = (ROOT / "tenfold" / room for room in ("imaging", "proofs"))
    code = b"".join(path.read_bytes() for room in rooms for path in sorted(room.glob("*.py")))
    return hashlib.sha256(code).hexdigest()


def _made(wishes: Wishes, labels: Sequence[Label]) -> Iterator[Seen]:
    if wishes.processes == 1:
        _begin(wishes)
        yield from map(_look, labels)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(wishes.processes, _begin, (wishes,)) as pool:
        yield from pool.imap(_look, labels, chunksize=4)


_LOOKER: list[Looker] = []


def _begin(wishes: Wishes) -> None:
    prepare()
    _LOOKER[:] = [Looker(wishes)]


def _look(label: Label) -> Seen:
    return _LOOKER[0].look(label)


def prepare() -> None:
    """One core, and everything loaded before something is measured."""
    for name in SINGLE:
        os.environ[name] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
    import django

    django.setup()
    from tenfold.imaging import examine

    examine.warm()


def opened(folder: Path) -> ScreenSet:
    from tenfold.imaging.arts import same_art

    screens = read_set(folder)
    screens.similarity = same_art
    return screens


class Looker:
    def __init__(self, wishes: Wishes) -> None:
        self._set, self._impostors = opened(wishes.folder), wishes.impostors

    def look(self, label: Label) -> Seen:
        picture, claim = cleaned(self._set.picture(label)), self._set.claim(label)
        decoder = decoder_of(picture)
        _, before = timed(decoder)
        findings, cpu = timed(lambda: look_at(picture, claim))
        _, after = timed(decoder)
        outcome, reasons, missing = verdict(findings, claim, oldest_hours=label.oldest_hours)
        margins = self._margins(label, picture, findings)
        return Seen(label, findings, outcome, reasons, missing, margins, cpu, (before + after) / 2)

    def _margins(self, label: Label, picture: bytes, findings: Findings) -> tuple[float, ...]:
        if findings.poster is None or findings.poster.score < PROVEN or not self._impostors:
            return ()
        from tenfold.imaging.proving import margins

        texts = self._set.impostors(label, self._impostors)
        art = self._set.claim(label).arts[0]
        return tuple(margins(pixels_of(picture), findings.poster, art, texts))


def cleaned(picture: bytes) -> bytes:
    """As it is kept, and looked at: drawn anew from its pixels, most of them as a JPEG."""
    from tenfold.imaging.reading import clean_picture

    return clean_picture(picture).data


def look_at(picture: bytes, claim: Claim) -> Findings:
    from tenfold.flow.looks import WANTS
    from tenfold.imaging.examine import examine

    return examine(picture, claim, wants=WANTS)


def verdict(
    findings: Findings, claim: Claim, same: Match | None = None, *, oldest_hours: int = 0
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """(outcome, reasons, doubts) by the plan of all measurements: posted wherever, seen by everybody, of any age where
    `oldest_hours` is 0. Whatever a plan of another place approves, this one does."""
    from tenfold.proofs.deciding import decide
    from tenfold.proofs.models import ReviewPlan
    from tenfold.up.campaign_files import owner_of

    belongs = {code.text: owner_of(code.text, claim.code_text) for code in findings.codes}
    found = decide(findings, ReviewPlan(place="any", oldest_hours=oldest_hours or None), belongs, same)
    return str(found.outcome), tuple(map(str, found.reasons)), tuple(map(str, found.missing))


def pixels_of(picture: bytes) -> Any:
    import numpy

    from tenfold.imaging.reading import open_picture

    return numpy.asarray(open_picture(picture, max_side=2560))


def decoder_of(picture: bytes) -> Callable[[], object]:
    """One pass of the decoder over the picture as it is, ready in memory: what all costs are told in."""
    import zxingcpp
    from PIL import Image

    with Image.open(BytesIO(picture)) as opened_picture:
        grey = opened_picture.convert("L")
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return lambda: zxingcpp.read_barcodes(grey, formats=formats)


def timed(job: Callable[[], T]) -> tuple[T, float]:
    """With the milliseconds of CPU that it took, in all threads of this process."""
    before = time.process_time()
    made = job()
    return made, 1000 * (time.process_time() - before)
