"""The personal poster: the campaign's texts, the person's face and name, and their live code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.utils import translation
from django.utils.translation import gettext as _

from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.imaging.compose import PosterContent, render_poster
from tenfold.people.models import Journey, Person
from tenfold.posters.models import PosterText

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
