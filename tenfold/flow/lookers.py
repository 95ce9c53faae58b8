"""Threads of a worker, each with a child process of its own that looks at one screenshot after another."""

from __future__ import annotations

import os
import threading

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from tenfold.flow.looks import look_next
from tenfold.imaging.child import LOOKING, Child
from tenfold.imaging.examine import can_look

log = structlog.get_logger(__name__)
IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 5.0
# What a child has in hand when all stops is given up at once; the rest is a few statements.
LEAVE_SECONDS = 10.0


def usual_count() -> int:
    """As many as this machine has cores, less one for everything else; TENFOLD_REVIEWERS says otherwise."""
    if not can_look():
        return 0
    asked: int | None = settings.REVIEWERS
    return max(1, (os.cpu_count() or 1) - 1) if asked is None else asked


class Lookers:
    """Any of them may die at any moment: what it had begun is begun anew when its lease is over."""

    def __init__(self, stopping: threading.Event, count: int) -> None:
        self.count = count
        self._stopping = stopping
        self._children = [Child(LOOKING) for _each in range(count)]
        self._threads = [
            threading.Thread(target=self._run, args=[child], name=f"looker-{nth}", daemon=True)
            for nth, child in enumerate(self._children)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Once told to stop: nobody waits for a picture."""
        for child in self._children:
            child.close()
        for thread in self._threads:
            thread.join(LEAVE_SECONDS)

    def _run(self, child: Child) -> None:
        while not self._stopping.is_set():
            try:
                close_old_connections()
                is_more = look_next(child)
                self._stopping.wait(0 if is_more else IDLE_SECONDS)
            except (OperationalError, InterfaceError) as error:
                log.warning("database_trouble", why=repr(error), again_in_seconds=TROUBLE_SECONDS)
                connections.close_all()
                self._stopping.wait(TROUBLE_SECONDS)
            except Exception:
                log.exception("looker_failed")
                self._stopping.wait(TROUBLE_SECONDS)
        connections.close_all()
