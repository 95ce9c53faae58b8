"""Template tags for all pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
ICONS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "tabler-icons"


@cache
def _drawing(name: str) -> str:
    """The inside of an icon's file; the files are ours, so a wrong name is a mistake to hear of at once."""
    text = (ICONS / f"{name}.svg").read_text()
    return text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]


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
