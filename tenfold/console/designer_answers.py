"""What the designer's scripts ask, answered in JSON or with a picture; a refusal is told in JSON too."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right
from tenfold.accounts.models import Language
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console import designer, designer_drawing, designer_live
from tenfold.console.editor_poster import KINDS, seed_code
from tenfold.console.layout import campaign_for, operator_of, operator_required
from tenfold.imaging.design import Design, Flaw
from tenfold.imaging.reading import MAX_BYTES
from tenfold.posters import actions
from tenfold.posters.checking import POSTERS, design_of
from tenfold.posters.models import DesignVersion, PosterDesign
from tenfold.posters.queries import design_of_version, in_use
from tenfold.posters.rules import DesignRefused, read_checks, ready_designs
from tenfold.posters.sentences import of_flaw

P = ParamSpec("P")
KEPT_SECONDS = 600
FOREVER = "max-age=31536000, immutable"


def for_scripts(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A refusal as JSON: a page would be of no use to who asked."""

    @functools.wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except DesignRefused as refused:
            return JsonResponse(_refused(refused), status=refused.status)
        except Refusal as refusal:
            return JsonResponse({"code": refusal.code, "message": str(refusal)}, status=refusal.status)

    return operator_required(answered)


def _refused(refused: DesignRefused) -> dict[str, object]:
    if refused.flaws:
        return {"code": "flawed", "message": str(refused), "flaws": [_flaw(flaw) for flaw in refused.flaws]}
    message = _(
        "Not saved: the code would not do its work, or something is missing. See below what to change."
    )
    return {"code": "refused", "message": message, "checks": designer.checks_told(list(refused.checks))}


def _flaw(flaw: Flaw) -> dict[str, str]:
    """The sentence alone: the designer names the layer itself."""
    return {"where": flaw.where, "message": of_flaw(flaw).removeprefix(f"{flaw.where}: ")}


def _typed(request: HttpRequest) -> Any:
    try:
        return json.loads(request.POST.get("design", ""))
    except (ValueError, RecursionError) as error:
        raise Refusal("not_json", gettext_lazy("This is no design."), status=400) from error


def _language(request: HttpRequest) -> str:
    language = request.POST.get("language", "")
    if language not in Language.values:
        raise Refusal("unknown_language", gettext_lazy("There is no such language."), status=400)
    return language


def _design(campaign: Campaign, content: Any) -> Design:
    kind = content.get("kind") if isinstance(content, dict) else None
    return design_of(campaign, kind if isinstance(kind, str) else PosterDesign.Kind.POSTER, content)


