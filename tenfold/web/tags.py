"""Template tags for all pages."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from tenfold.base.keys import new_id
from tenfold.base.money import percent, written
from tenfold.imaging.texts import clusters

register = template.Library()
# Full-width punctuation and quotation marks.
_MARKS = r"\u2010-\u2027\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
# Chinese has no space before an address, and none behind it: there it ends, as WeChat has it.
_ADDRESS_OR_MARKS = re.compile(rf"((?<![!-~])https?://[!-~]+|[{_MARKS}]+)", re.IGNORECASE)
ICONS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "tabler-icons"


@cache
def _drawing(name: str) -> str:
    """The inside of an icon's file; the files are ours, so a wrong name is a mistake to hear of at once."""
    text = (ICONS / f"{name}.svg").read_text()
    return text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]


@register.simple_tag
def once() -> SafeString:
    """A hidden field that names what this form makes: sent twice, it still makes one."""
    return format_html('<input type="hidden" name="once" value="{}">', new_id())


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inline icon: `{% icon "gift" %}`. With a label it speaks to screen readers, without one it is silent."""
    aria = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    drawing = mark_safe(_drawing(name))  # noqa: S308 - our own files
    return format_html(
        '<svg class="icon" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        aria,
        drawing,
    )


@register.filter
def moment(at: datetime | None, zone: str = "") -> str:
    """A day and a time of day: `{{ at|moment:campaign.time_zone }}`. Without "p.m.", which ends in a full stop."""
    return _written(at, zone, pgettext("day and time, as Django's date filter writes it", "j M, H:i"))


@register.filter
def time_of_day(at: datetime | None, zone: str = "") -> str:
    return _written(at, zone, "H:i")


def _written(at: datetime | None, zone: str, form: str) -> str:
    if at is None:
        return ""
    return date_format(timezone.localtime(at, ZoneInfo(zone) if zone else None), form)


@register.filter
def linked(text: str, limit: int | None = None) -> SafeString:
    """What somebody wrote, escaped, with its addresses as links: `{{ post.text|linked:34 }}` writes them that short."""
    parts = _ADDRESS_OR_MARKS.split(str(text))
    made = (urlize(part, trim_url_limit=limit, nofollow=True, autoescape=True) for part in parts)
    return mark_safe("".join(made))  # noqa: S308 - each part is escaped


@register.filter
def initial(name: str) -> str:
    """What stands for somebody without a picture: an emoji of several parts stays whole."""
    return next(clusters(name), "").upper()


@register.filter
def money(amount: int | None, currency: str) -> str:
    """Of the smallest unit: `{{ grant.reward.amount|money:campaign.currency }}`."""
    return "" if amount is None else written(amount, currency)


@register.filter
def share(basis_points: int | None) -> str:
    return "" if basis_points is None else percent(basis_points)
