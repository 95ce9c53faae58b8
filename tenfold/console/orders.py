"""Orders from elsewhere: uploaded or typed, each with who earns by it; refunded, and that taken back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenfold.accounts.access import Right, row_for
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.forms_ledger import OrderForm
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, page, say
from tenfold.console.pages import LongPages
from tenfold.console.rewards_one import uploaded
from tenfold.flow import orders as story
from tenfold.rewards.books import Order
from tenfold.rewards.models import RewardRule
from tenfold.rewards.payouts import order_overpaid
from tenfold.rewards.queries import rules_of

PAGE = 50
FIELD_OF = {
    "bad_number": "number",
    "order_differs": "number",
    "bad_amount": "amount",
    "unknown_buyer": "buyer",
    "unknown_code": "code",
    "nobody": "buyer",
}


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def orders(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    form = OrderForm(request.POST if is_save else None, currency=campaign.currency)
    if is_save and form.is_valid() and _recorded(request, campaign, form):
        say(request, _("The order %(number)s is in.") % {"number": form.cleaned_data["number"]})
        return redirect("console:orders", campaign.id)
    return _page(request, campaign, form, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, campaign: Campaign, form: OrderForm, *, status: int = 200, **more: object
) -> HttpResponse:
    rows = Order.objects.filter(campaign=campaign).select_related("buyer__person", "seller__person")
    context = {
        "orders": LongPages(rows.order_by("-placed_at", "-id"), PAGE).get_page(request.GET.get("page")),
        "form": form,
        "rate": rules_of(campaign).filter(when=RewardRule.When.ORDER).exists(),
        "asked": "",
        **more,
    }
    return page(
        request, "console/orders/orders.html", context, campaign=campaign, tab="ledger", status=status
    )


def _recorded(request: HttpRequest, campaign: Campaign, form: OrderForm) -> bool:
    try:
        story.ordered(campaign=campaign, operator=operator_of(request), **form.cleaned_data)
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return False
    return True


@operator_required
@require_POST
def upload(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """The good lines are taken in, and each bad one is named; the same file again changes nothing, but for the part of
    a long one that was left."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    form = OrderForm(currency=campaign.currency)
    try:
        data = uploaded(request, "orders", _("Choose a CSV file first: one order a line."))
        imported = story.orders_imported(
            campaign=campaign,
            data=data,
            operator=operator_of(request),
            go_on=request.POST.get("go_on", ""),
        )
    except Refusal as refusal:
        return _page(request, campaign, form, status=422, file_error=str(refusal.message))
    return _page(request, campaign, form, status=422 if imported.errors else 200, imported=imported)


def _order(request: HttpRequest, campaign: Campaign, order_id: UUID) -> Order:
    return row_for(operator_of(request), Order.objects.filter(campaign=campaign), order_id)


@operator_required
@require_POST
def refund(request: HttpRequest, campaign_id: UUID, order_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    order = _order(request, campaign, order_id)
    try:
        story.refunded(order=order, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        undo = reverse("console:unrefund_order", args=[campaign.id, order.id])
        told = _("Refunded; what was earned by it is taken back.")
        if order_overpaid(order):
            told = _("Refunded. What was earned by it had been paid out already: see Payouts.")
        say(request, told, undo=undo)
    return back_to(request, "orders", campaign.id)


@operator_required
@require_POST
def unrefund(request: HttpRequest, campaign_id: UUID, order_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    order = _order(request, campaign, order_id)
    try:
        story.unrefunded(order=order, operator=operator_of(request))
        say(request, _("The order counts again."))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "orders", campaign.id)
