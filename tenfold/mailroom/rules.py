"""Which secrets of a source hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

# The other side changes over within this time.
OVERLAP = timedelta(hours=24)
# Each of them is tried against whatever is sent.
MOST_FORMER = 3

Former: TypeAlias = Sequence[tuple[str, str]]
"""Secrets that have been replaced, oldest first, each with the moment (ISO) until which it still holds."""


def still_holding(former: Iterable[Sequence[str]], now: datetime) -> list[tuple[str, str]]:
    return [(secret, until) for secret, until in former if datetime.fromisoformat(until) > now]


def former_after(former: Former, replaced: str, now: datetime) -> list[tuple[str, str]]:
    """What still holds when `replaced` is no longer the secret."""
    holding = [*still_holding(former, now), (replaced, (now + OVERLAP).isoformat())]
    return holding[-MOST_FORMER:]
