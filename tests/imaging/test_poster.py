"""The poster: its code is read wherever it ends up, and no text breaks its shape."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tenfold.imaging import poster as compose
from tenfold.imaging.argument import MOST_POINTS, argue, height_of
from tenfold.imaging.poster import CARD, FLOW, HEIGHT, MARGIN, WIDTH, PosterContent, render_poster
from tenfold.imaging.qr import read_codes
from tenfold.imaging.shapes import INK, PAPER
from tests.imaging import samples

ADDRESS = "HTTPS://TENFOLD.EXAMPLE/C/7K3M9QXP"
MEDIA: tuple[Literal["image/png", "image/jpeg"], ...] = ("image/png", "image/jpeg")

CHINESE = PosterContent(
    title="一百天，读完十本好书",
    subtitle="每天二十分钟，和一千位同伴一起把想读的书真正读完",
    points=("每日领读，难书也能读下去", "小组打卡，互相督促不掉队", "读完十本，赠送作者签名版"),
    endorsement="三百家书店联合推荐",
    offer="扫码免费入群\n前 500 名送电子书",
    code_text=ADDRESS,
    nickname="小美",
    avatar=None,
    invite_line="小美邀请你一起读",
    scan_hint="长按识别二维码入群",
    brand="十传读书会",
)
ENGLISH = PosterContent(
    title="Read ten good books in a hundred days",
    subtitle="Twenty minutes a day with a thousand people who don’t let each other quit.",
    points=("A guide for every chapter", "A small group that keeps you going"),
    endorsement="“The only reading club I never left.”",
    offer="Join free. First 500 get the e-book",
    code_text=ADDRESS,
    nickname="Mia",
    avatar=samples.encoded(samples.photograph(300, 200), "JPEG"),
    invite_line="Mia invites you",
    scan_hint="Scan to join the group",
    brand="Tenfold Reading Club",
)
EMPTY = PosterContent("", "", (), "", "", ADDRESS, "", None, "", "", "")
ENDLESS = PosterContent(
    title="很长的标题" * 100,
    subtitle="Antidisestablishmentarianism" * 20,
    points=("卖点，" * 170,) * 9,
    endorsement="said " * 100,
    offer="优惠！" * 170,
    code_text=ADDRESS,
    nickname="名字" * 250,
    avatar=None,
    invite_line="邀请" * 250,
    scan_hint="扫码 scan " * 50,
    brand="品牌" * 250,
)
HOSTILE = PosterContent(
    title="\u202eمرحبا\u202c بالعالم",
    subtitle="\u200b" * 500,
    points=("\0", "e" + "\u0301" * 400, "🌸" * 500),
    endorsement="<script>&amp;{{ title }}%s",
    offer="\r\n\r\n\t",
    code_text=ADDRESS,
    nickname="\u202e🦄\u200d",
    avatar=b"\x89PNG\r\n\x1a\nnot really",
    invite_line="🦄 邀请你",
    scan_hint="\ud800",
    brand="𝓑𝓻𝓪𝓷𝓭",
)
ALL = {"chinese": CHINESE, "english": ENGLISH, "empty": EMPTY, "endless": ENDLESS, "hostile": HOSTILE}


def drawn(content: PosterContent) -> Image.Image:
    return samples.decoded(render_poster(content, media_type="image/png")).convert("RGB")


def codes_of(data: bytes) -> list[str]:
    return [code.text for code in read_codes(data)]


def thumbnail(data: bytes) -> bytes:
    """What a chat makes of a poster: a quarter of its size, badly compressed."""
    poster = samples.decoded(data).convert("RGB")
    small = poster.resize((round(WIDTH * 0.28), round(HEIGHT * 0.28)), Image.Resampling.BILINEAR)
    return samples.encoded(small, "JPEG", quality=60)


@pytest.mark.parametrize("media_type", MEDIA)
@pytest.mark.parametrize("name", ALL)
def test_code_is_read_from_the_file_and_from_a_thumbnail(
    name: str, media_type: Literal["image/png", "image/jpeg"]
) -> None:
    poster = render_poster(ALL[name], media_type=media_type)
    assert codes_of(poster) == [ADDRESS]
    assert codes_of(thumbnail(poster)) == [ADDRESS]


@pytest.mark.parametrize("media_type", MEDIA)
@pytest.mark.parametrize("name", ALL)
def test_file_is_of_the_asked_kind_and_size(
    name: str, media_type: Literal["image/png", "image/jpeg"]
) -> None:
    data = render_poster(ALL[name], media_type=media_type)
    poster = samples.decoded(data)
    assert poster.size == (1080, 1920)
    assert Image.MIME[poster.format or ""] == media_type
    assert len(data) < 400_000


@pytest.mark.parametrize("name", ALL)
def test_margins_stay_free(name: str) -> None:
    """Nothing is written over the edges: left of the words, between words and card, around the card."""
    poster = drawn(ALL[name])
    for box in (
        (0, 0, MARGIN - 8, CARD[1]),
        (0, FLOW[1], WIDTH, CARD[1]),
        (0, CARD[1], CARD[0], HEIGHT),
        (CARD[2], CARD[1], WIDTH, HEIGHT),
        (0, CARD[3], WIDTH, HEIGHT),
    ):
        assert poster.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), INK)]
    edge = poster.crop((CARD[0] + 40, CARD[3] - 24, CARD[2] - 40, CARD[3] - 2))
    assert edge.getcolors() == [(edge.width * edge.height, PAPER)]


def test_modules_are_wide_enough_and_the_plate_is_white() -> None:
    corners = read_codes(render_poster(CHINESE, media_type="image/png"))[0].corners
    side = corners[1][0] - corners[0][0]
    assert side / 29 >= 9
    poster = drawn(CHINESE)
    left, top = corners[0]
    module = round(side / 29)
    for place in ((left - 3 * module, top + 50), (left + 50, top - 3 * module)):
        assert poster.getpixel(place) == (255, 255, 255)


@pytest.mark.parametrize("length", [10, 40, 80, 120, 170])
def test_longer_addresses_still_read_from_a_thumbnail(length: int) -> None:
    address = ("HTTPS://A.EXAMPLE/" + "0K7M3Q9XPZ" * 20)[:length]
    poster = render_poster(replace(CHINESE, code_text=address), media_type="image/jpeg")
    assert codes_of(poster) == [address]
    assert codes_of(thumbnail(poster)) == [address]


@pytest.mark.parametrize("address", ["", "A" * 400, "\ud800"])
def test_address_without_a_readable_code_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        render_poster(replace(CHINESE, code_text=address), media_type="image/png")


texts = st.one_of(
    st.text(max_size=60), st.text(st.sampled_from("好书，。“”（） abcW1\n\u202e\u200d🌸é"), max_size=200)
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(
        PosterContent,
        texts,
        texts,
        st.tuples(texts, texts),
        texts,
        texts,
        st.just(ADDRESS),
        texts,
        st.just(None),
        texts,
        texts,
        texts,
    )
)
def test_any_words_leave_a_readable_poster(content: PosterContent) -> None:
    poster = render_poster(content, media_type="image/jpeg")
    assert samples.decoded(poster).size == (WIDTH, HEIGHT)
    assert codes_of(thumbnail(poster)) == [ADDRESS]


# The person


def changed_box(one: PosterContent, other: PosterContent) -> tuple[int, int, int, int]:
    box = ImageChops.difference(drawn(one), drawn(other)).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize(
    "other",
    [
        replace(ENGLISH, nickname="Bo"),
        replace(ENGLISH, avatar=samples.encoded(samples.drawing(), "PNG")),
        replace(ENGLISH, invite_line="Come along"),
        replace(ENGLISH, code_text=ADDRESS[:-1] + "Q"),
    ],
)
def test_person_and_code_change_the_card_alone(other: PosterContent) -> None:
    left, top, right, bottom = changed_box(ENGLISH, other)
    assert left >= CARD[0]
    assert top >= CARD[1]
    assert right <= CARD[2]
    assert bottom <= CARD[3]


def test_name_is_not_written_twice() -> None:
    lines = compose._person_lines(replace(ENGLISH, nickname="Mia"), 400)
    assert [block.lines for block in lines] == [("Mia",), ("invites you",)]
    lines = compose._person_lines(replace(ENGLISH, invite_line="Invited by Mia"), 400)
    assert [block.lines for block in lines] == [("Invited by Mia",)]


@pytest.mark.parametrize(
    ("nickname", "line", "shown"),
    [
        ("🌸🦄", "🌸🦄邀请你一起读", [("邀请你一起读",)]),
        ("🌸 Bo", "🌸 Bo invites you", [("Bo",), ("invites you",)]),
        ("Bo", "", [("Bo",)]),
        ("", "", []),
    ],
)
def test_name_that_cannot_be_drawn_leaves_no_hole(
    nickname: str, line: str, shown: list[tuple[str, ...]]
) -> None:
    blocks = compose._person_lines(replace(ENGLISH, nickname=nickname, invite_line=line), 400)
    assert [block.lines for block in blocks] == shown


def test_own_face_is_shown() -> None:
    green = replace(ENGLISH, avatar=samples.encoded(Image.new("RGB", (64, 64), (0, 200, 0)), "PNG"))
    assert drawn(green).getpixel((CARD[0] + 48 + 54, CARD[1] + 48 + 54)) == (0, 200, 0)


# The words


def test_each_element_is_seen() -> None:
    whole = drawn(CHINESE)
    for without in (
        replace(CHINESE, title=""),
        replace(CHINESE, subtitle=""),
        replace(CHINESE, points=()),
        replace(CHINESE, endorsement=""),
        replace(CHINESE, offer=""),
        replace(CHINESE, scan_hint=""),
        replace(CHINESE, brand=""),
    ):
        assert ImageChops.difference(whole, drawn(without)).getbbox() is not None


@pytest.mark.parametrize("name", ALL)
def test_words_keep_to_their_room(name: str) -> None:
    content = ALL[name]
    pieces = argue(
        content.title,
        content.subtitle,
        content.points,
        content.endorsement,
        width=912,
        room=FLOW[1] - FLOW[0],
    )
    assert height_of(pieces) <= FLOW[1] - FLOW[0]
    assert all(piece.block.lines for piece in pieces)
    assert sum(piece.is_point for piece in pieces) <= MOST_POINTS


def test_empty_elements_take_no_room() -> None:
    full = argue("Title", "Sub", ("One", "Two"), "Said", width=900, room=1000)
    assert len(full) == 5
    assert argue("", "", (), "", width=900, room=1000) == []
    assert len(argue("Title", "", ("", "Two", "🌸"), "", width=900, room=1000)) == 2


def test_points_share_one_size() -> None:
    pieces = argue(
        "",
        "",
        ("Short", "A far longer selling point that needs more than a line " * 2),
        "",
        width=900,
        room=1000,
    )
    assert len({piece.block.font.size for piece in pieces}) == 1


def test_short_title_is_large_and_long_one_smaller() -> None:
    sizes = [
        argue(title, "", (), "", width=912, room=1080)[0].block.font.size
        for title in ("读书会", "一百天，读完十本好书", "很长的标题，" * 7)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] >= 120
    assert sizes[2] >= 50


# Cost


def test_ground_is_drawn_once_for_all_people() -> None:
    compose._ground.cache_clear()
    for number in range(5):
        render_poster(
            replace(CHINESE, nickname=f"人{number}", code_text=f"{ADDRESS[:-1]}{number}"),
            media_type="image/jpeg",
        )
    assert compose._ground.cache_info().misses == 1


def test_people_leave_no_trace_on_the_ground() -> None:
    before = render_poster(CHINESE, media_type="image/png")
    render_poster(replace(CHINESE, nickname="另一个人", invite_line="另一个人邀请你"), media_type="image/png")
    assert render_poster(CHINESE, media_type="image/png") == before


def test_drawing_is_quick() -> None:
    """Four times the time it takes, since machines that run tests are busy."""
    compose._ground.cache_clear()
    started = time.process_time()
    render_poster(CHINESE, media_type="image/png")
    assert time.process_time() - started < 1
    started = time.process_time()
    for _ in range(5):
        render_poster(CHINESE, media_type="image/jpeg")
    assert (time.process_time() - started) / 5 < 0.15
