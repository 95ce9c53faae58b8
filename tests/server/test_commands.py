"""Every command explains itself, ends with a code that scripts can use, and serves as it was told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from tenfold import server, turns
from tenfold.accounts.models import Membership, Operator
from tenfold.cli import main
from tenfold.groups.models import Group
from tenfold.parent import VARIABLE
from tests import cast


def tenfold(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


# All but the one that hands everything on to Django.
OURS = [names for names in commands(main) if names != ("manage",)]


@pytest.mark.parametrize("names", OURS, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(names: tuple[str, ...], option: str) -> None:
    done = tenfold(*names, option)
    assert (done.exit_code, done.stderr) == (0, "")
    command: click.Command = main
    for name in names:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    assert command.help.splitlines()[0] in done.output
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in done.output


@pytest.mark.parametrize("names", OURS, ids=" ".join)
def test_an_option_nobody_knows_is_wrong_use_and_does_nothing(names: tuple[str, ...]) -> None:
    assert tenfold(*names, "--no-such-option").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--workers", "0"),
        ("serve", "--workers", "65"),
        ("crowd", "--pace", "0"),
        ("crowd", "--pace", "quick"),
        ("crowd", "--seed", "x"),
        ("operator", "add"),
        ("operator", "add", "a@example.com", "--role", "king"),
        ("rebuild", "--repair=yes"),
        ("upp",),
    ],
)
def test_wrong_use_ends_with_two(arguments: tuple[str, ...]) -> None:
    assert tenfold(*arguments).exit_code == 2


def test_a_crowd_with_nowhere_to_begin_says_so_and_ends_with_one(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        done = tenfold("crowd")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert done.exit_code == 1
    assert "--scan-url" in done.output
    assert "Traceback" not in done.output


@pytest.mark.django_db(transaction=True)
def test_adding_an_operator_twice_is_refused_and_changes_nothing() -> None:
    assert tenfold("operator", "add", "olga@example.com", "--generate").exit_code == 0
    before = Operator.objects.get().password
    done = tenfold("operator", "add", "OLGA@example.com", "--generate")
    assert (done.exit_code, "already in the team" in done.output) == (1, True)
    assert "Password" not in done.output
    assert (Operator.objects.get().password, Membership.objects.count()) == (before, 1)


@pytest.mark.django_db
def test_who_is_known_already_keeps_their_password_in_a_second_workspace() -> None:
    tenfold("operator", "add", "olga@example.com", "--generate")
    done = tenfold("operator", "add", "olga@example.com", "--generate", "--workspace", "Running Club")
    assert done.exit_code == 0
    assert "Their password stays as it is." in done.output
    assert Membership.objects.count() == 2


@pytest.mark.django_db
def test_passwords_typed_differently_are_asked_for_again() -> None:
    typed = "one long password\nanother long password\n" + "a third long password\n" * 2
    done = tenfold("operator", "add", "olga@example.com", typed=typed)
    assert done.exit_code == 0
    assert Operator.objects.get().check_password("a third long password")


@pytest.mark.django_db
def test_rebuild_names_what_differs_repairs_it_and_says_so_once() -> None:
    stage = cast.live()
    cast.joins(stage, "Mia")
    Group.objects.update(taken_count=3)
    damaged = tenfold("rebuild")
    assert (damaged.exit_code, "stored 3, by the journal 1" in damaged.output) == (1, True)
    assert Group.objects.get().taken_count == 3  # looking changes nothing
    repaired = tenfold("rebuild", "--repair")
    assert (repaired.exit_code, "1 counters set." in repaired.output) == (1, True)
    assert Group.objects.get().taken_count == 1
    clean = tenfold("rebuild", "--repair")
    assert (clean.exit_code, clean.output.startswith("No difference: ")) == (0, True)


# --- serving --------------------------------------------------------------------------------------------------


class Pretended:
    """In place of Granian: notes how it was made, and runs only what it was told to do at the start."""

    made: dict[str, Any] = {}
    stopped = 0

    def __init__(self, target: str, **wishes: Any) -> None:
        Pretended.made = {"target": target, **wishes}
        self._starts: list[Callable[[], None]] = []

    def on_startup(self, act: Callable[[], None]) -> Callable[[], None]:
        self._starts.append(act)
        return act

    def signal_handler_interrupt(self) -> None:
        Pretended.stopped += 1

    def serve(self) -> None:
        for act in self._starts:
            act()


class Process:
    def __init__(self, pid: int | None) -> None:
        self.pid = pid


@pytest.fixture
def granian(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Pretended]]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(server, "Server", Pretended)
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr("tenfold.parent.end_with_parent", lambda: None)
    Pretended.stopped = 0
    yield Pretended
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_serves_what_it_was_told_to(granian: type[Pretended]) -> None:
    server.serve(host="127.0.0.1", port=8123, workers=1)
    made = granian.made
    assert (made["target"], made["address"], made["port"], made["workers"]) == (
        "tenfold.asgi:application",
        "127.0.0.1",
        8123,
        1,
    )
    assert made["websockets"] is False
    assert made["respawn_failed_workers"] is True
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    assert os.environ[VARIABLE] == str(os.getpid())


@pytest.mark.parametrize(
    ("database", "cores", "workers"),
    [
        ("", 4, 1),
        ("sqlite:////tmp/a.sqlite3", 4, 1),
        ("postgres://a@b/c", 4, 4),
        ("postgresql://a@b/c", 1, 1),
        ("postgresql://a@b/c", 96, 8),
    ],
)
def test_processes_are_counted_by_the_cores_where_all_of_them_may_write(
    database: str, cores: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)), raising=False)
    assert server.usual_workers() == workers


def test_several_processes_count_together(granian: type[Pretended]) -> None:
    server.serve(host="127.0.0.1", port=8123, workers=2)
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert folder.is_dir()
    folder.rmdir()
    assert os.environ[turns.DOORS] == "2"


def test_a_stop_ends_the_streams_of_every_process_before_the_server_waits_for_them(
    granian: type[Pretended], monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds: list[tuple[int, int]] = []
    server.serve(host="127.0.0.1", port=8123, workers=1)
    monkeypatch.setattr(
        "tenfold.server.multiprocessing.active_children", lambda: [Process(7), Process(None), Process(8)]
    )
    monkeypatch.setattr("tenfold.server.os.kill", lambda pid, number: deeds.append((pid, number)))
    handler = signal.getsignal(signal.SIGTERM)
    assert callable(handler)
    assert handler is signal.getsignal(signal.SIGINT)
    handler(signal.SIGTERM, None)
    assert deeds == [(7, signal.SIGUSR1), (8, signal.SIGUSR1)]
    assert granian.stopped == 1
