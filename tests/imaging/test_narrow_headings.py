"""Posts whose narrow picture starts below their author's face: what stands beside the face is the post's own only where
nobody may have written it, and nothing of it is out of sight."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.post import read_post
from tenfold.imaging.seen import Claim, PosterSeen, PostSeen
from tests.imaging import phones
from tests.imaging.phones import Colour, Mark

NOBODY = Claim((), "X")
WIDE, TALL = 1080, 2300
ORANGE: Colour = (216, 108, 40)


@dataclass(frozen=True)
class Narrow:
    """One post with its heading: name, the line under it, words from the screen's edge, picture and foot."""

    said: str = "5分钟前  来自 iPhone 15  公开"
    mark: Mark | None = None
    name: tuple[str, ...] = ("小林读书",)
    words: str = "一起来读书吧，扫码就好"
    foot: str = ""
    foot_mark: Mark | None = None
    before: str = ""
    after: str = ""
    is_dark: bool = False
    is_pale: bool = False

    @property
    def colours(self) -> tuple[Colour, Colour, Colour]:
        """Ground, words, what is grey."""
        return phones.Look(is_dark=self.is_dark).colours[:3]


def drawn(post: Narrow) -> tuple[Image.Image, PosterSeen]:
    ground, words, grey = post.colours
    screen = Image.new("RGB", (WIDE, TALL), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((48, 30), "21:07", words, phones.sans(38))
    draw.text((860, 30), "5G 81%", words, phones.sans(36))
    draw.text((460, 130), "我的主页", words, phones.sans(48))
    y = 250
    if post.before:
        y = heading(screen, replace(post, name=("阿泽",), said=post.before, mark=None, is_pale=False), y)
    y = heading(screen, post, y)
    if post.words:
        draw.text((36, y), post.words, words, phones.sans(45))
        y += 80
    screen.paste(phones.art(random.Random(3), 560, 840), (36, y))
    corners = ((36.0, y), (596.0, y), (596.0, y + 840), (36.0, y + 840))
    foot = y + 875
    if post.foot:
        draw.text((36, foot), post.foot, grey, phones.sans(34))
    if post.foot_mark:
        x = 60 + draw.textlength(post.foot, phones.sans(34))
        post.foot_mark(draw, x, foot + 8, 34, grey)
    for nth, text in enumerate(("218", "34", "7")):
        draw.text((200 + 330 * nth, foot + 70), text, grey, phones.sans(34))
    if post.after:
        heading(screen, replace(post, name=("三月",), said=post.after, mark=None), foot + 170)
    return screen, PosterSeen("art", corners, 0.9)


def heading(screen: Image.Image, post: Narrow, y: int) -> int:
    """Draws it from there; where it ends."""
    ground, _, grey = post.colours
    draw = ImageDraw.Draw(screen)
    if post.is_pale:
        draw.rectangle((36, y, 155, y + 119), fill=ground)
    else:
        screen.paste(phones.art(random.Random(len(post.said)), 120, 120), (36, y))
    below = y - 2
    for name in post.name:
        draw.text((186, below), name, ORANGE, phones.sans(46))
        below += 64
    draw.text((186, below), post.said, grey, phones.sans(34))
    if post.mark:
        x = 200 + draw.textlength(post.said, phones.sans(34))
        post.mark(draw, x, below + 6, 34, grey)
    return max(y + 150, below + 60)


def read(post: Narrow, box: tuple[int, int, int, int] = (0, 0, WIDE, TALL), quality: int = 90) -> PostSeen:
    screen, found = drawn(post)
    a, b, c, d = ((x - box[0], y - box[1]) for x, y in found.quad)
    seen = phones.jpeg(np.asarray(screen.crop(box)), quality)
    return read_post(seen, PosterSeen("art", (a, b, c, d), 0.9), NOBODY)


SHUT = [
    "5分钟前  来自 iPhone 15  仅自己可见",
    "5分钟前  好友圈可见",
    "3天前  Friends only",
    "3天前  部分可见",
]


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("quality", [95, 60])
@pytest.mark.parametrize("after", ["", "4天前  来自 Android"])
def test_a_heading_beside_the_face_above_a_narrow_picture_tells(
    is_dark: bool, quality: int, after: str
) -> None:
    seen = read(Narrow(is_dark=is_dark, after=after), quality=quality)
    assert (seen.audience, seen.age is not None) == ("everyone", True)


@pytest.mark.parametrize("said", SHUT)
def test_it_restricts(said: str) -> None:
    assert read(Narrow(said)).audience == "restricted"


@pytest.mark.parametrize("mark", phones.MARKS)
@pytest.mark.parametrize("said", ["3天前", "3天前  公开", "3天前  来自 iPhone 15"])
def test_a_mark_in_it_is_not_overlooked(mark: Mark, said: str) -> None:
    assert read(Narrow(said, mark)).audience != "everyone"


@pytest.mark.parametrize("said", [*SHUT, "3天前", ""])
@pytest.mark.parametrize("words", ["5分钟前 公开", "5分钟前 来自 iPhone 15 公开", "1分钟前 所有人可见 删除"])
def test_what_an_author_writes_as_words_is_not_believed(said: str, words: str) -> None:
    assert read(Narrow(said, words=words)).audience != "everyone"
    # As far right as the name, too.
    assert read(Narrow(said, words="　　　 " + words)).audience != "everyone"


@pytest.mark.parametrize("said", ["", "3天前  仅自己可见"])
@pytest.mark.parametrize("first", ["(小林)", "【小林】", "Ágnes (g)", "小林|读书", "√小林j"])
@pytest.mark.parametrize("second", ["5分钟前 公开", "5分钟前 来自 iPhone 15", "5 min ago Public"])
@pytest.mark.parametrize("is_dark", [False, True])
def test_nor_where_the_first_line_of_the_name_is_taller(
    said: str, first: str, second: str, is_dark: bool
) -> None:
    assert read(Narrow(said, name=(first, second), is_dark=is_dark)).audience != "everyone"


@pytest.mark.parametrize("said", [*SHUT, "3天前", ""])
@pytest.mark.parametrize(
    "name", [("5分钟前 公开",), ("小林", "5分钟前 公开"), ("小林读书的日常和远方还有", "5分钟前 公开")]
)
def test_nor_as_a_name_that_goes_on_below_itself(said: str, name: tuple[str, ...]) -> None:
    assert read(Narrow(said, name=name)).audience != "everyone"


@pytest.mark.parametrize("foot", ["3天前", "3天前  仅自己可见", "仅自己可见", "部分朋友可见", "3天前  删除"])
@pytest.mark.parametrize("mark", [None, phones.padlock, phones.heads])
def test_nor_as_a_motto_above_a_foot_that_says_otherwise(foot: str, mark: Mark | None) -> None:
    assert read(Narrow("5分钟前  公开", foot=foot, foot_mark=mark)).audience != "everyone"


@pytest.mark.parametrize("below", [0, 20, 60, 200, 340])
def test_nor_above_a_foot_that_is_cut_off(below: int) -> None:
    post = Narrow("5分钟前  公开", foot="3天前  仅自己可见")
    bottom = round(drawn(post)[1].quad[2][1]) + below
    assert read(post, (0, 0, WIDE, bottom)).audience != "everyone"


@pytest.mark.parametrize("said", [*SHUT, "3天前", "3天前  来自 iPhone 15"])
@pytest.mark.parametrize("mark", [None, phones.padlock])
@pytest.mark.parametrize("words", ["", "一起来读书吧"])
def test_the_heading_of_the_post_before_is_not_its_own_where_its_face_is_as_pale_as_the_ground(
    said: str, mark: Mark | None, words: str
) -> None:
    post = Narrow(said, mark, words=words, is_pale=True, before="5分钟前  来自 iPhone 15  公开")
    assert read(post).audience != "everyone"


@pytest.mark.parametrize("said", [*SHUT, "3天前", ""])
def test_nor_is_that_of_the_next_one(said: str) -> None:
    for mark in (None, phones.padlock):
        assert read(Narrow(said, mark, after="5分钟前  公开")).audience != "everyone"


@pytest.mark.parametrize("top", [180, 240, 320, 360, 400])
def test_where_the_top_of_the_screen_was_cut_off_nothing_is_known(top: int) -> None:
    assert (
        read(Narrow(before="5分钟前  公开", said="3天前  仅自己可见"), (0, top, WIDE, TALL)).audience
        != "everyone"
    )


@pytest.mark.parametrize(
    "said", ["5分钟前  公开给好友", "5分钟前  公开  仅自己可见", "5分钟前  Public to friends"]
)
@pytest.mark.parametrize("spare", [-40, -12, 0, 6, 20, 60])
def test_where_the_line_may_go_on_beyond_the_edge_it_is_not_believed(said: str, spare: int) -> None:
    known = "5分钟前  Public" if "Public" in said else "5分钟前  公开"
    right = 186 + round(phones.sans(34).getlength(known)) + spare
    for wide in (right, max(right, 604)):
        assert read(Narrow(said), (0, 0, wide, TALL)).audience != "everyone"
        assert read(Narrow(said), (0, 0, wide, 2 * wide)).audience != "everyone"
