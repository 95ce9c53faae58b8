"""What is left of the door while the console's slowest pages are asked for without a pause, and of a page that writes
while scans come without a pause.

One after the other, in rounds: scans alone, scans while several operators ask for the live page, the tree and the
people of a campaign over and over, and people who join through their group's page while all the others scan. The server
has core 0, everybody who asks has core 1. A launch night is not all at once, so that scans come over few connections
here: with hundreds of them the time in the line would hide what the pages cost.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import click
import httpx

from perf import wrk
from perf.drill_kill import Figure
from perf.ground import Ground, ground
from perf.served import PRODUCT, ROOT, Served

T = TypeVar("T")
PAGES = ("live/", "tree/", "people/")
SCRIPT = Path(__file__).with_name("pages.lua")
P99_RATIO = 3.0
# A form that has been sent is waited for; a person notices a second.
JOIN_MS = 1000.0
ASK = """
import django
django.setup()
from tenfold.accounts.models import Operator
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tests.cast import PASSWORD
slug = LiveCode.objects.get(channel__isnull=False).slug
print(Campaign.objects.get().id, Operator.objects.get().email, slug, PASSWORD)
"""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True)
class Wishes:
    rounds: int
    seconds: float
    scanners: int
    operators: int
    people: int
    workers: int
    port: int


@dataclass(frozen=True)
class Round:
    """`joins` are milliseconds, each of a form that was sent while all the others scanned; `quiet` while nobody did."""

    alone: wrk.Load
    hammered: wrk.Load
    pages: wrk.Load
    quiet: Sequence[float]
    joins: Sequence[float]


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=4.0, show_default=True, help="Of each measurement.")
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True
)
@click.option("--scanners", default=16, show_default=True, help="Connections that scan.")
@click.option("--operators", default=4, show_default=True, help="Connections that ask for pages.")
@click.option("--people", default=300, show_default=True, help="In the campaign.")
@click.option("--workers", default=1, show_default=True, help="Processes of the server.")
@click.option("--port", default=8810, show_default=True, help="The first of three.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
def main(database: str, is_json: bool, **wished: int | float) -> None:
    wrk.need_wrk()
    wishes = Wishes(**wished)  # type: ignore[arg-type]
    figures: list[Figure] = []
    for each in ["sqlite", "postgresql"] if database == "both" else [database]:
        for figure in figures_of(each, _rounds(each, wishes)):
            figures.append(figure)
            click.echo(json.dumps(asdict(figure)) if is_json else _line(figure))
    sys.exit(not all(figure.ok for figure in figures))


# --- what is measured -----------------------------------------------------------------------------------------


def _rounds(database: str, wishes: Wishes) -> list[Round]:
    with ground(database, wishes.port + 2, "--codes", str(wishes.people), "--visitors", "500") as stage:
        campaign, email, slug, password = _prepared(stage)
        with Several(wishes.workers, wishes.port, stage) as door:
            wrk.every_code_once(door.base, stage.load, most_seconds=10)
            paths = [f"/console/campaigns/{campaign}/{page}" for page in PAGES]
            cookie = _logged_in(door.base, (email, password), paths)
            night = Night(door, stage, wishes, cookie, paths, slug)
            return [night.round(nth) for nth in range(wishes.rounds)]


class Several(Served):
    """The product, as so many processes."""

    def __init__(self, workers: int, port: int, stage: Ground) -> None:
        super().__init__(PRODUCT, port, stage.environment, stage.folder / f"{port}.log")
        self._command += ["--workers", str(workers)]


def _prepared(stage: Ground) -> list[str]:
    """The campaign's id, its owner's address, the slug of a code, the owner's password."""
    _run(stage, "-P", "-m", "tenfold", "manage", "collectstatic", "--no-input", "-v0")
    return _run(stage, "-c", ASK).strip().split(" ", 3)


def _run(stage: Ground, *arguments: str) -> str:
    command, environment = [sys.executable, *arguments], {**os.environ, **stage.environment}
    return subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


@dataclass(frozen=True)
class Night:
    door: Served
    stage: Ground
    wishes: Wishes
    cookie: str
    paths: Sequence[str]
    slug: str

    def round(self, nth: int) -> Round:
        alone = self._scans(nth)
        with _beside(lambda: self._pages(self.wishes.seconds + 1)) as pages:
            hammered = self._scans(nth)
        self._wait_for_pages()
        quiet = self._joins(self.wishes.seconds / 2)
        with _beside(lambda: self._joins(self.wishes.seconds)) as joins:
            self._scans(nth, more=1)
        one = Round(alone, hammered, pages[0], quiet, joins[0])
        click.echo(_told(nth, one), err=True)
        return one

    def _scans(self, seed: int, more: float = 0) -> wrk.Load:
        self.door.wait_until_quiet()
        return wrk.scan(
            self.door.base,
            self.stage.load,
            connections=self.wishes.scanners,
            seconds=self.wishes.seconds + more,
            seed=seed,
        )

    def _pages(self, seconds: float) -> wrk.Load:
        command = ["taskset", "-c", wrk.CORE, "wrk", "-t1", f"-c{self.wishes.operators}", f"-d{seconds:.0f}s"]
        command += ["--timeout", "60s", "-s", str(SCRIPT), self.door.base, "--", self.cookie, *self.paths]
        return wrk.read(subprocess.run(command, capture_output=True, text=True).stdout)

    def _wait_for_pages(self) -> None:
        """Those whose operators have left are made all the same; one that is asked for now comes after them."""
        with _client(self.door.base) as operator:
            operator.get(self.paths[0], headers={"cookie": self.cookie}).raise_for_status()

    def _joins(self, seconds: float) -> list[float]:
        """One person after the other."""
        until, told = time.monotonic() + seconds, list[float]()
        while time.monotonic() < until:
            told.append(1000 * _joined(self.door.base, self.slug))
        return told


