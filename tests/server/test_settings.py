"""What the environment says, and what holds where it says nothing. The settings are read anew for each test."""

from __future__ import annotations

import os
import runpy
import stat
from pathlib import Path
from typing import Any

import pytest

import tenfold

SETTINGS = str(Path(tenfold.__file__).with_name("settings.py"))


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("TENFOLD_") or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "data"))
    # The tests' own log is set up already.
    monkeypatch.setattr("tenfold.logs.set_up", lambda: None)
    return monkeypatch


def settings(patch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name, value in environment.items():
        patch.setenv(name, value)
    return runpy.run_path(SETTINGS)


def test_with_nothing_said_it_is_this_machine_alone_and_a_file(
    patch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = settings(patch)
    assert (made["PUBLIC_URL"], made["DEBUG"], made["IS_TLS"]) == ("http://127.0.0.1:8000", False, False)
    assert set(made["ALLOWED_HOSTS"]) == {"127.0.0.1", "localhost", "[::1]"}
    database = made["DATABASES"]["default"]
    assert database["NAME"] == str(tmp_path / "data" / "tenfold.sqlite3")
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert made["TRUSTED_PROXIES"] == []


@pytest.mark.parametrize(
    ("url", "is_tls"), [("https://tenfold.example.com/", True), ("http://tenfold.example.com", False)]
)
def test_cookies_are_for_tls_alone_exactly_where_people_come_by_it(
    patch: pytest.MonkeyPatch, url: str, is_tls: bool
) -> None:
    made = settings(patch, TENFOLD_PUBLIC_URL=url)
    assert made["PUBLIC_URL"] == url.rstrip("/")
    assert (made["SESSION_COOKIE_SECURE"], made["CSRF_COOKIE_SECURE"], made["IS_TLS"]) == (is_tls,) * 3
    assert ("SECURE_PROXY_SSL_HEADER" in made) is is_tls
    assert (made["SECURE_HSTS_SECONDS"] > 0) is is_tls
    assert (made["SESSION_COOKIE_HTTPONLY"], made["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")
    assert made["CSRF_TRUSTED_ORIGINS"] == [made["PUBLIC_URL"]]
    assert "tenfold.example.com" in made["ALLOWED_HOSTS"]


def test_more_hosts_are_named_by_commas_and_an_empty_name_is_none(patch: pytest.MonkeyPatch) -> None:
    made = settings(patch, TENFOLD_ALLOWED_HOSTS="a.example,,b.example")
    assert {"a.example", "b.example"} <= set(made["ALLOWED_HOSTS"])
    assert "" not in made["ALLOWED_HOSTS"]
    assert "*" not in made["ALLOWED_HOSTS"]


@pytest.mark.parametrize("text", ["1", "true", "YES", " on "])
def test_a_switch_is_on_when_it_says_so(patch: pytest.MonkeyPatch, text: str) -> None:
    assert settings(patch, TENFOLD_DEBUG=text)["DEBUG"] is True


@pytest.mark.parametrize("text", ["0", "false", "off", "", "maybe"])
def test_a_switch_is_off_when_it_says_anything_else(patch: pytest.MonkeyPatch, text: str) -> None:
    made = settings(patch, TENFOLD_DEBUG=text, TENFOLD_METRICS=text)
    assert (made["DEBUG"], made["TENFOLD_METRICS"]) == (False, False)


def test_the_key_is_made_once_kept_for_its_owner_and_never_half(
    patch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = settings(patch)["SECRET_KEY"]
    kept = tmp_path / "data" / "secret.key"
    assert len(first) >= 50
    assert settings(patch)["SECRET_KEY"] == first == kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret.key"]
    # One that another process put there in between wins.
    kept.write_text("made by somebody faster\n")
    assert settings(patch)["SECRET_KEY"] == "made by somebody faster"


def test_a_key_from_the_environment_leaves_nothing_on_the_disk(
    patch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert settings(patch, TENFOLD_SECRET_KEY="from the vault")["SECRET_KEY"] == "from the vault"
    assert not (tmp_path / "data").exists()


def test_another_database_is_asked_whether_it_still_lives(patch: pytest.MonkeyPatch) -> None:
    url = "postgresql://tenfold:s3cret@db.internal:6432/prod"
    database = settings(patch, DATABASE_URL=url)["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.internal", 6432, "prod")
    assert database["CONN_HEALTH_CHECKS"] is True


def test_proxies_are_named_by_commas(patch: pytest.MonkeyPatch) -> None:
    made = settings(patch, TENFOLD_TRUSTED_PROXIES=" 10.0.0.1, 10.1.0.0/16 ,")
    assert made["TRUSTED_PROXIES"] == ["10.0.0.1", "10.1.0.0/16"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENFOLD_EMAIL_PORT", "smtp"),
        ("TENFOLD_ADDRESS_BURST", "lots"),
        ("TENFOLD_ADDRESS_RATE", "20/s"),
    ],
)
def test_rubbish_is_an_error_at_once_and_not_in_the_night(
    patch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ValueError, match=value):
        settings(patch, **{name: value})


def test_strangers_get_no_more_than_they_need(patch: pytest.MonkeyPatch) -> None:
    made = settings(patch)
    assert made["X_FRAME_OPTIONS"] == "DENY"
    assert made["SECURE_CONTENT_TYPE_NOSNIFF"] is True
    assert made["AXES_FAILURE_LIMIT"] <= 10
    assert made["DATA_UPLOAD_MAX_MEMORY_SIZE"] < made["FILE_UPLOAD_MAX_MEMORY_SIZE"]


@pytest.mark.parametrize(
    ("told", "cores", "ahead"), [("", 2, True), ("off", 2, False), ("on", 1, False), ("on", 3, True)]
)
def test_nobody_goes_ahead_on_the_only_core_there_is(
    patch: pytest.MonkeyPatch, told: str, cores: int, ahead: bool
) -> None:
    patch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)), raising=False)
    assert settings(patch, **({"TENFOLD_AHEAD": told} if told else {}))["AHEAD"] is ahead
