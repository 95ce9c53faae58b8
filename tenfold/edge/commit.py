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
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

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


@dataclass(slots=True)
class Waiter(Generic[A, R]):
    item: A
    future: asyncio.Future[R] | Future[R]
    """A thread's, or the event loop's: see `keep_for_thread`."""
    since: float = field(default_factory=time.monotonic)

    def tell(self, result: R | BaseException) -> None:
        """On the event loop, if one waits. Who has left or has waited too long is told nothing, and keeps nobody
        waiting."""
        if self.future.done():
            return
        if isinstance(result, BaseException):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


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
        self._line: SimpleQueue[Waiter[A, R] | None] = SimpleQueue()
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
        future: asyncio.Future[R] = loop.create_future()
        waiter: Waiter[A, R] = Waiter(item, future)
        self._waiters.append(waiter)
        self._line.put(waiter)
        if self._watched is not loop:
            self._start(loop)
        return await future

    def keep_for_thread(self, item: A) -> Future[R]:
        """As `keep`, for another thread while this line is in use; how long to wait is that thread's own business."""
        if self._is_closing or self._is_full():
            raise Full
        future: Future[R] = Future()
        self._line.put(Waiter(item, future))
        return future

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
        while self._waiters and (self._waiters[0].future.done() or self._waiters[0].since < too_old):
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

    def _next(self) -> list[Waiter[A, R]]:
        """All that waits, up to `MOST_AT_ONCE`; nothing when it is time to end."""
        batch = list[Waiter[A, R]]()
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

    def _write(self, batch: list[Waiter[A, R]]) -> None:
        """Keep, then answer everybody. Who has been told already that it takes too long is not written any more."""
        self._lag = time.monotonic() - batch[0].since
        still = [waiter for waiter in batch if not waiter.future.done()]
        results = self._results([waiter.item for waiter in still]) if still else []
        _release(still, results)
        self._note(len(still), time.monotonic() - batch[0].since)

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


def _release(batch: Sequence[Waiter[A, R]], results: Sequence[R | BaseException]) -> None:
    """One call for the whole batch into the event loop that waits for it (in tests there may be several)."""

    def tell(mine: list[tuple[Waiter[A, R], R | BaseException]]) -> None:
        for waiter, result in mine:
            waiter.tell(result)

    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiter[A, R], R | BaseException]]] = {}
    for waiter, result in zip(batch, results, strict=True):
        if isinstance(waiter.future, Future):
            waiter.tell(result)
        else:
            by_loop.setdefault(waiter.future.get_loop(), []).append((waiter, result))
    for loop, mine in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and whoever waited with it
            loop.call_soon_threadsafe(tell, mine)
