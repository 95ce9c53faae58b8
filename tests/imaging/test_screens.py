"""Kinds of screens, told by where the poster lies: drawn here in several looks."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.post import read_post
from tenfold.imaging.screens import screen_of
from tenfold.imaging.seen import Claim, PosterSeen, PostSeen, Quad, Screen, TextSeen
from tests.imaging import phones
from tests.imaging.phones import Pixels

AGE = TextSeen("5分钟前", ((0, 0), (1, 0), (1, 1), (0, 1)), 1.0)


def quad(left: float, top: float, width: float, height: float) -> Quad:
    right, bottom = left + width, top + height
    return (left, top), (right, top), (right, bottom), (left, bottom)


def poster(seed: int, width: int = 1080, height: int = 1920) -> Image.Image:
    return phones.art(random.Random(seed), width, height)


def on_screen(
    art: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int], ground: str = "black"
) -> Pixels:
    screen = Image.new("RGB", size, ground)
    screen.paste(art.resize((box[2] - box[0], box[3] - box[1])), box[:2])
    return np.asarray(screen)


def with_clock(picture: Pixels, size: int = 30, colour: str = "white") -> Pixels:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    draw.text((image.width * 0.05, size * 0.4), "21:07", colour, phones.sans(size))
    draw.text((image.width * 0.8, size * 0.4), "5G 81%", colour, phones.sans(size))
    return np.asarray(image)


@pytest.mark.parametrize("quality", [95, 30])
@pytest.mark.parametrize("scale", [1.0, 0.45])
@pytest.mark.parametrize("cropped", [0.0, 0.04])
def test_the_posters_own_file_is_no_screenshot(quality: int, scale: float, cropped: float) -> None:
    art = poster(1)
    x, y = round(cropped * art.width), round(cropped * art.height)
    part = art.crop((x, y, art.width - x, art.height - y))
    part = part.resize((round(part.width * scale), round(part.height * scale)))
    seen = phones.jpeg(np.asarray(part), quality)
    found = PosterSeen("art", quad(-x * scale + 0.8, -y * scale - 0.7, 1080 * scale, 1920 * scale), 0.9)
    assert screen_of(seen, found) == "file"
    assert screen_of(seen, found, art=np.asarray(art)) == "file"


@pytest.mark.parametrize("seed", range(4))
def test_a_screen_that_the_poster_fills_is_known_by_the_clock_upon_it(seed: int) -> None:
    art = poster(seed)
    seen = phones.jpeg(with_clock(np.asarray(art.resize((720, 1280))), 26), 70)
    assert screen_of(seen, PosterSeen("art", quad(0, 0, 720, 1280), 0.9), art=np.asarray(art)) == "viewer"


def test_a_name_at_the_very_top_of_a_poster_is_no_clock() -> None:
    art = poster(3)
    same = np.full((1920, 1080), 255, np.uint8)
    same[0:130] = 0
    seen = with_clock(np.asarray(art), 40)
    found = PosterSeen("art", quad(0, 0, 1080, 1920), 0.9)
    assert screen_of(seen, found, art=np.asarray(art)) == "viewer"
    assert screen_of(seen, found, art=np.asarray(art), same=same) == "file"


@pytest.mark.parametrize("ground", ["black", "white"])
@pytest.mark.parametrize("height", [1280, 1440, 1600])
def test_bars_above_and_below_make_a_viewer(height: int, ground: str) -> None:
    top = (height - 1067) // 2
    seen = on_screen(poster(2), (600, height), (0, top, 600, top + 1067), ground)
    assert screen_of(seen, PosterSeen("art", quad(0, top, 600, 1067), 0.9)) == "viewer"


def test_a_square_poster_is_seen_in_a_viewer_too() -> None:
    seen = on_screen(poster(2, 800, 800), (600, 1300), (0, 350, 600, 950))
    assert screen_of(seen, PosterSeen("art", quad(0, 350, 600, 600), 0.9)) == "viewer"


def with_heading(picture: Pixels, top: int) -> Pixels:
    """An author's name and an age right above the poster."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    draw.text((90, top - 96), "Ann of the moon", "gray", phones.sans(34))
    draw.text((90, top - 46), "2h  Only me", "gray", phones.sans(26))
    return np.asarray(image)


@pytest.mark.parametrize("has_clock", [False, True])
@pytest.mark.parametrize("ground", ["black", "white"])
def test_a_post_as_wide_as_the_screen_is_no_viewer_for_its_author_stands_above(
    ground: str, has_clock: bool
) -> None:
    seen = on_screen(poster(2), (600, 1400), (0, 200, 600, 1267), ground)
    seen = with_clock(seen, 20) if has_clock else seen
    found = PosterSeen("art", quad(0, 200, 600, 1067), 0.9)
    assert screen_of(seen, found) == "viewer"
    assert screen_of(with_heading(seen, 200), found) == "unknown"


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_last_of_several_pictures_in_a_row_is_no_message(is_dark: bool) -> None:
    """Of a poster that is hardly taller than wide the square in its middle shows its code."""
    screen = Image.new("RGB", (720, 1400), "black" if is_dark else "white")
    found = PosterSeen("art", quad(480, 380, 170, 220), 0.9)
    screen.paste(poster(2, 170, 220).crop((0, 25, 170, 195)), (480, 405))
    screen = Image.fromarray(with_clock(np.asarray(screen), 24, "white" if is_dark else "black"))
    assert screen_of(np.asarray(screen), found) == "chat"
    for nth in range(2):
        screen.paste(phones.art(random.Random(nth), 170, 170), (120 + 180 * nth, 405))
    assert screen_of(np.asarray(screen), found) == "unknown"


