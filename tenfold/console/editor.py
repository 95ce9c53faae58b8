"""The plan of a campaign, and the dry run of its removals."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenfold import flow
from tenfold.accounts.access import Right
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console import layout
from tenfold.console.forms_editor import PlanForm, plan_initial
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.flow.warnings import warnings_of
from tenfold.people.queries import who_would_go

DRY_RUNS = {"1": _("a day"), "7": _("a week"), "30": _("a month")}
WARNED = ("plan", "reward")
FIELD_OF = {
    "ends_before_start": "ends_at",
    "bad_time_zone": "time_zone",
    "bad_currency": "currency",
    "currency_fixed": "currency",
}


def setup_page(
    request: HttpRequest,
    campaign: Campaign,
    tab: str,
    context: dict[str, object],
    *,
    template: str = "",
    status: int = 200,
) -> HttpResponse:
    """A tab that sets a campaign up: before the launch it says on top what is still missing."""
    missing = flow.missing_before_launch(campaign) if campaign.state == Campaign.State.DRAFT else []
    context |= {"missing": missing, "is_setup": True}
    if tab in WARNED:
        context["warnings"] = warnings_of(campaign)
    template = template or f"console/editor/{tab}.html"
    return layout.page(request, template, context, campaign=campaign, tab=tab, status=status)


@operator_required
def plan(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    # Dates are typed and shown as the clock on the wall says in the campaign's zone; the database has UTC.
    with timezone.override(_zone(request.POST.get("time_zone"), campaign)):
        form = PlanForm(request.POST if is_save else None, initial=plan_initial(campaign))
        if is_save and form.is_valid() and _saved(request, campaign, form):
            say(request, _("The plan is saved."))
            return redirect("console:plan", campaign.id)
        campaign = campaign_for(request, campaign_id)  # without what a refused plan left in it
        status = 422 if form.errors else 200
        return setup_page(
            request, campaign, "plan", {"form": form, "dry_runs": DRY_RUNS.items()}, status=status
        )


def _saved(request: HttpRequest, campaign: Campaign, form: PlanForm) -> bool:
    try:
        flow.replanned(campaign=campaign, operator=operator_of(request), **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        return False
    return True


def _zone(name: str | None, campaign: Campaign) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else campaign.zone
    except (KeyError, ValueError, OSError):
        return campaign.zone


@operator_required
@require_safe
def dry_run(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """Who would be removed in the coming days if nobody acts, with the lengths of time as they stand in the form."""
    campaign = campaign_for(request, campaign_id)
    form = PlanForm(request.GET, initial=plan_initial(campaign))
    form.is_valid()
    for name in ("warn_after_minutes", "remove_after_minutes", "remind_interval_minutes", "remind_count"):
        setattr(campaign, name, form.cleaned_data.get(name) or getattr(campaign, name))
    campaign.is_removal_on = True  # in memory alone: that is what makes the run dry
    days = int(chosen) if (chosen := request.GET.get("days", "")) in DRY_RUNS else 7
    found = who_would_go(campaign, clock.now() + timedelta(days=days))
    with timezone.override(campaign.zone):
        return layout.fragment(request, "console/editor/_dry_run.html", {"found": found, "days": days})
