"""What other systems tell us: proven to be theirs, kept as it came in the commit of that moment, answered after it.

Nothing is read into the body here. What a hook says is a hint; the platform it is for takes it from `mailroom.Heard`.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError

from tenfold import metrics
from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.edge import limits
from tenfold.edge.intake import Intake
from tenfold.edge.memory import Full, Recent, Threads
from tenfold.edge.protocol import Answer, Asked, Headers, Receive, plain
from tenfold.mailroom.actions import Hook
from tenfold.mailroom.queries import Source, sources_of
from tenfold.platforms.contract import Unproven
from tenfold.platforms.registry import HOOK_SCHEMES

log = structlog.get_logger(__name__)

PATH = "/hooks/"
MOST_BYTES = 256 * 1024
# Of all hooks together that are coming in or wait for their commit; past it they come again, before memory ends.
MOST_KEPT = 64 * 1024 * 1024
BODY_SECONDS = 10.0
PATIENCE = 8.0
# How long what is known of a source may be used: a secret that was changed, or a source switched off, ends with it.
FRESH_SECONDS = 0.5
MOST_SOURCES = 20_000
LONGEST_LINE = 4096
NOT_NOW = (Full, TimeoutError, OperationalError, InterfaceError)


class _No(Exception):
    """The answer is known already, and it is no."""

    def __init__(self, outcome: str, answer: Answer) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.answer = answer


class Thanks(Answer):
    """Kept, and nothing else to say: a 204 has no body, and so neither a type nor a length."""

    __slots__ = ()

    def all_headers(self) -> Headers:
        return [(b"cache-control", self.kept)]


class Hooks:
    """`POST /hooks/<source id>`."""

    def __init__(self, intake: Intake, readers: Threads) -> None:
        self._intake = intake
        self._sources = Sources(readers)
        self._address = limits.Bucket(burst=2000, rate=200)
        # Counted when it is proven: nobody else can use up what a source may.
        self._source = limits.Bucket(burst=2000, rate=200)
        self._free = MOST_KEPT

    async def answer(self, asked: Asked, receive: Receive) -> Answer:
        outcome, answer = "kept", Answer(500)
        try:
            answer = await self._take(asked, receive)
        except _No as no:
            outcome, answer = no.outcome, no.answer
        except NOT_NOW as error:
            log.warning("hook_not_answered", why=repr(error))
            outcome, answer = "busy", plain(503, retry_after="3")
        metrics.HOOKS.labels(outcome).inc()
        return answer

    async def _take(self, asked: Asked, receive: Receive) -> Answer:
        if asked.method != "POST":
            raise _No("not_post", plain(405, allow="POST"))
        self._let_in(asked)
        source = await self._sources.find(asked.path.removeprefix(PATH))
        if source is None:
            raise _No("unknown", plain(404))
        if _told_size(asked) > MOST_BYTES:
            raise _too_large()
        body = bytearray()
        try:
            await self._collect(body, receive)
            await self._intake.hear(self._proven(source, asked, bytes(body)))
        finally:
            self._free += len(body)
        return Thanks(204)

    def _let_in(self, asked: Asked) -> None:
        if self._address.may(limits.key_of(asked.address), time.monotonic()):
            return
        if not limits.is_unnamed_proxy(asked.address, dict(asked.scope["headers"])):
            raise _too_many()

    async def _collect(self, body: bytearray, receive: Receive) -> None:
        """Take the body in. What it takes of the memory for all, whoever called gives back."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _No("broken_off", plain(400, connection="close"))
                    self._add(body, message.get("body", b""))
                    if not message.get("more_body"):
                        return
        except TimeoutError:
            raise _No("too_slow", plain(408, connection="close")) from None

    def _add(self, body: bytearray, chunk: bytes) -> None:
        if len(body) + len(chunk) > MOST_BYTES:
            raise _too_large()
        if len(chunk) > self._free:
            raise Full
        self._free -= len(chunk)
        body += chunk

    def _proven(self, source: Source, asked: Asked, body: bytes) -> Hook:
        scheme, now = HOOK_SCHEMES[source.scheme], clock.now()
        found = scheme.verify(asked.headers, body, source.secrets_at(now), now)
        if isinstance(found, Unproven):
            log.info("hook_unproven", source=source.id, why=found.code)
            raise _No("unproven", plain(401, found.why))
        if not self._source.may(source.id, time.monotonic()):
            raise _too_many()
        kept = {name: asked.headers[name] for name in scheme.headers if name in asked.headers}
        return Hook(source.id, source.workspace_id, found, kept, body)


def _told_size(asked: Asked) -> int:
    told = asked.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 20 else 0


def _too_large() -> _No:
    return _No("too_large", plain(413, f"at most {MOST_BYTES} bytes", connection="close"))


def _too_many() -> _No:
    return _No("too_many", plain(429, retry_after=str(limits.RETRY_SECONDS)))


class Sources:
    """Sources by id, as they were a moment ago. What is not known is looked up by a thread, together with all others
    that are asked for meanwhile: made-up ids by the thousand cost a query now and then."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._known: Recent[tuple[Source | None, float]] = Recent(MOST_SOURCES)
        self._asked: set[str] = set()
        self._next: asyncio.Task[dict[str, Source]] | None = None
        self._turn = asyncio.Lock()

    async def find(self, raw: str) -> Source | None:
        """The source, or None if there is none or it is switched off; as `Threads.run` where that cannot be told."""
        source_id = read_id(raw)
        if source_id is None:
            return None
        known = self._known.get(source_id.hex)
        if known and known[1] > time.monotonic():
            return known[0]
        if len(self._asked) >= LONGEST_LINE:
            raise Full
        self._asked.add(source_id.hex)
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._ask())
            self._next.add_done_callback(_forget)
        return (await asyncio.shield(self._next)).get(source_id.hex)

    async def _ask(self) -> dict[str, Source]:
        """All that have been asked for by the time the query before this one is answered."""
        async with self._turn:
            asked, self._asked, self._next = self._asked, set(), None
            since = time.monotonic()
            found = await self._threads.run(partial(sources_of, asked), patience=PATIENCE)
        for source_id in asked:
            self._known.put(source_id, (found.get(source_id), since + FRESH_SECONDS))
        return found


def _forget(task: asyncio.Task[dict[str, Source]]) -> None:
    """Whoever asked may have left: nobody has to be told that nobody wanted to know."""
    if not task.cancelled():
        task.exception()
