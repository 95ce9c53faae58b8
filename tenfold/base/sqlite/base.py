"""Django's SQLite, in which whoever wants to write asks for the lock again every millisecond.

SQLite itself lets them sleep longer and longer, up to a tenth of a second at a time. Meanwhile the lock is free again
and again, and others take it. Beside one who writes for 12 ms, again and again with 2 ms between, a writer waited for
0.1 to 0.5 s in the worst hundredth of its turns; with 20 ms between for 40 ms. Here it is 60 and 20 ms.

The door's writer goes first, in whatever process the others are (`first.py`). Of a process's threads one asks at a
time, and the others wait for it. Fifty that asked would take the interpreter from the one that writes, at each of its
statements: it was seen to need a second for what takes it 10 ms. And pages and workers go ahead for a core as long as
they have the lock, where they may (`holders_go_ahead`): one who is put off with it keeps all others waiting.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.sqlite3 import base

from tenfold import turns
from tenfold.base.sqlite import folding
from tenfold.base.sqlite.first import COURTESY_SECONDS, Precedence, goes_first

AGAIN_SECONDS = 0.001
# What Python's own module waits where nothing is said.
PATIENCE_SECONDS = 5.0

# Who asks, by the database's name. It is held while asking only, not while writing.
_turns: dict[str, threading.Lock] = {}
_are_ahead = threading.Event()


def holders_go_ahead() -> None:
    """From now on, in this process. For those that answer somebody, and have the lock for milliseconds: whoever changes
    all tables, or sees to all counters, does so as one among others."""
    if settings.AHEAD:
        _are_ahead.set()


class DatabaseWrapper(base.DatabaseWrapper):
    _precedence = Precedence("")
    _hurries = False

    def get_new_connection(self, conn_params: Any) -> Any:
        link = super().get_new_connection(conn_params)
        self._precedence = Precedence(str(conn_params["database"]))
        link.execute(f"PRAGMA wal_autocheckpoint={folding.FALLBACK_PAGES}")
        return link

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # it is, but not in the stubs
        finally:
            self._ease()
            self._precedence.close()

    def _set_autocommit(self, autocommit: bool) -> None:
        """How Django ends each transaction, whatever came of it, that does not end with its connection."""
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # it is, but not in the stubs
        if autocommit:
            self._ease()

    def _ease(self) -> None:
        if self._hurries:
            self._hurries = False
            turns.ease()

    def _start_transaction_under_autocommit(self) -> None:
        patience = float(self.settings_dict["OPTIONS"].get("timeout", PATIENCE_SECONDS))
        give_up = time.monotonic() + patience
        self._ease()
        self._wait_in_sqlite(0.0)
        turn = _turns.setdefault(str(self.settings_dict["NAME"]), threading.Lock())
        is_ours = turn.acquire(timeout=patience)
        began = time.monotonic()  # who waited for their turn leaves the door its own all the same
        try:
            while not (self._may_ask(began) and self._has_begun(is_last=time.monotonic() >= give_up)):
                time.sleep(AGAIN_SECONDS)
            self._hurries = _are_ahead.is_set() and turns.hurry()
        finally:
            self._precedence.give()
            if is_ours:
                turn.release()
            self._wait_in_sqlite(patience)

    def _may_ask(self, since: float) -> bool:
        """False where the door waits and we are somebody else, for a while at most."""
        if goes_first():
            self._precedence.take()
            return True
        return time.monotonic() - since > COURTESY_SECONDS or not self._precedence.is_taken()

    def _has_begun(self, *, is_last: bool) -> bool:
        """False where somebody else writes; raises OperationalError where that lasts too long."""
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # it is, but not in the stubs
        except OperationalError as error:
            if is_last or not _is_busy(error.__cause__):
                raise
            return False
        return True

    def _wait_in_sqlite(self, seconds: float) -> None:
        """Past Django, which would count it among the queries."""
        self.connection.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")


def _is_busy(error: Any) -> bool:
    return (
        isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )
