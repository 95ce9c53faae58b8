"""What a post says, read from screens drawn in looks of every kind: rightly, or not at all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.ages import age_at_start, plain
from tenfold.imaging.post import read_post
from tenfold.imaging.seen import Claim, PosterSeen, PostSeen, Quad
from tests.imaging import phones
from tests.imaging.phones import Look, Post, Shot

NOBODY = Claim((), "X")
LEVELS = ("clean", "sent", "heavy")


def read(shot: Shot, claim: Claim = NOBODY) -> PostSeen:
    return read_post(shot.picture, shot.poster, claim)


def minutes(seen: PostSeen) -> tuple[int, int] | None:
    if seen.youngest_minutes is None or seen.oldest_minutes is None:
        return None
    return seen.youngest_minutes, seen.oldest_minutes


def expected(post: Post) -> tuple[int, int] | None:
    age = age_at_start(plain(post.age.replace(" ", "")), None)
    return age.span if age else None


def shots(seed: int, count: int, level: str) -> Iterator[Shot]:
    rng = random.Random(f"{seed}{level}")
    for at in range(count):
        is_chinese = at % 5 < 3
        look = phones.look(rng, is_chinese=is_chinese)
        age = rng.choice(phones.CHINESE_AGES if is_chinese else phones.ENGLISH_AGES)
        mark = rng.choice((None, *phones.MARKS)) if at % 2 else None
        yield phones.worn(rng, phones.screen(rng, look, Post(age, mark)), level)


@pytest.mark.parametrize("level", LEVELS)
def test_ages_and_audiences_are_read_in_many_looks(level: str) -> None:
    looks = list(shots(1, 12, level))
    posts = [read(shot) for shot in looks]
    ages = [(minutes(seen), expected(shot.post)) for seen, shot in zip(posts, looks, strict=True)]
    audiences = [
        (seen.audience, "restricted" if shot.post.mark else "everyone")
        for seen, shot in zip(posts, looks, strict=True)
    ]
    assert [pair for pair in ages if pair[0] not in (pair[1], None)] == []
    assert [pair for pair in audiences if pair[0] not in (pair[1], "unknown")] == []
    assert sum(pair[0] is not None for pair in ages) >= 11
    assert sum(pair[0] != "unknown" for pair in audiences) >= 11


@pytest.mark.parametrize("age", ["23m", "7h", "14 hours ago", "11 mins ago", "Yesterday 10:43"])
def test_ages_as_english_phones_write_them_are_believed(age: str) -> None:
    look = Look(delete="Delete")
    seen = read(phones.screen(random.Random(3), look, Post(age)))
    assert (minutes(seen), seen.audience) == (expected(Post(age)), "everyone")
    for mark in phones.MARKS:
        assert read(phones.screen(random.Random(3), look, Post(age, mark))).audience != "everyone"


@pytest.mark.parametrize("mark", phones.MARKS)
@pytest.mark.parametrize("is_dark", [False, True])
def test_a_mark_of_any_shape_restricts(mark: phones.Mark, is_dark: bool) -> None:
    look = Look(is_dark=is_dark)
    seen = read(phones.screen(random.Random(3), look, Post("12分钟前", mark)))
    assert seen.audience == "restricted"
    assert seen.age is not None
    assert seen.audience_quad is not None
    assert seen.delete_button is not None
    assert seen.age.quad[1][0] < seen.audience_quad[0][0] < seen.delete_button.quad[0][0]


@pytest.mark.parametrize(
    ("word", "age", "delete"), [("私密", "3小时前", "删除"), ("Private", "3 hrs ago", "Delete")]
)
def test_words_restrict_too(word: str, age: str, delete: str) -> None:
    look = Look(font=phones.sans, delete=delete)
    assert read(phones.screen(random.Random(4), look, Post(age, word=word))).audience == "restricted"


def test_words_that_say_something_else_leave_it_unknown() -> None:
    seen = read(phones.screen(random.Random(4), Look(), Post("3小时前", word="来自小程序")))
    assert seen.audience == "unknown"
    assert minutes(seen) == (180, 240)


def test_a_mark_behind_the_button_leaves_it_unknown() -> None:
    look = Look()
    shot = phones.screen(random.Random(17), look, Post("3小时前"))
    button = read(shot).delete_button
    assert button is not None
    picture = Image.fromarray(shot.picture)
    x, y = button.quad[1]
    phones.padlock(ImageDraw.Draw(picture), x + 20, y, 32, (150, 150, 150))
    assert read(replace(shot, picture=np.asarray(picture))).audience == "unknown"


def test_the_faintest_mark_is_no_empty_place() -> None:
    look = Look(air=0.043)  # with more, a mark may have been painted over
    shot = phones.screen(random.Random(18), look, Post("3小时前"))
    seen = read(shot)
    assert seen.audience == "everyone"
    assert seen.age is not None
    picture = Image.fromarray(shot.picture)
    x, y = seen.age.quad[1]
    phones.heads(ImageDraw.Draw(picture), x + 8, y, 28, (222, 222, 222))
    assert read(replace(shot, picture=np.asarray(picture))).audience in ("unknown", "restricted")


@pytest.mark.parametrize("text", ["6月3日", "12月30日", "2026年6月13日"])
def test_a_date_is_read_and_counted_from_the_day_it_was_sent(text: str) -> None:
    shot = phones.screen(random.Random(19), Look(), Post(text))
    age = age_at_start(text, date(2026, 12, 31))
    assert age is not None
    seen = read_post(shot.picture, shot.poster, NOBODY, today=date(2026, 12, 31))
    assert minutes(seen) == age.span
    assert read(shot).age is not None
    assert minutes(read(shot)) is None


def test_without_a_button_nobody_knows_who_may_see_it() -> None:
    seen = read(phones.screen(random.Random(5), Look(), Post("3小时前", is_own=False)))
    assert seen.delete_button is None
    assert seen.audience == "unknown"


def test_where_the_evidence_lies() -> None:
    shot = phones.screen(random.Random(6), Look(), Post("25分钟前"))
    seen = read(shot)
    assert seen.age is not None
    (left, top), (right, _), (_, bottom), _ = seen.age.quad
    foot = shot.poster.quad[3]
    assert abs(left - foot[0]) < 10
    assert foot[1] < top < bottom < foot[1] + 120
    assert 4 < (right - left) / (bottom - top) < 5.5


@pytest.mark.parametrize("covered", [0.0, 0.5, 1.3])
@pytest.mark.parametrize("colour", ["white", "red"])
def test_an_age_that_is_partly_covered_is_not_mistaken_for_another(covered: float, colour: str) -> None:
    look = Look(width=720)
    shot = phones.screen(random.Random(7), look, Post("51分钟前"))
    picture = Image.fromarray(shot.picture)
    size = look.size * look.width
    left, top = shot.poster.quad[3]
    left += covered * size
    ImageDraw.Draw(picture).rectangle((left, top + 3, left + 0.6 * size, top + 3 * size), fill=colour)
    seen = read(replace(shot, picture=np.asarray(picture)))
    assert minutes(seen) in (None, (51, 52))


@pytest.mark.parametrize("figures", [1.3, 2.2])
def test_an_age_cut_off_by_the_pictures_edge_is_not_read(figures: float) -> None:
    shot = phones.screen(random.Random(8), Look(), Post("48分钟前"))
    cut = round(shot.poster.quad[3][0] + figures * 0.5 * Look().size * 1080)
    a, b, c, d = ((x - cut, y) for x, y in shot.poster.quad)
    seen = read(Shot(np.ascontiguousarray(shot.picture[:, cut:]), replace(shot.poster, quad=(a, b, c, d))))
    assert seen.age is None
    assert seen.audience != "everyone"


def test_glare_over_a_figure_leaves_the_age_unread() -> None:
    shot = phones.screen(random.Random(9), Look(), Post("51分钟前"))
    x0, y0 = shot.poster.quad[3]
    y, x = np.mgrid[0 : shot.picture.shape[0], 0 : shot.picture.shape[1]].astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 4, shot.picture.shape)
    glare = 170 * np.exp(-(((x - x0 - 5) / 20) ** 2 + ((y - y0 - 40) / 60) ** 2))[..., None]
    picture = np.clip(shot.picture * 0.98 + noise + glare, 0, 255).astype(np.uint8)
    assert minutes(read(replace(shot, picture=picture))) in (None, (51, 52))


def test_the_age_of_the_next_ones_post_is_not_this_ones() -> None:
    look = Look()
    shot = phones.screen(random.Random(10), look, Post("", is_own=False))
    picture = Image.fromarray(shot.picture)
    left, top = shot.poster.quad[3]
    ImageDraw.Draw(picture).text((left, top + 200), "7分钟前", (150, 150, 150), look.font(36))
    assert read(replace(shot, picture=np.asarray(picture))).age is None


def test_a_turned_photograph_is_read_upright() -> None:
    shot = phones.screen(random.Random(11), Look(), Post("17分钟前", phones.heads))
    picture = Image.fromarray(shot.picture).rotate(5, Image.Resampling.BICUBIC, fillcolor=(90, 80, 70))
    centre = np.array(picture.size) / 2
    turn = np.deg2rad(-5)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = [back @ (np.array(corner) - centre) + centre for corner in shot.poster.quad]
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    seen = read(Shot(np.asarray(picture), replace(shot.poster, quad=(a, b, c, d))))
    assert minutes(seen) in (None, (17, 18))
    assert seen.audience == "restricted"


@pytest.mark.parametrize(
    "quad",
    [
        ((0, 0), (0, 0), (0, 0), (0, 0)),
        ((1e9, 1e9), (2e9, 1e9), (2e9, 2e9), (1e9, 2e9)),
        ((float("nan"), 0), (1, 0), (1, 1), (0, 1)),
        ((300, 300), (100, 300), (100, 100), (300, 100)),
        ((-500, -500), (2000, -500), (2000, 5000), (-500, 5000)),
        ((100, 100), (200, 100), (150, 110), (149, 90)),
        ((100, 2260), (400, 2260), (400, 2268), (100, 2268)),
    ],
)
def test_a_poster_placed_oddly_gives_nothing(quad: Quad) -> None:
    shot = phones.screen(random.Random(12), Look(), Post())
    for is_cropped in (False, True):
        seen = read_post(shot.picture, PosterSeen("art", quad, 0.6, is_cropped), Claim((), "X", None, "小林"))
        assert seen.audience != "everyone"


def test_name_and_caption_are_compared() -> None:
    words = ("今晚八点一起学习，名额有限", "推荐给大家，真的很实用")
    shot = phones.screen(random.Random(13), Look(), Post(caption=words))
    seen = read(shot, Claim((), "X", nickname="小林读书", captions=("别的话说在这里了吧", "".join(words))))
    assert seen.name is not None
    assert seen.name.text == "小林读书"
    assert seen.name_share == 1.0
    assert seen.caption_share is not None
    assert seen.caption_share > 0.95


def test_another_name_and_other_words_are_not_like_those_expected() -> None:
    shot = phones.screen(random.Random(14), Look(), Post(caption=("周末愉快，大家好",)))
    seen = read(shot, Claim((), "X", nickname="阿明的猫", captions=("免费领取资料，速来报名",)))
    assert seen.name_share is not None
    assert seen.name_share < 0.5
    assert seen.caption_share is not None
    assert seen.caption_share < 0.3


def test_a_post_without_words_has_none() -> None:
    shot = phones.screen(random.Random(15), Look(), Post())
    seen = read(shot, Claim((), "X", nickname="小林读书", captions=("免费领取资料",)))
    assert (seen.name_share, seen.caption_share) == (1.0, 0.0)


def test_what_was_not_asked_for_is_not_read() -> None:
    seen = read(phones.screen(random.Random(16), Look(), Post(caption=("周末愉快",))))
    assert (seen.name, seen.name_share, seen.caption, seen.caption_share) == (None, None, None, None)


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_panel_of_a_button_beside_the_age_is_no_line(is_dark: bool) -> None:
    """Its corners differ from the ground around them, and reach from the age down to the next line."""
    shot = phones.screen(random.Random(6), Look(is_dark=is_dark), Post("4分钟前"))
    image, width = Image.fromarray(shot.picture), shot.look.width
    bottom = round(shot.poster.quad[3][1])
    panel = (52, 52, 56) if is_dark else (225, 225, 230)
    box = (width * 0.86, bottom + 0.02 * width, width * 0.93, bottom + 0.075 * width)
    ImageDraw.Draw(image).rectangle(box, fill=panel)
    seen = read(replace(shot, picture=np.asarray(image)))
    assert seen.audience == "everyone"
    assert minutes(seen) in ((4, 5), None)


def between_panels(mark: phones.Mark | None, pill: str = "", at: tuple[float, float] = (0, 0)) -> PostSeen:
    """A dark post with a menu's panel beside the age and one of comments close below; words in a pill of the same kind
    may stand at a place, in letters from where the age begins."""
    look = Look(is_dark=True)
    shot = phones.screen(random.Random(6), look, Post("4分钟前", mark))
    image, width = Image.fromarray(shot.picture), look.width
    draw, bottom = ImageDraw.Draw(image), shot.poster.quad[3][1]
    size, left, panel = look.size * width, shot.poster.quad[3][0], (60, 60, 64)
    top = bottom + look.gap * width
    draw.rectangle((left, top + 2.1 * size, width * 0.96, top + 6 * size), fill=panel)
    draw.text((left + 20, top + 2.7 * size), "三月：好的好的", (150, 150, 156), phones.sans(round(size)))
    draw.rounded_rectangle((width * 0.89, top - 4, width * 0.96, top + 1.3 * size), 8, fill=panel)
    draw.text((width * 0.91, top), "···", (132, 132, 138), phones.sans(round(size)))
    if pill:
        x, y = left + at[0] * size, top + at[1] * size
        wide = draw.textlength(pill, phones.sans(round(0.8 * size)))
        draw.rounded_rectangle((x, y, x + wide + 20, y + 1.3 * size), 10, fill=(150, 150, 156))
        draw.text((x + 10, y + 0.1 * size), pill, (17, 17, 17), phones.sans(round(0.8 * size)))
    return read(replace(shot, picture=np.asarray(image)))


def test_between_panels_the_line_is_read_with_its_mark() -> None:
    assert between_panels(None).audience == "everyone"
    for mark in phones.MARKS:
        assert between_panels(mark).audience == "restricted"


@pytest.mark.parametrize("at", [(6.6, 0), (8, 0), (10, 0), (0, 1.3), (8, 1.2), (0, -1.5), (3, -0.9)])
def test_words_in_a_pill_between_panels_are_not_wiped_out(at: tuple[float, float]) -> None:
    assert between_panels(None, "仅自己可见", at).audience != "everyone"


@pytest.mark.parametrize(("said", "delete"), [("公开", "删除"), ("", "删除"), ("公开", "")])
def test_a_line_below_which_the_picture_is_cut_off_may_be_of_the_authors_words(
    said: str, delete: str
) -> None:
    shot = phones.screen(random.Random(9), Look(delete=delete), Post("4分钟前", word=said))
    assert read(shot).audience == "everyone"
    foot = round(shot.poster.quad[3][1] + 0.02 * shot.look.width)
    for spare in (40, 60, 90):
        cut = replace(shot, picture=np.ascontiguousarray(shot.picture[: foot + spare]))
        assert (read(cut).audience, read(cut).age) in (("unknown", None), ("unknown", read(shot).age))
