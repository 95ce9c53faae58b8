"""The ground of the tests themselves: the clock stands, the throw-away database is one."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from tenfold.base import clock
from tests.conftest import FrozenClock
from tests.house.tree import ROOT
from tests.postgres import server_programs


def test_the_clock_goes_on_only_when_told(frozen: FrozenClock) -> None:
    before = clock.now()
    assert clock.now() == before
    frozen.advance(hours=2)
    assert clock.now() - before == timedelta(hours=2)


@pytest.mark.django_db
def test_the_database_of_the_tests_is_the_one_asked_for_and_never_the_data_of_the_checkout() -> None:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        assert name == str(settings.DATA_DIR / "test.sqlite3")
        assert connection.cursor().execute("pragma journal_mode").fetchone() == ("wal",)
    else:
        assert name.startswith("test_")
        assert os.environ["DATABASE_URL"]
    assert not settings.DATA_DIR.is_relative_to(ROOT)


@pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server on this machine")
def test_the_throw_away_postgres_answers_passes_the_result_on_and_is_gone() -> None:
    ask = (
        "import os, psycopg; link = psycopg.connect(os.environ['DATABASE_URL']);"
        "print(link.execute('show data_directory').fetchone()[0]); raise SystemExit(7)"
    )
    command = [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", ask]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 7
    assert "tenfold-postgres-" in done.stdout
    assert not os.path.exists(done.stdout.strip())
