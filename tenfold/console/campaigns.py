"""The list of campaigns, copying one, and moving it between its states."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right, workspaces_for
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions
from tenfold.campaigns.models import Campaign
from tenfold.console import layout
from tenfold.console.campaign_lines import lines
from tenfold.console.forms import NameForm
from tenfold.console.layout import campaign_for, once, operator_of, operator_required, say
from tenfold.flow.warnings import warnings_of

State = Campaign.State


@operator_required
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    if not workspaces_for(operator_of(request)).exists():
        return layout.page(request, "console/campaigns/no_workspace.html")
    workspace = layout.workspace_of(request)
    return layout.page(request, "console/campaigns/home.html", {"lines": lines(workspace)}, tab="home")


@operator_required
@require_safe
def enter(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """Where work is: a draft is still being planned, everything else is watched."""
    campaign = campaign_for(request, campaign_id)
    is_draft = campaign.state == State.DRAFT
    return redirect("console:plan" if is_draft else "console:live", campaign.id)


@operator_required
def rename(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    form = NameForm(request.POST or None, initial={"name": campaign.name})
    if form.is_valid():
        actions.change_plan(campaign=campaign, operator=operator_of(request), name=form.cleaned_data["name"])
        return redirect("console:campaign", campaign.id)
    status = 422 if form.is_bound else 200
    return layout.page(
        request, "console/campaigns/rename.html", {"form": form}, campaign=campaign, status=status
    )


@operator_required
@require_POST
def clone(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    copy = flow.cloned(campaign=campaign, operator=operator_of(request), row_id=once(request))
    say(request, _("This is the copy. Set its dates; everything else came along."))
    return redirect("console:plan", copy.id)


@operator_required
def launch(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """The last look before the start. A launch that is refused shows what is still missing."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    status = 200
    if request.method == "POST":
        try:
            flow.launched(campaign=campaign, operator=operator_of(request))
        except Refusal as refusal:
            status = refusal.status
        else:
            say(request, _("Live. Every code of this campaign now lets people in."))
            return redirect("console:live", campaign.id)
    context = {"missing": flow.missing_before_launch(campaign), "warnings": warnings_of(campaign)}
    return layout.page(
        request, "console/campaigns/launch.html", context, campaign=campaign, tab="launch", status=status
    )


def _move(
    request: HttpRequest, campaign_id: UUID, step: Callable[..., Campaign], told: str, undo: str = ""
) -> HttpResponse:
    """Do `step`, say so, and offer the way back where there is one."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    step(campaign=campaign, operator=operator_of(request))
    say(request, told, undo=reverse(undo, args=[campaign.id]) if undo else "")
    return layout.back_to(request, "live", campaign.id)


@operator_required
@require_POST
def pause(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    told = gettext("Paused. Whoever scans now reads that it goes on later.")
    return _move(request, campaign_id, flow.paused, told, undo="console:resume")


@operator_required
@require_POST
def resume(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    return _move(request, campaign_id, flow.resumed, gettext("It goes on."), undo="console:pause")


@operator_required
@require_POST
def end(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    return _move(request, campaign_id, flow.ended, gettext("Ended. Rewards can still be redeemed."))
