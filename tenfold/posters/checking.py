"""Looking a design through before it is kept: what it says, what it draws, and whether its code can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from PIL import Image

from tenfold.accounts.models import Language
from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import address_of
from tenfold.imaging import checks as measured
from tenfold.imaging.compose import Given, Ground, prepare, whole
from tenfold.imaging.design import Design, Flaw, Flawed, read_design
from tenfold.imaging.layers import Code, Text
from tenfold.imaging.measure import measure
from tenfold.imaging.qr import code_facts
from tenfold.imaging.values import SLOTS
from tenfold.imaging.variables import names_in
from tenfold.posters import rules
from tenfold.posters.models import DesignPicture, PosterDesign
from tenfold.posters.queries import pictures_of, shared_values, text_of
from tenfold.posters.rules import Check, State

Kind = PosterDesign.Kind
POSTERS = (Kind.POSTER, Kind.DISTRIBUTION)
# Numbers of keepsakes are so long; an address that only looks like one stands for all of them.
SAMPLE_NUMBER = "0" * 17
# One code may be read by luck: these are tried beside the campaign's own.
OTHER_SLUGS = ("00000000", "Z7Q2M9XK")
USUAL_NAME, LONGEST_NAME = "陈小明 Ming", "Maximiliana-Wilhelmina 欧阳若曦的读书小组 Xiaoling"
PERSONAL = {
    "number": "0000-0000-0000-0000-0",
    "date": "2026-12-31",
    "award": "Ten",
    "rank": "10",
    "group": "1",
}


@dataclass(frozen=True)
class Looked:
    """A design that can be drawn, with what was found; `code` as `DesignVersion.code`."""

    design: Design
    checks: tuple[Check, ...]
    code: dict[str, Any]

    @property
    def is_refused(self) -> bool:
        return any(check.state == State.REFUSED for check in self.checks)


def looked_through(campaign: Campaign, kind: str, content: object) -> Looked:
    """Everything that saving looks at, with nothing saved; takes a good part of a second. Raises DesignRefused for
    data that is no design."""
    design = design_of(campaign, kind, content)
    pictures = pictures_of(design, campaign.workspace_id)
    codes = [layer for layer in design.layers if isinstance(layer, Code)]
    texts = sample_codes(campaign, kind)
    try:
        facts = code_facts(texts[0], level=codes[0].level) if codes else None
        found = [
            *_elements(design, campaign),
            *_foreign(design, pictures),
            *_of_codes(campaign, design, pictures, codes, texts),
            *_fits(campaign, design),
        ]
    except Flawed as flawed:  # a picture that cannot be opened any more
        raise rules.DesignRefused(flaws=flawed.flaws) from flawed
    except ValueError as error:  # a code too small for its address
        raise rules.DesignRefused(flaws=[Flaw("layers", "code_too_small")]) from error
    return Looked(design, tuple(found), asdict(facts) if facts else {})


def design_of(campaign: Campaign, kind: str, content: object) -> Design:
    """The design if it is well-formed, of this kind, and its pictures belong to the workspace; else DesignRefused."""
    known = DesignPicture.objects.filter(workspace_id=campaign.workspace_id).values_list("sha256", flat=True)
    try:
        design = read_design(content, pictures=frozenset(known))
    except Flawed as flawed:
        raise rules.DesignRefused(flaws=flawed.flaws) from flawed
    if design.kind != kind:
        raise rules.DesignRefused(
            flaws=[Flaw("kind", "unknown_kind", {"known": [kind], "name": design.kind})]
        )
    return design


def sample_codes(campaign: Campaign, kind: str) -> list[str]:
    """What codes of this kind say: first of all the campaign's own live code, where it is on them and there is one."""
    if kind not in POSTERS:
        return [f"{settings.PUBLIC_URL}/K/{SAMPLE_NUMBER}".upper()]
    code = campaign.codes.filter(channel__isnull=False).order_by("created_at").first()
    others = [f"{settings.PUBLIC_URL}/C/{slug}".upper() for slug in OTHER_SLUGS]
    return [address_of(code), *others] if code else others


