"""Several processes on one SQLite, as `tenfold serve --workers` runs them: one writes, and is replaced when it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.server.test_really_served import COUNT, STAGE, Served, free_port, is_ready, serving, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.race,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="who writes is a question of SQLite's"),
]
PHONES = 8
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile Safari/537.36"
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, "--workers", "2") as one:
        one.slug = json.loads(one.run(STAGE))["slug"]
        yield one


def who_writes(served: Served) -> int | None:
    """The process that holds the lock, as Linux tells: "1: FLOCK ADVISORY WRITE pid device:inode ..."."""
    lock = Path(served.environment["TENFOLD_DATA"]) / "door.lock"
    if not lock.exists():
        return None
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if "->" not in words and words[5].endswith(f":{lock.stat().st_ino}"):
            return int(words[4])
    return None


class Crowd:
    """Phones that scan one after the other, each time over a connection of its own: to any of the processes."""

    def __init__(self, *doors: Served) -> None:
        self.statuses: Counter[int] = Counter()
        self._is_over = threading.Event()
        self._phones = [
            threading.Thread(target=self._scan, args=(doors[nth % len(doors)],)) for nth in range(PHONES)
        ]

    def _scan(self, door: Served) -> None:
        while not self._is_over.is_set():
            try:
                self.statuses[door.get(f"/c/{door.slug}", user_agent=PHONE)[0]] += 1
            except (OSError, HTTPException):
                self.statuses[0] += 1

    def came(self, more: int = 50) -> None:
        """So many more were let in."""
        wanted = self.statuses[302] + more
        until(lambda: self.statuses[302] >= wanted, seconds=30)

    def __enter__(self) -> Crowd:
        for phone in self._phones:
            phone.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        for phone in self._phones:
            phone.join(timeout=30)


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a lock is asked of Linux")
def test_the_one_who_writes_is_killed_and_what_was_answered_is_there(served: Served) -> None:
    before = int(served.run(COUNT))
    with Crowd(served) as crowd:
        crowd.came()
        for _death in range(3):
            writer = who_writes(served)
            assert writer
            os.kill(writer, signal.SIGKILL)
            until(lambda killed=writer: who_writes(served) not in (None, killed))
            crowd.came()
    kept = int(served.run(COUNT)) - before
    assert set(crowd.statuses) <= {0, 302, 503}
    # Those in the hands of one that was killed are kept or not; nobody has been told that they are.
    assert crowd.statuses[302] <= kept <= crowd.statuses.total()


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a lock is asked of Linux")
def test_while_the_one_who_writes_stands_still_the_other_lets_people_in(served: Served) -> None:
    before = int(served.run(COUNT))
    with Crowd(served) as crowd:
        crowd.came()
        writer = who_writes(served)
        assert writer
        os.kill(writer, signal.SIGSTOP)
        try:
            # Whoever has come to the one that stands still waits for it.
            with Crowd(served) as others:
                others.came(4)
        finally:
            os.kill(writer, signal.SIGCONT)
        crowd.came()
    kept = int(served.run(COUNT)) - before
    answered = crowd.statuses + others.statuses
    assert set(answered) <= {0, 302, 503}  # 0: has waited for the one that stands still, and left
    assert answered[302] <= kept <= answered.total()


@contextmanager
def beside(one: Served) -> Iterator[Served]:
    """A second server on the same data."""
    port = free_port()
    command = [sys.executable, "-m", "tenfold", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=one.environment)
    second = Served(port, one.environment, process, slug=one.slug)
    try:
        until(lambda: is_ready(second), seconds=60)
        yield second
    finally:
        process.kill()
        process.wait()


def test_two_servers_on_one_folder_write_as_one(served: Served) -> None:
    before = int(served.run(COUNT))
    with beside(served) as second, Crowd(served, second) as crowd:
        crowd.came()
        served.process.terminate()
        assert served.process.wait(timeout=15) == 0
        before_the_end = crowd.statuses[302]
        until(lambda: crowd.statuses[302] > before_the_end + 20, seconds=30)
    kept = int(served.run(COUNT)) - before
    assert crowd.statuses[302] <= kept <= crowd.statuses.total()
    assert (
        served.run(
            "import django; django.setup()\nfrom tenfold.insight.rebuild import checked\n"
            "print(len(checked().differences))"
        ).strip()
        == "0"
    )
