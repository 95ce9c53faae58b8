"""What the doors keep in memory: today, who is waiting for a thread; no state that a crash could lose.

`Threads` is the place where group commit comes in later: work that waits for the writer is then taken together,
run in one transaction, and every caller answered after its commit. Until then each call is its own transaction.
Leases of seats will live here too, in blocks, as a table in memory whose every change is in the log (the database)
before anybody hears of it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import close_old_connections

T = TypeVar("T")


class Full(Exception):
    """More is waiting than could be answered in time."""


class Threads:
    """A few threads that may use the database, and a bounded line before them."""

    def __init__(self, name: str, *, count: int, line: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(line)

    async def run(self, work: Callable[[], T], *, patience: float) -> T:
        """The result of `work`. `Full` where the line is too long, TimeoutError where it took over `patience` seconds.

        Work that has begun goes on after a time-out, and keeps its place until it is done: a stuck database fills
        the line and is told as `Full` at once, instead of letting everybody wait.
        """
        if not self._places.acquire(blocking=False):
            raise Full
        future = self._pool.submit(_with_fresh_connections, work)
        future.add_done_callback(self._leave)
        return await asyncio.wait_for(asyncio.wrap_future(future), patience)

    def _leave(self, _done: Future[Any]) -> None:
        self._places.release()

    def close(self) -> None:
        """Drop what waits and let what runs finish; the threads' connections end with them."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _with_fresh_connections(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
