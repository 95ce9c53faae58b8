"""Pictures: posters for everybody, everything else for those whom it concerns."""

from __future__ import annotations

import functools
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right, workspaces_for
from tenfold.accounts.models import Language, Operator
from tenfold.base import visitor
from tenfold.base.keys import read_slug
from tenfold.base.models import Picture
from tenfold.base.refusal import Refusal
from tenfold.codes.queries import code_by_slug
from tenfold.groups.models import Group
from tenfold.imaging.child import NoChild
from tenfold.imaging.compose import MediaType
from tenfold.imaging.headers import Unreadable
from tenfold.imaging.intake import clean_apart
from tenfold.people.actions import MEMBER
from tenfold.people.models import Journey, Person
from tenfold.people.queries import journeys_of_visitor
from tenfold.platforms.web.models import Post
from tenfold.posters.drawing import Drawing, poster_of
from tenfold.posters.grounds import picture_of
from tenfold.proofs import keeping
from tenfold.proofs.models import Proof

POSTER_TYPES: dict[str, MediaType] = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
POSTER_KEPT = "public, max-age=300"
DRAWING_KEPT = "private, max-age=300"
FOREVER = "max-age=31536000, immutable"
# Operators ask again, so that it is noted that they looked, and what is erased is gone for them too.
OPERATORS_KEEP = "private, max-age=300"
SMALL_SIDE = 480


@require_safe
def poster(request: HttpRequest, slug: str, extension: str) -> HttpResponseBase:
    """The poster of a code as it is now; public, as the code on it is."""
    asked = request.GET.get("lang", "")
    return drawn(request, _poster_of(slug, asked), extension, keep=POSTER_KEPT)


@require_safe
def poster_for_good(
    request: HttpRequest, slug: str, language: str, etag: str, extension: str
) -> HttpResponseBase:
    """A poster at an address that changes with it, so that whoever has it may keep it. An address that is no longer
    the poster's leads to the one that is."""
    made = _poster_of(slug, language)
    if made.etag != etag:
        moved = HttpResponseRedirect(poster_address(slug, made, extension))
        moved.headers["Cache-Control"] = POSTER_KEPT
        return moved
    return drawn(request, made, extension, keep=f"public, {FOREVER}")


def poster_address(slug: str, made: Drawing, extension: str) -> str:
    """Where this very picture can be asked for, now and by whoever keeps it."""
    return reverse(f"web:poster_for_good_{extension}", args=[slug, made.language, made.etag])


def _poster_of(slug: str, language: str) -> Drawing:
    known = read_slug(slug)
    code = code_by_slug(known) if known else None
    if code is None:
        raise not_found()
    return poster_of(code, language=language if language in Language.values else code.campaign.language)


def drawn(
    request: HttpRequest, made: Drawing, extension: str, *, keep: str = DRAWING_KEPT
) -> HttpResponseBase:
    """A poster or keepsake as a picture. Whoever has it already is told so before anything is drawn."""
    etag = quote_etag(f"{made.etag}-{extension}")
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return kept(unchanged, etag, keep)
    media_type = POSTER_TYPES[extension]
    return kept(HttpResponse(picture_of(made, media_type=media_type), content_type=media_type), etag, keep)


@require_safe
def picture(request: HttpRequest, picture_id: UUID) -> HttpResponseBase:
    keep = _kept_by(request, picture_id)
    if keep is None:
        raise not_found()
    if Picture.objects.filter(pk=picture_id, erased_at__isnull=False).exists():
        return kept(HttpResponse(status=410), quote_etag(picture_id.hex), DRAWING_KEPT)
    is_small = "small" in request.GET
    etag = quote_etag(f"{picture_id.hex}-{'small' if is_small else 'whole'}")
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return kept(unchanged, etag, keep)
    data, media_type = _small(picture_id) if is_small else _whole(picture_id)
    return kept(HttpResponse(data, content_type=media_type), etag, keep)


@require_safe
def group_qr(request: HttpRequest, group_id: UUID, sha: str) -> HttpResponseBase:
    """A group's own QR code. Its address changes with the picture, so that it can be kept for good."""
    group = Group.objects.select_related("qr_picture").filter(pk=group_id, qr_picture__sha256=sha).first()
    if group is None or group.qr_picture is None:
        raise not_found()
    shown, etag = group.qr_picture, quote_etag(sha)
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(bytes(shown.content), content_type=shown.media_type)
    return kept(response, etag, f"public, {FOREVER}")


def not_found() -> Refusal:
    return Refusal("not_found", _("There is no such picture, or it is not yours to see."), status=404)


def kept(response: HttpResponseBase, etag: str, keep: str) -> HttpResponseBase:
    """As long as `keep` says; that a condition did not hold (412) is kept by nobody."""
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = keep if response.status_code in (200, 304) else "no-store"
    # Opened by itself, a picture is a page of its own: one that may do nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _kept_by(request: HttpRequest, picture_id: UUID) -> str | None:
    """How long whoever asks may keep it; None if it is not theirs to see."""
    visitor_id = visitor.read(request.COOKIES.get(visitor.COOKIE))
    if visitor_id is not None and _concerns(visitor_id, picture_id):
        return f"private, {FOREVER}"
    if isinstance(request.user, Operator) and _may_operate(request.user, picture_id):
        keeping.seen(picture_id=picture_id, operator=request.user)
        return OPERATORS_KEEP
    return None


def _may_operate(operator: Operator, picture_id: UUID) -> bool:
    right = Right.REVIEW if keeping.is_screenshot(picture_id) else Right.VIEW
    return Picture.objects.filter(pk=picture_id, workspace__in=workspaces_for(operator, right)).exists()


def _concerns(visitor_id: UUID, picture_id: UUID) -> bool:
    """Own screenshot, own face, or seen in a room they are a member of."""
    rooms = journeys_of_visitor(visitor_id).filter(state__in=MEMBER).values("group_id")
    neighbours = Journey.objects.filter(group__in=rooms, state__in=MEMBER).values("person_id")
    faces = Person.objects.filter(Q(visitor_id=visitor_id) | Q(pk__in=neighbours), avatar=picture_id)
    return (
        Post.objects.filter(picture=picture_id, room_id__in=rooms, hidden_at=None).exists()
        or Proof.objects.filter(picture=picture_id, journey__person__visitor_id=visitor_id).exists()
        or faces.exists()
    )


def _whole(picture_id: UUID) -> tuple[bytes, str]:
    content, media_type = Picture.objects.values_list("content", "media_type").get(pk=picture_id)
    return bytes(content), media_type


def _small(picture_id: UUID) -> tuple[bytes, str]:
    """A rendition for a feed; the whole while there is no process to make one."""
    try:
        return _rendition(picture_id)
    except (NoChild, Unreadable):
        return _whole(picture_id)


@functools.lru_cache(maxsize=128)
def _rendition(picture_id: UUID) -> tuple[bytes, str]:
    """A room full of phones asks for the same few."""
    small = clean_apart(_whole(picture_id)[0], max_side=SMALL_SIDE)
    return small.data, small.media_type
