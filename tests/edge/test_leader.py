"""One writer among processes: who writes, who hands over, and what is never written twice."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError, Pipe
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from hypothesis import given
from hypothesis import strategies as st

from tenfold.edge import leader
from tenfold.edge.leader import Handed, Leader, all_of
from tenfold.edge.memory import Full


class Process:
    """What one process has of it: its own line, and what it has written itself."""

    def __init__(self, folder: Path) -> None:
        self.written: list[list[str]] = []
        self.taken_in: list[Sequence[str]] = []
        self.trouble: Exception | None = None
        self._thread = ThreadPoolExecutor(1)
        self.leader: Leader[str | Handed, str | list[str]] = Leader(
            folder, write=lambda items: all_of(items, self._write), take_in=self._take_in
        )

    def _write(self, items: Sequence[str]) -> list[str]:
        if self.trouble:
            raise self.trouble
        self.written.append(list(items))
        return [f"{item} is kept" for item in items]

    def _take_in(self, batch: Handed) -> Future[str | list[str]]:
        self.taken_in.append(batch.items)
        return self._thread.submit(lambda: self.leader.keep([batch])[0])

    def keep(self, *items: str) -> list[str | list[str]]:
        return list(self.leader.keep(items))

    def close(self) -> None:
        self.leader.take_no_more()
        self._thread.shutdown()
        self.leader.close()


Start = Callable[[], Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def process() -> Process:
        started.append(Process(tmp_path))
        return started[-1]

    yield process
    for each in reversed(started):
        each.close()


@contextmanager
def somebody_else(
    folder: Path, story: Callable[[Connection], None], key: bytes | None = None
) -> Iterator[None]:
    """Holds the lock and listens as a writer does, and then does what the story says."""
    lock = os.open(folder / "door.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)

    def serve() -> None:
        with suppress(OSError, EOFError), listener.accept() as link:
            deliver_challenge(link, key_of(folder))
            answer_challenge(link, key_of(folder))
            story(link)

    with Listener(str(folder / "door.sock"), "AF_UNIX") as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        with suppress(OSError), socket.socket(socket.AF_UNIX) as nobody:
            nobody.connect(str(folder / "door.sock"))
        thread.join(timeout=20)
        assert not thread.is_alive()
    os.close(lock)


def key_of(folder: Path) -> bytes:
    return Process(folder).leader._key


# --- who writes -----------------------------------------------------------------------------------------------


def test_the_first_one_writes_and_the_others_hand_over(start: Start) -> None:
    first, second, third = start(), start(), start()
    assert first.keep("a") == ["a is kept"]
    assert second.keep("b", "c") == ["b is kept", "c is kept"]
    assert third.keep("d") == ["d is kept"]
    assert first.written == [["a"], ["b", "c"], ["d"]]
    assert second.written == third.written == []
    assert [each.leader.is_leading for each in (first, second, third)] == [True, False, False]


def test_nothing_is_locked_before_it_is_needed(start: Start, tmp_path: Path) -> None:
    start()
    assert list(tmp_path.iterdir()) == []


def test_when_the_one_who_writes_ends_another_takes_over_and_loses_nothing(
    start: Start, tmp_path: Path
) -> None:
    first, second, third = start(), start(), start()
    for each in (first, second, third):
        each.keep("before")
    first.close()
    assert not (tmp_path / "door.sock").exists()
    assert second.keep("a") == ["a is kept"]
    assert second.keep("b") == ["b is kept"]
    assert third.keep("c") == ["c is kept"]
    assert third.keep("d") == ["d is kept"]
    assert second.leader.is_leading
    assert [*second.written, *third.written].count(["a"]) == 1
    assert ["d"] in second.written


def test_one_who_is_about_to_end_refuses_and_the_batch_is_written_by_its_sender(start: Start) -> None:
    first, second = start(), start()
    first.keep("a")
    second.keep("b")
    first.leader.take_no_more()
    assert second.keep("c") == ["c is kept"]
    assert second.written == [["c"]]
    assert first.taken_in == [("b",)]


def test_the_file_of_one_that_was_killed_is_no_obstacle(start: Start, tmp_path: Path) -> None:
    (tmp_path / "door.sock").write_text("left behind")
    first, second = start(), start()
    first.keep("a")
    second.keep("b")
    assert first.written == [["a"], ["b"]]
    for name in ("door.sock", "door.lock"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_where_nobody_can_listen_everybody_writes(start: Start, tmp_path: Path) -> None:
    (tmp_path / "door.sock").mkdir()
    first, second = start(), start()
    assert first.keep("a") == ["a is kept"]
    assert second.keep("b") == ["b is kept"]
    assert (first.written, second.written) == ([["a"]], [["b"]])


# --- the socket -----------------------------------------------------------------------------------------------


def test_a_folder_far_down_has_its_socket_elsewhere_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Path(tempfile.mkdtemp(prefix="t-"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(short))
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    first, second = Process(deep), Process(deep)
    first.keep("a")
    second.keep("b")
    assert first.written == [["a"], ["b"]]
    [folder] = short.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    second.close()
    first.close()
    assert list(folder.iterdir()) == []
    folder.chmod(0o755)  # somebody could have made it before us
    third = Process(deep)
    assert third.keep("c") == ["c is kept"]
    assert list(folder.iterdir()) == []
    third.close()


def test_one_elsewhere_is_not_even_asked_where_others_could_have_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Path(tempfile.mkdtemp(prefix="t-"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(short))
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    first, second = Process(deep), Process(deep)
    first.keep("a")
    [folder] = short.iterdir()
    folder.chmod(0o750)
    assert second.keep("b") == ["b is kept"]
    assert (first.written, second.written) == ([["a"]], [["b"]])
    second.close()
    first.close()


def test_a_data_folder_may_be_called_like_ours_and_be_read_by_all(tmp_path: Path) -> None:
    folder = tmp_path / "tenfold-data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    first, second = Process(folder), Process(folder)
    first.keep("a")
    assert (folder / "door.sock").exists()
    second.keep("b")
    assert first.written == [["a"], ["b"]]
    second.close()
    first.close()


only_linux_tells = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who is there")


@only_linux_tells
def test_another_user_who_listens_is_told_nothing(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = start(), start()
    first.keep("a")
    monkeypatch.setattr(leader, "answer_challenge", lambda *_: pytest.fail("has been answered"))
    us = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: us + 1)
    with pytest.raises(PermissionError):
        leader.greet(tmp_path / "door.sock", b"key")
    assert second.keep("b") == ["b is kept"]
    assert (first.taken_in, second.written) == ([], [["b"]])


@only_linux_tells
def test_another_user_who_comes_is_not_heard(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "deliver_challenge", lambda *_: pytest.fail("has been asked"))
    us = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: us + 1)
    one = start()
    ours, theirs = Pipe()
    theirs.send(("a",))
    one.leader._serve(ours)
    assert ours.closed
    assert one.taken_in == []


@pytest.mark.parametrize("trouble", [AssertionError(), AuthenticationError(), EOFError(), ValueError("md5")])
def test_whatever_a_greeting_fails_by_one_writes_by_oneself(
    start: Start, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    first, second = start(), start()
    first.keep("a")

    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(leader, "answer_challenge", fail)
    assert second.keep("b") == ["b is kept"]
    assert second.written == [["b"]]


def test_without_a_file_number_for_the_lock_one_writes_by_oneself(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    one = start()
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", fail)
        assert one.keep("a") == ["a is kept"]
    assert not one.leader.is_leading
    assert one.keep("b") == ["b is kept"]
    assert one.leader.is_leading


@pytest.mark.parametrize("name", ["door-listener", "door-guest"])
def test_without_a_thread_for_others_everybody_writes_until_there_is_one(
    start: Start, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    begin = threading.Thread.start

    def fail(thread: threading.Thread) -> None:
        if thread.name == name:
            raise RuntimeError("can't start new thread")
        begin(thread)

    first, second, third = start(), start(), start()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        assert first.keep("a") == ["a is kept"]
        assert second.keep("b") == ["b is kept"]
    assert (first.written, second.written) == ([["a"]], [["b"]])
    assert third.keep("c") == ["c is kept"]
    assert (["c"] in first.written) == (name == "door-guest")


def test_who_does_not_know_the_key_is_not_heard_and_not_believed(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start()
    first.keep("a")
    monkeypatch.setattr(settings, "SECRET_KEY", "another installation's")
    stranger = start()
    assert stranger.keep("b") == ["b is kept"]
    assert (first.taken_in, stranger.written) == ([], [["b"]])


def test_a_writer_that_stands_still_is_not_waited_for_when_one_comes(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader, "GREETING_SECONDS", 0.2)
    lock = os.open(tmp_path / "door.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "door.sock"))
        silent.listen(8)
        one = start()
        assert one.keep("a") == ["a is kept"]
        assert one.keep("b") == ["b is kept"]
    assert one.written == [["a"], ["b"]]
    assert not one.leader.is_leading
    os.close(lock)
    one.keep("c")
    assert one.leader.is_leading


# --- what is never written twice ------------------------------------------------------------------------------


def test_a_batch_that_was_sent_and_never_answered_is_not_written_again(start: Start, tmp_path: Path) -> None:
    def die(link: Connection) -> None:
        link.recv()

    one = start()
    with somebody_else(tmp_path, die), pytest.raises(OperationalError):
        one.keep("a")
    assert one.written == []
    assert one.keep("b") == ["b is kept"]
    assert one.leader.is_leading


def test_one_that_takes_too_long_is_not_written_again_either(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader, "PATIENCE_SECONDS", 0.2)
    one, is_over = start(), threading.Event()

    def stand_still(link: Connection) -> None:
        link.recv()
        is_over.wait(20)

    with somebody_else(tmp_path, stand_still):
        with pytest.raises(OperationalError):
            one.keep("a")
        assert one.written == []
        is_over.set()


def test_an_answer_that_cannot_be_read_is_no_reason_to_write_again(start: Start, tmp_path: Path) -> None:
    def answer_with_rubbish(link: Connection) -> None:
        link.recv()
        link.send_bytes(b"rubbish")

    one = start()
    with somebody_else(tmp_path, answer_with_rubbish), pytest.raises(OperationalError):
        one.keep("a")
    assert one.written == []


def test_who_has_given_up_is_not_written(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("deliver_challenge", "answer_challenge"):
        monkeypatch.setattr(leader, name, lambda *_: None)
    one = start()
    ours, theirs = Pipe()
    theirs.send(("a",))
    theirs.close()
    one.leader._serve(ours)
    assert one.taken_in == []


@pytest.mark.parametrize("trouble", [OperationalError("locked"), InterfaceError("closed"), Full()])
def test_what_the_database_does_not_take_now_is_told_as_that(start: Start, trouble: Exception) -> None:
    first, second = start(), start()
    first.keep("a")
    first.trouble = trouble
    with pytest.raises(OperationalError):
        second.keep("b")
    first.trouble = None
    assert second.keep("c") == ["c is kept"]
    assert (first.written, second.written) == ([["a"], ["c"]], [])


def test_what_can_never_be_kept_is_told_so_that_its_sender_finds_out_which_it_is(start: Start) -> None:
    first, second = start(), start()
    first.keep("a")
    first.trouble = ValueError("this one")
    with pytest.raises(DatabaseError, match="this one") as raised:
        second.keep("b", "c")
    assert not isinstance(raised.value, OperationalError)
    assert second.written == []


# --- batches of several ---------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=3) | st.lists(st.text(max_size=3), max_size=4).map(Handed), max_size=6))
def test_everybody_gets_their_own_answers(items: list[str | Handed]) -> None:
    written: list[Sequence[str]] = []

    def write(flat: Sequence[str]) -> list[str]:
        written.append(flat)
        return [f"{item} is kept" for item in flat]

    answers = all_of(items, write)
    assert len(written) == 1
    assert answers == [
        [f"{each} is kept" for each in item.items] if isinstance(item, Handed) else f"{item} is kept"
        for item in items
    ]
