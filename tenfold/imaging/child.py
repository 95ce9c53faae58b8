"""Pictures from strangers are decoded, and looked at, in a process that may die of them without taking anything along.

It has limits on its CPU time, its memory and its files before the first byte reaches it; it ends with us, and is
replaced after some hundred tasks. What it answers is checked like what a stranger says: a decoder that was taken over
can give a wrong picture or wrong findings of its own task, and of the later ones it still gets, and nothing beyond:
what it says of two fingerprints is only where to compare anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Literal, Self, TypeVar, get_args

import structlog

from tenfold.imaging import headers, pairing, plain
from tenfold.imaging.cell import Cell, Silent
from tenfold.imaging.frames import Frame
from tenfold.imaging.headers import Reason, Unreadable
from tenfold.imaging.limits import CLEANING, LOOKING, Limits
from tenfold.imaging.reading import AVATAR_SIDE, MAX_BYTES, CleanPicture
from tenfold.imaging.seen import Claim, Findings, Want
from tenfold.imaging.shelf import Shelf

__all__ = ["CLEANING", "LOOKING", "Child", "Died", "Limits", "NoChild", "Pool", "twice"]

log = structlog.get_logger(__name__)
T = TypeVar("T")
Death = Literal["cpu", "memory", "late", "crashed", "killed", "ended", "garbage", "failed"]
# Loading all that looks takes seconds on a busy machine; decoders are there in a fraction of one.
START_SECONDS = 60.0
# After it whoever asked compares by themselves: a look's lease has to last for its two parts.
SIFT_SECONDS = 5.0
MAX_SIDE = 2560

_BY_SIGNAL: dict[int, Death] = {
    signal.SIGPROF: "cpu",
    signal.SIGXCPU: "cpu",
    signal.SIGKILL: "killed",
    signal.SIGTERM: "killed",
}


class Died(Exception):
    """This task has ended the process. `told` are the words of an exception, for the log: they may be a stranger's."""

    def __init__(self, reason: Death, told: str = "") -> None:
        super().__init__(f"{reason}: {told}" if told else reason)
        self.reason: Death = reason
        self.told = told


class NoChild(Exception):
    """There is no process for this task now, which says nothing about the picture."""

    def __init__(self, reason: Literal["not_started", "busy", "closed"]) -> None:
        super().__init__(reason)
        self.reason = reason


def twice(task: Callable[[], T]) -> T:
    """A task that ended its process once more, in a fresh one: it may have been the machine. Raises Unreadable when it
    ends that one too; NoChild when both have waited for a core all the time."""
    try:
        return task()
    except Died as first:
        log.warning("picture_ended_its_process", why=first.reason, told=first.told)
    try:
        return task()
    except Died as died:
        log.warning("picture_ended_its_process", why=died.reason, told=died.told, again=True)
        if died.reason == "late":
            raise NoChild("busy") from died
        raise Unreadable("unreadable") from died


