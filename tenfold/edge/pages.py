"""The pages (Django, synchronous) behind the doors: a few threads that never wait for a slow phone.

A body is collected in the event loop and handed over whole; an answer is taken from the thread at once and sent
from the event loop. So a thread is occupied for as long as Django works, and no longer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware
from django.conf import settings

from tenfold.edge.protocol import App, Message, Receive, Scope, Send, give, plain

THREADS = 8
# Chunks of an answer that may wait for a slow reader; ours are far smaller in all.
WAITING_CHUNKS = 1024
UPLOAD_SECONDS = 120.0
# A body that is too large is still read to its end, up to here: a browser shows our "too large" only then.
LONGEST_DRAIN = 64 * 1024 * 1024
_ABOUT_SIZE = (b"content-length", b"transfer-encoding")


class Pages:
    def __init__(self, wsgi: Callable[..., Any]) -> None:
        self._app = cast(App, WSGIMiddleware(wsgi, workers=THREADS, send_queue_size=WAITING_CHUNKS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                body = await _collected(receive)
        except TimeoutError:
            await give(send, plain(408, connection="close"))
            return
        if body is not None:
            await self._app(_cleaned(scope, body), _replay(bytes(body.kept), receive), send)


class _Body:
    """What of a body is kept: all of it up to the limit, nothing of a larger one. `size` is what came in all."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            self.kept += chunk
        else:
            self.kept.clear()


async def _collected(receive: Receive) -> _Body | None:
    """The body, or None if the client went away in the middle of it."""
    body = _Body()
    while body.size < LONGEST_DRAIN:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body.add(message.get("body", b""))
        if not message.get("more_body"):
            break
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


def _cleaned(scope: Scope, body: _Body) -> Scope:
    """A scope that WSGI can tell: a query in ASCII, and the size of the body also where it came in chunks.

    A body too large to keep comes with its true size and no bytes: the pages refuse it by the size alone.
    WSGI cannot tell `x_name` from `x-name`, so that the first could pass for what only our own proxy may say.
    """
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name.lower() not in _ABOUT_SIZE and b"_" not in name
    ]
    if body.size:
        headers.append((b"content-length", str(body.size).encode()))
    query = re.sub(rb"[^!-~]", lambda found: quote_from_bytes(found[0]).encode(), scope["query_string"])
    return {**scope, "headers": headers, "query_string": query}
