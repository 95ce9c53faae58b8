"""The way in for pictures from strangers: this process's own few children, started when the first picture comes.

No more than two at a time are decoded, however many threads ask: each large one takes some 300 MB for a moment.
"""

from __future__ import annotations

import atexit
import os
import threading

from tenfold.imaging.child import MAX_SIDE, Pool
from tenfold.imaging.reading import CleanPicture

_pool: Pool | None = None
_opening = threading.Lock()


def clean_apart(data: bytes, *, max_side: int = MAX_SIDE) -> CleanPicture:
    """As `reading.clean_picture`, in another process. Raises Unreadable, and NoChild where there is none now."""
    return _opened().clean(data, max_side=max_side)


def avatar_apart(data: bytes) -> CleanPicture:
    """As `reading.avatar_picture`, in another process. Raises Unreadable, and NoChild where there is none now."""
    return _opened().avatar(data)


def close() -> None:
    """End the children; the next picture starts new ones."""
    global _pool
    with _opening:
        pool, _pool = _pool, None
    if pool:
        pool.close()


def _opened() -> Pool:
    global _pool
    with _opening:
        if _pool is None:
            _pool = Pool()
        return _pool


def _forget() -> None:
    """A process that was forked off must not talk to its parent's children."""
    global _pool, _opening
    _pool, _opening = None, threading.Lock()


atexit.register(close)
os.register_at_fork(after_in_child=_forget)
