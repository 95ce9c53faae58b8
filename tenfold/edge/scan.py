"""The hot door: a scan comes in, is committed together with others, and only then answered.

The event loop parses, finds the code's card in memory and waits; the writer's thread tells the story (`flow`) of a
whole batch in one transaction (`commit.py`). The answer is put together afterwards, from bytes that are mostly ready.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.template.loader import render_to_string
from django.utils import translation

from tenfold import flow, metrics
from tenfold.base import bulk, keys, visitor
from tenfold.campaigns.models import Campaign
from tenfold.edge.commit import GroupCommit
from tenfold.edge.memory import Cards, Full, Threads
from tenfold.edge.protocol import Answer, Asked, Send, give, plain
from tenfold.flow import Opening, Outcome, Plans, Shown
from tenfold.groups.leases import Leased
from tenfold.groups.models import Group
from tenfold.groups.pool import Counted, Room

log = structlog.get_logger(__name__)

PATIENCE = 8.0
RETRY_AFTER = (b"retry-after", b"3")
NOT_NOW = (Full, TimeoutError, OperationalError, InterfaceError)


class Door:
    """`GET|HEAD /c/<slug>`, with the scan on disk before its answer."""

    def __init__(self, readers: Threads) -> None:
        self._cards = Cards(readers, patience=PATIENCE)
        self._plans = Plans()
        # Processes that count the same code need not wait for each other if they count in slots of their own.
        self._slot = os.getpid() % 16
        self._seats = Leased(f"{socket.gethostname()[:40]}:{os.getpid()}") if bulk.is_shared() else Counted()
        self._line = GroupCommit(self._keep, note=_note, at_end=self._seats.give_back, name="scan-writer")

    def start(self) -> None:
        self._reading = asyncio.create_task(self._read_in_advance())

    async def _read_in_advance(self) -> None:
        try:
            await self._cards.read_in_advance()
        except NOT_NOW as error:
            log.warning("cards_not_read_in_advance", why=repr(error))

    async def answer(self, asked: Asked, send: Send) -> None:
        try:
            answer = await self._scan(asked)
        except NOT_NOW as error:
            log.warning("scan_not_answered", why=repr(error))
            metrics.SCANS.labels("busy").inc()
            answer = busy()
        await give(send, answer, is_head=asked.method == "HEAD")

    async def _scan(self, asked: Asked) -> Answer:
        if asked.method not in ("GET", "HEAD"):
            return plain(405, allow="GET, HEAD")
        slug = asked.path[3:]
        card = self._cards.at_hand(slug)
        if card is None:
            read = keys.read_slug(slug.rstrip("/"))
            card = (self._cards.at_hand(read) or await self._cards.find(read)) if read else None
            slug = read or ""
        if card is None:
            metrics.SCANS.labels(Outcome.UNKNOWN).inc()
            return _unknown(asked.language)
        if asked.method == "HEAD":
            # Nothing is recorded and no seat held, so that the group to be shown is not known either.
            return Answer(200)
        known = visitor.read(asked.cookies.get(visitor.COOKIE))
        shown = await self._line.keep(Opening(card, known.hex if known else None))
        if card.owner_id and not card.is_sharing and card.owner_visitor != shown.visitor:
            self._cards.note_sharing(slug, card)
        answer = _page(shown, asked)
        if known:
            return answer
        return Answer(answer.status, answer.body, answer.media_type, (*answer.headers, _cookie(shown)))

    def _keep(self, openings: Sequence[Opening]) -> Sequence[Shown]:
        """In the writer's thread."""
        shown = flow.scanned_together(openings, plans=self._plans, seats=self._seats, slot=self._slot)
        for outcome, count in Counter(each.outcome for each in shown).items():
            metrics.SCANS.labels(outcome).inc(count)
        return shown

    def close(self) -> None:
        self._line.close()


def _note(_size: int, seconds: float) -> None:
    metrics.SCAN_BATCHES.inc()
    metrics.SCAN_SECONDS.observe(seconds)


def _page(shown: Shown, asked: Asked) -> Answer:
    match shown.outcome:
        case Outcome.GROUP if shown.room and shown.room.platform == Group.Platform.WEB:
            return _to_room(shown.room.id)
        case Outcome.GROUP if shown.room and shown.campaign:
            return _group_page(shown.room, shown.campaign, asked.language)
        case Outcome.MEMBER if shown.campaign:
            why = f"?scan={shown.no_credit}" if shown.no_credit else ""
            return _go(f"/me/{shown.campaign.id}/{why}")
        case Outcome.WAITING if shown.campaign:
            return _go(f"/line/{shown.campaign.id}/")
        case _:
            context = {"shown": shown, "campaign": shown.campaign}
            return _render("web/scan_over.html", asked.language, context)


@lru_cache(maxsize=4096)
def _to_room(group_id: str) -> Answer:
    return _go(f"/g/{UUID(group_id)}/")


def _group_page(room: Room, campaign: Campaign, language: str) -> Answer:
    """The same bytes for everybody who is sent to this group."""
    return _group_page_of(room.id, room.name, room.qr_picture_id, campaign.id, campaign.name, language)


@lru_cache(maxsize=1024)
def _group_page_of(
    group_id: str, name: str, qr: str | None, campaign_id: UUID, campaign_name: str, language: str
) -> Answer:
    where = UUID(group_id)
    context = {
        "group": {"id": where, "name": name},
        "campaign": {"id": campaign_id, "name": campaign_name},
        "qr_url": f"/qr/{where}/{qr}.png" if qr else "",
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
    return Answer(302, headers=((b"location", where.encode()),))


def _cookie(shown: Shown) -> tuple[bytes, bytes]:
    secure = "; Secure" if settings.IS_TLS else ""
    value = f"{visitor.COOKIE}={visitor.write(shown.visitor_id)}; Max-Age={visitor.MAX_AGE}; Path=/"
    return b"set-cookie", f"{value}; HttpOnly; SameSite=Lax{secure}".encode()
