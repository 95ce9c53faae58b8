"""What a good screenshot looks like: the operator's own picture of one, else somebody's own poster in a drawn post."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tenfold.accounts.models import Language
from tenfold.codes.queries import code_by_slug
from tenfold.imaging.example import EDITION, Place, Words, example_picture, size_of
from tenfold.posters.drawing import Drawing, poster_of
from tenfold.posters.grounds import picture_of
from tenfold.proofs.models import ReviewPlan
from tenfold.proofs.queries import plan_of
from tenfold.web.pictures import FOREVER, POSTER_KEPT, kept, not_found

SHOWN_WIDTH = 260


@dataclass(frozen=True)
class Example:
    """Where it can be kept for good, how large it stands, and what the numbers on it mean; of a picture of the
    operator's we know neither."""

    address: str
    width: int = 0
    height: int = 0
    points: Sequence[str] = ()


def example_of(slug: str, made: Drawing, plan: ReviewPlan) -> Example:
    """For whoever has the poster `made`, with the code `slug`. One query where the operator has given a picture."""
    if plan.example_id is not None and plan.example is not None:
        return Example(reverse("web:example_chosen", args=[plan.campaign_id, plan.example.sha256]))
    place = _place(plan)
    width, height = size_of(place)
    address = reverse("web:example", args=[slug, made.language, _key(made, plan)])
    return Example(address, SHOWN_WIDTH, round(SHOWN_WIDTH * height / width), _points(plan, place))


@require_safe
def drawn(request: HttpRequest, slug: str, language: str, etag: str) -> HttpResponseBase:
    """Public, as the poster on it is. An address that is out of date leads to the one that is not."""
    code = code_by_slug(slug)
    if code is None or language not in Language.values:
        raise not_found()
    made, plan = poster_of(code, language=language), plan_of(code.campaign)
    key = _key(made, plan)
    if key != etag:
        moved = HttpResponseRedirect(reverse("web:example", args=[slug, made.language, key]))
        moved.headers["Cache-Control"] = POSTER_KEPT
        return moved
    etag = quote_etag(key)
    if unchanged := get_conditional_response(request, etag=etag):
        return kept(unchanged, etag, f"public, {FOREVER}")
    picture = example_picture(picture_of(made, media_type="image/jpeg"), _words(made, plan), _place(plan))
    return kept(HttpResponse(picture, content_type="image/jpeg"), etag, f"public, {FOREVER}")


@require_safe
def chosen(request: HttpRequest, campaign_id: UUID, sha: str) -> HttpResponseBase:
    """The operator's own picture. Its address changes with it, so that it can be kept for good."""
    plan = (
        ReviewPlan.objects.select_related("example").filter(campaign=campaign_id, example__sha256=sha).first()
    )
    if plan is None or plan.example is None:
        raise not_found()
    etag, shown = quote_etag(sha), plan.example
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(bytes(shown.content), content_type=shown.media_type)
    return kept(response, etag, f"public, {FOREVER}")


def _place(plan: ReviewPlan) -> Place:
    return "group" if plan.place == ReviewPlan.Place.GROUP else "moments"


def _key(made: Drawing, plan: ReviewPlan) -> str:
    """Changes exactly when the picture may."""
    parts = (EDITION, made.etag, _words(made, plan), _place(plan))
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:24]


def _words(made: Drawing, plan: ReviewPlan) -> Words:
    """In the language of the poster: the picture is one."""
    is_group = plan.place == ReviewPlan.Place.GROUP
    with translation.override(made.language):
        return Words(
            title=_("Old classmates (128)") if is_group else _("Moments"),
            name=dict(made.personal).get("nickname") or _("A friend"),
            caption=plan.needs_caption or _("I have joined. Come along!"),
            age="20:28" if is_group else _("2 minutes ago"),
            delete=_("Delete"),
        )


def _points(plan: ReviewPlan, place: Place) -> list[str]:
    """What the numbers on the picture point at, in the reader's language."""
    poster = _("Your own poster, whole, with its code. Nothing lies over it.")
    if place == "group":
        return [poster]
    return [poster, _age_point(plan), _("Right after it “Delete”: no lock and no two heads in between.")]


def _age_point(plan: ReviewPlan) -> str:
    if plan.oldest_hours is None:
        return _("The time below the post is on the screenshot.")
    text = ngettext(
        "The time below the post: at most %(count)s hour ago.",
        "The time below the post: at most %(count)s hours ago.",
        plan.oldest_hours,
    )
    return text % {"count": plan.oldest_hours}
