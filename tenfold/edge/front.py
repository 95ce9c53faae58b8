"""The one application in front: doors that are answered here, and the pages for everything else."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

import structlog
from django.db import InterfaceError, OperationalError

from tenfold.edge.apart import Apart, Gone
from tenfold.edge.health import health
from tenfold.edge.hooks import PATH as HOOKS
from tenfold.edge.hooks import Hooks
from tenfold.edge.hub import Hub
from tenfold.edge.intake import Intake
from tenfold.edge.live import live
from tenfold.edge.memory import Full, Threads
from tenfold.edge.protocol import App, Asked, Message, Receive, Scope, Send, give, plain
from tenfold.edge.scan import Door, busy
from tenfold.edge.watch import Watcher
from tenfold.logs import masked

log = structlog.get_logger(__name__)

SLOW_SECONDS = 2.0
READERS = 4
# Thousands of streams may come back at once after a restart; each asks the database only briefly.
READER_LINE = 6000


class Front:
    def __init__(self, pages: App) -> None:
        self._pages = pages
        self._apart = pages if isinstance(pages, Apart) else None
        self.hub = Hub()
        self._watcher = Watcher(self.hub)
        self._readers = Threads("edge-reader", count=READERS, line=READER_LINE)
        self._intake = Intake()
        self._door = Door(self._intake, self._readers)
        self._hooks = Hooks(self._intake, self._readers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http" if scope["path"].startswith(("/c/", "/C/")):
                await self._at_the_door(scope, send)
            case "http":
                await self._watched(Asked(scope), receive, send)
            case "lifespan":
                await self._live_and_die(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})

    async def _at_the_door(self, scope: Scope, send: Send) -> None:
        """As `_watched`, for the one path that is asked by the thousand and says itself what took long."""
        try:
            await self._door.answer(scope, send)
        except Exception:
            log.exception("request_failed", path=masked(scope["path"]))
            await give(send, plain(500), is_head=scope["method"] == "HEAD")

    async def _watched(self, asked: Asked, receive: Receive, send: Send) -> None:
        """Answer, and log what failed or took long; a failure before the first byte still gets an answer."""
        began, statuses = time.perf_counter(), []

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        try:
            await self._answer(asked, receive, noted)
        except (Full, Gone, TimeoutError, OperationalError, InterfaceError) as error:
            log.warning("not_answered", path=masked(asked.path), why=type(error).__name__)
            if not statuses:
                await give(noted, busy(), is_head=asked.method == "HEAD")
        except Exception:
            log.exception("request_failed", path=masked(asked.path))
            if not statuses:
                await give(noted, plain(500), is_head=asked.method == "HEAD")
        _note(asked, statuses[0] if statuses else 0, time.perf_counter() - began)

    async def _answer(self, asked: Asked, receive: Receive, send: Send) -> None:
        is_head = asked.method == "HEAD"
        if asked.path.startswith("/live/"):
            await live(asked, receive, send, self.hub, self._watcher, self._readers)
        elif asked.path.startswith(HOOKS):
            await give(send, await self._hooks.answer(asked, receive), is_head=is_head)
        elif asked.path in ("/healthz", "/readyz", "/metrics"):
            are_there = self._apart is None or self._apart.is_ready
            await give(send, await health(asked, self._readers, are_pages_there=are_there), is_head=is_head)
        else:
            await self._pages(asked.scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._listen_for_the_end()
                if self._apart:
                    self._apart.start()
                self._door.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self.hub.close()
                self._door.stop()
                # Off the event loop, which has to tell those whose scans are being written.
                await asyncio.to_thread(self._finish)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _listen_for_the_end(self) -> None:
        """`tenfold serve` sends this signal before it stops the server, which waits for every open stream."""
        with contextlib.suppress(RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.hub.close)

    def close(self) -> None:
        self.hub.close()
        self._finish()

    def _finish(self) -> None:
        if self._apart:
            self._apart.close()
        self._watcher.stop()
        self._intake.close()
        self._readers.close()


def _note(asked: Asked, status: int, seconds: float) -> None:
    """One line for what failed or took long; a stream is meant to take long. Never a query: it may hold a token."""
    is_slow = seconds > SLOW_SECONDS and not asked.path.startswith("/live/")
    if is_slow or status >= 500:
        told = {"method": asked.method, "path": masked(asked.path), "status": status}
        log.warning("request", **told, milliseconds=round(seconds * 1000))
