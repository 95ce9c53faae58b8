"""Everybody's posters at once: made by the worker while the console is used.

./dev bench renders [--people 10000] [--read 1000] [--database sqlite|postgresql]

An operator logs in, asks for all posters and goes on working: pages of the console are asked for one after the other as
long as it takes, and before that, when nothing else happens. Then the ZIP is taken home, and of its codes `--read` are
read, spread over all of it.
"""

from __future__ import annotations

import io
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile

import click
import httpx
from PIL import Image

from perf.ground import Ground, ground
from perf.product import descendants
from perf.served import PRODUCT, cpu_seconds, rss_mib
from tenfold.imaging.checks import READERS, as_in_chat

EMAIL, PASSWORD = "olga@example.com", "a long enough password"  # as `tests.cast` has them
CAMPAIGN = re.compile(r"/console/campaigns/[0-9a-f]{8}-[0-9a-f-]{27}")
PAGES = ("live/", "people/", "groups/", "renders/now/")
IDLE_SECONDS = 10.0
MOST_SECONDS = 3600.0
# How much slower a page of the console may be while all is made on a machine of two cores.
SLOWER = 3.0


@dataclass(frozen=True)
class Times:
    """Of the console's answers, in milliseconds."""

    count: int
    median: float
    p99: float


@click.command()
@click.option("--people", default=10_000, show_default=True)
@click.option("--read", default=1000, show_default=True, help="Codes to read.")
@click.option("--database", default="sqlite", type=click.Choice(["sqlite", "postgresql"]), show_default=True)
@click.option("--port", default=8930, show_default=True)
def main(people: int, read: int, database: str, port: int) -> None:
    """Print what it took; fails where a poster is missing, cannot be read, or the console hung."""
    with (
        _ground(database, port + 1, people) as stage,
        stage.serve(PRODUCT, port) as server,
        Console(server.base) as console,
        _worker(stage) as worker_pid,
    ):
        before = console.used_for(IDLE_SECONDS)
        began, cpu = time.monotonic(), cpu_seconds(worker_pid)
        console.ask()
        during = console.used_until_done()
        took, spent = time.monotonic() - began, cpu_seconds(worker_pid) - cpu
        memory = max(rss_mib([worker_pid, *descendants(worker_pid)]))
        count, unread, size = console.check(read)
    click.echo(f"posters made          {count} of {people} in {took:.0f} s, {count / took:.0f} a second")
    click.echo(f"worker                {1000 * spent / count:.1f} ms of CPU a poster, {memory:.0f} MiB")
    click.echo(f"ZIP                   {size / 2**20:.0f} MiB")
    click.echo(
        f"codes not read        {unread} of {min(read, count)} (at 0.28, JPEG quality 60, by both readers)"
    )
    click.echo(f"console, idle         {_told(before)}")
    click.echo(f"console, meanwhile    {_told(during)}")
    sys.exit(count != people or unread > 0 or during.median > SLOWER * before.median + 50)


def _told(times: Times) -> str:
    return f"median {times.median:.0f} ms, p99 {times.p99:.0f} ms of {times.count} pages"


@contextmanager
def _ground(database: str, port: int, people: int) -> Iterator[Ground]:
    """With the files that pages of the console need."""
    with ground(database, port, "--codes", str(people)) as stage:
        stage.start("-P", "-m", "tenfold", "manage", "collectstatic", "--no-input", "-v0").wait()
        yield stage


@contextmanager
def _worker(stage: Ground) -> Iterator[int]:
    process = stage.start("-P", "-m", "tenfold", "worker")
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


class Console:
    """An operator's browser."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(base_url=base, timeout=60, trust_env=False, follow_redirects=True)

    def __enter__(self) -> Console:
        self._client.get("/console/login/").raise_for_status()
        self._post("/console/login/", username=EMAIL, password=PASSWORD)
        [campaign] = set(CAMPAIGN.findall(self._client.get("/console/").text))
        self._campaign = f"{campaign}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _post(self, address: str, **fields: str) -> httpx.Response:
        token = {"csrfmiddlewaretoken": self._client.cookies["csrftoken"]}
        return self._client.post(
            address, data=token | fields, headers={"Referer": str(self._client.base_url)}
        )

    def ask(self) -> None:
        self._post(f"{self._campaign}renders/", what="poster", language="").raise_for_status()

    def used_for(self, seconds: float) -> Times:
        over = time.monotonic() + seconds
        return self._used(lambda _page: time.monotonic() < over)

    def used_until_done(self) -> Times:
        """Until the list of runs is not fetched again any more."""
        over = time.monotonic() + MOST_SECONDS
        return self._used(
            lambda page: time.monotonic() < over and ("every 1s" in page or "tr-run" not in page)
        )

    def _used(self, goes_on: Callable[[str], bool]) -> Times:
        taken, page = [], ""
        while goes_on(page):
            for part in PAGES:
                began = time.monotonic()
                page = self._client.get(self._campaign + part).raise_for_status().text
                taken.append(1000 * (time.monotonic() - began))
            time.sleep(0.1)
        taken.sort()
        return Times(len(taken), taken[len(taken) // 2], taken[int(len(taken) * 0.99)])

    def check(self, most: int) -> tuple[int, int, int]:
        """How many pictures are in the ZIP, how many of so many codes cannot be read in a chat, and its bytes."""
        page = self._client.get(f"{self._campaign}renders/").text
        address = page.split(".zip")[0].rsplit('"', 1)[1] + ".zip"
        with TemporaryFile() as kept:
            with self._client.stream("GET", address) as answer:
                for piece in answer.iter_bytes():
                    kept.write(piece)
            size = kept.tell()
            with zipfile.ZipFile(kept) as packed:
                names = packed.namelist()
                some = names[:: max(1, len(names) // most)][:most]
                return len(names), sum(not _is_read(packed.read(name)) for name in some), size


def _is_read(data: bytes) -> bool:
    """Whether both readers find one code, and the same, in what a chat makes of the poster."""
    with Image.open(io.BytesIO(data)) as poster:
        small = as_in_chat(poster.convert("RGB")).convert("L")
    found = {tuple(read(small)) for read in READERS.values()}
    return len(found) == 1 and len(codes := found.pop()) == 1 and "/C/" in codes[0]


if __name__ == "__main__":
    main()
