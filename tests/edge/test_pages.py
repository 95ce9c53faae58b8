"""The pages behind the doors: whole bodies, clean scopes, and threads that wait for nobody."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tenfold.edge import pages
from tenfold.edge.front import Front
from tenfold.edge.pages import Pages
from tenfold.edge.protocol import Message
from tests.edge.browser import Got, ask, scope_of

MEGABYTE = 1024 * 1024


class Told:
    """A WSGI application that notes what it was asked."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}
        self.body = b""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        self.environ = environ
        self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"seen ", b"it"]


async def sent(
    wsgi: Told, chunks: list[bytes], *, then: Message | None = None, **headers: str
) -> list[Message]:
    """Send a body in chunks; `then` comes instead of its end."""
    parts: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": nth < len(chunks) - 1 or then is not None}
        for nth, chunk in enumerate(chunks)
    ]
    parts += [then] if then else []
    told: list[Message] = []

    async def receive() -> Message:
        return parts.pop(0) if parts else await asyncio.Future()

    async def send(message: Message) -> None:
        told.append(message)

    await Pages(wsgi)(scope_of("POST", "/", **headers), receive, send)
    return told


def test_an_upload_arrives_whole() -> None:
    wsgi, chunks = Told(), [bytes([n]) * (MEGABYTE // 2) for n in range(16)]
    told = asyncio.run(sent(wsgi, chunks, content_length=str(8 * MEGABYTE)))
    assert wsgi.body == b"".join(chunks)
    assert b"".join(message.get("body", b"") for message in told) == b"seen it"


def test_an_upload_in_chunks_of_unknown_size_gets_its_size() -> None:
    wsgi = Told()
    asyncio.run(sent(wsgi, [b"abc", b"def", b""], transfer_encoding="chunked"))
    assert (wsgi.environ["CONTENT_LENGTH"], wsgi.body) == ("6", b"abcdef")
    assert "HTTP_TRANSFER_ENCODING" not in wsgi.environ


def test_a_body_too_large_is_drained_and_told_by_its_size_alone() -> None:
    wsgi, chunks = Told(), [b"x" * MEGABYTE] * 12
    asyncio.run(sent(wsgi, chunks))
    assert (wsgi.environ["CONTENT_LENGTH"], wsgi.body) == (str(12 * MEGABYTE), b"")


def test_who_goes_away_in_the_middle_has_sent_nothing() -> None:
    wsgi = Told()
    assert asyncio.run(sent(wsgi, [b"half of it"], then={"type": "http.disconnect"})) == []
    assert wsgi.environ == {}


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "UPLOAD_SECONDS", 0.02)
    wsgi = Told()
    # More is announced, and never comes.
    more: Message = {"type": "http.request", "body": b"", "more_body": True}
    told = asyncio.run(sent(wsgi, [b"slow"], then=more))
    assert told[0]["status"] == 408
    assert wsgi.environ == {}


def test_a_header_that_only_looks_like_our_proxys_is_dropped() -> None:
    wsgi = Told()

    async def story() -> None:
        scope = scope_of("GET", "/?q=a")
        scope["headers"] += [(b"x_forwarded_proto", b"https"), (b"x-fine", b"yes")]
        scope["query_string"] = b"q=\xff&r=%20"

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(_message: Message) -> None: ...

        await Pages(wsgi)(scope, receive, send)

    asyncio.run(story())
    assert "HTTP_X_FORWARDED_PROTO" not in wsgi.environ
    assert wsgi.environ["HTTP_X_FINE"] == "yes"
    assert wsgi.environ["QUERY_STRING"] == "q=%FF&r=%20"


def test_a_long_answer_ends_where_its_reader_leaves() -> None:
    told, closed = list[Message](), list[bool]()

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            return itertools.repeat(b"x")

        def close(self) -> None:
            closed.append(True)

    def wsgi(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Endless()

    async def story() -> None:
        has_seen_enough = asyncio.Event()
        parts: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if parts:
                return parts.pop()
            await has_seen_enough.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            told.append(message)
            if len(told) > 100:
                has_seen_enough.set()

        async with asyncio.timeout(20):
            await Pages(wsgi)(scope_of("GET", "/"), receive, send)

    asyncio.run(story())
    assert len(told) > 100
    assert closed == [True]


def get(front: Front, path: str, **wishes: Any) -> Got:
    return asyncio.run(ask(front, path, **wishes))


def test_pages_answer_through_the_front(front: Front) -> None:
    got = get(front, "/")
    assert got.status == 200
    assert "Tenfold" in got.text
    assert get(front, "/console/").status == 302
    assert get(front, "/no/such/page").status == 404


@pytest.mark.parametrize(
    "path", ["/\x00", "/中文", "/g/rubbish/", "//", "/" + "a" * 10_000, "/?q=%ff%fe", "/../../etc/passwd"]
)
def test_rubbish_makes_no_error_of_ours(front: Front, path: str) -> None:
    assert get(front, path).status < 500


def test_an_upload_past_the_limit_is_told_in_the_readers_language(front: Front) -> None:
    got = get(front, "/language", method="POST", body=b"x" * 10 * MEGABYTE, accept_language="en")
    assert got.status == 413
    assert "8 MB" in got.text