class Child:
    """One process at a time, for one thread at a time. It starts at the first task, and anew after each death.

    Every task is one try: it raises Unreadable, Died or NoChild.
    """

    def __init__(self, limits: Limits = CLEANING) -> None:
        self.limits = limits
        self._cell: Cell | None = None
        self._is_ready = False
        self._is_closed = False
        self._was_late = False
        self._is_hurried = False
        self._tasks = 0
        self._shelf = Shelf()
        self._talking = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def _limits_now(self) -> Limits:
        """Of the process in hand."""
        return self.limits.after_late() if self._is_hurried else self.limits

    @property
    def pid(self) -> int | None:
        return self._cell.pid if self._cell else None

    def clean(self, data: bytes, *, max_side: int = MAX_SIDE) -> CleanPicture:
        """As `reading.clean_picture`."""
        return self._picture("clean", data, max_side)

    def avatar(self, data: bytes) -> CleanPicture:
        """As `reading.avatar_picture`."""
        return self._picture("avatar", data, AVATAR_SIDE)

    def examine(self, picture: bytes, claim: Claim, *, wants: frozenset[Want] = frozenset()) -> Findings:
        """As `imaging.examine.examine`; only a child that is `LOOKING` can."""
        with self._talking:
            cell = self._ready()
            asked = self._shelf.packed(claim)
            told = asked.told | {"do": "examine", "wants": sorted(wants)}
            answer = self._answer(cell, Frame(told, (picture, *asked.blobs)))
            with self._believed():
                found = plain.read(Findings, answer.told.get("findings"))
            self._recycle(answer)
            return found

    def sift(self, pairs: Sequence[tuple[bytes, bytes]]) -> tuple[bool, ...]:
        """Which of these pairs of fingerprints may be of one shot; only a child that is `LOOKING` can. It is a part of
        the last task: nothing is replaced between the two, and no other process is waited for."""
        with self._talking:
            if self._cell is None or not self._is_ready:
                raise NoChild("not_started")
            answer = self._answer(self._cell, pairing.packed(pairs), SIFT_SECONDS)
            with self._believed():
                return pairing.read(answer, len(pairs))

    def ready(self) -> None:
        """Wait until it has loaded all it needs, which may take as long as a task. Raises NoChild."""
        with self._talking:
            self._ready()

    def start(self) -> None:
        """Begin to load without waiting for it."""
        with self._talking:
            self._started()

    def close(self) -> None:
        """End it, from whichever thread; a task in hand raises NoChild."""
        self._is_closed = True
        if cell := self._cell:
            cell.kill()
        with self._talking:
            self._drop()

    def _picture(self, do: str, data: bytes, max_side: int) -> CleanPicture:
        if len(data) > MAX_BYTES:
            raise Unreadable("too_large")
        with self._talking:
            answer = self._answer(self._ready(), Frame({"do": do, "max_side": max_side}, (data,)))
            with self._believed():
                clean = _clean(answer, data, max_side)
            self._recycle(answer)
            return clean

    def _ready(self) -> Cell:
        cell = self._started()
        if not self._is_ready:
            try:
                answer = cell.hear(START_SECONDS)
            except Silent as silent:
                self._was_late = silent.why == "late"
                self._drop()
                raise NoChild("closed" if self._is_closed else "not_started") from silent
            self._is_ready = bool(answer.told.get("ready"))
        return cell

    def _started(self) -> Cell:
        if self._is_closed:
            raise NoChild("closed")
        if self._cell is None:
            self._is_hurried, self._was_late = self._was_late, False
            try:
                self._cell = Cell(json.dumps(asdict(self._limits_now)))
            except (OSError, MemoryError) as error:
                raise NoChild("not_started") from error
            self._is_ready, self._tasks, self._shelf = False, 0, Shelf()
        return self._cell

    def _drop(self) -> None:
        if cell := self._cell:
            self._cell = None
            cell.close()

    def _answer(self, cell: Cell, task: Frame, seconds: float | None = None) -> Frame:
        try:
            answer = cell.ask(task, seconds or self._limits_now.wall_seconds)
        except Silent as silent:
            self._was_late = silent.why == "late"
            self._drop()
            if self._is_closed:
                raise NoChild("closed") from silent
            raise _death(silent) from silent
        if "died" in answer.told:
            self._drop()
            is_memory = answer.told["died"] == "memory"
            raise Died("memory" if is_memory else "failed", _words(answer.told.get("told")))
        if "unreadable" in answer.told:
            reason = answer.told["unreadable"]
            self._recycle(answer)
            raise Unreadable(reason if reason in get_args(Reason) else "unreadable")
        return answer

    @contextmanager
    def _believed(self) -> Iterator[None]:
        """What does not hold up ends the process that said it."""
        try:
            yield
        except (Unreadable, plain.Misread, ValueError) as error:
            self._drop()
            raise Died("garbage") from error

    def _recycle(self, answer: Frame) -> None:
        """After enough tasks, or when it keeps too much, the next one is started at once, before somebody waits."""
        self._tasks += 1
        resident = answer.told.get("resident")
        has_grown = not isinstance(resident, int) or resident > self.limits.grown_bytes
        if self._tasks >= self.limits.tasks or has_grown:
            self._drop()
            with contextlib.suppress(NoChild):
                self._started()


def _clean(answer: Frame, original: bytes, max_side: int) -> CleanPicture:
    """Everything that is said of the picture is what we see in it ourselves. Raises Unreadable and ValueError."""
    (data,) = answer.blobs
    header = headers.bare(data)
    if header.kind == "WEBP" or max(header.width, header.height) > max_side:
        raise ValueError("not what was asked for")
    media_type = "image/png" if header.kind == "PNG" else "image/jpeg"
    digest = hashlib.sha256(original).hexdigest()
    return CleanPicture(data, media_type, header.width, header.height, digest)


def _death(silent: Silent) -> Died:
    if silent.why == "late":
        return Died("late")
    if silent.why == "garbage":
        return Died("garbage")
    if silent.code is None or silent.code >= 0:
        return Died("ended")
    return Died(_BY_SIGNAL.get(-silent.code, "crashed"))


def _words(told: object) -> str:
    return "".join(letter for letter in str(told)[:300] if letter.isprintable())


class Pool:
    """Some children for all threads of a process, started when they are needed. A task that ends its child is tried
    once more. Raises Unreadable and NoChild."""

    def __init__(self, limits: Limits = CLEANING, *, size: int = 2, wait_seconds: float = 10.0) -> None:
        self._limits, self._wait_seconds = limits, wait_seconds
        self._free = threading.BoundedSemaphore(size)
        self._idle: list[Child] = []
        self.children: list[Child] = []
        self._is_closed = False

    def clean(self, data: bytes, *, max_side: int = MAX_SIDE) -> CleanPicture:
        with self.borrowed() as child:
            return twice(lambda: child.clean(data, max_side=max_side))

    def avatar(self, data: bytes) -> CleanPicture:
        with self.borrowed() as child:
            return twice(lambda: child.avatar(data))

    def examine(self, picture: bytes, claim: Claim, *, wants: frozenset[Want] = frozenset()) -> Findings:
        with self.borrowed() as child:
            return twice(lambda: child.examine(picture, claim, wants=wants))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """No process is left when this is over."""
        self._is_closed = True
        for child in self.children:
            child.close()

    @contextmanager
    def borrowed(self) -> Iterator[Child]:
        """The one used last, so that the others need not be started before they are needed."""
        if not self._free.acquire(timeout=self._wait_seconds):
            raise NoChild("busy")
        try:
            child = self._idle.pop() if self._idle else self._new()
            try:
                yield child
            finally:
                self._idle.append(child)
        finally:
            self._free.release()

    def _new(self) -> Child:
        child = Child(self._limits)
        self.children.append(child)
        if self._is_closed:
            child.close()
        return child
