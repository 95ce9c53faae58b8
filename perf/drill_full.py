"""Fill the disk to the last block under load: nobody is answered who is not recorded, and with room all is well again.

The data lie on a small ext4 of their own. While it is full the door says that it is busy; it goes on by itself as soon
as there is room again. PostgreSQL itself ends when it cannot write its log; it is started again as an administrator
would, and the door finds it. Needs root.
"""

from __future__ import annotations

import time
from collections import Counter

from perf.disk import Disk
from perf.drill_door import settle
from perf.frame import Drill, Outcome, Told, Trial
from perf.load import History, Load, Wishes
from perf.scene import Scene
from perf.truth import judged

MEGABYTES = {"sqlite": 64, "postgresql": 320}
BEFORE_SECONDS, FULL_SECONDS, AFTER_SECONDS = 2.0, 4.0, 6.0
# What a database still does with room that it had before the disk was full.
REMAINS_SECONDS = 1.5
RECOVERY_SECONDS = 3.0
# A file system that is asked for room all the time does nothing else.
REFILL_SECONDS = 0.25


def run(trial: Trial) -> Outcome:
    """As many times full as there are rounds, in one life of the door."""
    history, told, missed = History(), Told(), list[str]()
    with Disk(trial.folder, megabytes=MEGABYTES[trial.database]) as disk, trial.scene(disk.root) as scene:
        slugs = scene.prepare(groups=60, capacity=400)
        with scene.door() as door, scene.worker():
            lived = door.family
            for nth in range(trial.rounds):
                load = Load(Wishes(scene.port, slugs, connections=64, seed=trial.seed + nth)).start()
                full_at, freed_at = _full_for_a_while(scene, disk)
                found = load.stop()
                history.scans += found.scans
                missed += _misses(found, full_at, freed_at, told)
            if door.family != lived:
                missed.append("the door had to start again")
            settle(scene)
            verdict = judged(scene.database, history.scans, scene.environment)
    return Outcome(verdict, told, missed)


def _full_for_a_while(scene: Scene, disk: Disk) -> tuple[float, float]:
    """When the disk was full, and when it was no more."""
    time.sleep(BEFORE_SECONDS)
    disk.fill()
    full_at = time.monotonic()
    while time.monotonic() - full_at < FULL_SECONDS:
        time.sleep(REFILL_SECONDS)
        disk.fill()
    disk.free()
    if scene.cluster and not scene.cluster.is_running:
        scene.cluster.start()
    freed_at = time.monotonic()
    time.sleep(AFTER_SECONDS)
    return full_at, freed_at


def _misses(history: History, full_at: float, freed_at: float, told: Told) -> list[str]:
    """Each round is told of together; `missed` names the ones that were not as they should be."""
    full = Counter(
        scan.status for scan in history.scans if full_at + REMAINS_SECONDS < scan.at + scan.seconds < freed_at
    )
    ends = [scan.at + scan.seconds - freed_at for scan in history.answered]
    back = min((seconds for seconds in ends if seconds >= 0), default=999.0)
    told["while full: busy"] = int(told.get("while full: busy", 0)) + full[503]
    kept = sum(count for status, count in full.items() if 200 <= status < 400)
    told["answered"] = int(told.get("answered", 0)) + kept
    told["slowest recovery, s"] = max(float(told.get("slowest recovery, s", 0)), round(back, 2))
    missed = []
    if not full[503]:
        missed.append(f"nobody was told that it is busy: {dict(full)}")
    if back > RECOVERY_SECONDS:
        missed.append(f"not back within {RECOVERY_SECONDS} s: {back:.1f} s")
    return missed


DRILL = Drill(
    "full",
    run,
    breaks={"sqlite": "write-behind", "postgresql": "write-behind"},
    rounds=2,
    # On PostgreSQL it is chance whether a table finds the disk full, before anybody is answered, or the log, after it.
    proving_rounds=3,
)

if __name__ == "__main__":
    DRILL.command()()
