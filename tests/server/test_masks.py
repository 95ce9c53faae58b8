"""No secret gets into a log, whatever stands around it; and the numbers that are told have names that last."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold import logs, metrics
from tenfold.urls import urlpatterns
from tests import cast

SECRET = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=12, max_size=40)
BEFORE = st.sampled_from(
    ["", "GET ", "Not Found: ", "https://tenfold.example.com", "x='", "(", "\n", "PUT http://h:8000"]
)
AFTER = st.sampled_from(["", " HTTP/1.1", "'", '"', ")", "\n", "> done", "?next=1", "/", "/more", "#top"])
PREFIX = st.sampled_from(
    ["/p/", "/live/me/", "/live/console/", "/console/reset/MQ/", "/console/set-password/MQ/"]
)


@given(before=BEFORE, prefix=PREFIX, secret=SECRET, after=AFTER)
def test_a_secret_address_is_masked_whatever_stands_around_it(
    before: str, prefix: str, secret: str, after: str
) -> None:
    masked = logs.masked(f"{before}{prefix}{secret}{after}")
    assert secret not in masked
    assert masked.startswith(before)
    assert logs.masked(masked) == masked


@given(secrets=st.lists(SECRET, min_size=1, max_size=5), prefix=PREFIX)
def test_all_secrets_of_a_line_are_masked_and_not_only_the_first(secrets: list[str], prefix: str) -> None:
    masked = logs.masked(" then ".join(f"{prefix}{secret}" for secret in secrets))
    assert [secret for secret in secrets if secret in masked] == []
    assert masked.count("***") == len(secrets)


@given(path=st.text("abcdefgh/", max_size=30), query=SECRET)
def test_no_query_is_told(path: str, query: str) -> None:
    assert query not in logs.masked(f"GET /{path}?token={query} HTTP/1.1")


@given(text=st.text(max_size=200))
def test_masking_never_fails_and_twice_is_once(text: str) -> None:
    assert logs.masked(logs.masked(text)) == logs.masked(text)


@pytest.mark.parametrize(
    "text", ["", "joined /me/0190/ as Mia", "a/b/c", "why? because", "/poster/ABCD2345.jpg"]
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert logs.masked(text) == text


def test_every_address_that_carries_a_key_is_masked() -> None:
    """A new page with a key in its address must not be forgotten: its argument is named for what it is."""
    keyed = [route for route in routes(urlpatterns) if re.search(r"<[^>]*(key|token|uidb64)>", route)]
    assert len(keyed) >= 2
    for route in keyed:
        address = "/" + re.sub(r"<[^>]+>", "SECRETSECRET", route)
        assert "SECRETSECRET" not in logs.masked(address), route


def routes(patterns: list[Any], before: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        route = before + str(pattern.pattern)
        found += routes(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else [route]
    return found


class Told(logging.Handler):
    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.mark.parametrize("is_terminal", [True, False])
def test_an_exception_s_own_words_are_masked_in_either_form(is_terminal: bool) -> None:
    made = dict(logs.settings("INFO", is_terminal=is_terminal)["formatters"]["line"])
    handler = Told(made.pop("()")(**made))
    logger = logging.getLogger("tests.masks")
    logger.addHandler(handler)
    try:
        raise ValueError("cannot open /p/SECRETSECRET")
    except ValueError:
        logger.exception(
            "Failed at %s", "/live/me/SECRETSECRET?x=SECRETSECRET", extra={"why": "/p/SECRETSECRET"}
        )
    finally:
        logger.removeHandler(handler)
    [line] = handler.lines
    assert "SECRETSECRET" not in line
    assert "ValueError" in line


def test_the_quiet_loggers_stay_quiet_and_everything_else_is_told() -> None:
    loggers = logs.settings("INFO")["loggers"]
    assert loggers["django.security.DisallowedHost"]["level"] == "CRITICAL"
    assert loggers["django.request"]["level"] == "ERROR"
    assert logs.settings("DEBUG")["root"]["level"] == "DEBUG"
    assert {tuple(told["handlers"]) for told in loggers.values()} == {("stderr",)}


# --- metrics --------------------------------------------------------------------------------------------------


def numbers() -> dict[str, float]:
    lines = metrics.text().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


@pytest.mark.django_db
def test_every_number_of_ours_is_named_for_us_and_explained() -> None:
    told = metrics.text().decode()
    families = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))
    assert {name for name in families if not name.startswith(("tenfold_", "process_", "python_"))} == set()
    assert families == set(re.findall(r"^# HELP (\S+) \S", told, re.MULTILINE))
    assert {
        *("tenfold_scans_total", "tenfold_scan_seconds", "tenfold_open_streams", "tenfold_messages_queued"),
        *("tenfold_human_tasks_open", "tenfold_proofs_waiting"),
    } <= families


@pytest.mark.django_db
def test_what_waits_is_counted_and_what_is_done_is_not() -> None:
    stage = cast.live(platform="wechat_group", capacity=100)
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    assert numbers()["tenfold_proofs_waiting"] == 1
    cast.is_approved(proof, stage.owner)
    told = numbers()
    assert (told["tenfold_proofs_waiting"], told["tenfold_messages_queued"]) == (0, 4)
    cast.words_go_out()
    told = numbers()
    assert (told["tenfold_messages_queued"], told["tenfold_human_tasks_open"]) == (0, 4)


@pytest.mark.django_db
def test_no_number_tells_of_a_person_or_a_campaign() -> None:
    """Labels live for ever in whoever collects them, and must stay few."""
    stage = cast.live()
    cast.joins(stage, "Mia")
    told = metrics.text().decode()
    for secret in (stage.code.slug, str(stage.campaign.id), "Mia", stage.workspace.name):
        assert secret not in told
