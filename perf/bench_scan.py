"""How much of a server's own speed is left when every scan is on disk before its answer.

The product is started on a database with 100,000 live codes, whose participants share already, and loaded by wrk over
kept connections; one request in five comes from a phone that was here before. The server has core 0 and wrk core 1,
so this needs two. PostgreSQL may use both: it is a third party, and told apart (`--database-cores` pins it).
In turn with the door the same server answers a constant 302 through the same raw interface with the same options;
what counts is the door's share of that, the median of the rounds' own ratios. Rates alone say more about the machine.

One transaction a scan, the baseline to beat, is measured the same way against the same constant answer.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from perf.drill_kill import Figure
from perf.ground import SAID, Ground, ground
from perf.rounds import WARM_SECONDS, Row, interleaved
from perf.served import PRODUCT
from perf.wrk import every_code_once, need_wrk, scan

RATIOS = {("sqlite", 64): 0.5, ("sqlite", 256): 0.75, ("postgresql", 64): 0.35, ("postgresql", 256): 0.5}
# The rest is promised at this many connections.
PROMISED_AT = 256
P99_RATIO, CPU_RATIO, SPEED_UP = 2.5, 2.0, 10.0
BASELINE_AT = (64, 256)
MEMORY_MIB, MEMORY_CODES, MEMORY_SECONDS = 150.0, 1_000_000, 60.0
PROFILE_SECONDS = 30.0
CONSTANT, ONE_BY_ONE = "perf.constant:application", "perf.one_by_one:application"
PROFILED = "perf.profiled:application"


@dataclass(frozen=True)
class Wishes:
    rounds: int
    seconds: float
    connections: tuple[int, ...]
    port: int
    cores: str
    codes: int


def _numbers(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter("numbers with commas between them") from error


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=3.0, show_default=True, help="Of each measurement.")
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True
)
@click.option("--connections", default="1,8,64,256,1000", show_default=True, callback=_numbers)
@click.option("--codes", default=100_000, show_default=True)
@click.option("--memory", "is_memory", is_flag=True, help="Only the memory of a door with 1,000,000 codes.")
@click.option(
    "--profile",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only where its time goes, into this file.",
)
@click.option("--database-cores", "cores", default="", help="Cores for PostgreSQL, as 0 or 0,1; else all.")
@click.option("--port", default=8810, show_default=True, help="The first of three.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(
    database: str,
    is_memory: bool,
    profile: Path | None,
    is_json: bool,
    **wished: int | float | str | tuple[int, ...],
) -> None:
    need_wrk()
    wishes = Wishes(**wished)  # type: ignore[arg-type]
    figures: list[Figure] = []
    for each in ["sqlite", "postgresql"] if database == "both" else [database]:
        if profile:
            told = _profile(each, wishes, profile.with_stem(f"{profile.stem}-{each}"))
        else:
            told = _memory(each, wishes) if is_memory else _speed(each, wishes, is_silent=is_json)
        for figure in told:
            figures.append(figure)
            if is_json or figure.target:  # the table tells the others
                click.echo(json.dumps(asdict(figure)) if is_json else _line(figure))
    sys.exit(not all(figure.ok for figure in figures))


# --- what is measured -----------------------------------------------------------------------------------------


def _speed(database: str, wishes: Wishes, *, is_silent: bool) -> Iterator[Figure]:
    with ground(database, wishes.port + 2, "--codes", str(wishes.codes), cores=wishes.cores) as stage:
        yield Figure(f"{database}: filled in, s", round(stage.filling_seconds, 1), "", True)
        yield from _promises(stage)
        rows = _rows(stage, PRODUCT, wishes, wishes.connections)
        at_once = [many for many in wishes.connections if many in BASELINE_AT]
        single = _rows(stage, ONE_BY_ONE, wishes, at_once)
        if not is_silent:
            click.echo(table(database, rows, single))
        for row in rows:
            yield from figures_of(database, row)
        yield from _speed_ups(database, rows, single)
        yield _rebuilt(stage)


def _rows(stage: Ground, target: str, wishes: Wishes, connections: Sequence[int]) -> list[Row]:
    with stage.serve(target, wishes.port) as door, stage.serve(CONSTANT, wishes.port + 1) as constant:
        return interleaved(
            stage, door, constant, connections=connections, rounds=wishes.rounds, seconds=wishes.seconds
        )


def _promises(stage: Ground) -> Iterator[Figure]:
    is_durable = stage.is_durable()
    said = SAID[stage.database]
    yield Figure(f"{stage.database}: on disk", said if is_durable else "no", said, is_durable)
    yield _rebuilt(stage)


def _rebuilt(stage: Ground) -> Figure:
    told = stage.rebuilt()
    return Figure(f"{stage.database}: rebuild", told, "No difference", told.startswith("No difference"))


def _memory(database: str, wishes: Wishes) -> Iterator[Figure]:
    """Random scans over all of a million codes; so many that a memory without a bound would show itself."""
    with ground(database, wishes.port + 2, "--codes", str(MEMORY_CODES), "--bare") as stage:
        with stage.serve(PRODUCT, wishes.port) as door:
            before = door.memory_mib()
            load = scan(door.base, stage.load, connections=64, seconds=MEMORY_SECONDS, seed=1)
            after = door.memory_mib()
        yield Figure(f"{database}: memory at start, MiB", round(before, 1), "", True)
        yield Figure(f"{database}: scans over {MEMORY_CODES:,} codes", load.requests, "", True)
        yield Figure(f"{database}: wrong answers", load.wrong, "0", load.wrong == 0)
        yield Figure(f"{database}: memory, MiB", round(after, 1), f"<= {MEMORY_MIB:g}", after <= MEMORY_MIB)


def _profile(database: str, wishes: Wishes, path: Path) -> Iterator[Figure]:
    with (
        ground(database, wishes.port + 2, "--codes", str(wishes.codes), cores=wishes.cores) as stage,
        stage.serve(PROFILED, wishes.port, PERF_PROFILE=str(path.resolve())) as door,
    ):
        every_code_once(door.base, stage.load, most_seconds=WARM_SECONDS)
        path.unlink(missing_ok=True)
        load = scan(door.base, stage.load, connections=PROMISED_AT, seconds=PROFILE_SECONDS, seed=1)
        time.sleep(1.5)  # it is written every second
    yield Figure(f"{database}: scans in {path}", load.requests, "> 0", load.requests > 0)


# --- what is told ---------------------------------------------------------------------------------------------


def figures_of(database: str, row: Row) -> Iterator[Figure]:
    at = f"{database}, {row.connections} connections:"
    least = RATIOS.get((database, row.connections))
    yield _figure(f"{at} of the constant's rate", row.rate_ratio, least=least)
    is_promised = row.connections == PROMISED_AT
    yield _figure(f"{at} times the constant's p99", row.p99_ratio, most=P99_RATIO if is_promised else None)
    yield _figure(f"{at} times the constant's CPU", row.cpu_ratio, most=CPU_RATIO if is_promised else None)
    for name, value in asdict(row.door).items():
        if name != "wrong":
            yield _figure(f"{at} {NAMES[name]}", value)
    for name in ("rate", "p50", "p99", "cpu"):
        yield _figure(f"{at} constant's {NAMES[name]}", getattr(row.constant, name))
    wrong = row.door.wrong + row.constant.wrong
    yield Figure(f"{at} wrong answers", wrong, "0", wrong == 0)


NAMES = {
    "rate": "a second",
    "p50": "p50, ms",
    "p99": "p99, ms",
    "cpu": "CPU, us",
    "database_cpu": "CPU of the database's server, us",
    "batch": "scans a commit",
    "memory": "memory, MiB",
    "others": "meanwhile used by others, % of a core",
}


def _speed_ups(database: str, rows: Sequence[Row], single: Sequence[Row]) -> Iterator[Figure]:
    """Both as shares of the constant answer's rate, as they were measured one after the other."""
    ratio = {row.connections: row.rate_ratio for row in rows}
    found = {row.connections: ratio[row.connections] / row.rate_ratio for row in single if row.rate_ratio}
    for many, times in found.items():
        yield _figure(f"{database}, {many} connections: times one transaction a scan", times)
    if found:
        yield _figure(f"{database}: best times one transaction a scan", max(found.values()), least=SPEED_UP)
    for row in single:
        yield _figure(f"{database}, {row.connections} connections: one by one, a second", row.door.rate)


