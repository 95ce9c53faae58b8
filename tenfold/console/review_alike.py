"""Similar cases looked at all at once, judged with one press, and taken back with one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tenfold import flow
from tenfold.accounts.access import Right, rows_for
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, say
from tenfold.console.review_case import case, cases
from tenfold.console.review_frame import framed, proof_of
from tenfold.console.review_reasons import choices
from tenfold.insight import desk as desks
from tenfold.proofs.desk import reserve_all
from tenfold.proofs.models import Proof
from tenfold.proofs.queries import alike, plan_of
from tenfold.proofs.rules import MOST_AT_ONCE


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    """All pictures first; then those that were not left out get the same verdict."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = proof_of(request, campaign, proof_id)
    if request.method == "POST":
        return _judged(request, campaign, proof)
    if proof.state != Proof.State.WAITING:
        return back_to(request, "review", campaign.id)
    return _show(request, campaign, proof)


def _show(
    request: HttpRequest, campaign: Campaign, proof: Proof, *, error: str = "", status: int = 200
) -> HttpResponse:
    operator, plan = operator_of(request), plan_of(campaign)
    found = {proof.pk: proof} | {each.pk: each for each in alike(proof, operator=operator)[:MOST_AT_ONCE]}
    mine = reserve_all(proofs=found, operator=operator)
    rows = desks.rows(campaign).filter(pk__in=mine, state=Proof.State.WAITING).order_by("sent_at", "id")
    reasons = choices(desks.look_of(proof))
    context: dict[str, object] = {
        "proof": proof,
        "likely": next((each for each in reasons if each.is_likely), None),
        "first": case(proof, plan),
        "cases": cases(list(rows), plan),
        "reasons": reasons,
        "error": error,
        "note": request.POST.get("note", ""),
    }
    return framed(request, "alike.html", context, campaign=campaign, here="queue", status=status)


def _judged(request: HttpRequest, campaign: Campaign, proof: Proof) -> HttpResponse:
    operator, reason = operator_of(request), request.POST.get("reason", "")
    asked = {found for raw in request.POST.getlist("proof") if (found := read_id(raw))}
    rows = Proof.objects.filter(campaign=campaign, pk__in=asked).select_related("campaign")
    proofs = list(rows_for(operator, rows, Right.REVIEW))
    if not proofs:
        return _show(request, campaign, proof, error=_("Choose at least one."), status=422)
    try:
        done = flow.judged_together(
            proofs=proofs,
            operator=operator,
            is_approved=not reason and "approve" in request.POST,
            reason=reason,
            note=request.POST.get("note", "") if reason == Proof.Reason.OTHER else "",
        )
    except Refusal as refusal:
        return _show(request, campaign, proof, error=str(refusal), status=refusal.status)
    undo = reverse("console:undo_together", args=[campaign.id, done.batch_id])
    told = _told(len(done.judged), done.skipped, campaign.undo_seconds, is_approved=not reason)
    say(request, told, undo=undo)
    return back_to(request, "review", campaign.id)


def _told(count: int, skipped: int, seconds: int, *, is_approved: bool) -> str:
    if is_approved:
        text = ngettext("Approved %(count)s.", "Approved %(count)s.", count) % {"count": count}
    else:
        text = ngettext("Not approved: %(count)s.", "Not approved: %(count)s.", count) % {"count": count}
    if count:
        text += " " + _("They hear of it in %(seconds)s s.") % {"seconds": seconds}
    if not skipped:
        return text
    left = ngettext(
        "%(count)s was left out: somebody else had it.",
        "%(count)s were left out: somebody else had them.",
        skipped,
    )
    return f"{text} {left % {'count': skipped}}"


@operator_required
@require_POST
def undo(request: HttpRequest, campaign_id: UUID, batch_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    if not Proof.objects.filter(campaign=campaign, batch_id=batch_id).exists():
        raise Refusal("not_found", _("There is nothing here, or it is not yours to see."), status=404)
    try:
        count = flow.together_undone(batch_id=batch_id, campaign=campaign, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
        return back_to(request, "review", campaign.id)
    told = ngettext("Taken back: %(count)s waits again.", "Taken back: %(count)s wait again.", count)
    say(request, told % {"count": count})
    return back_to(request, "review", campaign.id)
