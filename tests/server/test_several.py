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

from tests.server.test_really_served import STAGE, Served, free_port, is_ready, scan_count, serving, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.race,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="who writes is a question of SQLite's"),
]
PHONES = 8
# The byte of the shared memory's file by whose lock SQLite knows who writes (sqlite.org/walformat.html).
WRITING = 120
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile Safari/537.36"
)


@pytest.fixture
def served(laid_out: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(laid_out, tmp_path, "--workers", "2") as one:
        one.slug = json.loads(one.run(STAGE))["slug"]
        yield one


def who_locks(file: Path, byte: int | None = None) -> int | None:
    """The process that holds the lock, as Linux tells: "1: FLOCK ADVISORY WRITE pid device:inode first last"."""
    if not file.exists():
        return None
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if "->" in words or words[3] != "WRITE" or not words[5].endswith(f":{file.stat().st_ino}"):
            continue
        if (
            byte is None
            or (words[7] == "EOF" and int(words[6]) <= byte)
            or int(words[6]) <= byte <= int(words[7])
        ):
            return int(words[4])
    return None


def data_of(served: Served) -> Path:
    return Path(served.environment["TENFOLD_DATA"])


def who_writes(served: Served) -> int | None:
    return who_locks(data_of(served) / "door.lock")


@contextmanager
def standing_still(served: Served, process: int, *, in_a_commit: bool) -> Iterator[None]:
    """The process is stopped while it holds SQLite's lock, or while it does not: as wished, and not by chance."""
    shared = data_of(served) / "tenfold.sqlite3-shm"

    def stops_there() -> bool:
        os.kill(process, signal.SIGSTOP)
        until(lambda: stands(process))
        if (who_locks(shared, WRITING) == process) is in_a_commit:
            return True
        os.kill(process, signal.SIGCONT)
        return False

    try:
        until(stops_there, seconds=30)
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def stands(process: int) -> bool:
    """All its threads do: one that waits for the disk goes on until that has answered."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks)


class Crowd:
    """Phones that scan one after the other, each time over a connection of its own: to any of the processes."""

    def __init__(self, *doors: Served, patience: float = 20) -> None:
        self.patience = patience
        self.statuses: Counter[int] = Counter()
        self._is_over = threading.Event()
        self._phones = [
            threading.Thread(target=self._scan, args=(doors[nth % len(doors)],)) for nth in range(PHONES)
        ]

    def _scan(self, door: Served) -> None:
        while not self._is_over.is_set():
            try:
                self.statuses[door.get(f"/c/{door.slug}", patience=self.patience)[0]] += 1
            except (OSError, HTTPException):
                self.statuses[0] += 1

    def came(self, more: int = 50) -> None:
        """So many more were let in."""
        wanted = self.statuses[302] + more
        until(lambda: self.statuses[302] >= wanted, seconds=60)

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
    before = scan_count(served)
    with Crowd(served) as crowd:
        crowd.came()
        for _death in range(3):
            writer = who_writes(served)
            assert writer
            os.kill(writer, signal.SIGKILL)
            # The next one may have to be started first, as a server is (`serving`).
            until(lambda killed=writer: who_writes(served) not in (None, killed), seconds=60)
            crowd.came()
    kept = scan_count(served) - before
    assert set(crowd.statuses) <= {0, 302, 503}
    # Those in the hands of one that was killed are kept or not; nobody has been told that they are.
    assert crowd.statuses[302] <= kept <= crowd.statuses.total()


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a lock is asked of Linux")
def test_while_the_one_who_writes_stands_still_the_other_lets_people_in(served: Served) -> None:
    before = scan_count(served)
    with Crowd(served) as crowd:
        crowd.came()
        writer = who_writes(served)
        assert writer
        # Half of the connections are the stopped one's: who comes there leaves, and tries again.
        with standing_still(served, writer, in_a_commit=False), Crowd(served, patience=2) as others:
            others.came(4)
        crowd.came()
    kept = scan_count(served) - before
    answered = crowd.statuses + others.statuses
    assert set(answered) <= {0, 302, 503}  # 0: has waited for the one that stands still, and left
    assert answered[302] <= kept <= answered.total()


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a lock is asked of Linux")
def test_one_that_stands_still_in_a_commit_has_the_database_and_then_all_goes_on(served: Served) -> None:
    before = scan_count(served)
    with Crowd(served) as crowd:
        crowd.came()
        writer = who_writes(served)
        assert writer
        with standing_still(served, writer, in_a_commit=True):
            let_in, kept_meanwhile = crowd.statuses[302], scan_count(served)
            until(lambda: crowd.statuses[503] > 0, seconds=30)
            # Nobody is told that they are in, but those whose answer was on its way.
            assert crowd.statuses[302] <= let_in + PHONES
            assert scan_count(served) == kept_meanwhile
        crowd.came()
    kept = scan_count(served) - before
    assert set(crowd.statuses) <= {0, 302, 503}
    assert crowd.statuses[302] <= kept <= crowd.statuses.total()


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
    before = scan_count(served)
    with beside(served) as second, Crowd(served, second) as crowd:
        crowd.came()
        served.process.terminate()
        assert served.process.wait(timeout=15) == 0
        before_the_end = crowd.statuses[302]
        until(lambda: crowd.statuses[302] > before_the_end + 20, seconds=30)
    kept = scan_count(served) - before
    assert crowd.statuses[302] <= kept <= crowd.statuses.total()
    assert (
        served.run(
            "import django; django.setup()\nfrom tenfold.insight.rebuild import checked\n"
            "print(len(checked().differences))"
        ).strip()
        == "0"
    )
