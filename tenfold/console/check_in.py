"""At the gate: scan or type a ticket's number, let in once, and see at a glance why somebody else is not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenfold.accounts.access import Right, row_for
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import (
    back_to,
    campaign_for,
    fragment,
    is_fragment,
    once,
    operator_of,
    operator_required,
    page,
    say,
    with_camera,
)
from tenfold.keepsakes import actions
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.queries import keepsake_by_number
from tenfold.keepsakes.rules import LONGEST_TYPED

LATEST = 8
HEADINGS = {
    "used": lambda: _("Used already"),
    "revoked": lambda: _("Revoked"),
    "early": lambda: _("Too early"),
    "over": lambda: _("Over"),
    "elsewhere": lambda: _("For something else"),
    "no_ticket": lambda: _("Not a ticket"),
    "unknown": lambda: _("Unknown"),
    "once_more": lambda: _("Once more, please"),
}


@dataclass(frozen=True)
class Answer:
    """What the gate is told: `code` decides the colour and the sound, "let_in" alone is good."""

    code: str
    heading: str
    text: str
    ticket: Keepsake | None

    @property
    def is_good(self) -> bool:
        return self.code == "let_in"


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    answer = _asked(request, campaign) if request.method == "POST" else None
    context = _around(campaign) | {
        "answer": answer,
        "gate": request.POST.get("gate", "")[:40],
        "number": request.POST.get("number", "")[:LONGEST_TYPED] if answer and not answer.is_good else "",
        "key": new_id(),
    }
    # 200 for a "no" too: it is an answer, and htmx shows it. What is not answered at all is told by the script.
    if is_fragment(request):
        return fragment(request, "console/keepsakes/_answer.html", {"campaign": campaign} | context)
    return with_camera(
        page(request, "console/keepsakes/check_in.html", context, campaign=campaign, tab="keepsakes")
    )


def _asked(request: HttpRequest, campaign: Campaign) -> Answer:
    number = request.POST.get("number", "")
    try:
        ticket = actions.check_in(
            number=number,
            campaign=campaign,
            operator=operator_of(request),
            gate=request.POST.get("gate", ""),
            key=once(request) or new_id(),
        )
    except Refusal as refusal:
        return Answer(refusal.code, HEADINGS[refusal.code](), str(refusal), _shown(number, campaign))
    return Answer("let_in", _("Come in"), "", ticket)


def _shown(number: str, campaign: Campaign) -> Keepsake | None:
    """Whose it is, for a look at who stands there; nothing of another workspace's."""
    found = keepsake_by_number(number)
    return found if found and found.workspace_id == campaign.workspace_id else None


def _around(campaign: Campaign) -> dict[str, object]:
    tickets = Keepsake.objects.filter(campaign=campaign, edition__kind=Edition.Kind.TICKET, revoked_at=None)
    latest = Keepsake.objects.filter(campaign=campaign, checked_in_at__isnull=False)
    return {
        "ticket_count": tickets.count(),
        "in_count": tickets.filter(checked_in_at__isnull=False).count(),
        "latest": latest.select_related("edition", "checked_in_by").order_by("-checked_in_at")[:LATEST],
    }


@operator_required
@require_POST
def undo_check_in(request: HttpRequest, campaign_id: UUID, keepsake_id: UUID) -> HttpResponse:
    """Only the check-in that was on the screen (`at`): a later one at another gate stays."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    rows = Keepsake.objects.filter(campaign=campaign)
    ticket = row_for(operator_of(request), rows, keepsake_id)
    if ticket.checked_in_at and ticket.checked_in_at.isoformat() == request.POST.get("at"):
        actions.undo_check_in(keepsake=ticket, operator=operator_of(request))
        say(request, _("Taken back: this ticket lets in again."))
    else:
        say(request, _("Nothing was taken back: something changed meanwhile."), is_bad=True)
    return back_to(request, "check_in", campaign.id)
