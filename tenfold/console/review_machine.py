"""How the machine does, and whether it may decide: agreement with people, second looks, the queue over time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, say
from tenfold.console.review_frame import fell_back_text, framed
from tenfold.console.review_reasons import short
from tenfold.imaging.examine import can_look
from tenfold.insight.agreement import Agreement, Said, agreement, decided_by_itself, disagreement
from tenfold.insight.backlog import Moment, backlog
from tenfold.insight.desk import standing_count
from tenfold.insight.funnel import SPANS
from tenfold.proofs import plans
from tenfold.proofs.models import Look, ReviewPlan
from tenfold.proofs.queries import plan_of
from tenfold.proofs.rules import LEAST_BESIDE, LEAST_PASSED, LEAST_SAMPLED


@operator_required
@require_safe
def machine(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    span = request.GET.get("span", "")
    span = span if span in SPANS else "hour"
    plan, told = plan_of(campaign), agreement(campaign)
    is_asked = request.GET.get("ask") == ReviewPlan.Mode.AUTOMATIC and plan.mode != ReviewPlan.Mode.AUTOMATIC
    moments = backlog(campaign, span)
    context: dict[str, object] = {
        "plan": plan,
        "can_look": can_look(),
        "modes": ReviewPlan.Mode.choices,
        "agreement": told,
        "by_itself": decided_by_itself(campaign),
        "rows": [(one, said_text(one)) for one in told.said],
        "enough": LEAST_BESIDE,
        "missing_count": max(0, LEAST_BESIDE - told.decided.part),
        "enough_passed": LEAST_PASSED,
        "missing_passed": max(0, LEAST_PASSED - told.passed),
        "least_sampled": LEAST_SAMPLED,
        "again": disagreement(campaign),
        "standing_count": standing_count(campaign),
        "is_asked": is_asked,
        "wrong_seen": wrong_so_far(told),
        "fell_back": fell_back_text(plan),
        "span": span,
        "moments": [moment for moment in moments if moment.waiting_count or moment.sent_count],
        "charts": {"backlog": backlog_chart(campaign, moments, span)},
    }
    return framed(request, "machine.html", context, campaign=campaign, here="machine")


@operator_required
@require_POST
def switch(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Who decides. Automatic is for owners, and only after the figures stood before them: a first press shows these,
    a second one, which says that it has seen them, switches. Where people have found more mistakes in between, they
    are shown once more."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    mode, operator = request.POST.get("mode", ""), operator_of(request)
    if _is_unseen(request, campaign, mode):
        return redirect(f"{reverse('console:machine', args=[campaign.id])}?ask={mode}")
    try:
        if mode not in ReviewPlan.Mode.values:
            raise Refusal("unknown_mode", _("Choose who decides."), status=400)
        plan = plans.switch_mode(campaign=campaign, operator=operator, mode=mode)
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        say(request, _("From now on: %(mode)s.") % {"mode": plan.get_mode_display()})
    return back_to(request, "machine", campaign.id)


def _is_unseen(request: HttpRequest, campaign: Campaign, mode: str) -> bool:
    if mode != ReviewPlan.Mode.AUTOMATIC or plan_of(campaign).mode == mode:
        return False
    return request.POST.get("wrong_seen", "") != wrong_so_far(agreement(campaign))


def wrong_so_far(told: Agreement) -> str:
    """How many mistakes whoever lets the machine decide has seen: of approvals, and of refusals."""
    return f"{told.wrongly_approved.part}-{told.wrongly_refused.part}"


def said_text(one: Said) -> str:
    match one.outcome:
        case Look.Outcome.PASS:
            return _("Approve")
        case Look.Outcome.FAIL:
            return _("Do not approve: %(reason)s") % {"reason": short(one.reason)}
    return _("Ask a person")


def backlog_chart(campaign: Campaign, moments: list[Moment], span: str) -> dict[str, Any]:
    form = "H:i" if span == "hour" else "D H:i"
    return {
        "at": [date_format(moment.at.astimezone(campaign.zone), form) for moment in moments],
        "waiting": [moment.waiting_count for moment in moments],
        "people": [moment.by_people for moment in moments],
        "machine": [moment.by_machine for moment in moments],
        "names": {
            "waiting": _("Waiting for a verdict"),
            "people": _("Judged by people"),
            "machine": _("Judged by the machine"),
        },
    }
