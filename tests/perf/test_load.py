"""The load generator notes what was answered, whose visitor it was, and what nobody knows the end of."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from perf.load import AHEAD, LEAST_REST, TICK, History, Load, Scan, Wishes, _Phones, read_answer

GO = b"HTTP/1.1 302 Found\r\nlocation: /g/1/\r\nset-cookie: tf_visitor=%s:1:sig; Path=/\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Door:
    """Answers like the door does, and keeps what it has answered; every `drops`th request is dropped unanswered."""

    drops: int = 0
    busy: bool = False
    slow: bool = False
    seen: int = 0
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    open_now: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_now += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.seen += 1
                if self.drops and self.seen % self.drops == 0:
                    break
                await self._answer(head.decode(), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_now -= 1
            writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        if self.slow:
            await asyncio.Event().wait()
        if self.busy:
            writer.write(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\n")
            writer.write(b"busy")
            return
        slug = head.split()[1].rpartition("/")[2]
        known = head.partition("tf_visitor=")[2][:32]
        visitor = known or uuid4().hex
        self.kept[slug, visitor] += 1
        writer.write(GO % visitor.encode() if not known else b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


def load(door: Door, wishes: Wishes, is_over: Callable[[History], bool]) -> History:
    async def all_of_it() -> History:
        server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        phones = _Phones(replace(wishes, port=port), lambda: is_over(phones.history))
        async with server:
            return await asyncio.wait_for(phones.run(), 30)

    return asyncio.run(all_of_it())


def after(count: int) -> Callable[[History], bool]:
    return lambda history: len(history.scans) >= count


WISHES = Wishes(port=0, slugs=("AAAA", "BBBB"), connections=8, patience=2)


def noted(history: History) -> Counter[tuple[str, str]]:
    return Counter((scan.slug, scan.visitor) for scan in history.answered)


def test_every_answer_is_noted_with_its_code_and_visitor() -> None:
    door = Door()
    history = load(door, WISHES, after(300))
    assert noted(history) == door.kept
    assert {slug for slug, _visitor in door.kept} == {"AAAA", "BBBB"}
    assert max(door.kept.values()) > 1, "somebody came again"
    assert {scan.location for scan in history.scans} == {"/g/1/", ""}
    assert all(scan.seconds >= 0 for scan in history.scans)


def test_what_broke_off_is_neither_answered_nor_forgotten() -> None:
    door = Door(drops=10)
    history = load(door, WISHES, after(300))
    broken = [scan for scan in history.scans if scan.status == 0]
    assert len(broken) == door.seen // 10 > 10
    assert noted(history) == door.kept, "and its connection was opened again"


def test_busy_is_an_answer_but_keeps_nobody() -> None:
    history = load(Door(busy=True), WISHES, after(50))
    assert {scan.status for scan in history.scans} == {503}
    assert history.answered == []


def test_an_open_loop_offers_its_rate_whatever_the_door_does() -> None:
    door = Door()
    history = load(door, replace(WISHES, rate=2000), after(400))
    span = history.scans[-1].at - history.scans[0].at
    assert len(history.scans) / span == pytest.approx(2000, rel=0.2)
    stuck = load(
        Door(slow=True), replace(WISHES, rate=500, patience=0.1), lambda history: history.unsent > 20
    )
    assert stuck.unsent > 20
    assert [scan.status for scan in stuck.scans] == [0] * len(stuck.scans)


def test_phones_leave_in_the_middle_and_others_only_sit_there() -> None:
    door = Door()
    history = load(door, replace(WISHES, leaving=0.3, idle=5), after(300))
    assert sum(scan.status == 0 for scan in history.scans) > 5
    assert not noted(history) - door.kept
    assert history.idle_left == 5


@pytest.mark.parametrize(
    ("data", "status", "location", "cookie"),
    [
        (GO % b"abc", 302, "/g/1/", "abc:1:sig"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, "", ""),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "", ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, "", ""),
    ],
)
def test_an_answer_counts_when_the_whole_of_it_is_there(
    data: bytes, status: int, location: str, cookie: str
) -> None:
    assert read_answer(data) == (status, location, cookie)
    for cut in range(len(data)):
        assert read_answer(data[:cut]) is None


@pytest.mark.parametrize(
    ("status", "is_answered"), [(200, True), (302, True), (404, False), (503, False), (0, False)]
)
def test_only_a_scan_that_led_somewhere_has_to_be_on_disk(status: int, is_answered: bool) -> None:
    assert Scan(0, 0, "AAAA", "", status, "").is_answered is is_answered


@pytest.mark.parametrize("is_ahead", [True, False])
def test_only_who_wishes_it_is_measured_before_all_others_and_from_a_session_apart(is_ahead: bool) -> None:
    load = Load(replace(WISHES, rate=10.0, ahead=is_ahead)).start()
    pid = load._process.pid
    assert pid
    niceness, session = os.getpriority(os.PRIO_PROCESS, pid), os.getsid(pid)
    load.stop()
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert session == (pid if is_ahead else os.getsid(0))
    assert niceness in (ours, ours + AHEAD * is_ahead), "as far as we may"


@pytest.mark.parametrize(
    ("due_in", "rests"),
    [(-0.1, LEAST_REST), (0.0, LEAST_REST), (0.001, 0.001), (TICK / 2, TICK / 2), (3.0, TICK)],
)
def test_nobody_sleeps_past_what_is_due(monkeypatch: pytest.MonkeyPatch, due_in: float, rests: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 50.0)
    phones = _Phones(WISHES, lambda: True)
    assert phones._until_next(50.0 + due_in) == pytest.approx(rests)
