"""The designs that come with the install: complete, readable, and in shape whatever they are filled with."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from functools import cache, lru_cache
from itertools import combinations
from typing import Any, cast

import pytest
from PIL import Image, ImageChops

from perf import contact_sheet
from perf.sheet_content import DIFFICULT, LANGUAGES, NORMAL, Case
from tenfold.imaging.compose import Ground, encode, prepare, whole
from tenfold.imaging.design import KINDS, Design, overlap, read_design, write_design
from tenfold.imaging.layers import Avatar, Code, Text
from tenfold.imaging.measure import measure
from tenfold.imaging.qr import qr_modules, read_codes
from tenfold.imaging.shapes import contrast, rgb
from tenfold.imaging.values import SLOTS
from tenfold.posters.rules import READY, ready_designs

pytestmark = pytest.mark.pages

FILES = sorted(READY.glob("*.json"))
NAMES = [path.stem for path in FILES]
UPRIGHT, SQUARE = (1080, 1920), (1080, 1080)
# What a chat makes of a picture: a thumbnail this much smaller, badly compressed.
THUMBNAIL, THUMBNAIL_QUALITY = 0.28, 60
ENOUGH = 4.5  # contrast of words, by WCAG
QUIET = 4
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


def content_of(name: str) -> dict[str, Any]:
    return dict(json.loads((READY / f"{name}.json").read_text("utf-8")))


@cache
def design_of(name: str) -> Design:
    return read_design(content_of(name)["design"], pictures=())


def texts_of(design: Design) -> list[Text]:
    return [layer for layer in design.layers if isinstance(layer, Text)]


def code_of(design: Design) -> Code:
    (code,) = [layer for layer in design.layers if isinstance(layer, Code)]
    return code


@lru_cache(maxsize=8)
def ground_of(name: str, language: str, shared: tuple[tuple[str, str], ...]) -> Ground:
    return prepare(design_of(name), dict(shared), language=language, pictures={})


def ground_in(name: str, case: Case) -> Ground:
    """Many cases differ in the person alone."""
    return ground_of(name, case.language, tuple(contact_sheet.shared_of(case).items()))


@lru_cache(maxsize=2)
def wordless(name: str) -> Image.Image:
    """The picture as it is below all words."""
    without = tuple(layer for layer in design_of(name).layers if not isinstance(layer, Text))
    return contact_sheet.drawn(replace(design_of(name), layers=without), NORMAL["en"])


# What there is


@pytest.mark.parametrize("name", NAMES)
def test_file_names_itself_for_people_and_for_programs(name: str) -> None:
    content = content_of(name)
    assert set(content) == {"name", "title", "mood", "design"}
    assert content["name"] == name
    assert set(content["title"]) == set(LANGUAGES)
    assert IDEOGRAPH.search(content["title"]["zh-hans"])
    assert not IDEOGRAPH.search(content["title"]["en"])


@pytest.mark.parametrize("name", NAMES)
def test_file_is_written_as_the_engine_writes_it(name: str) -> None:
    """Nothing in it is left to a default, and reading it loses nothing."""
    design = design_of(name)
    assert read_design(write_design(design)) == design


def test_every_kind_has_an_upright_and_a_square_design() -> None:
    sizes = {kind: set[tuple[int, int]]() for kind in KINDS}
    for name in NAMES:
        sizes[design_of(name).kind].add((design_of(name).width, design_of(name).height))
    assert all(found >= {UPRIGHT, SQUARE} for found in sizes.values())


def test_posters_come_in_three_moods_each_upright_and_square() -> None:
    posters = [name for name in NAMES if design_of(name).kind == "poster"]
    moods = {(content_of(name)["mood"], design_of(name).width, design_of(name).height) for name in posters}
    assert len({mood for mood, _, _ in moods}) == 3
    assert len(moods) == len(posters) == 6


def test_titles_tell_designs_of_a_kind_apart() -> None:
    for language in LANGUAGES:
        titles = [(ready.kind, ready.title[language]) for ready in ready_designs().values()]
        assert len(set(titles)) == len(titles) == len(FILES)


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_six_elements_has_its_slot_or_is_waived(name: str) -> None:
    design = design_of(name)
    slots = [layer.slot for layer in design.layers if layer.slot]
    assert len(set(slots)) == len(slots)
    assert set(slots) | set(design.waived) == set(SLOTS)
    assert not set(slots) & set(design.waived)
    assert code_of(design).slot == "code"
    if design.kind in ("poster", "distribution"):
        assert not design.waived
        assert any("{invite}" in text for layer in texts_of(design) for _, text in layer.text)
        assert any(isinstance(layer, Avatar) for layer in design.layers)
    else:
        assert all(
            any(part in text for layer in texts_of(design) for _, text in layer.text)
            for part in ("{nickname}", "{number}")
        )


@pytest.mark.parametrize("name", NAMES)
def test_slots_show_what_they_are_named_after(name: str) -> None:
    for layer in texts_of(design_of(name)):
        if layer.slot:
            assert all("{" + layer.slot + "}" in text for _, text in layer.text)


@pytest.mark.parametrize("name", NAMES)
def test_words_of_its_own_are_in_both_languages(name: str) -> None:
    for layer in texts_of(design_of(name)):
        texts = dict(layer.text)
        if "" in texts:  # the same in every language: nothing but variables
            assert not re.sub(r"\{\w+\}|[\s→]", "", texts[""])
            continue
        assert set(texts) == set(LANGUAGES)
        assert not IDEOGRAPH.search(texts["en"])
        assert not re.search("[A-Za-z]{2}", re.sub(r"\{\w+\}", "", texts["zh-hans"]))


# Shape


@pytest.mark.parametrize("name", NAMES)
def test_words_faces_and_codes_have_room_of_their_own(name: str) -> None:
    """Words never leave their box, so that no words of any length run into each other."""
    layers = [layer for layer in design_of(name).layers if isinstance(layer, Text | Avatar | Code)]
    meeting = [(one.id, other.id) for one, other in combinations(layers, 2) if overlap(one.box, other.box)]
    assert not meeting


@pytest.mark.parametrize("name", NAMES)
def test_margins_stay_free(name: str) -> None:
    design = design_of(name)
    for layer in texts_of(design):
        left, top, right, bottom = layer.corners
        assert min(left, top, design.width - right, design.height - bottom) >= 24, layer.id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_ordinary_words_fit(name: str, language: str) -> None:
    fits = {fit.id: fit for fit in measure(design_of(name), NORMAL[language].values, language)}
    assert not [fit.id for fit in fits.values() if fit.is_cut or fit.is_broken or fit.fell_back]
    smallest = min(fit.size for fit in fits.values() if fit.lines)
    assert smallest >= 22
    slots = {layer.slot: fits[layer.id] for layer in texts_of(design_of(name)) if layer.slot}
    assert all(slots["title"].size >= fit.size for fit in slots.values())


@pytest.mark.parametrize("name", NAMES)
def test_long_titles_fit_whole(name: str) -> None:
    """Sixty characters are the most that a title may have."""
    for case in (DIFFICULT["long"], DIFFICULT["words"]):
        fits = {fit.id: fit for fit in measure(design_of(name), case.values, case.language)}
        for layer in texts_of(design_of(name)):
            if layer.slot in ("title", "offer"):
                assert not fits[layer.id].is_cut, (case.language, layer.slot)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_words_are_whole_and_stand_out_from_what_lies_beneath(name: str, language: str) -> None:
    """Measured where ink fell: against the same picture without any words. Ink at the upper or the lower edge of a box
    would be letters that are cut off."""
    design, case, beneath = design_of(name), NORMAL[language], wordless(name)
    drawn = whole(ground_in(name, case), contact_sheet.given_of(design, case))
    difference = ImageChops.difference(drawn, beneath).convert("L")
    for layer in texts_of(design):
        ink = difference.crop(layer.corners).point(lambda value: 255 if value else 0)
        assert _edges(ink) == {0}, layer.id
        colours = _colours(beneath.crop(layer.corners), ink)
        assert colours, layer.id
        assert min(contrast(rgb(layer.colour), colour) for colour in colours) >= ENOUGH, layer.id


def _edges(ink: Image.Image) -> set[int]:
    """The values in the first and the last row."""
    width, height = ink.size
    return {*ink.crop((0, 0, width, 1)).tobytes(), *ink.crop((0, height - 1, width, height)).tobytes()}


def _colours(picture: Image.Image, mask: Image.Image) -> set[tuple[int, int, int]]:
    """Those of the picture where the mask is set."""
    four = picture.copy()
    four.putalpha(mask)
    found = cast(list[tuple[int, tuple[int, int, int, int]]], four.getcolors(four.width * four.height))
    return {(red, green, blue) for _, (red, green, blue, alpha) in found if alpha}


# The code


@pytest.mark.parametrize("name", NAMES)
def test_code_is_large_enough_for_long_addresses(name: str) -> None:
    design = design_of(name)
    code = code_of(design)
    assert code.box[2] >= 300
    assert contrast(rgb(code.dark), rgb(code.light)) >= 7
    for address in (contact_sheet.address_of(design), "HTTPS://PLEASE-JOIN.READING-CLUB.EXAMPLE/C/7K3M9QXP"):
        assert code.box[2] // (qr_modules(address, level=code.level).width + 2 * QUIET) >= 9


@pytest.mark.parametrize("case", [*NORMAL.values(), *DIFFICULT.values()], ids=[*NORMAL, *DIFFICULT])
@pytest.mark.parametrize("name", NAMES)
def test_code_is_read_from_a_thumbnail(name: str, case: Case) -> None:
    """Whatever the design is filled with; of the file that people get."""
    design = design_of(name)
    picture = encode(ground_in(name, case), contact_sheet.given_of(design, case), "image/jpeg")
    poster = Image.open(io.BytesIO(picture))
    assert poster.size == (design.width, design.height)
    small = contact_sheet.scaled(poster, THUMBNAIL)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    assert [code.text for code in read_codes(out.getvalue())] == [contact_sheet.address_of(design)]


def test_contact_sheet_shows_every_design_in_every_case() -> None:
    """Six pictures a row: with two designs in two languages one row, with four a second one of two."""
    gap = contact_sheet.GAP
    designs = [design_of(name) for name in ("poster-bold", "poster-bold-square")]
    assert contact_sheet.sheet_of(designs, NORMAL, 0.1).size == (5 * gap + 4 * 108, 2 * gap + 192)
    assert contact_sheet.sheet_of(designs * 2, NORMAL, 0.1).size == (7 * gap + 6 * 108, 3 * gap + 192 + 108)
