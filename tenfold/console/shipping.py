"""What is sent by post: to whom and where to, as a list and as a file, and what is on its way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.base.sheets import write_rows
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, page, say
from tenfold.console.pages import LongPages
from tenfold.console.rewards import to_send
from tenfold.rewards import actions
from tenfold.rewards.models import Grant, Reward

PAGE = 50
MOST = 50_000
ADDRESS = ("name", "phone", "address", "postcode")
RELATED = ("journey__person", "reward", "shipped_by")


def _grants(campaign: Campaign, *, is_sent: bool) -> QuerySet[Grant]:
    if not is_sent:
        return to_send(campaign).select_related(*RELATED).order_by("claimed_at", "id")
    sent = Grant.objects.filter(
        campaign=campaign, reward__kind=Reward.Kind.PHYSICAL, shipped_at__isnull=False
    )
    return sent.select_related(*RELATED).order_by("-shipped_at", "id")


@operator_required
@require_safe
def shipping(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Addresses are for those who send things: managers."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    is_sent = request.GET.get("state") == "sent"
    context = {
        "grants": LongPages(_grants(campaign, is_sent=is_sent), PAGE).get_page(request.GET.get("page")),
        "is_sent": is_sent,
        "asked": "state=sent&" if is_sent else "",
        "to_send": to_send(campaign).count(),
    }
    return page(request, "console/ledger/shipping.html", context, campaign=campaign, tab="ledger")


@operator_required
@require_safe
def file(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """For the courier: a line a parcel."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    is_sent = request.GET.get("state") == "sent"
    heads = [_("Number"), _("Reward"), _("Nickname"), _("Name"), _("Phone"), _("Address"), _("Postcode")]
    heads += [_("Claimed"), _("Sent"), _("Tracking number")]
    rows = [_row(campaign, grant) for grant in _grants(campaign, is_sent=is_sent)[:MOST]]
    return csv_answer(write_rows([heads, *rows]), "shipping")


def _row(campaign: Campaign, grant: Grant) -> list[object]:
    address = grant.address or {}
    times = [clock_text(campaign, at) for at in (grant.claimed_at, grant.shipped_at)]
    typed = [address.get(name, "") for name in ADDRESS]
    return [grant.number, grant.reward.name, grant.journey.person.nickname, *typed, *times, grant.tracking]


def clock_text(campaign: Campaign, at: datetime | None) -> str:
    """A moment as a spreadsheet sorts it, on the campaign's clock."""
    return f"{timezone.localtime(at, campaign.zone):%Y-%m-%d %H:%M:%S}" if at else ""


def csv_answer(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{clock.now():%Y%m%d-%H%M}.csv"'
    return answer


def _grant(request: HttpRequest, campaign: Campaign, grant_id: UUID) -> Grant:
    rows = Grant.objects.filter(campaign=campaign).select_related(*RELATED)
    return row_for(operator_of(request), rows, grant_id)


@operator_required
@require_POST
def ship(request: HttpRequest, campaign_id: UUID, grant_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    grant = _grant(request, campaign, grant_id)
    try:
        actions.ship(grant=grant, tracking=request.POST.get("tracking", ""), operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        undo = reverse("console:unship", args=[campaign.id, grant.id])
        say(request, _("On its way to %(who)s") % {"who": grant.journey.person.nickname}, undo=undo)
    return back_to(request, "shipping", campaign.id)


@operator_required
@require_POST
def unship(request: HttpRequest, campaign_id: UUID, grant_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    grant = _grant(request, campaign, grant_id)
    try:
        actions.unship(grant=grant, operator=operator_of(request))
        say(request, _("Still to be sent to %(who)s") % {"who": grant.journey.person.nickname})
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "shipping", campaign.id)
