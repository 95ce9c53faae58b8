"""Real looks at screenshots that somebody put together: a code of their own in a friend's, a friend's poster of another
art, an old post with a date. None of them is approved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from tenfold.imaging.examine import EVERYTHING, examine
from tenfold.imaging.qr import qr_image
from tenfold.imaging.seen import PERSON_ALIKE, Claim, Findings
from tenfold.imaging.shapes import Box
from tenfold.proofs.case import Owner
from tenfold.proofs.deciding import Judgement, decide, proves_own_code
from tenfold.proofs.models import Look, ReviewPlan
from tests.imaging import samples
from tests.imaging.shots import OTHER, OWN, Campaign, campaign, screen, sent

AT = (190, 420)
FACE = samples.encoded(samples.photograph(256, 256), "JPEG")
FRIEND_S = samples.encoded(samples.drawing(256, 256), "JPEG")
BELONGS: dict[str, Owner] = {OWN: "own", OTHER: "other_person"}


def own_of(made: Campaign) -> bytes:
    return samples.encoded(made.poster(OWN, "小美", FACE), "JPEG", quality=90)


def claim_of(*made: Campaign) -> Claim:
    arts, posters = tuple(each.art for each in made), tuple(own_of(each) for each in made)
    return Claim(arts, OWN, made[0].facts, posters=posters)


def friend_s(made: Campaign, at: Box, cover: str = "") -> Image.Image:
    """A friend's poster with a code of one's own put in; the friend's may be made illegible before."""
    poster, code = made.poster(OTHER, "王大锤", FRIEND_S).convert("RGB"), made.code.corners
    if cover == "blocks":
        small = poster.crop(code).resize((14, 14))
        poster.paste(small.resize((code[2] - code[0], code[3] - code[1]), Image.Resampling.NEAREST), code[:2])
    if cover == "white":
        poster.paste((255, 255, 255), code)
    side = min(at[2] - at[0], at[3] - at[1])
    put_in = qr_image(OWN, module=8).convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    poster.paste(put_in, at[:2])
    return poster


def judged(found: Findings, plan: ReviewPlan | None = None) -> Judgement:
    return decide(found, plan or ReviewPlan(needs_everyone=False), BELONGS, None)


@pytest.mark.parametrize("cover", ["blocks", "white", ""])
@pytest.mark.parametrize("place", ["face", "corner"])
def test_an_own_code_put_into_a_friend_s_poster_is_not_approved(place: str, cover: str) -> None:
    made = campaign("distribution-cobalt")
    assert made.art.avatar_box
    at = made.art.avatar_box if place == "face" else (20, 20, 200, 200)
    found = examine(sent(screen((friend_s(made, at, cover), 800, AT)), quality=85), claim_of(made))
    assert OWN in [code.text for code in found.codes]
    assert not proves_own_code(found, BELONGS)
    told = judged(replace(found, screen="post"))
    assert told.outcome == Look.Outcome.ASK
    assert "other_code" in told.missing


def test_an_own_code_over_a_friend_s_leaves_the_friend_s_face() -> None:
    made = campaign("distribution-cobalt")
    poster = friend_s(made, made.code.corners)
    found = examine(sent(screen((poster, 620, AT)), quality=85), claim_of(made), wants=EVERYTHING)
    assert proves_own_code(found, BELONGS)
    told = judged(replace(found, screen="post"))
    assert (told.outcome, told.missing[0]) == (Look.Outcome.ASK, "person_differs")


@pytest.mark.parametrize(("nickname", "face", "is_own"), [("小美", FACE, True), ("王大锤", FRIEND_S, False)])
def test_face_and_name_are_compared_on_whichever_poster_it_is(
    nickname: str, face: bytes, is_own: bool
) -> None:
    first, second = campaign("poster-calm"), campaign("distribution-cobalt")
    poster = second.poster(OWN, nickname, face)
    claim = claim_of(first, second)
    found = examine(sent(screen((poster, 420, AT))), claim, wants=EVERYTHING)
    assert found.poster is not None
    assert found.poster.art == second.art.key
    assert found.person_share is not None
    assert (found.person_share >= PERSON_ALIKE) == is_own
