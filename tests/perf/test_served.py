"""What a bench compares with, and what a drill has to see, is really what is served: not the product once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from perf import broken, served
from perf.served import Served
from tests.postgres import free_port


def test_the_constant_is_served_as_the_product_is(tmp_path: Path) -> None:
    port = free_port()
    with Served("perf.constant:application", port, {}, tmp_path / "log"):
        answer = httpx.get(f"http://127.0.0.1:{port}/c/ABCDEFGH", timeout=10, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/g/")
    assert "set-cookie" not in answer.headers


def test_whoever_serves_another_application_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[dict[str, Any]] = []
    monkeypatch.setattr("tenfold.server.serve", lambda **how: named.append(how))
    assert CliRunner().invoke(broken.main, ["--port", "8123", "--workers", "2"]).exit_code == 0
    served.main("perf.constant:application", "8124")
    assert [each["application"] for each in named] == ["perf.broken:application", "perf.constant:application"]
