"""What the kernel says of another process: its CPU time and the most memory it has held. Linux."""

from __future__ import annotations

import time
from pathlib import Path

_CPU_OF_A_PROCESS = 2


def cpu_seconds(pid: int) -> float:
    """User and system time so far, to the microsecond; raises OSError when it has ended."""
    return time.clock_gettime((~pid << 3) | _CPU_OF_A_PROCESS)


def peak_bytes(pid: int) -> int:
    """The most memory it has held at once since it began, or since `forget_peak`; raises OSError when it has ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")