def below_bar(*words: tuple[tuple[int, int], str], has_face: bool = False) -> Screen:
    """What is seen of a poster as wide as the screen with these words above it."""
    seen = with_clock(on_screen(poster(2), (600, 1400), (0, 200, 600, 1267), "white"), 20, "black")
    image = Image.fromarray(seen)
    for at, text in words:
        ImageDraw.Draw(image).text(at, text, "black", phones.sans(26))
    if has_face:
        image.paste(phones.art(random.Random(5), 60, 60), (10, 135))
    return screen_of(np.asarray(image), PosterSeen("art", quad(0, 200, 600, 1067), 0.9))


def test_the_count_of_pictures_in_the_middle_of_the_bar_is_no_heading() -> None:
    assert below_bar(((280, 125), "1/9")) == "viewer"
    assert below_bar(((280, 125), "1/9"), has_face=True) == "unknown"


@pytest.mark.parametrize(
    "words",
    [
        [((82, 125), "5/12")],
        [((280, 125), "12/5")],
        [((270, 100), "5/12"), ((280, 155), "1/9")],
        [((20, 125), "月")],
        [((20, 100), "月"), ((280, 155), "1/9")],
    ],
)
def test_a_date_or_a_short_name_is_no_count(words: list[tuple[tuple[int, int], str]]) -> None:
    assert below_bar(*words) == "unknown"


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_heading_that_runs_into_one_with_a_sign_beside_it_is_none_of_a_viewers(is_dark: bool) -> None:
    """Name and age are no lines by themselves then, and the app's own bar is all that is left."""
    shot = phones.card(random.Random(7), phones.Look(is_dark=is_dark), phones.Card(word="好友"))
    screen = Image.fromarray(shot.picture)
    draw, side = ImageDraw.Draw(screen), screen.width
    top = round(shot.poster.quad[0][1])
    for at in (0.2, 0.4, 0.6):
        x, y, radius = side * 0.9, top - side * (0.15 - 0.13 * at), side * 0.012
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(120, 120, 120))
    draw.rectangle((side * 0.86, top - side * 0.15, side * 0.865, top - side * 0.03), fill=(120, 120, 120))
    assert screen_of(np.asarray(screen), shot.poster) == "unknown"


def test_a_picture_far_off_the_middle_is_in_no_viewer() -> None:
    seen = on_screen(poster(2), (1000, 2200), (180, 300, 940, 1651))
    assert screen_of(seen, PosterSeen("art", quad(180, 300, 760, 1351), 0.9)) == "unknown"


def test_an_arrow_that_leads_back_is_no_heading_and_a_name_beside_it_is_one() -> None:
    seen = with_clock(on_screen(poster(2), (600, 1400), (0, 200, 600, 1267), "white"), 20, "black")
    image = Image.fromarray(seen)
    ImageDraw.Draw(image).line([(38, 115), (24, 129), (38, 143)], "black", 4)
    found = PosterSeen("art", quad(0, 200, 600, 1067), 0.9)
    assert screen_of(np.asarray(image), found) == "viewer"
    ImageDraw.Draw(image).text((280, 112), "1/9", "black", phones.sans(26))
    assert screen_of(np.asarray(image), found) == "viewer"
    ImageDraw.Draw(image).text((80, 112), "小林", "black", phones.sans(26))
    assert screen_of(np.asarray(image), found) == "unknown"


def test_a_part_of_the_poster_alone_is_nothing_known() -> None:
    seen = np.asarray(poster(3).crop((200, 400, 900, 1400)))
    assert screen_of(seen, PosterSeen("art", quad(-200, -400, 1080, 1920), 0.9)) == "unknown"


def test_a_message_of_ones_own_is_a_chat() -> None:
    found = PosterSeen("art", quad(600, 700, 330, 587), 0.9)
    seen = on_screen(poster(4), (1080, 2300), (600, 700, 930, 1287), "#ededed")
    assert screen_of(with_clock(seen, 36, "black"), found) == "chat"
    assert screen_of(seen, found) == "unknown"  # a part of a screen may have been cut out so


def with_own_face(picture: Pixels, left: int, top: int, side: int = 90) -> Pixels:
    image = Image.fromarray(picture)
    image.paste(phones.art(random.Random(1), side, side), (left, top))
    return np.asarray(image)