def _elements(design: Design, campaign: Campaign) -> Iterator[Check]:
    """Of a poster all six elements, of anything else the code: each there or waived on purpose."""
    there = {layer.slot for layer in design.layers if not isinstance(layer, Code)} - {"code"}
    there |= {"code"} if any(isinstance(layer, Code) for layer in design.layers) else set()
    said = shared_values(text_of(campaign, campaign.language))
    for slot in SLOTS if design.kind in POSTERS else ("code",):
        if slot in there:
            is_empty = not said.get(slot, "code").strip()
            yield Check("element", State.WARNING if is_empty else State.OK, {"slot": slot})
        elif slot in design.waived:
            yield Check("element_waived", State.OK, {"slot": slot})
        else:
            yield Check("element", State.REFUSED, {"slot": slot})
    if design.kind not in POSTERS and "number" not in _variables(design):
        yield Check("number", State.WARNING)


def _variables(design: Design) -> set[str]:
    texts = (text for layer in design.layers if isinstance(layer, Text) for _language, text in layer.text)
    return {name for text in texts for name in names_in(text)}


def _foreign(design: Design, pictures: Mapping[str, bytes]) -> Iterator[Check]:
    """No picture brings a code along: it would be a group's, which fills up, or somebody else's."""
    found = {sha: codes for sha, data in pictures.items() if (codes := measured.codes_within(data))}
    for sha, codes in found.items():
        users = [
            layer.id
            for layer in design.layers
            if sha in (getattr(layer, name, "") for name in ("picture", "logo"))
        ]
        yield Check("foreign_code", State.REFUSED, {"text": codes[0][:120]}, users[0] if users else "")
    if pictures and not found:
        yield Check("foreign_code", State.OK)


def _of_codes(
    campaign: Campaign, design: Design, pictures: Mapping[str, bytes], codes: list[Code], texts: list[str]
) -> Iterator[Check]:
    if not codes:
        return
    ground = _ground(campaign, design, pictures)
    images = [whole(ground, _given(ground, text, USUAL_NAME)) for text in texts]
    for code in codes:
        yield rules.of_module(
            code.id, measured.module_in_chat(code, texts[0], design.width), measured.CHAT_WIDTH
        )
        yield rules.of_contrast(code.id, measured.contrast(code.dark, code.light))
        yield rules.of_quiet_zone(code.id, measured.quiet_modules(images[0], code, texts[0]))
    others = measured.other_codes(images[0], texts)
    about = {"text": others[0][:120]} if others else {}
    yield Check("live_code", State.REFUSED if others else State.OK, about, codes[0].id)
    if not others:  # readers that find two codes cannot say how well they read ours
        yield _reading(design, codes[0], images, texts)


def _reading(design: Design, code: Code, images: list[Image.Image], texts: list[str]) -> Check:
    """The worst of all samples counts."""
    found = [measured.reading(image, text) for image, text in zip(images, texts, strict=True)]
    return rules.of_reading(
        code.id,
        width=round(design.width * measured.CHAT_SHARE),
        read=min(len(readers) for readers, _smallest in found),
        of=len(measured.READERS),
        smallest=round(design.width * max(smallest for _readers, smallest in found)),
    )


def _ground(campaign: Campaign, design: Design, pictures: Mapping[str, bytes]) -> Ground:
    text = text_of(campaign, campaign.language)
    return prepare(design, shared_values(text), language=text.language, pictures=pictures)


def _given(ground: Ground, code_text: str, name: str) -> Given:
    return Given(PERSONAL | {"nickname": name, "invite": name}, ground.language, code_text)


def _fits(campaign: Campaign, design: Design) -> Iterator[Check]:
    """Every text in both languages; names as long as they may be are cut, which is no reason to refuse."""
    about_person = {layer.id for layer in design.layers if layer.is_about_person}
    for language in Language.values:
        shared = shared_values(text_of(campaign, language))
        fits = measure(design, shared | PERSONAL | {"nickname": USUAL_NAME, "invite": USUAL_NAME}, language)
        cut = [fit for fit in fits if fit.is_cut]
        for fit in cut:
            about = {"language": language, "size": fit.size}
            yield Check("fits", State.REFUSED, about, fit.id)
        if not cut:
            yield Check("fits", State.OK, {"language": language})
        for fit in fits:
            if fit.fell_back and fit.id not in about_person:
                lost = {"language": language, "glyphs": " ".join(fit.fell_back[:10])}
                yield Check("glyphs", State.WARNING, lost, fit.id)
    long = PERSONAL | {"nickname": LONGEST_NAME, "invite": LONGEST_NAME}
    for fit in measure(design, long, campaign.language):
        if fit.is_cut and fit.id in about_person:
            yield Check("fits_name", State.WARNING, {}, fit.id)
