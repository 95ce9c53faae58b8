"""One writer among the processes of a SQLite database.

SQLite lets one write at a time, and two that take turns cost both two to three times the p99. So the first process that
locks `door.lock` in the data folder writes; the others hand it their batches over a Unix socket, where they go into
its own line and share its commits. Linux takes the lock from a process that dies, and whoever writes next takes it.

The lock makes it fast and not correct: that is the database's business. So whoever cannot reach the writer writes by
itself, as long as it is certain that the batch has not been handed over. One that may have been written is never
written again, or a newcomer would have two seats: it is answered "one moment", as with a database that is away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import stat
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.crypto import salted_hmac

from tenfold.edge.memory import Full

A = TypeVar("A")
R = TypeVar("R")
log = structlog.get_logger(__name__)

# Longer than any commit, and shorter than those who scan wait (`edge.commit`).
PATIENCE_SECONDS = 5.0
# The other one answers at once that it is there, if it can.
GREETING_SECONDS = 1.0
# After it has not, we write by ourselves for this long at least, and for so many times as long as that has cost.
ALONE_SECONDS, ALONE_TIMES = 0.2, 5
# What the names of Unix sockets may have everywhere.
LONGEST_PATH = 100
BACKLOG = 64
# By what a greeting may fail, whoever is at the other end. It asserts what it is sent, and md5 may be forbidden.
NOT_GREETED = (OSError, EOFError, AuthenticationError, AssertionError, ValueError)


class Told(Enum):
    """What becomes of a batch that was handed over."""

    KEPT = auto()
    NOT_TAKEN = auto()
    """The writer is about to end, and has not begun with it."""
    NOT_NOW = auto()
    """The database does not take it now; whether it is kept may be unknown."""
    REFUSED = auto()
    """There is something in it that cannot be kept; nothing of it is."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A batch of another process, as one item in the writer's line; its answer is a list."""

    items: Sequence[Any]


def all_of(items: Sequence[Any], write: Callable[[Sequence[Any]], Sequence[Any]]) -> Sequence[Any]:
    """Written as one batch, with those that were handed over; an answer for each item."""
    if Handed not in map(type, items):
        return write(items)
    answers = iter(
        write([each for item in items for each in (item.items if type(item) is Handed else [item])])
    )
    return [
        list(islice(answers, len(item.items))) if type(item) is Handed else next(answers) for item in items
    ]


class Unreachable(Exception):
    """The batch was not handed over: certainly nothing of it is written."""


