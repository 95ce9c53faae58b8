"""The launch night's own bookkeeping: it sees what is lost, what is there twice, and what nobody decides."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from math import inf
from xml.etree import ElementTree

import psycopg
import pytest
from django.db import connection
from django.db.models import F, QuerySet

from perf import review_chart as chart
from perf.drill_review import Happened, _figures
from perf.load import History, Scan
from perf.reader import Reader
from perf.review_night import HIDDEN_SECONDS, Counted, Point, Told, Wait, Watch, counted
from perf.truth import connect
from tenfold import flow
from tenfold.base import clock
from tenfold.proofs.models import Look, Proof
from tenfold.proofs.rules import MACHINE_FIRST
from tests import cast
from tests.perf.address import address

LOOSE = {"sqlite": "PRAGMA foreign_keys = OFF", "postgresql": "SET session_replication_role = replica"}
COLOURS = ("teal", "olive", "navy")


@pytest.fixture
def told(transactional_db: None) -> list[Told]:
    """Of three screenshots: one approved, one not, one that waits."""
    stage = cast.live()
    told, proofs = [], []
    for name in COLOURS:
        proofs.append(cast.sends(cast.joins(stage, name), cast.screenshot(name)))
        digest = hashlib.sha256(cast.picture_bytes(name)).hexdigest()
        told.append(Told(digest, 302, 0.1, 1))
    flow.judged(proof=proofs[0], operator=stage.owner, is_approved=True)
    flow.judged(proof=proofs[1], operator=stage.owner, is_approved=False, reason="no_poster")
    return told


def damage(statement: str) -> None:
    """Past whatever the database holds together."""
    with closing(connect(address())) as link:
        link.execute(LOOSE[connection.vendor])
        link.execute(statement)
        link.commit()


def waiting() -> QuerySet[Proof]:
    return Proof.objects.filter(state="waiting")


class TestCounted:
    def test_a_night_without_a_loss(self, told: list[Told]) -> None:
        found = counted(address(), told)
        assert (found.kept, found.lost, found.twice, set(found.faults.values())) == (3, 0, 0, {0})
        assert found.states == {"approved": 1, "rejected": 1, "waiting": 1}

    @pytest.mark.parametrize(
        ("statement", "is_seen"),
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
                "DELETE FROM tenfold_entry WHERE kind = 'proof_judged'",
                lambda found: found.faults["decided without a fact"] == 2,
            ),
            (
                "UPDATE tenfold_entry SET data = ("
                "SELECT data FROM tenfold_entry WHERE kind = 'proof_judged' ORDER BY id LIMIT 1"
                ") WHERE kind = 'proof_judged'",
                lambda found: found.faults["decided twice"] == found.faults["decided without a fact"] == 1,
            ),
            (
                "UPDATE tenfold_proof SET picture_id = (SELECT picture_id FROM tenfold_proof LIMIT 1)",
                lambda found: found.lost == 2 and found.twice == 1,
            ),
        ],
    )
    def test_damage_is_seen(
        self, told: list[Told], statement: str, is_seen: Callable[[Counted], bool]
    ) -> None:
        damage(statement)
        assert is_seen(counted(address(), told))

    def test_one_kept_from_people_for_too_long_is_seen(self, told: list[Told]) -> None:
        for minutes, faults in ((1, 0), (10, 1)):
            waiting().update(people_at=F("sent_at") + timedelta(minutes=minutes))
            assert counted(address(), told).faults["without an end"] == faults

    def test_a_look_that_decides_nothing_and_shows_nobody_is_seen(self, told: list[Told]) -> None:
        waiting().update(people_at=clock.now() + timedelta(seconds=90))
        Look.objects.filter(proof__in=waiting()).update(state="done")
        assert counted(address(), told).faults["without an end"] == 1
        waiting().update(people_at=clock.now())
        assert counted(address(), told).faults["without an end"] == 0

    def test_what_is_not_looked_at_yet_has_waited_for_ever(self, told: list[Told]) -> None:
        [approved] = Proof.objects.filter(state="approved")
        Look.objects.update(state="done")
        Look.objects.filter(proof=approved).update(state="queued")
        decided = Proof.objects.filter(state="rejected")
        decided.update(is_machine=True, judged_at=F("sent_at") + timedelta(seconds=4))
        found = sorted(counted(address(), told).waits, key=lambda wait: wait.seconds)
        assert [wait.seconds for wait in found] == [pytest.approx(4.0, abs=0.01), inf]
        sent = [decided.get().sent_at.timestamp(), approved.sent_at.timestamp()]
        assert [wait.sent_at for wait in found] == [pytest.approx(at, abs=0.01) for at in sent]

    def test_queues_are_counted(self, told: list[Told]) -> None:
        before = Watch(address()).now()
        assert (before.sent, before.people, before.hidden, before.decided) == (3, 1, 0, 0)
        assert before.machine == Look.objects.filter(state__in=["queued", "running"]).count() > 0
        waiting().update(people_at=clock.now() + timedelta(hours=1))
        hidden = Watch(address()).now()
        assert (hidden.people, hidden.hidden) == (0, 1)


def test_who_only_reads_cannot_write(transactional_db: None) -> None:
    with Reader(address()) as reader:
        assert reader.number("SELECT count(*) FROM tenfold_proof WHERE people_at > now()") == 0
        with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
            reader.rows("DELETE FROM tenfold_proof")


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
