"""How every drill of the door is run: first on a broken build, which it has to see, then on the real one.

A drill is a function from a `Trial` to an `Outcome`. What it prints is a line a trial; `--json` an object a line.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path

import click
import psycopg

from perf.cluster import Cluster
from perf.scene import Scene
from perf.truth import Verdict

DATABASES = ("sqlite", "postgresql")
# PostgreSQL's own way of confirming what is on no disk; all other broken builds are the product's.
NO_FSYNC = "no-fsync"
Told = dict[str, float | int | str]


@dataclass(frozen=True)
class Trial:
    """One run of a drill."""

    folder: Path
    database: str
    port: int
    rounds: int
    seed: int
    broken: str = ""
    workers: int = 1

    @contextmanager
    def scene(self, folder: Path | None = None, extra: Mapping[str, str] | None = None) -> Iterator[Scene]:
        """A scene on this trial's database, with a server for it where it needs one. `folder` is where data lie."""
        place = folder or self.folder
        place.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            cluster = stack.enter_context(self._cluster(place)) if self.database == "postgresql" else None
            yield Scene(
                place,
                self.port,
                cluster,
                self.workers,
                "" if self.broken == NO_FSYNC else self.broken,
                extra or {},
            )

    def _cluster(self, folder: Path) -> Cluster:
        options = ("fsync=off",) if self.broken == NO_FSYNC else ()
        return Cluster(self.port + 10, *options, within=folder)


@dataclass(frozen=True)
class Outcome:
    """`missed` tells what else should not have been: one sentence a target that was not reached."""

    verdict: Verdict
    told: Told = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.verdict.is_good and not self.missed


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Several databases' verdicts as one, with the worst of each figure."""
    found = list(outcomes)
    verdict = Verdict(*map(sum, zip(*(astuple(each.verdict) for each in found), strict=True)))
    told = Told()
    for each in found:
        told = worst(told, each.told)
    return Outcome(verdict, told, [sentence for each in found for sentence in each.missed])


def worst(told: Told, more: Told) -> Told:
    return told | {name: max(value, told.get(name, value)) for name, value in more.items()}


Run = Callable[[Trial], Outcome]


@dataclass(frozen=True)
class Drill:
    """`breaks` names the broken build that this drill has to see, for each database."""

    name: str
    run: Run
    breaks: dict[str, str]
    rounds: int
    proving_rounds: int = 2
    port: int = 8820
    workers: tuple[int, ...] = (1,)

    def command(self) -> click.Command:
        """`--database`, `--rounds` and so on, the same for every drill."""
        return click.Command(
            self.name,
            callback=self._main,
            help=sys.modules[self.run.__module__].__doc__,
            params=[
                click.Option(["--database", "databases"], type=click.Choice(DATABASES), multiple=True),
                click.Option(["--rounds"], type=int, default=self.rounds, show_default=True),
                click.Option(["--seed"], type=int, default=1, show_default=True),
                click.Option(["--port"], type=int, default=self.port, show_default=True),
                click.Option(["--broken"], default="", help="Only this broken build of perf.broken."),
                click.Option(["--prove/--no-prove"], default=True, help="First the broken build."),
                click.Option(["--json", "is_json"], is_flag=True, help="One object a line."),
            ],
        )

    def _main(
        self,
        *,
        databases: tuple[str, ...],
        rounds: int,
        seed: int,
        port: int,
        broken: str,
        prove: bool,
        is_json: bool,
    ) -> None:
        signal.signal(
            signal.SIGTERM, lambda _number, _frame: sys.exit(143)
        )  # so that everything is stopped when we are
        are_good = []
        for database in databases or tuple(self.breaks):
            for is_proof, trial in self._trials(database, rounds, seed, port, broken, prove):
                line = self._proved(trial) if is_proof else self._tried(trial)
                click.echo(json.dumps(line.as_dict()) if is_json else str(line))
                are_good.append(line.is_good)
        sys.exit(not all(are_good))

    def _trials(
        self, database: str, rounds: int, seed: int, port: int, broken: str, prove: bool
    ) -> Iterator[tuple[bool, Trial]]:
        proof = broken or (self.breaks[database] if prove else "")
        if proof:
            yield True, Trial(Path(), database, port, self.proving_rounds, seed, proof, self.workers[0])
        if not broken:
            for workers in self.workers if database == "sqlite" else self.workers[-1:]:
                yield False, Trial(Path(), database, port, rounds, seed, "", workers)

    def _tried(self, trial: Trial) -> Line:
        return Line(self.name, trial, self._run(trial), "")

    def _proved(self, trial: Trial) -> Line:
        """On a broken build what is good is that its verdict fails, be it that nothing can be read any more. That it is
        too slow, or says nothing at all, shows nothing."""
        try:
            outcome = self._run(trial)
        except (sqlite3.DatabaseError, psycopg.DatabaseError) as error:
            return Line(self.name, trial, None, f"the database cannot be read: {error}")
        except RuntimeError as error:
            if not str(error).startswith("PostgreSQL did not start"):
                raise
            return Line(self.name, trial, None, "PostgreSQL does not start any more")
        faults = ", ".join(f"{name} {count}" for name, count in outcome.verdict.faults.items())
        return Line(self.name, trial, outcome, faults)

    def _run(self, trial: Trial) -> Outcome:
        folder = Path(tempfile.mkdtemp(prefix=f"drill-{self.name}-"))
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        try:
            return self.run(replace(trial, folder=folder / "scene"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Line:
    """What is printed of one trial."""

    drill: str
    trial: Trial
    outcome: Outcome | None
    seen: str
    """Of a broken build: what gave it away."""

    @property
    def is_good(self) -> bool:
        if self.trial.broken:
            return bool(self.seen)
        return self.outcome is not None and self.outcome.is_good

    def as_dict(self) -> dict[str, object]:
        found = self.outcome
        return {
            "drill": self.drill,
            "database": self.trial.database,
            "workers": self.trial.workers,
            "broken": self.trial.broken,
            "ok": self.is_good,
            "seen": self.seen,
            "missed": found.missed if found else [],
            **(asdict(found.verdict) if found else {}),
            **(found.told if found else {}),
        }

    def __str__(self) -> str:
        where = f"{self.drill} {self.trial.database} x{self.trial.workers}"
        head = f"{'ok' if self.is_good else 'FAIL':4} {where:24}"
        if self.trial.broken:
            return (
                f"{head} self-check: {self.trial.broken} {f'seen: {self.seen}' if self.seen else 'NOT seen'}"
            )
        assert self.outcome
        told = "  ".join(f"{name} {value}" for name, value in self.outcome.told.items())
        return "\n     ".join([f"{head} {self.outcome.verdict}", told, *self.outcome.missed])
