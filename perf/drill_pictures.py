"""Hostile pictures, one after the other, through the process that decodes what strangers send, and what survives that
through the whole look: each has its verdict within 2 s of CPU and 768 MB, nothing ends but that process, and not a
byte of what is beside the pixels comes out."""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import click

from perf import watched
from perf.broken_child import BREAKS
from perf.picture_bombs import BOMBS, SECRET
from perf.picture_corpora import Corpus, claim, corpora, screens
from tenfold.imaging import cell
from tenfold.imaging.child import CLEANING, LOOKING, Child, Died, Limits, NoChild, twice
from tenfold.imaging.examine import EVERYTHING, can_look
from tenfold.imaging.headers import Unreadable, bare

T = TypeVar("T")
MB = 1024 * 1024
MOST_SECONDS, MOST_BYTES = 2.0, 768 * MB
# How long a task may take by the clock on a busy machine is not what is tried here, nor who goes first.
PATIENCE = 300.0


@dataclass
class Tally:
    """What became of one corpus, and the worst of it with its name."""

    corpus: str
    became: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    metadata_bytes: int = 0
    seconds: dict[str, tuple[float, str]] = field(default_factory=dict)
    peaks: dict[str, tuple[int, str]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def note(self, part: str, spent: Spent, name: str) -> None:
        self.seconds[part] = max(self.seconds.get(part, (0.0, "")), (spent.seconds, name))
        self.peaks[part] = max(self.peaks.get(part, (0, "")), (spent.peak, name))
        if spent.seconds > MOST_SECONDS:
            self.missed.append(f"{name}: {spent.seconds:.2f} s of CPU to {part}")
        if spent.peak > MOST_BYTES:
            self.missed.append(f"{name}: {spent.peak / MB:.0f} MB to {part}")

    def figures(self) -> Iterator[tuple[str, float, float]]:
        """(name, value, at most)."""
        for part in self.seconds:
            yield f"{self.corpus}: worst CPU seconds to {part}", round(self.seconds[part][0], 3), MOST_SECONDS
            yield f"{self.corpus}: worst MB to {part}", self.peaks[part][0] // MB, MOST_BYTES // MB
        yield f"{self.corpus}: metadata bytes out", self.metadata_bytes, 0
        yield f"{self.corpus}: missed", len(self.missed), 0


@dataclass
class Spent:
    seconds: float = 0.0
    peak: int = 0


class Kept:
    """A child as the product has it, but replaced by us after as many tasks, so that the kernel can be asked first."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lasting = replace(limits, tasks=sys.maxsize // 10, grown_bytes=sys.maxsize)
        self.child = Child(self._lasting)
        self._tasks = 0

    def ready(self) -> Child:
        """Loaded, and young enough."""
        self._tasks += 1
        if self._tasks > self.limits.tasks:
            self.close()
            self.child, self._tasks = Child(self._lasting), 1
        if self.child.pid is None:
            self.child.clean(screens()[0])
        return self.child

    def close(self) -> None:
        self.child.close()

    @contextmanager
    def watch(self, spent: Spent) -> Iterator[None]:
        """What a task takes, also one that its process dies of. Loading is no part of it."""
        pid = self.ready().pid
        assert pid
        before, ended_before = watched.cpu_seconds(pid), _ended_seconds()
        watched.forget_peak(pid)
        try:
            yield
        finally:
            if self.child.pid == pid:
                spent.seconds += watched.cpu_seconds(pid) - before
                spent.peak = max(spent.peak, watched.peak_bytes(pid))
            else:
                spent.seconds += _ended_seconds() - ended_before - before


def _ended_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Drill:
    """`looks`: at most so many of a corpus are looked at after they were cleaned."""

    def __init__(self, looks: int) -> None:
        self._cleaner, self._looker = (
            Kept(replace(each, wall_seconds=PATIENCE, nice=0)) for each in (CLEANING, LOOKING)
        )
        self._looks = looks if can_look() else 0

    def close(self) -> None:
        self._cleaner.close()
        self._looker.close()

    def tried(self, corpus: Corpus) -> Tally:
        tally = Tally(corpus.name)
        for name, data in corpus.files:
            clean = self._cleaned(name, data, tally)
            if clean is None and corpus.is_honest:
                tally.missed.append(f"{name}: an honest picture does not come out")
            if clean is not None and tally.looked.total() < self._looks:
                self._looked(name, clean, tally)
        return tally

    def _cleaned(self, name: str, data: bytes, tally: Tally) -> bytes | None:
        spent = Spent()
        clean, became = self._verdict(name, tally, self._cleaner, spent, lambda child: child.clean(data).data)
        tally.became[became] += 1
        tally.note("clean", spent, name)
        if clean is not None:
            tally.metadata_bytes += _beside(clean)
        return clean

    def _looked(self, name: str, clean: bytes, tally: Tally) -> None:
        spent = Spent()
        _found, became = self._verdict(
            name, tally, self._looker, spent, lambda child: child.examine(clean, claim(), wants=EVERYTHING)
        )
        tally.looked[became] += 1
        tally.note("look", spent, name)

    def _verdict(
        self, name: str, tally: Tally, kept: Kept, spent: Spent, act: Callable[[Child], T]
    ) -> tuple[T | None, str]:
        def once() -> T:
            try:
                with kept.watch(spent):
                    return act(kept.child)
            except Died as died:
                tally.deaths[str(died)] += 1
                if died.reason == "failed":
                    tally.missed.append(f"{name}: {died}")
                raise

        try:
            return twice(once), "read"
        except Unreadable as unreadable:
            return None, unreadable.reason
        except NoChild as none:
            return None, f"no child: {none}"


def _beside(clean: bytes) -> int:
    """Bytes of a picture that came out that are not its own."""
    try:
        bare(clean)
    except Unreadable:
        return len(clean)
    return len(SECRET) if SECRET in clean else 0


def proved(name: str) -> Tally:
    """A broken build on what it is broken for: good is a drill that misses something."""
    file = {"no-limits": "jpeg 300 scans", "as-sent": "png and a zip behind it"}[name]
    whole, cell.PROGRAM = cell.PROGRAM, ("perf.broken_child", name)
    drill = Drill(looks=0)
    try:
        return drill.tried(Corpus(f"self-check {name}", [(file, BOMBS[file]())], is_honest=name == "as-sent"))
    finally:
        drill.close()
        cell.PROGRAM = whole


@click.command(help=__doc__)
@click.option("--mutants", "mutant_count", default=10_000, show_default=True)
@click.option("--seed", default=20251122, show_default=True)
@click.option(
    "--looks", default=sys.maxsize, help="At most so many looks a corpus; without it all that survive."
)
@click.option("--pillow/--no-pillow", "has_pillow", default=True, help="Pillow's own test images, by pip.")
@click.option(
    "--broken", type=click.Choice(list(BREAKS)), help="Only this broken build of perf.broken_child."
)
@click.option("--prove/--no-prove", default=True, help="First the broken builds.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(
    mutant_count: int, seed: int, looks: int, has_pillow: bool, broken: str | None, prove: bool, is_json: bool
) -> None:
    is_good = True
    for name in [broken] if broken else list(BREAKS) if prove else []:
        seen = proved(name).missed
        is_good &= bool(seen)
        _tell_proof(name, seen, is_json)
    if not broken:
        if not can_look():
            click.echo("SKIPPED: looks; the extra `review` is not installed.", err=True)
        tallies = _tallies(mutant_count, seed, looks, has_pillow, is_json)
        is_good &= all(value <= most for tally in tallies for _name, value, most in tally.figures())
    sys.exit(not is_good)


def _tallies(mutants: int, seed: int, looks: int, has_pillow: bool, is_json: bool) -> list[Tally]:
    drill = Drill(looks)
    if not is_json:
        click.echo(_ROW.format(*_HEADINGS))
    tallies = []
    try:
        for corpus in corpora(mutant_count=mutants, seed=seed, has_pillow=has_pillow):
            tallies.append(drill.tried(corpus))
            _tell(tallies[-1], is_json)
    finally:
        drill.close()
    return tallies


_HEADINGS = ("", "files", "read", "refused", "deaths", "metadata", "clean s", "MB", "looks", "look s", "MB")
_ROW = "{:10} {:>6} {:>6} {:>8} {:>7} {:>9} {:>8} {:>5} {:>6} {:>7} {:>5}"


def _tell(tally: Tally, is_json: bool) -> None:
    if is_json:
        for name, value, most in tally.figures():
            click.echo(json.dumps({"name": name, "value": value, "target": most, "ok": value <= most}))
        return
    click.echo(_ROW.format(*_cells(tally)))
    for sentence in tally.missed:
        click.echo(f"    MISSED {sentence}")
    for what, counter in (("verdicts", tally.became), ("looks", tally.looked), ("deaths", tally.deaths)):
        if counter:
            click.echo(
                f"    {what}: " + ", ".join(f"{count} {name}" for name, count in counter.most_common())
            )


def _cells(tally: Tally) -> list[object]:
    files, read = tally.became.total(), tally.became["read"]
    worst = [
        value
        for part in ("clean", "look")
        for value in (
            f"{tally.seconds.get(part, (0.0,))[0]:.2f}",
            tally.peaks.get(part, (0,))[0] // MB,
        )
    ]
    return [
        tally.corpus,
        files,
        read,
        files - read,
        tally.deaths.total(),
        tally.metadata_bytes,
        *worst[:2],
        tally.looked.total(),
        *worst[2:],
    ]


def _tell_proof(name: str, seen: list[str], is_json: bool) -> None:
    if is_json:
        told = {"name": f"self-check: {name} is seen", "value": len(seen), "target": 1, "ok": bool(seen)}
        click.echo(json.dumps(told))
    else:
        click.echo(
            f"{'ok' if seen else 'FAIL':4} self-check: {name} {'seen: ' + seen[0] if seen else 'NOT seen'}"
        )


if __name__ == "__main__":
    main()
