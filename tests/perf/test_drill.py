"""The drill's own bookkeeping: it agrees with a story nothing of which is lost, and sees each thing that is."""

from __future__ import annotations

import itertools
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from perf import bench_sizes, spoilt
from perf.drill_kill import Figure, _line
from perf.kept import left_to_do, lost, never_said, said_twice
from perf.product import descendants
from perf.spoilt import noticed
from tenfold import flow
from tenfold.imaging.reading import CleanPicture
from tenfold.people.models import Journey
from tenfold.simulation.history import KINDS, Kind, Told, answered, left_open, read
from tests import cast
from tests.conftest import FrozenClock

sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the drill reads SQLite's own file")


@dataclass
class Drill:
    """A story as the drill's crowd would have told it, and the database it left."""

    stage: cast.Stage
    history: list[Told] = field(default_factory=list)
    database: Path = Path()

    def _told(self, kind: Kind, **known: str) -> None:
        self.history.append({"number": len(self.history), "kind": kind, "became": "answered", **known})

    def comes(self, name: str, slug: str = "") -> Journey:
        slug = slug or self.stage.code.slug
        shown = flow.scanned(slug=slug, visitor_id=None)
        self._told("scan", slug=slug, visitor=shown.visitor_id.hex)
        assert shown.group
        journey = flow.joined(
            group=shown.group,
            visitor_id=shown.visitor_id,
            nickname=name,
            has_consented=True,
            language="en",
        )
        self._told("join", visitor=shown.visitor_id.hex)
        return journey

    def scans_again(self, journey: Journey) -> None:
        visitor: UUID = journey.person.visitor_id
        flow.scanned(slug=self.stage.code.slug, visitor_id=visitor)
        self._told("scan", slug=self.stage.code.slug, visitor=visitor.hex)

    def proves(self, journey: Journey, picture: CleanPicture, *, is_judged: bool = True) -> None:
        proof = cast.sends(journey, picture)
        self._told("screenshot", visitor=journey.person.visitor_id.hex, sha256=picture.sha256)
        if is_judged:
            cast.is_approved(proof, self.stage.owner)
            self._told("approval", proof=str(proof.id), reason="")

    def kept(self, path: Path) -> Drill:
        name = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(name)) as whole, closing(sqlite3.connect(path)) as copy:
            whole.backup(copy)
        self.database = path
        return self


@pytest.fixture
def drill(transactional_db: None, frozen: FrozenClock, tmp_path: Path) -> Drill:
    told = Drill(cast.live(stock=5))
    mia = told.comes("Mia")
    ben = told.comes("Ben", mia.code.slug)
    told.scans_again(mia)
    told.proves(mia, cast.screenshot("red"))
    told.proves(ben, cast.screenshot("blue"), is_judged=False)
    flow.posted(journey=ben, text="look", picture=cast.screenshot("gold"), key="1")
    cast.words_go_out()
    return told.kept(tmp_path / "kept.sqlite3")


def change(drill: Drill, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(drill.database)) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        assert database.execute(statement, values).rowcount > 0, statement
        database.commit()


@sqlite_only
def test_a_story_of_which_nothing_is_lost_is_whole(drill: Drill) -> None:
    assert {kind: len(answered(drill.history, kind)) for kind in KINDS} == {
        "scan": 3,
        "join": 2,
        "screenshot": 2,
        "approval": 1,
    }
    assert {kind: lost(drill.database, drill.history, kind) for kind in KINDS} == dict.fromkeys(KINDS, 0)
    assert (said_twice(drill.database), never_said(drill.database), left_to_do(drill.database)) == (0, 0, 0)


@sqlite_only
def test_every_kind_of_damage_is_noticed(drill: Drill, tmp_path: Path) -> None:
    found = dict(noticed(drill.database, drill.history, tmp_path))
    assert len(found) >= 6
    assert [name for name, is_seen in found.items() if not is_seen] == []
    # ... and the database itself was left as it was.
    assert [lost(drill.database, drill.history, kind) for kind in KINDS] == [0] * len(KINDS)
    assert not (tmp_path / "spoilt.sqlite3").exists()


@sqlite_only
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_the_database_has_never_heard_of_is_lost(drill: Drill, kind: Kind) -> None:
    strange = {"slug": "ZZZZZZZZ", "visitor": "0" * 32, "sha256": "0" * 64, "proof": "0" * 32}
    told = [*drill.history, {"number": 99, "kind": kind, "became": "answered", **strange}]
    assert lost(drill.database, told, kind) == 1
    for became in ("sent", "unknown", "refused"):
        assert lost(drill.database, [*told[:-1], {**told[-1], "became": became}], kind) == 0


