"""Editions of keepsakes and what was issued of them: make, issue, find, revoke."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.forms_keepsakes import EditionForm
from tenfold.console.issuing import WHO, edition_of
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
)
from tenfold.imaging.compose import MediaType
from tenfold.keepsakes import actions
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.queries import address_of, drawing_of, editions_of, entitled, without
from tenfold.keepsakes.rules import in_groups, read_number, standing_of
from tenfold.people.models import Journey
from tenfold.posters.drawing import drawn_name
from tenfold.posters.grounds import picture_of

PAGE = 50
FOUND_PEOPLE = 10
STATES = {
    "valid": gettext_lazy("Not revoked"),
    "revoked": gettext_lazy("Revoked"),
    "used": gettext_lazy("Checked in"),
}
FIELD_OF = {"name_fixed": "name", "bad_dates": "valid_until"}
PICTURE_TYPES: dict[str, MediaType] = {"jpg": "image/jpeg", "png": "image/png"}
RELATED = (
    "edition",
    "campaign__workspace",
    "journey__person__avatar",
    "checked_in_by",
    "revoked_by",
    "issued_by",
)


@operator_required
@require_safe
def keepsakes(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    query, state = request.GET.get("q", "").strip()[:300], request.GET.get("state", "")
    found = _found(campaign, query, state)
    context = {
        "keepsakes": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "query": query,
        "state": state,
        "states": STATES.items(),
    }
    if is_fragment(request):
        return fragment(request, "console/keepsakes/_rows.html", {"campaign": campaign} | context)
    context["editions"] = editions_of(campaign)
    return page(request, "console/keepsakes/keepsakes.html", context, campaign=campaign, tab="keepsakes")


def _found(campaign: Campaign, query: str, state: str) -> QuerySet[Keepsake]:
    """By the name on it, or by its number as it was typed or scanned."""
    rows = Keepsake.objects.filter(campaign=campaign).select_related("edition").order_by("-id")
    if query:
        number = read_number(query)
        rows = rows.filter(number=number) if number else rows.filter(name__icontains=query)
    if state == "used":
        return rows.filter(checked_in_at__isnull=False)
    return rows.filter(revoked_at__isnull=state == "valid") if state in STATES else rows


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_edition(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    with timezone.override(campaign.zone):
        form = EditionForm(request.POST or None, initial={"kind": request.GET.get("for", "")})
        if request.method == "POST" and form.is_valid():
            try:
                made = actions.make_edition(
                    campaign=campaign,
                    operator=operator_of(request),
                    row_id=once(request),
                    **form.cleaned_data,
                )
            except Refusal as refusal:
                form.refuse(refusal, FIELD_OF.get(refusal.code))
            else:
                return redirect("console:edition", campaign.id, made.id)
        status = 422 if form.errors else 200
        context = {"form": form}
        return page(
            request, "console/keepsakes/new.html", context, campaign=campaign, tab="keepsakes", status=status
        )


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def edition(request: HttpRequest, campaign_id: UUID, edition_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    found = edition_of(request, campaign, edition_id)
    with timezone.override(campaign.zone):
        initial = {name: getattr(found, name) for name in ("kind", "name", "valid_from", "valid_until")}
        form = EditionForm({**request.POST.dict(), "kind": found.kind} if is_save else None, initial=initial)
        form.fields["kind"].disabled = True
        if is_save and form.is_valid() and _changed(request, found, form):
            say(request, _("Saved."))
            return redirect("console:edition", campaign.id, found.id)
        return _edition_page(request, campaign, edition_of(request, campaign, edition_id), form)


def _changed(request: HttpRequest, found: Edition, form: EditionForm) -> bool:
    fields = {name: form.cleaned_data[name] for name in ("name", "valid_from", "valid_until")}
    try:
        actions.change_edition(edition=found, operator=operator_of(request), **fields)
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return False
    return True


def _edition_page(
    request: HttpRequest, campaign: Campaign, found: Edition, form: EditionForm
) -> HttpResponse:  # fmt: skip
    issued = Keepsake.objects.filter(edition=found)
    query = request.GET.get("q", "").strip()[:60]
    context = {
        "edition": found,
        "form": form,
        "issued_count": issued.count(),
        "newest": issued.order_by("-id").first(),
        "audiences": [
            (who.value, label, without(found, entitled(campaign.id, who)).count())
            for who, label in WHO.items()
        ],
        "query": query,
        "people": _people(found, query) if query else [],
    }
    status = 422 if form.errors else 200
    return page(
        request, "console/keepsakes/edition.html", context, campaign=campaign, tab="keepsakes", status=status
    )


def _people(found: Edition, query: str) -> list[tuple[Journey, Keepsake | None, str]]:
    """Those of that name, each with what they hold of this edition, and their name as a picture shows it."""
    rows = Journey.objects.filter(campaign_id=found.campaign_id).filter(
        Q(person__nickname__icontains=query) | Q(code__slug=query.upper())
    )
    people = list(rows.select_related("person", "group").order_by("person__nickname", "id")[:FOUND_PEOPLE])
    held = Keepsake.objects.filter(edition=found, journey__in=people)
    of = {keepsake.journey_id: keepsake for keepsake in held}
    return [(one, of.get(one.pk), drawn_name(one.person.nickname, one.person.language)) for one in people]


@operator_required
@require_safe
def keepsake(request: HttpRequest, campaign_id: UUID, keepsake_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    found = _keepsake(request, campaign, keepsake_id)
    context = {
        "keepsake": found,
        "edition": found.edition,
        "number": in_groups(found.number),
        "address": address_of(found),
        "standing": standing_of(found, found.edition, clock.now()),
    }
    return page(request, "console/keepsakes/keepsake.html", context, campaign=campaign, tab="keepsakes")


@operator_required
@require_safe
def picture(request: HttpRequest, campaign_id: UUID, keepsake_id: UUID, kind: str) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    found = _keepsake(request, campaign, keepsake_id)
    if kind not in PICTURE_TYPES:
        raise Refusal("not_found", _("There is no such picture."), status=404)
    answer = HttpResponse(
        picture_of(drawing_of(found), media_type=PICTURE_TYPES[kind]), content_type=PICTURE_TYPES[kind]
    )
    answer.headers["Content-Disposition"] = f'inline; filename="{found.edition.kind}-{found.number}.{kind}"'
    return answer


@operator_required
@require_POST
def revoke(request: HttpRequest, campaign_id: UUID, keepsake_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _keepsake(request, campaign, keepsake_id)
    try:
        actions.revoke(keepsake=found, reason=request.POST.get("reason", ""), operator=operator_of(request))
        undo = reverse("console:restore_keepsake", args=[campaign.id, found.id])
        say(request, _("Revoked. Whoever looks it up reads why."), undo=undo)
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "keepsake", campaign.id, found.id)


@operator_required
@require_POST
def restore(request: HttpRequest, campaign_id: UUID, keepsake_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _keepsake(request, campaign, keepsake_id)
    actions.restore(keepsake=found, operator=operator_of(request))
    say(request, _("Valid again."))
    return back_to(request, "keepsake", campaign.id, found.id)


def _keepsake(request: HttpRequest, campaign: Campaign, keepsake_id: UUID) -> Keepsake:
    rows = Keepsake.objects.filter(campaign=campaign).select_related(*RELATED)
    return row_for(operator_of(request), rows, keepsake_id)
