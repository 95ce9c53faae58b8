"""The process for pictures from strangers with one promise broken on purpose, to show that a drill would see it.

python -m perf.broken_child no-limits '{"cpu_seconds": 2.0, ...}'
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tenfold.imaging import confined, headers, reading
from tenfold.imaging.frames import Frame
from tenfold.imaging.limits import Limits


def _no_limits() -> None:
    """Nothing is counted before it is decoded, and nothing stops a decoder."""
    headers.MOST_SCANS = sys.maxsize
    answer = confined.answer

    def unlimited(limits: Limits) -> None:
        """Whatever was asked for."""

    def unhurried(known: dict[str, Callable[[Frame], Frame]], task: Frame, cpu_seconds: float) -> Frame:
        return answer(known, task, min(cpu_seconds, 0.0))

    confined.confine, confined.answer = unlimited, unhurried


def _as_sent() -> None:
    """What comes out is what came in, with everything that its sender did not mean to tell."""

    def clean(task: Frame) -> Frame:
        reading.clean_picture(task.blobs[0])
        return Frame({}, (task.blobs[0],))

    confined._clean = clean


BREAKS: dict[str, Callable[[], None]] = {"no-limits": _no_limits, "as-sent": _as_sent}


if __name__ == "__main__":
    BREAKS[sys.argv.pop(1)]()
    confined.main()
