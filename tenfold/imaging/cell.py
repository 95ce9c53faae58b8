"""A process of ours that is given nothing but its task: no file to write to, no secret in its environment.

What of the file system it can see is for `imaging.landlock`, where there is such a thing: else all that we can. It is
talked to in frames, each answer within a time. What it does inside is `imaging.confined`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import sys
import time

from tenfold import parent
from tenfold.imaging.frames import Frame, Garbled, packed, unpacked

PROGRAM: tuple[str, ...] = ("tenfold.imaging.confined",)
# All that it may know of our environment. What libraries would otherwise do in threads of their own, it does in one.
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
_ALONE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_PIPE_BYTES = 1024 * 1024
_PIECE = 1024 * 1024
_LAST_SECONDS = 5.0


class Silent(Exception):
    """No answer: `code` is what it ended with (negative for a signal), None where it had to be ended."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.why, self.code = why, code


class Cell:
    """Raises OSError where no process can be started."""

    def __init__(self, *arguments: str) -> None:
        # -P: the folder one stands in must not be taken for the package.
        command = [sys.executable, "-P", "-m", *PROGRAM, *arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            bufsize=0,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._to, self._from):
            os.set_blocking(pipe, False)
            _widen(pipe)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, frame: Frame, seconds: float) -> Frame:
        """Its answer; raises Silent."""
        until = time.monotonic() + seconds
        try:
            for piece in packed(frame):
                self._give(piece, until)
        except OSError as error:
            raise Silent("ended", self._ended()) from error
        return self._heard(until)

    def hear(self, seconds: float) -> Frame:
        """What it says unasked; raises Silent."""
        return self._heard(time.monotonic() + seconds)

    def kill(self) -> None:
        """From whichever thread; whoever waits for its answer is told that it has ended."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it, and let go of everything."""
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _heard(self, until: float) -> Frame:
        try:
            return unpacked(lambda count: self._take(count, until))
        except Garbled as error:
            raise Silent("garbage") from error
        except OSError as error:
            raise Silent("ended", self._ended()) from error

    def _ended(self) -> int | None:
        """It has closed its end, so it is over, or will be at once."""
        try:
            return self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def _give(self, piece: bytes, until: float) -> None:
        rest = memoryview(piece)
        while rest:
            _wait(self._to, select.POLLOUT, until)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(self._to, rest[:_PIECE]) :]

    def _take(self, count: int, until: float) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            _wait(self._from, select.POLLIN, until)
            piece = os.read(self._from, min(count - len(taken), _PIECE))
            if not piece:
                raise BrokenPipeError
            taken += piece
        return bytes(taken)


def _wait(pipe: int, event: int, until: float) -> None:
    """Until it can be read or written, or has no other end any more. Not `select`: a server has thousands of files."""
    left = until - time.monotonic()
    poll = select.poll()
    poll.register(pipe, event)
    if left <= 0 or not poll.poll(left * 1000):
        raise Silent("late")


def _widen(pipe: int) -> None:
    """A picture at once instead of 64 KB at a time, where the system has that."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | _ALONE | parent.variables_for_children()
