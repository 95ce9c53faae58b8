"""Ten minutes at half of what it can: nothing grows, nothing slows down, and every answer is recorded exactly once.

How much the door can is found first by a short run of wrk. Then so many scans a second are due, whatever the door does,
from new phones and from some that come again. The worker runs beside it, as it does in earnest. What was answered is
compared with what is recorded scan by scan (code and visitor), by a count and by a sum of prints that does not care for
order: millions of scans need no memory that way.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Self

import click

from perf import wrk
from perf.drill_kill import Figure
from perf.ground import Ground, ground
from perf.load import History, Load, Wishes
from perf.product import descendants
from perf.served import PRODUCT, Served, rss_mib
from perf.truth import SCANS, connect, stuck

SLICES = 20
CONNECTIONS, MAXIMUM_AT = 512, 256
WARM_SECONDS, MAXIMUM_SECONDS = 120.0, 15.0
# Enough for everybody who comes: a line would be another measurement.
GROUPS = 60
# Between the middle and the last third, in percent; and times, between the first and the last.
MEMORY_GROWTH, P99_GROWTH = 5.0, 1.5


@dataclass(frozen=True)
class Tally:
    """Scans, whatever their order: how many, and the sum of their prints."""

    count: int
    prints: int

    def __sub__(self, other: Tally) -> Self:
        return type(self)(self.count - other.count, (self.prints - other.prints) % 2**64)


def tally(scans: Iterable[tuple[str, str, int]]) -> Tally:
    """Of (slug, visitor, how often)."""
    count = prints = 0
    for slug, visitor, times in scans:
        count += times
        prints += times * int.from_bytes(blake2b(f"{slug} {visitor}".encode(), digest_size=8).digest(), "big")
    return Tally(count, prints % 2**64)


def added(tallies: Iterable[Tally]) -> Tally:
    each = list(tallies)
    return Tally(sum(one.count for one in each), sum(one.prints for one in each) % 2**64)


@dataclass(frozen=True)
class Slice:
    """A part of the time. p50 and p99 in milliseconds from when a scan was due, memory in MiB.

    `unsent` are scans for which all connections were busy until the end: nobody has refused them.
    """

    answered: Tally
    unanswered: int
    unsent: int
    p50: float
    p99: float
    door: float
    worker: float


def sliced(history: History, door: float, worker: float) -> Slice:
    answered = history.answered
    times = sorted(scan.seconds * 1000 for scan in answered) or [float("inf")]
    return Slice(
        answered=tally((scan.slug, scan.visitor, 1) for scan in answered),
        unanswered=len(history.scans) - len(answered),
        unsent=history.unsent,
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
        door=door,
        worker=worker,
    )


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--share", default=0.5, show_default=True, help="Of what the door can at most.")
@click.option("--port", default=8815, show_default=True, help="The first of two.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(minutes: float, database: str, share: float, port: int, is_json: bool) -> None:
    wrk.need_wrk()
    figures: list[Figure] = []
    with ground(database, port + 1, "--groups", str(GROUPS)) as stage:
        for figure in _soak(stage, port, minutes=minutes, share=share):
            figures.append(figure)
            click.echo(json.dumps(asdict(figure)) if is_json else _line(figure))
    sys.exit(not all(figure.ok for figure in figures))


def _soak(stage: Ground, port: int, *, minutes: float, share: float) -> Iterator[Figure]:
    with stage.serve(PRODUCT, port) as door, _worker(stage) as worker:
        wrk.every_code_once(door.base, stage.load, most_seconds=WARM_SECONDS)
        most = wrk.scan(door.base, stage.load, connections=MAXIMUM_AT, seconds=MAXIMUM_SECONDS, seed=1).rate
        door.wait_until_quiet()
        before = _recorded(stage)
        wishes = Wishes(port, _slugs(stage), connections=CONNECTIONS, rate=share * most)
        yield Figure("the most, a second", round(most), "", True)
        yield Figure("offered a second", round(share * most), "", True)
        slices = [_slice(wishes, nth, minutes * 60 / SLICES, door, worker) for nth in range(SLICES)]
    yield from told(slices, _recorded(stage) - before)
    yield _zero("seats stuck", stuck(stage.address))
    rebuilt = stage.rebuilt()
    yield Figure("rebuild", rebuilt, "No difference", rebuilt.startswith("No difference"))


def _slice(wishes: Wishes, nth: int, seconds: float, door: Served, worker: subprocess.Popen[bytes]) -> Slice:
    history = Load(Wishes(**{**asdict(wishes), "seed": nth})).during(seconds)
    part = sliced(history, door.memory_mib(), max(rss_mib([worker.pid, *descendants(worker.pid)])))
    print(
        f"part {nth + 1}: answered {part.answered.count}, not {part.unanswered}, unsent {part.unsent},"
        f" p50 {part.p50:.1f} ms, p99 {part.p99:.1f} ms, door {part.door:.1f} MiB, worker {part.worker:.1f} MiB",
        file=sys.stderr,
    )
    return part


def _slugs(stage: Ground) -> tuple[str, ...]:
    return tuple((stage.load / "codes.txt").read_text().split())


def _recorded(stage: Ground) -> Tally:
    with closing(connect(stage.address)) as link:
        return tally(link.execute(SCANS))


@contextmanager
def _worker(stage: Ground) -> Iterator[subprocess.Popen[bytes]]:
    process = stage.start("-P", "-m", "tenfold", "worker")
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


# --- what it comes to -----------------------------------------------------------------------------------------


def told(slices: Sequence[Slice], recorded: Tally) -> Iterator[Figure]:
    answered = added(part.answered for part in slices)
    yield Figure("answered", answered.count, "> 0", answered.count > 0)
    yield _zero("not answered", sum(part.unanswered for part in slices))
    yield Figure("not sent, as all connections were busy", sum(part.unsent for part in slices), "", True)
    yield _zero("recorded and not answered, or the other way", abs(recorded.count - answered.count))
    is_same = recorded == answered
    yield Figure("codes and visitors", "the same" if is_same else "others", "the same", is_same)
    for name, sizes in (
        ("door", [part.door for part in slices]),
        ("worker", [part.worker for part in slices]),
    ):
        _first, middle, last = thirds(sizes)
        growth = 100 * (last - middle) / middle
        is_flat = growth <= MEMORY_GROWTH
        yield Figure(f"memory of the {name}, MiB", round(last, 1), "", True)
        yield Figure(f"memory of the {name} grew by, %", round(growth, 1), f"<= {MEMORY_GROWTH:g}", is_flat)
    first, _middle, last = thirds([part.p99 for part in slices])
    yield Figure("p99 at first, ms", round(first, 1), "", True)
    yield Figure("p99 at last, ms", round(last, 1), f"<= {P99_GROWTH:g} x", last <= P99_GROWTH * first)


def thirds(values: Sequence[float]) -> tuple[float, float, float]:
    """The median of the first, of the middle and of the last third."""
    size = max(len(values) // 3, 1)
    parts = (values[:size], values[size:-size] or values, values[-size:])
    first, middle, last = (statistics.median(part) for part in parts)
    return first, middle, last


def _zero(name: str, value: int) -> Figure:
    return Figure(name, value, "0", value == 0)


def _line(figure: Figure) -> str:
    target = f"   (target: {figure.target})" if figure.target else ""
    return f"{'ok' if figure.ok else 'FAIL':4} {figure.name:50} {figure.value}{target}"


if __name__ == "__main__":
    main()
