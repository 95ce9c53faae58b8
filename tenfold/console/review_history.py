"""What happened to one screenshot: who looked when, and all that was said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right
from tenfold.console.layout import campaign_for, operator_required
from tenfold.console.review_case import case
from tenfold.console.review_frame import framed, proof_of
from tenfold.console.review_reasons import short
from tenfold.insight.history import Happened, history
from tenfold.journal.facts import Fact
from tenfold.proofs.models import Look, Proof
from tenfold.proofs.queries import plan_of


@dataclass(frozen=True)
class Shown:
    at: datetime
    icon: str
    colour: str
    text: str
    said: str
    note: str


@operator_required
@require_safe
def proof_history(request: HttpRequest, campaign_id: UUID, proof_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    proof = proof_of(request, campaign, proof_id)
    context: dict[str, object] = {
        "proof": proof,
        "case": case(proof, plan_of(campaign)),
        "happened": [_shown(one, proof) for one in history(proof)],
    }
    here = "queue" if proof.state == Proof.State.WAITING else "judged"
    return framed(request, "history.html", context, campaign=campaign, here=here)


def _shown(one: Happened, proof: Proof) -> Shown:
    if one.kind == Fact.APPEALED:  # against what is told above it already
        return Shown(one.at, one.icon, one.colour, one.text, "", proof.appeal_text)
    return Shown(one.at, one.icon, one.colour, one.text, said(one), one.note)


def said(one: Happened) -> str:
    """The verdict in words, with its reasons."""
    named = {**dict(Proof.State.choices), **dict(Look.Outcome.choices)}
    verdict, why = str(named.get(one.verdict, "")), _(", ").join(short(reason) for reason in one.reasons)
    return _("%(verdict)s: %(why)s") % {"verdict": verdict, "why": why} if verdict and why else verdict or why
