"""The pages (Django, synchronous) behind the doors: a few threads that never wait for a slow phone.

In the product they run in a process of their own (`edge.apart`), so that no scan takes turns with them. But all of them
share one interpreter, and what a page of the console computes for half a second must not be what a phone waits for. The
console, whose pages are the slowest, has threads of its own, and few. All let go of the interpreter ten times as often
as usual (`edge.process`), and where cores are short Linux lets the others go first.

A body is collected in the event loop and handed over whole; an answer is taken from the thread at once and sent
from the event loop. So a thread is occupied for as long as Django works, and no longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware
from django.conf import settings

from tenfold.edge.protocol import App, Message, Receive, Scope, Send, give, plain

# A thread that waits for the database is nobody's burden: phones' pages may have a few more.
THREADS, CONSOLE_THREADS = 6, 2
CONSOLE_NICE = 10
# Chunks of an answer that may wait for a slow reader; ours are far smaller in all.
WAITING_CHUNKS = 1024
UPLOAD_SECONDS = 120.0
# Of all unfinished uploads together; past it a newcomer is asked to try again, before memory ends.
MOST_KEPT = 256 * 1024 * 1024
# A body that is too large is still read to its end, up to here: a browser shows our "too large" only then.
LONGEST_DRAIN = 64 * 1024 * 1024
# By this name a request's scope tells its thread that its reader has left.
LEFT = "tenfold.left"
_ABOUT_SIZE = (b"content-length", b"transfer-encoding")
_CHARSET = re.compile(rb"charset\s*=[^;]*", re.IGNORECASE)


class Pages:
    def __init__(self, wsgi: Callable[..., Any]) -> None:
        self._phones = _in_threads(wsgi, THREADS, nice=0)
        self._console = _in_threads(wsgi, CONSOLE_THREADS, nice=CONSOLE_NICE)
        self._store = _Store(MOST_KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(self._store)
        try:
            if await _is_whole(body, receive, send):
                app = self._console if scope["path"].startswith("/console/") else self._phones
                async with _watched(receive) as has_left:
                    await app(_cleaned(scope, body) | {LEFT: has_left}, _replay(bytes(body.kept)), send)
        finally:
            body.forget()


def _in_threads(wsgi: Callable[..., Any], count: int, *, nice: int) -> App:
    made = WSGIMiddleware(_breaking_off(wsgi), send_queue_size=WAITING_CHUNKS)
    made.executor = ThreadPoolExecutor(count, "pages", initializer=_let_others_go_first, initargs=(nice,))
    return cast(App, made)


def _let_others_go_first(nice: int) -> None:
    """On Linux each thread has a place of its own there; elsewhere the whole process would go back."""
    if nice and sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


def _breaking_off(wsgi: Callable[..., Any]) -> Callable[..., Any]:
    """The pages, but that a long answer ends where its reader has left, instead of keeping its thread."""

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        return _Chunks(wsgi(environ, start_response), environ["asgi.scope"][LEFT])

    return answer


class _Chunks:
    def __init__(self, chunks: Iterable[bytes], has_left: threading.Event) -> None:
        self._chunks, self._has_left = chunks, has_left
        self.close = getattr(chunks, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        return itertools.takewhile(lambda _chunk: not self._has_left.is_set(), self._chunks)


@contextlib.asynccontextmanager
async def _watched(receive: Receive) -> AsyncIterator[threading.Event]:
    """Set as soon as whoever asked has left; it is threads that look."""
    has_left = threading.Event()

    async def watch() -> None:
        message = await receive()
        while message.get("more_body"):  # of a body that is too long even to be read to its end
            message = await receive()
        if message["type"] == "http.disconnect":
            has_left.set()

    watching = asyncio.create_task(watch())
    try:
        yield has_left
    finally:
        watching.cancel()
        await asyncio.wait([watching])  # only one may listen at a time


class Crowded(Exception):
    """Too many unfinished uploads are kept in memory already."""


class _Store:
    """How many bytes of unfinished bodies this process keeps in all, and the most it will."""

    def __init__(self, most: int) -> None:
        self.left = most

    def take(self, count: int) -> None:
        if count > self.left:
            raise Crowded
        self.left -= count


class _Body:
    """What of a body is kept: all of it up to the limit, nothing of a larger one. `size` is what came in all."""

    def __init__(self, store: _Store) -> None:
        self.kept = bytearray()
        self.size = 0
        self._store = store

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            self._store.take(len(chunk))
            self.kept += chunk
        else:
            self.forget()

    def forget(self) -> None:
        self._store.left += len(self.kept)
        self.kept.clear()


async def _is_whole(body: _Body, receive: Receive, send: Send) -> bool:
    """Take the body in; where it does not come, or not now, that is the answer already."""
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            return await _collect(body, receive)
    except TimeoutError:
        await give(send, plain(408, connection="close"))
    except Crowded:
        await give(send, plain(503, retry_after="5", connection="close"))
    return False


async def _collect(body: _Body, receive: Receive) -> bool:
    """Take the body in; False if the client went away in the middle of it."""
    while body.size < LONGEST_DRAIN:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        body.add(message.get("body", b""))
        if not message.get("more_body"):
            break
    return True


def _replay(body: bytes) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else {"type": "http.disconnect"}

    return again


def _cleaned(scope: Scope, body: _Body) -> dict[str, Any]:
    """A scope that WSGI can tell: a query in ASCII, and the size of the body also where it came in chunks.

    A body too large to keep comes with its true size and no bytes: the pages refuse it by the size alone.
    WSGI cannot tell `x_name` from `x-name`, so that the first could pass for what only our own proxy may say.
    Browsers send our forms in UTF-8; a charset that is none (Python knows "rot13") breaks Django before any page.
    """
    headers = [
        (name, _CHARSET.sub(b"", value) if name.lower() == b"content-type" else value)
        for name, value in scope["headers"]
        if name.lower() not in _ABOUT_SIZE and b"_" not in name
    ]
    if body.size:
        headers.append((b"content-length", str(body.size).encode()))
    query = re.sub(rb"[^!-~]", lambda found: quote_from_bytes(found[0]).encode(), scope["query_string"])
    return {**scope, "headers": headers, "query_string": query}
