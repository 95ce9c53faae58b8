"""A process of its own for what needs one: how much memory it takes, how fast two are, how long the first poster takes.

python -m perf.posters_worker memory SEED           one JSON object
python -m perf.posters_worker first SEED            seconds of CPU to the first poster of a process, fonts and all
python -m perf.posters_worker rate SEED SECONDS     waits for a line, then tells how many it made, and in what time
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from perf.posters_people import looks
from perf.posters_rounds import Stand, cold, stand
from perf.served import rss_mib
from tenfold.imaging.compose import Given, Ground, encode

MEMORY_POSTERS = 200
MOST_A_SECOND = 1000


def memory(seed: int) -> dict[str, float]:
    """MiB with nothing prepared, with one upright poster and with all of them, after many posters each."""
    found = [look for look in looks(seed) if look.is_tall_poster]
    told = {"idle": _mib()}
    stands = [stand(found[0], seed)]
    _many(stands)
    told["one"] = _mib()
    stands += [stand(look, seed) for look in found[1:]]
    _many(stands)
    return {**told, "all": _mib(), "designs": len(stands)}


def first(seed: int) -> float:
    return cold(looks(seed)[0], seed)


def rate(seed: int, seconds: float) -> None:
    stands = [stand(look, seed) for look in looks(seed) if look.is_tall_poster]
    _many(stands)
    crowd = _crowd(stands, seconds)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(_rate(crowd, seconds), flush=True)


def _crowd(stands: list[Stand], seconds: float) -> list[tuple[Ground, Given]]:
    """More people than can be served in the time: making up a face takes as long as a poster."""
    served = itertools.islice(itertools.cycle(stands), int(MOST_A_SECOND * seconds))
    return [(one.ground, next(one.givens)) for one in served]


def _rate(crowd: list[tuple[Ground, Given]], seconds: float) -> float:
    before = time.monotonic()
    for made, (ground, given) in enumerate(crowd):
        if time.monotonic() - before >= seconds:
            return made / (time.monotonic() - before)
        encode(ground, given, "image/jpeg")
    return len(crowd) / (time.monotonic() - before)


def _many(stands: list[Stand], posters: int = MEMORY_POSTERS) -> None:
    for one in itertools.islice(itertools.cycle(stands), posters):
        encode(one.ground, next(one.givens), "image/jpeg")


def _mib() -> float:
    return rss_mib([os.getpid()])[0]


# --- asked from the bench ---------------------------------------------------------------------------------------


def asked(*words: str | float) -> dict[str, float] | float:
    """What such a process tells."""
    done = subprocess.run(_command(*words), capture_output=True, text=True, check=True)
    told: dict[str, float] | float = json.loads(done.stdout)
    return told


@dataclass(frozen=True)
class Process:
    """One that makes posters on a core of its own when it is told to."""

    process: subprocess.Popen[str]

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@contextmanager
def processes(cores: Sequence[int], seed: int, seconds: float) -> Iterator[list[Process]]:
    started = [_on(core, _command("rate", seed + core, seconds)) for core in cores]
    try:
        for each in started:
            each.answer()
        yield started
    finally:
        for each in started:
            each.process.communicate()


def rate_of(working: Sequence[Process]) -> float:
    """Posters a second of all of these together, at the same time, by the clock on the wall."""
    for each in working:
        each.go()
    return sum(float(each.answer()) for each in working)


def _on(core: int, command: list[str]) -> Process:
    return Process(
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    )


def _command(*words: str | float) -> list[str]:
    return [sys.executable, "-m", "perf.posters_worker", *map(str, words)]


if __name__ == "__main__":
    job, *numbers = sys.argv[1:]
    if job == "rate":
        rate(int(numbers[0]), float(numbers[1]))
    else:
        print(json.dumps({"memory": memory, "first": first}[job](int(numbers[0]))))
