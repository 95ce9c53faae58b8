"""Many phones at once: scans by hand-written HTTP/1.1 over kept connections, each with what became of it.

Closed loop: every connection asks again as soon as it was answered. Open loop: so many scans a second are due whatever
the door does, and a scan's time counts from when it was due. Newcomers bring no cookie; some visitors come again with
the cookie they were given, so that the same visitor may be on the way twice. Some phones leave in the middle.

It runs in a process of its own, which nobody kills: what it was told is the history that `perf.truth` believes.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import NamedTuple, cast

# Who opens connections, so many at a time: a server's backlog holds no thousands.
DOORWAY = 100
TICK, REST, LEAST_REST = 0.005, 0.02, 0.0005
KEPT_COOKIES = 50_000
AHEAD = -15
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/126.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
)


@dataclass(frozen=True)
class Wishes:
    """`rate` None is a closed loop. `returning` and `leaving` are shares of the scans; times are seconds."""

    port: int
    slugs: tuple[str, ...]
    connections: int = 64
    rate: float | None = None
    returning: float = 0.2
    leaving: float = 0.0
    idle: int = 0
    seed: int = 1
    patience: float = 10.0
    ahead: bool = False
    """Before all others of this machine, as far as we may: where a door's waits are measured that has other work beside
    it, and not how much it can do. Phones are machines of their own, and wait for no core of the server's."""


class Scan(NamedTuple):
    """One request. `at` is `time.monotonic()` when it was due, which is the same clock in every process."""

    at: float
    seconds: float
    slug: str
    visitor: str
    """32 hexadecimal digits; empty where a newcomer was not told who they are."""
    status: int
    """0 where the connection broke off: then nobody knows whether it was kept."""
    location: str

    @property
    def is_answered(self) -> bool:
        return 200 <= self.status < 400


@dataclass
class History:
    scans: list[Scan] = field(default_factory=list)
    unsent: int = 0
    """Scans of an open loop for which no connection was free within their patience."""
    idle_left: int = 0
    """Idle connections that were still open at the end."""

    @property
    def answered(self) -> list[Scan]:
        return [scan for scan in self.scans if scan.is_answered]


class Load:
    """The load in a process of its own, from `start` to `stop`."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes

    def start(self) -> Load:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(self._wishes, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._line.recv()  # it takes a moment to come up
        return self

    def stop(self) -> History:
        self.end()
        return self.result()

    def end(self) -> None:
        """From now on no new scans; those on the way are waited for as long as their patience lasts."""
        self._line.send("stop")

    def result(self) -> History:
        history = cast(History, self._line.recv())
        self._process.join()
        return history

    def during(self, seconds: float) -> History:
        """The whole of it, for so long."""
        self.start()
        time.sleep(seconds)
        return self.stop()


def _main(wishes: Wishes, line: Connection) -> None:
    if wishes.ahead:
        _go_ahead()
    raise_the_limit(wishes.connections + wishes.idle + 100)
    with suppress(KeyboardInterrupt):
        line.send("ready")
        line.send(asyncio.run(_Phones(wishes, line.poll).run()))


def _go_ahead() -> None:
    """Where Linux weighs sessions first ("autogroup"), the session has to be ahead as well, and one of our own."""
    with suppress(OSError):
        os.nice(AHEAD)
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(AHEAD))


def raise_the_limit(files: int) -> None:
    """Let this process, and those it starts, open so many files, as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(files, soft), hard), hard))


@dataclass(slots=True)
class _Asked:
    due: float
    slug: str
    visitor: str


