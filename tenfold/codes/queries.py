"""What more than one caller asks of codes."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from tenfold.base.keys import read_slug
from tenfold.codes.models import FirstTouch, LiveCode


def address_of(code: LiveCode) -> str:
    """What the QR says. Upper case, so that it is written in the alphanumeric mode: fewer modules."""
    return f"{settings.PUBLIC_URL}/C/{code.slug}".upper()


def code_by_slug(slug: str) -> LiveCode | None:
    return LiveCode.objects.select_related("campaign", "channel").filter(slug=slug).first()


def first_touch(*, campaign_id: UUID, visitor_id: UUID) -> FirstTouch | None:
    found = FirstTouch.objects.select_related("code").filter(campaign_id=campaign_id, visitor_id=visitor_id)
    return found.first()


def is_own_code(text: str) -> bool:
    """Whether a decoded text is the address of a live code, ours by its host or by its slug."""
    head, _sep, tail = text.upper().rpartition("/C/")
    slug = read_slug(tail.split("?")[0].rstrip("/")) if head else None
    return slug is not None and (head == settings.PUBLIC_URL.upper() or code_by_slug(slug) is not None)
