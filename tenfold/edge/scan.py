"""The hot door: a scan comes in, is committed, and only then answered.

The event loop parses and waits; the one writer thread of this process does the step of the story and renders what
has to be rendered. Later the slug is looked up in memory, and commits are shared (see `memory.py`): then the answer
is made outside of the writer, and this file keeps its shape.
"""

from __future__ import annotations

import time
from functools import cache
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.template.loader import render_to_string
from django.utils import translation

from tenfold import flow, metrics
from tenfold.base import keys, visitor
from tenfold.codes.queries import code_by_slug
from tenfold.edge.memory import Full, Threads
from tenfold.edge.protocol import Answer, Asked, plain
from tenfold.flow import Outcome, Shown
from tenfold.groups.models import Group

log = structlog.get_logger(__name__)

# A person waits this long before they scan again; then an answer is of no use any more.
PATIENCE = 8.0
RETRY_AFTER = (b"retry-after", b"3")


async def scan(asked: Asked, writer: Threads) -> Answer:
    """The answer to `GET|HEAD /c/<slug>`, with the scan on disk."""
    if asked.method not in ("GET", "HEAD"):
        return plain(405, allow="GET, HEAD")
    slug = keys.read_slug(asked.path[len("/c/") :].rstrip("/"))
    if slug is None:
        metrics.SCANS.labels(Outcome.UNKNOWN).inc()
        return _unknown(asked.language)
    work = _look if asked.method == "HEAD" else _scanned
    began = time.perf_counter()
    try:
        return await writer.run(lambda: work(asked, slug), patience=PATIENCE)
    except (Full, TimeoutError, OperationalError, InterfaceError) as error:
        log.warning("scan_not_answered", why=repr(error))
        metrics.SCANS.labels("busy").inc()
        return busy()
    finally:
        metrics.SCAN_SECONDS.observe(time.perf_counter() - began)


def _scanned(asked: Asked, slug: str) -> Answer:
    known = visitor.read(asked.cookies.get(visitor.COOKIE))
    shown = flow.scanned(slug=slug, visitor_id=known)
    metrics.SCANS.labels(shown.outcome).inc()
    answer = _page(shown, asked.language)
    if shown.visitor_id == known:
        return answer
    return Answer(answer.status, answer.body, answer.media_type, (*answer.headers, _cookie(shown.visitor_id)))


def _look(_asked: Asked, slug: str) -> Answer:
    """For HEAD: nothing is recorded and no seat held, so that the group to be shown is not known either."""
    return Answer(404 if code_by_slug(slug) is None else 200)


def _page(shown: Shown, language: str) -> Answer:
    match shown.outcome:
        case Outcome.GROUP if shown.group and shown.group.platform == Group.Platform.WEB:
            return _go(f"/g/{shown.group.id}/")
        case Outcome.GROUP:
            return _render("web/scan_wechat.html", language, _told(shown))
        case Outcome.MEMBER if shown.campaign:
            why = f"?scan={shown.no_credit}" if shown.no_credit else ""
            return _go(f"/me/{shown.campaign.id}/{why}")
        case Outcome.WAITING if shown.campaign:
            return _go(f"/line/{shown.campaign.id}/")
        case Outcome.UNKNOWN:
            return _unknown(language)
        case _:
            return _render("web/scan_over.html", language, _told(shown))


def _told(shown: Shown) -> dict[str, object]:
    """What the pages after a scan may speak of."""
    told: dict[str, object] = {"shown": shown, "campaign": shown.campaign, "group": shown.group}
    if shown.group and shown.group.qr_picture:
        told["qr_url"] = f"/qr/{shown.group.id}/{shown.group.qr_picture.sha256}.png"
    return told


@cache
def _unknown(language: str) -> Answer:
    """Rubbish costs us neither a thread nor a rendering."""
    page = _render("web/scan_over.html", language, {})
    return Answer(404, page.body)


def _render(template: str, language: str, context: dict[str, object]) -> Answer:
    with translation.override(language):
        return Answer(200, render_to_string(template, context).encode())


@cache
def busy() -> Answer:
    """A page that asks again by itself, in both languages: at such a moment there is no time to choose."""
    return Answer(503, render_to_string("edge/busy.html").encode(), headers=(RETRY_AFTER,))


def _go(where: str) -> Answer:
    return Answer(302, headers=((b"location", where.encode()),))


def _cookie(visitor_id: UUID) -> tuple[bytes, bytes]:
    secure = "; Secure" if settings.IS_TLS else ""
    value = f"{visitor.COOKIE}={visitor.write(visitor_id)}; Max-Age={visitor.MAX_AGE}; Path=/"
    return b"set-cookie", f"{value}; HttpOnly; SameSite=Lax{secure}".encode()
