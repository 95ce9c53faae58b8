"""The waiting line: where somebody stands in it, and the way in once they are called."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tenfold import flow
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.flow.say import full_said
from tenfold.groups.actions import live_seat
from tenfold.groups.models import Seat, Waiting
from tenfold.groups.queries import place_in_line
from tenfold.people.queries import journey_of_visitor
from tenfold.web.asking import STRANGER, is_fragment, language_now, visitor_of


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    waiting = _waiting(request, campaign_id)
    if request.method != "POST":
        return _page(request, waiting)
    try:
        name = request.POST.get("name", "")
        flow.line_name_given(campaign=waiting.campaign, visitor_id=waiting.visitor_id, name=name)
    except Refusal as refusal:
        return _page(request, waiting, refusal)
    return redirect("web:line", campaign_id)


def _waiting(request: HttpRequest, campaign_id: UUID) -> Waiting:
    line = Waiting.objects.select_related("campaign").filter(campaign_id=campaign_id)
    waiting = line.filter(visitor_id=visitor_of(request)).first()
    if waiting is None:
        raise Refusal(STRANGER, _("You are not in this line, at least not with this phone."), status=403)
    return waiting


def _page(request: HttpRequest, waiting: Waiting, refusal: Refusal | None = None) -> HttpResponse:
    if waiting.state == Waiting.State.SERVED:
        return redirect("web:me", waiting.campaign_id)
    place, campaign = place_in_line(waiting), waiting.campaign
    journey = journey_of_visitor(campaign_id=campaign.id, visitor_id=waiting.visitor_id)
    context = {
        "waiting": waiting,
        "campaign": campaign,
        "place": place,
        "words": full_said(campaign=campaign, place=place, language=language_now()),
        "seat": (seat := _seat(waiting)),
        "minutes": _minutes_left(seat) if seat else 0,
        "name": request.POST.get("name", waiting.name),
        "is_kept_out": bool(journey and journey.kept_out_at),
        "refusal": refusal,
    }
    template = "web/_line.html" if is_fragment(request) else "web/line.html"
    response = render(request, template, context, status=refusal.status if refusal else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _minutes_left(seat: Seat) -> int:
    """Whole minutes, so that nobody is promised one that is half gone."""
    left = seat.expires_at - clock.now() if seat.expires_at else timedelta()
    return int(left.total_seconds() // 60)


def _seat(waiting: Waiting) -> Seat | None:
    """The seat held for one who was called, while it is."""
    seat = live_seat(campaign_id=waiting.campaign_id, visitor_id=waiting.visitor_id)
    if seat is None or seat.state != Seat.State.HELD:
        return None
    return seat if seat.expires_at is None or seat.expires_at > clock.now() else None
