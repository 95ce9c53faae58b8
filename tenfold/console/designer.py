"""The designs of a campaign and the page on which one is made. What its scripts ask is in `designer_answers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right, right_of
from tenfold.accounts.models import Language
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console import designer_live, designer_people, layout
from tenfold.console.designer_drawing import looks_of
from tenfold.console.designer_texts import ELEMENTS, OTHERS, VARIABLES, texts
from tenfold.console.editor_poster import KINDS, seed_code
from tenfold.console.layout import campaign_for, operator_of, operator_required
from tenfold.imaging.design import FORMAT, MOST_LAYERS
from tenfold.imaging.layers import SMALLEST_CODE
from tenfold.imaging.reading import MAX_BYTES
from tenfold.posters.checking import POSTERS
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign
from tenfold.posters.queries import shared_values, text_of
from tenfold.posters.rules import Check, Ready, read_checks, ready_designs

SIZES = {
    "1080x1920": _("Portrait, 1080 × 1920"),
    "1080x1080": _("Square, 1080 × 1080"),
    "1080x1440": _("Portrait, 1080 × 1440"),
    "1240x1754": _("A4 upright, 1240 × 1754"),
    "1754x1240": _("A4 across, 1754 × 1240"),
}
PARTS = (
    "ground store new fields pictures text elements panel stage keys layers preview draft checks versions"
    " save bar"
)
SCRIPTS = [f"console/designer_{part}.js" for part in PARTS.split()]
Kind = PosterDesign.Kind
KIND_NAMES = {"png": "PNG", "jpg": "JPEG"}


@operator_required
@require_safe
def designs(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """Everything one may begin with: the campaign's own designs, the ready ones, and nothing."""
    campaign = campaign_for(request, campaign_id)
    own = campaign.designs.filter(shown__isnull=False).select_related("shown").order_by("-shown__created_at")
    found = list(own)
    is_default = not any(one.variant and one.kind == PosterDesign.Kind.POSTER for one in found)
    keys = [*(design.shown_id.hex for design in found if design.shown_id), *_ready_keys()]
    looks = looks_of(campaign, keys, language_here())
    context: dict[str, object] = {
        "own": [_own_card(design, looks) for design in found],
        "ready": [_ready_card(ready, looks) for ready in _in_order()],
        "is_default": is_default,
        "kinds": PosterDesign.Kind.choices,
        "sizes": SIZES.items(),
        "language": language_here(),
    }
    template = "console/designer/designs.html"
    return layout.page(request, template, context, campaign=campaign, tab="poster")


def _in_order() -> list[Ready]:
    order = PosterDesign.Kind.values
    return sorted(ready_designs().values(), key=lambda ready: (order.index(ready.kind), ready.name))


def _ready_keys() -> list[str]:
    return [ready.key for ready in ready_designs().values()]


def _own_card(design: PosterDesign, looks: Mapping[str, str]) -> dict[str, object]:
    return {
        "design": design,
        "kind": design.get_kind_display(),
        "variant": design.get_variant_display(),
        "look": looks[design.shown_id.hex] if design.shown_id else "",
    }


def _ready_card(ready: Ready, looks: Mapping[str, str]) -> dict[str, object]:
    here = language_here()
    others = [title for language, title in ready.title.items() if language != here]
    size = f"{ready.design.width} × {ready.design.height}"
    kind = PosterDesign.Kind(ready.kind).label
    return {
        "name": ready.name,
        "look": looks[ready.key],
        "title": ready.title[here],
        "others": others,
        "kind": kind,
        "size": size,
        "width": ready.design.width,
        "height": ready.design.height,
    }


def language_here() -> str:
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


