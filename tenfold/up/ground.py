"""What has to be there before the product can run on a bare machine: a folder, a port, tables, static files, a log-in.

Each part finds out by itself what is missing, so that a start that was broken off is repaired by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

PACKAGE = Path(__file__).resolve().parent.parent
# Children of an `up` that was killed notice within a second, and only then leave the port.
PORT_PATIENCE_SECONDS = 4.0
OWNER = "owner@example.com"


class CannotStart(click.ClickException):
    """A reason that the person at the keyboard can do something about."""


@dataclass(frozen=True)
class LogIn:
    email: str
    password: str


def take(data: Path) -> int:
    """Make the data folder and hold its lock for as long as this process lives; the lock's file number."""
    data.mkdir(parents=True, exist_ok=True)
    lock = os.open(data / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(
            f"Tenfold is running already with the data in {data}. Take another --data."
        ) from None
    return lock


def free_port(host: str, port: int) -> None:
    """Refuse a port that somebody else listens on."""
    give_up = time.monotonic() + PORT_PATIENCE_SECONDS
    while True:
        try:
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((host, port))
                return
        except OverflowError:
            raise CannotStart(f"--port {port}: ports go from 1 to 65535.") from None
        except OSError as error:
            if time.monotonic() > give_up:
                why = error.strerror.lower() if error.strerror else "not free"
                raise CannotStart(f"Port {port} cannot be used ({why}). Take another one: --port N") from None
            time.sleep(0.2)


def address_in_network() -> str:
    """The address by which phones in the same network reach this machine. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        address = str(probe.getsockname()[0])
        if not address.startswith("127."):
            return address
    raise CannotStart("--lan: this machine has no address in a network that another machine could reach.")


def make_tables() -> bool:
    """Apply the migrations that are missing; whether there were any."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    migrate(verbosity=0)
    return True


def migrate(*, verbosity: int) -> None:
    """Apply all migrations. Between two statements of one Django may compute for longer than a session with an open
    transaction may be idle in the product."""
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        call_command("migrate", interactive=False, verbosity=verbosity)
        return
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    try:
        call_command("migrate", interactive=False, verbosity=verbosity)
    finally:
        connection.close()  # the next one has the product's own bounds again


def has_static(data: Path) -> bool:
    """Whether the static files of this very version have been collected: then the server can start at once."""
    stamp = data / "static.stamp"
    return stamp.exists() and stamp.read_text() == _print_of(PACKAGE / "static")


def collect_static(data: Path) -> None:
    """Put the static files under their hashed names. The stamp comes last: a start broken off does it again."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    (data / "static.stamp").write_text(_print_of(PACKAGE / "static"))


def _print_of(folder: Path) -> str:
    told = hashlib.sha256(version("tenfold").encode())
    for path in _files(folder):
        known = path.stat()
        told.update(f"{path.relative_to(folder)} {known.st_size} {known.st_mtime_ns}\n".encode())
    return told.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def owner(data: Path) -> LogIn:
    """The owner of an empty product: made on the first start, the same on every later one.

    The password is kept before the workspace is made: broken off in between, the next start makes the workspace.
    """
    from tenfold.accounts.actions import make_workspace
    from tenfold.accounts.models import Operator
    from tenfold.accounts.rules import language_of_machine

    log_in = _kept_log_in(data / "login.json")
    known = Operator.objects.filter(email=log_in.email).first()
    if known is None:
        language = language_of_machine(os.environ)
        make_workspace(name="My workspace", email=log_in.email, password=log_in.password, language=language)
    elif not known.check_password(log_in.password):
        return LogIn(log_in.email, "(the one you have set)")
    return log_in


def _kept_log_in(path: Path) -> LogIn:
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
        return LogIn(**json.loads(path.read_text()))
    log_in = LogIn(OWNER, secrets.token_urlsafe(9))
    unfinished = path.with_suffix(".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"email": log_in.email, "password": log_in.password}, file)
    unfinished.replace(path)
    return log_in
