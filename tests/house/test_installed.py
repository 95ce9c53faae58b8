"""The wheel in an empty environment, away from the checkout, runs the whole demo in both languages."""

from __future__ import annotations

import json
import re
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from perf.product import Product
from tenfold.imaging.qr import read_codes
from tests.edge.browser import PHONE
from tests.house.tree import ROOT, done
from tests.simulation.ground import environment, free_port

pytestmark = [pytest.mark.wheel, pytest.mark.slow]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and what it is locked to, and nothing else, pip neither: ours puts
    them in. Python compiles what is used when it is; pip would do so with all there is, and most of that is never read.
    """
    ground = tmp_path_factory.mktemp("installed")
    venv.create(ground / "venv")
    python = ground / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--quiet", "--disable-pip-version-check")
    install = (*pip, "install", "--no-compile", "--no-deps")
    done(*install, "--require-hashes", "--only-binary", ":all:", "-r", ROOT / "requirements" / "run.lock")
    done(*install, wheel)
    return python


@dataclass(frozen=True)
class Installed:
    base: str
    codes: list[str]


@pytest.fixture(scope="module")
def installed(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    ground = tmp_path_factory.mktemp("away")
    with pytest.MonkeyPatch.context() as patch:
        environment(patch)
        running = Product(ground / "data", free_port(), ground / "up.log", python=str(python))
        try:
            running.start()
            running.wait_for("Tenfold is running.")
            yield Installed(running.base, json.loads((ground / "data" / "demo.json").read_text())["codes"])
        finally:
            running.kill()


@pytest.fixture
def phone(installed: Installed) -> Iterator[httpx.Client]:
    wishes = {"follow_redirects": True, "trust_env": False, "timeout": 20, "headers": {"User-Agent": PHONE}}
    with httpx.Client(base_url=installed.base, **wishes) as client:  # type: ignore[arg-type]
        yield client


@pytest.mark.parametrize(("language", "words"), [("en", "Log in"), ("zh-CN", "登录")])
def test_the_console_speaks_both_languages(phone: httpx.Client, language: str, words: str) -> None:
    page = phone.get("/console/", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert words in page.text


def test_every_static_file_that_a_page_names_is_there(phone: httpx.Client) -> None:
    pages = [phone.get(address).text for address in ("/", "/console/login/")]
    named = {name for page in pages for name in re.findall(r"/static/[^\"' )]+", page)}
    assert len(named) > 4
    assert {name for name in named if phone.get(name).status_code != 200} == set()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your name in the group"), ("zh-CN", "你在群里的昵称")]
)
def test_the_code_on_the_poster_leads_to_the_way_in(
    phone: httpx.Client, installed: Installed, language: str, words: str
) -> None:
    poster = phone.get(f"/poster/{installed.codes[0]}.png")
    assert (poster.status_code, poster.headers["content-type"]) == (200, "image/png")
    [code] = read_codes(poster.content)
    page = phone.get(urlsplit(code.text).path, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert words in page.text
