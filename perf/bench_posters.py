"""How many personal posters are made in the time in which the fastest encoder writes one whole picture.

Every poster is for somebody else: a new code, name and face, stamped on the ground of a design that is prepared,
encoded and joined. In turn with it, in this process and on this core, simplejpeg encodes the pixels of the very same
poster with the same quality. What counts is the ratio of both CPU times over the upright posters (1080 by 1920) that
come with the install, the median of the rounds' own ratios; every design is told on its own beside it.

Then many pairs of a design and a person, no two designs alike: the bytes are those of Pillow's encode of the whole
picture with the same interval, others read the file without a warning, and its code is read from a chat's thumbnail
(0.28 of the size, JPEG of quality 60). The goal stands for `--pairs 10000`, which takes long.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import click

from perf.drill_kill import Figure
from perf.posters_pairs import Found, compared
from perf.posters_people import LANGUAGES, Look, looks
from perf.posters_readers import readers
from perf.posters_rounds import (
    Seen,
    Stand,
    cold,
    full_encode,
    pixels_of,
    seen,
    stand,
    timed,
    together,
    warm,
    whole_file,
)
from perf.posters_worker import asked, processes, rate_of

RATIO, COLD = 2.0, 60.0
COLD_TIMES = 5  # each design, always with other words
DECODERS = 5
# Posters of each design before anything is measured: a storm brings them in a second, and common characters are kept.
WARM = 200


@dataclass(frozen=True)
class Wishes:
    rounds: int
    posters: int
    pairs: int
    seed: int
    cores: tuple[int, ...]
    seconds: float


@click.command(help=__doc__)
@click.option("--rounds", default=7, show_default=True)
@click.option("--posters", default=20, show_default=True, help="Of each design in a round.")
@click.option(
    "--pairs", default=300, show_default=True, help="Of a design and a person; 0 to leave them out."
)
@click.option("--seconds", default=1.0, show_default=True, help="Of one and of two processes, in each round.")
@click.option("--seed", default=1, show_default=True)
@click.option("--core", default=-1, help="The core to keep to; else the last one.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(rounds: int, posters: int, pairs: int, seconds: float, seed: int, core: int, is_json: bool) -> None:
    cores = sorted(os.sched_getaffinity(0))
    kept = core if core in cores else cores[-1]
    os.sched_setaffinity(0, {kept})
    wishes = Wishes(
        rounds, posters, pairs, seed, (kept, *(other for other in cores if other != kept)), seconds
    )
    are_good = True
    for figure in measured(wishes):
        are_good = are_good and figure.ok
        click.echo(json.dumps(asdict(figure)) if is_json else line(figure))
    sys.exit(not are_good)


def measured(wishes: Wishes) -> Iterator[Figure]:
    found = looks(wishes.seed)
    tall = [stand(look, wishes.seed) for look in found if look.is_tall_poster]
    yield from _speed(tall, wishes)
    yield from _other_formats(tall)
    yield from _other_designs(found, wishes)
    yield from _cold(tall, wishes.seed)
    yield from _processes(wishes)
    if wishes.pairs:
        yield from _pairs(wishes)


# --- speed ------------------------------------------------------------------------------------------------------


def _speed(stands: Sequence[Stand], wishes: Wishes) -> Iterator[Figure]:
    for one in stands:
        warm(one, WARM)
    rounds = defaultdict[str, list[Seen]](list)
    for nth in range(wishes.rounds):
        told = {one.look.name: seen(one, wishes.posters, ours_first=nth % 2 == 0) for one in stands}
        for name, each in told.items():
            rounds[name].append(each)
        rounds[""].append(together(list(told.values())))
        print(f"round {nth + 1}: {_said(rounds[''][-1])}", file=sys.stderr)
    yield from speed_figures(rounds.pop(""))
    for name, some in rounds.items():
        yield _figure(f"{name}: ratio", median(each.ratio for each in some))


def _other_designs(found: Sequence[Look], wishes: Wishes) -> Iterator[Figure]:
    """Everything else that comes with the install, one after the other: each takes memory while it is prepared."""
    for look in found:
        if look.language == LANGUAGES[-1] and not look.is_tall_poster:
            one = stand(look, wishes.seed)
            warm(one, wishes.posters)
            rounds = [seen(one, wishes.posters, ours_first=nth % 2 == 0) for nth in range(wishes.rounds)]
            yield _figure(f"{look.name}: ratio", median(each.ratio for each in rounds))


def speed_figures(rounds: Sequence[Seen]) -> Iterator[Figure]:
    """Of the upright posters: the promise, and what it is made of."""

    def milliseconds(name: str, numbers: Sequence[float]) -> Figure:
        return _figure(f"{name}, ms", 1000 * median(numbers))

    yield _figure("JPEG over simplejpeg's full encode", median(each.ratio for each in rounds), least=RATIO)
    yield _figure("the same, worst round", min(each.ratio for each in rounds))
    yield _figure("the same, best round", max(each.ratio for each in rounds))
    yield _figure("JPEG posters a second", median(each.posters / each.ours for each in rounds))
    yield _figure("simplejpeg's encodes a second", median(each.posters / each.full for each in rounds))
    yield milliseconds("JPEG poster", [each.ours / each.posters for each in rounds])
    yield milliseconds("of which drawing", [each.drawing / each.posters for each in rounds])
    yield milliseconds("simplejpeg's encode", [each.full / each.posters for each in rounds])
    yield _figure("bytes over simplejpeg's", median(each.our_bytes / each.full_bytes for each in rounds))


def _said(told: Seen) -> str:
    ours, full = told.ours / told.posters, told.full / told.posters
    return f"{ours * 1000:.2f} ms a poster, {full * 1000:.2f} ms a full encode, ratio {told.ratio:.2f}"


def _other_formats(stands: Sequence[Stand]) -> Iterator[Figure]:
    """Made when somebody asks for one; there is no promise."""
    full = _full_encode(stands)
    for kind, name in (("image/png", "PNG"), ("image/webp", "WebP")):
        seconds = median(whole_file(one, kind) for one in stands)  # type: ignore[arg-type]
        yield _figure(f"{name} over simplejpeg's full encode", full / seconds)
        yield _figure(f"{name} poster, ms", 1000 * seconds)


def _full_encode(stands: Sequence[Stand]) -> float:
    pictures = [pixels_of(one) for one in stands]
    return median(timed(lambda p=picture: full_encode(p))[0] for picture in pictures for _ in range(3))  # type: ignore[misc]


# --- the first one, memory, processes ---------------------------------------------------------------------------


def _cold(stands: Sequence[Stand], seed: int) -> Iterator[Figure]:
    """The process knows its fonts, but neither these words nor these people."""
    full, tall = _full_encode(stands), {one.look.name for one in stands}
    again = [look for nth in range(COLD_TIMES) for look in looks(seed + 1 + nth) if look.name in tall]
    times = [cold(look, seed) / full for look in again]
    yield _figure("first poster of a cold design, encodes", median(times))
    yield _figure("the same, slowest", max(times), most=COLD)
    first = asked("first", seed)
    assert isinstance(first, float)
    yield _figure("first poster of a process, encodes", first / full)


def _processes(wishes: Wishes) -> Iterator[Figure]:
    told = asked("memory", wishes.seed)
    assert isinstance(told, dict)
    more = max(told["designs"] - 1, 1)
    yield _figure("memory of a worker with one design, MiB", told["one"])
    yield _figure("memory before any design, MiB", told["idle"])
    yield _figure("memory of each further design, MiB", (told["all"] - told["one"]) / more)
    if len(wishes.cores) > 1:
        yield from _two(wishes)


def _two(wishes: Wishes) -> Iterator[Figure]:
    """In turn: the first alone, the second alone, both."""
    with processes(wishes.cores[:2], wishes.seed, wishes.seconds) as (one, other):
        rounds = [(rate_of([one]), rate_of([other]), rate_of([one, other])) for _ in range(wishes.rounds)]
    yield _figure("one process by the wall's clock, a second", median(alone for alone, _, _ in rounds))
    yield _figure("two processes on two cores, a second", median(both for _, _, both in rounds))
    yield _figure("the same over each alone", median(both / (one + other) for one, other, both in rounds))


# --- pairs ------------------------------------------------------------------------------------------------------


def _pairs(wishes: Wishes) -> Iterator[Figure]:
    with readers() as (asking, skipped):
        found = Found()
        for found in compared(wishes.pairs, wishes.seed, asking):
            if not found.designs % 20:
                print(f"{found.pairs} pairs, {found.same} the same", file=sys.stderr)
    yield from pair_figures(found, skipped)


def pair_figures(found: Found, skipped: Sequence[str]) -> Iterator[Figure]:
    yield _all("bytes of the whole encode", found.same, found.pairs)
    yield Figure("designs among them", found.designs, "", True)
    yield Figure("intervals among them", " ".join(map(str, sorted(found.intervals))), "", True)
    for name, asked_about in found.asked.items():
        yield _all(f"read by {name} without a warning", found.content[name], asked_about)
    yield Figure("decoders", len(found.asked), f">= {DECODERS}", len(found.asked) >= DECODERS)
    yield _all("codes read from a thumbnail", found.read_codes, found.codes)
    yield Figure("of which without enlarging it", found.read_at_once, "", True)
    for what in skipped:
        yield Figure("skipped", what, "", True)
    for what in found.odd:
        yield Figure("not as it should be", what, "none", False)


def _all(name: str, good: int, of: int) -> Figure:
    return Figure(name, f"{good} of {of}", "all", good == of > 0)


def _figure(name: str, value: float, *, least: float | None = None, most: float | None = None) -> Figure:
    target = f">= {least:g}" if least else f"<= {most:g}" if most else ""
    is_ok = (least is None or value >= least) and (most is None or value <= most)
    return Figure(name, float(f"{value:.3g}") if value < 1000 else round(value), target, is_ok)


def line(figure: Figure) -> str:
    verdict = "" if not figure.target else "ok" if figure.ok else "MISSED"
    target = f"   (target: {figure.target})" if figure.target else ""
    return f"{verdict:7}{figure.name:50} {figure.value}{target}"


if __name__ == "__main__":
    main()