class Leader(Generic[A, R]):
    """Writes, or has another process write. `write` keeps a batch; `take_in` puts what another process hands over into
    this one's line. `keep` is for one thread alone."""

    def __init__(
        self,
        folder: Path,
        *,
        write: Callable[[Sequence[A]], Sequence[R]],
        take_in: Callable[[Handed], Future[Any]],
    ) -> None:
        self._write = write
        self._take_in = take_in
        self._address, self._lock_path = address_in(folder), folder / "door.lock"
        self._is_apart = self._address.parent != folder
        self._key = salted_hmac("tenfold.edge.leader", str(folder), algorithm="sha256").digest()
        self._lock: int | None = None
        self._listener: Listener | None = None
        self._link: Connection | None = None
        self._alone_until = 0.0
        self._is_closing = False

    @property
    def is_leading(self) -> bool:
        return self._lock is not None

    # --- the thread that writes -------------------------------------------------------------------------------

    def keep(self, items: Sequence[A]) -> Sequence[R]:
        """Answers to all of these, once they are kept; OperationalError where that is unknown, or did not work."""
        if self._lock is None and not self._is_alone():
            with suppress(Unreachable):
                return self._hand_over(items)
        return self._write(items)

    def _is_alone(self) -> bool:
        """Whether to write by ourselves: as the one who leads from now on, or because nobody else can be reached."""
        if self._link:
            return False
        if self._take_lock():
            return True
        if time.monotonic() < self._alone_until:
            return True
        began = time.monotonic()
        try:
            if self._is_apart:
                check_private(self._address.parent)
            self._link = greet(self._address, self._key)
        except NOT_GREETED as trouble:
            log.warning("writer_not_reached", why=repr(trouble))
            now = time.monotonic()
            self._alone_until = now + max(ALONE_SECONDS, ALONE_TIMES * (now - began))
        return self._link is None

    def _hand_over(self, items: Sequence[A]) -> Sequence[R]:
        assert self._link
        try:
            # What has come over in part only is thrown away at the other end.
            self._link.send(items)
        except OSError as trouble:
            self._leave()
            raise Unreachable from trouble
        try:
            if not self._link.poll(PATIENCE_SECONDS):
                raise TimeoutError("no answer")
            told, results = self._link.recv()
        except Exception as trouble:
            # Whatever it is, the batch is over there: no other error, by which one might try again.
            self._leave()
            raise OperationalError(f"the writer was lost: {trouble!r}") from trouble
        match told:
            case Told.KEPT:
                return list(results)
            case Told.NOT_TAKEN:
                self._leave()
                raise Unreachable
            case Told.REFUSED:
                raise DatabaseError(results)
            case _:
                raise OperationalError(results)

    def _leave(self) -> None:
        if self._link:
            self._link.close()
        self._link = None

    def _take_lock(self) -> bool:
        try:
            lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as trouble:
            if time.monotonic() >= self._alone_until:  # not with every batch
                log.warning("writer_lock_not_opened", why=repr(trouble))
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        self._listen()
        return True

    # --- who leads --------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Without a socket we still write, and so do the others, though slower."""
        try:
            self._address.unlink(missing_ok=True)  # of one that was killed: the lock is ours
            if self._is_apart:
                self._address.parent.mkdir(mode=0o700, exist_ok=True)
                check_private(self._address.parent)
            self._listener = Listener(str(self._address), "AF_UNIX", backlog=BACKLOG)
            self._address.chmod(0o600)
            threading.Thread(
                target=self._welcome, args=(self._listener,), name="door-listener", daemon=True
            ).start()
        except (OSError, RuntimeError) as trouble:  # RuntimeError: no thread can be started
            log.warning("writer_cannot_listen", why=repr(trouble))
            if self._listener:
                with suppress(OSError):
                    self._listener.close()
            self._listener = None

    def _welcome(self, listener: Listener) -> None:
        while not self._is_closing:
            try:
                link = listener.accept()
            except OSError:
                time.sleep(GREETING_SECONDS)  # no file numbers left, say; it may get better
                continue
            if self._is_closing:
                link.close()
                return
            try:
                threading.Thread(target=self._serve, args=(link,), name="door-guest", daemon=True).start()
            except RuntimeError as trouble:  # no thread can be started; it may get better
                log.warning("writer_cannot_serve", why=repr(trouble))
                link.close()

    def _serve(self, link: Connection) -> None:
        """One other process, for as long as it lives."""
        with link, suppress(*NOT_GREETED):
            with socket.fromfd(link.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as raw:
                check_peer(raw)
            deliver_challenge(link, self._key)
            answer_challenge(link, self._key)
            while True:
                items = link.recv()
                if link.poll():
                    return  # it has given up meanwhile, and nobody would be told of their seats
                link.send(self._keep_for_other(items))

    def _keep_for_other(self, items: Sequence[A]) -> tuple[Told, Sequence[R] | str]:
        if self._is_closing:
            return Told.NOT_TAKEN, ""
        try:
            return Told.KEPT, self._take_in(Handed(items)).result()
        except Full:
            return Told.NOT_NOW, "too many wait"
        except (OperationalError, InterfaceError) as trouble:
            return Told.NOT_NOW, repr(trouble)
        except Exception as error:  # noqa: BLE001  whatever it is, it is told to who asked
            return Told.REFUSED, repr(error)

    def take_no_more(self) -> None:
        """What is handed over from now on is refused, and written by who has sent it."""
        self._is_closing = True

    def close(self) -> None:
        """Let another one lead; by now this one's line has come to its end."""
        self.take_no_more()
        if self._listener:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as nobody:
                nobody.settimeout(GREETING_SECONDS)
                nobody.connect(str(self._address))  # `accept` does not notice otherwise
            with suppress(OSError):
                self._listener.close()  # takes its file away too, so that it has to come before the lock goes
        if self._lock is not None:
            os.close(self._lock)
        self._lock = self._listener = None
        self._leave()


def address_in(folder: Path) -> Path:
    """Where who leads listens: beside the data, or where its path would be too long, in a folder for it alone."""
    beside = folder / "door.sock"
    if len(os.fsencode(beside)) <= LONGEST_PATH:
        return beside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tenfold-{os.geteuid()}-{name}" / "door.sock"


def check_private(folder: Path) -> None:
    """OSError if the folder is, or could be, somebody else's, as one in the shared temporary folder may be."""
    known = folder.lstat()
    if not stat.S_ISDIR(known.st_mode) or known.st_uid != os.geteuid() or known.st_mode & 0o077:
        raise PermissionError(f"{folder} is not ours alone")


def check_peer(raw: socket.socket) -> None:
    """PermissionError if another user is at the other end: nothing of theirs is unpickled. Only Linux can tell."""
    if sys.platform == "linux":
        known = raw.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII"))
        _process, user, _group = struct.unpack("iII", known)
        if user != os.geteuid():
            raise PermissionError(f"user {user} is at the other end")


def greet(address: Path, key: bytes) -> Connection:
    """A connection to who listens there, after each has shown that they know the key. Nothing here waits for ever,
    though the process at the other end may have been stopped."""
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(GREETING_SECONDS)
        raw.connect(str(address))
        check_peer(raw)
        raw.setblocking(True)
        _set_patience(raw, GREETING_SECONDS)
        link = Connection(os.dup(raw.fileno()))
        try:
            answer_challenge(link, key)
            deliver_challenge(link, key)
            _set_patience(raw, PATIENCE_SECONDS)
        except BaseException:
            link.close()
            raise
    return link


def _set_patience(raw: socket.socket, seconds: float) -> None:
    """Of the socket itself: who reads and writes by its number knows no other."""
    whole, part = divmod(seconds, 1)
    wait = struct.pack("ll", int(whole), int(part * 1e6))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        raw.setsockopt(socket.SOL_SOCKET, option, wait)
