"""What every chat platform is asked, and the three answers it can give; and how a system that calls us is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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

    says_privately: bool
    """Whether something can be said to one member alone. Where not, only what everybody may read is said at all."""

    def say(self, *, room_id: UUID, text: str, key: str, reader_id: UUID | None = None) -> Outcome:
        """To the group, or to this person in it alone, where the platform says privately."""

    def remove(self, *, room_id: UUID, name: str, key: str) -> Outcome: ...


@dataclass(frozen=True)
class Unproven:
    """A hook that does not show who sent it: a code for machines, a short sentence in English for the sender. Neither
    tells what would have been right."""

    code: str
    why: str


class HookScheme(Protocol):
    """How another system shows that a hook is its own. To add one: an object here, a line in `registry.py`."""

    headers: tuple[str, ...]
    """What it looks at, by lower-case names: these are kept beside the body."""

    def new_secret(self) -> str: ...

    def is_secret(self, text: str) -> bool:
        """Whether this can be a secret that the other side has made."""

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime
    ) -> str | Unproven:
        """The event's id, the same at each delivery: printable ASCII, at most 200 letters. `body` is as it came, and
        anybody may have sent it; any one of `secrets` will do."""
