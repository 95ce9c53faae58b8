"""Server-sent events: who may listen is asked once at the door, then the stream lives in the event loop alone.

Everything is sent at least once: a page leaves out a post it has already (by its id), and asking again for a changed
fragment does no harm. So a reconnect may look back a little too far, and nothing has to be exact but the tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tenfold.base import clock, keys, visitor
from tenfold.edge.hub import Event, Hub, Stream, Topic
from tenfold.edge.memory import Threads
from tenfold.edge.protocol import Answer, Asked, Receive, Send, give, plain
from tenfold.edge.watch import HIDDEN, Watcher, changed_event, hidden_event, post_event
from tenfold.groups.models import Waiting
from tenfold.insight import marks
from tenfold.people.models import Journey
from tenfold.people.queries import journeys_of_visitor
from tenfold.platforms.web.queries import hidden_lately, posts_after, posts_before

HEARTBEAT_SECONDS = 15.0
# A send that takes longer found nobody at the other end.
SEND_SECONDS = 20.0
# After this long a client has to show again that it may listen: who was removed meanwhile hears no more.
LONGEST_SECONDS = 300.0
CONSOLE_TOKEN_AGE = 12 * 3600
LOOK_BACK = 20
MOST_MISSED = 200
PATIENCE = 10.0
STREAM = b"text/event-stream; charset=utf-8"
GONE = plain(404)


@dataclass(frozen=True)
class Seat:
    """A right to listen, whose it is, and how to catch up with what was missed (in a thread)."""

    topic: Topic
    owner: str
    catch_up: Callable[[], list[Event]]


async def live(
    asked: Asked, receive: Receive, send: Send, hub: Hub, watcher: Watcher, readers: Threads
) -> None:
    """Serve one stream until either end has enough of it."""
    if asked.method != "GET":
        await give(send, plain(405, allow="GET"), is_head=asked.method == "HEAD")
        return
    if hub.is_full:
        await give(send, plain(503, retry_after="10"))
        return
    seat = await readers.run(lambda: _seat(asked), patience=PATIENCE)
    if seat is None:
        await give(send, GONE)
        return
    watcher.start(asyncio.get_running_loop())
    # Listening before catching up: what happens in between comes twice rather than never.
    stream = hub.join(seat.topic, seat.owner)
    try:
        missed = await readers.run(seat.catch_up, patience=PATIENCE)
        if sum(not event.id.startswith(HIDDEN) for event in missed) >= MOST_MISSED:
            stream.end()  # there may be more: they connect again and go on from the last of these
        await _pump(stream, missed, receive, send)
    finally:
        hub.leave(stream)


async def _pump(stream: Stream, missed: list[Event], receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _headers()})
    watching = asyncio.create_task(_end_when_gone(stream, receive))
    until = time.monotonic() + LONGEST_SECONDS
    try:
        # The id makes even the first reconnect say that it is one.
        await _send(send, b"retry: 2000\nid: 0\n\n" + b"".join(event.data for event in missed))
        told = {event.id for event in missed}
        while time.monotonic() < until:
            data = await _next(stream, told)
            if data is None:
                break
            await _send(send, data)
        await send({"type": "http.response.body", "body": b""})
    except (TimeoutError, OSError):
        pass  # nobody there any more: they will connect again
    finally:
        watching.cancel()


async def _next(stream: Stream, told: set[str]) -> bytes | None:
    """The next bytes to send, a comment if there was nothing for long, None at the end."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            event = await stream.queue.get()
    except TimeoutError:
        return b":\n\n"
    if event is None:
        return None
    return b"" if event.id in told else event.data


async def _send(send: Send, data: bytes) -> None:
    if data:
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": data, "more_body": True})


async def _end_when_gone(stream: Stream, receive: Receive) -> None:
    with contextlib.suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
    stream.end()


def _headers() -> list[tuple[bytes, bytes]]:
    # Proxies that collect an answer before passing it on (nginx) leave this one alone.
    headers = [
        (name, value) for name, value in Answer(200, b"", STREAM).all_headers() if name != b"content-length"
    ]
    return [*headers, (b"x-accel-buffering", b"no")]


def _seat(asked: Asked) -> Seat | None:
    match asked.path.split("/"):
        case ["", "live", "room", room]:
            return _in_room(asked, keys.read_id(room))
        case ["", "live", "me", page_key]:
            journey_id = Journey.objects.filter(page_key=page_key).values_list("id", flat=True).first()
            return _on_page(asked, journey_id, page_key) if journey_id else None
        case ["", "live", "line", campaign]:
            return _in_line(asked, keys.read_id(campaign))
        case ["", "live", "console", token]:
            campaign_id = keys.read_id(keys.unsign("live", token, max_age=CONSOLE_TOKEN_AGE))
            return _at_console(asked, campaign_id, token) if campaign_id else None
    return None


def _visitor(asked: Asked) -> UUID | None:
    return visitor.read(asked.cookies.get(visitor.COOKIE))


def _on_page(asked: Asked, journey_id: UUID, page_key: str) -> Seat:
    return _shows(asked, ("journey", str(journey_id)), page_key, lambda: marks.of_journey(journey_id))


def _at_console(asked: Asked, campaign_id: UUID, token: str) -> Seat:
    return _shows(asked, ("campaign", str(campaign_id)), token, lambda: marks.of_campaign(campaign_id))


def _in_line(asked: Asked, campaign_id: UUID | None) -> Seat | None:
    visitor_id = _visitor(asked)
    if not (campaign_id and visitor_id):
        return None
    if not Waiting.objects.filter(campaign_id=campaign_id, visitor_id=visitor_id).exists():
        return None
    topic = ("line", str(campaign_id), str(visitor_id))
    return _shows(asked, topic, str(visitor_id), lambda: marks.of_line(campaign_id, visitor_id))


def _shows(asked: Asked, topic: Topic, owner: str, mark: Callable[[], str]) -> Seat:
    """For a page whose address says (`after`) what it knew: its mark. Told that something changed, and once right away
    after a break, or if the mark is another by now: between making the page and listening a reward may have come, of
    which whoever looks at the tables for all has told the others already."""
    is_back = "last-event-id" in asked.headers
    known = asked.query("after")

    def catch_up() -> list[Event]:
        return [changed_event(topic, "changed", clock.now())] if is_back or mark() != known else []

    return Seat(topic, owner, catch_up)


def _in_room(asked: Asked, room_id: UUID | None) -> Seat | None:
    visitor_id = _visitor(asked)
    if not (room_id and visitor_id):
        return None
    mine = journeys_of_visitor(visitor_id).filter(group_id=room_id)
    reader_id = next((journey.person_id for journey in mine if journey.is_member), None)
    if reader_id is None:
        return None
    last = keys.read_id(asked.headers.get("last-event-id")) or keys.read_id(asked.query("after"))
    topic = ("room", str(room_id), asked.language)
    return Seat(topic, str(visitor_id), lambda: _missed(room_id, last, asked.language, reader_id))


def _missed(room_id: UUID, last: UUID | None, language: str, reader_id: UUID | None = None) -> list[Event]:
    """Posts after the last one the page has, and a few before it, which may have become visible later."""
    if last is None:
        return []
    posts = [
        *posts_before(room_id, last, LOOK_BACK, reader_id=reader_id),
        *posts_after(room_id, last, MOST_MISSED, reader_id=reader_id),
    ]
    hidden = [hidden_event(post_id, room_id, at, language) for post_id, at in hidden_lately(room_id)]
    return [*hidden, *(post_event(post, language) for post in posts)]
