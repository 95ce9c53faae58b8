"""The claimed code on a poster: proven where it is, also where no reader reads it, and never where it is not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from tenfold.imaging.arts import prepared
from tenfold.imaging.plain_codes import plain_modules
from tenfold.imaging.proving import MARGIN, margins, prove
from tenfold.imaging.qr import read_codes
from tenfold.imaging.registering import modules_box, place
from tenfold.imaging.seen import PROVEN, CodeSeen, PosterSeen
from tests.imaging.shots import OTHER, OWN, PREFIX, Campaign, campaign, pixels, screen, sent

AT = (190, 420)
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def seen_in(shot: bytes, of: Campaign) -> PosterSeen:
    seen = place(pixels(shot), prepared(of.art))
    assert seen is not None
    assert seen.score >= PROVEN
    return seen


def looked_at(shot: bytes, of: Campaign, text: str = OWN, *, knows_facts: bool = True) -> CodeSeen:
    return prove(pixels(shot), seen_in(shot, of), of.claim(text, knows_facts=knows_facts))


def thumbnail(poster: Image.Image, width: int = 150) -> bytes:
    """So small that nobody reads its code."""
    shot = sent(screen((poster, width, AT)), quality=55, blur=1.1)
    assert read_codes(shot) == []
    return shot


def with_code(of: Campaign, modules: np.ndarray) -> Image.Image:
    """The poster with a code that another writer drew."""
    poster, box = of.poster(), modules_box(of.code.corners, len(modules))
    poster.paste((255, 255, 255), of.code.corners)
    side = box[2] - box[0]
    drawn = Image.fromarray(255 - modules * 255).resize((side, side), Image.Resampling.NEAREST)
    poster.paste(drawn, box[:2])
    return poster


@pytest.mark.parametrize("name", ["poster-bold", "poster-festive", "distribution-cobalt"])
def test_readable_code_is_read(name: str) -> None:
    shot = sent(screen((campaign(name).poster(), 420, AT)))
    code = looked_at(shot, campaign(name))
    assert code.proven == "decoded"
    assert code.module > 1.5
    assert code.quad is not None


@pytest.mark.parametrize("knows_facts", [True, False])
@pytest.mark.parametrize("name", ["poster-bold", "poster-calm", "distribution-cobalt"])
def test_code_too_small_to_be_read_is_proven_by_its_modules(name: str, knows_facts: bool) -> None:
    shot = thumbnail(campaign(name).poster())
    code = looked_at(shot, campaign(name), knows_facts=knows_facts)
    assert code.proven == "matched"
    assert code.margin >= MARGIN
    assert code.module < 2
    assert code.quad is not None


@pytest.mark.parametrize("knows_facts", [True, False])
def test_code_of_somebody_else_is_never_proven(knows_facts: bool) -> None:
    shot = thumbnail(campaign().poster(OTHER))
    code = looked_at(shot, campaign(), knows_facts=knows_facts)
    assert code.proven == ""
    assert code.margin < MARGIN / 2
    readable = sent(screen((campaign().poster(OTHER), 500, AT)))
    assert looked_at(readable, campaign(), knows_facts=knows_facts).proven == ""
    assert looked_at(readable, campaign(), OTHER, knows_facts=knows_facts).proven == "decoded"


@pytest.mark.parametrize("width", [180, 700])
def test_hundreds_of_impostors_stay_far_below(width: int) -> None:
    dice = random.Random(width)
    shot = sent(screen((campaign().poster(), width, AT)))
    seen = seen_in(shot, campaign())
    texts = [PREFIX + "".join(dice.choices(BASE32, k=8)) for _nth in range(100)]
    for facts in (campaign().facts, None):
        assert max(margins(pixels(shot), seen, campaign().art, texts, facts)) < MARGIN / 2
        assert margins(pixels(shot), seen, campaign().art, [OWN], facts)[0] > MARGIN


@pytest.mark.parametrize("level", ["M", "Q"])
@pytest.mark.parametrize(("mask", "starts_empty"), [(0, True), (5, False)])
def test_code_of_another_writer_is_proven_too(level: str, mask: int, starts_empty: bool) -> None:
    text = "https://other.example/j/AbC123xyz0"
    modules = plain_modules([text], level, masks=[mask], starts_empty=starts_empty)
    assert modules is not None
    of = campaign("distribution-cobalt")
    shot = thumbnail(with_code(of, modules[0, 0]))
    assert looked_at(shot, of, text, knows_facts=False).proven == "matched"
    assert looked_at(shot, of, "https://other.example/j/0zyx321CbA", knows_facts=False).proven == ""


def test_logo_in_the_middle_does_no_harm() -> None:
    poster = campaign("distribution-cobalt").poster()
    left, top, right, bottom = campaign("distribution-cobalt").code.corners
    middle, reach = ((left + right) // 2, (top + bottom) // 2), (right - left) // 12
    logo = (middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach)
    poster.paste((7, 160, 90), logo)
    assert looked_at(thumbnail(poster), campaign("distribution-cobalt")).proven == "matched"


def test_poster_whose_code_is_cut_off_proves_nothing() -> None:
    square = campaign().poster().crop((0, 420, 1080, 1500))
    shot = sent(screen((square, 300, AT)))
    code = looked_at(shot, campaign())
    assert code.proven == ""
    assert code.margin < MARGIN / 2


def test_own_code_beside_the_poster_of_another_proves_nothing() -> None:
    own_code = campaign().poster(OWN).crop(campaign().code.corners)
    image = screen((campaign().poster(OTHER), 500, AT))
    image.paste(own_code.resize((300, 300), Image.Resampling.LANCZOS), (740, 500))
    shot = sent(image)
    read = read_codes(shot)
    assert {code.text for code in read} == {OWN, OTHER}
    seen = seen_in(shot, campaign())
    assert prove(pixels(shot), seen, campaign().claim(OWN), read).proven == ""
    assert prove(pixels(shot), seen, campaign().claim(OTHER), read).proven == "decoded"


@pytest.mark.parametrize("text", ["", "点", "x" * 4000, "A", "https://a.example/?a=b&c=%20"])
def test_odd_claims_are_answered(text: str) -> None:
    shot = thumbnail(campaign().poster())
    for knows_facts in (True, False):
        assert looked_at(shot, campaign(), text, knows_facts=knows_facts).proven == ""
