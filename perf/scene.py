"""What a drill plays on: a database with a live campaign, the product's processes on it, and their ends by force.

python -m perf.scene --groups 40 --capacity 1000 --codes 8

fills the database that the environment names, through the product's own actions, and prints the slugs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import click
import httpx

from perf.cluster import Cluster
from perf.product import READY_SECONDS, STOP_SECONDS, descendants, is_beside

ROOT = Path(__file__).resolve().parent.parent
# One machine asks for everybody here: the limits for one address are not what is tried.
NO_LIMITS = {"TENFOLD_ADDRESS_BURST": "1000000000", "TENFOLD_ADDRESS_RATE": "1000000000"}


@dataclass
class Scene:
    """SQLite under `folder`, or PostgreSQL as `cluster`. `broken` names a build of `perf.broken`; `extra` are variables
    of the running product alone."""

    folder: Path
    port: int
    cluster: Cluster | None = None
    workers: int = 1
    broken: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """As `perf.truth` wants to be told of it."""
        return self.cluster.url if self.cluster else str(self.data / "tenfold.sqlite3")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """Beside the data and not among them, which may be unplugged."""
        return self.folder.parent / f"{self.folder.name}.log"

    @property
    def environment(self) -> dict[str, str]:
        """The caller's, with our database instead of theirs."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TENFOLD_")}
        clean.pop("DATABASE_URL", None)
        clean |= {
            "DJANGO_SETTINGS_MODULE": "tenfold.settings",
            "TENFOLD_DATA": str(self.data),
            "TENFOLD_SECRET_KEY": "only for drills",
            "TENFOLD_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "TENFOLD_LOG_LEVEL": "ERROR",
            **NO_LIMITS,
        }
        return clean | ({"DATABASE_URL": self.cluster.url} if self.cluster else {})

    def prepare(self, *, groups: int, capacity: int, codes: int = 8) -> tuple[str, ...]:
        """The tables and a live campaign; the slugs of its codes. On disk: a power cut must not take the stage."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._done("-P", "-m", "tenfold", "migrate")
        stage = (f"--groups={groups}", f"--capacity={capacity}", f"--codes={codes}")
        slugs = self._done("-m", "perf.scene", *stage).split()
        os.sync()
        return tuple(slugs)

    def _done(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def door(self) -> Door:
        return Door(self)

    def worker(self) -> Part:
        return Part(self, "-P", "-m", "tenfold", "worker")


class Part:
    """One command of the product. As a context it starts, and is killed if it still runs at the end."""

    def __init__(self, scene: Scene, *arguments: str, **variables: str) -> None:
        self.scene = scene
        self._arguments, self._variables = arguments, variables
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self.is_running:
            self.kill()

    def start(self) -> None:
        with self.scene.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._arguments],
                env={**self.scene.environment, **self.scene.extra, **self._variables},
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def family(self) -> list[int]:
        assert self._process, "not started"
        return [self._process.pid, *descendants(self._process.pid)]

    @property
    def told(self) -> str:
        """The end of what it has said."""
        return self.scene.log.read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """kill -9 of every process."""
        for pid in self.family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._process
        self._process.wait()

    def stop(self) -> None:
        """As Ctrl-C does."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=STOP_SECONDS)


class Door(Part):
    """`tenfold serve`, or a broken build of it."""

    def __init__(self, scene: Scene) -> None:
        options = ("--host", "127.0.0.1", "--port", str(scene.port), "--workers", str(scene.workers))
        if scene.broken:
            super().__init__(scene, "-m", "perf.broken", *options, TENFOLD_BROKEN=scene.broken)
        else:
            super().__init__(scene, "-P", "-m", "tenfold", "serve", *options)

    def start(self) -> None:
        self.ready_after()

    def ready_after(self) -> float:
        """Start, and wait until it is ready; the seconds that took."""
        if self.is_ready():
            # A server that shares its port with another one would get half of what is asked.
            raise RuntimeError(f"Somebody else answers on port {self.scene.port}.")
        began = time.monotonic()
        super().start()
        while not self.is_ready():
            if not self.is_running or time.monotonic() - began > READY_SECONDS:
                raise RuntimeError(f"It does not start:\n{self.told}")
            time.sleep(0.02)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{self.scene.port}/readyz"
            return httpx.get(url, timeout=2, trust_env=False).status_code == 200
        return False

    @property
    def processes(self) -> list[int]:
        """The doors: without the one that started them, and without the pages' process that each of them starts."""
        return [pid for pid in self.family[1:] if not is_beside(pid)]

    @property
    def writer(self) -> int | None:
        """The one process that writes to SQLite; None where there is no such lock."""
        lock = self.scene.data / "door.lock"
        if not lock.exists():
            return None
        number, family = lock.stat().st_ino, self.family
        return next((pid for pid, inode in _locks() if inode == number and pid in family), None)


def _locks() -> Iterator[tuple[int, int]]:
    """Who holds which file, as Linux tells: "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF"."""
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if "->" not in words:
            yield int(words[4]), int(words[5].rpartition(":")[2])


# --- the stage ------------------------------------------------------------------------------------------------


@click.command()
@click.option("--groups", default=40, show_default=True)
@click.option("--capacity", default=1000, show_default=True)
@click.option("--codes", default=8, show_default=True)
def main(groups: int, capacity: int, codes: int) -> None:
    import django

    django.setup()
    for slug in _made(groups, capacity, codes):
        click.echo(slug)


def _made(group_count: int, capacity: int, code_count: int) -> Iterator[str]:
    from tenfold.codes import actions as codes
    from tenfold.codes.models import Channel
    from tenfold.groups import actions as groups
    from tests import cast

    stage = cast.live(capacity=capacity)
    campaign, olga = stage.campaign, stage.owner
    for number in range(2, group_count + 1):
        groups.add_group(
            campaign=campaign, name=f"Readers {number}", platform="web", capacity=capacity, operator=olga
        )
    yield stage.code.slug
    for number in range(2, code_count + 1):
        channel = codes.make_channel(
            campaign=campaign, name=f"Channel {number}", kind=Channel.Kind.KOL, operator=olga
        )
        yield channel.slug


if __name__ == "__main__":
    main()
