"""What a process that was shut in can still reach."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tenfold.imaging import confined
from tenfold.imaging.frames import Frame
from tenfold.imaging.limits import CLEANING

TRIES = """
import os, socket, sys
from pathlib import Path
from tenfold.imaging.landlock import of_python, shut_in
file, free = Path(sys.argv[1]), socket.socket()
if not shut_in(of_python()):
    print("kernel")
    sys.exit()
def refused(what):
    try:
        what()
    except PermissionError:
        return True
print([refused(what) for what in (
    file.read_bytes, file.unlink, lambda: file.write_bytes(b""), lambda: file.with_name("new").mkdir(),
    lambda: list(file.parent.iterdir()), lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes())])
import colorsys
print(colorsys.rgb_to_hsv(0, 0, 0), open("/proc/self/statm").read() != "", file.exists())
"""


def test_files_cannot_be_read_written_or_removed_and_python_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_bytes(b"names")
    done = subprocess.run(
        [sys.executable, "-c", TRIES, str(file)], capture_output=True, text=True, check=True, timeout=60
    )
    if done.stdout.startswith("kernel"):
        pytest.skip("this kernel has no Landlock")
    refused, goes_on = done.stdout.splitlines()
    assert refused == str([True] * 6)
    assert goes_on == "(0.0, 0.0, 0) True True"
    assert file.read_bytes() == b"names"


def test_a_process_for_pictures_is_shut_in_before_it_says_that_it_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    class Line:
        def give(self, frame: Frame) -> None:
            done.append(next(iter(frame.told)))

        def next(self) -> Frame:
            raise EOFError

    monkeypatch.setattr(confined, "Line", Line)
    monkeypatch.setattr(confined, "shut_in", lambda _readable: done.append("shut in"))
    confined.serve(CLEANING)
    assert done == ["shut in", "ready"]
