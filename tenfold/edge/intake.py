"""What comes in at the doors and has to be on disk before its answer: one way in, and one writer a process."""

from __future__ import annotations

import os
import secrets
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, cast

import structlog
from django.conf import settings

from tenfold import flow, metrics
from tenfold.base import bulk
from tenfold.base.sqlite.first import go_first
from tenfold.edge.commit import GroupCommit
from tenfold.edge.leader import Handed, Leader, all_of
from tenfold.flow import Opening, Plans, Shown
from tenfold.groups.leases import Leased
from tenfold.groups.pool import Counted, Seats
from tenfold.mailroom.actions import Hook

log = structlog.get_logger(__name__)

# Processes that count the same code need not wait for each other if they count in slots of their own.
SLOTS = 1024

Item: TypeAlias = Opening | Hook
Result: TypeAlias = Shown | None


class Intake:
    """The writer's thread of this process, and what it remembers between two batches."""

    def __init__(self) -> None:
        self._plans = Plans()
        self._slot = secrets.randbelow(SLOTS)
        is_shared = bulk.is_shared()
        owner = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self._seats: Seats = Leased(owner) if is_shared else Counted()
        self._line = GroupCommit[Item | Handed, Any](
            self._keep, note=_note, at_end=self._seats.give_back, name="scan-writer"
        )
        take_in = self._line.keep_for_thread
        self._leader = None if is_shared else Leader(settings.DATA_DIR, write=self._write, take_in=take_in)
        # One line for both; each of them knows what its own kind is answered.
        self.keep = cast(Callable[[Opening], Awaitable[Shown]], self._line.keep)
        self.hear = cast(Callable[[Hook], Awaitable[None]], self._line.keep)

    def _keep(self, items: Sequence[Item | Handed]) -> Sequence[Any]:
        """In the writer's thread: a batch, all of it or nothing."""
        go_first()
        return self._leader.keep(items) if self._leader else self._write(items)

    def _write(self, items: Sequence[Item | Handed]) -> Sequence[Any]:
        return all_of(items, self._write_together)

    def _write_together(self, items: Sequence[Item]) -> Sequence[Result]:
        openings = [item for item in items if type(item) is Opening]
        if len(openings) == len(items):
            return self._scan(openings, [])
        shown = iter(self._scan(openings, [item for item in items if type(item) is Hook]))
        return [next(shown) if type(item) is Opening else None for item in items]

    def _scan(self, openings: Sequence[Opening], heard: Sequence[Hook]) -> Sequence[Shown]:
        shown = flow.scanned_together(
            openings, heard=heard, plans=self._plans, seats=self._seats, slot=self._slot
        )
        try:
            metrics.SCAN_BATCHES.inc()
            for outcome, count in Counter(each.outcome for each in shown).items():
                metrics.SCANS.labels(outcome).inc(count)
        except Exception:
            # It is kept: an error here would have it written again.
            log.exception("batch_not_counted")
        return shown

    def close(self) -> None:
        """Write what waits, and end."""
        if self._leader:
            self._leader.take_no_more()
        self._line.close()
        if self._leader:
            self._leader.close()


def _note(_size: int, seconds: float) -> None:
    metrics.SCAN_SECONDS.observe(seconds)
