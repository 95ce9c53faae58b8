"""What saving does to a campaign that people are in already: whose poster changes at once, in words."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.posters.models import PosterDesign
from tenfold.posters.queries import in_use
from tenfold.posters.rules import halves_changed

Kind = PosterDesign.Kind


def told(campaign: Campaign, design: PosterDesign, before: Mapping[str, UUID]) -> str:
    """After saving: who gets another poster than with the versions in use `before`."""
    if design.kind != Kind.POSTER:
        return ""
    return _said(_people(campaign), halves_changed(before, in_use(campaign, design.kind)))


def told_before(campaign: Campaign, design: PosterDesign | None) -> dict[str, str]:
    """Before saving, for each variant that may be chosen along with it; empty where nobody's poster changes."""
    if design is not None and design.kind != Kind.POSTER:
        return {}
    count = _people(campaign)
    before: dict[str, object] = dict(in_use(campaign, Kind.POSTER))
    others = dict(before)
    if design is not None:
        others.pop(design.variant, None)
    found = {}
    for variant in PosterDesign.Variant.values:
        after = others | ({variant: "the next"} if variant else {})
        said = _said(count, halves_changed(before, after))
        found[variant] = _("When you save: %(what)s") % {"what": said} if said else ""
    return found


def _people(campaign: Campaign) -> int:
    return Journey.objects.filter(campaign=campaign).count() if campaign.state != Campaign.State.DRAFT else 0


def _said(count: int, halves: int) -> str:
    if not count or not halves:
        return ""
    if halves == 1:
        said = ngettext(
            "%(count)s person has joined and may get the new poster from now on; those that were forwarded stay as"
            " they are, and their codes still work.",
            "%(count)s people have joined, and about half of them get the new poster from now on; those that were"
            " forwarded stay as they are, and their codes still work.",
            count,
        )
        return said % {"count": count}
    said = ngettext(
        "%(count)s person gets the new poster from now on; those that were forwarded stay as they are, and their"
        " codes still work.",
        "%(count)s people get the new poster from now on; those that were forwarded stay as they are, and their"
        " codes still work.",
        count,
    )
    return said % {"count": count}
