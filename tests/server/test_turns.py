"""Who computes for long has long turns, the door short ones: asked of Linux itself, of processes at work."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

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


def may_go_ahead() -> bool:
    """Whether this user may be less nice than now."""
    return (
        subprocess.run([sys.executable, "-c", "import os; os.nice(-1)"], capture_output=True).returncode == 0
    )


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


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="sessions are weighed by Linux alone")


@LINUX
def test_nobody_who_may_not_go_ahead_stumbles_over_it() -> None:
    without_rights = "os.setgid(65534); os.setuid(65534); " if os.geteuid() == 0 else ""
    program = (
        f"import os; from tenfold import turns; {without_rights}"
        "turns.be_nice(-5); print(os.nice(0), os.getsid(0) == os.getpid())"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    nice, is_apart = said.stdout.split()
    assert int(nice) == os.nice(0)
    assert is_apart == str(Path("/proc/self/autogroup").exists()), "a session of its own it has all the same"


@LINUX
@pytest.mark.parametrize(("before", "after"), [(7, 7), (0, 0), (-4, 0)])
def test_who_was_started_by_one_ahead_is_ordinary_again(before: int, after: int) -> None:
    if before < os.nice(0) and not may_go_ahead():
        pytest.skip("nobody may go ahead here")
    ahead = f"os.setpriority(os.PRIO_PROCESS, 0, {before})"
    program = f"import os; from tenfold import turns; {ahead}; turns.be_ordinary(); print(os.nice(0))"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert int(said) == after
