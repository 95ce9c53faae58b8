"""What a process for pictures from strangers may take; known on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one process may take. Seconds are those of one task; a process is replaced after `tasks` of them, or when
    more than `grown_bytes` stay with it after one. `library_bytes` is address space for code, beyond that for data: of
    code only what is run takes memory. Where others take all cores, who is nice may get next to nothing: the process
    after one that came late is less so, by `late_nice`, and has `late_seconds`."""

    cpu_seconds: float = 2.0
    wall_seconds: float = 6.0
    late_seconds: float = 20.0
    memory_bytes: int = 768 * MB
    library_bytes: int = 0
    grown_bytes: int = 256 * MB
    tasks: int = 300
    nice: int = 15
    late_nice: int = 5
    is_looking: bool = False

    def after_late(self) -> Self:
        return replace(self, nice=self.late_nice, wall_seconds=self.late_seconds)


# Somebody waits for it, but those who scan wait for no picture: whoever is picked keeps the core until the next tick of
# the clock, and how often that is somebody with a picture goes by this alone (decision 18).
CLEANING = Limits()
# OpenCV and ONNX Runtime are 200 MB of code, and of models 60 MB stay: together 768 MB. It goes behind everything that
# somebody waits for.
LOOKING = Limits(
    wall_seconds=60.0,
    late_seconds=60.0,
    memory_bytes=640 * MB,
    library_bytes=512 * MB,
    grown_bytes=512 * MB,
    nice=19,
    late_nice=15,
    is_looking=True,
)
