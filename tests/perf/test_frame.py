"""How a drill is run and what it prints: a broken build has to be seen, and the real one has to be without a fault."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from perf import scene
from perf.broken import BREAKS
from perf.drill_clock import DRILL as CLOCK
from perf.drill_door import DRILL as DOOR
from perf.drill_full import DRILL as FULL
from perf.drill_power import DRILL as POWER
from perf.drill_storm import DRILL as STORM
from perf.frame import NO_FSYNC, Drill, Outcome, Trial
from perf.truth import Verdict

GOOD = Verdict(answered=9, recorded=9, lost=0, oversold=0, stuck=0)


def run(drill: Drill, *options: str) -> Result:
    return CliRunner().invoke(drill.command(), options)


def drill(run: Callable[[Trial], Outcome]) -> Drill:
    return Drill("toy", run, breaks={"sqlite": "normal"}, rounds=3, proving_rounds=1)


def honest(trial: Trial) -> Outcome:
    assert trial.rounds == (1 if trial.broken else 3)
    return Outcome(replace(GOOD, lost=2) if trial.broken else GOOD, {"kills": trial.rounds})


def blind(_trial: Trial) -> Outcome:
    return Outcome(GOOD)


def test_the_broken_build_comes_first_and_then_the_real_one() -> None:
    done = run(drill(honest))
    proof, real, told = done.stdout.splitlines()
    assert proof == f"ok   {'toy sqlite x1':24} self-check: normal seen: lost 2"
    assert real.startswith(f"ok   {'toy sqlite x1':24} answered 9  recorded 9  lost 0  oversold 0  stuck 0")
    assert told.strip() == "kills 3"
    assert done.exit_code == 0


def test_a_drill_that_does_not_see_the_broken_build_has_failed() -> None:
    done = run(drill(blind))
    assert "FAIL" in done.stdout.splitlines()[0]
    assert "normal NOT seen" in done.stdout
    assert done.exit_code == 1
    assert run(drill(blind), "--no-prove").exit_code == 0


def test_a_broken_build_that_is_only_slow_has_shown_nothing() -> None:
    slow = drill(lambda _trial: Outcome(GOOD, missed=["not back in time"]))
    assert run(slow, "--broken", "normal").exit_code == 1


@pytest.mark.parametrize(
    "outcome", [Outcome(replace(GOOD, oversold=1)), Outcome(GOOD, missed=["not back in time"])]
)
def test_a_fault_or_a_target_that_was_missed_is_a_failure(outcome: Outcome) -> None:
    done = run(drill(lambda _trial: outcome), "--no-prove")
    assert done.stdout.startswith("FAIL")
    assert all(sentence in done.stdout for sentence in outcome.missed)
    assert done.exit_code == 1


def test_a_broken_build_may_leave_nothing_that_can_be_read() -> None:
    def unreadable(_trial: Trial) -> Outcome:
        raise sqlite3.DatabaseError("malformed")

    done = run(drill(unreadable), "--broken", "normal")
    assert "seen: the database cannot be read: malformed" in done.stdout
    assert done.exit_code == 0
    assert run(drill(unreadable), "--no-prove").exit_code == 1, "of the real one it is a failure"


def test_json_has_an_object_a_line() -> None:
    proof, real = map(json.loads, run(drill(honest), "--json").stdout.splitlines())
    assert (proof["broken"], proof["ok"], proof["seen"]) == ("normal", True, "lost 2")
    assert (real["ok"], real["answered"], real["lost"], real["kills"]) == (True, 9, 0, 3)


def test_every_trial_has_a_folder_of_its_own_that_is_gone_afterwards() -> None:
    folders = list[Path]()

    def seen(trial: Trial) -> Outcome:
        assert trial.folder.parent.is_dir()
        folders.append(trial.folder.parent)
        return blind(trial)

    run(drill(seen))
    assert len(set(folders)) == 2
    assert not any(folder.exists() for folder in folders)


@pytest.mark.parametrize("one", [DOOR, POWER, FULL, CLOCK, STORM], ids=lambda drill: drill.name)
def test_every_drill_proves_itself_on_both_databases_by_a_build_there_is(one: Drill) -> None:
    assert set(one.breaks) == {"sqlite", "postgresql"}
    assert set(one.breaks.values()) <= {*BREAKS, NO_FSYNC}
    assert one.command().help


def test_nothing_of_the_callers_database_reaches_a_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody/else")
    monkeypatch.setenv("TENFOLD_DATA", "/somewhere/else")
    found = scene.Scene(tmp_path, 8820)
    assert "DATABASE_URL" not in found.environment
    assert found.environment["TENFOLD_DATA"] == str(tmp_path / "data")
    assert found.database == str(tmp_path / "data" / "tenfold.sqlite3")
