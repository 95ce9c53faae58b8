"""What more than one caller asks of codes."""

from __future__ import annotations

import re
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
    """Whether a decoded text is an address of ours, or elsewhere the address of a live code that is ours by its slug
    (one machine has several names)."""
    text = text.strip().upper()
    if f"{text}/".startswith(f"{settings.PUBLIC_URL.upper()}/"):
        return True
    _head, is_code, tail = re.split(r"[?#]", text)[0].partition("/C/")
    slug = read_slug(tail.split("/")[0]) if is_code else None
    return slug is not None and code_by_slug(slug) is not None
