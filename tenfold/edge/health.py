"""Is it alive, is it ready, how much of everything: for whoever keeps it running."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from tenfold import metrics
from tenfold.edge.memory import Full, Threads
from tenfold.edge.protocol import Answer, Asked, plain

PATIENCE = 5.0
_ASKED_THROUGH = ("forwarded", "x-forwarded-for", "x-real-ip")


async def health(asked: Asked, readers: Threads, *, are_pages_there: bool = True) -> Answer:
    """The answer to /healthz, /readyz or /metrics."""
    if asked.method not in ("GET", "HEAD"):
        return plain(405, allow="GET, HEAD")
    if asked.path == "/healthz":
        return plain(200, "alive")
    if asked.path == "/metrics" and not may_read_metrics(asked):
        return plain(404)
    if asked.path == "/readyz" and not are_pages_there:
        return plain(503, "the pages are starting", retry_after="2")
    work = _metrics if asked.path == "/metrics" else _ready
    try:
        return await readers.run(work, patience=PATIENCE)
    except (Full, TimeoutError):
        return plain(503, "the database takes too long to answer", retry_after="2")


def may_read_metrics(asked: Asked) -> bool:
    """With the token; or, where none is set, from this very machine, unless a proxy here asks for somebody else."""
    if not settings.TENFOLD_METRICS:
        return False
    if token := settings.TENFOLD_METRICS_TOKEN:
        given = asked.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    return _is_loopback(asked.address) and not any(name in asked.headers for name in _ASKED_THROUGH)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _metrics() -> Answer:
    try:
        return Answer(200, metrics.text(), metrics.CONTENT_TYPE)
    except Error as error:
        return _not_ready(error)


def _ready() -> Answer:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return _not_ready(error)
    if missing:
        return plain(
            503, f"{len(missing)} migrations are not applied: run `tenfold migrate`", retry_after="2"
        )
    return plain(200, "ready")


def _not_ready(error: Error) -> Answer:
    # The class alone: a driver's message may name hosts and users.
    return plain(503, f"the database does not answer: {type(error).__name__}", retry_after="2")
