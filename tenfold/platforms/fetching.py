"""Fetching a small picture from an address that somebody else gave us: a face on another platform.

The address may be hostile. Only public addresses are connected to, and to the very one that was checked: a name that is
resolved twice may lead elsewhere the second time. This machine is not among them, whatever it is called.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import Any
from urllib.parse import urljoin, urlsplit

import certifi
import httpcore

MOST_BYTES = 512 * 1024
MOST_SECONDS = 1.0
MOST_HOPS = 3
LONGEST_ADDRESS = 500
PORTS = (None, 80, 443)  # what else a host serves is no picture
_KINDS = ("image/jpeg", "image/png", "image/webp")
_HEADERS = [("Accept", ", ".join(_KINDS)), ("Accept-Encoding", "identity"), ("User-Agent", "Tenfold")]
# Names are asked for in threads, since a resolver may take longer than we wait.
_RESOLVERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


class NotFetched(Exception):
    """Nothing was fetched. A permanent reason is the same however often it is tried; one that `is_ours` says nothing
    about the address."""

    def __init__(self, code: str, *, is_permanent: bool = False, is_ours: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_permanent, self.is_ours = code, is_permanent, is_ours


def fetch(address: str) -> bytes:
    """The bytes behind a public http(s) address, at most `MOST_BYTES`, within `MOST_SECONDS`; raises NotFetched.

    What they are is not looked at: whoever takes pictures from strangers does that.
    """
    deadline = time.monotonic() + MOST_SECONDS
    for _hop in range(MOST_HOPS):
        found = _asked(_checked(address), deadline)
        if isinstance(found, bytes):
            return found
        address = urljoin(address, found)
    raise NotFetched("too_many_redirects", is_permanent=True)


def _checked(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port in PORTS
    except ValueError:
        is_good = False
    if not is_good or parts.username is not None or len(address) > LONGEST_ADDRESS or not address.isascii():
        raise NotFetched("bad_address", is_permanent=True)
    return address


def _asked(address: str, deadline: float) -> bytes | str:
    """The body, or where a redirect leads."""
    backend = _PublicOnly(deadline)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
            pool.stream("GET", address, headers=_HEADERS) as answer,
        ):
            return _taken(answer, deadline)
    except (httpcore.TimeoutException, TooSlow) as error:
        raise NotFetched("too_slow") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise NotFetched("unreachable") from error
    except (httpcore.UnsupportedProtocol, ValueError) as error:
        raise NotFetched("bad_address", is_permanent=True) from error


@functools.cache
def _tls() -> ssl.SSLContext:
    """Trusts what the system trusts; the common authorities where the system names none."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())
    return context


def _taken(answer: httpcore.Response, deadline: float) -> bytes | str:
    headers = {name.lower(): value for name, value in answer.headers}
    if answer.status in (301, 302, 303, 307, 308):
        return headers.get(b"location", b"").decode("ascii", "replace")
    if answer.status != 200:
        raise NotFetched("refused", is_permanent=400 <= answer.status < 500 and answer.status != 429)
    if headers.get(b"content-type", b"").split(b";")[0].strip().decode("latin-1").lower() not in _KINDS:
        raise NotFetched("not_a_picture", is_permanent=True)
    return _whole(answer.iter_stream(), deadline)


def _whole(pieces: Iterable[bytes], deadline: float) -> bytes:
    taken = bytearray()
    for piece in pieces:
        taken += piece
        if len(taken) > MOST_BYTES:
            raise NotFetched("too_large", is_permanent=True)
        if time.monotonic() > deadline:
            raise NotFetched("too_slow")
    return bytes(taken)


class _PublicOnly(httpcore.SyncBackend):
    """Connects to the address that was checked; the name stays for TLS and the request."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - one deadline holds for all
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        places = _places(host, port, self._deadline)
        if not places or not all(is_public(place) for place in places):
            raise NotFetched("not_public", is_permanent=True)
        stream = super().connect_tcp(places[0], port, _left(self._deadline), local_address, socket_options)
        return _Until(stream, self._deadline)


class _Until(httpcore.NetworkStream):
    """A connection that is over at a moment, however the other side spreads its bytes."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Until(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TooSlow
    return left


def _places(host: str, port: int, deadline: float) -> list[str]:
    """As `resolve`, in time. A resolver that does not answer, or is busy with the names of others, is our trouble."""
    asked = _RESOLVERS.submit(resolve, host, port)
    try:
        return asked.result(timeout=_left(deadline))
    except TooSlow as error:
        asked.cancel()
        raise NotFetched("no_resolver", is_ours=True) from error
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise NotFetched("no_resolver", is_ours=True) from error
        raise


def resolve(host: str, port: int) -> list[str]:
    """The numeric addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_rest, place in found]


def is_public(place: str) -> bool:
    """Whether this numeric address belongs to the internet, and not to this machine."""
    try:
        address = ipaddress.ip_address(place.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(address) if isinstance(address, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if any(address.version == network.version and address in network for network in _NOT_PUBLIC):
        return False
    return (
        address.is_global and not address.is_multicast and not address.is_reserved and not _is_ours(address)
    )


# Taken for public by some of the Pythons we run on.
_NOT_PUBLIC = [ipaddress.ip_network(each) for each in ("192.0.0.0/24", "fec0::/10", "64:ff9b:1::/48")]
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_ours(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the address is one of this machine's own: only from those one would speak to oneself. Nothing is sent.
    (Binding would not tell: a machine may be set up to bind any address.)"""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))
            return bool(ipaddress.ip_address(probe.getsockname()[0].partition("%")[0]) == address)
        except OSError:
            return False
