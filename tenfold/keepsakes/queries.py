"""What more than one caller asks of keepsakes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tenfold.campaigns.models import Campaign
from tenfold.keepsakes import rules
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.people.models import Journey

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
