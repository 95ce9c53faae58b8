"""Who asks, and what they sent: read here once, for all pages."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Subquery
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language
from tenfold.base import visitor
from tenfold.base.keys import new_id, read_id
from tenfold.base.refusal import Refusal
from tenfold.imaging.child import NoChild
from tenfold.imaging.intake import avatar_apart, clean_apart
from tenfold.imaging.reading import MAX_BYTES, CleanPicture, Unreadable
from tenfold.insight import marks
from tenfold.people.models import Journey
from tenfold.people.queries import journey_of_visitor, journeys_of_visitor
from tenfold.proofs.rules import refusal_of

STRANGER = "stranger"


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page that is open."""
    return request.headers.get("HX-Request") == "true"


def visitor_of(request: HttpRequest) -> UUID:
    """The phone that asks; one without a cookie of ours is told how to get back in."""
    visitor_id = visitor.read(request.COOKIES.get(visitor.COOKIE))
    if visitor_id is None:
        raise Refusal(STRANGER, _("We do not recognise this phone or browser."), status=403)
    return visitor_id


def journey_of(request: HttpRequest, campaign_id: UUID) -> Journey:
    """The asker's own journey; a campaign that does not exist answers like one they are not in."""
    journey = journey_of_visitor(campaign_id=campaign_id, visitor_id=visitor_of(request))
    if journey is None:
        raise Refusal(STRANGER, _("You have not joined here yet, at least not with this phone."), status=403)
    return journey


def mark_of(request: HttpRequest, campaign_id: UUID) -> str:
    """What is known of the asker's own journey, for a page that listens: see `marks`. A fragment goes into one that
    does."""
    visitor_id = visitor.read(request.COOKIES.get(visitor.COOKIE))
    if visitor_id is None or is_fragment(request):
        return ""
    mine = journeys_of_visitor(visitor_id).filter(campaign_id=campaign_id).order_by("pk").values("pk")
    return marks.of_journey(Subquery(mine[:1]))


def picture_of(request: HttpRequest) -> CleanPicture | None:
    """The picture sent along, cleaned; None where none was chosen."""
    try:
        data = _upload(request)
        return clean_apart(data) if data is not None else None
    except (Unreadable, NoChild) as error:
        raise refusal_of(error) from error


def face_of(request: HttpRequest) -> CleanPicture | None:
    """The same for a picture of oneself: its middle, small."""
    try:
        data = _upload(request)
        return avatar_apart(data) if data is not None else None
    except (Unreadable, NoChild) as error:
        raise refusal_of(error) from error


def _upload(request: HttpRequest) -> bytes | None:
    file = request.FILES.get("picture")
    if file is None or isinstance(file, list):
        return None
    if (file.size or 0) > MAX_BYTES:
        raise Unreadable("too_large")
    data: bytes = file.read()
    return data


def key_of(request: HttpRequest) -> UUID:
    """The form's own name for what it sends, so that sending it twice is sending it once."""
    return read_id(request.POST.get("key")) or new_id()


def language_now() -> str:
    """The language of the page, as people's rows keep it."""
    return Language.ZH if (get_language() or "").startswith("zh") else Language.EN
