"""How often one address or one visitor may come: token buckets in this process's memory.

A phone without our cookie is told from a machine that asks for ever new visitors by nothing but its address, and one
address may have a school behind it. So newcomers of one address may come a thousand at once and then 20 a second: 600
people in a lecture hall scan together, and 2,000 pupils in five minutes (7 a second), and none of them notices a limit;
a machine takes no more than 20 seats a second, and those come free again. Who has a cookie counts by that alone.
Each process counts for itself, and nothing is written down.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Hashable, Mapping
from functools import cache, lru_cache

import structlog
from django.conf import settings
from django.template.loader import render_to_string

from tenfold.edge.protocol import Answer

log = structlog.get_logger(__name__)

MOST_KNOWN = 100_000
RETRY_SECONDS = 5
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


class Limits:
    """The three limits of a door. All of `may` are for the event loop's thread."""

    def __init__(self) -> None:
        # Newcomers of an address.
        self.address = Bucket(burst=settings.TENFOLD_ADDRESS_BURST, rate=settings.TENFOLD_ADDRESS_RATE)
        # One phone: somebody shows it to a friend, or scans again because the network was slow.
        self.visitor = Bucket(burst=30, rate=2)
        # Codes that do not exist, of an address: misread ones, or guessing.
        self.unknown = Bucket(burst=60, rate=2)


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


def is_unnamed_proxy(address: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether this is a proxy of our own that TENFOLD_TRUSTED_PROXIES forgets: everybody seems to come from it, so that
    its limit would be everybody's. To be asked where an address is over its limit; the log tells it once."""
    if settings.TRUSTED_PROXIES or b"x-forwarded-for" not in headers or not _is_ours(address):
        return False
    _warn(address)
    return True


def _is_ours(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


@lru_cache(maxsize=64)
def _warn(address: str) -> None:
    log.warning("proxy_not_named", address=address, hint="name it in TENFOLD_TRUSTED_PROXIES")


@cache
def too_many() -> Answer:
    """A page that asks again by itself, in both languages, and says what `busy` says: to people it is the same."""
    page = render_to_string("edge/busy.html", {"seconds": RETRY_SECONDS})
    return Answer(429, page.encode(), headers=((b"retry-after", str(RETRY_SECONDS).encode()),))