@contextmanager
def _beside(work: Callable[[], T]) -> Iterator[list[T]]:
    """Its one result is there at the end."""
    results: list[T] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    time.sleep(0.5)  # it has to be under way
    yield results
    thread.join()


def _client(base: str) -> httpx.Client:
    headers = {"accept-language": "en", "user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"}
    return httpx.Client(base_url=base, timeout=60, trust_env=False, headers=headers)


def _logged_in(base: str, log_in: tuple[str, str], paths: Sequence[str]) -> str:
    """The cookie of an operator who sees these pages."""
    with _client(base) as operator:
        form = dict(zip(("username", "password"), log_in, strict=True))
        form |= _token(operator.get("/console/login/"))
        operator.post("/console/login/", data=form)
        for path in paths:
            operator.get(path).raise_for_status()  # a log-in that did not work would lead elsewhere
        return "; ".join(f"{name}={value}" for name, value in operator.cookies.items())


def _joined(base: str, slug: str) -> float:
    """A newcomer scans, sees the group's page and joins; the seconds from sending the form to its answer."""
    with _client(base) as person:
        room = person.get(f"/c/{slug}").headers["location"]
        form = {"nickname": "Reader", "consent": "yes", **_token(person.get(room))}
        began = time.perf_counter()
        answer = person.post(f"{room}join", data=form)
        seconds = time.perf_counter() - began
    if answer.status_code not in (200, 302):
        raise RuntimeError(f"joining was answered {answer.status_code}")
    return seconds


def _token(page: httpx.Response) -> dict[str, str]:
    found = TOKEN.search(page.raise_for_status().text)
    return {"csrfmiddlewaretoken": found[1]} if found else {}


# --- what is told ---------------------------------------------------------------------------------------------


def figures_of(database: str, rounds: Sequence[Round]) -> Iterator[Figure]:
    """Medians; the ratio is the median of the rounds' own."""
    for name, loads in (
        ("alone", [each.alone for each in rounds]),
        ("beside pages", [each.hammered for each in rounds]),
    ):
        for number in ("rate", "p50", "p99"):
            value = statistics.median(getattr(load, number) for load in loads)
            yield Figure(f"{database}: scans {name}, {UNITS[number]}", _short(value), "", True)
    yield Figure(
        f"{database}: pages meanwhile, a second",
        _short(statistics.median(each.pages.rate for each in rounds)),
        "",
        True,
    )
    ratio = statistics.median(each.hammered.p99 / each.alone.p99 for each in rounds)
    yield Figure(f"{database}: times the p99 alone", _short(ratio), f"<= {P99_RATIO:g}", ratio <= P99_RATIO)
    wrong = sum(each.alone.wrong + each.hammered.wrong + each.pages.wrong for each in rounds)
    yield Figure(f"{database}: wrong answers", wrong, "0", wrong == 0)
    quiet = [join for each in rounds for join in each.quiet]
    yield Figure(
        f"{database}: joining while nobody scans, median, ms", _short(statistics.median(quiet)), "", True
    )
    joins = [join for each in rounds for join in each.joins]
    yield Figure(
        f"{database}: joining while others scan, median, ms", _short(statistics.median(joins)), "", True
    )
    slow = sorted(joins)[int(0.95 * len(joins))]
    target = f"<= {JOIN_MS:g}"
    yield Figure(f"{database}: joining while others scan, p95, ms", _short(slow), target, slow <= JOIN_MS)


UNITS = {"rate": "a second", "p50": "p50, ms", "p99": "p99, ms"}


def _short(value: float) -> float:
    return float(f"{value:.3g}") if value < 1000 else round(value)


def _told(nth: int, one: Round) -> str:
    return (
        f"round {nth + 1}: alone {one.alone.rate:.0f} a second, p99 {one.alone.p99:.1f} ms; beside"
        f" {one.pages.rate:.0f} pages a second {one.hammered.rate:.0f}, p99 {one.hammered.p99:.1f} ms; joining"
        f" {statistics.median(one.quiet):.0f} ms, beside scans {statistics.median(one.joins):.0f} ms,"
        f" at most {max(one.joins):.0f}"
    )


def _line(figure: Figure) -> str:
    verdict = "" if not figure.target else "ok" if figure.ok else "MISSED"
    return f"{verdict:7}{figure.name:60} {figure.value}" + (
        f"   (target: {figure.target})" if figure.target else ""
    )


if __name__ == "__main__":
    main()
