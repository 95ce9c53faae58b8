"""A whole look: everything in one answer, at the cost of what matters, and never an error for an odd picture."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from datetime import date
from unittest.mock import Mock

import pytest
from PIL import Image, ImageDraw

from tenfold.imaging import examine as door
from tenfold.imaging import looking
from tenfold.imaging.examine import EVERYTHING, can_look, examine
from tenfold.imaging.fonts import face
from tenfold.imaging.post import read_post
from tenfold.imaging.reading import Unreadable
from tenfold.imaging.seen import PERSON_ALIKE, PROVEN, Claim, Findings
from tests.imaging import samples
from tests.imaging.shots import OTHER, OWN, PREFIX, campaign, screen, sent

AT = (190, 420)
GREY, SMALL = (150, 150, 150), face(32)
FACE = samples.encoded(samples.photograph(256, 256), "JPEG")


def own_poster(text: str = OWN, nickname: str = "小美", face: bytes | None = FACE) -> Image.Image:
    return campaign("distribution-cobalt").poster(text, nickname, face)


def looked(image: Image.Image, text: str = OWN, poster: Image.Image | None = None) -> Findings:
    own = samples.encoded(poster, "JPEG", quality=90) if poster else b""
    return examine(sent(image), campaign("distribution-cobalt").claim(text, poster=own), wants=EVERYTHING)


def test_everything_about_a_post_is_in_one_answer() -> None:
    found = looked(screen((own_poster(), 420, AT)), poster=own_poster())
    assert (found.width, found.height) == (1080, 2280)
    assert [code.text for code in found.codes] == [OWN]
    assert found.poster is not None
    assert found.poster.score >= PROVEN
    assert found.code is not None
    assert found.code.proven == "decoded"
    assert found.post is not None
    assert found.person_share is not None
    assert found.person_share > PERSON_ALIKE
    assert found.fingerprint
    assert {"open", "codes", "poster", "code"} <= set(found.spent_ms)


@pytest.mark.parametrize(("right", "side"), [(1080, 1.0), (518, 0.48)])
def test_a_post_cut_to_look_like_a_message_is_read_as_the_post_it_is(right: int, side: float) -> None:
    """At the right edge, and narrow, stands what one sends oneself in a chat: which has no audience, but a post has."""
    poster = own_poster()
    shot = screen((poster, 320, AT))
    below = AT[1] + round(poster.height * 320 / poster.width) + 20
    for at, words, colour in ((190, "3天前", GREY), (320, "私密", GREY), (430, "删除", (60, 80, 140))):
        ImageDraw.Draw(shot).text((at, below), words, font=SMALL, fill=colour)
    found = looked(shot.crop((0, 0, right, shot.height)))
    assert found.screen == "post"
    assert found.post is not None
    assert found.post.audience == "restricted"
    assert found.width == round(side * 1080)


@pytest.mark.parametrize("mark", ["私密", "", "公开"])
def test_a_wide_post_cut_to_look_like_a_viewer_is_read_as_the_post_it_is(mark: str) -> None:
    """In a viewer nothing says who may see the picture; below a post something does, if it is not what the author
    wrote there, as it may be where no heading is to be seen."""
    poster = own_poster()
    shot = Image.new("RGB", (1080, 2280), "white")
    down = round(poster.height * 1000 / poster.width)
    shot.paste(poster.resize((1000, down)), (40, 100))
    found = looked(shot)
    assert (found.screen, found.post) == ("viewer", None)
    for at, words, colour in ((40, "3天前", GREY), (180, mark, GREY), (330, "删除", (60, 80, 140))):
        ImageDraw.Draw(shot).text((at, 100 + down + 20), words, font=SMALL, fill=colour)
    found = looked(shot)
    assert found.screen == "post"
    assert found.post is not None
    assert found.post.audience == "unknown"


def test_a_line_that_may_be_of_a_post_makes_it_no_viewer() -> None:
    poster = own_poster()
    shot = Image.new("RGB", (1080, 2280), "white")
    down = round(poster.height * 1000 / poster.width)
    shot.paste(poster.resize((1000, down)), (40, 100))
    for at, words in ((40, "3天前"), (180, "好友")):
        ImageDraw.Draw(shot).text((at, 100 + down + 20), words, font=SMALL, fill=GREY)
    assert looked(shot).screen == "unknown"


def test_what_stands_around_a_message_is_no_caption_of_it() -> None:
    shot = screen((own_poster(), 320, (700, 620)))
    for at, words in ((50, "21:07"), (860, "5G 81%")):
        ImageDraw.Draw(shot).text((at, 24), words, font=SMALL, fill="black")
    found = looked(shot)
    assert (found.screen, found.post) == ("chat", None)


def test_of_a_covered_poster_with_the_own_code_the_post_is_read() -> None:
    """A person is asked, and told what the post says; nothing is said of the kind of screen."""
    poster = own_poster()
    poster.paste((230, 40, 60), (0, 300, poster.width, 550))
    found = looked(screen((poster, 520, AT)))
    assert found.poster is not None
    assert found.poster.score < PROVEN
    assert found.code is not None
    assert found.code.proven == "decoded"
    assert found.screen == "unknown"
    assert found.post is not None


def test_face_and_name_of_somebody_else_are_noticed() -> None:
    other = own_poster(nickname="王大锤", face=samples.encoded(samples.drawing(256, 256), "JPEG"))
    found = looked(screen((own_poster(), 420, AT)), poster=other)
    assert found.person_share is not None
    assert found.person_share < PERSON_ALIKE
    assert looked(screen((own_poster(), 420, AT))).person_share is None


@pytest.mark.parametrize("width", [420, 150])
def test_own_poster_below_that_of_a_friend_is_the_one_that_counts(width: int) -> None:
    friend = own_poster(OTHER, "王大锤", None)
    found = looked(screen((friend, 400, (190, 300)), (own_poster(), width, (190, 1200))))
    assert found.poster is not None
    assert found.code is not None
    assert found.code.proven
    assert found.poster.quad[0][1] == pytest.approx(1200, abs=3)
    assert OTHER in [code.text for code in found.codes]


def test_foreign_code_in_a_small_poster_is_told() -> None:
    found = looked(screen((own_poster(OTHER), 230, AT)))
    assert found.poster is not None
    assert found.code is not None
    assert found.code.proven == ""
    assert OTHER in [code.text for code in found.codes]
    assert found.post is None  # what the post says matters no more


def test_second_art_of_a_claim_is_found() -> None:
    arts = campaign("poster-calm").art, campaign("poster-bold").art
    claim = Claim(arts, OWN, campaign("poster-bold").facts)
    found = examine(sent(screen((campaign("poster-bold").poster(), 150, AT))), claim)
    assert found.poster is not None
    assert found.poster.art == campaign("poster-bold").art.key
    assert found.code is not None
    assert found.code.proven


def test_codes_are_read_where_no_poster_is() -> None:
    code = campaign().poster().crop(campaign().code.corners)
    found = looked(screen((code, 300, AT)))
    assert found.poster is None or found.poster.score < PROVEN
    assert [code.text for code in found.codes] == [OWN]
    assert found.fingerprint
    assert looked(screen()).codes == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3), (64, 64)])
def test_odd_pictures_are_answered(size: tuple[int, int]) -> None:
    found = examine(samples.encoded(samples.photograph(*size), "PNG"), campaign().claim(), wants=EVERYTHING)
    assert (found.width, found.height) == size
    assert found.poster is None


@pytest.mark.parametrize(("sent_on", "today"), [("2026-12-31", date(2026, 12, 31)), ("", None)])
def test_dates_are_counted_from_the_day_it_was_sent(
    sent_on: str, today: date | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Mock(wraps=read_post)
    monkeypatch.setattr(looking, "read_post", asked)
    claim = replace(campaign("distribution-cobalt").claim(), sent_on=sent_on)
    examine(sent(screen((own_poster(), 420, AT))), claim, wants=EVERYTHING)
    assert asked.call_args.kwargs["today"] == today


def test_claim_without_arts_is_answered() -> None:
    found = examine(sent(screen((own_poster(), 420, AT))), Claim((), OWN), wants=EVERYTHING)
    assert found.poster is None
    assert found.code is not None
    assert found.code.proven == "decoded"


def test_no_picture_is_refused() -> None:
    with pytest.raises(Unreadable):
        examine(b"no picture", campaign().claim())


def test_without_opencv_codes_are_read_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_look()
    find = importlib.util.find_spec
    monkeypatch.setattr(door, "find_spec", lambda name: None if name == "cv2" else find(name))
    assert not can_look()
    found = looked(screen((own_poster(PREFIX + "ABCDEFGH"), 420, AT)))
    assert [code.text for code in found.codes] == [PREFIX + "ABCDEFGH"]
    assert found.poster is None
    assert (found.width, found.height) == (1080, 2280)
