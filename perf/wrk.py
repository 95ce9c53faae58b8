"""wrk, the load generator, on a core of its own; and what it has measured."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# The load must not take from what it measures.
CORE = "1"
SCRIPT = Path(__file__).with_name("scan.lua")
WARM_SLICE = 5.0
TIMES = ("p50", "p99", "slowest")
LINE = re.compile(r"^measured (.*)$", re.MULTILINE)


class NoLoad(RuntimeError):
    """wrk is not here, or has measured nothing."""


@dataclass(frozen=True)
class Load:
    """What one run has seen from outside; times in milliseconds.

    `refused` are answers of 400 and above, `broken` connections that failed, ended or took too long.
    """

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: float
    p99: float
    slowest: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def wrong(self) -> int:
        return self.refused + self.broken


def need_wrk() -> None:
    """Install it where we may, as `./dev` does with what it needs; else say what to do."""
    if shutil.which("wrk"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        for arguments in ("update", "install --yes --no-install-recommends wrk"):
            subprocess.run(["apt-get", *arguments.split()], capture_output=True)
    if not shutil.which("wrk"):
        raise NoLoad("needs wrk. On Debian or Ubuntu: apt-get install wrk")


def scan(
    base: str, folder: Path, *, connections: int, seconds: float, seed: int, behind: int | None = None
) -> Load:
    """Scans as fast as they are answered, over so many kept connections. `folder` is what perf/stage.py has written.
    Codes are opened at random, or with `behind` in their order, beginning after so many of them."""
    command = ["taskset", "-c", CORE, "wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds:.0f}s"]
    command += ["--timeout", "10s", "-s", str(SCRIPT), base, "--", str(folder), str(seed)]
    command += [] if behind is None else [str(behind)]
    done = subprocess.run(command, capture_output=True, text=True)
    return read(done.stdout + done.stderr)


def every_code_once(base: str, folder: Path, *, most_seconds: float) -> Load:
    """So that a memory of codes is as full as after the first minutes of a launch. Slow doors do not get through."""
    count, behind, began = len((folder / "codes.txt").read_text().split()), 0, time.monotonic()
    while True:
        part = scan(base, folder, connections=64, seconds=WARM_SLICE, seed=behind, behind=behind)
        behind += part.requests
        if behind >= count or time.monotonic() - began > most_seconds:
            return part


def read(told: str) -> Load:
    """The numbers out of the line that scan.lua ends with."""
    line = LINE.search(told)
    if line is None:
        raise NoLoad(f"wrk has measured nothing:\n{told[-1000:]}")
    number = {name: int(value) for name, value in (pair.split("=") for pair in line[1].split())}
    # Where nobody was answered, everybody has waited for the whole time at least.
    times = {name: (number[name] if number["requests"] else number["micros"]) / 1000 for name in TIMES}
    return Load(
        requests=number["requests"],
        seconds=number["micros"] / 1e6,
        refused=number["refused"],
        broken=number["broken"],
        **times,
    )
