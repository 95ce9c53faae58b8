"""What a process for pictures from strangers may take; known on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one process may take. Seconds are those of one task; a process is replaced after `tasks` of them, or when
    more than `grown_bytes` stay with it after one."""

    cpu_seconds: float = 2.0
    wall_seconds: float = 20.0
    memory_bytes: int = 768 * MB
    grown_bytes: int = 256 * MB
    tasks: int = 300
    nice: int = 5
    is_looking: bool = False


CLEANING = Limits()
# Models stay in memory from the first look on. It goes behind everything that somebody waits for.
LOOKING = Limits(wall_seconds=60.0, grown_bytes=640 * MB, nice=15, is_looking=True)
