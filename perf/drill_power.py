"""Cut the power under load, and see whether every answer is on the disk when it comes back.

The data lie on an ext4 of their own that is told to go down without writing anything more; then everything is killed,
the disk is mounted again, and the product started on what is left. Needs root.
"""

from __future__ import annotations

import time
from random import Random

import click

from perf.cluster import Cluster
from perf.disk import Disk
from perf.drill_door import settle
from perf.frame import NO_FSYNC, Drill, Outcome, Told, Trial
from perf.load import History, Load, Wishes
from perf.scene import Scene
from perf.truth import judged

SHORTEST_LIFE, LONGEST_LIFE = 1.0, 2.0


def run(trial: Trial) -> Outcome:
    """Each round is a load of its own, all rounds are one history."""
    dice, told = Random(trial.seed), History()
    with Disk(trial.folder, megabytes=512) as disk, trial.scene(disk.root) as scene:
        slugs = scene.prepare(groups=60, capacity=400)
        for nth in range(trial.rounds):
            told.scans += _cut(scene, disk, slugs, dice).scans
            click.echo(f"cut {nth + 1}: {len(told.answered)} answered so far", err=True)
        with scene.door(), scene.worker():
            settled = settle(scene)
            verdict = judged(scene.database, told.scans, scene.environment)
    unknown = sum(scan.status == 0 for scan in told.scans)
    numbers: Told = {"cuts": trial.rounds, "broke off": unknown, "settled after, s": round(settled, 1)}
    return Outcome(verdict, numbers)


def _cut(scene: Scene, disk: Disk, slugs: tuple[str, ...], dice: Random) -> History:
    with scene.door() as door, scene.worker() as worker:
        load = Load(Wishes(scene.port, slugs, connections=96, seed=dice.randrange(1 << 30), patience=1))
        load.start()
        time.sleep(dice.uniform(SHORTEST_LIFE, LONGEST_LIFE))
        disk.power_off()
        door.kill()
        worker.kill()
        if scene.cluster:
            scene.cluster.kill()
        history = load.stop()
    disk.power_on()
    if scene.cluster:
        _start(scene.cluster)
    return history


def _start(cluster: Cluster) -> None:
    """As an administrator would: a server without fsync may leave a lock file without a word."""
    lock = cluster.folder / "cluster" / "postmaster.pid"
    if lock.exists() and not lock.stat().st_size:
        lock.unlink()
    cluster.start()


DRILL = Drill("power", run, breaks={"sqlite": "normal", "postgresql": NO_FSYNC}, rounds=5, proving_rounds=3)

if __name__ == "__main__":
    DRILL.command()()
