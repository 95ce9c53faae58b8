"""Five times as many scans as the door can take, for a minute: whom it answers is on disk, all others hear it is busy.

Beside them thousands of connections that say nothing, and phones that leave in the middle of a commit. How much it can
take is measured first, on the same machine and by the same load generator. At the end it is killed under load, so that
what it had answered and not written would be missing.
"""

from __future__ import annotations

import resource
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import httpx

from perf.drill_door import settle
from perf.frame import Drill, Outcome, Told, Trial
from perf.load import PHONE, History, Load, Wishes, raise_the_limit
from perf.scene import Door
from perf.truth import judged

TIMES = 5
IDLE = 5000
# Twice as many as may wait at the door, so that it has to say no.
CONNECTIONS = 9000
# A phone that gets no connection gives up; one that has asked waits twice as long.
PATIENCE_SECONDS = 4.0
MEASURE_SECONDS, LAST_SECONDS = 5.0, 1.5
RECOVERY_SECONDS, GIVE_UP_SECONDS = 2.0, 20.0
MEGABYTES = 400
# The crowd has to share the door's cores: one that let it go first would not be a storm.
AS_ALL_OTHERS = {"TENFOLD_AHEAD": "off"}


def run(trial: Trial) -> Outcome:
    """`rounds` is the length of the storm in seconds."""
    # The door inherits it from us.
    raise_the_limit(IDLE + CONNECTIONS + 1000)
    scans = []
    with trial.scene(extra=AS_ALL_OTHERS) as scene:
        slugs = scene.prepare(groups=20, capacity=100_000)
        with scene.door() as door, scene.worker():
            base = Wishes(scene.port, slugs, connections=256, seed=trial.seed)
            measured = Load(base).during(MEASURE_SECONDS)
            rate = len(measured.answered) / MEASURE_SECONDS
            click.echo(f"it takes {rate:.0f} scans/s", err=True)
            with _watched(door) as memory:
                storm, recovered = _storm(base, rate * TIMES, trial.rounds)
            last = Load(base).start()
            time.sleep(LAST_SECONDS)
            door.kill()
            scans = [*measured.scans, *storm.scans, *last.stop().scans]
            door.ready_after()
            settle(scene)
            verdict = judged(scene.database, scans, scene.environment)
    told = _told(storm, rate, trial.rounds) | {
        "memory, MB": round(max(memory)),
        "recovered after, s": round(recovered, 2),
    }
    return Outcome(verdict, told, list(_misses(storm, max(memory), recovered)))


def _storm(base: Wishes, rate: float, seconds: float) -> tuple[History, float]:
    """The storm's history, and how long after it the door answered as always."""
    sitting = Load(Wishes(base.port, base.slugs, connections=0, idle=IDLE)).start()
    load = Load(
        Wishes(
            base.port,
            base.slugs,
            CONNECTIONS,
            rate=rate,
            leaving=0.02,
            patience=PATIENCE_SECONDS,
            seed=base.seed + 1,
        )
    ).start()
    time.sleep(seconds)
    load.end()
    recovered = _recovered(base)
    history = load.result()
    history.idle_left = sitting.stop().idle_left
    return history, recovered


def _recovered(base: Wishes) -> float:
    began = time.monotonic()
    while time.monotonic() - began < GIVE_UP_SECONDS:
        asked = time.monotonic()
        with suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{base.port}/c/{base.slugs[0]}"
            answer = httpx.get(url, timeout=RECOVERY_SECONDS, trust_env=False, headers={"User-Agent": PHONE})
            if answer.status_code == 302 and time.monotonic() - asked < 0.5:
                break
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def _watched(door: Door) -> Iterator[list[float]]:
    """Twice a second, the megabytes of the largest of its processes."""
    is_over, seen = threading.Event(), list[float]()

    def watch() -> None:
        while not is_over.wait(0.5):
            seen.append(max(map(_megabytes, door.family)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    return 0


def _told(storm: History, rate: float, seconds: float) -> Told:
    statuses = Counter(scan.status for scan in storm.scans)
    waits = sorted(scan.seconds for scan in storm.answered) or [0.0]
    return {
        "takes, scans/s": round(rate),
        "offered, scans/s": round((len(storm.scans) + storm.unsent) / seconds),
        "sent, scans/s": round(len(storm.scans) / seconds),
        "accepted": len(storm.answered),
        "busy": statuses[503],
        "left or broke off": statuses[0],
        "other": sum(statuses.values()) - len(storm.answered) - statuses[503] - statuses[0],
        "p50, ms": round(statistics.median(waits) * 1000),
        "p99, ms": round(waits[int(len(waits) * 0.99)] * 1000),
        "idle still there": storm.idle_left,
    }


def _misses(storm: History, memory: float, recovered: float) -> Iterator[str]:
    others = {scan.status for scan in storm.scans} - {0, 200, 302, 503}
    if others:
        yield f"neither answered nor busy: {others}"
    if not any(scan.status == 503 for scan in storm.scans):
        yield "nobody was told that it is busy"
    if memory > MEGABYTES:
        yield f"{memory:.0f} MB in one process, more than {MEGABYTES}"
    if recovered > RECOVERY_SECONDS:
        yield f"not as always within {RECOVERY_SECONDS:g} s after the storm, but {recovered:.1f} s"


DRILL = Drill(
    "storm",
    run,
    breaks={"sqlite": "write-behind", "postgresql": "write-behind"},
    rounds=60,
    proving_rounds=5,
)

if __name__ == "__main__":
    DRILL.command()()
