"""The command: what it takes, what it refuses, what it says."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.core.management import call_command

from tenfold.accounts.models import Membership, Operator
from tenfold.cli import main
from tenfold.codes.models import ScanTally
from tenfold.up import ground, start
from tests import cast


def tenfold(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


def test_help_names_every_command() -> None:
    told = tenfold("--help").output
    ours = "up serve worker crowd migrate rebuild operator hook manage version"
    for command in ours.split():
        assert re.search(rf"^  {command} ", told, re.MULTILINE)


def test_the_version_is_that_of_the_package() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", tenfold("version").output)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    for command in ("up", "serve"):
        done = tenfold(command, "--port", port)
        assert done.exit_code == 2
        assert "--port" in done.output


@pytest.mark.parametrize(
    ("arguments", "wishes"),
    [
        ((), start.Wishes(Path(".data").resolve(), 8000)),
        (("--empty",), start.Wishes(Path(".data").resolve(), 8000, is_empty=True)),
        (("--lan", "--port", "8725"), start.Wishes(Path(".data").resolve(), 8725, is_lan=True)),
        (("--data", "/tmp/elsewhere"), start.Wishes(Path("/tmp/elsewhere").resolve(), 8000)),
    ],
)
def test_up_hands_on_what_is_wished(
    arguments: tuple[str, ...], wishes: start.Wishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[start.Wishes] = []
    monkeypatch.setattr(start, "up", told.append)
    assert tenfold("up", *arguments).exit_code == 0
    assert told == [wishes]


def test_only_lan_listens_to_the_network(tmp_path: Path) -> None:
    assert start.Wishes(tmp_path, 8000).bind == "127.0.0.1"
    assert start.Wishes(tmp_path, 8000, is_lan=True).bind == "0.0.0.0"


def test_the_environment_is_set_for_django_and_the_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(ground, "address_in_network", lambda: "192.168.1.7")
    start.set_environment(start.Wishes(tmp_path, 8725))
    assert (environment["TENFOLD_DATA"], environment["TENFOLD_PUBLIC_URL"]) == (
        str(tmp_path),
        "http://127.0.0.1:8725",
    )
    environment["TENFOLD_PUBLIC_URL"] = "https://tenfold.example.com"
    start.set_environment(start.Wishes(tmp_path, 8725))
    assert environment["TENFOLD_PUBLIC_URL"] == "https://tenfold.example.com"
    start.set_environment(start.Wishes(tmp_path, 8725, is_lan=True))
    assert environment["TENFOLD_PUBLIC_URL"] == "http://192.168.1.7:8725"


def test_a_port_in_use_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "PORT_PATIENCE_SECONDS", 0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ground.CannotStart) as refused:
            ground.free_port("127.0.0.1", port)
    assert f"Port {port}" in refused.value.message
    assert "--port" in refused.value.message
    ground.free_port("127.0.0.1", port)


def test_two_cannot_run_on_the_same_data(tmp_path: Path) -> None:
    data = tmp_path / "new" / "folder"
    lock = ground.take(data)
    with pytest.raises(ground.CannotStart, match="running already"):
        ground.take(data)
    os.close(lock)
    os.close(ground.take(data))


def test_static_files_are_collected_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[str] = []
    monkeypatch.setattr("django.core.management.call_command", lambda name, **_: collected.append(name))
    monkeypatch.setattr(ground, "PACKAGE", tmp_path)
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a")
    assert not ground.has_static(tmp_path)
    ground.collect_static(tmp_path)
    assert ground.has_static(tmp_path)
    (tmp_path / "static" / "b.css").write_text("b")
    assert not ground.has_static(tmp_path)
    assert collected == ["collectstatic"]


@pytest.mark.django_db
def test_the_owner_of_an_empty_product_is_made_once(tmp_path: Path) -> None:
    first = ground.owner(tmp_path)
    assert Operator.objects.get().check_password(first.password)
    assert ground.owner(tmp_path) == first
    assert Operator.objects.count() == Membership.objects.count() == 1
    assert stat.S_IMODE((tmp_path / "login.json").stat().st_mode) == 0o600


@pytest.mark.django_db
def test_an_owner_whose_workspace_was_never_made_gets_it_on_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "login.json").write_text(
        json.dumps({"email": "o@example.com", "password": "kept from before"})
    )
    assert ground.owner(tmp_path) == ground.LogIn("o@example.com", "kept from before")
    assert Operator.objects.get().check_password("kept from before")


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["", "{", "[]", '{"email": "o@example.com"}', "null"])
def test_a_broken_log_in_file_is_made_anew(tmp_path: Path, broken: str) -> None:
    (tmp_path / "login.json").write_text(broken)
    log_in = ground.owner(tmp_path)
    assert Operator.objects.get(email=log_in.email).check_password(log_in.password)


@pytest.mark.django_db
def test_a_password_that_was_changed_is_not_told_wrongly(tmp_path: Path) -> None:
    log_in = ground.owner(tmp_path)
    operator = Operator.objects.get()
    operator.set_password("something else now")
    operator.save()
    assert ground.owner(tmp_path) == ground.LogIn(log_in.email, "(the one you have set)")


@pytest.mark.django_db
def test_rebuild_tells_that_there_is_no_difference() -> None:
    cast.joins(cast.live(), "Mia")
    done = tenfold("rebuild")
    assert done.exit_code == 0
    assert re.fullmatch(r"No difference: \d+ counters over \d+ facts\.\n", done.output)


@pytest.mark.django_db
def test_rebuild_tells_each_difference_and_repairs_when_asked() -> None:
    stage = cast.live()
    cast.joins(stage, "Mia")
    seeds = stage.code.channel_id
    assert seeds
    ScanTally.objects.filter(source_id=seeds).update(scan_count=99)
    done = tenfold("rebuild")
    assert done.exit_code == 1
    assert f"tally.scan_count of {seeds}: stored 99, by the journal 1" in done.output
    assert tenfold("rebuild", "--repair").exit_code == 1
    assert tenfold("rebuild").exit_code == 0


@pytest.mark.django_db
def test_an_operator_is_let_in_with_a_workspace_of_their_own() -> None:
    done = tenfold("operator", "add", "Olga@Example.com", "--generate")
    assert done.exit_code == 0, done.output
    password = re.search(r"Password: (\S+)", done.output)
    assert password is not None
    assert Operator.objects.get(email="olga@example.com").check_password(password[1])


@pytest.mark.django_db
def test_a_second_operator_joins_the_workspace_and_types_a_password() -> None:
    tenfold("operator", "add", "olga@example.com", "--generate")
    typed = "a long enough password\n" * 2
    done = tenfold("operator", "add", "rita@example.com", "--role", "reviewer", typed=typed)
    assert done.exit_code == 0, done.output
    assert "a long enough password" not in done.output
    rita = Operator.objects.get(email="rita@example.com")
    assert rita.check_password("a long enough password")
    assert [place.role for place in rita.memberships.all()] == ["reviewer"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (("rubbish", "--generate"), "", "not an e-mail address"),
        (("rita@example.com",), "short\nshort\n", "too short"),
        (("rita@example.com", "--generate", "--role", "viewer"), "", "first operator"),
    ],
)
def test_what_the_rules_refuse_is_told_and_leaves_nothing(
    arguments: tuple[str, ...], typed: str, told: str
) -> None:
    done = tenfold("operator", "add", *arguments, typed=typed)
    assert done.exit_code == 1
    assert told in done.output
    assert not Operator.objects.exists()
    assert not Membership.objects.exists()


def test_manage_passes_everything_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr("django.core.management.execute_from_command_line", told.append)
    tenfold("manage", "migrate", "--plan", "-v", "2", "--help")
    assert told == [["tenfold manage", "migrate", "--plan", "-v", "2", "--help"]]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True)
