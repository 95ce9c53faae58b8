"""Issuing keepsakes: to one person, or to many, who are counted and shown before anything is given."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, page, say
from tenfold.keepsakes import actions
from tenfold.keepsakes.models import Edition
from tenfold.keepsakes.queries import drawing_of, entitled, sample_of, undrawable, without
from tenfold.keepsakes.rules import Who
from tenfold.people.models import Journey
from tenfold.posters.drawing import drawn_name
from tenfold.posters.grounds import picture_of

MOST_AT_ONCE = 10_000
SHOWN_NAMES = 10
WHO = {
    Who.FINISHED: gettext_lazy("Everyone who has finished the task"),
    Who.REWARDED: gettext_lazy("Everyone who has the reward"),
    Who.MEMBERS: gettext_lazy("Everyone who is in a group now"),
}
INVITERS = gettext_lazy("Everyone with at least so many invites that count")


def edition_of(request: HttpRequest, campaign: Campaign, edition_id: UUID) -> Edition:
    return row_for(operator_of(request), Edition.objects.filter(campaign=campaign), edition_id)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, campaign_id: UUID, edition_id: UUID) -> HttpResponse:
    """To all of a choice who have none yet: asked first, then done. A very large crowd takes several goes."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = edition_of(request, campaign, edition_id)
    asked = request.POST if request.method == "POST" else request.GET
    who, at_least = asked.get("who", ""), _whole(asked.get("at_least", ""))
    owed = without(found, entitled(campaign.id, who, at_least))
    if not owed.exists():
        say(request, _("There is nobody who has none yet."))
        return back_to(request, "edition", campaign.id, found.id)
    if request.method != "POST":
        label = INVITERS if who == Who.INVITERS else WHO[Who(who)]
        context = _asking(found, owed) | {"who": who, "at_least": at_least, "label": label}
        return page(request, "console/keepsakes/issue.html", context, campaign=campaign, tab="keepsakes")
    _issued(request, found, owed)
    return back_to(request, "edition", campaign.id, found.id)


def _issued(request: HttpRequest, found: Edition, owed: QuerySet[Journey]) -> None:
    since = clock.now()
    journeys = list(owed.values_list("pk", flat=True)[:MOST_AT_ONCE])
    count = actions.issue_to_all(edition=found, journeys=journeys, operator=operator_of(request))
    told = ngettext("Issued to %(count)s person.", "Issued to %(count)s people.", count)
    between = urlencode({"since": since.isoformat(), "until": clock.now().isoformat()})
    undo = reverse("console:take_back_issued", args=[found.campaign_id, found.id])
    say(request, told % {"count": count}, undo=f"{undo}?{between}")


def _asking(found: Edition, owed: QuerySet[Journey]) -> dict[str, object]:
    """How many they are, what the first one gets, and whose names our font lacks."""
    people = owed[:MOST_AT_ONCE].values_list("pk", "person__nickname", "person__language")
    names = {name: language for _pk, name, language in people}
    partly = undrawable(name for _pk, name, _language in people)
    return {
        "edition": found,
        "count": len(people),
        "first": people[0],
        "partly_count": len(partly),
        "partly": [(name, drawn_name(name, names[name])) for name in partly[:SHOWN_NAMES]],
    }


def _whole(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) < 7 else 1


@operator_required
@require_safe
def preview(request: HttpRequest, campaign_id: UUID, edition_id: UUID, journey_id: UUID) -> HttpResponse:
    """What this person would get, with a number that nobody has."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = edition_of(request, campaign, edition_id)
    rows = Journey.objects.filter(campaign=campaign).select_related("person__avatar")
    sample = sample_of(found, row_for(operator_of(request), rows, journey_id))
    picture = picture_of(drawing_of(sample), media_type="image/jpeg")
    return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@operator_required
@require_POST
def take_back(request: HttpRequest, campaign_id: UUID, edition_id: UUID) -> HttpResponse:
    """What was issued at one go: revoked, since somebody may have seen theirs already."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = edition_of(request, campaign, edition_id)
    since, until = _moment(request.GET.get("since", "")), _moment(request.GET.get("until", ""))
    count = 0
    if since and until:
        with translation.override(campaign.language):
            reason = _("Issued by mistake")
        by = operator_of(request)
        count = actions.take_back(edition=found, since=since, until=until, reason=reason, operator=by)
    told = ngettext("Taken back: %(count)s is revoked.", "Taken back: %(count)s are revoked.", count)
    say(request, told % {"count": count})
    return back_to(request, "edition", campaign.id, found.id)


def _moment(raw: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return found if found.tzinfo else None


@operator_required
@require_POST
def issue_one(request: HttpRequest, campaign_id: UUID, edition_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = edition_of(request, campaign, edition_id)
    rows = Journey.objects.filter(campaign=campaign).select_related("person")
    asked = read_id(request.POST.get("journey"))
    journey = rows.filter(pk=asked).first() if asked else None
    try:
        if journey is None:
            raise Refusal("not_found", _("This person is not in the campaign."), status=404)
        keepsake = actions.issue_one(
            edition=found, journey=journey, operator=operator_of(request), name=request.POST.get("name", "")
        )
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
        return back_to(request, "edition", campaign.id, found.id)
    return back_to(request, "keepsake", campaign.id, keepsake.id)
