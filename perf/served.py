"""A server under measurement: on a core of its own, with what it has used of the machine.

python -m perf.served TARGET PORT

serves any ASGI application exactly as `tenfold serve` serves the product: `perf.constant:application` and others that
exist only here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families

from perf.product import READY_SECONDS, STOP_SECONDS, descendants, is_beside
from tenfold import parent

# The load has the other one: see perf/wrk.py.
CORE = "0"
ROOT = Path(__file__).resolve().parents[1]
PRODUCT = "tenfold.asgi:application"
TICK = 1 / os.sysconf("SC_CLK_TCK")
# How long requests of those who have left may go on, and how often one looks.
QUIET_SECONDS, LOOK_SECONDS = 60.0, 0.3
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


class Used(NamedTuple):
    """Of the machine and of the product's own counters, since it was started. `scans` by outcome."""

    cpu_seconds: float
    scans: Mapping[str, float]
    batches: float


class Served:
    """One server with its processes; `environment` is what its start needs beside ours."""

    def __init__(self, target: str, port: int, environment: Mapping[str, str], log: Path) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._command = ["taskset", "-c", CORE, sys.executable, *_command(target, port)]
        self._environment = os.environ | environment | {parent.VARIABLE: str(os.getpid())}
        self._log = log
        self._is_product = target != "perf.constant:application"

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=ROOT, env=self._environment, start_new_session=True
            )
        began = time.monotonic()
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - began > READY_SECONDS:
                raise RuntimeError(f"{self._command} does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def used(self) -> Used:
        cpu = cpu_seconds(self._process.pid)
        return Used(cpu, *read_metrics(self._get("/metrics").text)) if self._is_product else Used(cpu, {}, 0)

    def wait_until_quiet(self) -> None:
        """Until it has done what those who have left had asked for."""
        give_up, before = time.monotonic() + QUIET_SECONDS, Used(-1.0, {}, 0)
        while time.monotonic() < give_up:
            now = self.used()
            if now.scans == before.scans:
                return
            before = now
            time.sleep(LOOK_SECONDS)

    def memory_mib(self) -> float:
        """Of the process that answers, which is the largest but for the pages' own."""
        family = [self._process.pid, *descendants(self._process.pid)]
        return max(rss_mib(pid for pid in family if not is_beside(pid)))

    def _is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return self._get("/readyz").status_code in (200, 302)
        return False

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(self.base + path, timeout=10, trust_env=False)


def _command(target: str, port: int) -> list[str]:
    if target == PRODUCT:
        return ["-P", "-m", "tenfold", "serve", "--port", str(port)]
    return ["-m", "perf.served", target, str(port)]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it, those that have ended and were waited for included."""
    return sum(_cpu_seconds(each) for each in (pid, *descendants(pid)))


def _cpu_seconds(pid: int) -> float:
    with suppress(OSError):
        # After "pid (name)": the 14th to 17th of all fields, in ticks; the name may hold blanks and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) * TICK
    return 0.0


def busy_seconds() -> float:
    """What all cores have worked, or were kept from working by other machines on the same hardware."""
    user, nice, system, _idle, _wait, *rest = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    return sum(int(field) for field in (user, nice, system, *rest)) * TICK


def rss_mib(pids: Iterable[int]) -> list[float]:
    found = []
    for pid in pids:
        with suppress(OSError):
            found.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MIB)
    return found


def read_metrics(text: str) -> tuple[dict[str, float], float]:
    """Scans by outcome, and in how many batches they were kept; 0 where the product counts no batches."""
    scans, batches = dict[str, float](), 0.0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "tenfold_scans_total":
                scans[sample.labels.get("outcome", "")] = sample.value
            elif sample.name == "tenfold_scan_batches_total":
                batches += sample.value
    return scans, batches


def main(target: str, port: str) -> None:
    """The product's own way of serving, with its every option, and another application behind it."""
    from tenfold import server

    server.serve(host="127.0.0.1", port=int(port), workers=1, application=target)


if __name__ == "__main__":
    main(*sys.argv[1:])
