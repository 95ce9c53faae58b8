"""A start tells by what an answered scan could get lost, and is never held up by asking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from django.db import OperationalError, connections
from structlog.testing import capture_logs

from perf.cluster import Cluster
from tenfold import cli, parent, server, worker
from tenfold.up import durable
from tenfold.up.durable import Server, Standby, doubts, key_doubts
from tests.postgres import free_port, server_programs

SAFE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "synchronous_standby_names": "",
}
NAMED = {**SAFE, "synchronous_standby_names": "FIRST 1 (b)"}


def found(settings: dict[str, str], *standbys: Standby) -> list[str]:
    return [doubt.found for doubt in doubts(Server(settings, standbys))]


def test_a_server_alone_as_it_comes_is_safe() -> None:
    assert found(SAFE) == []


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_each_setting_that_is_off_is_told_by_its_name_with_the_way_out(name: str) -> None:
    (doubt,) = doubts(Server({**SAFE, name: "off"}))
    assert doubt.found == f"{name} = off"
    assert f"SET {name} = on" in doubt.remedy


@pytest.mark.parametrize("commit", ["remote_write", "remote_apply"])
def test_other_ways_to_wait_for_the_disk_are_safe(commit: str) -> None:
    assert found({**SAFE, "synchronous_commit": commit}) == []


@pytest.mark.parametrize("state", ["async", "potential", "away", ""])
def test_a_standby_nobody_waits_for_is_a_doubt(state: str) -> None:
    (doubt,) = doubts(Server(SAFE, [Standby("b", state)]))
    assert doubt.found == "standby not waited for (b)"
    assert "can lose answered scans" in doubt.why
    assert "synchronous_standby_names" in doubt.remedy


@pytest.mark.parametrize("state", ["sync", "quorum"])
def test_a_standby_that_is_waited_for_is_safe_whoever_else_follows(state: str) -> None:
    assert found(NAMED, Standby("b", state), Standby("archive", "async")) == []


def test_without_the_right_to_see_a_state_the_names_alone_decide() -> None:
    assert found(NAMED, Standby("", "")) == []
    assert found(SAFE, Standby("", "")) == ["standby not waited for (unnamed)"]


@pytest.mark.parametrize("standbys", [[], [Standby("c", "async")], [Standby("b", "away")]])
def test_waiting_for_a_standby_that_is_not_there_is_told_before_the_first_scan_hangs(
    standbys: list[Standby],
) -> None:
    (told,) = found(NAMED, *standbys)
    assert told == "synchronous_standby_names = FIRST 1 (b), and no such standby is attached"


@pytest.mark.parametrize("commit", ["local", "off"])
def test_a_session_that_does_not_wait_for_the_standby_is_a_doubt(commit: str) -> None:
    assert found({**NAMED, "synchronous_commit": commit}, Standby("b", "sync")) == [
        f"synchronous_commit = {commit}"
    ]


def test_sessions_that_wait_for_nobody_do_not_hang_for_want_of_a_standby() -> None:
    assert found({**NAMED, "synchronous_commit": "local"}) == ["synchronous_commit = local"]


def test_a_standby_itself_takes_no_scans() -> None:
    (doubt,) = doubts(Server({**SAFE, "fsync": "off"}, is_standby=True))
    assert doubt.found == "the server is a standby"
    assert "target_session_attrs=read-write" in doubt.remedy


# --- the key --------------------------------------------------------------------------------------------------


def test_a_shared_database_without_a_shared_key_is_a_doubt() -> None:
    (doubt,) = key_doubts({"DATABASE_URL": "postgres://h/d"})
    assert "TENFOLD_SECRET_KEY" in doubt.remedy


@pytest.mark.parametrize(
    "environment",
    [{}, {"TENFOLD_SECRET_KEY": "k"}, {"DATABASE_URL": "postgres://h/d", "TENFOLD_SECRET_KEY": "k"}],
)
def test_one_machine_or_one_key_is_none(environment: dict[str, str]) -> None:
    assert key_doubts(environment) == []


# --- the asking -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    connections["default"].vendor != "postgresql", reason="SQLite is opened by our own settings"
)
def test_the_tests_own_server_is_known_to_be_careless(transactional_db: None) -> None:
    with capture_logs() as logs:
        durable.warn({"DATABASE_URL": "postgres://h/d", "TENFOLD_SECRET_KEY": "k"})
    told = [line["found"] for line in logs if line["event"] == "doubt_at_start"]
    assert told == ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]


@pytest.mark.django_db
def test_a_start_on_sqlite_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connections["default"]), "vendor", "sqlite")
    monkeypatch.setattr(durable, "_asked", lambda: pytest.fail("asked"))
    with capture_logs() as logs:
        durable.warn({})
    assert logs == []


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Server:
        raise OperationalError("connection refused")

    monkeypatch.setattr(type(connections["default"]), "vendor", "postgresql")
    monkeypatch.setattr(durable, "_asked", away)
    with capture_logs() as logs:
        durable.warn({"DATABASE_URL": "postgres://h/d"})
    assert [line["event"] for line in logs] == ["durability_not_asked", "doubt_at_start"]


class Link:
    """As much of a connection of Django's as asking needs, on a server of its own."""

    def __init__(self, url: str) -> None:
        self._link = psycopg.connect(url, autocommit=True)

    def cursor(self) -> Any:
        return self._link.cursor()


def asked(url: str) -> list[str]:
    link: Any = Link(url)
    return [doubt.found for doubt in doubts(durable.told(link))]


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    if server_programs() is None:
        pytest.skip("no PostgreSQL server programs here")
    with Cluster(free_port()) as cluster:
        yield cluster


def test_a_real_pair_is_told_apart_by_what_it_is(primary: Cluster) -> None:
    assert asked(primary.url) == []
    standby = primary.standby(free_port(), synchronous=False)
    assert asked(primary.url) == ["standby not waited for (standby)"]
    assert asked(standby.url) == ["the server is a standby"]
    primary.ask("create role guest login")
    guest = primary.url.replace("tenfold@", "guest@")
    assert asked(guest) == ["standby not waited for (standby)"]  # its name may be seen, its state not

    primary.wait_for("standby")
    assert asked(primary.url) == asked(guest) == []
    primary.ask("alter role guest set synchronous_commit = local")
    assert asked(guest) == ["synchronous_commit = local"]

    standby.stop()
    assert asked(primary.url) == ["synchronous_standby_names = standby, and no such standby is attached"]


# --- who tells it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "variables", "is_told"),
    [
        ("serve", {"DATABASE_URL": "postgres://h/d"}, True),
        ("worker", {"DATABASE_URL": "postgres://h/d"}, True),
        ("worker", {"DATABASE_URL": "postgres://h/d", parent.VARIABLE: "1"}, False),
        ("serve", {"DATABASE_URL": ""}, False),
    ],
    ids=["a server", "a worker by itself", "a worker beside its server", "on SQLite"],
)
def test_a_start_tells_it_once(
    command: str, variables: dict[str, str], is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(durable, "warn", lambda _environment: done.append("told"))
    monkeypatch.setattr(server, "serve", lambda **_: done.append("started"))
    monkeypatch.setattr(worker, "run", lambda _stopping: done.append("started"))
    monkeypatch.setattr(cli, "_stop_signals", lambda: None)
    monkeypatch.setattr(parent, "end_with_parent", lambda: None)
    CliRunner(env={parent.VARIABLE: None, **variables}).invoke(cli.main, [command], catch_exceptions=False)
    assert done == [*(["told"] if is_told else []), "started"]
