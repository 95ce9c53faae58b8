"""An application in a process of its own: asked as if it were here, replaced when it dies, gone when we are."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
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
    path, size, kind = scope["path"], 0, ""
    if path == "/fails":
        raise ZeroDivisionError("no page")
    if path == "/dies":
        os._exit(3)
    if path == "/refuses":
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b"too large"})
        return
    if path == "/files":
        await send({"type": "http.response.start", "status": len(os.listdir("/proc/self/fd")), "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    if path == "/waits":
        await receive()
        open(scope["query_string"], "w").write((await receive())["type"])
        return
    while True:
        message = await receive()
        kind = message["type"]
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if path == "/notes":
        open(scope["query_string"], "w").write(kind)
        return
    told = {name: str(scope[name]) for name in ("method", "path", "query_string", "client", "headers")}
    told |= {"size": size, "pid": os.getpid()}
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


def test_what_it_computes_is_counted_against_a_session_of_its_own_also_when_it_is_started_again() -> None:
    async def story(one: Apart) -> None:
        await ask(one, "/")
        first = one.pid
        assert os.getsid(first) == first != os.getsid(0)
        os.kill(first, signal.SIGKILL)
        await until(lambda: one.pid != first)
        assert os.getsid(one.pid) == one.pid

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


class Uploading:
    """Whoever sends so many pieces of a body, does `then` at the piece `at`, and in the end waits for the answer."""

    def __init__(self, pieces: int, *, at: int = -1, then: Callable[[], object] = lambda: None) -> None:
        self.pieces, self.told = pieces, list[Message]()
        self._left, self._at, self._then = pieces, at, then

    async def receive(self) -> Message:
        await asyncio.sleep(0)
        if not self._left:
            await asyncio.Future()
        if self.pieces - self._left == self._at:
            self._then()
        self._left -= 1
        return {"type": "http.request", "body": b"x" * 60_000, "more_body": self._left > 0}

    async def send(self, message: Message) -> None:
        self.told.append(message)

    async def to(self, one: Apart, path: str) -> list[Message]:
        await one(scope_of("POST", path), self.receive, self.send)
        return self.told


@pytest.mark.parametrize("pieces", [3, 200])
def test_an_answer_given_before_the_body_was_there_is_never_lost(pieces: int) -> None:
    async def story(one: Apart) -> None:
        for _upload in range(100):
            start, end = await Uploading(pieces).to(one, "/refuses")
            assert (start["status"], end["body"]) == (413, b"too large")
        assert (await Uploading(pieces).to(one, "/"))[0]["status"] == 207

    told_by(story)


def test_of_a_long_body_no_more_is_taken_in_than_is_read() -> None:
    """As long as it stands still there, it waits here: in the phone, and not in our memory."""

    async def story(one: Apart) -> None:
        await until(lambda: one.is_ready)
        os.kill(one.pid, signal.SIGSTOP)
        upload = Uploading(1000)
        asking = asyncio.create_task(upload.to(one, "/"))
        before = -1
        while before != upload._left:
            before = upload._left
            await asyncio.sleep(0.1)
        assert upload.pieces - upload._left < 20
        os.kill(one.pid, signal.SIGCONT)
        assert (await asking)[0]["status"] == 207

    told_by(story)


def test_who_leaves_after_the_body_has_left_there_too(tmp_path: Path) -> None:
    note = tmp_path / "note"
    parts: list[Message] = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b"whole", "more_body": False},
    ]

    async def receive() -> Message:
        return parts.pop()

    async def send(_message: Message) -> None: ...

    async def story(one: Apart) -> None:
        with pytest.raises(Gone):
            await one(scope_of("POST", f"/waits?{note}"), receive, send)
        assert note.read_text() == "http.disconnect"

    told_by(story)


def test_one_that_is_killed_amid_an_upload_is_told_and_replaced() -> None:
    async def story(one: Apart) -> None:
        await until(lambda: one.is_ready)
        first = one.pid
        with pytest.raises(Gone):
            await Uploading(400, at=200, then=lambda: os.kill(first, signal.SIGKILL)).to(one, "/")
        await until(lambda: one.pid != first and one.is_ready)
        assert (await Uploading(400).to(one, "/"))[0]["status"] == 207

    told_by(story)


def test_an_upload_keeps_nobody_from_closing_it() -> None:
    async def story(one: Apart) -> None:
        await until(lambda: one.is_ready)
        stopping = asyncio.Event()
        asking = asyncio.create_task(Uploading(100_000, at=50, then=stopping.set).to(one, "/"))
        await stopping.wait()
        await asyncio.to_thread(one.close)
        assert has_ended(one.pid)
        with pytest.raises(Gone):
            await asking

    told_by(story)


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted as Linux tells them")
def test_no_file_stays_open_of_what_is_over() -> None:
    async def story(one: Apart) -> None:
        async def open_files() -> tuple[int, int]:
            return len(os.listdir("/proc/self/fd")), (await ask(one, "/files")).status

        before = await open_files()
        for _round in range(20):
            await asyncio.gather(
                *(Uploading(3).to(one, "/refuses") for _ in range(20)), *(ask(one, "/") for _ in range(20))
            )
        async with asyncio.timeout(20):
            while await open_files() > before:
                await asyncio.sleep(0.05)

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
