"""Who may see a post, where words say it: below its picture, and in the heading of one as wide as the screen."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.audiences import is_restriction
from tenfold.imaging.post import read_post
from tenfold.imaging.seen import Claim, PostSeen
from tests.imaging import phones
from tests.imaging.phones import Card, Look, Post, Shot

NOBODY = Claim((), "X")


def read(shot: Shot) -> PostSeen:
    return read_post(shot.picture, shot.poster, NOBODY)


def posted(word: str, delete: str = "删除", *, is_own: bool = True, age: str = "3小时前") -> Shot:
    look = Look(delete=delete, air=0.02)
    return phones.screen(random.Random(21), look, Post(age, word=word, is_own=is_own))


def headed(card: Card, look: Look | None = None) -> PostSeen:
    return read(phones.card(random.Random(22), look or Look(), card))


PUBLIC = ["公开", "所有人可见", "Public", "Everyone", "Visible to everyone"]
LIMITED = [
    "仅自己可见",
    "好友可见",
    "朋友",
    "不公开",
    "私密",
    "Only me",
    "Friends",
    "Close friends",
    "Not public",
]


@pytest.mark.parametrize("word", PUBLIC)
@pytest.mark.parametrize("is_own", [True, False])
def test_words_below_a_picture_say_that_everyone_may_see_it(word: str, is_own: bool) -> None:
    assert read(posted(word, is_own=is_own)).audience == "everyone"


@pytest.mark.parametrize("word", LIMITED)
def test_words_below_a_picture_restrict_it(word: str) -> None:
    assert read(posted(word)).audience == "restricted"


@pytest.mark.parametrize("word", ["公开给好友", "Public to friends", "Everyone except Tom", "Public (some)"])
def test_words_that_go_on_are_not_taken_for_their_beginning(word: str) -> None:
    assert read(posted(word)).audience != "everyone"


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_word_turned_round_by_what_is_covered_is_not_believed(share: float) -> None:
    shot = posted("不公开")
    seen = read(shot)
    assert seen.age is not None
    size = Look().size * Look().width
    (right, top), (_, bottom) = seen.age.quad[1], seen.age.quad[2]
    left = right + Look(air=0.02).air * Look().width
    for colour in ("white", "red"):
        picture = Image.fromarray(shot.picture)
        ImageDraw.Draw(picture).rectangle((left - 3, top - 5, left + share * size, bottom + 5), fill=colour)
        noise = np.random.default_rng(1).normal(0, 6, shot.picture.shape)
        grainy = np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)
        assert read(replace(shot, picture=grainy)).audience != "everyone"


@pytest.mark.parametrize("delete", ["编辑", "编辑 删除", "Edit", "Delete post"])
def test_other_buttons_of_the_authors_are_known(delete: str) -> None:
    look = Look(delete=delete)
    seen = read(phones.screen(random.Random(3), look, Post("12分钟前")))
    assert (seen.audience, seen.delete_button is not None) == ("everyone", True)
    for mark in phones.MARKS:
        assert read(phones.screen(random.Random(3), look, Post("12分钟前", mark))).audience == "restricted"


@pytest.mark.parametrize("mark", phones.MARKS)
@pytest.mark.parametrize("air", [0.001, 0.003, 0.005])
@pytest.mark.parametrize("age", ["昨天", "5分钟前", "3小时前"])
def test_a_mark_that_runs_into_what_is_beside_it_is_not_overlooked(
    mark: phones.Mark, air: float, age: str
) -> None:
    rng = random.Random(24)
    for level in ("clean", "sent", "heavy"):
        shot = phones.screen(rng, Look(air=air, size=0.029), Post(age, mark))
        assert read(phones.worn(rng, shot, level)).audience != "everyone"


def test_who_may_see_it_is_known_where_figures_run_into_their_unit() -> None:
    """Then it is not known how old the post is, but it is that nothing stands behind its age."""
    rng, look = random.Random(25), Look(delete="Edit", font=phones.dejavu, size=0.029, width=720)
    for age in ("57minutes ago", "11minutes ago"):
        assert read(phones.worn(rng, phones.screen(rng, look, Post(age)), "heavy")).audience == "everyone"
        for mark in phones.MARKS:
            shot = phones.worn(rng, phones.screen(rng, look, Post(age, mark)), "heavy")
            assert read(shot).audience != "everyone"


def test_that_it_was_edited_is_no_button() -> None:
    seen = read(posted("已编辑", is_own=False))
    assert (seen.delete_button, seen.audience) == (None, "unknown")


@pytest.mark.parametrize("width", [720, 1080, 1290])
@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize(("age", "word"), [("5分钟前", "公开"), ("2h", "Public"), ("3 小时前", "所有人可见")])
def test_a_heading_says_how_old_a_post_is_and_who_may_see_it(
    width: int, is_dark: bool, age: str, word: str
) -> None:
    seen = headed(Card(age, word, apart=" · "), Look(width=width, is_dark=is_dark))
    assert (seen.audience, seen.age is not None) == ("everyone", True)


@pytest.mark.parametrize("word", LIMITED)
def test_a_heading_restricts(word: str) -> None:
    assert headed(Card(word=word)).audience == "restricted"


@pytest.mark.parametrize("mark", phones.MARKS)
@pytest.mark.parametrize("word", ["", "公开"])
def test_a_mark_in_a_heading_leaves_it_unknown(mark: phones.Mark, word: str) -> None:
    assert headed(Card(word=word, mark=mark)).audience == "unknown"


@pytest.mark.parametrize(
    "card", [Card(word="好友可见", next_age="2小时前"), Card(word="", next_age="2小时前")]
)
def test_what_the_next_ones_heading_says_is_not_this_posts(card: Card) -> None:
    assert headed(card).audience != "everyone"
    assert headed(replace(card, has_heading=False)).audience != "everyone"
    assert headed(replace(card, has_heading=False)).age is None


def test_the_foot_of_a_wide_post_is_read_where_its_heading_is_in_sight() -> None:
    card = Card(age="", word="", foot="5分钟前  公开")
    assert headed(card).audience == "everyone"
    assert headed(replace(card, foot="5分钟前  仅自己可见")).audience == "restricted"


@pytest.mark.parametrize("words", ["1小时前 公开", "5分钟前 所有人可见"])
def test_what_an_author_wrote_under_their_name_is_no_heading(words: str) -> None:
    look = Look(left=0.17)
    shot = phones.screen(random.Random(23), look, Post("", caption=(words,), is_own=False))
    foot = round(shot.poster.quad[3][1])
    assert read(replace(shot, picture=np.ascontiguousarray(shot.picture[:foot]))).audience == "unknown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("仅自己可见", True),
        ("部分朋友可见", True),
        ("visibletoeveryone", False),
        ("sharedwithmyteamyesterday,comealong", False),
        ("和朋友一起来", False),
    ],
)
def test_a_line_of_its_own_restricts_only_if_it_says_nothing_else(text: str, expected: bool) -> None:
    assert is_restriction(text) is expected
