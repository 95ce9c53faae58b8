"""What more than one caller asks of keepsakes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format

from tenfold.campaigns.models import Campaign
from tenfold.imaging.texts import fallen
from tenfold.keepsakes import rules
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.people.models import Journey
from tenfold.posters.drawing import Drawing, drawing, drawn_name
from tenfold.posters.models import PosterText
from tenfold.posters.queries import Chosen, chosen_for, text_of

State = Journey.State


def address_of(keepsake: Keepsake) -> str:
    """What the QR says. Upper case, so that it is written in the alphanumeric mode: fewer modules."""
    return f"{settings.PUBLIC_URL}/K/{keepsake.number}".upper()


def keepsake_by_number(raw: str) -> Keepsake | None:
    """Whatever way the number was typed. One that cannot be a number costs no query."""
    number = rules.read_number(raw)
    if number is None:
        return None
    rows = Keepsake.objects.select_related("edition", "campaign", "workspace", "checked_in_by")
    return rows.filter(number=number).first()


def keepsakes_of(journey: Journey) -> QuerySet[Keepsake]:
    return Keepsake.objects.filter(journey=journey).select_related("edition").order_by("-id")


@dataclass(frozen=True)
class Counted:
    """An edition, and how many of it were issued, revoked and checked in."""

    edition: Edition
    issued: int
    revoked: int
    checked_in: int


def editions_of(campaign: Campaign) -> list[Counted]:
    """Newest first, in one query."""
    revoked, used = Q(keepsakes__revoked_at__isnull=False), Q(keepsakes__checked_in_at__isnull=False)
    counted = Edition.objects.filter(campaign=campaign).annotate(
        issued=Count("keepsakes"),
        revoked=Count("keepsakes", filter=revoked),
        checked_in=Count("keepsakes", filter=used),
    )
    return [Counted(one, one.issued, one.revoked, one.checked_in) for one in counted.order_by("-id")]


def entitled(campaign_id: UUID, who: str, at_least: int = 1) -> QuerySet[Journey]:
    """Those of the campaign who are meant by `who`. Whoever was removed is not; who left after finishing is."""
    rows = Journey.objects.filter(campaign_id=campaign_id).exclude(state__in=[State.ARRIVING, State.REMOVED])
    match who:
        case rules.Who.FINISHED:
            rows = rows.filter(approved_at__isnull=False)
        case rules.Who.REWARDED:
            rows = rows.filter(rewarded_at__isnull=False)
        case rules.Who.MEMBERS:
            rows = rows.exclude(state=State.LEFT)
        case rules.Who.INVITERS:
            rows = rows.filter(valid_count__gte=at_least)
        case _:
            rows = rows.none()
    return rows.select_related("person")


def without(edition: Edition, journeys: QuerySet[Journey]) -> QuerySet[Journey]:
    """Those of `journeys` who hold none of this edition, a revoked one included."""
    held = Keepsake.objects.filter(edition=edition, journey=OuterRef("pk"))
    return journeys.exclude(Exists(held)).order_by("id")


def drawing_of(
    keepsake: Keepsake, *, language: str = "", chosen: Chosen | None = None, text: PosterText | None = None
) -> Drawing:
    """Its picture, not drawn yet: in its owner's language unless another is asked for. It names whom it was issued to,
    so that only its owner and the team may have it. Wants `edition`, `campaign` and `journey__person__avatar` read.
    `chosen` and `text` save asking, where many are drawn."""
    campaign, edition, journey = keepsake.campaign, keepsake.edition, keepsake.journey
    person = journey.person if journey else None
    text = text or text_of(campaign, language or (person.language if person else campaign.language))
    with translation.override(text.language):
        personal = {
            "nickname": drawn_name(keepsake.name, text.language),
            "number": rules.in_groups(keepsake.number),
            "date": _date_of(keepsake),
            "award": edition.name,
        }
    chosen = chosen or chosen_for(campaign, edition.kind, keepsake.pk)
    return drawing(chosen=chosen, text=text, code_text=address_of(keepsake), person=person, personal=personal)


def sample_of(edition: Edition, journey: Journey) -> Keepsake:
    """What this person would get, kept nowhere: its number is one that nobody has."""
    return Keepsake(
        workspace_id=edition.workspace_id,
        edition=edition,
        campaign=edition.campaign,
        journey=journey,
        number=rules.NO_NUMBER,
        name=journey.person.nickname,
    )


def undrawable(names: Iterable[str]) -> list[str]:
    """Those of the names that no picture shows whole."""
    return [name for name in names if fallen(name)]


def _date_of(keepsake: Keepsake) -> str:
    """Of a ticket the day and hour it is for, or nothing; of anything else the day it was given."""
    zone, begins = keepsake.campaign.zone, keepsake.edition.valid_from
    if keepsake.edition.is_ticket:
        return date_format(timezone.localtime(begins, zone), "DATETIME_FORMAT") if begins else ""
    return date_format(timezone.localtime(keepsake.issued_at, zone), "DATE_FORMAT")


def drawn_of(edition_id: UUID) -> QuerySet[Keepsake]:
    """The valid ones of an edition in their order, with all that a picture takes: what is made of many at once."""
    rows = Keepsake.objects.filter(edition=edition_id, revoked_at=None, journey__isnull=False)
    return rows.select_related("edition", "campaign__workspace", "journey__person__avatar").order_by("id")
