"""The demo as it is really started: its people come in by HTTP, in three generations, and every counter is right."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from perf.product import Product
from tenfold.campaigns.playbooks import ORDER
from tenfold.simulation.pages import Page
from tests.simulation.ground import environment, free_port

pytestmark = pytest.mark.slow
PEOPLE = 41


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def product(ground: Path) -> Iterator[Product]:
    with pytest.MonkeyPatch.context() as patch:
        environment(patch)
        running = Product(ground / "data", free_port(), ground / "up.log")
        running.start()
        try:
            running.wait_for("Tenfold is running.")
            yield running
        finally:
            running.kill()


@pytest.fixture(scope="module")
def kept(product: Product, ground: Path) -> dict[str, str]:
    known: dict[str, str] = json.loads((ground / "data" / "demo.json").read_text())
    return known


def numbers(ground: Path, query: str) -> dict[object, int]:
    with closing(sqlite3.connect(ground / "data" / "tenfold.sqlite3", timeout=20)) as db:
        return dict(db.execute(query).fetchall())


def test_three_generations_came_in(product: Product, ground: Path) -> None:
    generations = numbers(ground, "SELECT generation, count(*) FROM tenfold_journey GROUP BY generation")
    assert {0, 1, 2} <= generations.keys()
    assert sum(generations.values()) >= PEOPLE
    scans = numbers(ground, "SELECT is_first, count(*) FROM tenfold_scan GROUP BY is_first")
    assert scans[1] >= PEOPLE


def test_there_is_something_to_do_for_a_person(product: Product, ground: Path) -> None:
    arriving = numbers(ground, "SELECT state, count(*) FROM tenfold_journey GROUP BY state")
    assert arriving["arriving"] >= 1
    waiting = numbers(ground, "SELECT state, count(*) FROM tenfold_proof GROUP BY state")
    assert waiting["waiting"] > 0


def test_the_passwords_are_for_their_owners_eyes(kept: dict[str, str], ground: Path) -> None:
    mode = stat.S_IMODE((ground / "data" / "demo.json").stat().st_mode)
    assert mode == 0o600
    assert len(kept["password"]) >= 10
    assert kept["password"] != kept["robot_password"]


def test_the_log_in_that_was_told_opens_the_console(product: Product, kept: dict[str, str]) -> None:
    with httpx.Client(base_url=product.base, follow_redirects=True, trust_env=False) as client:
        door = client.get("/console/login/")
        form = Page("/console/login/", 200, door.text).form_to("/login/")
        assert form is not None
        fields = form.filled(username=kept["email"], password=kept["password"])
        inside = client.post("/console/login/", data=fields)
        assert inside.status_code == 200
        live = client.get(f"/console/campaigns/{kept['campaign_id']}/live/")
        assert "一起读完10本书" in live.text


def test_the_counters_agree_with_the_journal_while_the_crowd_goes_on(product: Product, ground: Path) -> None:
    told = subprocess.run(
        [*product.command, "rebuild"],
        env=os.environ | {"TENFOLD_DATA": str(ground / "data"), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "No difference" in told.stdout


def test_a_killed_demo_is_the_same_demo_afterwards(
    product: Product, ground: Path, kept: dict[str, str]
) -> None:
    product.kill()
    with pytest.MonkeyPatch.context() as patch:
        environment(patch)
        product.start()
    product.wait_for("Tenfold is running.")
    again = json.loads((ground / "data" / "demo.json").read_text())
    assert {name: again[name] for name in kept} == kept
    assert numbers(ground, "SELECT 'campaigns', count(*) FROM tenfold_campaign") == {
        "campaigns": 1 + len(ORDER)
    }
