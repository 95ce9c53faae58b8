"""Whoever scans goes first: of all that wait for SQLite's lock, in whatever process, the door's writer is the next.

SQLite gives its lock to whoever asks just then. While the door waits it holds a lock on a file beside the database; the
others look at that before they ask, and leave the turn to it. So it waits for one writer at most, the one it found
there. Linux takes the lock from a process that dies; one that sleeps with it keeps the others for `COURTESY_SECONDS`.
"""

from __future__ import annotations

import fcntl
import os
import threading

COURTESY_SECONDS = 0.25
SUFFIX = "-first"

_here = threading.local()


def go_first() -> None:
    """From now on this thread does."""
    _here.is_first = True


def goes_first() -> bool:
    return getattr(_here, "is_first", False)


class Precedence:
    """Of one connection: a lock belongs to the file as it was opened, and so to one thread alone."""

    def __init__(self, database: str) -> None:
        """`database` is a path; what lies in memory belongs to one process, and has none."""
        self._path = f"{database}{SUFFIX}" if os.path.isabs(database) else ""
        self._file: int | None = None
        self._is_mine = False

    def take(self) -> None:
        """Unless another one has it, or looks at it just now: the next try may succeed."""
        self._is_mine = self._is_mine or self._locked(fcntl.LOCK_EX)

    def give(self) -> None:
        if self._is_mine and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._is_mine = False

    def is_taken(self) -> bool:
        """By another one."""
        if not self._path or self._is_mine:
            return False
        is_free = self._locked(fcntl.LOCK_SH)
        if is_free and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        return not is_free

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._is_mine = None, False

    def _locked(self, how: int) -> bool:
        """True too where there is no such file to be had: precedence is a courtesy, and nobody stops for it."""
        if not self._path:
            return False
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
