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

from perf.posters_people import looks
from perf.posters_rounds import Stand, cold, stand
from perf.served import rss_mib
from tenfold.imaging.compose import encode

MEMORY_POSTERS = 200


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


def rate(seed: int, seconds: float) -> dict[str, float]:
    stands = [stand(look, seed) for look in looks(seed) if look.is_tall_poster]
    _many(stands, 20)
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.monotonic()
    for made, one in enumerate(itertools.cycle(stands)):
        if time.monotonic() - before >= seconds:
            return {"posters": made, "seconds": time.monotonic() - before}
        encode(one.ground, next(one.givens), "image/jpeg")
    raise AssertionError


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


def rate_of(cores: list[int], seed: int, seconds: float) -> float:
    """Posters a second of one process on each of these cores, all at the same time, by the clock on the wall."""
    processes = [
        subprocess.Popen(
            _command("rate", seed + core, seconds),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda core=core: os.sched_setaffinity(0, {core}),  # type: ignore[misc]
        )
        for core in cores
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()
    told = [json.loads(process.communicate("go\n")[0]) for process in processes]
    return float(sum(each["posters"] / each["seconds"] for each in told))


def _command(*words: str | float) -> list[str]:
    return [sys.executable, "-m", "perf.posters_worker", *map(str, words)]


if __name__ == "__main__":
    job, *numbers = sys.argv[1:]
    seed, *rest = (float(number) for number in numbers)
    jobs = {"memory": memory, "first": first, "rate": rate}
    print(json.dumps(jobs[job](int(seed), *rest)))  # type: ignore[operator]
