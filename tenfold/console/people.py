"""Everyone in a campaign: find them, read their story, confirm or remove them."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right, row_for
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import (
    back_to,
    campaign_for,
    fragment,
    is_fragment,
    operator_of,
    operator_required,
    page,
    say,
)
from tenfold.insight.telling import story
from tenfold.insight.tree import above
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Grant
from tenfold.rewards.queries import grants_of

PAGE = 50
RELATED = ("person", "group", "inviter__person", "code", "seat", "channel_code__channel")


@operator_required
@require_safe
def people(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    query, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    rows = _found(campaign, query, state)
    context = {
        "people": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "query": query,
        "state": state,
        "states": Journey.State.choices,
    }
    if is_fragment(request):
        return fragment(request, "console/people/_rows.html", {"campaign": campaign} | context)
    return page(request, "console/people/people.html", context, campaign=campaign, tab="people")


def _found(campaign: Campaign, query: str, state: str) -> QuerySet[Journey]:
    """By nickname, by the code on someone's poster, or by the number of a reward."""
    rows = Journey.objects.filter(campaign=campaign).select_related(*RELATED).order_by("-created_at", "-id")
    if state in Journey.State.values:
        rows = rows.filter(state=state)
    if not query:
        return rows
    match = Q(person__nickname__icontains=query)
    if slug := read_slug(query):
        match |= Q(code__slug=slug) | Q(pk__in=Grant.objects.filter(number=slug).values("journey"))
    return rows.filter(match)


@operator_required
@require_safe
def person(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    journey = _journey(request, campaign, journey_id)
    earned = Credit.objects.filter(inviter=journey).select_related("newcomer__person").order_by("-id")
    context = {
        "journey": journey,
        "story": story(journey),
        "chain": above(journey),
        "credits": earned[:PAGE],
        "credit_count": earned.count(),
        "proofs": Proof.objects.filter(journey=journey).select_related("judged_by").order_by("-sent_at"),
        "is_out": journey.state in (Journey.State.LEFT, Journey.State.REMOVED),
        "grants": grants_of(journey).select_related("redeemed_by")[:PAGE],
    }
    return page(request, "console/people/person.html", context, campaign=campaign, tab="people")


@operator_required
@require_POST
def confirm_arrival(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    journey = _journey(request, campaign, journey_id)
    try:
        flow.arrival_confirmed(journey=journey)
        say(request, _("%(who)s is in the group") % {"who": journey.person.nickname})
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "person", campaign.id, journey.id)


@operator_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    """Asked first, on a page of its own: they are told at once, so there is no undo."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    journey = _journey(request, campaign, journey_id)
    if request.method == "GET":
        context = {"journey": journey, "back": reverse("console:person", args=[campaign.id, journey.id])}
        return page(request, "console/people/remove.html", context, campaign=campaign, tab="people")
    try:
        may_return = request.POST.get("may_return") == "yes"
        flow.removed(journey=journey, operator=operator_of(request), may_return=may_return)
        say(request, _("%(who)s was removed from the group") % {"who": journey.person.nickname})
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "person", campaign.id, journey.id)


@operator_required
@require_POST
def keep_out(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    """No code lets them in again; who is in has to be removed, which asks first."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    journey = _journey(request, campaign, journey_id)
    flow.kept_out(journey=journey, operator=operator_of(request))
    if journey.kept_out_at:
        undo = reverse("console:let_back", args=[campaign.id, journey.id])
        say(request, _("%(who)s cannot come back") % {"who": journey.person.nickname}, undo=undo)
    else:
        who = {"who": journey.person.nickname}
        say(request, _("%(who)s is in the group: remove them first.") % who, is_bad=True)
    return back_to(request, "person", campaign.id, journey.id)


@operator_required
@require_POST
def let_back(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    journey = _journey(request, campaign, journey_id)
    flow.let_back(journey=journey, operator=operator_of(request))
    undo = reverse("console:keep_out", args=[campaign.id, journey.id])
    say(request, _("%(who)s may come back") % {"who": journey.person.nickname}, undo=undo)
    return back_to(request, "person", campaign.id, journey.id)


def _journey(request: HttpRequest, campaign: Campaign, journey_id: UUID) -> Journey:
    rows = Journey.objects.filter(campaign=campaign).select_related(*RELATED)
    return row_for(operator_of(request), rows, journey_id)
