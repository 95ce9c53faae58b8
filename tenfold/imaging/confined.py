"""What runs in a process for pictures from strangers (`imaging.child`): it confines itself, then does its tasks.

python -m tenfold.imaging.confined '{"cpu_seconds": 2.0, ...}'

The limits are the kernel's, so that a decoder that has been taken over cannot lift them, but for the CPU time of a
single task: that is a timer, renewed for each, and beyond it there is a bound for the whole life.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import os
import resource
import signal
import sys
from collections.abc import Callable

from tenfold import parent, turns
from tenfold.imaging import pairing, plain
from tenfold.imaging.frames import Frame, packed, unpacked
from tenfold.imaging.headers import Unreadable
from tenfold.imaging.landlock import of_python, shut_in
from tenfold.imaging.limits import Limits
from tenfold.imaging.reading import avatar_picture, clean_picture
from tenfold.imaging.shelf import Shelf

Work = Callable[[Frame], Frame]

OPEN_FILES = 64
# Loading everything that looks, on a slow machine.
LOADING_SECONDS = 60
_NO_NEW_PRIVILEGES = 38
_OWN_USERS_AND_NETWORK = 0x10000000 | 0x40000000


def confine(limits: Limits) -> None:
    """Before the first byte comes in. What a system does not have is left out, except what all have."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; our parent decides what it means
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_DATA, limits.memory_bytes)
    _limit(resource.RLIMIT_AS, limits.memory_bytes + limits.library_bytes)
    _limit(resource.RLIMIT_CPU, LOADING_SECONDS + math.ceil(limits.cpu_seconds * limits.tasks))
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        system.unshare(_OWN_USERS_AND_NETWORK)  # where we may: then there is nobody to talk to
    turns.step_back(limits.nice)  # behind whatever somebody waits for
    turns.take_turns(turns.LONG)
    parent.end_with_parent()


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (most, most))


def works(limits: Limits) -> dict[str, Work]:
    """Everything that is asked for, loaded."""
    found: dict[str, Work] = {"clean": _clean, "avatar": _avatar}
    if limits.is_looking:
        found |= {"examine": _looking(), "sift": pairing.sifted}
    return found


def _clean(task: Frame) -> Frame:
    return Frame({}, (clean_picture(task.blobs[0], max_side=task.told["max_side"]).data,))


def _avatar(task: Frame) -> Frame:
    return Frame({}, (avatar_picture(task.blobs[0]).data,))


def _looking() -> Work:
    """Only here is anything imported that looks."""
    from tenfold.imaging import examine

    examine.warm()
    shelf = Shelf()

    def look(task: Frame) -> Frame:
        claim = shelf.unpacked(task.told, task.blobs[1:])
        found = examine.examine(task.blobs[0], claim, wants=frozenset(task.told["wants"]))
        return Frame({"findings": plain.told(found)})

    return look


def answer(known: dict[str, Work], task: Frame, cpu_seconds: float) -> Frame:
    """What became of a task. Its CPU time is over when the timer ends this process."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        done = known[task.told["do"]](task)
    except Unreadable as unreadable:
        done = Frame({"unreadable": unreadable.reason})
    except MemoryError:
        done = Frame({"died": "memory"})
    except Exception as error:  # noqa: BLE001 - our parent logs it, and ends us
        done = Frame({"died": "failed", "told": f"{type(error).__name__}: {error}"[:300]})
    signal.setitimer(signal.ITIMER_PROF, 0)
    return Frame(done.told | {"resident": resident()}, done.blobs)


def resident() -> int:
    """Bytes of memory that this process holds now; where the system does not say so, the most it has held."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


class Line:
    """The way to our parent and back; whatever a library prints goes nowhere."""

    def __init__(self) -> None:
        self._from, self._to = os.dup(0), os.dup(1)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)

    def give(self, frame: Frame) -> None:
        for piece in packed(frame):
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._to, rest) :]

    def next(self) -> Frame:
        """Raises EOFError when there will be none."""
        return unpacked(self._take)

    def _take(self, count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            piece = os.read(self._from, count - len(taken))
            if not piece:
                raise EOFError
            taken += piece
        return bytes(taken)


def serve(limits: Limits) -> None:
    """Answer until nobody asks any more."""
    line = Line()
    known = works(limits)
    shut_in(of_python())
    line.give(Frame({"ready": True}))
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            line.give(answer(known, line.next(), limits.cpu_seconds))


def main() -> None:
    limits = Limits(**json.loads(sys.argv[1]))
    confine(limits)
    serve(limits)


if __name__ == "__main__":
    main()
