"""The whole product, started as a user starts it, and real browsers in front of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = Path(__file__).resolve().parent.parent / "shots"
PATIENCE_MS = 20_000


@dataclass(frozen=True)
class Product:
    base: str
    data: Path

    def stage(self, platform: str) -> dict[str, str]:
        """A live campaign on `platform`, and how to reach it."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.stage", platform],
            env={
                **os.environ,
                "TENFOLD_DATA": str(self.data),
                "TENFOLD_PUBLIC_URL": self.base,
                "DATABASE_URL": "",
            },
            check=True,
            capture_output=True,
            text=True,
        )
        reach: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return reach


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """`tenfold up --empty` in a folder of its own, ended as Ctrl-C ends it."""
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="tenfold-browser-") as folder:
        data, log = Path(folder) / "data", Path(folder) / "log"
        command = [
            sys.executable,
            "-m",
            "tenfold.cli",
            "up",
            "--empty",
            "--port",
            str(port),
            "--data",
            str(data),
        ]
        with log.open("w") as out:
            running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            _wait_until_ready(base, running, log)
            yield Product(base, data)
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait(timeout=20)


def _wait_until_ready(base: str, running: subprocess.Popen[bytes], log: Path) -> None:
    transport = httpx.HTTPTransport(retries=50)  # with httpx's growing pauses: about a minute in all
    with httpx.Client(transport=transport, timeout=60) as client:
        for _ in range(600):
            if running.poll() is not None:
                break
            try:
                if client.get(f"{base}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                continue
    raise AssertionError(f"the product did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """A page in a browser profile of its own: `open_page("phone")` or `open_page("desk", "zh-CN")`."""
    contexts: list[BrowserContext] = []

    def opened(kind: str, locale: str = "en-GB") -> Page:
        size = {"width": 375, "height": 812} if kind == "phone" else {"width": 1280, "height": 800}
        context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale=locale,
            is_mobile=kind == "phone",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error on {page.url}: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def shoot() -> Callable[[Page, str], None]:
    """Keep a picture of a page in tests/shots, for a person to look at."""
    SHOTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SHOTS / f"{name}.png")

    return take
