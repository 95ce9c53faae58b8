"""The least that a server can answer: a constant 302 through the same raw interface as the door's.

What the door does beside this is its own work; so the door's rate is told as a share of this one's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it would bring all of Django along
    from tenfold.edge.protocol import Message, Receive, Scope, Send

START: Message = {
    "type": "http.response.start",
    "status": 302,
    "headers": [(b"location", b"/g/"), (b"content-length", b"0")],
}
BODY: Message = {"type": "http.response.body", "body": b""}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send(START)
        await send(BODY)
    elif scope["type"] == "lifespan":
        await _live_and_die(receive, send)


async def _live_and_die(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
