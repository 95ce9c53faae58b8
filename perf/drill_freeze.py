"""A door is stopped with seats in its hands for longer than its lease lives, and goes on when all of them are sold.

Two doors on one PostgreSQL. The first takes a block of seats and is frozen (SIGSTOP) while people wait at it: once
between two batches, and once in the middle of one, where its transaction stands open and holds its lease. The other
door has to sell everything meanwhile, the frozen one's seats as well. Then the first goes on with what it remembers: it
must sell none of them a second time, and whoever waited there gets an answer that is true.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import cycle

import httpx

from perf.cluster import Cluster, wait_until
from perf.frame import Drill, Outcome, Told, Trial, together
from perf.last_seats import LastSeats
from perf.load import PHONE, Load, Scan, Wishes
from perf.scene import Door
from perf.truth import connect, judged

GROUPS, CAPACITY, FREE = 4, 60, 120
LEASE_SECONDS = 4.0
# Those at the frozen door are few, and wait until it goes on.
FEW, CONNECTIONS, PATIENCE_SECONDS = 30.0, 16, 60.0
# A lease's life, the worker's next look, and selling what came back one by one.
SOLD_SECONDS = LEASE_SECONDS + 8.0
AFTER_SECONDS = 4.0
LOCKED_OUT = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'tenfold' AND wait_event_type = 'Lock'"
STANDS_OPEN = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = 'tenfold' AND state = 'idle in transaction'
    AND now() - state_change > interval '0.1 seconds'
"""


def run(trial: Trial) -> Outcome:
    """Each round freezes it in both ways."""
    return together(
        _round(trial, nth, where)
        for nth in range(trial.rounds)
        for where in ("between batches", "in a batch")
    )


def _round(trial: Trial, nth: int, where: str) -> Outcome:
    place = trial.folder / f"{nth} {where}".replace(" ", "-")
    place.mkdir(parents=True)
    with Cluster(trial.port + 10, within=place) as cluster:
        extra = {"TENFOLD_LEASE_SECONDS": str(LEASE_SECONDS)}
        scene = LastSeats(place, trial.port, cluster, 1, trial.broken, extra)
        slugs = scene.prepare_last(free=FREE, groups=GROUPS, capacity=CAPACITY, seed=trial.seed + nth)
        other = replace(scene, port=scene.port + 1, folder=place / "other")
        other.data.mkdir(parents=True)
        with scene.door() as door, other.door(), scene.worker():
            few = Wishes(
                scene.port, slugs, CONNECTIONS, FEW, seed=trial.seed + nth, patience=PATIENCE_SECONDS
            )
            load = Load(few).start()
            frozen = _freeze(scene, door, is_in_a_batch=where == "in a batch")
            sold, seconds = _sell_everything(other, slugs, frozen)
            thawed_at = time.monotonic()
            _signal(door, signal.SIGCONT)
            time.sleep(AFTER_SECONDS)
            scans = load.stop().scans
            verdict = judged(scene.database, [*scans, *sold], scene.environment)
            late = [scan for scan in scans if scan.at < thawed_at < scan.at + scan.seconds]
            told: Told = {
                f"frozen {where} with": sum(frozen.values()),
                f"all sold after, s ({where})": round(seconds, 1),
                "waited for it": len(late),
                "held": scene.held,
            }
            missed = [f"{where}: {what}" for what in _missed(scene, [*scans, *sold], late, seconds)]
    return Outcome(verdict, told, missed)


def _missed(scene: LastSeats, scans: list[Scan], late: list[Scan], seconds: float) -> Iterator[str]:
    if (held := scene.held) != FREE:
        yield f"{held} of {FREE} seats held"
    if seconds > SOLD_SECONDS:
        yield f"not sold out within {SOLD_SECONDS} s while the door was frozen"
    if not late:
        yield "nobody waited at the frozen door: nothing was tried"
    if silent := sum(scan.status not in (200, 302, 503) for scan in late):
        yield f"{silent} of those who waited got no answer"
    seated = scene.seated
    if lied_to := sum(_is_shown_a_group(scan) and scan.visitor not in seated for scan in scans):
        yield f"{lied_to} were shown a group without a seat in it"


def _is_shown_a_group(scan: Scan) -> bool:
    """By an address, or by the page with a WeChat group's QR."""
    return scan.status == 200 or scan.location.startswith("/g/")


# --- the one that is frozen -----------------------------------------------------------------------------------


def _freeze(scene: LastSeats, door: Door, *, is_in_a_batch: bool) -> dict[str, int]:
    """The seats it had in its hands at that moment, by its name."""
    wait_until(lambda: bool(scene.unused), "no door takes seats")
    if is_in_a_batch:
        with _lease_locked(scene):
            wait_until(lambda: scene.count(LOCKED_OUT) > 0, "no batch waits for its lease")
            _signal(door, signal.SIGSTOP)
        wait_until(lambda: scene.count(STANDS_OPEN) > 0, "no transaction stands open")
    else:
        _signal(door, signal.SIGSTOP)
        time.sleep(0.2)
        while scene.count(STANDS_OPEN):
            _signal(door, signal.SIGCONT)
            time.sleep(0.05)
            _signal(door, signal.SIGSTOP)
            time.sleep(0.2)
    return scene.unused


@contextmanager
def _lease_locked(scene: LastSeats) -> Iterator[None]:
    """A batch that wants to count on its lease has to wait as long, in its open transaction."""
    with closing(connect(scene.database)) as link:
        link.execute("BEGIN")
        link.execute("SELECT 1 FROM tenfold_seatlease WHERE ended_at IS NULL FOR UPDATE")
        yield


def _signal(door: Door, number: signal.Signals) -> None:
    for pid in door.family:
        os.kill(pid, number)


# --- the one that sells ---------------------------------------------------------------------------------------


def _sell_everything(
    other: LastSeats, slugs: tuple[str, ...], frozen: Collection[str]
) -> tuple[list[Scan], float]:
    """One comes after the other, and only while there is a seat: where people stand in a line, the line alone would
    keep the frozen door from selling. What they were told, and the seconds until all was sold."""
    sold, began = list[Scan](), time.monotonic()
    with httpx.Client(trust_env=False, timeout=10, headers={"User-Agent": PHONE}) as phone:
        for slug in cycle(slugs):
            seconds = time.monotonic() - began
            if other.held >= FREE or seconds > 2 * SOLD_SECONDS:
                break
            if other.for_sale(but=frozen):
                sold.append(_scan(phone, other.port, slug))
            else:
                time.sleep(0.1)
    return sold, seconds


def _scan(phone: httpx.Client, port: int, slug: str) -> Scan:
    phone.cookies.clear()
    at = time.monotonic()
    try:
        answer = phone.get(f"http://127.0.0.1:{port}/c/{slug}")
    except httpx.HTTPError:
        return Scan(at, time.monotonic() - at, slug, "", 0, "")
    visitor = str(answer.cookies.get("tf_visitor"))[:32]
    return Scan(
        at, time.monotonic() - at, slug, visitor, answer.status_code, answer.headers.get("location", "")
    )


DRILL = Drill("freeze", run, breaks={"postgresql": "no-fence"}, rounds=2, proving_rounds=1, port=8840)

if __name__ == "__main__":
    DRILL.command()()
