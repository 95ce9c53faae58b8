"""An application in a process of its own: asked as if it were here, replaced when it dies, gone when we are."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tenfold.edge import apart
from tenfold.edge.apart import Apart, Gone
from tenfold.edge.front import Front
from tenfold.edge.protocol import Message
from tests.edge.browser import Got, ask, scope_of

MEGABYTE = 1024 * 1024
# What it answers tells what it was asked; some paths do what no page should.
PROGRAM = """
import asyncio, json, os, socket
from tenfold.edge.apart import answer_for

async def app(scope, receive, send):
    path, body, kind = scope["path"], b"", ""
    if path == "/fails":
        raise ZeroDivisionError("no page")
    if path == "/dies":
        os._exit(3)
    while True:
        message = await receive()
        kind = message["type"]
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if path == "/notes":
        open(scope["query_string"], "w").write(kind)
        return
    told = {name: str(scope[name]) for name in ("method", "path", "query_string", "client", "headers")}
    told |= {"size": len(body), "pid": os.getpid()}
    await send({"type": "http.response.start", "status": 207, "headers": [(b"x-seen", b"yes")]})
    if path == "/dies-late":
        os._exit(3)
    if path == "/large":
        for nth in range(16):
            await send({"type": "http.response.body", "body": bytes([nth]) * (1 << 20), "more_body": True})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})

asyncio.run(answer_for(app, socket.socket(fileno=0)))
"""


@contextmanager
def beside() -> Iterator[Apart]:
    """It ends with the test."""
    one = Apart("-c", PROGRAM)
    try:
        yield one
    finally:
        one.close()


def told_by(story: Callable[[Apart], Awaitable[None]]) -> None:
    with beside() as one:

        async def whole() -> None:
            one.start()
            async with asyncio.timeout(60):
                await story(one)

        asyncio.run(whole())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def has_ended(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_it_is_asked_and_answers_as_if_it_were_here() -> None:
    async def story(one: Apart) -> None:
        got = await ask(
            one, "/me/?a=%20", method="POST", body=b"x" * 9 * MEGABYTE, client="10.1.2.3", x_fine="yes"
        )
        assert (got.status, got.headers["x-seen"]) == (207, "yes")
        for word in ('"POST"', "/me/", "a=%20", "10.1.2.3", "x-fine", str(9 * MEGABYTE)):
            assert word in got.text

    told_by(story)


def test_many_are_answered_at_once_and_a_large_answer_comes_whole() -> None:
    async def story(one: Apart) -> None:
        large, *small = await asyncio.gather(ask(one, "/large"), *(ask(one, f"/{nth}") for nth in range(200)))
        assert large.body[: 16 * MEGABYTE] == b"".join(bytes([nth]) * MEGABYTE for nth in range(16))
        assert all(f'"/{nth}"' in got.text for nth, got in enumerate(small))

    told_by(story)


def test_who_goes_away_in_the_middle_has_gone_there_too(tmp_path: Path) -> None:
    note = tmp_path / "note"
    parts: list[Message] = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return parts.pop(0)

    async def send(_message: Message) -> None: ...

    async def story(one: Apart) -> None:
        with pytest.raises(Gone):  # no answer to nobody
            await one(scope_of("POST", f"/notes?{note}"), receive, send)
        await until(lambda: note.exists() and bool(note.read_text()))
        assert note.read_text() == "http.disconnect"

    told_by(story)


def test_what_fails_there_fails_here() -> None:
    async def story(one: Apart) -> None:
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            await ask(one, "/fails")
        assert (await ask(one, "/")).status == 207

    told_by(story)


@pytest.mark.parametrize("path", ["/dies", "/dies-late"])
def test_one_that_dies_is_replaced(path: str) -> None:
    async def story(one: Apart) -> None:
        first = one.pid
        with pytest.raises(Gone):
            await ask(one, path)
        await until(lambda: one.pid != first and one.is_ready)
        assert f'"pid": {one.pid}' in (await ask(one, "/")).text

    told_by(story)


def test_who_asks_while_there_is_none_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "FIRST_PAUSE_SECONDS", 60.0)

    async def story(one: Apart) -> None:
        await until(lambda: one.is_ready)
        one._pause = apart.FIRST_PAUSE_SECONDS
        os.kill(one.pid, signal.SIGKILL)
        await until(lambda: not one.is_ready)
        with pytest.raises(Gone):
            await ask(one, "/")

    told_by(story)


def test_it_ends_when_it_is_closed_and_when_whoever_started_it_has_gone() -> None:
    with beside() as closed, beside() as left:
        closed.close()
        assert has_ended(closed.pid)
        left._control.close()  # as the end of this process does
        left._process.wait(20)
        assert has_ended(left.pid)


@pytest.mark.django_db(transaction=True)
class TestThroughTheFront:
    def answers(self, path: str) -> list[Got]:
        found: list[Got] = []

        async def story(one: Apart) -> None:
            front = Front(one)
            try:
                await until(lambda: one.is_ready)
                found.append(await ask(front, path))
                if path == "/readyz":
                    os.kill(one.pid, signal.SIGKILL)
                    await until(lambda: not one.is_ready)
                    found.append(await ask(front, path))
            finally:
                await asyncio.to_thread(front.close)

        told_by(story)
        return found

    def test_a_failure_is_a_500_and_a_death_a_moment(self) -> None:
        assert [got.status for got in self.answers("/fails")] == [500]
        (busy,) = self.answers("/dies")
        assert (busy.status, busy.headers["retry-after"]) == (503, "3")

    def test_it_is_ready_as_long_as_the_pages_are(self) -> None:
        assert [got.status for got in self.answers("/readyz")] == [200, 503]
