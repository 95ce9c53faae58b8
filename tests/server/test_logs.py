"""What a log line looks like, and what never stands in one."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
import structlog

from tenfold import logs


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("/p/AbC-_123", "/p/***"),
        ("Not Found: /p/AbC-_123", "Not Found: /p/***"),
        ("/live/me/AbC", "/live/me/***"),
        ("/live/console/0190:1tX:sig", "/live/console/***"),
        ("/console/reset/MQ/set-token/", "/console/reset/***"),
        ("GET /poster/ABC.png?lang=en HTTP", "GET /poster/ABC.png?*** HTTP"),
        ("/live/room/0190?after=0191", "/live/room/0190?***"),
        ("/me/0190/", "/me/0190/"),
        ("/picture/0190", "/picture/0190"),
        ("is it? yes", "is it? yes"),
    ],
)
def test_secret_addresses_are_masked(told: str, kept: str) -> None:
    assert logs.masked(told) == kept


def lines(capsys: pytest.CaptureFixture[str], *, is_terminal: bool) -> list[str]:
    """One line of ours, one of somebody else's with a traceback, as they come out."""
    told = logs.settings("INFO", is_terminal=is_terminal)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(told))
    names = ("tenfold.tests", "somebody.else")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    try:
        structlog.get_logger("tenfold.tests").warning("hello_there", path="/p/secret-key", count=3)
        try:
            raise ValueError("could not open /p/secret-key?token=abc")
        except ValueError:
            logging.getLogger("somebody.else").exception("Failed: %s", "/p/secret-key")
    finally:
        for name in names:
            logging.getLogger(name).removeHandler(handler)
    # The product's own handler, if Django has set it up by now, writes to the same place.
    return list(dict.fromkeys(capsys.readouterr().err.splitlines()))


def _formatter(told: dict[str, Any]) -> logging.Formatter:
    made = dict(told["formatters"]["line"])
    formatter: logging.Formatter = made.pop("()")(**made)
    return formatter


def test_machines_get_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (json.loads(line) for line in lines(capsys, is_terminal=False))
    assert (first["event"], first["path"], first["count"], first["level"]) == (
        "hello_there",
        "/p/***",
        3,
        "warning",
    )
    assert second["event"] == "Failed: /p/***"
    assert "ValueError: could not open /p/***" in second["exception"]
    assert "secret" not in str(first) + str(second)


def test_eyes_get_key_and_value_with_the_traceback_below(capsys: pytest.CaptureFixture[str]) -> None:
    told = lines(capsys, is_terminal=True)
    assert "level=warning event=hello_there" in told[0]
    assert "path=/p/***" in told[0]
    assert "secret" not in "\n".join(told)
    assert told[-1].startswith("ValueError: could not open /p/***")
