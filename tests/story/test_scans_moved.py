"""A database of before scans had a table of their own is brought forward: nothing is lost, and the numbers agree.

Two workspaces come forward together, as all the steps from then to now take long. That one without a scan
comes forward too is seen whenever the tests make their database.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django import DjangoDbBlocker

from tenfold import flow
from tenfold.base.keys import new_id, new_slug
from tenfold.codes.models import Scan, ScanTally
from tenfold.codes.queries import Tally, first_touch, tallies, tally_of
from tenfold.groups.models import Group, Seat
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
BEFORE = ("tenfold", "0003_a_join_that_has_to_be_shown")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IVY_CAME_AT = NOON - timedelta(days=7)


@pytest.fixture(scope="module")
def empty_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """One without a table, in the place of the tests' own for the tests of this file."""
    other = "before_scans_moved"
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            other = str(tmp_path_factory.mktemp("before") / "before.sqlite3")
        else:
            _on_the_server(f"CREATE DATABASE {other}")
        with _elsewhere(other):
            yield


@pytest.fixture
def copied_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """As the tests' own, in its place as long as the test lasts."""
    with copied(tmp_path):
        yield


@contextmanager
def copied(folder: Path) -> Iterator[None]:
    """Every table and nothing in them, as the migrations have made the tests' own, which takes long."""
    own, other = connection.settings_dict["NAME"], "copied"
    if connection.vendor == "sqlite":
        other = str(folder / "copied.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [other])
    else:
        connection.close()  # nobody may look at what is copied: not a thread that an earlier test has left either
        _on_the_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{own}'")
        _on_the_server(f"CREATE DATABASE {other} TEMPLATE {own}")
    with _elsewhere(other):
        yield


@contextmanager
def _elsewhere(other: str) -> Iterator[None]:
    own = connection.settings_dict["NAME"]
    _go_to(other)
    try:
        yield
    finally:
        _go_to(own)
        if connection.vendor != "sqlite":
            _on_the_server(f"DROP DATABASE {other}")


def _go_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _on_the_server(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


@dataclass
class Old:
    """A workspace as the product kept it before, told through the models of that time."""

    apps: Any
    moment: datetime = NOON
    codes: dict[str, Any] = field(default_factory=dict)
    groups: dict[UUID, Any] = field(default_factory=dict)
    visitors: dict[str, UUID] = field(default_factory=dict)
    told: list[tuple[Any, ...]] = field(default_factory=list)
    touched: set[tuple[UUID, UUID]] = field(default_factory=set)

    @property
    def campaigns(self) -> set[UUID]:
        return {code.campaign_id for code in self.codes.values()}

    def others(self) -> set[tuple[Any, ...]]:
        """What is told besides scans."""
        entries = self.apps.get_model("tenfold", "Entry").objects.filter(workspace_id=self.home.id)
        return set(entries.exclude(kind="scanned").values_list("id"))

    def _make(self, model: str, **fields: Any) -> Any:
        return self.apps.get_model("tenfold", model).objects.create(**fields)

    def settle(self) -> None:
        self.home = self._make("Workspace", name="Reading Club")
        for campaign, sources in (("ten books", ("seeds", "wall", "")), ("five films", ("films",))):
            made = self._make("Campaign", workspace=self.home, name=campaign, state="live")
            self.groups[made.id] = self._make(
                "Group", workspace=self.home, campaign=made, name="Readers", capacity=50
            )
            for source in sources:
                self._code(made, source)

    def _code(self, campaign: Any, source: str) -> None:
        """Of a channel, or the one of a participant, whose journey plays no part here."""
        about = {"workspace": self.home, "campaign": campaign}
        channel = self._make("Channel", **about, name=source, kind="seed") if source else None
        self.codes[source or "own"] = self._make("LiveCode", **about, channel=channel, slug=new_slug())

    def scan(self, who: str, code: str, outcome: str = "group", *, is_touch: bool = True) -> None:
        """As a scan was written: an entry, a counter, and where it is the first, a first touch and a seat."""
        self.moment += timedelta(seconds=1)
        visitor, opened = self.visitors.setdefault(who, new_id()), self.codes[code]
        campaign = opened.campaign
        group = self.groups[campaign.id] if outcome == "group" else None
        is_first = is_touch and (campaign.id, visitor) not in self.touched
        about = {"workspace_id": self.home.id, "campaign_id": campaign.id, "at": self.moment}
        if is_first:
            self.touched.add((campaign.id, visitor))
            self._make("FirstTouch", **about, visitor_id=visitor, code=opened)
            if group:
                self._hold(group, visitor, about)
        data = {"visitor": str(visitor), "outcome": outcome}
        where = group.id if group else None
        entry = self._make("Entry", **about, kind="scanned", code_id=opened.id, group_id=where, data=data)
        opened.scan_count += 1
        opened.save()
        self.told.append((entry.id, self.moment, opened.id, visitor, where, outcome, is_first, False))

    def _hold(self, group: Any, visitor: UUID, about: dict[str, Any]) -> None:
        wishes = {"workspace": self.home, "campaign": group.campaign, "group": group}
        seat = self._make("Seat", **wishes, visitor_id=visitor, expires_at=NOON + timedelta(days=900))
        self._make("Entry", **about, kind="seat_held", group_id=group.id, data={"seat": str(seat.id)})
        group.held_count += 1
        group.save()


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    state = executor.migrate(list(targets))
    return state.apps


def workspace(apps: Any) -> Old:
    told = Old(apps)
    told.settle()
    for who in ("ann", "ben", "cai"):
        told.scan(who, "seeds")
    told.scan("ann", "seeds")
    told.scan("ann", "wall")  # later codes change nothing
    told.scan("dan", "own")
    told.scan("dan", "seeds")
    told.scan("eve", "wall", "ended", is_touch=False)  # when all was over there was no first touch
    told.scan("eve", "wall", "waiting")  # ... and then the end was put off
    told.scan("fay", "seeds", "ended", is_touch=False)
    told.scan("fay", "own")
    told.scan("ann", "films")  # the same phone in another campaign
    told.scan("gus", "films", "paused")
    told.scan("gus", "films")
    told.scan("hal", "own", "ended", is_touch=False)
    return told


def loses_scans(old: Old) -> None:
    """No entry tells of Ann's and Eve's first touches, and Ivy's never had one."""
    entry, touch = (old.apps.get_model("tenfold", each).objects for each in ("Entry", "FirstTouch"))
    for who, code in (("ann", "seeds"), ("eve", "wall")):
        visitor = str(old.visitors[who])
        entry.filter(kind="scanned", code_id=old.codes[code].id, data__visitor=visitor).delete()
    ivy, films = old.visitors.setdefault("ivy", new_id()), old.codes["films"]
    touch.create(
        workspace=old.home, campaign_id=films.campaign_id, visitor_id=ivy, code=films, at=IVY_CAME_AT
    )


@dataclass
class Moved:
    """A workspace whose scans are all told, and one where some are not; and what there was besides scans."""

    whole: Old
    lost: Old
    others: set[tuple[Any, ...]]


@pytest.fixture(scope="module")
def moved(empty_database: None) -> Moved:
    apps = migrate(BEFORE)
    made = Moved(workspace(apps), workspace(apps), set())
    loses_scans(made.lost)
    made.others = made.whole.others()
    with pytest.MonkeyPatch.context() as patch:
        come_forward(patch)
    return made


def test_a_first_touch_no_scan_tells_of_is_kept(moved: Moved) -> None:
    old = moved.lost
    ann, eve, ivy = (old.visitors[who] for who in ("ann", "eve", "ivy"))
    books, films = old.codes["own"].campaign_id, old.codes["films"].campaign_id
    touches = {(books, ann): "seeds", (books, eve): "wall", (films, ann): "films", (films, ivy): "films"}
    for (campaign, visitor), code in touches.items():
        kept = first_touch(campaign_id=campaign, visitor_id=visitor)
        assert kept is not None
        assert kept.id == old.codes[code].id
    made = Scan.objects.filter(outcome="unknown")
    assert set(made.values_list("campaign_id", "visitor_id")) == {(books, ann), (books, eve), (films, ivy)}
    assert set(made.values_list("is_first", "is_hold", "group_id")) == {(True, False, None)}
    assert made.get(visitor_id=ivy).at == IVY_CAME_AT
    scans = Scan.objects.filter(campaign_id__in=old.campaigns)
    assert scans.filter(is_first=True).count() == len(old.touched) + 1
    assert tally_of(films) == Tally(4, 3)  # ivy's is counted
    assert differences() == []


def come_forward(patch: pytest.MonkeyPatch) -> None:
    """To now, a few rows at a time."""
    patch.setattr(importlib.import_module("tenfold.migrations.0005_scans_moved"), "AT_ONCE", 4)
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(*(leaf for leaf in leaves if leaf[0] == "tenfold"))


def test_every_scan_there_was_is_a_row_the_numbers_agree_and_the_story_goes_on(moved: Moved) -> None:
    old = moved.whole
    counted = {name: code.scan_count for name, code in old.codes.items()}
    scans = Scan.objects.filter(campaign_id__in=old.campaigns)

    columns = ("id", "at", "code_id", "visitor_id", "group_id", "outcome", "is_first", "is_hold")
    # A first touch is put down to the first opening of its code; eve opened hers before it counted.
    assert sorted(_without_first(scans.values_list(*columns))) == sorted(_without_first(old.told))
    assert set(Entry.objects.filter(workspace_id=old.home.id).values_list("id")) == moved.others
    assert {(scan.campaign_id, scan.visitor_id) for scan in scans.filter(is_first=True)} == old.touched

    sources = {name: code.channel_id or code.campaign_id for name, code in old.codes.items()}
    found = tallies(old.campaigns)
    assert {name: found[source].scan_count for name, source in sources.items()} == counted
    visitors = {name: found[source].visitor_count for name, source in sources.items()}
    assert visitors == {"seeds": 3, "wall": 1, "own": 2, "films": 2}
    books = old.codes["seeds"].campaign_id
    assert tally_of(books) == Tally(counted["seeds"] + counted["wall"] + counted["own"], 6)
    assert set(ScanTally.objects.values_list("slot", flat=True)) == {0}
    assert differences() == []

    tables = connection.introspection.table_names()
    assert "tenfold_firsttouch" not in tables
    assert "tenfold_scan" in tables
    goes_on_where_it_was(old)


def _without_first(rows: Any) -> list[tuple[Any, ...]]:
    return [(*row[:-2], row[-1]) for row in rows]


def goes_on_where_it_was(old: Old) -> None:
    books = old.codes["seeds"].campaign_id
    touches = {"ann": "seeds", "dan": "own", "eve": "wall", "fay": "own"}
    for who, code in touches.items():
        touch = first_touch(campaign_id=books, visitor_id=old.visitors[who])
        assert touch is not None
        assert touch.id == old.codes[code].id
    assert first_touch(campaign_id=books, visitor_id=old.visitors["hal"]) is None

    before = (Seat.objects.count(), tally_of(books))
    slug = old.codes["wall"].slug
    again = flow.scanned(slug=slug, visitor_id=old.visitors["ann"])
    assert (again.outcome, again.group_id) == ("group", old.groups[books].id.hex)
    late = flow.scanned(slug=slug, visitor_id=old.visitors["hal"])
    assert late.outcome == "group"
    seats, tally = before
    assert Seat.objects.count() == seats + 1
    assert tally_of(books) == Tally(tally.scan_count + 2, tally.visitor_count + 1)
    assert Group.objects.get(pk=old.groups[books].id).held_count == 6
    assert differences() == []
