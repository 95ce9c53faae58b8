"""Pictures of designs as the engine draws them for somebody: for the stage, for cards, and as files."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.console.designer_people import sample
from tenfold.console.editor_poster import seed_code
from tenfold.imaging.compose import Given, MediaType, prepare, whole
from tenfold.imaging.design import Design
from tenfold.imaging.measure import Fit, measure
from tenfold.posters.drawing import drawing
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import DesignVersion
from tenfold.posters.queries import Chosen, design_of_version, pictures_of, shared_values, text_of

STAGE_QUALITY, CHAT_QUALITY, CARD_QUALITY = 88, 60, 82
# What a chat makes of a picture 1080 wide: about three quarters of its pixels on a side go.
CHAT_SHARE = 0.28
CARD_SIDE = 520


@dataclass(frozen=True)
class Drawn:
    """A design drawn for somebody, with what each text came to."""

    image: Image.Image
    fits: list[Fit]


def code_text_of(code: LiveCode | None) -> str:
    """The live code's address, or one that looks like it where there is no code yet."""
    return address_of(code) if code else f"{settings.PUBLIC_URL}/C/00000000".upper()


def drawn(campaign: Campaign, design: Design, *, language: str, person: str) -> Drawn:
    """For the sort of person `person` names, with the campaign's texts as they are saved and its first code."""
    text = text_of(campaign, language)
    shared, someone = shared_values(text), sample(person, text.language)
    pictures = pictures_of(design, campaign.workspace_id)
    ground = prepare(design, shared, language=text.language, pictures=pictures)
    code = code_text_of(seed_code(campaign))
    image = whole(ground, Given(someone.values, text.language, code, someone.avatar))
    return Drawn(image, measure(design, shared | someone.values, text.language))


def told(fits: list[Fit]) -> dict[str, str]:
    """What does not fit, by layer, as a sentence."""
    return {fit.id: said for fit in fits if (said := _said(fit))}


def _said(fit: Fit) -> str:
    if fit.is_cut:
        return _("Cut off, even at %(size)s px.") % {"size": fit.size}
    if fit.is_broken:
        return _("A word does not fit on a line, and is broken.")
    return (
        _("Cannot be drawn as written: %(letters)s") % {"letters": " ".join(fit.fell_back)}
        if fit.fell_back
        else ""
    )


def jpeg(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def small(image: Image.Image, share: float) -> Image.Image:
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    return image.resize(size, Image.Resampling.LANCZOS)


def card(campaign: Campaign, design: Design, language: str) -> bytes:
    """A JPEG small enough for a list."""
    image = drawn(campaign, design, language=language, person="usual").image
    return jpeg(small(image, min(1.0, CARD_SIDE / max(image.size))), quality=CARD_QUALITY)


def as_file(version: DesignVersion, code: LiveCode, language: str, media_type: MediaType) -> bytes:
    """A version as it is handed to seed users: with a channel's code, naming nobody."""
    chosen = Chosen(version.id.hex, design_of_version(version.id))
    text = text_of(code.campaign, language)
    poster = drawing(chosen=chosen, text=text, code_text=address_of(code), person=None)
    return picture_of(poster, media_type=media_type)
