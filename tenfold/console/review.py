"""The review desk: one screenshot after another, by keyboard or thumb, each verdict taken back with one press."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right
from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import campaign_for, fragment, is_fragment, operator_of, operator_required, say
from tenfold.console.live import live_address
from tenfold.console.next_steps import span_text
from tenfold.console.review_case import case, own_poster, with_own_code
from tenfold.console.review_frame import (
    counted,
    fell_back_text,
    first_verdict,
    framed,
    is_taken,
    proof_of,
    say_verdict,
    settles_text,
    told_meanwhile,
    who,
)
from tenfold.console.review_reasons import choices
from tenfold.console.review_second import told_of
from tenfold.insight import desk as desks
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import PosterDesign
from tenfold.posters.queries import has_changed_since
from tenfold.proofs.desk import queue_next, release, reserve
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.queries import opened_count, plan_of

INCOMPLETE = ("reason_needed", "note_needed")
JUDGED_PAGE = 30
DIFFERING = "differing"
MOST_TRIED = 5  # of those on top of the queue, where others take them at the same moment


@operator_required
@require_safe
def review(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    return _opened(request, campaign_id, is_appeals=False)


@operator_required
@require_safe
def appeals(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The queue once more, with nothing but appeals."""
    return _opened(request, campaign_id, is_appeals=True)


def _opened(request: HttpRequest, campaign_id: UUID, *, is_appeals: bool) -> HttpResponse:
    listens = live_address(request, campaign_id)
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = _on_desk(request, campaign, is_appeals=is_appeals)
    return _show(request, campaign, proof, is_appeals=is_appeals, listens=listens)


def _on_desk(request: HttpRequest, campaign: Campaign, *, is_appeals: bool) -> Proof | None:
    """The one asked for, or the next; the one that lay here before is free again."""
    asked, left = read_id(request.GET.get("proof")), read_id(request.GET.get("left"))
    if left and left != asked:
        release(proof=proof_of(request, campaign, left), operator=operator_of(request))
    proof = proof_of(request, campaign, asked) if asked else None
    if proof and "taken" in request.GET and is_taken(proof, operator_of(request)):
        return proof
    if proof and proof.state == Proof.State.WAITING:
        reserve(proof=proof, operator=operator_of(request))
        return proof_of(request, campaign, proof.id)
    if proof:
        say(request, told_meanwhile(proof))
    return _next(request, campaign, proof, is_appeals)


def _next(request: HttpRequest, campaign: Campaign, after: Proof | None, is_appeals: bool) -> Proof | None:
    """The next free one, reserved."""
    operator = operator_of(request)
    if is_appeals:
        rows = desks.waiting(campaign, operator, is_appeals=True)[:MOST_TRIED]
        found = next((each for each in rows if reserve(proof=each, operator=operator)), None)
    else:
        found = queue_next(campaign=campaign, operator=operator, after=after)
    return proof_of(request, campaign, found.id) if found else None


