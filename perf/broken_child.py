"""The process for pictures from strangers with one promise broken on purpose, to show that a drill would see it.

python -m perf.broken_child no-limits '{"cpu_seconds": 2.0, ...}'
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tenfold.imaging import confined, headers, reading
from tenfold.imaging.frames import Frame


def _no_limits() -> None:
    """Nothing is counted before it is decoded, and nothing stops a decoder."""
    headers.MOST_SCANS = sys.maxsize
    confined.confine = lambda _limits: None
    answer = confined.answer
    confined.answer = lambda known, task, _seconds: answer(known, task, 0.0)


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
