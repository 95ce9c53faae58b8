"""What a join costs in a campaign of a million, against one of a thousand; and the page of the board.

Two databases hold a campaign in which everybody came through somebody, with a ladder of three rewards and points for
each friend: a small one and a large one. People scan, get a seat and join through the product's own story: the credit
of whoever brought them, their place on the board, the ladder, what it grants, the ledger, and the notices that are
queued. The two databases take turns, some joins each, so that a noisy neighbour disturbs both; what counts is the
median of the rounds' own ratios. The board's page is opened in turn too, by somebody in the middle of it, and beside it
a page that asks the database nothing.

`--small` is a try in little: it says whether everything works, not how well. `--check` holds the large database against
its journal in the end, as `tenfold rebuild` does; the small one always is.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from perf.cluster import Cluster
from perf.drill_kill import Figure
from perf.served import ROOT
from tenfold import parent

JOIN_GROWTH, BOARD_GROWTH = 1.3, 2.0
WARM_JOINS, WARM_PAGES = 20, 10


@dataclass(frozen=True)
class Wishes:
    people: tuple[int, int]
    rounds: int
    joins: int
    pages: int
    port: int
    is_checked: bool
    profile: str = ""


@dataclass(frozen=True)
class Pair:
    """What one thing took in one round, in the small database and in the large one: seconds, medians; and what all of
    them took on the average, with what a database does now and then for all."""

    small: float
    large: float
    small_mean: float
    large_mean: float

    @property
    def ratio(self) -> float:
        return self.large / self.small


@dataclass(frozen=True)
class Round:
    joins: Pair
    board: Pair
    constant: Pair


class Place:
    """A database with its crowd, and the process that plays on it."""

    def __init__(self, folder: Path, people: int, url: str) -> None:
        self.people, self.folder = people, folder
        folder.mkdir()
        self._env = {
            **os.environ,
            parent.VARIABLE: str(os.getpid()),  # nothing of it outlives us
            "TENFOLD_DATA": str(folder),
            "DATABASE_URL": url,
            "TENFOLD_SECRET_KEY": "of a measurement, and of nothing else",
            "TENFOLD_PUBLIC_URL": "http://127.0.0.1",
            "TENFOLD_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "tenfold.settings",
        }

    @property
    def crowd(self) -> Path:
        return self.folder / "crowd"

    def migrate(self) -> None:
        command = [sys.executable, "-P", "-m", "tenfold", "migrate"]
        subprocess.run(command, env=self._env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def fill(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "perf.rewards_stage", str(self.crowd), "--people", str(self.people)]
        return subprocess.Popen(command, env=self._env, cwd=ROOT)

    def play(self, profile: str = "") -> Play:
        command = [sys.executable, "-m", "perf.rewards_player", str(self.crowd)]
        pipe, env = subprocess.PIPE, self._env | {"BENCH_PROFILE": profile}
        return Play(subprocess.Popen(command, env=env, cwd=ROOT, stdin=pipe, stdout=pipe, text=True))

    def rebuilt(self) -> str:
        """What `tenfold rebuild` says in the end."""
        command = [sys.executable, "-P", "-m", "tenfold", "rebuild"]
        done = subprocess.run(command, env=self._env, cwd=ROOT, capture_output=True, text=True)
        return (done.stdout.strip().splitlines() or [done.stderr[-200:]])[-1]


class Play:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def seconds(self, what: str, times: int) -> list[float]:
        """Of each of so many "joins", "board" or "constant"."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{what} {times}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"It has ended while it was to play {what}.")
        return [float(each) for each in json.loads(answer)]


# --- what is measured -----------------------------------------------------------------------------------------


