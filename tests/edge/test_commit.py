"""Group commit: who waits together, who is answered when, and what nobody has to suffer for another's sake."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold.edge import commit
from tenfold.edge.commit import GroupCommit, Waiter
from tenfold.edge.memory import Full

Line = GroupCommit[str, str]


class Disk:
    """Keeps batches while its gate is open, and fails as it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.kept: list[str] = []
        self.events: list[str] = []
        self.gate, self.is_writing = threading.Event(), threading.Event()
        self.gate.set()
        self.troubles: list[BaseException] = []
        self.poison: dict[str, Exception] = {}

    def __call__(self, items: Sequence[str]) -> list[str]:
        self.batches.append(list(items))
        self.is_writing.set()
        assert self.gate.wait(20)
        if self.troubles:
            raise self.troubles.pop(0)
        for item in items:
            if item in self.poison:
                raise self.poison[item]
        self.kept += items
        self.events.append("commit")
        return [f"{item} is kept" for item in items]

    def shut(self) -> None:
        self.gate.clear()
        self.is_writing.clear()


@contextmanager
def line(write: Callable[[Sequence[str]], Sequence[str]], **wishes: Any) -> Iterator[Line]:
    made: Line = GroupCommit(write, name="test-writer", **wishes)
    try:
        yield made
    finally:
        made.close()
        assert not made._thread.is_alive()


async def all_of(*asked: asyncio.Task[str]) -> list[str | BaseException]:
    """Bounded: an answer that never comes is a failure and no hanging test."""
    return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 20)


def ask(made: Line, *items: str) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(made.keep(item)) for item in items]


async def in_line(made: Line, *items: str) -> list[asyncio.Task[str]]:
    tasks = ask(made, *items)
    await asyncio.sleep(0)  # each has come as far as the line
    return tasks


async def while_writing(made: Line, disk: Disk, first: str = "first") -> asyncio.Task[str]:
    """A commit that is under way, and goes on when the gate is opened."""
    disk.shut()
    [task] = await in_line(made, first)
    assert await asyncio.to_thread(disk.is_writing.wait, 20)
    return task


# --- batches --------------------------------------------------------------------------------------------------


def test_alone_an_item_is_kept_at_once_and_waits_for_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "LOOK_SECONDS", 3600.0)
    disk = Disk()

    async def story(made: Line) -> list[str]:
        return [await asyncio.wait_for(made.keep(item), 20) for item in ("a", "b")]

    with line(disk) as made:
        assert asyncio.run(story(made)) == ["a is kept", "b is kept"]
    assert disk.batches == [["a"], ["b"]]


def test_what_comes_during_a_commit_goes_into_the_next_one_together() -> None:
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        others = await in_line(made, "a", "b", "c")
        disk.gate.set()
        return await all_of(first, *others)

    with line(disk) as made:
        told = asyncio.run(story(made))
    assert disk.batches == [["first"], ["a", "b", "c"]]
    assert told == ["first is kept", "a is kept", "b is kept", "c is kept"]


