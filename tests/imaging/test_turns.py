"""Who computes for long has long turns: asked of Linux itself, of a child that is at work."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import subprocess
import sys

import pytest

from tenfold.imaging import turns
from tenfold.imaging.child import CLEANING, Child

SINCE = (6, 12)
_GET_ATTRIBUTES = {number: number + 1 for number in turns._SET_ATTRIBUTES.values()}


def _release() -> tuple[int, int]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)


needs_turns = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in turns._SET_ATTRIBUTES or _release() < SINCE,
    reason="turns of one's own are Linux's from 6.12 on",
)


def _turn(pid: int) -> int:
    """In nanoseconds."""
    number = _GET_ATTRIBUTES[turns._SET_ATTRIBUTES[platform.machine()]]
    form = ctypes.create_string_buffer(struct.calcsize(turns._FORM))
    assert ctypes.CDLL(None, use_errno=True).syscall(number, pid, form, len(form), 0) == 0
    return int(struct.unpack(turns._FORM, form.raw)[5])


@needs_turns
def test_who_cleans_has_long_turns_and_we_have_not() -> None:
    with Child(CLEANING) as child:
        child.ready()
        assert child.pid
        assert _turn(child.pid) == turns.TURN_NANOSECONDS
    assert _turn(os.getpid()) < turns.TURN_NANOSECONDS


@needs_turns
def test_our_niceness_stays_as_it_was() -> None:
    program = "import os; from tenfold.imaging.turns import take_long_turns as t; os.nice(7); print(t(), os.nice(0))"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert said.split() == ["True", "7"]


def test_an_unknown_machine_goes_on_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    assert not turns.take_long_turns()
