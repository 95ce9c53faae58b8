"""What one person has and why: their ledger, a change by hand, and keeping them out."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenfold import flow
from tenfold.accounts.access import Right, row_for
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.forms_ledger import AdjustForm
from tenfold.console.layout import back_to, campaign_for, once, operator_of, operator_required, page, say
from tenfold.console.ledger import RELATED, UNDO, change_of, own_totals, shown_page
from tenfold.people.models import Journey
from tenfold.rewards.books import LedgerRow, Unit

Reason = LedgerRow.Reason
FIELD_OF = {
    "note_needed": "note",
    "bad_note": "note",
    "bad_amount": "amount",
    "bad_unit": "unit",
    "too_much": "amount",
}
ABOUT = ("person__blocked_by", "group", "code")


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_ledger(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    journey = _journey(request, campaign, journey_id)
    form = AdjustForm(request.POST if is_save else None, currency=campaign.currency)
    if is_save and form.is_valid() and _adjusted(request, campaign, journey, form):
        return redirect("console:person_ledger", campaign.id, journey.id)
    return _page(request, campaign, journey, form, status=422 if form.errors else 200)


def _journey(request: HttpRequest, campaign: Campaign, journey_id: UUID) -> Journey:
    rows = Journey.objects.filter(campaign=campaign).select_related("campaign", *ABOUT)
    return row_for(operator_of(request), rows, journey_id)


def _page(
    request: HttpRequest,
    campaign: Campaign,
    journey: Journey,
    form: AdjustForm,
    *,
    status: int = 200,
    **more: str,
) -> HttpResponse:
    rows = LedgerRow.objects.filter(journey=journey)
    newest = rows.select_related(*RELATED).order_by("-at", "-id")
    context = {
        "journey": journey,
        "form": form,
        "rows": shown_page(campaign, newest, request.GET.get("page")),
        "sums": own_totals(journey),
        "asked": "",
        **more,
    }
    return page(
        request, "console/ledger/person.html", context, campaign=campaign, tab="people", status=status
    )


def _adjusted(request: HttpRequest, campaign: Campaign, journey: Journey, form: AdjustForm) -> bool:
    """The id of the form is the key of the row: the same form sent twice changes it once."""
    typed = {name: form.cleaned_data[name] for name in ("unit", "amount", "note")}
    try:
        row = flow.adjusted(journey=journey, operator=operator_of(request), key=once(request), **typed)
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return False
    undo = reverse("console:undo_adjust", args=[campaign.id, journey.id, row.id]) if row else ""
    change = change_of(typed["amount"], typed["unit"], campaign.currency)
    say(request, _("%(who)s: %(change)s") % {"who": journey.person.nickname, "change": change}, undo=undo)
    return True


@operator_required
@require_POST
def undo_adjust(request: HttpRequest, campaign_id: UUID, journey_id: UUID, row_id: UUID) -> HttpResponse:
    """Nothing leaves a ledger: the same again with the other sign, once."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    journey = _journey(request, campaign, journey_id)
    rows = LedgerRow.objects.filter(journey=journey, reason=Reason.ADJUSTED).exclude(unit=Unit.ITEM)
    row = row_for(operator_of(request), rows, row_id)
    try:
        flow.adjusted(
            journey=journey,
            unit=row.unit,
            amount=-row.amount,
            note=(_("Taken back: %(note)s") % {"note": row.note})[:200],
            operator=operator_of(request),
            key=f"{row.pk.hex}{UNDO}",
        )
        say(request, _("Taken back."))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "person_ledger", campaign.id, journey.id)


@operator_required
@require_POST
def block(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    journey = _journey(request, campaign, journey_id)
    note = request.POST.get("note", "").replace("\x00", "").strip()
    try:
        flow.blocked(person=journey.person, note=note, operator=operator_of(request))
    except Refusal as refusal:
        form = AdjustForm(currency=campaign.currency)
        typed = {"block_error": str(refusal.message), "block_note": note[:200]}
        return _page(request, campaign, journey, form, status=422, **typed)
    undo = reverse("console:unblock_person", args=[campaign.id, journey.id])
    say(request, _("%(who)s is blocked") % {"who": journey.person.nickname}, undo=undo)
    return back_to(request, "person_ledger", campaign.id, journey.id)


@operator_required
@require_POST
def unblock(request: HttpRequest, campaign_id: UUID, journey_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    journey = _journey(request, campaign, journey_id)
    flow.unblocked(person=journey.person, operator=operator_of(request))
    say(request, _("%(who)s takes part again") % {"who": journey.person.nickname})
    return back_to(request, "person_ledger", campaign.id, journey.id)
