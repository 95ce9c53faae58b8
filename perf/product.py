"""The whole product as somebody starts it, and its end by force."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
BESIDE = ("resource_tracker", "tenfold.pages")


class Product:
    """`tenfold up` with all its children; `base` is its address. `python` may be that of another environment."""

    def __init__(self, data: Path, port: int, log: Path, *options: str, python: str = sys.executable) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.command = [python, "-P", "-m", "tenfold"]
        self._arguments = ["up", "--port", str(port), "--data", str(data), *options]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start, and wait until it is ready; the seconds that took."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, *self._arguments],
                stdout=log,
                stderr=log,
                cwd=self._log.parent,
                start_new_session=True,
            )
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - began > READY_SECONDS:
                raise RuntimeError(f"It does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.05)
        return time.monotonic() - began

    def wait_for(self, words: str) -> None:
        """Until it has said these words."""
        give_up = time.monotonic() + READY_SECONDS
        while words not in self._log.read_text():
            if time.monotonic() > give_up:
                raise RuntimeError(f"It has not said {words!r}:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> int:
        """kill -9 of every process; how many there were. Each child has a group of its own, so each is named."""
        assert self._process
        family = [self._process.pid, *descendants(self._process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        return len(family)

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=STOP_SECONDS)

    def _is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            # Nothing to verify over plain HTTP: reading the world's certificates for each question would cost a core.
            answer = httpx.get(f"{self.base}/readyz", timeout=2, trust_env=False, verify=False)
            return answer.status_code == 200
        return False


def descendants(pid: int) -> list[int]:
    """All children and children's children."""
    parent_of = dict(_parents())
    found, edge = list[int](), [pid]
    while edge:
        edge = [child for child, parent in parent_of.items() if parent in edge]
        found += edge
    return found


def is_beside(pid: int) -> bool:
    """Whether it only stands by the doors: the pages' process that each of them starts, and one of Python's own."""
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_text()
        return any(name in command for name in BESIDE)
    return False


def _parents() -> Iterator[tuple[int, int]]:
    """Every process and its parent. Read from Linux itself, since a bare machine may have no `ps`."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            # "pid (name) state parent ...", and a name may hold blanks and brackets.
            yield int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
