"""The hot door: a scan comes in, is committed together with others, and only then answered.

The event loop parses, finds the code's card in memory and waits; the writer's thread tells the story (`flow`) of a
whole batch in one transaction (`commit.py`). The answer is put together afterwards, from bytes that are mostly ready.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.template.loader import render_to_string
from django.utils import translation

from tenfold import metrics
from tenfold.base import keys, visitor
from tenfold.campaigns.models import Campaign
from tenfold.edge import bots, limits
from tenfold.edge.intake import Intake
from tenfold.edge.memory import Cards, Full, Threads
from tenfold.edge.preview import PERSON, not_ahead, preview, words_of
from tenfold.edge.protocol import Answer, Asked, Redirect, Scope, Send, give, plain
from tenfold.flow import Card, Opening, Outcome, Shown
from tenfold.groups.models import Group
from tenfold.groups.pool import Room

log = structlog.get_logger(__name__)

PATIENCE = 8.0
RETRY_AFTER = (b"retry-after", b"3")
NOT_NOW = (Full, TimeoutError, OperationalError, InterfaceError)


class Door:
    """`GET|HEAD /c/<slug>`, with the scan on disk before its answer."""

    def __init__(self, intake: Intake, readers: Threads) -> None:
        self._intake = intake
        self._readers = readers
        self._cards = Cards(readers, patience=PATIENCE)
        self._limits = limits.Limits()
        self._reading: asyncio.Task[None] | None = None
        self._is_stopping = False

    def start(self) -> None:
        self._reading = asyncio.create_task(self._read_in_advance())

    def stop(self) -> None:
        """Nobody comes any more; on the event loop, while there are still threads to read with."""
        self._is_stopping = True
        if self._reading:
            self._reading.cancel()

    async def _read_in_advance(self) -> None:
        try:
            await self._cards.read_in_advance()
        except NOT_NOW as error:
            # Python 3.11's `wait_for` forgets a cancellation that comes together with a result.
            if not self._is_stopping:
                log.warning("cards_not_read_in_advance", why=repr(error))

    async def answer(self, scope: Scope, send: Send) -> None:
        try:
            answer = await self._scan(scope)
        except NOT_NOW as error:
            log.warning("scan_not_answered", why=repr(error))
            metrics.SCANS.labels("busy").inc()
            answer = busy()
        await give(send, answer, is_head=scope["method"] == "HEAD")

    async def _scan(self, scope: Scope) -> Answer:
        if scope["method"] not in ("GET", "HEAD"):
            return plain(405, allow="GET, HEAD")
        slug = scope["path"][3:]
        card = self._cards.at_hand(slug)
        if card is None:
            slug = keys.read_slug(slug.rstrip("/")) or ""
            card = (self._cards.at_hand(slug) or await self._cards.find(slug)) if slug else None
            if card is None:
                return self._unknown(scope)
        if scope["method"] == "HEAD":
            # Nothing is recorded and no seat held, so that the group to be shown is not known either.
            return Answer(200)
        headers = dict(scope["headers"])
        cookie = headers.get(b"cookie")
        known = visitor.read_hex(visitor.from_header(cookie)) if cookie else None
        if self._is_too_often(known, scope, headers):
            metrics.SCANS.labels("too_many").inc()
            return limits.too_many()
        if bots.is_ahead(headers):
            return not_ahead()
        agent = headers.get(b"user-agent", b"").decode("latin-1")
        if bots.is_bot(agent) and PERSON not in scope["query_string"]:
            return await self._preview(card, slug, agent)
        shown = await self._intake.keep(Opening(card, known))
        if card.owner_id and not card.is_sharing and card.owner_visitor != shown.visitor:
            self._cards.note_sharing(slug, card)
        return _answer(shown, scope, None if known else shown.visitor)

    def _is_too_often(self, known: str | None, scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        now = time.monotonic()
        if known:
            return not self._limits.visitor.may(known, now)
        address = scope["client"][0] if scope.get("client") else ""
        if self._limits.address.may(limits.key_of(address), now):
            return False
        return not limits.is_unnamed_proxy(address, headers)

    def _unknown(self, scope: Scope) -> Answer:
        metrics.SCANS.labels(Outcome.UNKNOWN).inc()
        asked = Asked(scope)
        is_few = self._limits.unknown.may(limits.key_of(asked.address), time.monotonic())
        if is_few or limits.is_unnamed_proxy(asked.address, dict(scope["headers"])):
            return _unknown(asked.language)
        return limits.too_many()

    async def _preview(self, card: Card, slug: str, agent: str) -> Answer:
        """No person, no seat: a fact of its own, and what a chat can make a card of."""
        shown = await self._intake.keep(Opening(card, None, agent=agent or "-"))
        assert shown.campaign
        campaign = shown.campaign
        return preview(await self._readers.run(lambda: words_of(campaign), patience=PATIENCE), slug)


def _answer(shown: Shown, scope: Scope, newcomer: str | None) -> Answer:
    """What to do next; a newcomer is also given a cookie by which they are known again."""
    answer = _page(shown, scope)
    if newcomer is None:
        return answer
    return answer.with_header(b"set-cookie", _cookie(newcomer))


def _page(shown: Shown, scope: Scope) -> Answer:
    match shown.outcome:
        case Outcome.GROUP if shown.room and shown.room.platform == WEB:
            return _to_room(shown.room.id)
        case Outcome.GROUP if shown.room and shown.campaign and shown.room.qr_picture_id:
            return _group_page(shown.room, shown.campaign, Asked(scope).language)
        case Outcome.MEMBER if shown.campaign:
            why = f"?scan={shown.no_credit}" if shown.no_credit else ""
            return _go(f"/me/{shown.campaign.id}/{why}")
        case Outcome.WAITING if shown.campaign:
            return _go(f"/line/{shown.campaign.id}/")
        case _:
            context = {"shown": shown, "campaign": shown.campaign}
            return _render("web/scan_over.html", Asked(scope).language, context)


WEB = Group.Platform.WEB.value


@lru_cache(maxsize=4096)
def _to_room(group_id: str) -> Answer:
    return _go(f"/g/{UUID(group_id)}/")


def _group_page(room: Room, campaign: Campaign, language: str) -> Answer:
    """The same bytes for everybody who is sent to this group."""
    group = (room.id, room.name, room.qr_picture_id, room.qr_expires_at)
    return _group_page_of(group, campaign.name, campaign.time_zone, language)


@lru_cache(maxsize=1024)
def _group_page_of(
    group: tuple[str, str, str | None, datetime | None], campaign: str, time_zone: str, language: str
) -> Answer:
    group_id, name, qr, qr_expires_at = group
    where = UUID(group_id)
    context = {
        "group": {"id": where, "name": name, "qr_expires_at": qr_expires_at},
        "campaign": {"name": campaign, "time_zone": time_zone},
        "qr_url": f"/qr/{where}/{qr}.png",
    }
    return _render("web/scan_wechat.html", language, context)


@cache
def _unknown(language: str) -> Answer:
    """Rubbish costs us neither a thread nor a rendering."""
    page = _render("web/scan_over.html", language, {})
    return Answer(404, page.body)


def _render(template: str, language: str, context: Mapping[str, object]) -> Answer:
    with translation.override(language):
        return Answer(200, render_to_string(template, dict(context)).encode())


@cache
def busy() -> Answer:
    """A page that asks again by itself, in both languages: at such a moment there is no time to choose."""
    return Answer(503, render_to_string("edge/busy.html").encode(), headers=(RETRY_AFTER,))


def _go(where: str) -> Answer:
    return Redirect(302, headers=((b"location", where.encode()),))


def _cookie(newcomer: str) -> bytes:
    return _cookie_form(settings.IS_TLS) % visitor.write_hex(newcomer).encode()


@cache
def _cookie_form(is_tls: bool) -> bytes:
    secure = "; Secure" if is_tls else ""
    return f"{visitor.COOKIE}=%s; Max-Age={visitor.MAX_AGE}; Path=/; HttpOnly; SameSite=Lax{secure}".encode()
