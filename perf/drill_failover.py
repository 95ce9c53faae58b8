"""PostgreSQL is stopped, killed and replaced by its standby under load: no answer is lost, and the door finds its way.

First the server ends in every way there is and comes back, again and again, in one life of the door. Then, each round
on a new pair, the line to the standby stands still for 0.7 s, the primary dies with its machine, and the standby is
promoted. With a standby that is waited for nothing that was answered is missing on it. With one that is not, the same
fault has to show as lost answers, and the product has to have warned of it at its start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

from perf.cluster import Cluster, wait_until
from perf.drill_door import settle
from perf.frame import Drill, Outcome, Told, Trial, together, worst
from perf.load import History, Load, Wishes
from perf.scene import Scene
from perf.truth import judged

ASYNCHRONOUS = "asynchronous"
WARNING = "standby not waited for"
# Between two ends of the server, and from an end to the start by whoever looks after it; in seconds.
SHORTEST_LIFE, LONGEST_LIFE = 1.0, 2.0
SHORTEST_ABSENCE, LONGEST_ABSENCE = 0.2, 2.5
STANDS_STILL_SECONDS = 0.7
AFTER_SECONDS = 4.0
# From the moment the server takes writes again to the first scan that is answered.
RECOVERY_SECONDS = 3.0
SCANS_A_SECOND, CONNECTIONS = 300.0, 64
ENDS: dict[str, Callable[[Cluster], None]] = {
    "fast stop": lambda cluster: cluster.stop(),
    "immediate stop": lambda cluster: cluster.stop(immediate=True),
    "postmaster killed": lambda cluster: cluster.kill(all_of_it=False),
    "all killed": lambda cluster: cluster.kill(),
}


def run(trial: Trial) -> Outcome:
    found = [] if trial.broken else [_restarted(trial)]
    return together([*found, *(_promoted(trial, nth) for nth in range(trial.rounds))])


# --- the same server again ------------------------------------------------------------------------------------


def _restarted(trial: Trial) -> Outcome:
    """Every end of the server, as often as there are rounds, in one life of the door."""
    told, missed, dice = Told(), list[str](), Random(trial.seed)
    with trial.scene() as scene:
        assert scene.cluster
        slugs = scene.prepare(groups=60, capacity=400)
        with scene.door() as door, scene.worker():
            lived, load = door.family, _load(scene, slugs, trial.seed)
            _wait_for_the_crowd(scene.cluster)
            backs = [
                (name, _ended_and_started(scene.cluster, end, dice))
                for name, end in list(ENDS.items()) * trial.rounds
            ]
            time.sleep(AFTER_SECONDS)
            history = load.stop()
            if door.family != lived:
                missed.append("the door had to start again")
            settle(scene)
            verdict = judged(scene.database, history.scans, scene.environment)
    for name, back_at in backs:
        told = worst(told, {f"{name}, s": _recovery(history, back_at)})
    told["busy"] = sum(scan.status == 503 for scan in history.scans)
    told["broke off"] = sum(scan.status == 0 for scan in history.scans)
    return Outcome(verdict, told, missed + _too_slow(told))


def _load(scene: Scene, slugs: tuple[str, ...], seed: int) -> Load:
    wishes = Wishes(scene.port, slugs, connections=CONNECTIONS, rate=SCANS_A_SECOND, seed=seed)
    return Load(wishes).start()


def _wait_for_the_crowd(cluster: Cluster) -> None:
    """Until scans come in: before that, nothing could get lost."""
    wait_until(lambda: cluster.ask("SELECT count(*) FROM tenfold_scan")[0][0] > 50, "nobody comes")


def _ended_and_started(cluster: Cluster, end: Callable[[Cluster], None], dice: Random) -> float:
    """When the server was back."""
    time.sleep(dice.uniform(SHORTEST_LIFE, LONGEST_LIFE))
    end(cluster)
    time.sleep(dice.uniform(SHORTEST_ABSENCE, LONGEST_ABSENCE))
    cluster.start()
    return time.monotonic()


def _recovery(history: History, back_at: float) -> float:
    """Seconds from then to the first answer."""
    answers = (scan.at + scan.seconds - back_at for scan in history.answered)
    return round(min((after for after in answers if after >= 0), default=999.0), 2)


def _too_slow(told: Told) -> list[str]:
    slow = {
        name: value
        for name, value in told.items()
        if name.endswith(", s") and float(value) > RECOVERY_SECONDS
    }
    return [f"{name}: {value} s, more than {RECOVERY_SECONDS} s" for name, value in slow.items()]


# --- the standby in its place ---------------------------------------------------------------------------------


def _promoted(trial: Trial, nth: int) -> Outcome:
    """One pair, one failover."""
    is_waited_for = trial.broken != ASYNCHRONOUS
    place = trial.folder / f"pair-{nth}"
    place.mkdir(parents=True)
    with Cluster(trial.port + 10, within=place) as primary:
        scene = Scene(place, trial.port, primary, trial.workers)
        slugs = scene.prepare(groups=60, capacity=400)
        standby = primary.standby(trial.port + 11, synchronous=is_waited_for)
        scene.extra = {"DATABASE_URL": _either(primary, standby), "TENFOLD_LOG_LEVEL": "WARNING"}
        after = replace(scene, cluster=standby)
        with scene.door() as door, scene.worker():
            lived, load = door.family, _load(scene, slugs, trial.seed + nth)
            _wait_for_the_crowd(primary)
            time.sleep(Random(trial.seed + nth).uniform(SHORTEST_LIFE, LONGEST_LIFE))
            promoted_at = _fails_over(primary, standby)
            time.sleep(AFTER_SECONDS)
            history = load.stop()
            missed = ["the door had to start again"] if door.family != lived else []
            settle(after)
            verdict = judged(after.database, history.scans, after.environment)
        if (WARNING in scene.log.read_text()) is is_waited_for:
            raise RuntimeError(f"warned or not, the wrong way round:\n{door.told}")
    told: Told = {"promoted, s": _recovery(history, promoted_at)}
    # Of the careless pair lost answers alone are to be seen.
    return Outcome(verdict, told, missed + _too_slow(told) if is_waited_for else [])


def _either(one: Cluster, other: Cluster) -> str:
    """Both hosts, and whoever takes writes."""
    ports = f"port={one.port},{other.port}"
    return f"postgresql://tenfold@/tenfold?host=127.0.0.1,127.0.0.1&{ports}&target_session_attrs=read-write"


def _fails_over(primary: Cluster, standby: Cluster) -> float:
    """When the standby took writes."""
    primary.hold_back()
    time.sleep(STANDS_STILL_SECONDS)
    primary.kill()
    standby.promote()
    return time.monotonic()


DRILL = Drill(
    "failover",
    run,
    breaks={"postgresql": ASYNCHRONOUS},
    rounds=3,
    proving_rounds=1,
    port=8840,
)

if __name__ == "__main__":
    DRILL.command()()
