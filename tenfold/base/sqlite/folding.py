"""SQLite's log is folded into the database by whoever has the time for it, and not by who answers somebody.

To fold in 32 MB takes the disk for a tenth of a second and more. By itself SQLite does that in whoever's commit makes
the log that long, which may be the door's; and while others go on writing it never comes to the log's end, so that it
tries again after each commit, with two waits for the disk at a time. Here the worker does it, the most of it
beside those who write, and only the rest, what was written meanwhile, while they wait.
"""

from __future__ import annotations

import time

from django.db import connection

# From here on the log is begun anew: 32 MB. What every batch writes again is copied once then, and not a dozen times.
ENOUGH_PAGES = 8000
# Where no worker folds it in, whoever commits does.
FALLBACK_PAGES = 2 * ENOUGH_PAGES
# How long who writes, or reads what is old, may keep us from the rest; all who write wait as long.
PATIENCE_SECONDS, AGAIN_SECONDS = 0.05, 0.001


def fold() -> int:
    """Fold in what is in the log. Its length in pages; 0 where there is no such log, and within a transaction, where
    nothing can be folded."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return 0
    connection.ensure_connection()
    _is_busy, pages = _folded("PASSIVE")
    if pages >= ENOUGH_PAGES:
        _folded("PASSIVE")
        _begun_anew()
    return pages


def _begun_anew() -> None:
    """From its beginning, so that the file does not grow for ever beside those who write without an end."""
    link = connection.connection
    patience = link.execute("PRAGMA busy_timeout").fetchone()[0]
    give_up = time.monotonic() + PATIENCE_SECONDS
    # SQLite's own pauses grow: beside those who ask every millisecond it would hardly ever come to its turn.
    link.execute("PRAGMA busy_timeout=0")
    try:
        while _folded("RESTART")[0] and time.monotonic() < give_up:
            time.sleep(AGAIN_SECONDS)
    finally:
        link.execute(f"PRAGMA busy_timeout={patience}")


def _folded(how: str) -> tuple[bool, int]:
    """Whether somebody was in the way, and the log's length in pages. Past Django, which would count it as a query."""
    is_busy, pages, _folded_pages = connection.connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    return bool(is_busy), max(0, int(pages))
