"""Money owed, and the lists by which it is paid out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base.money import written
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import back_to, campaign_for, once, operator_of, operator_required, page, say
from tenfold.console.shipping import csv_answer
from tenfold.rewards import payouts as room
from tenfold.rewards.books import Payout

SHOWN = 50


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def payouts(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    if is_save:
        return _made(request, campaign)
    owed = room.payable(campaign.id).order_by("-amount", "id")
    overpaid = room.overpaid(campaign.id)
    context = {
        "owed": list(owed[:SHOWN]),
        "overpaid": list(overpaid[:SHOWN]),
        "overpaid_total": -(overpaid.aggregate(sum=Sum("amount"))["sum"] or 0),
        "overpaid_count": overpaid.count(),
        "owed_count": owed.count(),
        "owed_total": owed.aggregate(sum=Sum("amount"))["sum"] or 0,
        "payouts": Payout.objects.filter(campaign=campaign)
        .select_related("made_by")
        .order_by("-made_at", "-id")[:SHOWN],
    }
    return page(request, "console/payouts/payouts.html", context, campaign=campaign, tab="ledger")


def _made(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    try:
        made = room.pay_out(campaign=campaign, operator=operator_of(request), row_id=once(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        undo = reverse("console:cancel_payout", args=[campaign.id, made.id])
        say(
            request,
            _("A list of %(total)s is made.") % {"total": written(made.total, made.currency)},
            undo=undo,
        )
    return redirect("console:payouts", campaign.id)


def _payout(request: HttpRequest, campaign: Campaign, payout_id: UUID) -> Payout:
    return row_for(operator_of(request), Payout.objects.filter(campaign=campaign), payout_id)


@operator_required
@require_safe
def file(request: HttpRequest, campaign_id: UUID, payout_id: UUID) -> HttpResponse:
    """What to pay to whom: for managers, as it has names and sums."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _payout(request, campaign, payout_id)
    return csv_answer(room.payout_csv(found), "payout")


def _move(
    request: HttpRequest,
    campaign_id: UUID,
    payout_id: UUID,
    act: Callable[..., object],
    told: str,
    undo: str = "",
) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _payout(request, campaign, payout_id)
    try:
        act(payout=found, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        say(request, told, undo=reverse(undo, args=[campaign.id, found.id]) if undo else "")
    return back_to(request, "payouts", campaign.id)


@operator_required
@require_POST
def paid(request: HttpRequest, campaign_id: UUID, payout_id: UUID) -> HttpResponse:
    return _move(
        request, campaign_id, payout_id, room.mark_paid, _("Marked as paid."), "console:payout_unpaid"
    )


@operator_required
@require_POST
def unpaid(request: HttpRequest, campaign_id: UUID, payout_id: UUID) -> HttpResponse:
    return _move(request, campaign_id, payout_id, room.mark_unpaid, _("Not paid yet."))


@operator_required
@require_POST
def cancel(request: HttpRequest, campaign_id: UUID, payout_id: UUID) -> HttpResponse:
    return _move(request, campaign_id, payout_id, room.cancel, _("The sums are back on their balances."))
