"""What the doors keep in memory: cards of codes, and who waits for a thread. No state that a crash could lose."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import close_old_connections

from tenfold.flow import Card, cards_of, newest_cards

T = TypeVar("T")

# About 45 MB of cards: a door process stays within 150 MB however many codes there are.
MOST_CARDS = 200_000
# Of those that are most likely to be asked for, what a door that has just started reads in advance, and at once.
CARDS_IN_ADVANCE, CARDS_AT_ONCE = 100_000, 1000
NUMBERS = struct.Struct("<II?")
# A slug nobody knows may be made a moment later: by then it has to be found.
UNKNOWN_SECONDS = 1.0
MOST_UNKNOWN = 20_000
# Slugs asked for in one query, and how many may wait for that.
MOST_AT_ONCE = 500
LONGEST_LINE = 4096


class Full(Exception):
    """More is waiting than could be answered in time."""


class Threads:
    """A few threads that may use the database, and a bounded line before them."""

    def __init__(self, name: str, *, count: int, line: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(line)
        self._is_closed = False

    async def run(self, work: Callable[[], T], *, patience: float) -> T:
        """The result of `work`. `Full` where the line is too long or closed, TimeoutError where it took over `patience`
        seconds.

        Work that has begun goes on after a time-out, and keeps its place until it is done: a stuck database fills
        the line and is told as `Full` at once, instead of letting everybody wait.
        """
        if self._is_closed or not self._places.acquire(blocking=False):
            raise Full
        future = self._pool.submit(_with_fresh_connections, work)
        future.add_done_callback(self._leave)
        return await asyncio.wait_for(asyncio.wrap_future(future), patience)

    def _leave(self, _done: Future[Any]) -> None:
        self._places.release()

    def close(self) -> None:
        """Drop what waits and let what runs finish; the threads' connections end with them."""
        self._is_closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)


def _with_fresh_connections(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


class Recent(Generic[T]):
    """The `most` values used last, roughly: a young half, and an old half that is dropped when the young one is full.
    Half the memory and time of an exact order, and nobody can tell the difference."""

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._young: dict[str, T] = {}
        self._old: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: str, value: T) -> None:
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = value


class Shelf:
    """Cards of codes, packed: 60 bytes each that the garbage collector need not look at."""

    def __init__(self, most: int) -> None:
        self._packed: Recent[bytes] = Recent(most)
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}

    def get(self, slug: str) -> Card | None:
        packed = self._packed.get(slug)
        if packed is None:
            return None
        campaign, source, is_sharing = NUMBERS.unpack_from(packed)
        ids = packed[NUMBERS.size :].hex()
        # A channel's code has no owner: then there is nothing but its own id.
        owner_id, owner_visitor = ids[32:64] or None, ids[64:] or None
        home, source_id = self._ids[campaign], self._ids[source]
        # `Card(...)` does the same by a function of Python's own, in twice the time.
        return tuple.__new__(Card, (ids[:32], home, source_id, owner_id, owner_visitor, is_sharing))

    def put(self, slug: str, card: Card) -> None:
        numbers = NUMBERS.pack(self._number(card.campaign_id), self._number(card.source_id), card.is_sharing)
        ids = card.code_id + (card.owner_id or "") + (card.owner_visitor or "")
        self._packed.put(slug, numbers + bytes.fromhex(ids))

    def _number(self, row_id: str) -> int:
        """Campaigns and channels are few, and named by many cards."""
        number = self._numbers.setdefault(row_id, len(self._ids))
        if number == len(self._ids):
            self._ids.append(row_id)
        return number


class Cards:
    """Live codes by slug. One that is not at hand is looked up by a thread, together with all others that are asked for
    meanwhile: a flood of made-up slugs costs a query for hundreds of them."""

    def __init__(self, threads: Threads, *, patience: float) -> None:
        self._threads = threads
        self._patience = patience
        self._known = Shelf(MOST_CARDS)
        self._unknown: Recent[float] = Recent(MOST_UNKNOWN)
        self._asked: dict[str, asyncio.Future[Card | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def read_in_advance(self) -> None:
        """After a start in the middle of a launch night the first thousands of scans would each wait for their card."""
        read, before = 0, ""
        while read < CARDS_IN_ADVANCE:
            some = partial(newest_cards, before=before, limit=CARDS_AT_ONCE)
            found, before = await self._threads.run(some, patience=self._patience)
            for slug, card in found.items():
                self._known.put(slug, card)
            read += len(found)
            if not before:
                return

    def at_hand(self, slug: str) -> Card | None:
        return self._known.get(slug)

    async def find(self, slug: str) -> Card | None:
        """The card, or None if there is no such code; as `Threads.run` where that cannot be told now."""
        until = self._unknown.get(slug)
        if until is not None and until > time.monotonic():
            return None
        if slug not in self._asked:
            if len(self._asked) >= LONGEST_LINE:
                raise Full
            self._asked[slug] = asyncio.get_running_loop().create_future()
        future = self._asked[slug]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(future)

    async def _ask(self) -> None:
        while self._asked:
            slugs = list(self._asked)[:MOST_AT_ONCE]
            try:
                found = await self._threads.run(partial(cards_of, slugs), patience=self._patience)
            except Exception as error:  # noqa: BLE001  whatever it is, it is told to all who asked
                for slug in slugs:
                    self._answer(slug, error)
            else:
                for slug in slugs:
                    self._answer(slug, found.get(slug))

    def _answer(self, slug: str, found: Card | Exception | None) -> None:
        future = self._asked.pop(slug)
        if isinstance(found, Exception):
            future.set_exception(found)
            future.exception()  # whoever asked may have left
            return
        if found:
            self._known.put(slug, found)
        else:
            self._unknown.put(slug, time.monotonic() + UNKNOWN_SECONDS)
        future.set_result(found)

    def note_sharing(self, slug: str, card: Card) -> None:
        """Its owner shares, as is written by now: that need not be written again."""
        if not card.is_sharing:
            self._known.put(slug, card._replace(is_sharing=True))
