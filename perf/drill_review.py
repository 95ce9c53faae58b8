"""A launch night: thousands of screenshots in ten minutes, workers die, and the scan door does not feel it.

./dev drill review [--shots 5000] [--minutes 10] [--kills 6] [--small] [--database postgresql] [--chart FILE.svg]
    [--json]

The product runs as a server and a worker with its children on this machine. First the door is measured with nothing
else to do, and once more in the end, both taken together, for shared machines change their pace within minutes; between
these people scan at the same steady rate while others send their screenshots by HTTP, drawn before by the simulation.
Those who scan are in a process of their own, which goes before all others of this machine where that is allowed, idle
and busy alike: phones are other machines, and that they wait for a core here says nothing about the door.
At random moments the worker and all its children are killed with kill -9 and started again. In the end
everything that a phone was told is kept has to be there once: decided once, or waiting for a person. Every line that is
printed in the end is a condition; how long the queues were is drawn above them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from random import Random

import click

from perf import review_chart as chart
from perf.frame import DATABASES, Trial
from perf.load import History, Load, Wishes
from perf.review_night import Counted, Phones, Point, Sender, Told, Watch, counted, not_behind, senders
from perf.scene import ROOT, Part, Scene
from perf.truth import is_rebuilt, judged

SLOWER = 1.5
WARM_SECONDS = 3.0
START_SECONDS = 8.0
SMALL_SHOTS, SMALL_MINUTES, SMALL_IDLE = 150, 0.5, 8.0
# A killed worker's row waits for the end of its lease; then it is looked at again.
LEAST_LEFT_SECONDS = 75.0
# Before the rush a few come one after the other, so that the machine is seen where it is not behind.
CALM_SHOTS, CALM_SECONDS = 30, 2.0
LEAST_WAITS, P50_SECONDS, P95_SECONDS = 10, 5.0, 10.0
LEAST_DECIDED = 0.75


@dataclass(frozen=True)
class Night:
    shots: int
    minutes: float
    kills: int
    rate: float
    idle_seconds: float
    drain_minutes: float
    seed: int
    port: int
    database: str = "sqlite"


@dataclass(frozen=True)
class Figure:
    name: str
    value: float | int | str
    target: str
    ok: bool


@dataclass
class Happened:
    """All that is known of a night when it is over."""

    idle: History
    busy: History
    told: list[Told]
    points: list[Point]
    kills: list[float]
    """Seconds after `began`, which is on the clock of the scans."""
    began: float
    counted: Counted
    lost_scans: int
    is_rebuilt: bool
    kills_asked: int
    began_at: float
    """When `points` begin to count, in seconds since 1970."""


@click.command(help=__doc__)
@click.option(
    "--shots", default=5000, show_default=True, help="Screenshots, each by a participant of their own."
)
@click.option("--minutes", default=10.0, show_default=True, help="In which they are sent.")
@click.option("--kills", default=6, show_default=True)
@click.option("--rate", default=40.0, show_default=True, help="Scans a second.")
@click.option(
    "--drain-minutes",
    default=4.0,
    show_default=True,
    help="How long the machine may go on after the last one.",
)
@click.option("--seed", default=1, show_default=True)
@click.option("--port", default=8760, show_default=True, help="PostgreSQL's is ten more.")
@click.option("--database", type=click.Choice(DATABASES), default="sqlite", show_default=True)
@click.option("--small", "is_small", is_flag=True, help="A minute, with few.")
@click.option(
    "--chart", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where the queues are drawn."
)
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(
    shots: int,
    minutes: float,
    kills: int,
    rate: float,
    drain_minutes: float,
    seed: int,
    port: int,
    database: str,
    is_small: bool,
    path: Path | None,
    is_json: bool,
) -> None:
    signal.signal(
        signal.SIGTERM, lambda _number, _frame: sys.exit(143)
    )  # so that everything is stopped when we are
    if is_small:
        shots, minutes, kills = SMALL_SHOTS, SMALL_MINUTES, min(kills, 2)
    idle = SMALL_IDLE if is_small else 30.0
    happened = _happened(Night(shots, minutes, kills, rate, idle, drain_minutes, seed, port, database))
    title = f"{shots} screenshots in {minutes:g} minutes on {os.cpu_count()} cores, {database}"
    if path:
        path.write_text(chart.svg(happened.points, happened.kills, title), encoding="utf-8")
    if not is_json:
        click.echo("\n".join(chart.text(happened.points, 5 if is_small else 30)))
    figures = list(_figures(happened, shots))
    for figure in figures:
        told = f"{'ok' if figure.ok else 'FAIL':4} {figure.name:46} {figure.value!s:>10}   (target: {figure.target})"
        click.echo(json.dumps(asdict(figure)) if is_json else told)
    sys.exit(not all(figure.ok for figure in figures))


def _happened(night: Night) -> Happened:
    folder = Path(tempfile.mkdtemp(prefix="drill-review-"))
    folder.chmod(0o755)  # PostgreSQL runs as somebody else
    try:
        with Trial(folder / "scene", night.database, night.port, 1, night.seed).scene() as scene:
            return _played(scene, night, _prepared(scene, night))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(scene: Scene, night: Night) -> list[Sender]:
    click.echo(f"drawing {night.shots} screenshots", err=True)
    scene.data.mkdir(parents=True)
    command = ["-m", "perf.review_stage", str(scene.folder / "load"), "--people", str(night.shots)]
    subprocess.run(
        [sys.executable, *command, "--seed", str(night.seed)], env=scene.environment, cwd=ROOT, check=True
    )
    return senders(scene.folder / "load")


def _played(scene: Scene, night: Night, who: Sequence[Sender]) -> Happened:
    slugs = tuple((scene.folder / "load" / "codes.txt").read_text().split())
    scans = Wishes(scene.port, slugs, connections=32, rate=night.rate, seed=night.seed, ahead=True)
    with ExitStack() as stack:
        stack.enter_context(scene.door())
        worker = stack.enter_context(scene.worker())
        base, calm = f"http://127.0.0.1:{scene.port}", min(CALM_SHOTS, len(who) // 4)
        Load(scans).during(WARM_SECONDS)
        idle = Load(scans).during(night.idle_seconds)
        click.echo(f"idle: p99 {_p99(idle):.1f} ms", err=True)
        watch = Watch(scene.database)
        watch.start()
        stack.callback(watch.stop)
        told = _sent(stack, Phones(base, who[:calm], calm * CALM_SECONDS)).join()
        load, began = Load(scans).start(), time.monotonic()
        phones = _sent(stack, Phones(base, who[calm:], night.minutes * 60))
        kills = _killed(worker, night, began)
        told += phones.join()
        busy = load.stop()
        _drained(watch, night.drain_minutes * 60)
        worker.stop()  # first, or it decides another one between the last point and the count
        points = [*watch.stop(), watch.now()]
        after = Load(scans).during(night.idle_seconds)
        click.echo(f"idle again: p99 {_p99(after):.1f} ms", err=True)
        idle = History(idle.scans + after.scans, idle.unsent + after.unsent)
        verdict = judged(scene.database, [*idle.scans, *busy.scans])
        found = counted(scene.database, told)
        good = is_rebuilt(scene.environment)
        lost, asked = verdict.lost, night.kills
        return Happened(idle, busy, told, points, kills, began, found, lost, good, asked, watch.began_at)


def _sent(stack: ExitStack, phones: Phones) -> Phones:
    phones.start()
    stack.callback(phones.stop)
    return phones


def _killed(worker: Part, night: Night, began: float) -> list[float]:
    """kill -9 of the worker and all its children at random moments, again and again; when that was."""
    dice, at = Random(night.seed), list[float]()
    span = night.minutes * 60
    for due in sorted(dice.uniform(0.1 * span, 0.95 * span) for _nth in range(night.kills)):
        threading.Event().wait(max(0.0, began + due - time.monotonic()))
        at.append(time.monotonic() - began)
        click.echo(f"kill -9 of {len(worker.family)} processes after {at[-1]:.0f} s", err=True)
        worker.kill()
        worker.start()
    return at


def _drained(watch: Watch, seconds: float) -> None:
    """Until the machine has nothing left, but no longer than that; a killed look's lease has to be over."""
    until = time.monotonic() + max(seconds, LEAST_LEFT_SECONDS)
    while time.monotonic() < until and watch.now().machine:
        time.sleep(1)


