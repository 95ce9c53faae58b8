"""A PostgreSQL that keeps what it has confirmed, with a standby if wished, and every way to take it away.

    with Cluster(8840) as primary:
        standby = primary.standby(8841, synchronous=True)
        ...
        primary.kill()
        standby.promote()

Made from the server's own programs in a temporary folder, as the tests' one is; but that one is thrown away and
never written to disk, and here the disk is the point.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from perf.product import descendants
from tests import postgres

DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200")
WAIT_SECONDS = 30.0


class Cluster:
    """One server, its folder `within` another. `options` ("fsync=off") come after the durable ones, and win."""

    def __init__(self, port: int, *options: str, name: str = "primary", within: Path | None = None) -> None:
        programs = postgres.server_programs()
        if programs is None:
            raise RuntimeError("no PostgreSQL server here; on Debian or Ubuntu: apt-get install postgresql")
        self.port, self.name = port, name
        self._programs, self._owner = programs, postgres.server_user()
        self._options = options
        self.folder = Path(tempfile.mkdtemp(prefix=f"pgdrill-{name}-", dir=within))
        if self._owner is not None:
            os.chown(self.folder, self._owner, -1)
        self._server: subprocess.Popen[bytes] | None = None
        self._standbys: list[Cluster] = []

    @property
    def url(self) -> str:
        return f"postgresql://tenfold@127.0.0.1:{self.port}/tenfold"

    @property
    def pid(self) -> int:
        assert self._server
        return self._server.pid

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def __enter__(self) -> Self:
        try:
            postgres.make_cluster(self._programs, self.folder, self._owner)
            self.start()
            postgres.make_database(self.port)
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def start(self) -> float:
        """Start and wait until it answers, after whatever recovery it needs; the seconds that took."""
        began = time.monotonic()
        _refuse_taken(self.port)
        while True:
            self._launch()
            try:
                postgres.wait_until_ready(self._launched, self.port, self.folder / "log")
                return time.monotonic() - began
            except RuntimeError:
                # The children of a killed server may hold its memory a moment longer, and a new one refuses that.
                if time.monotonic() - began > WAIT_SECONDS:
                    raise
                time.sleep(0.1)

    def stop(self, *, immediate: bool = False) -> None:
        """As an administrator does. `immediate` ends the sessions without a checkpoint: the next start recovers."""
        self._launched.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        self._launched.wait(timeout=WAIT_SECONDS)

    def restart(self) -> float:
        self.stop()
        return self.start()

    def kill(self, *, all_of_it: bool = True) -> None:
        """kill -9 of every process, as when the machine dies; or of the first alone: the rest end themselves."""
        family = [self.pid, *(descendants(self.pid) if all_of_it else [])]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._launched.wait()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of one statement, in no transaction."""
        with psycopg.connect(self.url, autocommit=True) as link:
            found = link.execute(query.encode())
            return found.fetchall() if found.description else []

    def set(self, name: str, value: str) -> None:
        """A setting of this server alone; a standby made earlier does not get it."""
        self.ask(f"alter system set {name} = '{value}'")
        self.ask("select pg_reload_conf()")

    # --- the standby ----------------------------------------------------------------------------------------------

    def standby(
        self, port: int, *, synchronous: bool = True, has_slot: bool = True, name: str = "standby"
    ) -> Cluster:
        """A copy of this server that follows it, ready and attached; removed together with it."""
        copy = Cluster(port, *self._options, name=name)
        self._standbys.append(copy)
        copy._take_base_of(self, f"-C -S {name}" if has_slot else "")
        copy.start()
        wait_until(lambda: self._state_of(name) == "async", f"{name} does not follow:\n{copy.log}")
        if synchronous:
            self.wait_for(name)
        return copy

    def wait_for(self, name: str) -> None:
        """Confirm nothing any more before this standby has it."""
        # Of the primary alone: a promoted standby must not wait for a third server.
        self.set("synchronous_standby_names", name)
        wait_until(lambda: self._state_of(name) == "sync", f"{name} is not synchronous:\n{self.log}")

    def hold_back(self) -> None:
        """From now on nothing more reaches a standby, as on a bad line. What was not sent dies with this server.

        The sender stands still and not the receiver: what is under way to a receiver waits in its machine's memory,
        and arrives when it goes on.
        """
        for (pid,) in self.ask("select pid from pg_stat_replication"):
            os.kill(pid, signal.SIGSTOP)

    def promote(self) -> float:
        """Make a standby the primary; the seconds until it takes writes."""
        began = time.monotonic()
        if self.ask(f"select pg_promote(true, {WAIT_SECONDS:.0f})") != [(True,)]:
            raise RuntimeError(f"{self.name} was not promoted:\n{self.log}")
        return time.monotonic() - began

    def _take_base_of(self, primary: Cluster, slot: str) -> None:
        source = f"host=127.0.0.1 port={primary.port} user=tenfold application_name={self.name}"
        command = f"{self._programs}/pg_basebackup -D cluster -R -X stream --checkpoint=fast {slot}".split()
        done = subprocess.run(
            [*command, "-d", source], cwd=self.folder, user=self._owner, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"pg_basebackup failed:\n{done.stdout}{done.stderr}")

    def _state_of(self, name: str) -> str:
        query = f"select sync_state from pg_stat_replication where application_name = '{name}' and state = 'streaming'"
        rows = self.ask(query)
        return str(rows[0][0]) if rows else ""

    # --- the process ----------------------------------------------------------------------------------------------

    @property
    def _launched(self) -> subprocess.Popen[bytes]:
        assert self._server, "not started"
        return self._server

    def _launch(self) -> None:
        options = " ".join(f"-c {option}" for option in (*DURABLE, *self._options))
        self._server = postgres.launch(self._programs, self.folder, self._owner, self.port, options)

    def remove(self) -> None:
        """Ended, whatever state it is in, and its folder gone; its standbys first."""
        for copy in self._standbys:
            copy.remove()
        if self._server and self._server.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _refuse_taken(port: int) -> None:
    """Another server there would answer in the place of ours."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))


def wait_until(is_so: Callable[[], bool], complaint: str, seconds: float = WAIT_SECONDS) -> float:
    """The seconds until something is so; an error with `complaint` when it takes too long."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise RuntimeError(complaint)
        time.sleep(0.05)
    return time.monotonic() - began
