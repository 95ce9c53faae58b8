"""What more than one caller asks of codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from tenfold.base.keys import read_slug
from tenfold.codes.models import LiveCode, Scan, ScanTally


def address_of(code: LiveCode) -> str:
    """What the QR says. Upper case, so that it is written in the alphanumeric mode: fewer modules."""
    return f"{settings.PUBLIC_URL}/C/{code.slug}".upper()


def code_by_slug(slug: str) -> LiveCode | None:
    return LiveCode.objects.select_related("campaign", "channel").filter(slug=slug).first()


def first_touch(*, campaign_id: UUID, visitor_id: UUID) -> LiveCode | None:
    """The code by which this visitor came to the campaign first; later ones change nothing."""
    touches = Scan.objects.filter(campaign_id=campaign_id, visitor_id=visitor_id, is_first=True)
    touch = touches.select_related("code").first()
    return touch.code if touch else None


@dataclass(frozen=True)
class Tally:
    """How often codes were opened, and by how many visitors for the first time."""

    scan_count: int = 0
    visitor_count: int = 0


def tally_of(campaign_id: UUID) -> Tally:
    """Of all codes of a campaign together."""
    sums = ScanTally.objects.filter(campaign_id=campaign_id).aggregate(
        scans=Sum("scan_count"), visitors=Sum("visitor_count")
    )
    return Tally(sums["scans"] or 0, sums["visitors"] or 0)


def tallies(campaign_ids: Iterable[UUID]) -> dict[UUID, Tally]:
    """By source: a channel, or a campaign for all its participants' own codes together."""
    found = ScanTally.objects.filter(campaign_id__in=campaign_ids).order_by().values_list("source_id")
    summed = found.annotate(scans=Sum("scan_count"), visitors=Sum("visitor_count"))
    return {source: Tally(scans, visitors) for source, scans, visitors in summed}


def is_own_code(text: str) -> bool:
    """Whether a decoded text is an address of ours, or elsewhere the address of a live code that is ours by its slug
    (one machine has several names)."""
    text = text.strip().upper()
    if f"{text}/".startswith(f"{settings.PUBLIC_URL.upper()}/"):
        return True
    slug = slug_in(text)
    return slug is not None and code_by_slug(slug) is not None


def slug_in(text: str) -> str | None:
    """Of what reads like the address of a live code, on whichever machine."""
    _head, is_code, tail = re.split(r"[?#]", text.strip().upper())[0].partition("/C/")
    return read_slug(tail.split("/")[0]) if is_code else None
