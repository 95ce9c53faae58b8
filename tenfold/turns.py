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
_AUTOGROUP = "/proc/self/autogroup"
# How many processes the server has for its doors, as it tells them.
DOORS = "TENFOLD_DOORS"
_TASKS = "/proc/self/task"
# Among all that ask for it, Linux lets one in a tenth of a second do so.
_TRIES, _AGAIN_SECONDS = 20, 0.15
_NICEST = 19


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


def cores() -> int:
    """Those we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def go_ahead() -> bool:
    """Before all that compute, at once and however little they have had (`SCHED_RR`, its lowest priority). Of two that
    are fairly treated the one that has just had a core waits for the other's turn, or for the next tick, and no
    niceness changes that (decision 18). For all threads of this process, and whatever they start from now on;
    `take_turns` takes it back. Linux lets who has CAP_SYS_NICE or an RLIMIT_RTPRIO; False, and nothing is changed, for
    others."""
    if sys.platform != "linux":
        return False
    try:
        took = [_takes(os.SCHED_RR, int(thread)) for thread in os.listdir(_TASKS)]
    except OSError:  # no /proc: nobody fails to start for it
        return False
    return all(took)


def hurry() -> bool:
    """As `go_ahead`, until `ease` and for this thread alone: what it starts meanwhile, or later, is as all others, and
    not less nice than 0. False where it may not, and where it is ahead already."""
    if sys.platform != "linux" or _policy() != os.SCHED_OTHER:
        return False
    return _takes(os.SCHED_RR | os.SCHED_RESET_ON_FORK)


def ease() -> None:
    """After `hurry`. Whoever may only be ahead, and no more, must not take back that children are as all others."""
    if sys.platform == "linux":
        _takes(os.SCHED_OTHER | os.SCHED_RESET_ON_FORK)


def fall_in() -> None:
    """Of whoever may have been started by one who has gone ahead: as all others."""
    if sys.platform == "linux" and _policy() == os.SCHED_RR:
        _takes(os.SCHED_OTHER)


def _policy() -> int | None:
    """Of this thread; None where nobody says so, as musl (Alpine's libc) and some containers do not."""
    if sys.platform != "linux":
        return None
    try:
        return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
    except OSError:
        return None


def _takes(policy: int, thread: int = 0) -> bool:
    """This thread or another, at the lowest priority that the policy has. False where it may not."""
    if sys.platform != "linux":
        return False
    try:
        lowest = os.sched_get_priority_min(policy & ~os.SCHED_RESET_ON_FORK)
        os.sched_setscheduler(thread, policy, os.sched_param(lowest))
    except OSError:
        return False
    return True


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
        took = [_take(int(thread), number, nanoseconds) for thread in os.listdir(_TASKS)]
    except OSError:  # no /proc, or a thread that has just ended: nobody fails to start for it
        return False
    return all(took)


def _take(thread: int, number: int, nanoseconds: int) -> bool:
    nice = os.getpriority(os.PRIO_PROCESS, thread)
    form = struct.pack(_FORM, struct.calcsize(_FORM), 0, 0, nice, 0, nanoseconds, 0, 0)
    return bool(ctypes.CDLL(None).syscall(number, thread, form, 0) == 0)
