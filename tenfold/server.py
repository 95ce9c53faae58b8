"""The server: Granian in front of `tenfold.asgi`, with as many worker processes as wished."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from types import FrameType

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from tenfold import logs, parent

# Connections at once a process: Granian counts all of them, those too that ask nothing. Phones and streams that only
# sit there must leave room for who comes to scan; how many scans may wait is bounded by `edge.commit`.
AT_ONCE = 20_000
# A stop waits this long for requests that are being answered.
GRACE_SECONDS = 3
MOST_WORKERS = 8


def usual_workers() -> int:
    """On PostgreSQL one process for each core we may use. On SQLite one in all: what another one takes in has to be
    handed over to the one that writes."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    parent.end_with_parent()
    os.environ.update(parent.variables_for_children())
    if workers > 1:
        # Each process counts for itself; whichever is asked then adds up what all of them have counted.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="tenfold-metrics-"))
    server = Granian(
        "tenfold.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        backlog=2048,
        backpressure=AT_ONCE,
        # Proxies speak HTTP/1 to us, and in HTTP/2 a cookie may come in pieces, which WSGI cannot tell.
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=logs.settings("INFO"),
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    )

    @server.on_startup
    def end_streams_first() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    def stop(_number: int, _frame: FrameType | None) -> None:
        # A stopping server waits for open answers, and live streams never end by themselves (`edge.front`).
        for process in multiprocessing.active_children():
            if process.pid:
                os.kill(process.pid, signal.SIGUSR1)
        server.signal_handler_interrupt()  # type: ignore[no-untyped-call]

    server.serve()
