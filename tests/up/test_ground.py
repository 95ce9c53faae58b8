"""What `tenfold up` stands on: made step by step, repaired wherever it was cut, and refused with a way out."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tenfold.base.refusal import Refusal
from tenfold.up import ground
from tenfold.up.ground import CannotStart
from tenfold.up.operators import add_operator
from tests import cast

# Prepares as `tenfold up --empty` does, in a process of its own that dies by its own hand at the name given.
PREPARE = """
import importlib, os, signal, sys
from pathlib import Path
from tenfold.up import ground, start
wishes = start.Wishes(Path(sys.argv[1]), 8000, is_empty=True)
start.set_environment(wishes)
ground.take(wishes.data)
if sys.argv[2]:
    import django
    django.setup()
    module, owner, name = sys.argv[2].split(":")
    place = importlib.import_module(module)
    place = getattr(place, owner) if owner else place
    setattr(place, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
print(*vars(start._prepare(wishes)).values(), sep="|")
"""
CUTS = [
    "tenfold.up.ground::make_tables",
    "tenfold.up.ground::collect_static",
    "pathlib:Path:write_text",  # all is collected, and not yet stamped
    "os::replace",
    "tenfold.accounts.actions::make_workspace",  # the password is kept, and nobody has it
]


def prepare(data: Path, cut: str = "") -> tuple[int, str]:
    ours = ("DATABASE_URL", "TENFOLD_DATA", "TENFOLD_PUBLIC_URL", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-c", PREPARE, str(data), cut], env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout.splitlines()[-1] if done.stdout else done.stderr[-300:]


@pytest.mark.slow
def test_a_start_that_was_cut_off_anywhere_is_finished_by_the_next_one(tmp_path: Path) -> None:
    """Each start comes as far as the one before and dies one step later."""
    data = tmp_path / "data"
    for cut in CUTS:
        code, told = prepare(data, cut)
        assert code == -signal.SIGKILL, (cut, told)
    kept = json.loads((data / "login.json").read_text())
    first = prepare(data)
    assert first == (0, f"{kept['email']}|{kept['password']}")
    assert ground.has_static(data)
    assert prepare(data) == first


def test_static_files_without_their_stamp_are_collected_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "PACKAGE", tmp_path)
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a")

    def breaks(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("django.core.management.call_command", breaks)
    with pytest.raises(KeyboardInterrupt):
        ground.collect_static(tmp_path)
    assert not ground.has_static(tmp_path)


@pytest.mark.parametrize("change", ["touch", "remove", "rename"])
def test_any_change_of_the_static_files_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(ground, "PACKAGE", tmp_path)
    monkeypatch.setattr("django.core.management.call_command", lambda *_, **__: None)
    (tmp_path / "static" / "deep").mkdir(parents=True)
    sheet = tmp_path / "static" / "deep" / "a.css"
    sheet.write_text("a")
    ground.collect_static(tmp_path)
    assert ground.has_static(tmp_path)
    if change == "touch":
        os.utime(sheet, (1, 1))
    elif change == "remove":
        sheet.unlink()
    else:
        sheet.rename(sheet.with_name("b.css"))
    assert not ground.has_static(tmp_path)


def test_another_version_collects_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.management.call_command", lambda *_, **__: None)
    ground.collect_static(tmp_path)
    monkeypatch.setattr(ground, "version", lambda _name: "99.0.0")
    assert not ground.has_static(tmp_path)


# --- folder, port, network ------------------------------------------------------------------------------------


def test_a_folder_is_free_again_when_its_process_has_died(tmp_path: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from tenfold.up import ground; ground.take(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", hold + "; print(1, flush=True); input()", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(CannotStart, match="--data"):
            ground.take(tmp_path)
        other.kill()
    os.close(ground.take(tmp_path))


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("127.0.0.1", 65_536, "from 1 to 65535"),
        ("127.0.0.1", -1, "from 1 to 65535"),
        ("203.0.113.1", 0, "--port N"),
    ],
)
def test_a_place_that_cannot_be_had_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, host: str, port: int, told: str
) -> None:
    monkeypatch.setattr(ground, "PORT_PATIENCE_SECONDS", 0)
    with pytest.raises(CannotStart, match=told):
        ground.free_port(host, port)


def test_a_port_that_is_just_being_left_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The children of an `up` that was killed notice within a second."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr("tenfold.up.ground.time.sleep", lambda _seconds: other.close())
        ground.free_port("127.0.0.1", other.getsockname()[1])


class Probe:
    """A socket that finds this address, or nothing."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None: ...

    def connect(self, _where: object) -> None:
        if not self.address:
            raise OSError("Network is unreachable")

    def getsockname(self) -> tuple[str, int]:
        return self.address, 1


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.0.1.1"])
def test_without_a_network_there_is_no_lan(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("tenfold.up.ground.socket.socket", lambda *_: Probe(address))
    with pytest.raises(CannotStart, match="--lan"):
        ground.address_in_network()


def test_the_address_for_phones_is_the_one_the_network_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.up.ground.socket.socket", lambda *_: Probe("192.168.1.7"))
    assert ground.address_in_network() == "192.168.1.7"


# --- operators from the command line --------------------------------------------------------------------------


def let_in(email: str, *, workspace: str = "Reading Club", role: str = "owner") -> bool:
    return add_operator(email=email, workspace_name=workspace, role=role, password=cast.PASSWORD)


@pytest.mark.django_db
def test_an_operator_is_let_in_once_and_into_a_second_workspace_with_the_password_they_have() -> None:
    assert let_in("olga@example.com")
    with pytest.raises(Refusal) as refused:
        let_in("olga@example.com")
    assert refused.value.code == "already_in_team"
    assert not add_operator(
        email="olga@example.com", workspace_name="Running Club", role="owner", password="another long one"
    )
    assert let_in("rita@example.com", role="reviewer")


@pytest.mark.django_db
def test_two_workspaces_of_one_name_cannot_be_told_apart_here() -> None:
    cast.workspace("olga@example.com")
    cast.workspace("otto@example.com")
    with pytest.raises(Refusal) as refused:
        let_in("rita@example.com")
    assert refused.value.code == "two_workspaces"


@pytest.mark.django_db(transaction=True)
def test_a_migration_may_compute_for_longer_than_a_session_of_the_product_may_be_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Django makes its changes within one transaction, and on a busy machine takes seconds between two of them."""
    bounds: list[str] = []

    def idle_bound() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            return str(cursor.fetchone()[0])

    def applied(name: str, **_wishes: object) -> None:
        bounds.append(idle_bound() if connection.vendor == "postgresql" else "0")

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET idle_in_transaction_session_timeout = 5000")
    monkeypatch.setattr("django.core.management.call_command", applied)
    ground.migrate(verbosity=0)
    assert bounds == ["0"]
