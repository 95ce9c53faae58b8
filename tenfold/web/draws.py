"""A draw for everybody to read and to repeat: the promise before it, and afterwards all it takes to check it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenfold.base import clock, visitor
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow.ending import final_at
from tenfold.keepsakes.rules import Shown, shown_name
from tenfold.people.models import Journey
from tenfold.people.queries import journey_of_visitor
from tenfold.rewards import draws
from tenfold.rewards.books import Draw
from tenfold.rewards.lottery import FORMULA, Odds
from tenfold.rewards.models import RewardRule

SHOWN_WINNERS = 200
ODDS_KEPT_SECONDS = 60
_counting = Lock()  # of many who ask at once one counts, and the others read what it found


@dataclass(frozen=True)
class Winner:
    """A winning number, with as much of the name as the plan shows; the others are found by their sign."""

    number: int
    token: str
    name: str
    is_me: bool


@require_safe
def show(request: HttpRequest, draw_id: UUID) -> HttpResponse:
    draw = _draw(draw_id)
    rule, campaign = draws.rule_of(draw), draw.campaign
    known = visitor.read(request.COOKIES.get(visitor.COOKIE))
    me = journey_of_visitor(campaign_id=campaign.id, visitor_id=known) if known else None
    context: dict[str, Any] = {
        "draw": draw,
        "campaign": campaign,
        "rule": rule,
        "odds": _odds(rule, draw),
        "due_at": rule.due_at or (final_at(campaign, campaign.ends_at) if campaign.ends_at else None),
        "me": me,
        "entry": draws.entry_of(draw, me) if me else None,
        "token": draws.token_of(draw, me) if me else "",
        "winners": _winners(draw, me),
        "formula": FORMULA,
    }
    return render(request, "web/draw.html", context)


@require_safe
def published(_request: HttpRequest, draw_id: UUID) -> HttpResponseBase:
    """All of it as a file, for whoever repeats the draw. Before it is made there is only the promise."""
    draw = _draw(draw_id)
    response = StreamingHttpResponse(_json(draw), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{draw.pk}.json"'
    response.headers["Cache-Control"] = "public, max-age=3600" if draw.drawn_at else "no-store"
    return response


def _draw(draw_id: UUID) -> Draw:
    """A plan that is still being written shows nothing of its draw."""
    shown = Draw.objects.exclude(campaign__state=Campaign.State.DRAFT).select_related("campaign__workspace")
    if draw := shown.filter(pk=draw_id).first():
        return draw
    raise Refusal("no_draw", _("There is no draw at this address."), status=404)


def _odds(rule: RewardRule, draw: Draw) -> Odds:
    """Before the draw as they were within this minute: whoever opens the page must not make us count everybody."""
    if draw.drawn_at:
        return draws.odds_of(rule, draw)
    with _counting:
        return _odds_at(rule.pk, int(clock.now().timestamp()) // ODDS_KEPT_SECONDS)


@lru_cache(maxsize=256)
def _odds_at(rule_id: UUID, _moment: int) -> Odds:
    return draws.odds_of(RewardRule.objects.get(pk=rule_id))


def _winners(draw: Draw, me: Journey | None) -> list[Winner]:
    shown = draw.campaign.board_names
    if me is None and shown == Shown.FULL:
        shown = Shown.FIRST  # whole names are for members alone, as everybody was told who joined
    return [
        Winner(
            number=entry.number,
            token=draws.token_of(draw, entry.journey),
            name=shown_name(entry.journey.person.nickname, shown),
            is_me=me is not None and entry.journey_id == me.pk,
        )
        for entry in draws.winners_of(draw, SHOWN_WINNERS)
    ]


def _json(draw: Draw) -> Iterator[str]:
    """Written piece by piece: a million entries are twenty megabytes."""
    is_drawn = draw.drawn_at is not None
    told = {
        "draw": str(draw.pk),
        "campaign": draw.campaign.name,
        "formula": FORMULA,
        "commitment": draw.commitment,
        "public_source": draw.public_source,
        "public_text": draw.public_text,
        "secret": draw.secret if is_drawn else None,
        "drawn_at": draw.drawn_at.isoformat() if draw.drawn_at else None,
        "winners_count": draw.winners_count,
        "winners": draw.winners,
        "entrants_count": draw.entrants_count,
        "entrants_hash": draw.entrants_hash,
    }
    yield json.dumps(told, ensure_ascii=False, indent=1)[:-2]
    yield ',\n "entries": ['
    for nth, token in enumerate(draws.tokens_of(draw)):
        yield f',\n  "{token}"' if nth else f'\n  "{token}"'
    yield "\n ]\n}\n"