def _figures(happened: Happened, shots: int) -> Iterator[Figure]:
    found, last = happened.counted, happened.points[-1]
    kept = sum(each.is_kept for each in happened.told)
    yield Figure("screenshots sent and kept", kept, f"{shots}", kept == shots == found.kept)
    yield _none("lost", found.lost)
    yield _none("there twice", found.twice)
    for name, count in found.faults.items():
        yield _none(name, count)
    yield Figure("decided by the machine", last.decided, "> 0", last.decided > 0)
    share = round(last.decided / max(1, last.sent - last.machine), 3)
    yield Figure("share decided of what it looked at", share, f">= {LEAST_DECIDED}", share >= LEAST_DECIDED)
    waiting = found.states.get("waiting", 0)
    is_shown = last.people + last.hidden == waiting
    yield Figure(
        "waiting for a person", waiting, "all the others", is_shown and last.decided + waiting == last.sent
    )
    yield from _waits(not_behind(found.waits, happened.points, happened.began_at))
    killed, asked = len(happened.kills), happened.kills_asked
    yield Figure("kill -9 of the worker and its children", killed, f"{asked}", killed == asked)
    yield _none("rebuild finds a difference", int(not happened.is_rebuilt))
    yield _none("scans lost", happened.lost_scans)
    yield from _door(happened.idle, happened.busy, _calm(happened))


