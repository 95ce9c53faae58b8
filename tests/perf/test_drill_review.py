"""The launch night's own bookkeeping: it sees what is lost, what is there twice, and what nobody decides."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.db import connection

from perf import review_chart as chart
from perf.drill_review import Happened, _figures
from perf.load import History, Scan
from perf.review_night import Counted, Point, Told, Watch, counted
from tenfold import flow
from tenfold.base import clock
from tests import cast

sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the drill reads SQLite's own file")
COLOURS = ("teal", "olive", "navy")


@pytest.fixture
def night(tmp_path: Path) -> tuple[Path, list[Told]]:
    """Three screenshots: one approved, one not, one that waits."""
    stage = cast.live()
    told, proofs = [], []
    for name in COLOURS:
        proofs.append(cast.sends(cast.joins(stage, name), cast.screenshot(name)))
        digest = hashlib.sha256(cast.picture_bytes(name)).hexdigest()
        told.append(Told(digest, 302, 0.1, 1))
    flow.judged(proof=proofs[0], operator=stage.owner, is_approved=True)
    flow.judged(proof=proofs[1], operator=stage.owner, is_approved=False, reason="no_poster")
    database = tmp_path / "night.sqlite3"
    with closing(sqlite3.connect(database)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    return database, told


@sqlite_only
@pytest.mark.django_db(transaction=True)
class TestCounted:
    def test_a_night_without_a_loss(self, night: tuple[Path, list[Told]]) -> None:
        found = counted(str(night[0]), night[1])
        assert (found.kept, found.lost, found.twice, set(found.faults.values())) == (3, 0, 0, {0})
        assert found.states == {"approved": 1, "rejected": 1, "waiting": 1}

    @pytest.mark.parametrize(
        ("damage", "is_seen"),
        [
            ("DELETE FROM tenfold_proof WHERE state = 'waiting'", lambda found: found.lost == 1),
            (
                "UPDATE tenfold_proof SET judged_by_id = NULL WHERE state = 'approved'",
                lambda found: found.faults["nobody's"] == 1,
            ),
            (
                "DELETE FROM tenfold_entry WHERE kind = 'proof_judged'",
                lambda found: found.faults["decided without a fact"] == 2,
            ),
            (
                "UPDATE tenfold_entry SET data = (SELECT data FROM tenfold_entry WHERE kind = 'proof_judged')"
                " WHERE kind = 'proof_judged'",
                lambda found: found.faults["decided twice"] == 1,
            ),
            (
                "UPDATE tenfold_proof SET picture_id = (SELECT picture_id FROM tenfold_proof LIMIT 1)",
                lambda found: found.lost == 2 and found.twice == 1,
            ),
        ],
    )
    def test_damage_is_seen(
        self, night: tuple[Path, list[Told]], damage: str, is_seen: Callable[[Counted], bool]
    ) -> None:
        with closing(sqlite3.connect(night[0])) as link, link:
            link.execute("PRAGMA foreign_keys = OFF")
            link.execute(damage)
        assert is_seen(counted(str(night[0]), night[1]))

    def test_queues_are_counted(self, night: tuple[Path, list[Told]]) -> None:
        later = (clock.now() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        before = Watch(str(night[0])).now()
        assert (before.sent, before.people, before.hidden, before.decided) == (3, 1, 0, 0)
        with closing(sqlite3.connect(night[0])) as link, link:
            link.execute("UPDATE tenfold_proof SET people_at = ? WHERE state = 'waiting'", (later,))
        hidden = Watch(str(night[0])).now()
        assert (hidden.people, hidden.hidden) == (0, 1)


POINTS = [Point(0, 0, 0, 0, 0, 0), Point(30, 10, 4, 6, 6, 0), Point(60, 20, 15, 1, 1, 4)]


def scans(seconds: float) -> History:
    return History([Scan(0.0, seconds, "S", "v", 302, "") for _nth in range(200)])


def happened(*, lost: int = 0, busy: float = 0.012) -> Happened:
    states = {"approved": 15, "waiting": 5}
    found = Counted(20, lost, 0, {"decided twice": 0}, states, [1.0, 2.0, 3.0])
    told = [Told(str(nth), 302, 0.1, 1) for nth in range(20)]
    return Happened(scans(0.01), scans(busy), told, POINTS, [12.0], 0.0, found, 0, True)


def test_a_good_night_passes() -> None:
    assert [figure for figure in _figures(happened(), 20) if not figure.ok] == []


@pytest.mark.parametrize(
    ("night", "name"),
    [(happened(lost=1), "lost"), (happened(busy=0.016), "p99 meanwhile, times idle")],
)
def test_a_bad_one_fails(night: Happened, name: str) -> None:
    assert [figure.name for figure in _figures(night, 20) if not figure.ok] == [name]


def test_the_chart_stands_by_itself() -> None:
    drawn = chart.svg(POINTS, [12.0], "5 < 6 & more")
    root = ElementTree.fromstring(drawn)
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4
    assert all(len(line.attrib["points"].split()) == len(POINTS) for line in lines)
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_the_chart_in_text_has_a_line_a_while() -> None:
    head, *lines = chart.text(POINTS, 30.0)
    assert "machine" in head
    assert len(lines) == 3
    assert lines[1].split()[:5] == ["30", "10", "4", "6", "0"]
    assert "#" in lines[1]
    assert "=" in lines[2]
