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
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.wire import Wire

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
expect.set_options(timeout=PATIENCE_MS)
Reach = dict[str, Any]


@dataclass(frozen=True)
class Product:
    base: str
    stagehand: subprocess.Popen[str]

    def stage(self, platform: str, **wishes: object) -> Reach:
        """A live campaign on `platform`, and how to reach it. What can be wished: see `stage.py`."""
        assert self.stagehand.stdin
        assert self.stagehand.stdout
        print(json.dumps({"platform": platform, **wishes}), file=self.stagehand.stdin, flush=True)
        reach: Reach = json.loads(self.stagehand.stdout.readline())
        assert "went_wrong" not in reach, reach["went_wrong"]
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
            with _stagehand(base, data) as stagehand:
                yield Product(base, stagehand)
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait(timeout=20)


@contextmanager
def _stagehand(base: str, data: Path) -> Iterator[subprocess.Popen[str]]:
    """One program for all stages: what takes long is starting it."""
    surroundings = {"TENFOLD_DATA": str(data), "TENFOLD_PUBLIC_URL": base, "DATABASE_URL": ""}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.browser.stage"],
        env=os.environ | surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as stagehand:
        yield stagehand
        assert stagehand.stdin
        stagehand.stdin.close()


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


# A browser without a window says so, and is taken for the program it is: previews, and no seat.
WINDOWED = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/537.36"
SIZES = {"phone": (375, 812), "small phone": (320, 640), "desk": (1280, 800)}


class Open:
    """Opens pages, each in a browser profile of its own: `open_page("phone")` or `open_page("desk", "zh-CN")`.

    Every one is watched: nothing may go wrong in its scripts, be forbidden by its policy or come from elsewhere.
    """

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.ours = [base, "data:", "blob:"]
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.is_expected: tuple[str, ...] = ()

    def __call__(
        self, kind: str, locale: str = "en-GB", *, cookies: dict[str, str] | None = None, **options: Any
    ) -> Page:
        width, height = SIZES[kind]
        options.setdefault("user_agent", WINDOWED.format(self.browser.version))
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, is_mobile="phone" in kind, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        for name, value in (cookies or {}).items():
            context.add_cookies([{"name": name, "value": value, "url": self.base}])
        self.contexts.append(context)
        page = context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complain(f"script error on {page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said))
        page.on("request", lambda request: self._left(page, request.url))

    def _heard(self, page: Page, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complain(f"on {page.url}: {said.text}")

    def _left(self, page: Page, url: str) -> None:
        if not url.startswith(tuple(self.ours)):
            self.complain(f"{page.url} asked {url}")

    def expect(self, *texts: str) -> None:
        """Complaints with one of these in them belong to the story."""
        self.is_expected += texts

    def complain(self, text: str) -> None:
        self.complaints.append(text)

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self.complaints if not any(text in each for text in self.is_expected)]


@pytest.fixture
def wire(product: Product, open_page: Open) -> Iterator[Wire]:
    strung = Wire(int(product.base.rsplit(":", 1)[1]))
    open_page.ours.append(strung.base)
    yield strung
    strung.close()


@pytest.fixture
def open_page(browser: Browser, product: Product) -> Iterator[Open]:
    opening = Open(browser, product.base)
    yield opening
    for context in opening.contexts:
        context.close()
    assert opening.unexpected == []


def phone_of(reach: Reach, name: str) -> dict[str, str]:
    """The cookies of somebody whom the stage has let join."""
    return {"tf_visitor": reach["visitors"][name]}


def desk_of(reach: Reach) -> dict[str, str]:
    """The cookies of the stage's owner, who has logged in."""
    return {"sessionid": reach["session"]}


def press(page: Page, *keys: str) -> None:
    """Keys of the page's own, once the script that hears them is there."""
    page.wait_for_load_state("domcontentloaded")
    for key in keys:
        page.keyboard.press(key)


def judges(page: Page, key: str) -> None:
    """The first verdict on a page, by its key: none is taken on what nobody can have seen (SEEN_MS in `review.js`)."""
    page.wait_for_load_state("domcontentloaded")
    page.wait_for_function("() => performance.now() > 300")
    press(page, key)


@pytest.fixture(scope="session")
def shoot() -> Callable[[Page, str], None]:
    """Keep a picture of a page in tests/shots, for a person to look at."""
    SHOTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SHOTS / f"{name}.png")

    return take
