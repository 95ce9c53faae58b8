"""A client that speaks ASGI to an application in the same process: no port, no server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tenfold.edge.protocol import App, Message

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 MicroMessenger/8.0.50(0x18003237) NetType/WIFI Language/zh_CN"
)


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def scope_of(method: str, path: str, *, client: str = "127.0.0.1", **headers: str) -> dict[str, Any]:
    """`headers` by their names with _ for -. A phone says what it is; who says nothing is taken for a program."""
    headers = {"user_agent": PHONE} | headers
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (b"host", b"127.0.0.1"),
            *((name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "client": (client, 50000),
        "server": ("127.0.0.1", 8000),
    }


async def ask(app: App, path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Got:
    """One whole request."""
    asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[Message] = []

    async def receive() -> Message:
        return asked.pop() if asked else await asyncio.Future()

    async def send(message: Message) -> None:
        told.append(message)

    client = headers.pop("client", "127.0.0.1")
    await app(scope_of(method, path, client=client, **headers), receive, send)
    names = [(name.decode(), value.decode("latin-1")) for name, value in told[0]["headers"]]
    return Got(told[0]["status"], dict(names), b"".join(message.get("body", b"") for message in told[1:]))


@dataclass
class Listener:
    """A browser that keeps a stream open."""

    app: App
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    told: bytearray = field(default_factory=bytearray)
    status: int = 0
    is_stuck: bool = False

    def __post_init__(self) -> None:
        self._left = asyncio.Event()
        self._more = asyncio.Condition()
        self.task: asyncio.Task[None] = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        await self.app(scope_of("GET", self.path, **self.headers), self._receive, self._send)

    async def _receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self.is_stuck:
            await asyncio.Future()
        async with self._more:
            self.status = message.get("status", self.status)
            self.told += message.get("body", b"")
            self._more.notify_all()

    async def hears(self, what: str, seconds: float = 10) -> None:
        """Wait until `what` has come; anything that ended the stream before is an error."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: what.encode() in self.told)

    async def leaves(self) -> None:
        self._left.set()
        await self.task
