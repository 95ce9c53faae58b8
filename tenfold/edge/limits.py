"""How often one address or one visitor may come: token buckets in this process's memory.

A phone without our cookie is told from a machine that asks for ever new visitors by nothing but its address, and one
address may have a school behind it. So newcomers of one address may come a thousand at once and then 20 a second: 600
people in a lecture hall scan together, and 2,000 pupils in five minutes (7 a second), and none of them notices a limit;
a machine takes no more than 20 seats a second, and those come free again. Who has a cookie counts by that alone.
Each process counts for itself, and nothing is written down.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import cache, lru_cache

import structlog
from django.conf import settings
from django.template.loader import render_to_string

from tenfold.base.rates import Bucket, key_of
from tenfold.edge.protocol import Answer

log = structlog.get_logger(__name__)

__all__ = ["Bucket", "Limits", "is_unnamed_proxy", "key_of", "too_many"]
RETRY_SECONDS = 5


class Limits:
    """The three limits of a door. All of `may` are for the event loop's thread."""

    def __init__(self) -> None:
        # Newcomers of an address.
        self.address = Bucket(burst=settings.TENFOLD_ADDRESS_BURST, rate=settings.TENFOLD_ADDRESS_RATE)
        # One phone: somebody shows it to a friend, or scans again because the network was slow.
        self.visitor = Bucket(burst=30, rate=2)
        # Codes that do not exist, of an address: misread ones, or guessing.
        self.unknown = Bucket(burst=60, rate=2)


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
