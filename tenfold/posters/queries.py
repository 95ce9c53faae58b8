"""What a campaign's posters and keepsakes say, and which design whom they are for gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenfold.campaigns.models import Campaign
from tenfold.imaging.design import Design, read_design
from tenfold.imaging.qr import CodeFacts
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.posters import rules
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign, PosterText


def text_of(campaign: Campaign, language: str) -> PosterText:
    """The texts in this language, else in the campaign's own; with none written, the campaign's name alone."""
    return text_among(campaign.poster_texts.select_related("workspace"), campaign, language)


def text_among(texts: Iterable[PosterText], campaign: Campaign, language: str) -> PosterText:
    """As `text_of`, with the campaign's texts already at hand."""
    written = {text.language: text for text in texts}
    found = written.get(language) or written.get(campaign.language) or next(iter(written.values()), None)
    return found or PosterText(campaign=campaign, language=language, title=campaign.name[:60])


@dataclass(frozen=True)
class Chosen:
    """A design as somebody gets it. `key` changes exactly when its look may: a version's id, or a ready design's name
    and digest. `variant` is "A" or "B", or empty for a ready design."""

    key: str
    design: Design
    variant: str = ""
    facts: CodeFacts | None = None


def chosen_for(campaign: Campaign, kind: str, key: UUID) -> Chosen:
    """The design of a kind for whoever `key` stands for (the id of their live code): of A and B always the same one.
    A campaign without a design in use gets a ready one."""
    return chosen_among(in_use(campaign, kind), kind, key)


def in_use(campaign: Campaign, kind: str) -> dict[str, UUID]:
    """The versions that people get, by variant."""
    used = PosterDesign.objects.filter(campaign=campaign, kind=kind, shown__isnull=False).exclude(variant="")
    return {variant: shown for variant, shown in used.values_list("variant", "shown_id") if shown}


def in_use_at(campaign: Campaign, kind: str, moment: datetime) -> dict[str, UUID]:
    """Of the designs in use now the versions that were shown at a moment; of one that is younger, its first."""
    used = DesignVersion.objects.filter(design__campaign=campaign, design__kind=kind)
    rows = used.exclude(design__variant="").order_by("-number")
    found: dict[str, UUID] = {}
    found_at: dict[str, datetime] = {}
    for variant, version_id, made_at in rows.values_list("design__variant", "id", "created_at"):
        if variant not in found or found_at[variant] > moment:
            found[variant], found_at[variant] = version_id, made_at
    return found


def has_design_at(campaign: Campaign, kind: str, moment: datetime) -> bool:
    """Whether any design of a kind was there at a moment; else people got a ready one."""
    return DesignVersion.objects.filter(
        design__campaign=campaign, design__kind=kind, created_at__lte=moment
    ).exists()


def has_changed_since(campaign: Campaign, kind: str, moment: datetime) -> bool:
    """Whether another version or another variant is in use than at a moment."""
    saved = DesignVersion.objects.filter(design__campaign=campaign, design__kind=kind, created_at__gt=moment)
    chosen = Entry.objects.filter(campaign_id=campaign.id, kind=Fact.VARIANT_CHOSEN, at__gt=moment)
    return saved.exclude(design__variant="").exists() or chosen.exists()


def chosen_among(versions: Mapping[str, UUID], kind: str, key: UUID) -> Chosen:
    """As `chosen_for`, with the versions by variant already at hand."""
    if not versions:
        ready = rules.default_of(kind)
        return Chosen(ready.key, ready.design)
    variant = rules.variant_of(key, list(versions))
    design, facts = _version(versions[variant])
    return Chosen(versions[variant].hex, design, variant, facts)


@lru_cache(maxsize=256)
def _version(version_id: UUID) -> tuple[Design, CodeFacts | None]:
    """Read once a process: versions never change."""
    content, code = DesignVersion.objects.values_list("content", "code").get(pk=version_id)
    return read_design(content), CodeFacts(**code) if code else None


def design_of_version(version_id: UUID) -> Design:
    return _version(version_id)[0]


def designs_of(campaign: Campaign, kind: str = PosterDesign.Kind.POSTER) -> list[PosterDesign]:
    """Those of a kind, the ones in use first."""
    found = campaign.designs.filter(kind=kind).select_related("shown__operator")
    return sorted(found, key=lambda design: (design.variant or "Z", design.pk))


def pictures_of(design: Design, workspace_id: UUID) -> dict[str, bytes]:
    """What the design needs to be drawn; a picture that is gone is left out."""
    kept = DesignPicture.objects.filter(workspace_id=workspace_id, sha256__in=design.pictures)
    return {sha: bytes(content) for sha, content in kept.values_list("sha256", "picture__content")}


def shared_values(text: PosterText) -> dict[str, str]:
    """What a design's shared variables stand for, in the language of `text`, which need not be saved."""
    campaign = text.campaign
    with translation.override(text.language), timezone.override(campaign.zone):
        return {
            **{name: getattr(text, name) for name in ("title", "subtitle", "endorsement", "offer")},
            "points": "\n".join(line.strip() for line in text.points.splitlines() if line.strip()),
            "brand": (text.workspace if text.workspace_id else campaign.workspace).name,
            "campaign": campaign.name,
            "scan_hint": _("Scan to join"),
            "starts": _day(campaign.starts_at or campaign.launched_at),
            "ends": _day(campaign.ends_at),
        }


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""
