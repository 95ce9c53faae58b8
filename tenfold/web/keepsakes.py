"""Keepsakes: the page by which anybody verifies one, and its owner's own page with the pictures."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.base import clock
from tenfold.base.rates import Bucket, key_of
from tenfold.base.refusal import Refusal
from tenfold.keepsakes import actions
from tenfold.keepsakes.models import Keepsake
from tenfold.keepsakes.queries import address_of, drawing_of, keepsake_by_number, keepsakes_of
from tenfold.keepsakes.rules import Standing, in_groups, read_number, shown_name, standing_of
from tenfold.people.models import Journey
from tenfold.web.asking import journey_of
from tenfold.web.guard import NOWHERE
from tenfold.web.pictures import drawn

# Numbers that lead nowhere, of one address: mistyped ones at a table where many look up theirs, or guessing.
_misses, _lock = Bucket(burst=30, rate=0.5), Lock()
SHOWN_KEEPSAKES = 50
PICTURE_TYPES = ("jpg", "png")


@dataclass(frozen=True)
class Seen:
    """What a keepsake shows of itself."""

    keepsake: Keepsake
    standing: Standing
    number: str
    address: str
    name: str


def _seen(keepsake: Keepsake) -> Seen:
    return Seen(
        keepsake=keepsake,
        standing=standing_of(keepsake, keepsake.edition, clock.now()),
        number=in_groups(keepsake.number),
        address=address_of(keepsake),
        name=shown_name(keepsake.name, keepsake.shown),
    )


@require_safe
def verify(request: HttpRequest, number: str = "") -> HttpResponse:
    """What this number stands for: open to everybody, and no more than its owner lets strangers read."""
    asked = number or request.GET.get("number", "")
    if not asked:
        return render(request, "web/keepsake_ask.html")
    found = keepsake_by_number(asked)
    if found is None:
        return _unknown(request)
    if number != found.number:
        return redirect("web:keepsake", found.number)
    context = {"seen": _seen(found), "keepsake": found, "edition": found.edition, "campaign": found.campaign}
    return render(request, "web/keepsake.html", context)


def _unknown(request: HttpRequest) -> HttpResponse:
    """One answer, whether there never was such a number or it cannot be one. Whoever asks for many waits."""
    with _lock:
        is_few = _misses.may(key_of(request.META.get("REMOTE_ADDR", "")), time.monotonic())
    if not is_few:
        answer = render(request, "web/keepsake_unknown.html", {"is_busy": True}, status=429)
        answer.headers["Retry-After"] = "60"
        return answer
    return render(request, "web/keepsake_unknown.html", {"is_busy": False}, status=404)


@require_safe
def mine(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    return _mine(request, journey_of(request, campaign_id))


def _mine(request: HttpRequest, journey: Journey) -> HttpResponse:
    theirs = keepsakes_of(journey)
    context: dict[str, Any] = {
        "journey": journey,
        "campaign": journey.campaign,
        "all": [_seen(keepsake) for keepsake in theirs[:SHOWN_KEEPSAKES]],
        "choices": Keepsake.Shown.choices,
    }
    return render(request, "web/keepsakes.html", context)


@require_POST
def choose(request: HttpRequest, campaign_id: UUID, number: str) -> HttpResponse:
    """How much of the name strangers see."""
    keepsake = _own(journey_of(request, campaign_id), number)
    actions.show_name(keepsake=keepsake, shown=request.POST.get("shown", ""))
    return redirect("web:keepsakes", campaign_id)


@require_safe
def picture(request: HttpRequest, campaign_id: UUID, number: str, extension: str) -> HttpResponseBase:
    """For its owner alone: the picture names them in full. One that was revoked is not handed out any more."""
    if extension not in PICTURE_TYPES:
        raise NOWHERE
    keepsake = _own(journey_of(request, campaign_id), number)
    if keepsake.revoked_at:
        message = _("This was revoked: %(reason)s") % {"reason": keepsake.revoke_reason}
        raise Refusal("revoked", message, status=410)
    return drawn(request, drawing_of(keepsake), extension)


def _own(journey: Journey, number: str) -> Keepsake:
    rows = Keepsake.objects.filter(journey=journey, number=read_number(number) or "")
    found = rows.select_related("edition", "campaign__workspace", "journey__person__avatar").first()
    if found is None:
        raise Refusal("not_found", _("There is nothing with this number on your page."), status=404)
    return found