@contextmanager
def places(database: str, wishes: Wishes) -> Iterator[tuple[Place, Place]]:
    """The small one and the large one. Their tables are made once, and they are filled at the same time."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        if database == "postgresql":
            cluster = stack.enter_context(Cluster(wishes.port))
            url = cluster.url.removesuffix("/tenfold")
            small, large = _both(folder, wishes, f"{url}/tenfold", f"{url}/large")
            small.migrate()
            cluster.ask("CREATE DATABASE large TEMPLATE tenfold")
        else:
            small, large = _both(folder, wishes, "", "")
            small.migrate()
            for file in small.folder.glob("tenfold.sqlite3*"):
                shutil.copy(file, large.folder)
        for process in [small.fill(), large.fill()]:
            if process.wait():
                raise RuntimeError("the stage could not be filled")
        yield small, large


def _both(folder: Path, wishes: Wishes, *urls: str) -> list[Place]:
    return [Place(folder / str(many), many, url) for many, url in zip(wishes.people, urls, strict=True)]


def measured(small: Play, large: Play, wishes: Wishes) -> Iterator[Round]:
    for play in (small, large):
        play.seconds("joins", WARM_JOINS)
        for page in ("board", "constant"):
            play.seconds(page, WARM_PAGES)
    for nth in range(wishes.rounds):
        turn = (small, large) if nth % 2 else (large, small)
        yield Round(
            _pair(turn, small, "joins", wishes.joins),
            _pair(turn, small, "board", wishes.pages),
            _pair(turn, small, "constant", wishes.pages),
        )


def _pair(turn: Sequence[Play], small: Play, what: str, times: int) -> Pair:
    """Several short turns each, rather than one long one."""
    told: dict[Play, list[float]] = {play: [] for play in turn}
    for _nth in range(2):
        for play in turn:
            told[play] += play.seconds(what, (times + 1) // 2)
    [large] = [play for play in turn if play is not small]
    medians, means = (
        [fold(told[play]) for play in (small, large)] for fold in (statistics.median, statistics.mean)
    )
    return Pair(*medians, *means)


def _run(database: str, wishes: Wishes) -> Iterator[Figure]:
    began = time.monotonic()
    with places(database, wishes) as (small, large):
        yield Figure(f"{database}: filled in, s", round(time.monotonic() - began), "", True)
        with small.play(wishes.profile) as one, large.play(wishes.profile) as other:
            rounds = list(measured(one, other, wishes))
        yield from figures_of(database, wishes.people, rounds)
        for place in (small, large) if wishes.is_checked else (small,):
            told = place.rebuilt()
            name = f"{database}: rebuild of {place.people:,}"
            yield Figure(name, told, "No difference", told.startswith("No difference"))
        if wishes.profile:
            _keep_profiles(database, small, large)
    yield Figure(f"{database}: all of it, s", round(time.monotonic() - began), "", True)


def _keep_profiles(database: str, *found: Place) -> None:
    for place in found:
        name = f"{database}-{place.people}.profile"
        place.crowd.with_name("crowd.profile").replace(Path(tempfile.gettempdir()) / name)


# --- what is told ---------------------------------------------------------------------------------------------


def figures_of(database: str, people: Sequence[int], rounds: Sequence[Round]) -> Iterator[Figure]:
    for size, many in zip(("small", "large"), people, strict=True):
        took = statistics.mean(getattr(each.joins, f"{size}_mean") for each in rounds)
        yield Figure(f"{database}: joins a second among {many:,}, all of them", _short(1 / took), "", True)
    yield _growth(
        f"{database}: a join, times that among {people[0]:,}", [each.joins for each in rounds], JOIN_GROWTH
    )
    for size, many in zip(("small", "large"), people, strict=True):
        took = statistics.median(getattr(each.board, size) for each in rounds)
        yield Figure(f"{database}: the board's page among {many:,}, ms", _short(1000 * took), "", True)
    yield _growth(
        f"{database}: the board's page, times that among {people[0]:,}",
        [each.board for each in rounds],
        BOARD_GROWTH,
    )
    times = statistics.median(each.board.large / each.constant.large for each in rounds)
    yield Figure(f"{database}: the board's page, times a page without a query", _short(times), "", True)


def _growth(name: str, pairs: Sequence[Pair], most: float) -> Figure:
    ratio = statistics.median(each.ratio for each in pairs)
    return Figure(name, _short(ratio), f"<= {most:g}", ratio <= most)


def _short(value: float) -> float:
    return float(f"{value:.3g}") if value < 1000 else round(value)


def _line(figure: Figure) -> str:
    verdict = "" if not figure.target else "ok" if figure.ok else "MISSED"
    return f"{verdict:7}{figure.name:66} {figure.value}" + (
        f"   (target: {figure.target})" if figure.target else ""
    )


@click.command(help=__doc__)
@click.option("--small", "is_small", is_flag=True, help="100 against 1,000 people, and few rounds.")
@click.option("--people", default=1_000_000, show_default=True, help="In the large campaign.")
@click.option("--rounds", default=15, show_default=True)
@click.option("--joins", default=20, show_default=True, help="Of each round, in each campaign.")
@click.option("--pages", default=10, show_default=True, help="Of each round, in each campaign.")
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="sqlite", show_default=True
)
@click.option("--check", "is_checked", is_flag=True, help="Rebuild the large one too.")
@click.option(
    "--profile",
    type=click.Choice(["joins", "board"]),
    default=None,
    help="Where the time goes, into the temporary folder.",
)
@click.option("--port", default=8730, show_default=True, help="Of PostgreSQL.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(
    is_small: bool, people: int, rounds: int, joins: int, pages: int, database: str, is_checked: bool,
    profile: str | None, port: int, is_json: bool,
) -> None:  # fmt: skip
    sizes = (100, 1_000) if is_small else (1_000, people)
    wishes = Wishes(
        sizes, 2 if is_small else rounds, joins, pages, port, is_checked or is_small, profile or ""
    )
    figures: list[Figure] = []
    for each in ["sqlite", "postgresql"] if database == "both" else [database]:
        for figure in _run(each, wishes):
            figures.append(figure)
            click.echo(json.dumps(asdict(figure)) if is_json else _line(figure))
    sys.exit(not all(figure.ok for figure in figures))


if __name__ == "__main__":
    main()
