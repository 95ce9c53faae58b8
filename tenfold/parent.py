"""Ending with one's parent: a process that nobody looks after any more stops by itself.

`kill -9` gives a parent no chance to stop its children. So each looks now and then whose child it is; that works on
every Unix, needs no open file, and survives the ways in which servers start their own processes.
"""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "TENFOLD_PARENT"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 3.0


def variables_for_children() -> dict[str, str]:
    """What a child has to find in its environment, so that `end_with_parent` knows whom to look for."""
    return {VARIABLE: str(os.getpid())}


def end_with_parent() -> None:
    """Watch from a thread, if a parent of ours started this process; else do nothing."""
    if parent := os.environ.get(VARIABLE):
        threading.Thread(target=_watch, args=(int(parent),), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