def test_a_batch_has_an_end_and_the_order_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "MOST_AT_ONCE", 3)
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        others = await in_line(made, *"abcdefg")
        disk.gate.set()
        return await all_of(first, *others)

    with line(disk) as made:
        asyncio.run(story(made))
    assert disk.batches == [["first"], ["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_nobody_is_answered_before_the_commit() -> None:
    disk = Disk()

    async def client(made: Line, item: str) -> None:
        await made.keep(item)
        disk.events.append(f"{item} answered")

    async def story(made: Line) -> None:
        first = await while_writing(made, disk)
        clients = [asyncio.create_task(client(made, item)) for item in "ab"]
        for _turn in range(20):
            await asyncio.sleep(0)
        assert not any(task.done() for task in (first, *clients))
        assert disk.events == []
        disk.gate.set()
        await asyncio.wait_for(asyncio.gather(first, *clients), 20)

    with line(disk) as made:
        asyncio.run(story(made))
    assert disk.events.index("a answered") > 1
    assert disk.events == ["commit", "commit", "a answered", "b answered"]


def test_each_batch_is_noted_with_its_size_and_the_longest_wait() -> None:
    disk, noted = Disk(), list[tuple[int, float]]()

    async def story(made: Line) -> None:
        first = await while_writing(made, disk)
        others = await in_line(made, "a", "b")
        disk.gate.set()
        await all_of(first, *others)

    with line(disk, note=lambda size, seconds: noted.append((size, seconds))) as made:
        asyncio.run(story(made))
    assert [size for size, _seconds in noted] == [1, 2]
    assert all(0 <= seconds < 20 for _size, seconds in noted)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(crowd=st.lists(st.lists(st.text(max_size=3), max_size=6), max_size=6))
def test_everybody_gets_their_own_answer_however_they_come(crowd: list[list[str]]) -> None:
    disk = Disk()
    items = [item for wave in crowd for item in wave]

    async def story(made: Line) -> list[str | BaseException]:
        tasks = [task for wave in crowd for task in await in_line(made, *wave)]
        return await all_of(*tasks)

    with line(disk) as made:
        assert asyncio.run(story(made)) == [f"{item} is kept" for item in items]
    assert disk.kept == items


# --- who leaves, who is too many, who waits too long ----------------------------------------------------------


def test_one_who_leaves_during_the_commit_keeps_nobody_waiting() -> None:
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        gone, stays = await in_line(made, "gone", "stays")
        disk.is_writing.clear()
        first.cancel()
        disk.gate.set()
        return await all_of(first, stays, gone)

    with line(disk) as made:
        told = asyncio.run(story(made))
    assert isinstance(told[0], asyncio.CancelledError)
    assert told[1:] == ["stays is kept", "gone is kept"]
    assert disk.kept == ["first", "gone", "stays"]


def test_one_who_left_before_their_batch_is_not_written_and_keeps_nobody_waiting() -> None:
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        gone, stays = await in_line(made, "gone", "stays")
        gone.cancel()
        await asyncio.sleep(0)
        disk.gate.set()
        return await all_of(first, stays)

    with line(disk) as made:
        assert asyncio.run(story(made)) == ["first is kept", "stays is kept"]
    assert disk.kept == ["first", "stays"]


def test_a_batch_of_which_all_have_left_costs_no_transaction() -> None:
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        for task in await in_line(made, "a", "b"):
            task.cancel()
        await asyncio.sleep(0)
        disk.gate.set()
        await all_of(first)
        return await all_of(*ask(made, "next"))

    with line(disk) as made:
        assert asyncio.run(story(made)) == ["next is kept"]
    assert disk.batches == [["first"], ["next"]]


def test_past_the_longest_line_the_answer_comes_at_once_and_there_is_room_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commit, "LONGEST_LINE", 3)
    disk = Disk()

    async def story(made: Line) -> None:
        first = await while_writing(made, disk)
        crowd = await in_line(made, *"abcdefgh")
        full = [task for task in crowd if task.done()]
        assert len(full) >= 5
        assert all(isinstance(task.exception(), Full) for task in full)
        assert not first.done()
        disk.gate.set()
        told = await all_of(first, *crowd)
        assert told.count("first is kept") == 1
        assert await all_of(*ask(made, "later")) == ["later is kept"]

    with line(disk) as made:
        for _round in range(3):
            asyncio.run(story(made))
    assert max(map(len, disk.batches)) <= 3


def test_who_waits_too_long_is_told_so_and_written_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(commit, "LOOK_SECONDS", 0.01)
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        tired = await in_line(made, "a", "b")
        told = await all_of(first, *tired)
        monkeypatch.setattr(commit, "PATIENCE_SECONDS", 20.0)
        disk.gate.set()
        return [*told, *await all_of(*ask(made, "late"))]

    with line(disk) as made:
        told = asyncio.run(story(made))
    assert [type(each) for each in told] == [TimeoutError] * 3 + [str]
    assert disk.kept == ["first", "late"]  # the first was under way when its time was over


def test_the_look_at_those_who_wait_ends_when_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "LOOK_SECONDS", 0.0)

    async def story(made: Line) -> None:
        await made.keep("a")
        for _turn in range(10):
            await asyncio.sleep(0.001)
        assert (made._watched, len(made._waiters)) == (None, 0)
        await made.keep("b")

    with line(Disk()) as made:
        asyncio.run(story(made))