@operator_required
@require_safe
def begin(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """A new design: from a ready one (`?from=night`) or from nothing (`?kind=poster&size=1080x1920`)."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    name = request.GET.get("from", "")
    if name and name not in ready_designs():
        raise Refusal("unknown_design", _("There is no such design to begin with."), status=404)
    ready = ready_designs().get(name)
    kind = request.GET.get("kind", PosterDesign.Kind.POSTER)
    size = request.GET.get("size", "")
    content = ready.content if ready else blank(kind, size)
    title = ready.title[language_here()] if ready else str(_("New design"))
    draft = f"{campaign.id}:{name or f'{kind}-{size}'}"
    page = {"start": content, "draft": draft, "id": "", "number": 0, "once": str(new_id())}
    page["live"] = designer_live.told_before(campaign, None) if content["kind"] == Kind.POSTER else {}
    return _page(request, campaign, page, title=title, variant="", checks=[], versions=[])


def blank(kind: str, size: str) -> dict[str, Any]:
    """A canvas with nothing on it."""
    if kind not in PosterDesign.Kind.values:
        kind = PosterDesign.Kind.POSTER
    width, height = (int(side) for side in (size if size in SIZES else next(iter(SIZES))).split("x"))
    return {
        "format": FORMAT,
        "kind": kind,
        "canvas": {"width": width, "height": height},
        "background": {"type": "colour", "colour": "#ffffff"},
        "layers": [],
        "waived": [],
    }


@operator_required
@require_safe
def show(request: HttpRequest, campaign_id: UUID, design_id: UUID) -> HttpResponseBase:
    """A design of the campaign, at its newest version."""
    campaign = campaign_for(request, campaign_id)
    design = design_for(campaign, design_id)
    newest = versions_of(design)
    if not newest:
        raise Refusal("no_version", _("This design was never saved."), status=404)
    page = {
        "start": newest[0].content,
        "draft": str(design.id),
        "id": str(design.id),
        "number": newest[0].number,
        "once": str(design.id),
        "live": designer_live.told_before(campaign, design),
    }
    return _page(
        request,
        campaign,
        page,
        title=design.name,
        variant=design.variant,
        checks=read_checks(newest[0].checks),
        versions=newest,
    )


def design_for(campaign: Campaign, design_id: UUID) -> PosterDesign:
    """A design of this very campaign, else a Refusal."""
    design = campaign.designs.filter(pk=design_id).first()
    if design is None:
        raise Refusal("not_found", _("There is nothing here, or it is not yours to see."), status=404)
    return design


def versions_of(design: PosterDesign) -> list[DesignVersion]:
    """Newest first."""
    return list(design.versions.select_related("operator").order_by("-number")[:200])


def _page(
    request: HttpRequest,
    campaign: Campaign,
    page: dict[str, Any],
    *,
    title: str,
    variant: str,
    checks: list[Check],
    versions: list[DesignVersion],
) -> HttpResponseBase:
    may_change = (right_of(operator_of(request), campaign.workspace_id) or 0) >= Right.MANAGE
    page["start"] = {"design": page["start"]}
    page |= {
        "checks": checks_told(checks),
        "versions": versions_told(campaign, versions),
        "may_change": may_change,
        # What the scripts send along with a version is only what was changed from this.
        "name": title if page["id"] else "",
        "variant": variant,
        "zone": campaign.time_zone,
        "addresses": addresses(campaign, page["id"], page["number"]),
    }
    context = {
        "page": page | _surroundings(campaign),
        "title": title,
        "variant": variant,
        "variants": PosterDesign.Variant.choices,
        "scripts": SCRIPTS,
        "languages": Language.choices,
        "kinds": [(kind, KIND_NAMES[kind]) for kind in KINDS],
        "people": designer_people.CHOICES.items(),
        "elements": ELEMENTS.items(),
        "others": OTHERS.items(),
        "has_code": seed_code(campaign) is not None,
    }
    return layout.page(request, "console/designer/designer.html", context, campaign=campaign, tab="poster")


def _surroundings(campaign: Campaign) -> dict[str, Any]:
    """What is the same for every design of the campaign."""
    pictures = DesignPicture.objects.filter(workspace_id=campaign.workspace_id)
    return {
        "language": language_here(),
        "languages": dict(Language.choices),
        "shared": {language: shared_values(text_of(campaign, language)) for language in Language.values},
        "elements": list(ELEMENTS),
        "kinds_with_elements": list(POSTERS),
        "sizes": {size: str(label) for size, label in SIZES.items()},
        "limits": {"layers": MOST_LAYERS, "code": SMALLEST_CODE, "bytes": MAX_BYTES},
        "pictures": {one.sha256: reverse("console:picture", args=[one.picture_id]) for one in pictures},
        "variables": {name: str(meaning) for name, meaning in VARIABLES.items()},
        "texts": texts(),
    }


def addresses(campaign: Campaign, design_id: str, number: int) -> dict[str, str]:
    """Where the page's scripts ask; `files` has LANGUAGE and KIND to be put in, and is only there once saved."""
    plain = {"preview": "design_preview", "save": "save_design", "upload": "design_upload", "texts": "poster"}
    found = {name: reverse(f"console:{view}", args=[campaign.id]) for name, view in plain.items()}
    found["login"] = f"{reverse('console:login')}?next={reverse('console:designs', args=[campaign.id])}"
    if design_id:
        found["files"] = reverse(
            "console:design_file", args=[campaign.id, design_id, number, "LANGUAGE", "KIND"]
        )
    return found


def checks_told(checks: list[Check]) -> list[dict[str, str]]:
    return [
        {"state": check.state.value, "text": check.text, "advice": check.advice, "layer": check.layer}
        for check in checks
    ]


def versions_told(campaign: Campaign, versions: list[DesignVersion]) -> list[dict[str, object]]:
    return [
        {
            "number": version.number,
            "who": str(version.operator or ""),
            "at": date_format(version.created_at.astimezone(campaign.zone), gettext("j M Y, H:i")),
            "address": reverse(
                "console:design_version", args=[campaign.id, version.design_id, version.number]
            ),
        }
        for version in versions
    ]
