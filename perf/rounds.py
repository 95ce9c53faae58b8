"""Two servers measured in turn, round by round, so that a noisy neighbour disturbs both; and the medians of it."""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perf import wrk
from perf.ground import Ground
from perf.served import Served, Used, busy_seconds

WARM_SECONDS = 60.0
# Every group of the stage is a built-in room with room left, so that every scan is answered by a 302 to one.
RIGHT = "group"


@dataclass(frozen=True)
class Seen:
    """One measurement of one server. Times are milliseconds, CPU times microseconds a request, memory MiB.

    `batch` is how many scans were kept by one commit, 0 where that is not counted; `others` what everybody else on this
    machine has used meanwhile, in percent of one core: a figure taken beside others is none. `wrong` counts requests
    that were not answered by a 302 to a group.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    batch: float
    memory: float
    others: float
    wrong: int


@dataclass(frozen=True)
class Pair:
    """The door and the constant answer, one right after the other."""

    door: Seen
    constant: Seen


@dataclass(frozen=True)
class Row:
    """Medians over the rounds at so many connections; ratios are medians of each round's own ratio."""

    connections: int
    door: Seen
    constant: Seen
    rate_ratio: float
    p99_ratio: float
    cpu_ratio: float


@dataclass(frozen=True)
class Moment:
    """What had been used up to now: by the server, by PostgreSQL, by us and our wrk, by everybody on this machine."""

    at: float
    server: Used
    database: float
    ours: float
    everybody: float


def moment(server: Served, ground: Ground) -> Moment:
    ours = sum(os.times()[:4])
    return Moment(time.monotonic(), server.used(), ground.database_cpu(), ours, busy_seconds())


def measured(server: Served, ground: Ground, *, connections: int, seconds: float, seed: int) -> Seen:
    server.wait_until_quiet()
    before = moment(server, ground)
    load = wrk.scan(server.base, ground.load, connections=connections, seconds=seconds, seed=seed)
    return seen(load, before, moment(server, ground), server.memory_mib())


def seen(load: wrk.Load, before: Moment, after: Moment, memory: float) -> Seen:
    scans = {name: count - before.server.scans.get(name, 0) for name, count in after.server.scans.items()}
    batches = after.server.batches - before.server.batches
    server, database = after.server.cpu_seconds - before.server.cpu_seconds, after.database - before.database
    others = after.everybody - before.everybody - server - database - (after.ours - before.ours)
    return Seen(
        rate=load.rate,
        p50=load.p50,
        p99=load.p99,
        cpu=server * 1e6 / max(load.requests, 1),
        database_cpu=database * 1e6 / max(load.requests, 1),
        batch=sum(scans.values()) / batches if batches else 0.0,
        memory=memory,
        others=max(100 * others / (after.at - before.at), 0.0),
        wrong=load.wrong + int(sum(count for name, count in scans.items() if name != RIGHT)),
    )


def interleaved(
    ground: Ground, door: Served, constant: Served, *, connections: Sequence[int], rounds: int, seconds: float
) -> list[Row]:
    """Who is measured first alternates."""
    wrk.every_code_once(door.base, ground.load, most_seconds=WARM_SECONDS)
    pairs = defaultdict[int, list[Pair]](list)
    for nth, place in itertools.product(range(rounds), range(len(connections))):
        many, told = connections[place], {}
        for server in (door, constant) if (nth + place) % 2 else (constant, door):
            told[server] = measured(server, ground, connections=many, seconds=seconds, seed=nth + 1)
        pairs[many].append(Pair(told[door], told[constant]))
        _tell(ground.database, nth, many, pairs[many][-1])
    return [row(many, pairs[many]) for many in connections]


def _tell(database: str, nth: int, many: int, pair: Pair) -> None:
    print(
        f"{database}, round {nth + 1}, {many} connections: {pair.door.rate:.0f} a second,"
        f" constant {pair.constant.rate:.0f}, p99 {pair.door.p99:.1f} ms, constant {pair.constant.p99:.1f} ms,"
        f" others {pair.door.others:.0f} % and {pair.constant.others:.0f} % of a core",
        file=sys.stderr,
    )


def row(connections: int, pairs: Sequence[Pair]) -> Row:
    return Row(
        connections,
        door=middle([pair.door for pair in pairs]),
        constant=middle([pair.constant for pair in pairs]),
        rate_ratio=_ratio(pairs, lambda seen: seen.rate),
        p99_ratio=_ratio(pairs, lambda seen: seen.p99),
        cpu_ratio=_ratio(pairs, lambda seen: seen.cpu),
    )


def middle(many: Sequence[Seen]) -> Seen:
    """The median of each number on its own; of wrong answers all, since there must be none."""
    names = ("rate", "p50", "p99", "cpu", "database_cpu", "batch", "memory", "others")
    medians = {name: statistics.median(getattr(each, name) for each in many) for name in names}
    return Seen(**medians, wrong=sum(each.wrong for each in many))


def _ratio(pairs: Sequence[Pair], number: Callable[[Seen], float]) -> float:
    return statistics.median(number(pair.door) / (number(pair.constant) or 1) for pair in pairs)
