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


TAKEN_AWAY = [
    "公开 · 3人除外",
    "公开 · 不给3人看",
    "所有人可见 · 屏蔽2人",
    "公开 · 好友",
    "公开 · 仅好友",
    "公开 · 上海",
    "Public · hidden from 3",
    "Everyone · but Tom",
]


@pytest.mark.parametrize("word", TAKEN_AWAY)
def test_what_follows_the_words_for_everyone_may_take_some_away(word: str) -> None:
    assert read(posted(word)).audience != "everyone"
    assert headed(Card(word=word, apart=" · ")).audience != "everyone"


@pytest.mark.parametrize("word", ["公开 · 已编辑", "公开 · 来自微博", "Public · Edited", "Public · via web"])
def test_what_is_known_to_be_harmless_may_follow_them(word: str) -> None:
    assert read(posted(word)).audience == "everyone"


@pytest.mark.parametrize(
    "delete", ["编辑", "修改", "Edit", "Edit history", "编辑记录", "Remove tag", "Delete history", "已删除"]
)
@pytest.mark.parametrize("age", ["12分钟前", "5分钟前"])
def test_only_the_button_to_delete_a_post_proves_that_a_mark_would_be_seen(delete: str, age: str) -> None:
    seen = read(phones.screen(random.Random(3), Look(delete=delete), Post(age)))
    assert (seen.audience, seen.delete_button) == ("unknown", None)


@pytest.mark.parametrize("delete", ["删除", "Delete", "Delete post"])
def test_nothing_before_the_button_to_delete_a_post_is_no_mark(delete: str) -> None:
    look = Look(delete=delete)
    seen = read(phones.screen(random.Random(3), look, Post("12分钟前")))
    assert (seen.audience, seen.delete_button is not None) == ("everyone", True)
    for mark in phones.MARKS:
        assert read(phones.screen(random.Random(3), look, Post("12分钟前", mark))).audience == "restricted"


@pytest.mark.parametrize("mark", [phones.padlock, phones.heads])
@pytest.mark.parametrize("is_dark", [False, True])
def test_where_a_mark_was_painted_over_its_room_is_left(mark: phones.Mark, is_dark: bool) -> None:
    look = Look(is_dark=is_dark, air=0.022)
    open_, shut = (
        phones.screen(random.Random(21), look, Post("3小时前", mark=sign)) for sign in (None, mark)
    )
    assert read(open_).audience == "everyone"
    seen, foot = read(shut), shut.picture.copy()
    assert seen.audience == "restricted"
    assert seen.audience_quad is not None
    (x0, y0), _, (x1, y1), _ = ((round(x), round(y)) for x, y in seen.audience_quad)
    foot[y0 - 6 : y1 + 7, x0 - 3 : x1 + 4] = look.colours[0]
    assert read(replace(shut, picture=foot)).audience == "unknown"


def test_words_for_everyone_may_stand_before_any_button_of_the_authors() -> None:
    assert read(posted("公开", delete="编辑")).audience == "everyone"


def running(age: str, air: float, level: str, mark: phones.Mark | None) -> str:
    rng = random.Random(24)
    shot = phones.screen(rng, Look(air=air, size=0.029), Post(age, mark))
    return read(phones.worn(rng, shot, level)).audience


@pytest.mark.parametrize("air", [0.001, 0.003, 0.005, 0.006])
@pytest.mark.parametrize("age", ["昨天", "5分钟前", "3小时前"])
@pytest.mark.parametrize("level", ["clean", "sent", "heavy"])
def test_a_mark_that_runs_into_what_is_beside_it_is_not_overlooked(age: str, air: float, level: str) -> None:
    if air >= 0.005:  # so far apart, it is read where there is no mark
        assert running(age, air, level, None) == "everyone"
    for mark in phones.MARKS:
        assert running(age, air, level, mark) != "everyone"


def test_who_may_see_it_is_known_where_figures_run_into_their_unit() -> None:
    """Then it is not known how old the post is, but it is that nothing stands behind its age."""
    rng, look = random.Random(25), Look(delete="Delete", font=phones.dejavu, size=0.029, width=720)
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


def two_lines(first: str, second: str) -> Shot:
    """A line of words between the poster and the line that has been given."""
    look = Look(air=0.02, gap=0.07)
    shot = phones.screen(random.Random(21), look, Post(second))
    picture = Image.fromarray(shot.picture)
    x, y = shot.poster.quad[3]
    ImageDraw.Draw(picture).text(
        (x, y + 18), first, look.colours[2], look.font(round(look.size * look.width))
    )
    return replace(shot, picture=np.asarray(picture))


@pytest.mark.parametrize(
    "first", ["1分钟前  公开", "仅自己可见 上海市浦东新区", "Only me, at Riverside Park"]
)
@pytest.mark.parametrize("second", ["3天前", "3小时前"])
def test_of_two_lines_that_tell_something_no_words_are_believed(first: str, second: str) -> None:
    assert read(two_lines(first, second)).audience == "unknown"


@pytest.mark.parametrize("second", ["3天前", "3小时前"])
def test_the_next_post_in_a_feed_takes_nothing_from_the_one_before_it(second: str) -> None:
    seen = read(two_lines("1分钟前  删除", second))
    assert (seen.audience, seen.oldest_minutes) == ("everyone", 2)


