"""Kill the door's processes at random moments under load, again and again, and see whether every answer was kept.

With several processes on SQLite, each round kills the one that writes, any one, or all of them.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from random import Random

import click

from perf.frame import Drill, Outcome, Told, Trial
from perf.load import Load, Wishes
from perf.scene import Door, Scene
from perf.truth import judged, stuck

# How long the door may live each time, in seconds from when it is ready.
SHORTEST_LIFE, LONGEST_LIFE = 0.7, 1.6
# A server gives up when one of its processes dies twice within 5.5 seconds: here each is to be replaced.
REPLACED_SECONDS = 5.5
# Leases of a killed process come back when their time is over, and the worker ends them.
SETTLE_SECONDS, CALM_SECONDS = 30.0, 2.0
BACK_SECONDS = 10.0


def run(trial: Trial) -> Outcome:
    with trial.scene() as scene:
        slugs = scene.prepare(groups=60, capacity=400)
        dice = Random(trial.seed)
        with scene.door() as door, scene.worker():
            load = Load(Wishes(scene.port, slugs, connections=96, seed=trial.seed)).start()
            kills = [_killed(door, dice) for _ in range(trial.rounds)]
            time.sleep(LONGEST_LIFE)
            history = load.stop()
            settled = settle(scene)
            verdict = judged(scene.database, history.scans, scene.environment)
        unknown = sum(scan.status == 0 for scan in history.scans)
        told: Told = {
            "kills": trial.rounds,
            **Counter(f"of {who}" for who, _seconds in kills if trial.workers > 1),
            "slowest back, s": round(max(seconds for _who, seconds in kills), 2),
            "broke off": unknown,
            "settled after, s": round(settled, 1),
        }
        return Outcome(verdict, told)


def _killed(door: Door, dice: Random) -> tuple[str, float]:
    """Live for a while, die, come back: who was killed, and the seconds until it answers again."""
    who = dice.choice(["the writer", "one", "all"]) if door.scene.workers > 1 else "all"
    time.sleep(dice.uniform(SHORTEST_LIFE, LONGEST_LIFE) + (REPLACED_SECONDS if who != "all" else 0))
    writer = door.writer
    if who == "the writer" and writer is None:
        who = "one"  # on PostgreSQL they are all the same
    if who == "all":
        door.kill()
        seconds = door.ready_after()
    else:
        seconds = _respawned(door, writer if who == "the writer" and writer else dice.choice(door.processes))
    click.echo(f"killed {who}, ready again after {seconds:.2f} s", err=True)
    return who, seconds


def _respawned(door: Door, victim: int) -> float:
    """The server starts a new process for one that has died; it gives up when they die too fast, and is started again
    by whoever looks after it."""
    began, wanted = time.monotonic(), len(door.processes)
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    while not _is_whole(door, victim, wanted):
        if not door.is_running:
            return door.ready_after()
        if time.monotonic() - began > BACK_SECONDS:
            raise RuntimeError(f"It does not come back:\n{door.told}")
        time.sleep(0.02)
    return time.monotonic() - began


def _is_whole(door: Door, victim: int, wanted: int) -> bool:
    found = door.processes
    return victim not in found and len(found) >= wanted and door.is_ready()


def settle(scene: Scene, at_most: float = SETTLE_SECONDS) -> float:
    """Until no seat is stuck any more and stays so, or has to be called stuck; the seconds that took.

    A seat that comes back is free for a moment before somebody is called: seen once, it is not stuck.
    """
    began = calm_since = time.monotonic()
    while calm_since + CALM_SECONDS > (now := time.monotonic()) and now - began < at_most:
        if stuck(scene.database):
            calm_since = time.monotonic()
        time.sleep(0.25)
    return calm_since - began


DRILL = Drill(
    "door",
    run,
    breaks={"sqlite": "write-behind", "postgresql": "write-behind"},
    rounds=20,
    workers=(1, 2),
)

if __name__ == "__main__":
    DRILL.command()()
