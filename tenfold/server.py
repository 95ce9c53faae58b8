"""The server: Granian in front of `tenfold.asgi`, with as many worker processes as wished."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import tempfile
from contextlib import suppress
from types import FrameType
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from tenfold import logs, parent, turns

log = logging.getLogger(__name__)

APPLICATION = "tenfold.asgi:application"
# Connections at once a process: Granian counts all of them, those too that ask nothing. Phones and streams that only
# sit there must leave room for who comes to scan; how many scans may wait is bounded by `edge.commit`.
AT_ONCE = 20_000
# Files a process may have open, each connection being one: as many as the system allows, up to the first number;
# below the second it is told that they may not suffice.
MOST_FILES, FEW_FILES = 65_536, 4_096
# A stop waits this long for requests that are being answered.
GRACE_SECONDS = 5
MOST_WORKERS = 8


def usual_workers() -> int:
    """On PostgreSQL one process for each core we may use. On SQLite one in all: what another one takes in has to be
    handed over to the one that writes."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return 1
    return min(turns.cores(), MOST_WORKERS)


class Server(MPServer):
    """Granian gives up when a worker dies twice within seconds, as one does that cannot start. One that was killed from
    outside (by the system for its memory, by a person) has not failed: it is replaced as often as that happens."""

    def _respawn_workers(self, workers: list[int], *where: Any, **how: Any) -> None:
        killed = [nth for nth in workers if self.wrks[nth].inner.exitcode == -signal.SIGKILL]
        super()._respawn_workers(workers, *where, **how)
        for nth in killed:
            self.respawned_wrks.pop(nth, None)


def raise_open_files() -> None:
    """Let this process and its children have as many files open as the system allows; never fewer than before."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS may take fewer than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < FEW_FILES:
        log.warning("few_open_files: at most %d a process; raise the hard limit (ulimit -Hn)", most)


def serve(*, host: str, port: int, workers: int, application: str = APPLICATION) -> None:
    """Serve until SIGTERM or SIGINT. `application` is named as "module:attribute"; drills have broken ones."""
    parent.end_with_parent()
    os.environ.update(parent.variables_for_children())
    # And not by a setting: Django may have read all of them before we are asked.
    os.environ[turns.DOORS] = str(workers)
    if workers > 1:
        # Each process counts for itself; whichever is asked then adds up what all of them have counted.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="tenfold-metrics-"))
    server = Server(
        application,
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

    raise_open_files()  # the log is set up by now, and the processes that inherit it have not started

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
