"""Alive, ready, and how much of everything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tenfold.edge.front import Front
from tests import cast
from tests.edge.browser import Got, ask


def get(front: Front, path: str, **wishes: Any) -> Got:
    return asyncio.run(ask(front, path, **wishes))


@pytest.fixture
def broken_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("could not connect to host db.internal as user secret_user")

    monkeypatch.setattr(MigrationExecutor, "__init__", broken)
    monkeypatch.setattr("tenfold.metrics.text", broken)


def test_alive_without_a_database(front: Front, broken_database: None) -> None:
    assert get(front, "/healthz").status == 200


def test_ready_when_the_tables_are_there(front: Front) -> None:
    assert (get(front, "/readyz").status, get(front, "/readyz").text) == (200, "ready\n")
    assert get(front, "/readyz", method="HEAD").body == b""
    assert get(front, "/readyz", method="POST").status == 405


def test_not_ready_while_migrations_are_missing(front: Front) -> None:
    recorder = MigrationRecorder(connection)
    applied = [name for app, name in recorder.applied_migrations() if app == "tenfold"]
    last = max(applied)
    recorder.record_unapplied("tenfold", last)
    try:
        got = get(front, "/readyz")
    finally:
        recorder.record_applied("tenfold", last)
    assert got.status == 503
    assert "1 migrations are not applied" in got.text


def test_not_ready_without_a_database_and_no_word_about_where_it_is(
    front: Front, broken_database: None
) -> None:
    for path in ("/readyz", "/metrics"):
        got = get(front, path)
        assert (got.status, got.text) == (503, "the database does not answer: OperationalError\n")


def test_metrics_tell_what_happened_and_what_waits(front: Front) -> None:
    stage = cast.live()
    cast.sends(cast.joins(stage, "Mia"))
    get(front, f"/c/{stage.code.slug}")
    told = get(front, "/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    values = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if not line.startswith("#"))
    assert float(values['tenfold_scans_total{outcome="group"}']) >= 1
    assert float(values["tenfold_scan_seconds_count"]) >= 1
    assert values["tenfold_proofs_waiting"] == "1.0"
    assert values["tenfold_messages_queued"] == "2.0"
    assert values["tenfold_human_tasks_open"] == "0.0"
    assert "tenfold_open_streams" in values


@pytest.mark.parametrize(
    ("settings_of", "headers", "status"),
    [
        ({}, {}, 200),
        ({}, {"client": "::1"}, 200),
        ({}, {"client": "10.0.0.7"}, 404),
        ({}, {"client": "rubbish"}, 404),
        ({}, {"x_forwarded_for": "203.0.113.9"}, 404),
        ({"TENFOLD_METRICS": False}, {}, 404),
        ({"TENFOLD_METRICS_TOKEN": "t0p"}, {}, 404),
        ({"TENFOLD_METRICS_TOKEN": "t0p"}, {"authorization": "Bearer wrong", "client": "10.0.0.7"}, 404),
        ({"TENFOLD_METRICS_TOKEN": "t0p"}, {"authorization": "Bearer é"}, 404),
        ({"TENFOLD_METRICS_TOKEN": "t0p"}, {"authorization": "Bearer t0p", "client": "10.0.0.7"}, 200),
        ({"TENFOLD_METRICS": False, "TENFOLD_METRICS_TOKEN": "t0p"}, {"authorization": "Bearer t0p"}, 404),
    ],
)
def test_metrics_are_for_this_machine_or_for_the_token(
    front: Front, settings: Any, settings_of: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    for name, value in settings_of.items():
        setattr(settings, name, value)
    assert get(front, "/metrics", **headers).status == status
