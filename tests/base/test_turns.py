"""Who writes to SQLite: one at a time, and the next one soon."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test.utils import CaptureQueriesContext

from tenfold import turns
from tenfold.base.sqlite import base
from tenfold.base.sqlite.base import DatabaseWrapper
from tests.server.test_turns import may_go_ahead

PATIENCE = 0.2


@pytest.fixture
def link(tmp_path: Path, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    settings: dict[str, Any] = {
        "ENGINE": "tenfold.base.sqlite",
        "NAME": str(tmp_path / "turns"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": PATIENCE},
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
    }
    one = DatabaseWrapper(settings, "turns")
    with django_db_blocker.unblock():
        one.connect()
        one.connection.execute("CREATE TABLE written (nth INTEGER)")
        yield one
        one.close()


@contextmanager
def written(link: DatabaseWrapper) -> Iterator[None]:
    link.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    try:
        yield
    finally:
        link.rollback()
        link.set_autocommit(True)


def patience_of(link: DatabaseWrapper) -> int:
    milliseconds: int = link.connection.execute("PRAGMA busy_timeout").fetchone()[0]
    return milliseconds


def test_who_waits_writes_as_soon_as_the_lock_is_free(link: DatabaseWrapper) -> None:
    with closing(
        sqlite3.connect(link.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(PATIENCE / 4, other.execute, ["COMMIT"]).start()
        with written(link):
            link.connection.execute("INSERT INTO written VALUES (1)")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                sqlite3.connect(link.settings_dict["NAME"], timeout=0).execute(
                    "INSERT INTO written VALUES (2)"
                )
    assert patience_of(link) == PATIENCE * 1000


def test_waiting_has_an_end_and_the_next_try_begins_anew(link: DatabaseWrapper) -> None:
    with closing(sqlite3.connect(link.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"), written(link):
            pass
        assert time.monotonic() - began >= PATIENCE
    assert patience_of(link) == PATIENCE * 1000
    with written(link):
        link.connection.execute("INSERT INTO written VALUES (1)")


def test_one_thread_of_a_process_asks_at_a_time(
    link: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others do not take the interpreter from the one that writes."""
    asking, most, asked = set[int](), 0, 0
    begin = DatabaseWrapper._has_begun

    def has_begun(self: DatabaseWrapper, *, is_last: bool) -> bool:
        nonlocal most, asked
        asking.add(threading.get_ident())
        most, asked = max(most, len(asking)), asked + 1
        try:
            return begin(self, is_last=is_last)
        finally:
            asking.discard(threading.get_ident())

    def write() -> None:
        one = DatabaseWrapper(link.settings_dict, "turns")
        with written(one):
            one.connection.execute("INSERT INTO written VALUES (1)")
        one.close()

    monkeypatch.setattr(DatabaseWrapper, "_has_begun", has_begun)
    writers = [threading.Thread(target=write) for _each in range(8)]
    with written(link):
        for writer in writers:
            writer.start()
        while asked < 2 * len(writers):
            time.sleep(0.001)
    for writer in writers:
        writer.join()
    assert most == 1


def test_what_is_wrong_otherwise_is_not_waited_for(link: DatabaseWrapper) -> None:
    began = time.monotonic()
    with written(link), pytest.raises(OperationalError, match="within a transaction"):
        link._start_transaction_under_autocommit()
    assert time.monotonic() - began < PATIENCE


def test_to_begin_is_one_query_as_ever(link: DatabaseWrapper) -> None:
    with CaptureQueriesContext(link) as asked, written(link):
        pass
    assert [query["sql"] for query in asked if "PRAGMA" in query["sql"]] == []
    assert sum(query["sql"].startswith("BEGIN") for query in asked) == 1


needs_rights = pytest.mark.skipif(
    sys.platform != "linux" or not may_go_ahead(), reason="nobody may go ahead here"
)


@pytest.fixture
def aside(link: DatabaseWrapper) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Does it on a thread of its own, which takes with it what it was: that cannot always be undone."""
    link.inc_thread_sharing()
    with ThreadPoolExecutor(1) as pool:
        yield lambda act: pool.submit(act).result()
    link.dec_thread_sharing()


@pytest.fixture
def ahead(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AHEAD = True
    monkeypatch.setattr(base, "_are_ahead", threading.Event())
    base.holders_go_ahead()


def policy() -> int | None:
    return turns._policy()


def begin(link: DatabaseWrapper) -> None:
    link.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@needs_rights
@pytest.mark.usefixtures("ahead")
@pytest.mark.parametrize("end", ["commit", "rollback", "close", "stumble"])
def test_whoever_has_the_lock_goes_ahead_until_it_is_free(
    link: DatabaseWrapper, aside: Callable[[Callable[[], None]], None], end: str
) -> None:
    """Where a commit raises what is no error of a database's, Django goes on to the next without a word to us."""

    def act() -> None:
        begin(link)
        child = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
        started = subprocess.run(child, check=True, capture_output=True, text=True).stdout.strip()
        assert (policy(), started) == (os.SCHED_RR, str(os.SCHED_OTHER)), "this thread alone"
        if end != "stumble":
            getattr(link, end)()
        if end != "close":
            link.set_autocommit(True)
        assert policy() == os.SCHED_OTHER
        link.connect()
        with written(link):
            assert policy() == os.SCHED_RR, "and the next time again"

    aside(act)


@needs_rights
@pytest.mark.usefixtures("ahead")
def test_whoever_asks_in_vain_stays_where_they_were(
    link: DatabaseWrapper, aside: Callable[[Callable[[], None]], None]
) -> None:
    def act() -> None:
        with pytest.raises(OperationalError, match="locked"), written(link):
            pass
        assert policy() == os.SCHED_OTHER

    with closing(sqlite3.connect(link.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        aside(act)


@needs_rights
@pytest.mark.usefixtures("ahead")
def test_who_is_ahead_already_stays_so(
    link: DatabaseWrapper, aside: Callable[[Callable[[], None]], None]
) -> None:
    def act() -> None:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        with written(link):
            assert policy() == os.SCHED_RR
        assert policy() == os.SCHED_RR

    aside(act)


@pytest.mark.skipif(sys.platform != "linux", reason="asked of Linux alone")
@pytest.mark.parametrize("is_on", [False, True])
def test_nobody_goes_ahead_who_is_not_to(
    link: DatabaseWrapper, settings: Any, monkeypatch: pytest.MonkeyPatch, is_on: bool
) -> None:
    """A command, which nobody has told to; and whoever was told to where that is switched off."""
    monkeypatch.setattr(base, "_are_ahead", threading.Event())
    settings.AHEAD = is_on
    if not is_on:
        base.holders_go_ahead()
    with written(link):
        assert policy() == os.SCHED_OTHER