def _waits(waits: Sequence[float]) -> Iterator[Figure]:
    """Of what was sent while the queue was not behind. Where nothing was, nothing is shown."""
    yield Figure(
        "verdicts while the queue is not behind", len(waits), f">= {LEAST_WAITS}", len(waits) >= LEAST_WAITS
    )
    for name, share, most in (("p50", 0.5, P50_SECONDS), ("p95", 0.95, P95_SECONDS)):
        value = round(waits[int(len(waits) * share)], 1) if waits else inf
        told = value if value < inf else "none"
        yield Figure(f"{name} to such a verdict, s", told, f"<= {most:g}", value <= most)


def _door(idle: History, busy: History, calm: History) -> Iterator[Figure]:
    """`calm` are those of `busy` that did not come just after a kill."""
    before, counts = _p99(idle), (len(idle.answered), len(busy.answered))
    yield Figure("scans answered, idle and meanwhile", "{}, {}".format(*counts), "> 0, > 0", all(counts))
    for name, history in (("meanwhile", busy), ("not just after a kill", calm)):
        p99 = _p99(history)
        times = round(p99 / before, 2) if before else 0.0
        told = f"p99 {name}, times idle ({p99:.1f} / {before:.1f} ms)"
        yield Figure(told, times, f"<= {SLOWER}", 0 < times <= SLOWER)
    missing = len(idle.scans) - len(idle.answered) + len(busy.scans) - len(busy.answered)
    yield _none("scans not answered", missing + idle.unsent + busy.unsent)


def _calm(happened: Happened) -> History:
    """Scans but for those while a worker starts again, which takes a core for a moment."""
    kills = [happened.began + at for at in happened.kills]
    scans = happened.busy.scans
    return History([scan for scan in scans if not any(0 <= scan.at - kill < START_SECONDS for kill in kills)])


def _p99(history: History) -> float:
    waits = sorted(scan.seconds for scan in history.answered)
    return waits[int(len(waits) * 0.99)] * 1000 if waits else 0.0


def _none(name: str, count: int) -> Figure:
    return Figure(name, count, "0", count == 0)


if __name__ == "__main__":
    main()