@pytest.mark.parametrize(
    ("left", "wide", "kind"), [(330, 620, "chat"), (430, 600, "chat"), (200, 600, "unknown")]
)
def test_a_wide_message_is_farther_from_the_left_edge_than_from_the_right_one(
    left: int, wide: int, kind: str
) -> None:
    high = round(wide * 16 / 9)
    seen = on_screen(poster(4), (1080, 2300), (left, 700, left + wide, 700 + high), "#ededed")
    seen = with_clock(with_own_face(seen, left + wide + 20, 702), 36, "black")
    assert screen_of(seen, PosterSeen("art", quad(left, 700, wide, high), 0.9)) == kind


@pytest.mark.parametrize("ground", ["black", "white", "#ededed"])
@pytest.mark.parametrize(("left", "wide"), [(330, 620), (280, 650), (300, 660)])
def test_a_picture_a_little_right_of_the_middle_is_a_message_only_with_a_face_beside_it(
    left: int, wide: int, ground: str
) -> None:
    high = round(wide * 16 / 9)
    seen = on_screen(poster(4), (1080, 2300), (left, 700, left + wide, 700 + high), ground)
    found = PosterSeen("art", quad(left, 700, wide, high), 0.9)
    assert screen_of(seen, found) == "unknown"
    assert screen_of(with_own_face(seen, left + wide + 20, 702), found) == "chat"
    assert screen_of(with_own_face(seen, left + wide + 20, 900), found) == "unknown"
    assert screen_of(with_own_face(seen, left + wide + 20, 702, 40), found) == "unknown"


def test_a_message_is_known_by_the_face_beside_it() -> None:
    screen = Image.fromarray(on_screen(poster(4), (1080, 2300), (150, 700, 480, 1287), "#ededed"))
    screen.paste(phones.art(random.Random(1), 100, 100), (30, 702))
    seen, found = np.asarray(screen), PosterSeen("art", quad(150, 700, 330, 587), 0.9)
    assert screen_of(with_clock(seen, 36, "black"), found) == "chat"
    # Cut off through it, the face above a post is level with the post's picture too.
    assert screen_of(seen, found) == "unknown"


def test_a_wide_picture_cut_off_below_its_heading_is_in_no_viewer() -> None:
    """What stands under it is not of a viewer that hides its bars, and no phone's bar is above it."""
    seen = on_screen(poster(2), (600, 1400), (0, 60, 600, 1127), "white")
    found = PosterSeen("art", quad(0, 60, 600, 1067), 0.9)
    assert screen_of(seen, found) == "viewer"
    below = Image.fromarray(seen)
    ImageDraw.Draw(below).text((60, 1180), "Like      Comment      Share", "#666666", phones.sans(24))
    assert screen_of(np.asarray(below), found) == "unknown"
    assert screen_of(with_clock(np.asarray(below), 20, "black"), found) == "viewer"


@pytest.mark.parametrize("angle", [1.5, -3.0])
def test_a_picture_at_the_right_edge_of_a_photograph_is_a_message_only_with_their_own_face(
    angle: float,
) -> None:
    """The photograph may be of a part of the screen, and a part that was cut out is soon turned."""
    box = (600, 700, 930, 1287)
    flat = with_clock(on_screen(poster(4), (1080, 2300), box, "#ededed"), 36, "black")
    assert _turned(flat, box, angle) == "unknown"
    assert _turned(with_own_face(flat, 950, 702), box, angle) == "chat"


def _turned(flat: Pixels, box: tuple[int, int, int, int], angle: float) -> Screen:
    image = Image.fromarray(flat).rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor="#ededed")
    turn, middle = np.radians(-angle), np.array(flat.shape[1::-1]) / 2
    bend = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    placed = tuple((float(x), float(y)) for x, y in (corners - middle) @ bend.T + middle)
    return screen_of(np.asarray(image), PosterSeen("art", (placed[0], placed[1], placed[2], placed[3]), 0.9))


def test_a_face_above_the_poster_is_that_of_a_post() -> None:
    shot = phones.screen(random.Random(5), phones.Look(), phones.Post())
    assert screen_of(shot.picture, shot.poster) == "unknown"
    assert screen_of(shot.picture, shot.poster, post=PostSeen(age=AGE)) == "post"


def test_of_two_screens_side_by_side_nothing_is_known() -> None:
    shot = phones.screen(random.Random(5), phones.Look(), phones.Post())
    beside = np.concatenate([shot.picture, shot.picture[:, ::-1], shot.picture], axis=1)
    assert screen_of(beside, shot.poster, post=read_post(beside, shot.poster, Claim((), "X"))) == "unknown"


def test_one_of_several_pictures_is_a_grid() -> None:
    seen = on_screen(poster(6), (1080, 2300), (180, 500, 430, 750), "white")
    found = PosterSeen("art", quad(180, 403, 250, 444), 0.9, is_cropped=True)
    assert screen_of(seen, found) == "grid"
    assert screen_of(seen, found, post=PostSeen(age=AGE)) == "grid"


def test_without_a_poster_nothing_is_known() -> None:
    seen = np.zeros((400, 300, 3), np.uint8)
    assert screen_of(seen, None) == "unknown"
    assert screen_of(seen, PosterSeen("art", quad(float("nan"), 0, 10, 10), 0.1)) == "unknown"
