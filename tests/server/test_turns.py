"""Who computes for long has long turns, the door short ones: asked of Linux itself, of processes at work."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tenfold import turns
from tenfold.imaging.child import CLEANING, Child

SINCE = (6, 12)
_GET_ATTRIBUTES = {number: number + 1 for number in turns._SET_ATTRIBUTES.values()}


def _release() -> tuple[int, int]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)


HAS_TURNS = sys.platform == "linux" and platform.machine() in turns._SET_ATTRIBUTES and _release() >= SINCE
needs_turns = pytest.mark.skipif(not HAS_TURNS, reason="turns of one's own are Linux's from 6.12 on")


def turn_of(pid: int) -> int:
    """In nanoseconds."""
    number = _GET_ATTRIBUTES[turns._SET_ATTRIBUTES[platform.machine()]]
    form = ctypes.create_string_buffer(struct.calcsize(turns._FORM))
    assert ctypes.CDLL(None, use_errno=True).syscall(number, pid, form, len(form), 0) == 0
    return int(struct.unpack(turns._FORM, form.raw)[5])


def weighed(pid: int) -> tuple[int, int]:
    """A process's niceness, and its session's; 0 where Linux does not weigh sessions."""
    session = Path(f"/proc/{pid}/autogroup")
    words = session.read_text().split() if session.exists() else []
    return os.getpriority(os.PRIO_PROCESS, pid), int(words[-1]) if words else 0


def told(program: str) -> list[str]:
    """What a process of its own says, in words."""
    command = [sys.executable, "-c", f"import os; from tenfold import turns; {program}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.split()


def may_go_ahead() -> bool:
    return told("print(turns.go_ahead())") == ["True"]


@needs_turns
def test_who_cleans_has_long_turns_and_we_have_not() -> None:
    with Child(CLEANING) as child:
        child.ready()
        assert child.pid
        assert turn_of(child.pid) == turns.LONG
    assert turns.SHORT < turn_of(os.getpid()) < turns.LONG


@needs_turns
def test_all_threads_have_them_and_our_niceness_stays_as_it_was() -> None:
    program = """if True:
        import os, threading
        from tenfold import turns
        from tests.server.test_turns import turn_of
        end = threading.Event()
        before = threading.Thread(target=end.wait)
        before.start()
        os.nice(3)
        took = turns.take_turns(turns.SHORT)
        after = threading.Thread(target=end.wait)
        after.start()
        print(took, os.nice(0), *(turn_of(thread.native_id) for thread in (before, after)))
        turns.take_turns(turns.ORDINARY)
        print(turn_of(after.native_id))
        end.set()
    """
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    took, nice, before, after, ordinary = said.split()
    assert (took, nice) == ("True", str(min(os.nice(0) + 3, 19)))
    assert int(before) == int(after) == turns.SHORT < int(ordinary) < turns.LONG


def test_an_unknown_machine_goes_on_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    assert not turns.take_turns(turns.LONG)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are told of by Linux's /proc")
def test_a_thread_that_has_just_ended_keeps_nobody_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "listdir", lambda _folder: ["2147483646"])
    assert not turns.take_turns(turns.ORDINARY)


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asked of Linux alone")
needs_rights = pytest.mark.skipif(
    sys.platform != "linux" or not may_go_ahead(), reason="nobody may go ahead here"
)
POLICY = "os.sched_getscheduler(0)"


@needs_rights
def test_who_goes_ahead_does_so_with_all_threads() -> None:
    """Those of before and those of later."""
    before = "end = threading.Event(); one = threading.Thread(target=end.wait); one.start()"
    asked = f"print({POLICY}, os.sched_getscheduler(one.native_id)); end.set()"
    after = f"threading.Thread(target=lambda: print({POLICY})).start()"
    said = told(f"import threading; {before}; print(turns.go_ahead()); {asked}; {after}")
    assert said == ["True", *[str(os.SCHED_RR)] * 3]


@LINUX
def test_nobody_fails_to_start_where_threads_are_not_told_of() -> None:
    said = told(f"turns._TASKS = '/nowhere'; print(turns.go_ahead(), {POLICY})")
    assert said == ["False", str(os.SCHED_OTHER)]


@LINUX
def test_who_may_not_go_ahead_stays_where_they_were() -> None:
    no_rights = "os.sched_setscheduler = lambda *_how: (_ for _ in ()).throw(PermissionError(1, 'no'))"
    assert told(f"{no_rights}; print(turns.go_ahead(), {POLICY})") == ["False", str(os.SCHED_OTHER)]


@needs_rights
def test_who_is_started_by_one_ahead_falls_in() -> None:
    child = f"import os; from tenfold import turns; print({POLICY}); turns.fall_in(); print({POLICY})"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert told(f"turns.go_ahead(); {start}") == [str(os.SCHED_RR), str(os.SCHED_OTHER)]


@LINUX
def test_where_nobody_says_who_is_ahead_all_stay_as_they_are() -> None:
    """As with musl, whose every answer to such a question is that there is none."""
    musl = "no = lambda *_how: (_ for _ in ()).throw(OSError(38, 'no')); ask = os.sched_getscheduler"
    musl += "; os.sched_getscheduler = os.sched_setscheduler = no"
    asked = "print(turns.hurry(), turns.go_ahead()); turns.ease(); turns.fall_in(); print(ask(0))"
    assert told(f"{musl}; {asked}") == ["False", "False", str(os.SCHED_OTHER)]


@needs_rights
def test_a_moment_s_hurry_ends_where_it_began() -> None:
    """With the niceness of before, and nothing for who was ahead before or is of another kind."""
    masked = f"{POLICY} & ~os.SCHED_RESET_ON_FORK"
    said = told(f"os.nice(3); print(turns.hurry(), {masked}); turns.ease(); print({masked}, os.nice(0))")
    assert said == ["True", str(os.SCHED_RR), str(os.SCHED_OTHER), str(min(os.nice(0) + 3, 19))]
    for other in ("turns.go_ahead()", "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))"):
        assert told(f"{other}; before = {POLICY}; print(turns.hurry(), {POLICY} == before)") == [
            "False",
            "True",
        ]


@LINUX
def test_who_was_started_by_nobody_ahead_stays_as_it_is() -> None:
    before = "os.nice(3); os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))"
    said = told(f"{before}; turns.fall_in(); print(os.nice(0), {POLICY})")
    assert said == [str(min(os.nice(0) + 3, 19)), str(os.SCHED_BATCH)]


@LINUX
@pytest.mark.parametrize(("refusals", "written"), [(0, "7"), (3, "7"), (1000, "")])
def test_a_session_is_weighed_again_until_linux_lets_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refusals: int, written: str
) -> None:
    """Only one in a tenth of a second may; whoever is refused for seconds goes on without."""
    left, rests = [refusals], list[float]()

    def opened(path: str, mode: str) -> IO[str]:
        if left[0]:
            left[0] -= 1
            raise BlockingIOError
        return Path(path).open(mode)

    (tmp_path / "autogroup").write_text("")
    monkeypatch.setattr(turns, "_AUTOGROUP", str(tmp_path / "autogroup"))
    monkeypatch.setattr(turns, "open", opened, raising=False)
    monkeypatch.setattr("tenfold.turns.time.sleep", rests.append)
    turns._be_nice_as_a_session(7)
    assert (tmp_path / "autogroup").read_text() == written
    assert len([rest for rest in rests if rest]) == min(refusals, turns._TRIES - 1)


@pytest.mark.parametrize(
    ("before", "after"), [("", "3"), ("/autogroup-7 nice 0\n", "3"), ("/autogroup-7 nice 18\n", "19")]
)
def test_it_steps_back_from_any_session_and_from_none(tmp_path: Path, before: str, after: str) -> None:
    """What a container was started with has no session of its own to be weighed: there the kernel's file is empty."""
    (tmp_path / "autogroup").write_text(before)
    told(f"turns._AUTOGROUP = {str(tmp_path / 'autogroup')!r}; turns.step_back(3)")
    assert (tmp_path / "autogroup").read_text() == after
