"""The one clock. Nothing else in Tenfold asks the machine what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

_fixed: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC; or the moment a test has set."""
    return _fixed or datetime.now(UTC)


def set_for_tests(moment: datetime | None) -> None:
    """Stop the clock of this process at `moment` (aware), or let it run again with None."""
    global _fixed
    _fixed = moment
