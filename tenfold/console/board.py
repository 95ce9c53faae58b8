"""The board as operators see it: every name, every place, and whether participants see it too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tenfold.campaigns.models import Campaign
from tenfold.console.layout import campaign_for, fragment, is_fragment, operator_required, page
from tenfold.console.live import live_address
from tenfold.people.board import people_count, ranked
from tenfold.people.models import Journey

PAGE = 50


def _places(campaign: Campaign) -> Paginator[Journey]:
    related = ("person", "group", "inviter__person", "channel_code__channel")
    pages = Paginator(ranked(campaign_id=campaign.id).select_related(*related), PAGE)
    vars(pages)["count"] = people_count(campaign.id)  # it is kept: counting them anew would read every one
    return pages


def _people(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    return {"campaign": campaign, "people": _places(campaign).get_page(request.GET.get("page"))}


@operator_required
@require_safe
def board(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    listens = live_address(request, campaign_id)
    campaign = campaign_for(request, campaign_id)
    if is_fragment(request):
        return fragment(request, "console/board/_rows.html", _people(request, campaign))
    context = _people(request, campaign) | {"live_address": listens}
    return page(request, "console/board/board.html", context, campaign=campaign, tab="board")
