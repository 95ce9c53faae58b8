"""How often somebody may come: token buckets in this process's memory, and under what an address is counted."""

from __future__ import annotations

import socket
from collections.abc import Hashable

MOST_KNOWN = 100_000
_LONGEST = 45  # letters of an address; what a proxy tells us may be anything
_MAPPED = bytes(10) + b"\xff\xff"


class Bucket:
    """`burst` at once, then `rate` a second, for each key; a rate of 0 is no limit. It remembers the last `most` keys,
    or half as many after a rush of new ones.

    Of each key one number is kept: when its bucket will be full again. Forgetting a full bucket changes nothing.
    """

    def __init__(self, *, burst: float, rate: float, most: int = MOST_KNOWN) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        # A thousandth of a turn for the rounding of sums.
        self._depth = (burst + 0.001) * self._gap
        self._generation = max(1, most // 2)
        self._young: dict[Hashable, float] = {}
        self._old: dict[Hashable, float] = {}

    def may(self, key: Hashable, now: float) -> bool:
        """Take one turn at `now` (seconds of a clock that never goes back); False if there is none. A refusal costs
        the key nothing, so that whoever asks again in time gets in."""
        full_at = self._young.get(key)
        if full_at is None:
            full_at = self._recall(key, now)
        full_at = (full_at if full_at > now else now) + self._gap
        if full_at - now > self._depth:
            return False
        self._young[key] = full_at
        return True

    def _recall(self, key: Hashable, now: float) -> float:
        """Bring a key among the young ones. When these are many, they become the old ones, which are forgotten."""
        full_at = self._old.get(key, now)
        if len(self._young) >= self._generation:
            self._old, self._young = self._young, {}
        self._young[key] = full_at
        return full_at

    def __len__(self) -> int:
        """Keys remembered, some of them twice."""
        return len(self._young) + len(self._old)


def key_of(address: str) -> str | bytes:
    """Under which an address is counted: of IPv6 the first half, as a single home has all of the second."""
    if ":" not in address:
        return address[:_LONGEST]
    try:
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return _without_port(address)
    return socket.inet_ntoa(packed[12:]) if packed.startswith(_MAPPED) else packed[:8]


def _without_port(address: str) -> str | bytes:
    """Some proxies name their client with its port, which is another one each time."""
    host, _, port = address.rpartition(":")
    if port.isdecimal() and (host.startswith("[") or ":" not in host):
        return key_of(host.strip("[]"))
    return address[:_LONGEST]
