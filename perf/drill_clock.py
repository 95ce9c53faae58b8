"""Let the clocks of the door and the worker jump an hour forward and back under load, by libfaketime.

The machine's own clock is left alone, and so is PostgreSQL's. Holds may end early or late when a clock jumps, and that
is told; but no seat may be sold twice, none be stuck when the clocks are right again, and every answer be on disk.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import click

from perf.drill_door import settle
from perf.frame import Drill, Outcome, Told, Trial
from perf.load import History, Load, Wishes
from perf.truth import judged, ran_out

JUMPS = ("-1h", "+0", "+1h", "+0")
PHASE_SECONDS = 4.0
# A clock may have jumped in the middle of a wait; after this long scans are answered again.
CALM_SECONDS = 1.0
# Seats that come back all at once are given to those who stand in the line one by one.
LINE_SECONDS = 90.0
# Python sleeps until a moment of the steady clock, which libfaketime 0.9.10 spoils where it should leave that clock
# alone (its issue 426); waiting for no file at all is left as it is.
SLEEP = """
import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


def run(trial: Trial) -> Outcome:
    """So few seats that they run out soon: those that come back are wanted by many."""
    trial.folder.mkdir()
    clock, began = trial.folder / "clock", list[float]()
    clock.write_text("+0\n")
    (trial.folder / "sitecustomize.py").write_text(SLEEP)
    with trial.scene(extra=_faked_by(clock)) as scene:
        slugs = scene.prepare(groups=20, capacity=100)
        with scene.door(), scene.worker():
            load = Load(Wishes(scene.port, slugs, connections=32, seed=trial.seed)).start()
            for jump in JUMPS * trial.rounds:
                clock.write_text(f"{jump}\n")
                began.append(time.monotonic())
                time.sleep(PHASE_SECONDS)
            history = load.stop()
            settled = settle(scene, LINE_SECONDS)
            verdict = judged(scene.database, history.scans, scene.environment)
            told: Told = {"jumps": len(began) - 1, "holds that ran out": ran_out(scene.database)}
    told["settled after, s"] = round(settled, 1)
    return Outcome(verdict, told, _silences(history, began))


def _silences(history: History, began: list[float]) -> list[str]:
    """The jumps after which nobody was answered any more."""
    ends = [scan.at + scan.seconds for scan in history.answered]
    return [
        f"no answer after jump {nth} ({JUMPS[nth % len(JUMPS)]})"
        for nth, at in enumerate(began)
        if not any(at + CALM_SECONDS < end < at + PHASE_SECONDS for end in ends)
    ]


def _faked_by(clock: Path) -> dict[str, str]:
    """Time spans stay true: what jumps on real machines is the clock on the wall."""
    return {
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(clock.parent), os.environ.get("PYTHONPATH")))),
    }


def _library() -> Path:
    if found := _found():
        return found
    # May fail where we are not root, or offline: then it is said below.
    subprocess.run(["apt-get", "install", "--yes", "faketime"], capture_output=True, check=False)
    if found := _found():
        return found
    raise click.ClickException("This drill needs libfaketime. On Debian or Ubuntu: apt-get install faketime")


def _found() -> Path | None:
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


DRILL = Drill(
    "clock",
    run,
    breaks={"sqlite": "by-the-clock", "postgresql": "by-the-clock"},
    rounds=2,
    proving_rounds=1,
)

if __name__ == "__main__":
    DRILL.command()()
