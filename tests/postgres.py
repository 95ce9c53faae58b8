"""A PostgreSQL for one run of the tests: made from the server's own programs, thrown away afterwards.

python -m tests.postgres -- pytest -m database

starts a cluster in a temporary folder on a free loopback port, runs the command with DATABASE_URL set, and
stops the cluster again, whatever the command does. Needs no running service and no password; as root it runs
the server as the user `postgres`, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg

START_SECONDS = 30
# What is thrown away need not survive a power cut; the races open many connections at once; and plans must not change
# because somebody counted a table in the middle of a test.
SERVER_OPTIONS = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=300 -c autovacuum=off"
)


def server_programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version on this machine."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def throw_away_cluster() -> Iterator[str]:
    """Give the DATABASE_URL of a new, empty cluster that lives as long as the block."""
    programs = server_programs()
    if programs is None:
        raise RuntimeError("no PostgreSQL server here; on Debian or Ubuntu: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="tenfold-postgres-"))
    owner = server_user()
    if owner is not None:
        os.chown(folder, owner, -1)
    try:
        make_cluster(programs, folder, owner, "--no-sync")
        yield from _serve(programs, folder, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(programs: Path, folder: Path, owner: int | None) -> Iterator[str]:
    port = free_port()
    server = launch(programs, folder, owner, port, SERVER_OPTIONS)
    try:
        wait_until_ready(server, port, folder / "log")
        make_database(port)
        yield f"postgresql://tenfold@127.0.0.1:{port}/tenfold"
    finally:
        stop(server)


def launch(
    programs: Path, folder: Path, owner: int | None, port: int, options: str
) -> subprocess.Popen[bytes]:
    """Start the server on the cluster in this folder. It is not ready yet."""
    command = f"{programs}/postgres -D cluster -h 127.0.0.1 -p {port} -k {folder} {options}".split()
    with (folder / "log").open("ab") as log:
        # A session of its own, so that Ctrl-C reaches the tests and not the server under them.
        return subprocess.Popen(
            command, cwd=folder, user=owner, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for the first answer."""
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(_address(port)).close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.05)


def make_database(port: int) -> None:
    with psycopg.connect(_address(port), autocommit=True) as link:
        link.execute("create database tenfold")


def _address(port: int) -> str:
    return f"host=127.0.0.1 port={port} user=tenfold dbname=postgres"


def stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # "fast": end the sessions, then stop
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=20)


def make_cluster(programs: Path, folder: Path, owner: int | None, options: str = "") -> None:
    command = f"{programs}/initdb -D cluster -U tenfold -A trust -E UTF8 --locale=C.UTF-8 {options}".split()
    done = subprocess.run(command, cwd=folder, user=owner, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def server_user() -> int | None:
    """As root, the number of the user to run the server as; otherwise None, for ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_uid
    except KeyError:
        return pwd.getpwnam("nobody").pw_uid


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, _end)  # so that the cluster is stopped when we are
    with throw_away_cluster() as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
