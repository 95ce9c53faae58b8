"""Who listens to what, and handing bytes to all of them. A held connection costs a queue and a task, never a thread."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from tenfold import metrics

# What one can listen to, e.g. ("room", group id, language), ("journey", id), ("campaign", id).
Topic: TypeAlias = tuple[str, ...]

# A client that is this far behind is let go. It connects again and is given what it missed from the tables.
BACKLOG = 100
MOST_STREAMS = 5000
# One person with a few pages open, and what a phone that lost its connection has not let go of yet.
MOST_FOR_ONE = 32


def frame(event: str, data: str, event_id: str = "") -> bytes:
    """One server-sent event; without an id whoever asks again goes on from the one before. Whatever line ends `data`
    has, none of it can become a field of its own."""
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    told = "".join(f"data: {line}\n" for line in lines)
    named = f"id: {event_id}\n" if event_id else ""
    return f"{named}event: {event}\n{told}\n".encode()


@dataclass(frozen=True)
class Event:
    """Bytes for everybody who listens to `topic`, or for one `owner` of them alone; `id` names what happened, so that
    nobody is sent it twice."""

    topic: Topic
    id: str
    data: bytes
    owner: str = ""


@dataclass(eq=False)
class Stream:
    """One listener. `None` in the queue means: that was all."""

    topic: Topic
    owner: str
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def push(self, event: Event) -> None:
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Forget what is queued: what it misses is in the tables, and it will ask again."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """All streams of this process. Everything but `topics` and `wait` belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._streams: dict[Topic, set[Stream]] = defaultdict(set)
        self._owned: dict[str, list[Stream]] = defaultdict(list)
        self._count = 0
        self._is_closed = False
        self._lock = threading.Lock()
        self._is_listened = threading.Event()

    @property
    def is_full(self) -> bool:
        return self._is_closed or self._count >= MOST_STREAMS

    def join(self, topic: Topic, owner: str) -> Stream:
        """Listen. Of too many streams of one owner the oldest ends: nobody can take the places of all others."""
        stream, mine = Stream(topic, owner), self._owned[owner]
        mine.append(stream)
        if len(mine) > MOST_FOR_ONE:
            mine.pop(0).end()
        with self._lock:
            self._streams[topic].add(stream)
        self._changed(+1)
        return stream

    def leave(self, stream: Stream) -> None:
        self._owned[stream.owner] = [other for other in self._owned[stream.owner] if other is not stream]
        if not self._owned[stream.owner]:
            del self._owned[stream.owner]
        with self._lock:
            self._streams[stream.topic].discard(stream)
            if not self._streams[stream.topic]:
                del self._streams[stream.topic]
        self._changed(-1)

    def _changed(self, by: int) -> None:
        self._count += by
        metrics.OPEN_STREAMS.inc(by)
        if self._count:
            self._is_listened.set()
        else:
            self._is_listened.clear()

    def publish(self, events: Iterable[Event]) -> None:
        for event in events:
            for stream in self._streams.get(event.topic, ()):
                if event.owner in ("", stream.owner):
                    stream.push(event)

    def close(self) -> None:
        """End every stream, so that a server that stops need not wait for anybody."""
        self._is_closed = True
        for streams in self._streams.values():
            for stream in streams:
                stream.end()

    def topics(self) -> set[Topic]:
        """What anybody listens to now; for the watcher's thread."""
        with self._lock:
            return set(self._streams)

    def wait(self, seconds: float) -> bool:
        """Wait in the watcher's thread until somebody listens; False if nobody did for so long."""
        return self._is_listened.wait(seconds)
