"""The story of `tenfold up` without its processes: what it says, what it tends, and that it always stops them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tenfold import parent
from tenfold.simulation.demo import Demo
from tenfold.up import children as families
from tenfold.up import ground, start
from tenfold.up.children import HEALTHY_SECONDS, Child, _told, stop
from tenfold.up.start import Stopped, Wishes


class Pretended:
    """A child that runs nothing."""

    born: list[Pretended] = []

    def __init__(self, name: str, *arguments: str) -> None:
        self.name, self.arguments = name, arguments
        self.deeds: list[str] = []
        Pretended.born.append(self)

    def start(self) -> None:
        self.deeds.append("start")

    def tend(self) -> str | None:
        self.deeds.append("tend")
        return None

    def ask_to_stop(self) -> None:
        self.deeds.append("ask")

    def make_sure(self, seconds: float) -> None:
        self.deeds.append("sure")


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Wishes:
    """Everything that would touch the machine does nothing; the loop that looks after the children ends by Ctrl-C."""
    Pretended.born = []
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(start, "Child", Pretended)
    monkeypatch.setattr(start, "TICK_SECONDS", 0)
    monkeypatch.setattr(ground, "free_port", lambda _host, _port: None)
    monkeypatch.setattr(ground, "has_static", lambda _data: True)
    monkeypatch.setattr(start, "_is_ready", lambda _port: True)
    monkeypatch.setattr(start, "_prepare", lambda _wishes: ground.LogIn("o@example.com", "secret word"))
    monkeypatch.setattr(start, "_look_after", _ctrl_c)
    return Wishes(tmp_path / "data", 8123, is_empty=True)


def _ctrl_c(_children: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def deeds() -> dict[str, list[str]]:
    return {child.name: [deed for deed in child.deeds if deed != "tend"] for child in Pretended.born}


def test_it_tells_the_log_in_and_ctrl_c_stops_everybody(house: Wishes, capsys: Any) -> None:
    before = signal.getsignal(signal.SIGINT)
    start.up(house)
    told = capsys.readouterr().out
    assert "http://127.0.0.1:8123/console/" in told
    assert "o@example.com   secret word" in told
    assert "Scan link" not in told
    assert told.rstrip().endswith("start again with the same command.")
    assert deeds() == {"server": ["start", "ask", "sure"], "worker": ["ask", "sure"]}
    assert Pretended.born[0].arguments == ("serve", "--host", "127.0.0.1", "--port", "8123")
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_and_a_polite_kill_stop_it_the_same_way(
    house: Wishes, monkeypatch: pytest.MonkeyPatch, capsys: Any, number: int
) -> None:
    monkeypatch.setattr(start, "_look_after", lambda _children: os.kill(os.getpid(), number))
    start.up(house)
    assert "Stopped." in capsys.readouterr().out
    assert deeds()["server"][-2:] == ["ask", "sure"]


def test_whatever_breaks_on_the_way_no_child_is_left_behind(
    house: Wishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_wishes: Wishes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(start, "_prepare", breaks)
    with pytest.raises(ZeroDivisionError):
        start.up(house)
    assert deeds() == {"server": ["start", "ask", "sure"]}


def test_a_folder_in_use_starts_nobody(house: Wishes) -> None:
    lock = ground.take(house.data)
    with pytest.raises(ground.CannotStart, match="running already"):
        start.up(house)
    os.close(lock)
    assert Pretended.born == []


def test_a_server_that_never_gets_ready_is_given_up(house: Wishes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "READY_SECONDS", 0)
    monkeypatch.setattr(start, "_is_ready", lambda _port: False)
    with pytest.raises(ground.CannotStart, match="did not become ready"):
        start.up(house)
    assert all(made[-2:] == ["ask", "sure"] for made in deeds().values())


# --- with the demo --------------------------------------------------------------------------------------------

DEMO = Demo(email="demo@example.com", password="for the owner", codes=("ABCD2345",))


def with_demo(house: Wishes, monkeypatch: pytest.MonkeyPatch, outcome: Demo | Exception) -> Wishes:
    def prepare() -> Demo:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(start, "_prepare", lambda _wishes: None)
    monkeypatch.setattr("tenfold.simulation.demo.prepare", prepare)
    return Wishes(house.data, house.port)


def test_the_demo_is_told_with_its_scan_link_and_its_crowd_begins(
    house: Wishes, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    start.up(with_demo(house, monkeypatch, DEMO))
    told = capsys.readouterr().out
    for part in (
        "demo@example.com   for the owner",
        "/C/ABCD2345",
        "/poster/ABCD2345.jpg",
        "Ctrl-C stops it.",
    ):
        assert part in told
    assert list(deeds()) == ["server", "worker", "crowd"]
    assert deeds()["crowd"] == ["start", "ask", "sure"]


def test_a_demo_that_could_not_be_made_leaves_the_product_running_and_says_what_to_do(
    house: Wishes, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    start.up(with_demo(house, monkeypatch, RuntimeError("no room")))
    told = capsys.readouterr()
    assert "no room" in told.err
    assert "Start again to repair it" in told.err
    assert list(deeds()) == ["server", "worker"]


# --- children -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "told"), [(0, "code 0"), (3, "code 3"), (-9, "SIGKILL"), (-15, "SIGTERM"), (-99, "signal 99")]
)
def test_how_a_child_ended_is_told_in_words(code: int, told: str) -> None:
    assert _told(code) == told


class Process:
    """In place of a real process: alive until it is told its end."""

    pid = 1

    def __init__(self) -> None:
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code


def test_a_child_that_lived_long_is_started_again_without_delay_growing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment, started = [0.0], list[Process]()

    def popen(*_: object, **__: object) -> Process:
        started.append(Process())
        return started[-1]

    monkeypatch.setattr("tenfold.up.children.time.monotonic", lambda: moment[0])
    monkeypatch.setattr("tenfold.up.children.subprocess.Popen", popen)
    child = Child("worker", "worker")
    pauses = []
    for _life in range(3):
        assert child.tend() is None
        assert child.tend() is None  # it runs
        moment[0] += HEALTHY_SECONDS + 1
        started[-1].code = 1
        told = child.tend()
        assert told
        pauses.append(told.rsplit(" ", 2)[1])
        assert child.pid is None
        assert child.tend() is None  # not before the pause is over
        assert len(started) == len(pauses)
        moment[0] += 0.5
    assert pauses == ["0.5"] * 3


def test_children_are_all_asked_before_anybody_is_waited_for() -> None:
    order: list[str] = []

    class Noting(Child):
        def ask_to_stop(self) -> None:
            order.append(f"ask {self.name}")

        def make_sure(self, seconds: float) -> None:
            assert seconds <= families.STOP_SECONDS
            order.append(f"sure {self.name}")

    stop([Noting("server"), Noting("worker")])
    assert order == ["ask server", "ask worker", "sure server", "sure worker"]


def test_a_child_that_was_never_started_is_stopped_by_doing_nothing() -> None:
    stop([Child("server", "serve")])


# --- ending with one's parent ---------------------------------------------------------------------------------


class Ended(Exception):
    """What os._exit would have been."""


def test_a_child_whose_parent_is_gone_ends_politely_and_then_for_certain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parents, deeds = [7, 7, 1], list[object]()

    def exits(code: int) -> None:
        deeds.append(("exit", code))
        raise Ended

    monkeypatch.setattr("tenfold.parent.os.getppid", lambda: parents.pop(0))
    monkeypatch.setattr("tenfold.parent.os.kill", lambda pid, number: deeds.append((pid, number)))
    monkeypatch.setattr("tenfold.parent.os._exit", exits)
    monkeypatch.setattr("tenfold.parent.time.sleep", lambda seconds: deeds.append(seconds))
    with pytest.raises(Ended):
        parent._watch(7)
    assert deeds == [0.5, 0.5, (os.getpid(), signal.SIGTERM), 3.0, ("exit", 1)]


def test_whoever_was_started_by_hand_watches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(parent.VARIABLE, raising=False)
    monkeypatch.setattr("tenfold.parent.threading.Thread", lambda **_: pytest.fail("a thread was made"))
    parent.end_with_parent()
    assert json.loads(parent.variables_for_children()[parent.VARIABLE]) == os.getpid()


def test_stopping_is_no_error_anybody_could_swallow() -> None:
    assert not issubclass(Stopped, Exception)
