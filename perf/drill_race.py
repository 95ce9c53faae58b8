"""Eight doors race for the last fifty seats of twenty groups, and two of them die with seats in their hands.

Each door is a server of its own with one process, all on one PostgreSQL. More people come than there are seats, and
they keep coming until the end. The first two doors that hold seats nobody has been given yet are killed at that moment.
In the end every seat has to be somebody's: none sold twice, none lying about for longer than a lease lives.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from perf.cluster import Cluster
from perf.frame import Drill, Outcome, Told, Trial, together
from perf.last_seats import LastSeats
from perf.load import Load, Wishes
from perf.scene import Door
from perf.truth import judged

DOORS, VICTIMS = 8, 2
GROUPS, CAPACITY, FREE = 20, 40, 50
# Of each door, in scans a second: the seats last for a second or two, and many more people come after them.
PACE, CONNECTIONS = 6.0, 8
LEASE_SECONDS = 5.0
# The worker looks once a second for what has run out, and calls those in the line twice a second.
CALLED_SECONDS = LEASE_SECONDS + 5.0
AFTER_SECONDS = 2.0
# What a stopped process had sent to the server already is done by then.
COMMIT_SECONDS = 0.02


def run(trial: Trial) -> Outcome:
    return together(_round(trial, nth) for nth in range(trial.rounds))


def _round(trial: Trial, nth: int) -> Outcome:
    place = trial.folder / f"race-{nth}"
    place.mkdir(parents=True)
    with Cluster(trial.port + 10, within=place) as cluster:
        extra = {"TENFOLD_LEASE_SECONDS": str(LEASE_SECONDS)}
        scene = LastSeats(place, trial.port, cluster, 1, trial.broken, extra)
        seed = trial.seed + nth
        slugs = scene.prepare_last(free=FREE, groups=GROUPS, capacity=CAPACITY, seed=seed)
        if trial.broken:
            scene.tear_down_the_last_wall()
        with _doors(scene) as doors, scene.worker(), ThreadPoolExecutor(1) as beside:
            # Watched from before the first scan: the first doors take the largest blocks.
            dying = beside.submit(_die_and_see, scene, doors)
            loads = [
                Load(Wishes(door.scene.port, slugs, CONNECTIONS, PACE, seed=seed * 100 + number)).start()
                for number, door in enumerate(doors)
            ]
            stranded, seconds = dying.result()
            time.sleep(AFTER_SECONDS)
            for load in loads:
                load.end()
            scans = [scan for load in loads for scan in load.result().scans]
            held, unused = scene.held, sum(scene.unused.values())
            verdict = judged(scene.database, scans, scene.environment)
    broke_off = sum(scan.status in (0, 503) for scan in scans)
    told: Told = {
        "broke off or busy": broke_off,
        "held": held,
        "died with": stranded,
        "all held after, s": round(seconds, 1),
    }
    return Outcome(verdict, told, _missed(held, unused, stranded, seconds))


def _missed(held: int, unused: int, stranded: int, seconds: float) -> list[str]:
    missed = []
    if held != FREE or unused:
        missed.append(f"{held} of {FREE} seats held, {unused} in the hands of doors")
    if not stranded:
        missed.append("nobody died with a seat in their hands: nothing was tried")
    if seconds > CALLED_SECONDS:
        missed.append(f"a seat lay about for {seconds:.1f} s, more than {CALLED_SECONDS} s")
    return missed


@contextmanager
def _doors(scene: LastSeats) -> Iterator[list[Door]]:
    """Started side by side: one after the other they would take a minute."""
    scenes = [
        replace(scene, port=scene.port + nth, folder=scene.folder / f"door-{nth}") for nth in range(DOORS)
    ]
    with ExitStack() as stack, ThreadPoolExecutor(DOORS) as together:
        for each in scenes:
            each.data.mkdir(parents=True)
        started = [together.submit(stack.enter_context, each.door()) for each in scenes]
        yield [each.result() for each in started]


def _die_and_see(scene: LastSeats, doors: list[Door]) -> tuple[int, float]:
    """How many seats they died with, and the seconds from then until all seats were somebody's."""
    stranded = _die_with_seats(scene, doors)
    return stranded, _until_all_are_held(scene)


def _die_with_seats(scene: LastSeats, doors: list[Door]) -> int:
    """Kill the first doors that hold seats nobody was given; how many seats they died with."""
    died_with = dict[str, int]()
    while len(died_with) < VICTIMS and scene.held < FREE:
        for holder in list(scene.unused.keys() - died_with)[: VICTIMS - len(died_with)]:
            if seats := _caught(scene, holder):
                _door_of(holder, doors).kill()
                died_with[holder] = seats
    return sum(died_with.values())


def _caught(scene: LastSeats, holder: str) -> int:
    """Stop this process; the seats it still has then. With none it may go on."""
    pid = int(holder.rpartition(":")[2])
    os.kill(pid, signal.SIGSTOP)
    time.sleep(COMMIT_SECONDS)
    seats = scene.unused.get(holder, 0)
    if not seats:
        os.kill(pid, signal.SIGCONT)
    return seats


def _door_of(holder: str, doors: list[Door]) -> Door:
    pid = int(holder.rpartition(":")[2])
    return next(door for door in doors if door.is_running and pid in door.family)


def _until_all_are_held(scene: LastSeats) -> float:
    began = time.monotonic()
    while scene.held < FREE and time.monotonic() - began < 3 * CALLED_SECONDS:
        time.sleep(0.1)
    return time.monotonic() - began


DRILL = Drill("race", run, breaks={"postgresql": "check-then-act"}, rounds=3, port=8840)

if __name__ == "__main__":
    DRILL.command()()