DAMAGE: dict[str, tuple[str, Callable[[Drill], int], int]] = {
    "one of two scans of one visitor": (
        "DELETE FROM tenfold_scan WHERE id = (SELECT max(id) FROM tenfold_scan)",
        lambda drill: lost(drill.database, drill.history, "scan"),
        1,
    ),
    "the facts of the joins": (
        "DELETE FROM tenfold_entry WHERE kind IN ('joined', 'arrived')",
        lambda drill: lost(drill.database, drill.history, "join"),
        2,
    ),
    "the proofs, with their pictures still there": (
        "DELETE FROM tenfold_proof",
        lambda drill: lost(drill.database, drill.history, "screenshot"),
        2,
    ),
    "a verdict": (
        "UPDATE tenfold_proof SET judged_at = NULL",
        lambda drill: lost(drill.database, drill.history, "approval"),
        1,
    ),
    "a post that stands in the room no more": (
        "DELETE FROM tenfold_post WHERE kind = 'bot' AND key LIKE 'reward:%'",
        lambda drill: never_said(drill.database),
        1,
    ),
    "a post nobody had queued": (
        "DELETE FROM tenfold_message WHERE moment = 'reward'",
        lambda drill: said_twice(drill.database),
        1,
    ),
    "words still to be said": (
        "UPDATE tenfold_message SET state = 'queued' WHERE moment = 'task'",
        lambda drill: left_to_do(drill.database),
        2,
    ),
    "a verdict not yet in effect": (
        "UPDATE tenfold_proof SET settled_at = NULL WHERE state = 'approved'",
        lambda drill: left_to_do(drill.database),
        1,
    ),
    "a reminder that was not counted": (
        "UPDATE tenfold_message SET moment = 'remind' WHERE moment = 'reward'",
        lambda drill: said_twice(drill.database),
        1,
    ),
}


@sqlite_only
@pytest.mark.parametrize("name", DAMAGE)
def test_each_thing_missing_is_counted(drill: Drill, name: str) -> None:
    statement, counted, expected = DAMAGE[name]
    assert counted(drill) == 0
    change(drill, statement)
    assert counted(drill) == expected


@sqlite_only
def test_what_is_as_it_should_be_is_no_damage(drill: Drill) -> None:
    """A screenshot that a newer one replaced cannot be judged any more; one that was rejected is told so each time."""
    change(drill, "UPDATE tenfold_proof SET judged_at = NULL, state = 'withdrawn'")
    assert lost(drill.database, drill.history, "approval") == 0
    change(drill, "UPDATE tenfold_message SET moment = 'remind' WHERE moment = 'reward'")
    change(drill, "UPDATE tenfold_journey SET remind_count = 1")
    assert said_twice(drill.database) == 0


@sqlite_only
def test_a_damage_that_cannot_be_done_is_an_error_and_no_praise(drill: Drill, tmp_path: Path) -> None:
    change(drill, "DELETE FROM tenfold_post WHERE kind = 'bot'")
    with pytest.raises(RuntimeError, match="the damage was not done"):
        list(noticed(drill.database, drill.history, tmp_path))


def test_a_drill_without_a_single_answer_cannot_praise_itself(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        list(spoilt._damages([]))


# --- what the drill says, and the processes it kills ----------------------------------------------------------


def test_a_failure_stands_out_with_its_target() -> None:
    assert _line(Figure("scans lost", 1, "0", False)).split() == [
        "FAIL",
        "scans",
        "lost",
        "1",
        "(target:",
        "0)",
    ]
    assert _line(Figure("scans lost", 0, "0", True)).startswith("ok ")


def test_all_descendants_are_found_and_nobody_else() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        parent.stdout.readline()
        found = descendants(parent.pid)
        parent.communicate(b"\n")
    assert len(found) == 1
    assert parent.pid not in found
    assert descendants(found[0]) == []


def test_a_history_on_disk_is_read_as_it_was_told(tmp_path: Path) -> None:
    path, numbers = tmp_path / "history.jsonl", itertools.count(1)
    lines = []
    for became in ("answered", "unknown", "sent"):
        number = next(numbers)
        lines.append({"number": number, "kind": "scan", "became": "sent"})
        if became != "sent":
            lines.append({"number": number, "kind": "scan", "became": became})
    path.write_text("".join(json.dumps(line) + "\n" for line in reversed(lines[:2])))
    assert [each["became"] for each in read(path)] == ["sent"]  # the last line counts, whatever it says
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [each["became"] for each in read(path)] == ["answered", "unknown", "sent"]
    assert left_open(read(path)) == 2


@pytest.mark.parametrize(("is_ok", "code"), [(True, 0), (False, 1)])
def test_a_measure_that_was_missed_is_told_by_the_exit_code(
    is_ok: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    rows: list[bench_sizes.Row] = [("lines", 3.0, "<= 2", is_ok), ("told only", 1.0, "", True)]
    monkeypatch.setattr(bench_sizes, "measured", lambda: rows)
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert bench_sizes.main() == code
    assert ("missed" in capsys.readouterr().out) is not is_ok
    monkeypatch.setattr(sys, "argv", ["bench", "--json"])
    assert bench_sizes.main() == code
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["ok"] for each in told] == [is_ok, True]


def test_the_ninetieth_percentile_is_that() -> None:
    assert bench_sizes.percentile_90(list(range(1, 100))) == 90
