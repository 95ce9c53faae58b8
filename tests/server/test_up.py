"""`tenfold up` as one runs it: processes, signals, and what is left after the worst of them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tenfold.up.children import Child
from tests.server.test_really_served import free_port, is_open, until

pytestmark = pytest.mark.slow


class Up:
    """One run of `tenfold up --empty`, with what it prints."""

    def __init__(self, data: Path, port: int) -> None:
        self.port = port
        self.told = data.parent / f"told-{time.monotonic_ns()}"
        ours = ("DATABASE_URL", "TENFOLD_PARENT", "TENFOLD_PUBLIC_URL")
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        command = [sys.executable, "-m", "tenfold", "up", "--empty", "--port", str(port), "--data", str(data)]
        with self.told.open("wb") as told:
            self.process = subprocess.Popen(command, env=environment, stdout=told, stderr=subprocess.STDOUT)

    def says(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.told.read_text())

    def log_in(self) -> str:
        until(lambda: self.says("Ctrl-C stops it"), seconds=90)
        found = self.says(r"Log-in +(\S+ +\S+)")
        assert found is not None
        return found[1]

    def children(self) -> dict[str, int]:
        """Their numbers by the command each runs."""
        told = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid=,args="], capture_output=True, text=True
        )
        found = (re.match(r"\s*(\d+).* tenfold (\w+)", line) for line in told.stdout.splitlines())
        return {match[2]: int(match[1]) for match in found if match}


def test_up_keeps_its_data_tends_its_children_and_leaves_none_behind(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    first = Up(data, port)
    try:
        log_in = first.log_in()
        assert answers(port)
        worker = first.children()["worker"]
        os.kill(worker, signal.SIGKILL)
        until(lambda: first.says(r"The worker has ended \(SIGKILL\)"))
        until(lambda: first.children().get("worker", worker) != worker)
        orphans = list(first.children().values())
    finally:
        first.process.kill()
        first.process.wait()
    until(lambda: not is_open(port) and not any(is_alive(pid) for pid in orphans))

    second = Up(data, port)
    try:
        assert second.log_in() == log_in
        assert answers(port)
        second.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert second.process.wait(timeout=10) == 0
        assert time.monotonic() - began < 5
    finally:
        second.process.kill()
    assert second.says("The data is kept")
    assert not is_open(port)


def answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request("GET", "/console/login/")
    return link.getresponse().status == 200


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_that_keeps_dying_is_started_more_and_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0.0]
    monkeypatch.setattr("tenfold.up.children.time.monotonic", lambda: moment[0])
    child = Child("server", "no-such-command")
    pauses: list[float] = []
    while len(pauses) < 7:
        told = child.tend()
        moment[0] += 0.05
        if told:
            pauses.append(float(told.split(" in ")[1].split()[0]))
        elif child.pid:
            child.make_sure(20)
    assert pauses == [1, 2, 4, 8, 10, 10, 10]


def test_a_child_that_will_not_stop_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"

    def start(_command: object, **wishes: object) -> subprocess.Popen[bytes]:
        started.append(popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True))
        return started[-1]

    monkeypatch.setattr("tenfold.up.children.subprocess.Popen", start)
    child = Child("worker", "worker")
    child.start()
    assert started[0].stdout is not None
    started[0].stdout.readline()
    child.ask_to_stop()
    child.make_sure(0.2)
    assert started[0].returncode == -signal.SIGKILL
    started[0].stdout.close()
