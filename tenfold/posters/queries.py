"""The personal poster: the campaign's texts, the person's face and name, and their live code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.imaging.compose import PosterContent, render_poster
from tenfold.imaging.design import Design, read_design
from tenfold.people.models import Journey, Person
from tenfold.posters import rules
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign, PosterText

MediaType = Literal["image/png", "image/jpeg"]


@dataclass(frozen=True)
class Poster:
    """What is on a poster, and a tag that changes exactly when the picture would."""

    content: PosterContent
    etag: str


def text_of(campaign: Campaign, language: str) -> PosterText:
    """The texts in this language, else in the campaign's own; with none written, the campaign's name alone."""
    written = {text.language: text for text in campaign.poster_texts.all()}
    found = written.get(language) or written.get(campaign.language) or next(iter(written.values()), None)
    return found or PosterText(campaign=campaign, language=language, title=campaign.name[:60])


@dataclass(frozen=True)
class Chosen:
    """A design as somebody gets it. `key` changes exactly when its look may: a version's id, or a ready design's name
    and digest. `variant` is "A" or "B", or empty for a ready design."""

    key: str
    design: Design
    variant: str = ""


def chosen_for(campaign: Campaign, kind: str, key: UUID) -> Chosen:
    """The design of a kind for whoever `key` stands for (the id of their live code): of A and B always the same one.
    A campaign without a design in use gets a ready one."""
    in_use = PosterDesign.objects.filter(campaign=campaign, kind=kind, shown__isnull=False).exclude(
        variant=""
    )
    return chosen_among(dict(in_use.values_list("variant", "shown_id")), kind, key)


def chosen_among(versions: Mapping[str, UUID], kind: str, key: UUID) -> Chosen:
    """As `chosen_for`, with the versions by variant already at hand."""
    if not versions:
        ready = rules.default_of(kind)
        return Chosen(ready.key, ready.design)
    variant = rules.variant_of(key, list(versions))
    return Chosen(versions[variant].hex, design_of_version(versions[variant]), variant)


@lru_cache(maxsize=256)
def design_of_version(version_id: UUID) -> Design:
    """Read once a process: versions never change."""
    return read_design(DesignVersion.objects.values_list("content", flat=True).get(pk=version_id))


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
            "brand": campaign.workspace.name,
            "campaign": campaign.name,
            "scan_hint": _("Scan to join"),
            "starts": _day(campaign.starts_at or campaign.launched_at),
            "ends": _day(campaign.ends_at),
        }


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""


def poster_of(code: LiveCode, *, language: str) -> Poster:
    """A participant's poster, or that of a channel, which names nobody."""
    owner = Journey.objects.select_related("person__avatar").filter(code=code).first()
    return compose(text_of(code.campaign, language), address_of(code), owner.person if owner else None)


def compose(text: PosterText, address: str, person: Person | None) -> Poster:
    """Put a poster together; for a preview `text` need not be saved."""
    with translation.override(text.language):
        invite = _("%(name)s invites you") % {"name": person.nickname} if person else ""
        content = PosterContent(
            title=text.title,
            subtitle=text.subtitle,
            points=tuple(line.strip() for line in text.points.splitlines() if line.strip()),
            endorsement=text.endorsement,
            offer=text.offer,
            code_text=address,
            nickname=person.nickname if person else "",
            avatar=bytes(person.avatar.content) if person and person.avatar else None,
            invite_line=invite,
            scan_hint=_("Scan to join"),
            brand="Tenfold",
        )
    return Poster(content, hashlib.sha256(repr(content).encode()).hexdigest()[:32])


@lru_cache(maxsize=64)
def _rendered(content: PosterContent, media_type: MediaType) -> bytes:
    return render_poster(content, media_type=media_type)


def picture_of(poster: Poster, *, media_type: MediaType) -> bytes:
    """The poster's bytes. The last few stay in memory: a chat asks for the same one several times."""
    return _rendered(poster.content, media_type)