def test_a_line_of_other_words_above_the_age_takes_nothing_away() -> None:
    seen = read(two_lines("上海市浦东新区", "3小时前"))
    assert (seen.audience, seen.age is not None) == ("everyone", True)


@pytest.mark.parametrize("foot", ["5分钟前  公开", "5分钟前  删除", "5分钟前 公开", "5m  Public"])
@pytest.mark.parametrize("heading", [("3天前", "仅自己可见"), ("3天前", "公开"), ("3d", "Only me")])
def test_what_an_author_wrote_below_does_not_outvote_their_heading(
    foot: str, heading: tuple[str, str]
) -> None:
    seen = headed(Card(*heading, foot=foot))
    assert (seen.audience, seen.age) == ("unknown", None)


@pytest.mark.parametrize("foot", ["", "一起来读书"])
def test_a_heading_is_believed_where_nothing_below_says_otherwise(foot: str) -> None:
    seen = headed(Card("3天前", "公开", foot=foot))
    assert (seen.audience, seen.age is not None) == ("everyone", True)


@pytest.mark.parametrize("word", ["小林的日常", "三天前"])
def test_a_foot_is_not_believed_below_a_heading_that_could_not_be_read(word: str) -> None:
    assert headed(Card("", word, foot="5分钟前  公开")).audience == "unknown"


def test_a_foot_as_dark_as_the_name_was_written_by_the_author() -> None:
    look = Look()
    shot = phones.card(random.Random(22), look, Card("", ""))
    for colour, audience in ((look.colours[2], "everyone"), (look.colours[1], "unknown")):
        picture = Image.fromarray(shot.picture)
        at = (43, shot.poster.quad[3][1] + 37)
        ImageDraw.Draw(picture).text(at, "5分钟前  公开", colour, look.font(round(look.size * look.width)))
        assert read(replace(shot, picture=np.asarray(picture))).audience == audience


def test_of_two_lines_in_a_heading_that_tell_something_none_is_believed() -> None:
    look = Look(size=0.024)
    size = round(look.size * look.width)
    shot = phones.card(random.Random(22), look, Card("1分钟前", "公开"))
    assert read(shot).audience == "everyone"
    picture = Image.fromarray(shot.picture)
    at = (look.width * 0.17, look.width * 0.16 + 3.1 * size)
    ImageDraw.Draw(picture).text(at, "3天前  仅自己可见", look.colours[2], look.font(size))
    seen = read(replace(shot, picture=np.asarray(picture)))
    assert (seen.audience, seen.age) == ("unknown", None)


def dotted(count: int, radius: float) -> Shot:
    """A post with its button to delete it at the right, and so many dots behind that."""
    shot = phones.screen(random.Random(21), Look(air=0.2), Post("3小时前"))
    image = Image.fromarray(shot.picture)
    button = read(shot).delete_button
    assert button is not None
    (right, top), (_, bottom) = button.quad[1], button.quad[2]
    em = bottom - top
    for nth in range(count):
        x, y = right + em * (0.9 + 0.6 * nth), (top + bottom) / 2
        box = (x - radius * em, y - radius * em, x + radius * em, y + radius * em)
        ImageDraw.Draw(image).ellipse(box, fill=(80, 100, 150))
    return replace(shot, picture=np.asarray(image))


@pytest.mark.parametrize("count", [2, 3])
def test_the_dots_of_a_menu_behind_the_button_are_no_mark(count: int) -> None:
    assert read(dotted(count, 0.12)).audience == "everyone"
    assert read(dotted(count, 0.3)).audience == "unknown"
    assert read(dotted(1, 0.3)).audience == "unknown"


@pytest.mark.parametrize(
    "word",
    ["来自iPhone 15  公开", "来自Android  公开", "北京  公开可见", "IP属地:广东  公开", "四川成都  公开可见"],
)
def test_phone_and_place_may_stand_before_the_words_for_everyone(word: str) -> None:
    assert headed(Card(word=word)).audience == "everyone"


@pytest.mark.parametrize(
    "word",
    [
        "来自iPhone 15  不公开",
        "来自Android 公开给好友",
        "北 公开",
        "小林 公开",
        "来自我的 公开",
        "四川不 公开",
        "四川好友 公开",
    ],
)
def test_nothing_else_may(word: str) -> None:
    assert headed(Card(word=word)).audience != "everyone"


def test_words_for_some_may_follow_the_phone() -> None:
    seen = headed(Card(age="8 mins ago", word="via OPPO Find X7  Friends only"), Look(font=phones.dejavu))
    assert seen.audience == "restricted"


@pytest.mark.parametrize("mark", [phones.padlock, phones.heads, phones.person, phones.eye])
def test_a_mark_before_the_place_is_a_mark(mark: phones.Mark) -> None:
    """Where the words for everyone stand behind a place that somebody gave that name."""
    shot = phones.card(random.Random(3), Look(), Card(apart="        ", word="北京  公开"))
    image, look = Image.fromarray(shot.picture), shot.look
    size = round(look.size * look.width)
    draw, font = ImageDraw.Draw(image), look.font(size)
    x = look.width * 0.17 + draw.textlength("5分钟前  ", font)
    y = round(look.width * 0.16) + size * 0.6 + font.getmetrics()[0]
    mark(draw, x, y, size * 0.95, look.colours[2])
    assert read(replace(shot, picture=np.asarray(image))).audience != "everyone"
