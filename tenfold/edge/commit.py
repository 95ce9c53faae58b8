"""Group commit: what comes in while one commit is under way goes into the next one, together.

One thread writes. Whatever waits when it is free becomes a batch, written in one transaction; only after its commit
anybody is answered. Nothing waits for a timer: alone, a scan is committed at once; in a crowd a batch grows to what
came during the last commit. So the rate adapts to the disk, and an answer takes one to two commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextvars import Context, copy_context
from queue import Empty, SimpleQueue
from typing import Generic, TypeAlias, TypeVar

import structlog
from django.db import Error, InterfaceError, OperationalError, connections

from tenfold.edge.memory import Full

A = TypeVar("A")
R = TypeVar("R")
log = structlog.get_logger(__name__)

MOST_AT_ONCE = 512
# Past these the answer is "one moment": more could not be answered in time, and memory has an end.
LONGEST_LINE = 4096
# How long the first of a batch had waited when it began: above this, no more are let in than one batch takes.
LONGEST_LAG = 1.5
# Somebody who has waited this long scans again; then an answer is of no use any more.
PATIENCE_SECONDS = 8.0
LOOK_SECONDS = 1.0
# For the last batch, when the process is told to stop; soon after it is killed (`server.GRACE_SECONDS`).
LAST_SECONDS = 4.0


class Waiter(Generic[A, R]):
    """Who waits in the line: an item, and what it is answered. To be awaited once, by one.

    Who drives a coroutine (a task, or Granian) takes it for a future; it costs half of one, since it wakes who awaits
    it at once, where a future asks for a turn of the loop of its own. A launch night has thousands of them a second.
    To be told by the event loop itself (`call_soon`), never from inside a task.
    """

    __slots__ = (
        "_answer",
        "_asyncio_future_blocking",
        "_context",
        "_loop",
        "_wake",
        "is_done",
        "item",
        "since",
    )

    def __init__(self, item: A, loop: asyncio.AbstractEventLoop) -> None:
        self.item = item
        self.since = time.monotonic()
        self.is_done = False
        self._loop = loop
        self._wake: Callable[[Waiter[A, R]], object] | None = None
        self._asyncio_future_blocking = False

    def tell(self, answer: R | BaseException) -> None:
        """On the event loop. Who has left or has waited too long is told nothing, and keeps nobody waiting."""
        if self.is_done:
            return
        self.is_done, self._answer = True, answer
        self._awake()

    def _awake(self) -> None:
        if self._wake:
            self._context.run(self._wake, self)

    def __await__(self) -> Generator[Waiter[A, R], None, R]:
        if not self.is_done:
            self._asyncio_future_blocking = True
            yield self
        if isinstance(self._answer, BaseException):
            # One error may be told to hundreds, and would collect the way through all of them.
            raise self._answer.with_traceback(None)
        return self._answer

    # What a future is asked by who drives a coroutine.

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(
        self, wake: Callable[[Waiter[A, R]], object], *, context: Context | None = None
    ) -> None:
        self._wake, self._context = wake, context or copy_context()

    def result(self) -> None:
        """Asked as it wakes; what there is to be said is said by `__await__`."""

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002  as asyncio asks it
        """Whoever awaits it has been told to end: no answer comes before that any more."""
        if self.is_done:
            return False
        self.is_done, self._answer = True, asyncio.CancelledError()
        self._loop.call_soon(self._awake)
        return True


class FromThread(Generic[A, R]):
    """Who waits in the line on a thread of their own, for as long as they like."""

    __slots__ = ("future", "item", "since")

    def __init__(self, item: A) -> None:
        self.item = item
        self.since = time.monotonic()
        self.future: Future[R] = Future()

    @property
    def is_done(self) -> bool:
        return self.future.done()

    def tell(self, answer: R | BaseException) -> None:
        if self.is_done:
            return
        if isinstance(answer, BaseException):
            self.future.set_exception(answer)
        else:
            self.future.set_result(answer)


Batch: TypeAlias = list[Waiter[A, R] | FromThread[A, R]]


class GroupCommit(Generic[A, R]):
    """`write` keeps a batch in one transaction and gives an answer for each, in order; it raises, or all is kept."""

    def __init__(
        self,
        write: Callable[[Sequence[A]], Sequence[R]],
        *,
        note: Callable[[int, float], None] = lambda _size, _seconds: None,
        at_end: Callable[[], None] = lambda: None,
        name: str = "writer",
    ) -> None:
        """`note` is told of each batch its size, and how long the first in it had to wait for the answer; `at_end` runs
        after the last."""
        self._keep_all = write
        self._note = note
        self._at_end = at_end
        self._line: SimpleQueue[Waiter[A, R] | FromThread[A, R] | None] = SimpleQueue()
        self._waiters: deque[Waiter[A, R]] = deque()
        self._watched: asyncio.AbstractEventLoop | None = None
        self._is_closing = False
        self._lag = 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def keep(self, item: A) -> R:
        """The answer to `item` once it is kept. `Full` where too many wait, TimeoutError after `PATIENCE_SECONDS`,
        OperationalError and the like where the database does not take it."""
        if self._is_closing or self._is_full():
            raise Full
        loop = asyncio.get_running_loop()
        waiter: Waiter[A, R] = Waiter(item, loop)
        self._waiters.append(waiter)
        self._line.put(waiter)
        if self._watched is not loop:
            self._start(loop)
        return await waiter

    def keep_for_thread(self, item: A) -> Future[R]:
        """As `keep`, for another thread while this line is in use; how long to wait is that thread's own business."""
        if self._is_closing or self._is_full():
            raise Full
        waiter: FromThread[A, R] = FromThread(item)
        self._line.put(waiter)
        return waiter.future

    def _is_full(self) -> bool:
        """In a storm whoever is let in should not wait for long: the rest is told at once to come again."""
        length = self._line.qsize()
        return length >= LONGEST_LINE or (self._lag > LONGEST_LAG and length >= MOST_AT_ONCE)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watched = loop
        loop.call_later(LOOK_SECONDS, self._look, loop)
        if not self._thread.is_alive():
            self._thread.start()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let nobody wait for ever; one look a second for all of them, instead of a timer for each."""
        too_old = time.monotonic() - PATIENCE_SECONDS
        while self._waiters and (self._waiters[0].is_done or self._waiters[0].since < too_old):
            self._waiters.popleft().tell(TimeoutError())
        if self._waiters:
            loop.call_later(LOOK_SECONDS, self._look, loop)
        else:
            self._watched = None

    # --- the writer's thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._write(batch)
            except BaseException:
                # Whatever it is, this thread goes on, or nobody is ever answered again.
                log.exception("batch_not_answered")
                _release(batch, [RuntimeError("the writer stumbled")] * len(batch))
        try:
            self._at_end()
        except Error as trouble:
            log.warning("writer_ended_badly", why=repr(trouble))
        connections.close_all()

    def _next(self) -> Batch[A, R]:
        """All that waits, up to `MOST_AT_ONCE`; nothing when it is time to end."""
        batch: Batch[A, R] = []
        waiter = self._line.get()
        with contextlib.suppress(Empty):
            while waiter is not None:
                batch.append(waiter)
                if len(batch) == MOST_AT_ONCE:
                    return batch
                waiter = self._line.get_nowait()
            if batch:
                self._line.put(None)  # the end comes after this batch
        return batch

    def _write(self, batch: Batch[A, R]) -> None:
        """Keep, then answer everybody. Who has been told already that it takes too long is not written any more."""
        self._lag = time.monotonic() - batch[0].since
        still = [waiter for waiter in batch if not waiter.is_done]
        results = self._results([waiter.item for waiter in still]) if still else []
        try:
            # Before they are told: whoever asks for the numbers after an answer finds it among them.
            self._note(len(still), time.monotonic() - batch[0].since)
        finally:
            _release(still, results)

    def _results(self, items: list[A]) -> Sequence[R | BaseException]:
        try:
            return self._keep_all(items)
        except (OperationalError, InterfaceError) as trouble:
            log.warning("batch_not_kept", size=len(items), why=repr(trouble))
            connections.close_all()
            return [trouble] * len(items)
        except Exception as error:
            # One of them cannot be kept. The others must not suffer for it.
            if len(items) == 1:
                log.exception("item_not_kept")
                return [error]
            half = len(items) // 2
            return [*self._results(items[:half]), *self._results(items[half:])]

    def close(self) -> None:
        """Write what waits, and end."""
        self._is_closing = True
        self._line.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=LAST_SECONDS)


def _release(batch: Sequence[Waiter[A, R] | FromThread[A, R]], results: Sequence[R | BaseException]) -> None:
    """One call for the whole batch into the event loop that waits for it (in tests there may be several)."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiter[A, R], R | BaseException]]] = {}
    for waiter, result in zip(batch, results, strict=True):
        if isinstance(waiter, Waiter):
            by_loop.setdefault(waiter.get_loop(), []).append((waiter, result))
        else:
            waiter.tell(result)
    for loop, mine in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and whoever waited with it
            loop.call_soon_threadsafe(_tell, mine)


def _tell(told: list[tuple[Waiter[A, R], R | BaseException]]) -> None:
    for waiter, result in told:
        try:
            waiter.tell(result)
        except Exception:
            # The one who awaited it stumbled as it woke; the others have still to be told.
            log.exception("waiter_not_told")
