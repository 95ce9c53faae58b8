"""What every test stands on: a data folder of its own, a still clock, marks that show the database."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.template import Template

from tenfold.base import clock
from tenfold.imaging import checks
from tests import emptying

# Machines that run tests are slow at times: a deadline would make chance failures, not find slow code.
hypothesis.settings.register_profile("tenfold", deadline=None)
hypothesis.settings.load_profile("tenfold")

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
# What pages show and say is asked on one database, in the part `pages`: the rooms beneath are tried on both. On both
# too are those that ask the database as only pages do, and everything that a form or an address may be sent.
PAGES = ("tests/console/", "tests/web/", "tests/keepsakes/test_pages.py", "tests/insight/test_telling.py")
ON_BOTH = (
    "tests/console/test_board.py",
    "tests/console/test_costs.py",
    "tests/console/test_hostile.py",
    "tests/console/test_people.py",
    "tests/console/test_tree.py",
    "tests/web/test_board.py",
    "tests/web/test_guard.py",
)
# `./dev test` reads only these for the parts of these names, as reading all there are takes as long as many a part.
FOLDERS = {
    "browser": ("tests/browser/",),
    "race": ("tests/race/", "tests/mailroom/test_hooks.py", "tests/server/test_several.py"),
    "pages": (*PAGES, "tests/posters/", "tests/story/test_really_looked.py", "tests/up/test_review.py"),
}
_render = Template._render  # type: ignore[attr-defined]
_ground = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Before Django starts: nothing a test does may touch the data of the checkout."""
    gc.disable()  # until all tests are collected: nothing of them goes
    ground = Path(tempfile.mkdtemp(prefix="tenfold-tests-"))
    config.stash[_ground] = ground
    settings.DATA_DIR = ground
    settings.MEDIA_ROOT = ground / "media"
    settings.STATIC_ROOT = ground / "static"
    settings.STATIC_ROOT.mkdir()
    # A test's own transaction, in which it has SQLite's lock, lasts for as long as the test.
    settings.AHEAD = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The manifest of hashed names is made when the product is set up, which most tests do without.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    emptying.install()
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        # A file, as in the product: SQLite in memory has one connection, so its locks are never tried.
        database.setdefault("TEST", {})["NAME"] = str(ground / "test.sqlite3")
        # What is thrown away need not survive a power cut. Drills that cut it run the product with its own settings.
        init = database["OPTIONS"]["init_command"]
        database["OPTIONS"]["init_command"] = init.replace("synchronous=FULL", "synchronous=OFF")
    else:
        # The transaction around a test stays open while it draws a poster; on a busy machine that takes long.
        database["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"


def pytest_unconfigure(config: pytest.Config) -> None:
    if ground := config.stash.get(_ground, None):
        shutil.rmtree(ground, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _templates_as_in_the_product(django_test_environment: None) -> None:
    """For tests Django has each template tell with what it was rendered, and keeps a copy of that. Nobody asks."""
    Template._render = _render  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database, so that the run on PostgreSQL can choose it."""
    for item in items:
        for mark, folders in FOLDERS.items():
            if item.get_closest_marker(mark) and not item.nodeid.startswith(folders):
                raise pytest.UsageError(
                    f"{item.nodeid}: what is marked {mark} belongs into {' or '.join(folders)}"
                )
        if item.nodeid.startswith(PAGES) and not item.nodeid.startswith(ON_BOTH):
            item.add_marker(pytest.mark.pages)
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker(pytest.mark.database)


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: the garbage collector need not go through them again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell `./dev test`, which runs pytest several times, what was skipped and why."""
    if path := os.environ.get("TENFOLD_SKIPS"):
        with Path(path).open("a") as file:
            for report in terminalreporter.getreports("skipped"):
                why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
                file.write(f"{report.nodeid}: {why}\n")


@pytest.fixture
def read_at_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever saves designs and does not ask how small their codes may get: most of a saving is that."""
    monkeypatch.setattr(checks, "SMALLER", ())


A_MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class FrozenClock:
    """The product's clock, stopped: it goes on only when the test says so."""

    def __init__(self, moment: datetime) -> None:
        self.move_to(moment)

    @property
    def now(self) -> datetime:
        return clock.now()

    def move_to(self, moment: datetime) -> datetime:
        clock.set_for_tests(moment)
        return moment

    def advance(self, **parts: float) -> datetime:
        """Go on by as much as these arguments of timedelta say: `frozen.advance(hours=2)`."""
        return self.move_to(clock.now() + timedelta(**parts))


@pytest.fixture
def frozen() -> Iterator[FrozenClock]:
    """The clock stands at 2026-03-02 10:00 UTC, a Monday, until the test moves it."""
    yield FrozenClock(A_MONDAY)
    clock.set_for_tests(None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's own browser, for Playwright's `executable_path`."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no chromium on this machine")
    return found
