"""Second looks: a share of the verdicts, seen again by somebody who is not told what the first one said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import campaign_for, fragment, is_fragment, operator_of, operator_required, say
from tenfold.console.review_case import plain_case, with_own_code
from tenfold.console.review_frame import framed, proof_of
from tenfold.console.review_reasons import choices, short
from tenfold.insight.desk import Desk
from tenfold.proofs.desk import second_look, second_next
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.queries import second_looks


@operator_required
@require_safe
def second(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    return _show(request, campaign, _next(request, campaign))


@operator_required
@require_POST
def judge(request: HttpRequest, campaign_id: UUID, look_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    rows = SecondLook.objects.filter(campaign=campaign).select_related("first_by")
    look = row_for(operator_of(request), rows, look_id, Right.REVIEW)
    reason = request.POST.get("reason", "")
    is_approved = not reason and "approve" in request.POST
    note = request.POST.get("note", "") if reason == Proof.Reason.OTHER else ""
    try:
        told = second_look(
            look=look, operator=operator_of(request), is_approved=is_approved, reason=reason, note=note
        )
    except Refusal as refusal:
        if refusal.code in ("reason_needed", "note_needed"):
            return _show(request, campaign, look, error=str(refusal), status=422)
        say(request, refusal.message, is_bad=True)
    else:
        say(request, told_apart(told))
    if is_fragment(request):
        return _show(request, campaign, _next(request, campaign, after=look))
    return redirect("console:second_looks", campaign.id)


def _next(request: HttpRequest, campaign: Campaign, after: SecondLook | None = None) -> SecondLook | None:
    return second_next(campaign=campaign, operator=operator_of(request), after=after)


def told_apart(look: SecondLook) -> str:
    """What the first one had said: only now, when it can no longer lead the eye."""
    machine = _("the machine")
    told = {"who": machine if look.of == SecondLook.Of.MACHINE else str(look.first_by or _("someone"))}
    if look.agrees:
        return _("Noted. You and %(who)s agree.") % told
    if look.first_state == Proof.State.APPROVED:
        return _("Noted. You see it differently: %(who)s had approved it.") % told
    told["reason"] = short(look.first_reason)
    return _("Noted. You see it differently: %(who)s had not approved it (%(reason)s).") % told


def told_of(look: SecondLook) -> str:
    """Both verdicts of one that was seen differently."""
    machine = _("the machine")
    told = {
        "first": machine if look.of == SecondLook.Of.MACHINE else str(look.first_by or _("someone")),
        "second": str(look.looked_by or _("someone")),
        "reason": look.note or short(look.reason or look.first_reason),
    }
    if look.first_state == Proof.State.APPROVED:
        text = _("%(first)s approved it; %(second)s would not have (%(reason)s).")
    else:
        text = _("%(first)s did not approve it (%(reason)s); %(second)s would have.")
    return text % (told | {"reason": told["reason"] or "–"})


def _show(
    request: HttpRequest, campaign: Campaign, look: SecondLook | None, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = _desk(request, campaign, look) | {"error": error, "note": request.POST.get("note", "")}
    if is_fragment(request):
        context |= {"campaign": campaign, "review_tab": "second"}
        return fragment(request, "console/review/_desk.html", context, status=status)
    return framed(request, "review.html", context, campaign=campaign, here="second", status=status)


def _desk(request: HttpRequest, campaign: Campaign, look: SecondLook | None) -> dict[str, Any]:
    address = reverse("console:second_looks", args=[campaign.id])
    bare = {"is_blind": True, "tab_address": address}
    if look is None:
        return bare | {"desk": Desk(None)}
    proof = proof_of(request, campaign, look.proof_id)
    count = second_looks(campaign, operator_of(request)).count()
    return bare | {
        "desk": Desk(proof, number=1, waiting_count=max(1, count)),
        "case": with_own_code(plain_case(proof), proof),
        "reasons": choices(None),
        "judge_address": reverse("console:judge_second", args=[campaign.id, look.id]),
    }
