"""A process for pictures from strangers that has been taken over: it does with each task what its argument says."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tenfold.imaging import confined
from tenfold.imaging.frames import Frame, packed
from tests.imaging import samples

GOOD = samples.encoded(samples.drawing(), "PNG")
TALKATIVE = samples.with_chunk(GOOD, samples.png_chunk(b"tEXt", b"Comment\0secret"))
ANSWERS: dict[str, Frame] = {
    "talkative": Frame({}, (TALKATIVE,)),
    "webp": Frame({}, (samples.encoded(samples.drawing(), "WEBP"),)),
    "too large": Frame({}, (samples.encoded(samples.drawing(400, 400), "PNG"),)),
    "two": Frame({}, (GOOD, GOOD)),
    "none": Frame(),
    "no findings": Frame({"findings": {"width": 1, "height": 2**70}}),
    "strange reason": Frame({"unreadable": "<script>"}),
    "strange death": Frame({"died": ["?"], "told": "a\nb\x1b[31m" * 200}),
}
RAW = {
    "flood": b"\xff\xff\xff\xff" + bytes(1000),
    "babble": b"\0\0\0\x04nope",
    "half": packed(Frame())[0][:5],
}
WRITTEN = Path(tempfile.gettempdir()) / "written-by-a-strange-child"


def burn() -> None:
    while True:
        pass


def write() -> None:
    WRITTEN.write_text("x" * 10)


ACTS: dict[str, Callable[[], object]] = {
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "leave": lambda: os._exit(3),
    "sleep": lambda: time.sleep(600),
    "burn": burn,
    "eat": lambda: bytearray(2**30),
    "write": write,
}


def strange(how: str, task: Frame) -> Frame:
    if how == "once" and task.blobs[0].startswith(b"poison"):
        os._exit(3)
    if how in ACTS:
        ACTS[how]()
    return ANSWERS.get(how, Frame({}, (GOOD,)))


def raw(line: confined.Line, frame: Frame, how: str) -> None:
    told = packed(frame) if frame.told.get("ready") else [RAW[how]]
    for piece in told:
        os.write(line._to, piece)


def main() -> None:
    how = sys.argv.pop(1)
    if how == "never":
        sys.exit(1)
    work = dict.fromkeys(("clean", "avatar", "examine"), lambda task: strange(how, task))
    vars(confined)["works"] = lambda _limits: work
    if how in RAW:
        confined.Line.give = lambda line, frame: raw(line, frame, how)  # type: ignore[method-assign, assignment]
    confined.main()


if __name__ == "__main__":
    main()
