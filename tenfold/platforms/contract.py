"""What every chat platform is asked, and the three answers it can give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Sent:
    """Done, and done once however often it is asked with the same key."""


@dataclass(frozen=True)
class NeedsHuman:
    """The platform cannot do this: it becomes a task for a person, never a silent skip."""


@dataclass(frozen=True)
class Failed:
    """It did not work. A permanent failure is not tried again."""

    error: str
    is_permanent: bool


Outcome = Sent | NeedsHuman | Failed


class Platform(Protocol):
    """One chat system. To add one: a folder here, a line in `registry.py`, a choice in `Group.Platform`."""

    sees_joins: bool
    """Whether a join is known by itself; else a screenshot or a member count confirms it."""

    def say(self, *, room_id: UUID, text: str, key: str) -> Outcome: ...

    def remove(self, *, room_id: UUID, name: str, key: str) -> Outcome: ...
