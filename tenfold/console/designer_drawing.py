"""Pictures of designs as the engine draws them for somebody: for the stage, for cards, and as files."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image

from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import address_of
from tenfold.console.designer_people import Sample, sample
from tenfold.console.editor_poster import seed_code
from tenfold.imaging.checks import CHAT_QUALITY, CHAT_SHARE
from tenfold.imaging.compose import Given, MediaType, prepare, whole
from tenfold.imaging.design import Design, Flaw, Flawed
from tenfold.imaging.measure import Fit, measure
from tenfold.posters.checking import POSTERS, sample_codes
from tenfold.posters.drawing import ENGINE, drawing
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import DesignVersion, PosterText
from tenfold.posters.queries import chosen_among, pictures_of, shared_values, text_of
from tenfold.posters.rules import DesignRefused

STAGE_QUALITY, CARD_QUALITY = 88, 82
CARD_SIDE = 520
MOST_TOLD, MOST_LETTERS = 20, 8
MOST_CARDS = 256  # of some 30 KB each
_cards: OrderedDict[str, bytes] = OrderedDict()
_cards_lock = threading.Lock()


@dataclass(frozen=True)
class Drawn:
    """A design drawn for somebody, with what each text came to."""

    image: Image.Image
    fits: list[Fit]


def code_text_of(campaign: Campaign, kind: str) -> str:
    """What the code says: on a poster the first seed channel's address, else one that looks like what it will be."""
    code = seed_code(campaign) if kind in POSTERS else None
    return address_of(code) if code else sample_codes(campaign, kind)[0]


def drawn(campaign: Campaign, design: Design, *, language: str, person: str) -> Drawn:
    """For the sort of person `person` names, with the campaign's texts as they are saved. Raises DesignRefused for what
    only shows in drawing: a picture that is damaged, a code too small for its address."""
    text = text_of(campaign, language)
    shared, someone = shared_values(text), sample(person, text.language)
    image = _image(campaign, design, text, someone)
    return Drawn(image, measure(design, shared | someone.values, text.language))


def _image(campaign: Campaign, design: Design, text: PosterText, someone: Sample) -> Image.Image:
    pictures = pictures_of(design, campaign.workspace_id)
    given = Given(someone.values, text.language, code_text_of(campaign, design.kind), someone.avatar)
    try:
        ground = prepare(design, shared_values(text), language=text.language, pictures=pictures)
        return whole(ground, given)
    except Flawed as flawed:
        raise DesignRefused(flaws=flawed.flaws) from flawed
    except ValueError as error:
        raise DesignRefused(flaws=[Flaw("layers", "code_too_small")]) from error


def told(fits: list[Fit]) -> dict[str, str]:
    """What does not fit, by layer, as a sentence; the first few, since it travels in a header."""
    found = {fit.id: said for fit in fits if (said := _said(fit))}
    return dict(list(found.items())[:MOST_TOLD])


def _said(fit: Fit) -> str:
    if fit.is_cut:
        return _("Cut off, even at %(size)s px.") % {"size": fit.size}
    if fit.is_broken:
        return _("A word does not fit on a line, and is broken.")
    return (
        _("Cannot be drawn as written: %(letters)s") % {"letters": " ".join(fit.fell_back[:MOST_LETTERS])}
        if fit.fell_back
        else ""
    )


def jpeg(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def small(image: Image.Image, share: float, *, reducing_gap: float | None = None) -> Image.Image:
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=reducing_gap)


def as_in_chat(image: Image.Image) -> bytes:
    """As a chat's list of messages shows it: the size and the compression that saving checks the code with."""
    return jpeg(small(image, CHAT_SHARE), quality=CHAT_QUALITY)


def looks_of(campaign: Campaign, keys: Iterable[str], language: str) -> dict[str, str]:
    """By what each of `keys` stands for a design with: a digest that changes exactly when its card does."""
    text, code = text_of(campaign, language), seed_code(campaign)
    shared = sorted(shared_values(text).items())
    # The code is too small on a card to be read, but whose it is shows in its pattern.
    same = (ENGINE, CARD_SIDE, CARD_QUALITY, campaign.workspace_id, text.language, shared, code and code.slug)
    return {
        key: hashlib.sha256(repr((same, key)).encode("utf-8", "replace")).hexdigest()[:32] for key in keys
    }


def card(campaign: Campaign, design: Design, language: str, look: str) -> bytes:
    """A JPEG small enough for a list, drawn once a process; `look` from `looks_of`."""
    with _cards_lock:
        if look in _cards:
            _cards.move_to_end(look)
            return _cards[look]
    text = text_of(campaign, language)
    image = _image(campaign, design, text, sample("usual", text.language))
    share = min(1.0, CARD_SIDE / max(image.size))
    made = jpeg(small(image, share, reducing_gap=2.0), quality=CARD_QUALITY)
    with _cards_lock:
        _cards[look] = made
        while len(_cards) > MOST_CARDS:
            _cards.popitem(last=False)
    return made


def as_file(campaign: Campaign, version: DesignVersion, language: str, media_type: MediaType) -> bytes:
    """A version as it is handed to seed users, naming nobody; of a keepsake, which is always somebody's, a sample."""
    kind = version.design.kind
    chosen = chosen_among({version.design.variant: version.id}, kind, version.id)
    text = text_of(campaign, language)
    personal = {} if kind in POSTERS else sample("usual", text.language).values
    code_text = code_text_of(campaign, kind)
    made = drawing(chosen=chosen, text=text, code_text=code_text, person=None, personal=personal)
    return picture_of(made, media_type=media_type)
