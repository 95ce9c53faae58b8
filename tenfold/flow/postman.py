"""A thread of a worker that sends the operators' mails: a slow mail server keeps nothing else waiting."""

from __future__ import annotations

import threading

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from tenfold.accounts import letters
from tenfold.base import clock

log = structlog.get_logger(__name__)
IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 5.0
# A mail that is on its way is sent again by the next worker if it does not end within this time.
LEAVE_SECONDS = 5.0


class Postman:
    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def leave(self) -> None:
        self._thread.join(LEAVE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._round())
        connections.close_all()

    def _round(self) -> float:
        """Send the next that waits; after how many seconds to look again. In between, whether to stop is asked."""
        try:
            close_old_connections()
            return 0 if letters.send_due(clock.now()) else IDLE_SECONDS
        except (OperationalError, InterfaceError) as error:
            log.warning("database_trouble", why=repr(error), again_in_seconds=TROUBLE_SECONDS)
            connections.close_all()
        except Exception as error:  # noqa: BLE001  told without its text, in which there may be an address
            log.error("postman_failed", why=type(error).__name__)
        return TROUBLE_SECONDS
