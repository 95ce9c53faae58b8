"""The door's writer has the next turn, and folding SQLite's log in is the worker's."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from tenfold.base.sqlite import first, folding
from tenfold.base.sqlite.base import DatabaseWrapper
from tenfold.base.sqlite.first import COURTESY_SECONDS, Precedence

PATIENCE = 4 * COURTESY_SECONDS


def connected(path: Path) -> DatabaseWrapper:
    settings: dict[str, Any] = {
        "ENGINE": "tenfold.base.sqlite",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": PATIENCE,
        },
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
    }
    one = DatabaseWrapper(settings, "first")
    one.connect()
    return one


@pytest.fixture
def path(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    path = tmp_path / "first"
    with django_db_blocker.unblock(), closing(sqlite3.connect(path)) as link:
        link.execute("PRAGMA journal_mode=WAL")
        link.execute("CREATE TABLE written (who TEXT)")
        link.commit()
        yield path


def write(path: Path, who: str, *, is_door: bool) -> None:
    if is_door:
        first.go_first()
    one = connected(path)
    one.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    one.connection.execute("INSERT INTO written VALUES (?)", [who])
    one.commit()
    one.close()


def waits(path: Path) -> bool:
    other = Precedence(str(path))
    try:
        return other.is_taken()
    finally:
        other.close()


def test_the_door_writes_before_those_who_waited_longer(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        door = threading.Thread(target=write, args=[path, "door"], kwargs={"is_door": True})
        door.start()
        while door.is_alive() and not waits(path):
            time.sleep(0.001)
        # A page asks only now and then whether the door is still there: it sees that it is, and does not ask.
        page = connected(path)
        since = time.monotonic()
        assert not page._may_ask(since)
        holder.execute("COMMIT")
        door.join()
        assert page._may_ask(since)
        page.close()
    write(path, "page", is_door=False)
    with closing(sqlite3.connect(path)) as link:
        assert [who for (who,) in link.execute("SELECT who FROM written ORDER BY rowid")] == ["door", "page"]


def test_whoever_goes_first_and_sleeps_keeps_the_others_for_a_moment_only(path: Path) -> None:
    sleeper = Precedence(str(path))
    sleeper.take()
    began = time.monotonic()
    write(path, "page", is_door=False)
    assert time.monotonic() - began >= COURTESY_SECONDS
    sleeper.give()
    assert not waits(path)
    sleeper.close()


def test_a_door_that_waited_in_vain_keeps_nobody(path: Path) -> None:
    def door() -> None:
        with pytest.raises(OperationalError, match="locked"):
            write(path, "door", is_door=True)

    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=door)
        thread.start()
        thread.join()
        assert not waits(path)


def test_two_doors_and_a_database_in_memory_are_no_trouble(path: Path) -> None:
    one, two, nowhere = Precedence(str(path)), Precedence(str(path)), Precedence("file:memory?mode=memory")
    one.take()
    two.take()
    assert two.is_taken()
    one.give()
    two.take()
    assert one.is_taken()
    assert not two.is_taken()
    nowhere.take()
    assert not nowhere.is_taken()
    for each in (one, two, nowhere):
        each.give()
        each.close()
    assert not waits(path)


def test_where_no_file_can_be_made_nobody_stops(tmp_path: Path) -> None:
    none = Precedence(str(tmp_path / "no such folder" / "first"))
    none.take()
    assert not none.is_taken()
    none.give()
    none.close()


def test_a_log_is_folded_in_and_a_long_one_begun_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, folded, asked = connected(path), folding._folded, list[str]()
    monkeypatch.setattr(folding, "connection", link)
    monkeypatch.setattr(folding, "ENOUGH_PAGES", 20)

    def told(how: str) -> tuple[bool, int]:
        asked.append(how)
        return folded(how)

    monkeypatch.setattr(folding, "_folded", told)
    assert link.connection.execute("PRAGMA wal_autocheckpoint").fetchone() == (folding.FALLBACK_PAGES,)
    log = path.with_name("first-wal")

    def length(rows: int) -> int:
        for _nth in range(rows):
            link.connection.execute("INSERT INTO written VALUES ('x')")
        return log.stat().st_size

    length(5)
    assert 0 < folding.fold() < 20
    assert asked == ["PASSIVE"]
    longest = length(40)
    assert folding.fold() >= 20
    assert asked[1:] == ["PASSIVE", "PASSIVE", "RESTART"]
    assert length(30) == longest
    assert link.connection.execute("PRAGMA busy_timeout").fetchone() == (PATIENCE * 1000,)
    link.close()


def test_whoever_reads_what_is_old_does_not_stop_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = connected(path)
    monkeypatch.setattr(folding, "connection", link)
    monkeypatch.setattr(folding, "ENOUGH_PAGES", 1)
    link.connection.execute("INSERT INTO written VALUES ('x')")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM written").fetchone() == (1,)
        assert folding.fold() > 0
        assert reader.execute("SELECT count(*) FROM written").fetchone() == (1,)
    link.connection.execute("INSERT INTO written VALUES ('y')")
    assert folding.fold() > 0
    link.close()
