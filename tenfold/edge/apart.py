"""An ASGI application in a process of its own, asked through sockets as one would ask it here.

Pages are for a process of their own because the door must not take turns with them: whoever computes keeps Python's
interpreter from all others of its process, and keeps it as well while the machine has no core for it. Decision 17 tells
what was measured.

One socket is between the two for as long as both live: its end is the end of either. Over it goes, for each request, a
socket for that request alone, and over that one ASGI's own messages. Nothing has a name that others could open.
"""

from __future__ import annotations

import asyncio
import contextlib
import marshal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:  # it is used before Django is set up
    from tenfold.edge.protocol import App, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

LENGTH = struct.Struct("!I")
# What a message may have in all; the server's own pieces of a body, and of an answer, are far smaller.
LONGEST = 64 * 1024 * 1024
ASKED = ("type", "http_version", "method", "scheme", "path", "root_path", "query_string", "client", "server")
READY, FAILED = b"r", "failed"
# After a process has died; longer each time if it dies young.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, HEALTHY_SECONDS = 0.1, 10.0, 20.0
# For what is being answered when all stops; `server.GRACE_SECONDS` is longer.
LAST_SECONDS = 2.0
MOST_AT_ONCE = 64
PIECE = 64 * 1024


class Gone(Exception):
    """There is no such process now, or it died with the answer: in a moment there is another one."""


class Apart:
    """The application that a program of Python's answers for by `answer_for`; its standard input is `control`. It is
    started here and now, and again whenever it has died, as soon as an event loop looks after it (`start`)."""

    def __init__(self, *program: str) -> None:
        # -P: the folder one stands in must not be taken for the package.
        self._command = [sys.executable, "-P", *program]
        self._pause = FIRST_PAUSE_SECONDS
        self._is_closing = False
        self.is_ready = False
        self._begin()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=self._line())
        asking = asyncio.create_task(_ask(scope, receive, writer))
        try:
            is_over = False
            while not is_over:
                message = await _answered(reader)
                await send(message)
                is_over = message["type"] == "http.response.body" and not message.get("more_body")
        finally:
            asking.cancel()
            writer.transport.abort()  # nobody wants what is still on its way there

    def start(self) -> None:
        """From now on this event loop looks after it."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._control, self._heard)

    def close(self) -> None:
        """End it; from any thread. What it has in hand it finishes, for a moment."""
        self._is_closing, self.is_ready = True, False
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(LAST_SECONDS + 1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _begin(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        with theirs:
            # In a session of its own: Linux may weigh sessions first ("autogroup"), and what a page computes, or a
            # child that reads its picture, would be counted against the door, which then waits for its turn.
            self._process = subprocess.Popen(  # noqa: S603 - our own
                self._command, stdin=theirs.fileno(), start_new_session=True
            )
        self._began = time.monotonic()

    def _line(self) -> socket.socket:
        """A new one to it: what goes in waits there, until it has loaded all that it needs."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise Gone("nobody takes requests") from error
        return ours

    def _heard(self) -> None:
        try:
            is_there = bool(self._control.recv(1))
        except OSError:
            is_there = False
        if is_there:
            self.is_ready = True
            return
        self._loop.remove_reader(self._control)
        self.is_ready = False
        if not self._is_closing:
            lived = time.monotonic() - self._began
            self._pause = FIRST_PAUSE_SECONDS if lived > HEALTHY_SECONDS else self._pause * 2
            self._pause = min(self._pause, LONGEST_PAUSE_SECONDS)
            log.warning("pages_ended", lived_seconds=round(lived, 1), again_in_seconds=self._pause)
            self._loop.call_later(self._pause, self._begin_again)

    def _begin_again(self) -> None:
        """Whoever has closed its end is over, or has nothing to say any more."""
        if self._is_closing:
            return
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._begin()
        self.start()


async def _ask(scope: Scope, receive: Receive, writer: asyncio.StreamWriter) -> None:
    """What is asked, all of the body as it comes in, and after it that whoever asks has left."""
    asked = {name: scope[name] for name in ASKED if name in scope}
    asked["headers"] = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
    try:
        await _tell(writer, asked)
        is_there = True
        while is_there:
            message = await receive()
            is_there = message["type"] != "http.disconnect"
            await _tell(writer, message)
    except OSError:
        return  # it has died, as is told to who waits
    except Exception:
        writer.transport.abort()  # nobody must wait for the answer to half a question
        raise


async def _answered(reader: asyncio.StreamReader) -> Message:
    try:
        message = await _hear(reader)
    except (EOFError, OSError) as error:
        raise Gone("it ended with the answer") from error
    if message["type"] == FAILED:
        raise RuntimeError(message["why"])
    return message


async def _tell(writer: asyncio.StreamWriter, message: Mapping[str, object]) -> None:
    packed = marshal.dumps(dict(message))
    writer.writelines((LENGTH.pack(len(packed)), packed))
    await writer.drain()


async def _hear(reader: asyncio.StreamReader) -> Message:
    """The next message; raises EOFError and OSError."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    if length > LONGEST:
        raise EOFError("too long")
    message: Message = marshal.loads(await reader.readexactly(length))  # noqa: S302 - our own process
    return message


# --- in the other process -------------------------------------------------------------------------------------


async def answer_for(app: App, control: socket.socket) -> None:
    """Answer what comes over `control`, until its other end has gone."""
    loop, over, tasks = asyncio.get_running_loop(), asyncio.Event(), set[asyncio.Task[None]]()

    def take() -> None:
        for line in _lines(control, over.set):
            task = asyncio.create_task(_answer(app, line))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    control.setblocking(False)
    loop.add_reader(control, take)
    control.send(READY)
    await over.wait()
    loop.remove_reader(control)
    if tasks:
        await asyncio.wait(tasks, timeout=LAST_SECONDS)


def _lines(control: socket.socket, end: Callable[[], None]) -> list[socket.socket]:
    try:
        told, files, _flags, _address = socket.recv_fds(control, MOST_AT_ONCE, MOST_AT_ONCE)
    except BlockingIOError:
        return []
    except OSError:
        told, files = b"", []
    if not told:
        end()
    return [socket.socket(fileno=file) for file in files]


async def _answer(app: App, line: socket.socket) -> None:
    """One request. Who asked may have left: then nobody hears what is answered."""
    reader, writer = await asyncio.open_unix_connection(sock=line)

    async def receive() -> Message:
        try:
            return await _hear(reader)
        except (EOFError, OSError):
            return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        with contextlib.suppress(OSError):
            await _tell(writer, message)

    try:
        scope = await receive()
        if scope["type"] == "http":
            await app(scope, receive, send)
    except Exception as error:
        log.exception("page_failed")
        await send({"type": FAILED, "why": repr(error)})
    finally:
        await _let_go(reader, writer)


async def _let_go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The other end closes first, once it has the answer: a socket that is closed with something unread, the rest of a
    body, takes with it what it has said."""
    with contextlib.suppress(OSError):
        writer.write_eof()
        while await reader.read(PIECE):
            pass
    writer.close()
