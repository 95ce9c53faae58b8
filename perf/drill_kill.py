"""Kill everything at random moments, again and again, and see whether what was answered is still there.

The whole product runs as `tenfold up` in a folder of its own. A brisk crowd comes in by HTTP from this process, which
is not killed, and writes down what it asked and what was answered. After the last kill the product runs until nothing
is left to do. Then the database is held against the history; and the history against spoilt copies of the database,
to show that a loss would be seen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import click

from perf.kept import left_to_do, lost, never_said, said_twice
from perf.product import Product
from perf.spoilt import noticed
from tenfold.simulation.doors import Doors, Unreachable
from tenfold.simulation.history import KINDS, History, Told, answered, left_open, read
from tenfold.simulation.reviewer import Reviewer

# How long the product may live each time, in seconds from when it is ready.
SHORTEST_LIFE, LONGEST_LIFE = 2.0, 7.0
# A row that a killed worker had leased waits a minute for the end of its lease.
DRAIN_SECONDS = 90.0


@dataclass(frozen=True)
class Figure:
    name: str
    value: float | int | str
    target: str
    ok: bool


@click.command()
@click.option("--kills", default=10, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The moments of the kills, and the crowd.")
@click.option("--pace", default=30.0, show_default=True, help="Steps of the crowd a second.")
@click.option("--port", default=8769, show_default=True)
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(kills: int, seed: int, pace: float, port: int, is_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="tenfold-drill-") as folder:
        ground = Path(folder)
        _set_environment(ground / "data", port)
        product = Product(ground / "data", port, ground / "up.log", "--empty")
        try:
            figures = list(_drill(product, ground, kills=kills, pace=pace, seed=seed))
        finally:
            product.kill()
    for figure in figures:
        click.echo(json.dumps(asdict(figure)) if is_json else _line(figure))
    sys.exit(not all(figure.ok for figure in figures))


def _set_environment(data: Path, port: int) -> None:
    os.environ |= {
        "TENFOLD_DATA": str(data),
        "TENFOLD_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "tenfold.settings",
        "TENFOLD_LOG_LEVEL": "ERROR",
    }
    os.environ.pop("DATABASE_URL", None)


def _drill(product: Product, ground: Path, *, kills: int, pace: float, seed: int) -> Iterator[Figure]:
    starts = [product.start()]
    path, database = ground / "history.jsonl", ground / "data" / "tenfold.sqlite3"
    with path.open("w") as file:
        stopping = threading.Event()
        hands = _crowd(History(file), pace, seed, stopping)
        starts += _kill_again_and_again(product, kills, Random(seed))
        time.sleep(LONGEST_LIFE)
        stopping.set()
        for hand in hands:
            hand.join()
    drained = _drained(database)
    product.stop()
    yield Figure("kills", len(starts) - 1, f"{kills}", len(starts) - 1 == kills)
    yield Figure("slowest start after a kill, s", round(max(starts[1:], default=0), 1), "told only", True)
    yield Figure(
        "until nothing was left to do, s",
        round(drained, 1),
        f"<= {DRAIN_SECONDS:g}",
        drained <= DRAIN_SECONDS,
    )
    yield from _compared(database, read(path))
    yield _rebuilt()
    for damage, is_seen in noticed(database, read(path), ground):
        yield Figure(f"self-check: {damage}", "seen" if is_seen else "not seen", "seen", is_seen)


def _crowd(history: History, pace: float, seed: int, stopping: threading.Event) -> list[threading.Thread]:
    """A brisk crowd with a reviewer who leaves nothing to others, on a stage with much room."""
    import django

    django.setup()
    from django.db import connections

    from tenfold.simulation import demo
    from tenfold.simulation.crowd import Crowd, Temper
    from tenfold.simulation.stage import Size

    made = demo.prepare(Size(first_capacity=100, capacity=2000, wechat_capacity=50), has_people=False)
    connections.close_all()
    doors = Doors(os.environ["TENFOLD_PUBLIC_URL"])
    reviewer = Reviewer(
        doors,
        email=made.robot,
        password=made.robot_password,
        campaign_id=made.campaign_id,
        history=history,
        left=0,
    )
    temper = Temper(pace=pace, hands=6, active=60, longest_pause=0.5)
    codes = [f"/C/{slug}" for slug in made.codes]
    crowd = Crowd(doors, codes, seed=seed, temper=temper, history=history)
    hands = [
        threading.Thread(target=crowd.run, args=(stopping,), name="crowd"),
        threading.Thread(target=_review, args=(reviewer, stopping), name="reviewer"),
    ]
    for hand in hands:
        hand.start()
    return hands


def _review(reviewer: Reviewer, stopping: threading.Event) -> None:
    """Judge whatever waits, without a rest."""
    while not stopping.is_set():
        try:
            is_idle = not reviewer.judge_one()
        except Unreachable:
            is_idle = True
        stopping.wait(0.3 if is_idle else 0)


def _kill_again_and_again(product: Product, kills: int, dice: Random) -> list[float]:
    starts = []
    for nth in range(kills):
        time.sleep(dice.uniform(SHORTEST_LIFE, LONGEST_LIFE))
        killed = product.kill()
        starts.append(product.start())
        click.echo(f"kill {nth + 1}: {killed} processes, ready again after {starts[-1]:.1f} s", err=True)
    return starts


def _drained(database: Path) -> float:
    began = time.monotonic()
    while left_to_do(database) and time.monotonic() - began <= DRAIN_SECONDS:
        time.sleep(0.5)
    return time.monotonic() - began


def _compared(database: Path, history: list[Told]) -> Iterator[Figure]:
    for kind in KINDS:
        asked, gone = len(answered(history, kind)), lost(database, history, kind)
        yield Figure(f"{kind}s answered", asked, "> 0", asked > 0)
        yield Figure(f"{kind}s lost", gone, "0", gone == 0)
    yield Figure("requests that broke off", left_open(history), "told only", True)
    yield Figure("said twice", (twice := said_twice(database)), "0", twice == 0)
    yield Figure("sent but not in the room", (silent := never_said(database)), "0", silent == 0)


def _rebuilt() -> Figure:
    """The product's own command."""
    command = [sys.executable, "-P", "-m", "tenfold", "rebuild"]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    told = lines[-1] if lines else done.stderr[-200:]
    return Figure("rebuild", told, "No difference", done.returncode == 0 and told.startswith("No difference"))


def _line(figure: Figure) -> str:
    return f"{'ok' if figure.ok else 'FAIL':4} {figure.name:34} {figure.value}   (target: {figure.target})"


if __name__ == "__main__":
    main()
