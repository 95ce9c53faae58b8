"""The product with somebody who looks over its shoulder: where the CPU time of a scan goes.

A thread looks every few milliseconds at what each thread of Python is doing, and books the CPU time that the thread has
used since the last look on the functions it finds there. It has to wait for the interpreter as every thread has, so
that short functions are told roughly. What the process has used beyond its threads of Python is the server's own: the
network, and HTTP. The file named by PERF_PROFILE is written anew every second; once removed, all begins anew.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from heapq import nlargest
from operator import itemgetter
from pathlib import Path
from types import FrameType

from tenfold.asgi import application

VARIABLE = "PERF_PROFILE"
LOOK_SECONDS, WRITE_SECONDS = 0.01, 1.0
LONGEST, DEEPEST = 40, 60
ROOT = Path(__file__).resolve().parents[1]

__all__ = ["application"]


class Profile:
    """CPU seconds by thread, by the function that runs, and by all functions that wait for it."""

    def __init__(self) -> None:
        self.began, self.looking = time.process_time(), time.thread_time()
        self.threads = defaultdict[str, float](float)
        self.own = defaultdict[str, float](float)
        self.whole = defaultdict[str, float](float)
        self._clocks: dict[int, float] = {}

    def look(self) -> None:
        frames = sys._current_frames()
        for thread in threading.enumerate():
            if thread.ident and thread is not threading.current_thread() and thread.ident in frames:
                self._book(thread.name, frames[thread.ident], self._used(thread.ident))

    def _used(self, ident: int) -> float:
        """Since the last look; of a thread seen for the first time nothing, as its past is not known."""
        now = time.clock_gettime(time.pthread_getcpuclockid(ident))
        before = self._clocks.get(ident, now)
        self._clocks[ident] = now
        return now - before

    def _book(self, name: str, frame: FrameType, seconds: float) -> None:
        if seconds <= 0:
            return
        stack = list(_stack(frame))
        self.threads[name] += seconds
        self.own[stack[0]] += seconds
        for function in set(stack):
            self.whole[function] += seconds

    def text(self) -> str:
        total = time.process_time() - self.began
        threads = {**self.threads, "(this profile)": time.thread_time() - self.looking}
        threads["(outside of Python's threads)"] = total - sum(threads.values())
        ours = {name: seconds for name, seconds in self.whole.items() if "  tenfold/" in name}
        parts = [
            ("CPU by thread", threads),
            ("in the function itself", self.own),
            ("with what it calls", ours),
        ]
        return f"{total:.2f} s of CPU\n" + "".join(_part(name, counted, total) for name, counted in parts)


def _stack(frame: FrameType | None) -> Iterator[str]:
    for _ in range(DEEPEST):
        if frame is None:
            return
        code = frame.f_code
        yield f"{code.co_qualname}  {_short(code.co_filename)}:{code.co_firstlineno}"
        frame = frame.f_back


def _short(name: str) -> str:
    """Without the place on this machine."""
    path = Path(name)
    if path.is_relative_to(ROOT):
        name = str(path.relative_to(ROOT))
    return name.rpartition("site-packages/")[2]


def _part(name: str, counted: dict[str, float], total: float) -> str:
    most = nlargest(LONGEST, counted.items(), key=itemgetter(1))
    lines = [f"{100 * seconds / total:6.1f} %  {what}\n" for what, seconds in most]
    return f"\n{name}\n{''.join(lines)}"


def watch(path: Path) -> None:
    profile, write_at = Profile(), 0.0
    while True:
        time.sleep(LOOK_SECONDS)
        profile.look()
        if time.monotonic() >= write_at:
            if write_at and not path.exists():
                profile = Profile()
            path.write_text(profile.text())
            write_at = time.monotonic() + WRITE_SECONDS


if name := os.environ.get(VARIABLE):
    threading.Thread(target=watch, args=(Path(name),), name="profile", daemon=True).start()