class _Phones:
    """All connections, and whose turn it is."""

    def __init__(self, wishes: Wishes, is_over: Callable[[], bool]) -> None:
        self.wishes = wishes
        self.history = History()
        self.dice = Random(wishes.seed)
        self._is_over = is_over
        self._is_stopping = False
        self._cookies: list[str] = []
        self._free: deque[_Link] = deque()
        self._due: deque[float] = deque()
        self._links: set[_Link] = set()

    async def run(self) -> History:
        doorway = asyncio.Semaphore(DOORWAY)
        links = [asyncio.create_task(self._stay(doorway)) for _ in range(self.wishes.connections)]
        idle = [asyncio.create_task(self._idle(doorway)) for _ in range(self.wishes.idle)]
        await self._tick_until_over()
        self._is_stopping = True
        await self._let_finish()
        idle_left = self.history.idle_left
        for task in (*links, *idle):
            task.cancel()
        await asyncio.gather(*links, *idle, return_exceptions=True)
        self.history.idle_left = idle_left
        return self.history

    async def _tick_until_over(self) -> None:
        began, issued, swept = time.monotonic(), 0, time.monotonic()
        while not self._is_over():
            now = time.monotonic()
            if rate := self.wishes.rate:
                target = int((now - began) * rate)
                self._due.extend(began + (number + 1) / rate for number in range(issued, target))
                issued = target
                self._send_due(now)
            if now - swept > 0.5:
                self._sweep(now)
                swept = now
            await asyncio.sleep(self._until_next(began + (issued + 1) / rate) if rate else TICK)

    def _until_next(self, due: float) -> float:
        """Seconds, never longer than a tick: what is due is asked then, as each wait is counted from there on. The
        system's own timers are a millisecond late at most, so that less than that is no rest."""
        return min(TICK, max(LEAST_REST, due - time.monotonic()))

    def _send_due(self, now: float) -> None:
        while self._due and self._due[0] < now - self.wishes.patience:
            self._due.popleft()
            self.history.unsent += 1
        while self._due and self._free:
            self._free.popleft().ask(self._due.popleft())

    def _sweep(self, now: float) -> None:
        for link in list(self._links):
            if link.asked and link.asked.due < now - 2 * self.wishes.patience:
                link.leave()

    async def _let_finish(self) -> None:
        self.history.unsent += len(self._due)
        self._due.clear()
        give_up = time.monotonic() + self.wishes.patience
        while any(link.asked for link in self._links) and time.monotonic() < give_up:
            await asyncio.sleep(TICK)
        for link in list(self._links):
            link.leave()
        await asyncio.sleep(0)

    async def _stay(self, doorway: asyncio.Semaphore) -> None:
        """One connection, opened again whenever it has ended."""
        while not self._is_stopping:
            link = _Link(self)
            try:
                async with doorway:
                    await self._open(link)
            except OSError:
                await asyncio.sleep(REST)
                continue
            self._links.add(link)
            self.turn(link)
            await link.gone.wait()
            self._links.discard(link)

    async def _idle(self, doorway: asyncio.Semaphore) -> None:
        """A connection that says nothing; opened again where the door has had enough of it."""
        while not self._is_stopping:
            link = _Link(self)
            with suppress(OSError):
                async with doorway:
                    await self._open(link)
                self.history.idle_left += 1
                await link.gone.wait()
                self.history.idle_left -= 1
            await asyncio.sleep(REST)

    async def _open(self, link: _Link) -> None:
        await asyncio.get_running_loop().create_connection(lambda: link, "127.0.0.1", self.wishes.port)

    def turn(self, link: _Link) -> None:
        """This connection is free."""
        if self._is_stopping:
            return
        if self.wishes.rate is None:
            link.ask(time.monotonic())
        elif self._due:
            link.ask(self._due.popleft())
        else:
            self._free.append(link)

    def left(self, link: _Link) -> None:
        with suppress(ValueError):
            self._free.remove(link)

    def cookie(self) -> str:
        """That of somebody who was here before, or none."""
        if self._cookies and self.dice.random() < self.wishes.returning:
            return self.dice.choice(self._cookies)
        return ""

    def keep(self, cookie: str) -> None:
        if len(self._cookies) < KEPT_COOKIES:
            self._cookies.append(cookie)
        else:
            self._cookies[self.dice.randrange(KEPT_COOKIES)] = cookie


class _Link(asyncio.Protocol):
    """One connection, with one scan on the way at most."""

    def __init__(self, phones: _Phones) -> None:
        self._phones = phones
        self._received = b""
        self.asked: _Asked | None = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, due: float) -> None:
        slug, cookie = self._phones.dice.choice(self._phones.wishes.slugs), self._phones.cookie()
        self.asked = _Asked(due, slug, cookie[:32])
        self._transport.write(_request(slug, cookie))
        if self._phones.dice.random() < self._phones.wishes.leaving:
            asyncio.get_running_loop().call_later(self._phones.dice.random() / 100, self.leave)

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = read_answer(self._received)
        if answer is None or self.asked is None:
            return
        self._received = b""
        if answer.cookie:
            self.asked.visitor = answer.cookie[:32]
            self._phones.keep(answer.cookie)
        self._note(answer.status, answer.location)
        self._phones.turn(self)

    def connection_lost(self, _error: Exception | None) -> None:
        if self.asked:
            self._note(0, "")
        self._phones.left(self)
        self.gone.set()

    def leave(self) -> None:
        self._transport.abort()

    def _note(self, status: int, location: str) -> None:
        assert self.asked
        due, slug, visitor = self.asked.due, self.asked.slug, self.asked.visitor
        self._phones.history.scans.append(Scan(due, time.monotonic() - due, slug, visitor, status, location))
        self.asked = None


# --- the wire -------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    status: int
    location: str
    cookie: str


def _request(slug: str, cookie: str) -> bytes:
    known = f"Cookie: tf_visitor={cookie}\r\n" if cookie else ""
    return f"GET /c/{slug} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {PHONE}\r\n{known}\r\n".encode()


def read_answer(data: bytes) -> Answer | None:
    """What was answered; None while something of it is missing."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, body = data[: end + 2], data[end + 4 :]
    if not _is_whole(head, body):
        return None
    return Answer(
        int(head[9:12]), _between(head, b"\r\nlocation: ", b"\r"), _between(head, b"tf_visitor=", b";")
    )


def _is_whole(head: bytes, body: bytes) -> bool:
    if length := _between(head, b"\r\ncontent-length: ", b"\r"):
        return len(body) >= int(length)
    return b"\r\ntransfer-encoding: chunked" not in head or body.endswith(b"0\r\n\r\n")


def _between(text: bytes, before: bytes, after: bytes) -> str:
    start = text.find(before)
    if start < 0:
        return ""
    start += len(before)
    return text[start : text.find(after, start)].decode()