@for_scripts
@require_POST
def preview(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """The design as it stands on the page, drawn for the sort of person chosen there. Nothing is kept."""
    campaign = campaign_for(request, campaign_id)
    design, language = _design(campaign, _typed(request)), _language(request)
    person = request.POST.get("person", "")
    drawn = designer_drawing.drawn(campaign, design, language=language, person=person)
    if request.POST.get("size") == "chat":
        content = designer_drawing.as_in_chat(drawn.image)
    else:
        content = designer_drawing.jpeg(drawn.image, quality=designer_drawing.STAGE_QUALITY)
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Tenfold-Fits"] = json.dumps(designer_drawing.told(drawn.fits))
    return answer


@for_scripts
@require_POST
def save(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """The next version of a design, or the first one of a new design (`once` is then its id)."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    content, number = _typed(request), request.POST.get("number", "")
    design = _saved_under(request, campaign, content)
    before = in_use(campaign, design.kind)
    try:
        version = actions.save_version(
            design=design,
            content=content,
            operator=operator_of(request),
            after=int(number) if number.isdecimal() else None,
            row_id=read_id(request.POST.get("version_id")),
            name=request.POST.get("name"),
            variant=request.POST.get("variant"),
        )
    except DesignRefused:
        raise
    except Refusal as refusal:
        if refusal.code != "design_moved":
            raise
        return _moved(campaign, design, refusal)
    return JsonResponse(_saved(campaign, version, designer_live.told(campaign, version.design, before)))


def _saved_under(request: HttpRequest, campaign: Campaign, content: Any) -> PosterDesign:
    """The design that the page shows; one that is new becomes the same however often it is sent."""
    if design_id := read_id(request.POST.get("design_id")):
        return designer.design_for(campaign, design_id)
    return actions.new_design(
        campaign=campaign,
        kind=_design(campaign, content).kind,
        name=request.POST.get("name", ""),
        row_id=read_id(request.POST.get("once")),
    )


def _moved(campaign: Campaign, design: PosterDesign, refusal: Refusal) -> HttpResponse:
    """Somebody saved meanwhile: the page learns who and what, so that nobody's work is lost."""
    newest = designer.versions_told(campaign, designer.versions_of(design)[:1])
    told = {"code": refusal.code, "message": str(refusal), "newest": newest[0] if newest else None}
    return JsonResponse(told, status=refusal.status)


def _saved(campaign: Campaign, version: DesignVersion, live: str) -> dict[str, object]:
    design = version.design
    return {
        "name": design.name,
        "variant": design.variant,
        "id": str(design.id),
        "number": version.number,
        "draft": str(design.id),
        "address": reverse("console:design", args=[campaign.id, design.id]),
        "addresses": designer.addresses(campaign, str(design.id), version.number),
        "checks": designer.checks_told(read_checks(version.checks)),
        "versions": designer.versions_told(campaign, designer.versions_of(design)),
        "message": f"{_message(design, version)} {live}".strip(),
        "live": designer_live.told_before(campaign, design),
    }


def _message(design: PosterDesign, version: DesignVersion) -> str:
    if design.variant:
        return _("Saved as version %(number)s.") % {"number": version.number}
    return _("Saved as version %(number)s. It is not in use yet: for that choose variant A or B.") % {
        "number": version.number
    }


@for_scripts
@require_POST
def upload(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """A picture for designs of the workspace, cleaned."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    file = request.FILES.get("picture")
    if file is None or isinstance(file, list):
        raise Refusal("no_picture", gettext_lazy("Choose a picture first."), status=400)
    # One byte more than allowed is enough to be refused: a large file is not read to its end.
    kept = actions.add_picture(workspace_id=campaign.workspace_id, data=file.read(MAX_BYTES + 1))
    told = {"sha256": kept.sha256, "address": reverse("console:picture", args=[kept.picture_id])}
    return JsonResponse(told)


def _version(campaign: Campaign, design_id: UUID, number: int) -> DesignVersion:
    design = designer.design_for(campaign, design_id)
    version = design.versions.filter(number=number).first()
    if version is None:
        raise Refusal("not_found", gettext_lazy("There is no such version."), status=404)
    return version


@for_scripts
@require_safe
def version(request: HttpRequest, campaign_id: UUID, design_id: UUID, number: int) -> HttpResponseBase:
    found = _version(campaign_for(request, campaign_id), design_id, number)
    return JsonResponse({"design": found.content, "number": found.number})


@operator_required
@require_safe
def file(
    request: HttpRequest, campaign_id: UUID, design_id: UUID, number: int, language: str, kind: str
) -> HttpResponseBase:
    """A version as a file: a poster with the code of the first seed channel, to hand to the seed users."""
    campaign = campaign_for(request, campaign_id)
    found = _version(campaign, design_id, number)
    what = found.design.kind
    is_ready = what not in POSTERS or seed_code(campaign) is not None
    if not is_ready or kind not in KINDS or language not in Language.values:
        raise Refusal(
            "not_found", gettext_lazy("Make a channel code first: the poster carries it."), status=404
        )
    content = designer_drawing.as_file(campaign, found, language, KINDS[kind])
    answer = HttpResponse(content, content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{what}-{language}-v{number}.{kind}"'
    return answer


@operator_required
@require_safe
def own_card(request: HttpRequest, campaign_id: UUID, design_id: UUID, language: str) -> HttpResponseBase:
    """A design of the campaign as a small picture."""
    campaign = campaign_for(request, campaign_id)
    found = designer.design_for(campaign, design_id).shown
    if found is None:
        raise Refusal("not_found", gettext_lazy("There is no such version."), status=404)
    return _card(request, campaign, found.id.hex, design_of_version(found.id), language)


@operator_required
@require_safe
def ready_card(request: HttpRequest, campaign_id: UUID, ready: str, language: str) -> HttpResponseBase:
    """A ready design as a small picture, with the campaign's own words."""
    campaign = campaign_for(request, campaign_id)
    if ready not in ready_designs():
        raise Refusal("unknown_design", gettext_lazy("There is no such design."), status=404)
    found = ready_designs()[ready]
    return _card(request, campaign, found.key, found.design, language)


def _card(request: HttpRequest, campaign: Campaign, key: str, design: Design, language: str) -> HttpResponse:
    """Kept for good at the address that changes with it (`?v=`), else for a while."""
    if language not in Language.values:
        raise Refusal("unknown_language", gettext_lazy("There is no such language."), status=404)
    look = designer_drawing.looks_of(campaign, [key], language)[key]
    answer = HttpResponse(designer_drawing.card(campaign, design, language, look), content_type="image/jpeg")
    is_this = request.GET.get("v") == look
    answer["Cache-Control"] = f"private, {FOREVER}" if is_this else f"private, max-age={KEPT_SECONDS}"
    return answer
