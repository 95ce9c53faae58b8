"""Which secrets of a source hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

# The other side changes over within this time.
OVERLAP = timedelta(hours=24)
# Each of them is tried against whatever is sent.
MOST_FORMER = 3

# What was heard is known again for so long. By itself a system repeats a hook for three or four days (the schedule of
# Standard Webhooks ends after 75 hours), and whoever works with it can have one sent again by hand for 15 to 30 days,
# after which systems do not keep it themselves. A copy that somebody else has caught is refused after five minutes.
HEARD_FOR = timedelta(days=31)

Former: TypeAlias = Sequence[tuple[str, str]]
"""Secrets that have been replaced, oldest first, each with the moment (ISO) until which it still holds."""


def still_holding(former: Iterable[Sequence[str]], now: datetime) -> list[tuple[str, str]]:
    return [(secret, until) for secret, until in former if datetime.fromisoformat(until) > now]


def former_after(former: Former, replaced: str, now: datetime) -> list[tuple[str, str]]:
    """What still holds when `replaced` is no longer the secret."""
    holding = [*still_holding(former, now), (replaced, (now + OVERLAP).isoformat())]
    return holding[-MOST_FORMER:]
