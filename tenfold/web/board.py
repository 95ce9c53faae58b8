"""The board: who has brought the most, as much of their names as the plan shows, and the reader's own place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenfold.base import visitor
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.keepsakes.rules import Shown, shown_name
from tenfold.people import board
from tenfold.people.models import Journey
from tenfold.people.queries import journey_of_visitor
from tenfold.rewards.models import RewardRule
from tenfold.rewards.queries import rules_of
from tenfold.web.asking import STRANGER, is_fragment, mark_of

SHOWN = 50
NEEDED = ("board_count", "person__nickname")


@dataclass(frozen=True)
class Line:
    """One line of the board; `name` is what of it the reader may see."""

    number: int
    name: str
    count: int
    is_me: bool


@require_safe
def show(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Fetched again by itself while it is open; without script a link does that."""
    mark = mark_of(request, campaign_id)
    campaign, me = _asked(request, campaign_id)
    template = "web/_board.html" if is_fragment(request) else "web/board.html"
    response = render(request, template, {"campaign": campaign, "me": me, "mark": mark} | _told(campaign, me))
    response.headers["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _asked(request: HttpRequest, campaign_id: UUID) -> tuple[Campaign, Journey | None]:
    """The campaign, and the reader's own journey in it; a campaign without a board answers like one there is none."""
    there_is = Campaign.objects.exclude(board=Campaign.Board.OFF).exclude(state=Campaign.State.DRAFT)
    campaign = there_is.filter(pk=campaign_id).first()
    if campaign is None:
        raise Refusal("no_board", _("There is no board at this address."), status=404)
    known = visitor.read(request.COOKIES.get(visitor.COOKIE))
    me = journey_of_visitor(campaign_id=campaign_id, visitor_id=known) if known else None
    if me is None and campaign.board == Campaign.Board.MEMBERS:
        raise Refusal(STRANGER, _("This board is for those who have joined."), status=403)
    return campaign, me


def _told(campaign: Campaign, me: Journey | None) -> dict[str, Any]:
    shown = _shown(campaign, me)
    first = board.ranked(campaign_id=campaign.id).select_related("person").only(*NEEDED)[:SHOWN]
    lines = [_line(nth, journey, shown, me) for nth, journey in enumerate(first, start=1)]
    place = board.place_of(me) if me else None
    is_prize = {"when": RewardRule.When.RANK, "stopped_at": None}
    return {
        "prizes": rules_of(campaign).filter(**is_prize),
        "lines": lines,
        "place": place,
        "is_below": place is not None and place.number > len(lines),
        "people_count": place.of if place else board.people_count(campaign.id),
    }


def _shown(campaign: Campaign, me: Journey | None) -> str:
    """How much of a name this reader sees: whole ones are for members alone, as everybody was told who joined."""
    shown = campaign.board_names
    return Shown.FIRST if me is None and shown == Shown.FULL else shown


def _line(number: int, journey: Journey, shown: str, me: Journey | None) -> Line:
    is_me = me is not None and journey.pk == me.pk
    name = journey.person.nickname if is_me else shown_name(journey.person.nickname, shown)
    return Line(number, name, journey.board_count, is_me)
