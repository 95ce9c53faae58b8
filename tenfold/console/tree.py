"""The fission tree: a picture opened branch by branch, and the same as a nested list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tenfold.accounts.access import row_for
from tenfold.base.keys import read_id
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import campaign_for, fragment, operator_of, operator_required, page
from tenfold.console.live import tone
from tenfold.insight.funnel import generations
from tenfold.insight.tree import PAGE, Branch, Node, children, roots
from tenfold.people.models import Journey


@operator_required
@require_safe
def tree(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    context = {
        "generations": generations(campaign),
        "branch": roots(campaign),
        "page_size": PAGE,
    }
    return page(request, "console/tree/tree.html", context, campaign=campaign, tab="tree")


@operator_required
@require_safe
def branch(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """One page of a fan, as JSON: {"nodes": [...], "rest": how many more, "total": of the whole fan}."""
    campaign = campaign_for(request, campaign_id)
    found = _branch(request, campaign)
    nodes = [_node(campaign, node) for node in found.nodes]
    return JsonResponse({"nodes": nodes, "rest": found.rest_count, "total": found.total_count})


@operator_required
@require_safe
def branch_list(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The same page of a fan as items of a nested list."""
    campaign = campaign_for(request, campaign_id)
    context = {
        "campaign": campaign,
        "branch": _branch(request, campaign),
        "of": request.GET.get("of", ""),
        "next_offset": _offset(request) + PAGE,
    }
    return fragment(request, "console/tree/_items.html", context)


def _branch(request: HttpRequest, campaign: Campaign) -> Branch:
    of = read_id(request.GET.get("of"))
    if of is None:
        return roots(campaign, offset=_offset(request))
    journey = row_for(operator_of(request), Journey.objects.filter(campaign=campaign), of)
    return children(journey, offset=_offset(request))


def _offset(request: HttpRequest) -> int:
    raw = request.GET.get("offset", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 0


def _node(campaign: Campaign, node: Node) -> dict[str, Any]:
    journey = node.journey
    return {
        "id": str(journey.id),
        "name": journey.person.nickname,
        "state": journey.get_state_display(),
        "tone": tone(journey),
        "invited": node.invited_count,
        "below": node.below_count,
        "valid": journey.valid_count,
        "generation": journey.generation,
        "address": reverse("console:person", args=[campaign.id, journey.id]),
    }