def _figure(name: str, value: float, *, least: float | None = None, most: float | None = None) -> Figure:
    target = f">= {least:g}" if least else f"<= {most:g}" if most else ""
    is_ok = (least is None or value >= least) and (most is None or value <= most)
    return Figure(name, float(f"{value:.3g}") if value < 1000 else round(value), target, is_ok)


def _line(figure: Figure) -> str:
    return f"{'ok' if figure.ok else 'MISSED':7}{figure.name:60} {figure.value}   (target: {figure.target})"


HEAD = ("connections", "scans/s", "constant/s", "ratio", "p50 ms", "constant", "p99 ms", "constant", "scans a commit",
        "CPU us", "x constant", "database CPU us", "MiB", "others %", "one by one/s")  # fmt: skip


def table(database: str, rows: Sequence[Row], single: Sequence[Row]) -> str:
    """As it can stand in a page."""
    one = {row.connections: f"{row.door.rate:,.0f}" for row in single}
    lines = [f"\n{database} ({SAID[database]})\n", _cells(HEAD), _cells(["---"] * len(HEAD))]
    for row in rows:
        door, constant = row.door, row.constant
        numbers = [door.p50, constant.p50, door.p99, constant.p99, door.batch, door.cpu]
        lines.append(
            _cells(
                [
                    f"{row.connections:,}",
                    f"{door.rate:,.0f}",
                    f"{constant.rate:,.0f}",
                    f"{row.rate_ratio:.2f}",
                    *[f"{number:.1f}" for number in numbers],
                    f"{row.cpu_ratio:.2f}",
                    f"{door.database_cpu:.1f}",
                    f"{door.memory:.0f}",
                    f"{max(door.others, constant.others):.0f}",
                    one.get(row.connections, ""),
                ]
            )
        )
    return "\n".join(lines) + "\n"


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