@operator_required
@require_safe
def count(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """How many wait, and whether what lies on this desk still does; fetched again whenever something happened."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    answer = fragment(request, "console/review/_count.html", counted(request, campaign))
    on_desk = read_id(request.GET.get("on_desk"))
    found = (
        Proof.objects.select_related("reserved_by").filter(campaign=campaign, pk=on_desk) if on_desk else ()
    )
    return _with_taken(answer, next(iter(found), None), operator_of(request))


def _with_taken(answer: HttpResponse, on_desk: Proof | None, operator: Operator) -> HttpResponse:
    """The page is told at once that what lies there is another's by now, or needs no verdict any more."""
    if on_desk and is_taken(on_desk, operator):
        answer["HX-Trigger"] = json.dumps({"tenfold:taken": {"desk": str(on_desk.pk)}})
    return answer


@operator_required
@require_POST
def judge(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = proof_of(request, campaign, proof_id)
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
    say_verdict(request, campaign, judged, was_waiting=was_waiting)
    return _on(request, campaign, judged)


@operator_required
@require_POST
def undo(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = proof_of(request, campaign, proof_id)
    try:
        flow.verdict_undone(proof=proof, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
        if request.POST.get("tab") == "judged":
            return redirect(_judged_address(request, campaign))
        return _on(request, campaign, None)
    say(request, _("Taken back: %(who)s waits again") % {"who": who(proof)})
    reserve(proof=proof, operator=operator_of(request))
    return _put(request, campaign, proof_of(request, campaign, proof.id))


@operator_required
@require_POST
def hold(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    """Somebody is still looking at it."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof, operator = proof_of(request, campaign, proof_id), operator_of(request)
    return _with_taken(HttpResponse(), None if reserve(proof=proof, operator=operator) else proof, operator)


@operator_required
@require_safe
def judged(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Everything with a verdict, or only what a second look saw differently: that somebody has to settle."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    only = DIFFERING if request.GET.get("state") == DIFFERING else ""
    found = desks.seen_differently(campaign) if only else desks.judged(campaign)
    proofs = Paginator(found, JUDGED_PAGE).get_page(request.GET.get("page"))
    looks, rewarded = desks.differing(proofs), desks.rewarded(proofs)
    context: dict[str, object] = {
        "proofs": proofs,
        "rows": [_judged_row(proof, looks.get(proof.pk, []), rewarded) for proof in proofs],
        "only": only,
        "standing_count": desks.standing_count(campaign),
        "final_count": sum(p.state == Proof.State.APPROVED and p.journey_id in rewarded for p in proofs),
    }
    return framed(request, "judged.html", context, campaign=campaign, here="judged")


def _judged_row(proof: Proof, looks: list[SecondLook], rewarded: set[UUID]) -> dict[str, object]:
    is_anew = any(look.looked_at and proof.judged_at and look.looked_at < proof.judged_at for look in looks)
    told, is_rewarded = [told_of(look) for look in looks], proof.journey_id in rewarded
    return {"proof": proof, "told": told, "is_anew": is_anew, "is_rewarded": is_rewarded}


def _judged_address(request: HttpRequest, campaign: Campaign) -> str:
    """The page of the list that one came from."""
    number, state = request.POST.get("page", ""), request.POST.get("state", "")
    kept = {"state": state if state == DIFFERING else "", "page": number if number.isdecimal() else ""}
    query = urlencode({name: value for name, value in kept.items() if value})
    there = reverse("console:judged", args=[campaign.id])
    return f"{there}?{query}" if query else there


@operator_required
@require_safe
def poster(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponseBase:
    """The sender's poster as it was when the screenshot was sent."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    picture = picture_of(own_poster(proof_of(request, campaign, proof_id)), media_type="image/jpeg")
    answer = HttpResponse(picture, content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def _is_appeals(request: HttpRequest) -> bool:
    return request.POST.get("tab") == "appeals"


def _door(is_appeals: bool) -> str:
    return "console:appeals" if is_appeals else "console:review"


def _show(
    request: HttpRequest,
    campaign: Campaign,
    proof: Proof | None,
    *,
    is_appeals: bool,
    error: str = "",
    status: int = 200,
    listens: str = "",
) -> HttpResponse:
    here = "appeals" if is_appeals else "queue"
    context = _desk(request, campaign, proof, is_appeals=is_appeals)
    context |= {"error": error, "note": request.POST.get("note", ""), "review_tab": here}
    if is_fragment(request):
        return fragment(request, "console/review/_desk.html", context | {"campaign": campaign}, status=status)
    context["fell_back"] = fell_back_text(plan_of(campaign))
    context |= {"live_address": listens} if listens else {}
    return framed(request, "review.html", context, campaign=campaign, here=here, status=status)


def _desk(
    request: HttpRequest, campaign: Campaign, proof: Proof | None, *, is_appeals: bool
) -> dict[str, Any]:
    operator, now = operator_of(request), clock.now()
    found = desks.desk(campaign, operator, proof, is_appeals=is_appeals)
    tab_address = reverse(_door(is_appeals), args=[campaign.id])
    if proof is None:
        has_any = Proof.objects.filter(campaign=campaign).exists()
        counts = desks.counts(campaign, operator)
        return {"desk": found, "tab_address": tab_address, "counts": counts, "has_any": has_any}
    waited = int((now - (proof.appealed_at or proof.sent_at)).total_seconds() // 60)
    return {
        "desk": found,
        "case": with_own_code(case(proof, plan_of(campaign)), proof),
        "held_by": desks.held_by(proof, operator, now),
        "taken": told_meanwhile(proof) if proof.state != Proof.State.WAITING else "",
        "waited": span_text(waited) if waited >= 1 else "",
        "has_changed": has_changed_since(campaign, PosterDesign.Kind.POSTER, proof.sent_at),
        "first": first_verdict(proof) if proof.is_appeal else None,
        "settles": settles_text(proof),
        "opened_count": opened_count(proof.journey),
        "reasons": choices(found.look),
        "judge_address": reverse("console:judge", args=[campaign.id, proof.id]),
        "tab_address": tab_address,
    }


def _on(request: HttpRequest, campaign: Campaign, proof: Proof | None) -> HttpResponse:
    return _put(request, campaign, _next(request, campaign, proof, _is_appeals(request)))


def _put(request: HttpRequest, campaign: Campaign, proof: Proof | None) -> HttpResponse:
    """On the desk: at once for htmx, else by a redirect, so that a reload repeats nothing."""
    if is_fragment(request):
        return _show(request, campaign, proof, is_appeals=_is_appeals(request))
    address = reverse(_door(_is_appeals(request)), args=[campaign.id])
    return redirect(f"{address}?proof={proof.id}" if proof else address)


def _refused(request: HttpRequest, campaign: Campaign, proof: Proof, refusal: Refusal) -> HttpResponse:
    if refusal.code in INCOMPLETE:
        is_appeals = _is_appeals(request)
        return _show(request, campaign, proof, is_appeals=is_appeals, error=str(refusal), status=422)
    proof = proof_of(request, campaign, proof.id)
    is_waiting = proof.state == Proof.State.WAITING
    say(request, refusal.message if is_waiting else told_meanwhile(proof), is_bad=True)
    return _on(request, campaign, proof)
