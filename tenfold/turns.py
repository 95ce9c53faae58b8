"""Who goes first where cores are short, and how long they may keep one: long turns for who computes by the second,
short ones for who answers.

Linux (from 6.6 on) lets who has a core keep it for a turn, however nice they are: whoever wakes meanwhile waits for the
turn's end, or for the next tick of the clock. Each commit wakes somebody two or three times, the kernel's own threads
among them. Beside two that compute, in sessions apart and nice by 15, a commit of 4 KB took 1.9 ms, and in the worst
hundredth 5; beside the same two with long turns 0.16 and 0.3. For a long turn may be had late, and whoever may have
theirs earlier, as who asks for a short one, comes before it at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys
import time

# In nanoseconds: the longest and the shortest there are, and what everybody has who asks for nothing.
LONG, SHORT, ORDINARY = 100_000_000, 100_000, 0
# By its number, as Python has no name for it: older machines have numbers of their own, all later ones the same.
_SET_ATTRIBUTES = {"x86_64": 314, "aarch64": 274, "riscv64": 274, "loongarch64": 274}
# size, policy (an ordinary one), flags, nice, priority, and for an ordinary policy the turn; then two for others.
_FORM = "=IIQiIQQQ"
# What the niceness was before `go_ahead`, for whoever is started from there.
_BEFORE = "TENFOLD_NICE_BEFORE"
_AUTOGROUP = "/proc/self/autogroup"
# Among all that ask for it, Linux lets one in a tenth of a second do so.
_TRIES, _AGAIN_SECONDS = 20, 0.15
_LEAST_NICE, _NICEST = -20, 19


def step_back(by: int) -> None:
    """This thread, and whatever it starts from now on, is nicer by so much, in a session apart that is so too: Linux
    may weigh sessions first and processes only within each ("autogroup"), where one is nice to nobody but one's own
    session. Comes before `take_turns`, which it would take back."""
    with contextlib.suppress(OSError):
        os.nice(by)
    if os.path.exists(_AUTOGROUP):
        with contextlib.suppress(OSError, ValueError):
            before = _nice_as_a_session()
            os.setsid()
            _be_nice_as_a_session(min(before + by, _NICEST))


def go_ahead(by: int) -> bool:
    """As `step_back`, the other way: of two that weigh the same, who has just had a core waits for the other's turn,
    or for the next tick (decision 18). Linux lets root, and who has CAP_SYS_NICE or RLIMIT_NICE; False, and nothing is
    changed, for all others. The session stays that of whoever started this, if they lead it: who ends it ends us."""
    before = os.nice(0)
    if by <= 0:
        return False
    try:
        os.nice(-by)
    except OSError:
        return False
    os.environ[_BEFORE] = str(before)
    if os.path.exists(_AUTOGROUP):
        with contextlib.suppress(OSError):
            if os.getsid(0) != os.getppid():
                os.setsid()
            _be_nice_as_a_session(max(before - by, _LEAST_NICE))
    return True


def fall_in() -> None:
    """Of whoever was started by one who had gone ahead: as nice as that one was before. The session is another."""
    with contextlib.suppress(OSError, ValueError):
        os.nice(max(0, int(os.environ.get(_BEFORE, os.nice(0))) - os.nice(0)))


def _nice_as_a_session() -> int:
    """What belongs to the first session of all, as everything may in a container, is weighed by itself: no word."""
    with open(_AUTOGROUP) as file:
        words = file.read().split()
    return int(words[-1]) if words else 0


def _be_nice_as_a_session(nice: int) -> None:
    for nth in range(_TRIES):
        time.sleep(_AGAIN_SECONDS if nth else 0)
        with contextlib.suppress(BlockingIOError), open(_AUTOGROUP, "w") as file:
            file.write(str(nice))
            return


def take_turns(nanoseconds: int) -> bool:
    """For this process with all its threads, and for those that it starts from now on. False where there is no such
    thing; a Linux before 6.12 says yes, and changes nothing."""
    number = _SET_ATTRIBUTES.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return False
    try:
        took = [_take(int(thread), number, nanoseconds) for thread in os.listdir("/proc/self/task")]
    except OSError:  # no /proc, or a thread that has just ended: nobody fails to start for it
        return False
    return all(took)


def _take(thread: int, number: int, nanoseconds: int) -> bool:
    nice = os.getpriority(os.PRIO_PROCESS, thread)
    form = struct.pack(_FORM, struct.calcsize(_FORM), 0, 0, nice, 0, nanoseconds, 0, 0)
    return bool(ctypes.CDLL(None).syscall(number, thread, form, 0) == 0)
