"""The processes of `tenfold up`: started, started again when they die, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from tenfold import parent

STOP_SECONDS = 4.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
# One that has lived this long has not died of what it died of before.
HEALTHY_SECONDS = 30.0


class Child:
    """One process, by the arguments of the `tenfold` command it runs."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.name = name
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        # -P: the folder one stands in must not be taken for the package. A session of its own: Ctrl-C reaches the
        # parent alone, which then stops everybody in order.
        command = [sys.executable, "-P", "-m", "tenfold", *self._arguments]
        environment = os.environ | parent.variables_for_children()
        self._process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - our own
        self._started_at = time.monotonic()

    def tend(self) -> str | None:
        """Start what does not run; what has died, after a pause that grows. A sentence if there is something to say."""
        if self._process is None:
            if time.monotonic() >= self._start_at:
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        now = time.monotonic()
        self._process = None
        self._pause = FIRST_PAUSE_SECONDS if now - self._started_at > HEALTHY_SECONDS else self._pause * 2
        self._pause = min(self._pause, LONGEST_PAUSE_SECONDS)
        self._start_at = now + self._pause
        return f"The {self.name} has ended ({_told(code)}); it starts again in {self._pause:g} s."

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def make_sure(self, seconds: float) -> None:
        """Wait for its end; after `seconds` end it and everything it has started."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout=max(seconds, 0))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def stop(children: Sequence[Child]) -> None:
    """Stop all at once, within `STOP_SECONDS`."""
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.make_sure(until - time.monotonic())


def _told(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
