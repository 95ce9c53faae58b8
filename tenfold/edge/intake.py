"""What comes in at the doors and has to be on disk before its answer: one way in, and one writer a process."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, cast

from tenfold import flow, metrics
from tenfold.base import bulk
from tenfold.edge.commit import GroupCommit
from tenfold.flow import Opening, Plans, Shown
from tenfold.groups.leases import Leased
from tenfold.groups.pool import Counted, Seats
from tenfold.mailroom.actions import Hook

# Processes that count the same code need not wait for each other if they count in slots of their own.
SLOTS = 16

Item: TypeAlias = Opening | Hook
Result: TypeAlias = Shown | None


class Intake:
    """The writer's thread of this process, and what it remembers between two batches."""

    def __init__(self) -> None:
        self._plans = Plans()
        self._slot = os.getpid() % SLOTS
        self._seats: Seats = Counted()
        if bulk.is_shared():
            self._seats = Leased(f"{socket.gethostname()[:40]}:{os.getpid()}")
        self._line = GroupCommit[Item, Result](
            self._keep, note=_note, at_end=self._seats.give_back, name="scan-writer"
        )
        # One line for both; each of them knows what its own kind is answered.
        self.keep = cast(Callable[[Opening], Awaitable[Shown]], self._line.keep)
        self.hear = cast(Callable[[Hook], Awaitable[None]], self._line.keep)
        self.close = self._line.close

    def _keep(self, items: Sequence[Item]) -> Sequence[Result]:
        """In the writer's thread: a batch, all of it or nothing."""
        openings = [item for item in items if type(item) is Opening]
        if len(openings) == len(items):
            return self._scan(openings, [])
        shown = iter(self._scan(openings, [item for item in items if type(item) is Hook]))
        return [next(shown) if type(item) is Opening else None for item in items]

    def _scan(self, openings: Sequence[Opening], heard: Sequence[Hook]) -> Sequence[Shown]:
        shown = flow.scanned_together(
            openings, heard=heard, plans=self._plans, seats=self._seats, slot=self._slot
        )
        for outcome, count in Counter(each.outcome for each in shown).items():
            metrics.SCANS.labels(outcome).inc(count)
        return shown


def _note(_size: int, seconds: float) -> None:
    metrics.SCAN_BATCHES.inc()
    metrics.SCAN_SECONDS.observe(seconds)
