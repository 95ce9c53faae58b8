"""The launch night's own bookkeeping: it sees what is lost, what is there twice, and what nobody decides."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from math import inf
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.db import connection

from perf import review_chart as chart
from perf.drill_review import Happened, _figures
from perf.load import History, Scan
from perf.review_night import HIDDEN_SECONDS, Counted, Point, Told, Wait, Watch, counted
from tenfold import flow
from tenfold.base import clock
from tenfold.proofs.models import Proof
from tenfold.proofs.rules import MACHINE_FIRST
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
                "UPDATE tenfold_proof SET settle_at = NULL WHERE state = 'approved'",
                lambda found: found.faults["without an end"] == 1,
            ),
            (
                "UPDATE tenfold_proof SET people_at = datetime(sent_at, '+10 minutes') WHERE state = 'waiting'",
                lambda found: found.faults["without an end"] == 1,
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

    def test_a_look_that_decides_nothing_and_shows_nobody_is_seen(
        self, night: tuple[Path, list[Told]]
    ) -> None:
        waiting = Proof.objects.get(state="waiting")
        now = clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")
        later = (clock.now() + timedelta(seconds=90)).strftime("%Y-%m-%d %H:%M:%S.%f")
        with closing(sqlite3.connect(night[0])) as link, link:
            link.execute("PRAGMA foreign_keys = OFF")
            values = (later, waiting.pk.hex)
            link.execute("UPDATE tenfold_proof SET people_at = ? WHERE id = ?", values)
            link.execute("UPDATE tenfold_look SET state = 'done' WHERE proof_id = ?", values[1:])
        assert counted(str(night[0]), night[1]).faults["without an end"] == 1
        with closing(sqlite3.connect(night[0])) as link, link:
            link.execute("UPDATE tenfold_proof SET people_at = ? WHERE id = ?", (now, waiting.pk.hex))
        assert counted(str(night[0]), night[1]).faults["without an end"] == 0

    def test_what_is_not_looked_at_yet_has_waited_for_ever(self, night: tuple[Path, list[Told]]) -> None:
        with closing(sqlite3.connect(night[0])) as link, link:
            link.execute("UPDATE tenfold_look SET state = 'done'")
            link.execute(
                "UPDATE tenfold_look SET state = 'queued' WHERE proof_id = (SELECT id FROM tenfold_proof LIMIT 1)"
            )
            machine = "UPDATE tenfold_proof SET is_machine = 1, judged_at = datetime(sent_at, '+4 seconds')"
            link.execute(f"{machine} WHERE state = 'rejected'")
        took = sorted(
            round(wait.seconds) if wait.seconds < inf else inf
            for wait in counted(str(night[0]), night[1]).waits
        )
        assert took[-1] == inf
        assert 3 <= took[0] <= 4

    def test_queues_are_counted(self, night: tuple[Path, list[Told]]) -> None:
        later = (clock.now() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        before = Watch(str(night[0])).now()
        assert (before.sent, before.people, before.hidden, before.decided) == (3, 1, 0, 0)
        with closing(sqlite3.connect(night[0])) as link, link:
            link.execute("UPDATE tenfold_proof SET people_at = ? WHERE state = 'waiting'", (later,))
        hidden = Watch(str(night[0])).now()
        assert (hidden.people, hidden.hidden) == (0, 1)


POINTS = [
    Point(0, 0, 0, 0, 0, 0),
    Point(2, 1, 0, 1, 1, 0),
    Point(30, 10, 4, 6, 6, 0),
    Point(60, 20, 15, 1, 1, 4),
]


def scans(seconds: float) -> History:
    return History([Scan(0.0, seconds, "S", "v", 302, "") for _nth in range(200)])


def happened(
    *,
    lost: int = 0,
    busy: float = 0.012,
    waits: tuple[float, ...] = (2.0,) * 20,
    sent_at: float = 1001.0,
    kills: int = 1,
    idle: int = 200,
) -> Happened:
    """`waits` are of what was sent together, while POINTS count from second 1000."""
    states = {"approved": 15, "waiting": 5}
    counts = [Wait(sent_at, seconds) for seconds in waits]
    found = Counted(20, lost, 0, {"decided twice": 0}, states, counts)
    told = [Told(str(nth), 302, 0.1, 1) for nth in range(20)]
    before = History(scans(0.01).scans[:idle])
    return Happened(before, scans(busy), told, POINTS, [12.0], 0.0, found, 0, True, kills, 1000.0)


def test_a_good_night_passes() -> None:
    assert [figure for figure in _figures(happened(), 20) if not figure.ok] == []


@pytest.mark.parametrize(
    ("night", "names"),
    [
        (happened(lost=1), ["lost"]),
        (
            happened(busy=0.016),
            [
                "p99 meanwhile, times idle (16.0 / 10.0 ms)",
                "p99 not just after a kill, times idle (16.0 / 10.0 ms)",
            ],
        ),
        (happened(waits=(6.0,) * 20), ["p50 to such a verdict, s"]),
        (happened(waits=(2.0,) * 18 + (60.0, inf)), ["p95 to such a verdict, s"]),
        (
            happened(sent_at=1040.0),
            [
                "verdicts while the queue is not behind",
                "p50 to such a verdict, s",
                "p95 to such a verdict, s",
            ],
        ),
        (happened(kills=2), ["kill -9 of the worker and its children"]),
    ],
)
def test_a_bad_one_fails(night: Happened, names: list[str]) -> None:
    assert [figure.name for figure in _figures(night, 20) if not figure.ok] == names


def test_a_night_without_scans_before_it_shows_nothing() -> None:
    failed = {figure.name for figure in _figures(happened(idle=0), 20) if not figure.ok}
    assert "scans answered, idle and meanwhile" in failed


def test_every_line_has_a_target() -> None:
    assert all(figure.target[0] in "<>=0123456789a" for figure in _figures(happened(), 20))
    assert not any("told" in figure.target for figure in _figures(happened(), 20))


def test_the_bound_is_the_product_s() -> None:
    assert MACHINE_FIRST.total_seconds() == HIDDEN_SECONDS


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
