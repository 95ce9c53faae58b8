"""The review desk: one screenshot after another, by keyboard or thumb, each verdict taken back with one press."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right, row_for
from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import (
    campaign_for,
    fragment,
    is_fragment,
    operator_of,
    operator_required,
    page,
    say,
)
from tenfold.console.live import live_address, tab_counts
from tenfold.console.next_steps import span_text
from tenfold.insight import desk as desks
from tenfold.posters.drawing import poster_of
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import PosterDesign
from tenfold.posters.queries import chosen_among, has_changed_since, in_use_at
from tenfold.proofs.models import Proof

REASONS = [reason for reason in Proof.Reason if reason not in (Proof.Reason.NONE, Proof.Reason.OTHER)]
INCOMPLETE = ("reason_needed", "note_needed")
JUDGED_PAGE = 30


@operator_required
@require_safe
def review(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    asked = read_id(request.GET.get("proof"))
    proof = _proof(request, campaign, asked) if asked else None
    if proof and proof.state != Proof.State.WAITING:
        say(request, _told_meanwhile(proof))
    return _show(request, campaign, proof)


@operator_required
@require_safe
def count(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """How many wait; fetched again whenever something happened."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    waiting = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING).count()
    context = {"campaign": campaign, "waiting_count": waiting, "tab_counts": tab_counts(campaign)}
    return fragment(request, "console/review/_count.html", context)


@operator_required
@require_POST
def judge(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = _proof(request, campaign, proof_id)
    reason = request.POST.get("reason", "")
    was_waiting = proof.state == Proof.State.WAITING
    try:
        judged = flow.judged(
            proof=proof,
            operator=operator_of(request),
            is_approved=not reason and "approve" in request.POST,
            reason=reason,
            note=request.POST.get("note", "") if reason == Proof.Reason.OTHER else "",
        )
    except Refusal as refusal:
        return _refused(request, campaign, proof, refusal)
    _say_verdict(request, campaign, judged, was_waiting=was_waiting)
    return _on(request, campaign, judged)


@operator_required
@require_POST
def undo(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = _proof(request, campaign, proof_id)
    try:
        flow.verdict_undone(proof=proof, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
        return _on(request, campaign, None)
    say(request, _("Taken back: %(who)s waits again") % {"who": _who(proof)})
    return _on(request, campaign, proof)


@operator_required
@require_safe
def judged(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    pages = Paginator(desks.judged(campaign), JUDGED_PAGE)
    context = {"proofs": pages.get_page(request.GET.get("page"))}
    return page(request, "console/review/judged.html", context, campaign=campaign, tab="review")


def _proof(request: HttpRequest, campaign: Campaign, proof_id: UUID) -> Proof:
    rows = Proof.objects.filter(campaign=campaign).select_related(*desks.RELATED)
    return row_for(operator_of(request), rows, proof_id, Right.REVIEW)


def _show(
    request: HttpRequest, campaign: Campaign, proof: Proof | None, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = _desk(campaign, proof) | {"error": error, "note": request.POST.get("note", "")}
    if is_fragment(request):
        return fragment(request, "console/review/_desk.html", {"campaign": campaign} | context, status=status)
    return page(
        request, "console/review/review.html", context, campaign=campaign, tab="review", status=status
    )


def _desk(campaign: Campaign, proof: Proof | None) -> dict[str, Any]:
    found = desks.desk(campaign, proof)
    waited = (clock.now() - found.proof.sent_at).total_seconds() // 60 if found.proof else 0
    return {
        "desk": found,
        "waiting_count": found.waiting_count,
        "waited": span_text(int(waited)) if waited >= 1 else "",
        "has_changed": found.proof is not None
        and has_changed_since(campaign, PosterDesign.Kind.POSTER, found.proof.sent_at),
        "reasons": REASONS,
        "live_address": live_address(campaign),
    }


@operator_required
@require_safe
def poster(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponseBase:
    """The sender's poster as it was when the screenshot was sent."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = _proof(request, campaign, proof_id)
    code, kind = proof.journey.code, PosterDesign.Kind.POSTER
    chosen = chosen_among(in_use_at(campaign, kind, proof.sent_at), kind, code.id)
    made = replace(poster_of(code, language=campaign.language, owner=proof.journey), chosen=chosen)
    answer = HttpResponse(picture_of(made, media_type="image/jpeg"), content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def _on(request: HttpRequest, campaign: Campaign, proof: Proof | None) -> HttpResponse:
    """On to what comes after `proof`: at once for htmx, else by a redirect, so that a reload repeats nothing."""
    if is_fragment(request):
        return _show(request, campaign, proof)
    address = reverse("console:review", args=[campaign.id])
    following = desks.desk(campaign, proof).proof
    return redirect(f"{address}?proof={following.id}" if following else address)


def _refused(request: HttpRequest, campaign: Campaign, proof: Proof, refusal: Refusal) -> HttpResponse:
    if refusal.code in INCOMPLETE:
        return _show(request, campaign, proof, error=str(refusal), status=422)
    proof.refresh_from_db()
    say(request, _told_meanwhile(proof), is_bad=True)
    return _on(request, campaign, proof)


def _who(proof: Proof) -> str:
    return proof.journey.person.nickname


def _say_verdict(request: HttpRequest, campaign: Campaign, proof: Proof, *, was_waiting: bool) -> None:
    if not was_waiting and proof.judged_by_id != operator_of(request).pk:
        say(request, _told_meanwhile(proof))
        return
    told = {"who": _who(proof), "seconds": campaign.undo_seconds}
    if proof.state == Proof.State.APPROVED:
        text = _("Approved %(who)s. They hear of it in %(seconds)s s.") % told
    else:
        text = _("Not approved: %(who)s. They hear of it in %(seconds)s s.") % told
    say(request, text, undo=reverse("console:undo_verdict", args=[campaign.id, proof.id]))


def _told_meanwhile(proof: Proof) -> str:
    told = {"who": _who(proof), "operator": str(proof.judged_by or _("someone"))}
    if proof.state == Proof.State.WITHDRAWN:
        return _("%(who)s has sent a newer screenshot meanwhile.") % told
    if proof.state == Proof.State.APPROVED:
        return _("%(operator)s has approved %(who)s meanwhile.") % told
    if proof.state == Proof.State.REJECTED:
        return _("%(operator)s has judged %(who)s meanwhile: not approved.") % told
    return _("%(who)s waits again.") % told
