"""How long who has a core may keep it: long turns for who computes by the second, short ones for who answers.

Linux (from 6.6 on) lets who has a core keep it for a turn, however nice they are: whoever wakes meanwhile waits for the
turn's end, or for the next tick of the clock. Each commit wakes somebody two or three times, the kernel's own threads
among them. Beside two that compute, in sessions apart and nice by 15, a commit of 4 KB took 1.9 ms, and in the worst
hundredth 5; beside the same two with long turns 0.16 and 0.3. For a long turn may be had late, and whoever may have
theirs earlier, as who asks for a short one, comes before it at once.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

# In nanoseconds: the longest and the shortest there are, and what everybody has who asks for nothing.
LONG, SHORT, ORDINARY = 100_000_000, 100_000, 0
# By its number, as Python has no name for it: older machines have numbers of their own, all later ones the same.
_SET_ATTRIBUTES = {"x86_64": 314, "aarch64": 274, "riscv64": 274, "loongarch64": 274}
# size, policy (an ordinary one), flags, nice, priority, and for an ordinary policy the turn; then two for others.
_FORM = "=IIQiIQQQ"


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