# --- what cannot be kept --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [ValueError("no"), IntegrityError("twice"), DatabaseError("bad"), KeyError(1)]
)
@pytest.mark.parametrize("bad", [["c"], ["a", "h"], ["d", "e"]])
def test_what_cannot_be_kept_takes_nobody_with_it(error: Exception, bad: list[str]) -> None:
    disk = Disk()
    disk.poison = dict.fromkeys(bad, error)

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        crowd = await in_line(made, *"abcdefgh")
        disk.gate.set()
        return (await all_of(first, *crowd))[1:]

    with line(disk) as made:
        told = asyncio.run(story(made))
    assert told == [error if item in bad else f"{item} is kept" for item in "abcdefgh"]
    assert disk.kept == ["first", *(item for item in "abcdefgh" if item not in bad)]
    # Found by halves: as many tries as the halves have levels, for each.
    assert len(disk.batches) <= 2 + len(bad) * 2 * 3


@pytest.mark.parametrize("error", [OperationalError("disk is full"), InterfaceError("connection is closed")])
def test_a_database_in_trouble_is_told_to_all_and_tried_anew_by_the_next(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, closed = Disk(), list[str]()
    monkeypatch.setattr(connections, "close_all", lambda: closed.append("closed"))

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        crowd = await in_line(made, "a", "b", "c")
        disk.troubles = [error, error]
        disk.gate.set()
        told = await all_of(first, *crowd)
        assert closed == ["closed"] * 2  # the next one begins with a connection that is whole
        return [*told, *await all_of(*ask(made, "later"))]

    with line(disk) as made:
        told = asyncio.run(story(made))
    assert told == [error] * 4 + ["later is kept"]
    assert disk.batches == [
        ["first"],
        ["a", "b", "c"],
        ["later"],
    ]  # it is not theirs: nothing is tried by halves


class Stumble(BaseException):
    """Not even an Exception."""


def _too_few(items: Sequence[str]) -> list[str]:
    return ["one answer"] * (len(items) - 1)


def _stops(items: Sequence[str]) -> list[str]:
    raise StopIteration


def _exits(items: Sequence[str]) -> list[str]:
    raise Stumble


@pytest.mark.parametrize("broken", [_too_few, _stops, _exits], ids=lambda broken: broken.__name__)
def test_the_writer_outlives_whatever_the_writing_does(
    broken: Callable[[Sequence[str]], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        monkeypatch.setattr(made, "_keep_all", broken)
        told = await all_of(*await in_line(made, "a", "b", "c"))
        monkeypatch.setattr(made, "_keep_all", disk)
        return [*told, *await all_of(*ask(made, "later"))]

    with line(disk) as made:
        told = asyncio.run(story(made))
    assert all(isinstance(each, Exception) for each in told[:3])
    assert told[3:] == ["later is kept"]


def test_the_writer_outlives_a_note_that_fails_and_what_is_kept_is_answered() -> None:
    disk = Disk()

    def note(_size: int, _seconds: float) -> None:
        raise ZeroDivisionError

    async def story(made: Line) -> list[str | BaseException]:
        return [*await all_of(*ask(made, "a")), *await all_of(*ask(made, "b"))]

    with line(disk, note=note) as made:
        assert asyncio.run(story(made)) == ["a is kept", "b is kept"]


# --- the end --------------------------------------------------------------------------------------------------


def test_what_waits_at_the_end_is_written_and_answered_and_nobody_else_comes_in() -> None:
    disk, ended = Disk(), list[list[str]]()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        crowd = await in_line(made, "a", "b")
        closing = asyncio.create_task(asyncio.to_thread(made.close))
        while not made._is_closing:
            await asyncio.sleep(0)
        [late] = await in_line(made, "late")
        assert isinstance(late.exception(), Full)
        disk.gate.set()
        told = await all_of(first, *crowd)
        await asyncio.wait_for(closing, 20)
        return told

    with line(disk, at_end=lambda: ended.append(list(disk.kept))) as made:
        assert asyncio.run(story(made)) == ["first is kept", "a is kept", "b is kept"]
    assert ended == [["first", "a", "b"]]  # once, after the last batch


def test_a_line_that_is_closed_from_its_own_loop_still_answers() -> None:
    """As at a shutdown: the loop waits for the writer, and tells its answers afterwards."""
    disk = Disk()

    async def story(made: Line) -> list[str | BaseException]:
        first = await while_writing(made, disk)
        others = await in_line(made, "a")
        threading.Timer(0.02, disk.gate.set).start()
        made.close()
        return await all_of(first, *others)

    with line(disk) as made:
        assert asyncio.run(story(made)) == ["first is kept", "a is kept"]


def test_a_line_nobody_ever_stood_in_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with line(Disk()) as made:
        made.close()
        made.close()
        with pytest.raises(Full):
            asyncio.run(made.keep("a"))


def test_an_end_that_fails_is_the_end_all_the_same() -> None:
    def at_end() -> None:
        raise OperationalError("the database is away")

    async def story(made: Line) -> str:
        return await made.keep("a")

    with line(Disk(), at_end=at_end) as made:
        assert asyncio.run(story(made)) == "a is kept"


def test_a_writer_that_never_comes_back_does_not_hold_up_the_end_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commit, "PATIENCE_SECONDS", 0.05)
    disk = Disk()

    async def story(made: Line) -> None:
        first = await while_writing(made, disk)
        began = time.monotonic()
        made.close()
        assert time.monotonic() - began < 10
        disk.gate.set()
        await all_of(first)

    with line(disk) as made:
        asyncio.run(story(made))


# --- who waits, as the event loop sees it -----------------------------------------------------------------------


def test_one_who_waits_in_a_task_can_be_told_to_end_and_nobody_notices() -> None:
    disk = Disk()
    disk.shut()
    with line(disk) as made:

        async def story() -> list[object]:
            first = asyncio.create_task(made.keep("a"))
            await asyncio.to_thread(disk.is_writing.wait, 20)
            leaving, staying = asyncio.create_task(made.keep("b")), asyncio.create_task(made.keep("c"))
            await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.wait([leaving])
            disk.gate.set()
            return [leaving.cancelled(), await first, await staying]

        assert asyncio.run(story()) == [True, "a is kept", "c is kept"]
    assert disk.kept == ["a", "c"]


def test_one_with_a_time_limit_of_their_own_is_told_when_it_is_over() -> None:
    disk = Disk()
    disk.shut()
    with line(disk) as made:

        async def story() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(made.keep("a"), 0.01)
            disk.gate.set()

        asyncio.run(story())


def test_what_was_told_before_it_is_awaited_is_not_forgotten() -> None:
    async def story() -> None:
        kept: Waiter[str, str] = Waiter("a", asyncio.get_running_loop())
        failed: Waiter[str, str] = Waiter("b", asyncio.get_running_loop())
        kept.tell("kept")
        kept.tell("too late")
        failed.tell(OperationalError("away"))
        assert await kept == "kept"
        assert not kept.cancel()
        with pytest.raises(OperationalError, match="away"):
            await failed

    asyncio.run(story())


def test_each_keeps_what_its_context_holds() -> None:
    """A log's fields and a page's language belong to the one who waits, not to the one who wakes them."""
    who: ContextVar[str] = ContextVar("who", default="nobody")
    disk = Disk()
    disk.shut()
    with line(disk) as made:

        async def ask(name: str) -> str:
            who.set(name)
            await made.keep(name)
            return who.get()

        async def story() -> list[str]:
            asked = [asyncio.create_task(ask(name)) for name in "abc"]
            await asyncio.to_thread(disk.is_writing.wait, 20)
            disk.gate.set()
            return await asyncio.gather(*asked)

        assert asyncio.run(story()) == ["a", "b", "c"]


def test_who_is_told_to_end_and_is_answered_in_the_same_turn_ends() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        waiter: Waiter[str, str] = Waiter("a", loop)

        async def wait() -> str:
            return await waiter

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        loop.call_soon(waiter.tell, "kept")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(story())


def test_trouble_told_to_many_does_not_collect_their_ways() -> None:
    trouble = OperationalError("away")

    async def story() -> None:
        for _nth in range(20):
            waiter: Waiter[str, str] = Waiter("a", asyncio.get_running_loop())
            waiter.tell(trouble)
            with pytest.raises(OperationalError):
                await waiter

    asyncio.run(story())
    frames, trace = 0, trouble.__traceback__
    while trace:
        frames, trace = frames + 1, trace.tb_next
    assert frames < 5
