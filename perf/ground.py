"""A folder and a filled database for one measurement, on either engine, as durable as in earnest.

PostgreSQL is a cluster of its own that waits for the disk (fsync, synchronous_commit and full_page_writes on) and
otherwise has the settings it comes with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perf.cluster import Cluster
from perf.product import descendants
from perf.served import ROOT, Served, cpu_seconds
from tenfold import parent

NO_LIMIT = "1000000000"
# What the product's own connection says about when a commit is on disk.
ASK = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for question in {"sqlite": ["PRAGMA synchronous"], "postgresql": ["SHOW synchronous_commit", "SHOW fsync"]}[
        connection.vendor
    ]:
        cursor.execute(question)
        print(cursor.fetchone()[0])
"""
DURABLE = {"sqlite": ["2"], "postgresql": ["on", "on"]}
SAID = {"sqlite": "synchronous=FULL", "postgresql": "synchronous_commit=on, fsync=on"}


@dataclass(frozen=True)
class Ground:
    """`load` is what the load generator needs; `filling_seconds` how long the filling took."""

    database: str
    folder: Path
    environment: dict[str, str]
    cluster: Cluster | None
    filling_seconds: float

    @property
    def load(self) -> Path:
        return self.folder / "load"

    @property
    def address(self) -> str:
        """As `perf.truth` wants to be told of the database."""
        return self.cluster.url if self.cluster else str(self.folder / "tenfold.sqlite3")

    def serve(self, target: str, port: int, **extra: str) -> Served:
        return Served(target, port, self.environment | extra, self.folder / f"{port}.log")

    def database_cpu(self) -> float:
        """Of PostgreSQL's processes; SQLite works inside of ours."""
        return cpu_seconds(self.cluster.pid) if self.cluster else 0.0

    def is_durable(self) -> bool:
        """Asked of the product's own connection."""
        return self._run("-c", ASK).stdout.split() == DURABLE[self.database]

    def rebuilt(self) -> str:
        """What `tenfold rebuild` says in the end."""
        done = self._run("-P", "-m", "tenfold", "rebuild")
        return (done.stdout.strip().splitlines() or [done.stderr[-200:]])[-1]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A Python process beside the server."""
        with (self.folder / "beside.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments], stdout=log, stderr=log, cwd=ROOT, env=self._env
            )

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=self._env, cwd=ROOT, capture_output=True, text=True)

    @property
    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


@contextmanager
def ground(database: str, port: int, *stage_options: str, cores: str = "") -> Iterator[Ground]:
    """Filled by perf/stage.py with these options. PostgreSQL listens on `port`, on these cores ("0,1"; "" for all)."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        if database == "sqlite":
            yield _filled(database, Path(name), None, stage_options)
            return
        with Cluster(port) as cluster:
            if cores:
                _pin(cluster.pid, cores)
            yield _filled(database, Path(name), cluster, stage_options)


def _filled(database: str, folder: Path, cluster: Cluster | None, stage_options: tuple[str, ...]) -> Ground:
    environment = {
        parent.VARIABLE: str(os.getpid()),  # nothing of it outlives us
        "TENFOLD_DATA": str(folder),
        "DATABASE_URL": cluster.url if cluster else "",
        "TENFOLD_SECRET_KEY": "of a measurement, and of nothing else",
        "TENFOLD_PUBLIC_URL": "http://127.0.0.1",
        "TENFOLD_LOG_LEVEL": "ERROR",
        # All phones have one address here.
        "TENFOLD_ADDRESS_BURST": NO_LIMIT,
        "TENFOLD_ADDRESS_RATE": NO_LIMIT,
        "DJANGO_SETTINGS_MODULE": "tenfold.settings",
    }
    began = time.monotonic()
    command = [sys.executable, "-m", "perf.stage", str(folder / "load"), *stage_options]
    subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, check=True)
    return Ground(database, folder, environment, cluster, time.monotonic() - began)


def _pin(pid: int, cores: str) -> None:
    for each in (pid, *descendants(pid)):
        os.sched_setaffinity(each, {int(core) for core in cores.split(",")})
