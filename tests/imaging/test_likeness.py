"""One shot or two: told from fingerprints alone."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tenfold.imaging.fingerprints import fingerprint, near_keys, near_probes
from tenfold.imaging.laying import Laid
from tenfold.imaging.likeness import _compared as compared_as_laid
from tenfold.imaging.likeness import alike
from tenfold.imaging.prints import MAX_BYTES, Frame, packed, read, written
from tenfold.imaging.remains import FINEST, MOST_ACROSS, remains
from tenfold.imaging.seen import Likeness, PosterSeen
from tests.imaging.edits import (
    CODE,
    EDITS,
    HIGH,
    POSTER,
    WIDE,
    Post,
    boxed_after_cut,
    covered,
    edited,
    moved,
    quad,
)

KIND_OF = {
    "clock": "clock_edited",
    "age": "age_edited",
    "croptop": "cropped",
    "cropbottom": "cropped",
}


def print_of(post: Post) -> bytes:
    return fingerprint(post.picture, post.poster, post.code)


def compared(one: Post, other: Post) -> Likeness:
    return alike(print_of(one), print_of(other))


@pytest.mark.parametrize("edit", EDITS)
def test_a_shot_is_known_again_whatever_was_done_to_it_and_what_was_done_is_named(edit: str) -> None:
    post = Post(person=1)
    found = compared(edited(post, edit), post)
    assert found.kind == KIND_OF.get(edit, "same")
    assert bool(found.changed) is (edit in ("clock", "age"))


@pytest.mark.parametrize("edit", ["rejpeg", "resize", "gamma", "cropbottom"])
def test_a_shot_in_which_no_poster_was_found_is_known_by_its_frame(edit: str) -> None:
    post = Post(person=1, is_placed=False)
    assert compared(edited(post, edit), post).kind in ("same", "cropped")
    other = Post(person=2, is_placed=False)
    assert compared(edited(other, edit), post).kind == "other"


def test_bars_in_the_place_of_what_was_cut_off_hide_nothing() -> None:
    found = compared(boxed_after_cut(Post(person=1)), Post(person=1))
    assert found.kind in ("same", "cropped", "clock_edited")
    for person in range(2, 6):
        assert compared(boxed_after_cut(Post(person=person)), Post(person=1)).kind == "other"


def test_an_empty_page_is_no_bar_and_hides_nobody() -> None:
    """One has nothing below the line with the age, the other nothing above it: that line is all they share."""
    found = read(print_of(Post(person=1)))
    assert found is not None
    rows, line = found.grey.shape[0] // 3 * 3, slice(141, 153)
    first, second = np.full((2, rows, 141), 255, np.float32)
    drawn = np.random.default_rng(1).integers(0, 255, first.shape).astype(np.float32)
    first[: line.stop], second[line.start :] = drawn[: line.stop], drawn[::-1][line.start :]
    at = found.at[0] + found.left * found.step, found.at[1] + found.top * found.step, found.step
    assert compared_as_laid(Laid(found, found, first, second, at, at, False), second).kind == "other"
    second[line] = drawn[line]
    assert compared_as_laid(Laid(found, found, first, second, at, at, False), second).kind == "other"


def test_codes_are_compared_only_where_both_are_cut_out_in_one_way() -> None:
    """Without its poster a code is known by its modules alone, with it by its margin too."""
    post = Post(person=1)
    modules = quad((CODE[0] + 12, CODE[1] + 12, CODE[2] - 12, CODE[3] - 12))
    bare = fingerprint(post.picture, None, modules)
    assert alike(print_of(edited(post, "resize")), bare).kind == "same"
    for person in range(2, 6):
        assert alike(print_of(edited(Post(person=person), "resize")), bare).kind in ("likely", "other")


STICKER = (700, POSTER[1], 1000, POSTER[1] + 120)


def test_one_of_one_s_own_with_something_laid_over_it_is_likely_the_old_one() -> None:
    assert compared(covered(Post(person=1), STICKER), Post(person=1)).kind == "likely"


def test_a_new_post_has_another_clock_and_another_age_and_is_no_old_one() -> None:
    new = Post(person=1, clock="22:51", age="2 hours ago")
    assert compared(covered(new, STICKER), Post(person=1)).kind == "other"
    for half in (Post(person=1, clock="22:51"), Post(person=1, age="2 hours ago")):
        assert compared(covered(half, STICKER), Post(person=1)).kind == "likely"


def test_what_is_left_of_an_erased_one_makes_nothing_likely() -> None:
    left = remains(print_of(Post(person=1)))
    assert alike(print_of(covered(Post(person=1), STICKER)), left).kind == "other"


@pytest.mark.parametrize("off", [-9, 9])
def test_a_poster_that_fills_the_screen_and_was_placed_a_little_off_is_known_again(off: int) -> None:
    shot = Post(person=1)
    page = np.asarray(
        Image.fromarray(shot.picture[POSTER[1] : POSTER[3], POSTER[0] : POSTER[2]]).resize((WIDE, 1920))
    )
    times = WIDE / (POSTER[2] - POSTER[0])
    code = moved(quad(CODE), times, -POSTER[0] * times, -POSTER[1] * times)
    whole, slipped = quad((0, 0, WIDE, 1920)), quad((off, off, WIDE + off, 1920 + off))
    first = fingerprint(page, PosterSeen("art", whole, 0.9), code)
    assert alike(fingerprint(page, PosterSeen("art", slipped, 0.9), code), first).kind == "same"


def test_other_people_with_the_same_poster_words_layout_and_even_clock_are_others() -> None:
    for person in range(2, 8):
        assert compared(Post(person=person), Post(person=1)).kind == "other"


def test_a_second_shot_of_one_s_own_post_differs_in_clock_and_age_and_both_are_shown() -> None:
    later = Post(person=1, clock="22:51", age="2 hours ago")
    found = compared(later, Post(person=1))
    assert found.kind == "retaken"
    heights = sorted(box[0][1] for box in found.changed)
    assert heights[0] < 100
    assert POSTER[3] - 20 < heights[-1] < POSTER[3] + 100


def test_boxes_lie_in_the_first_picture() -> None:
    found = compared(edited(Post(person=1), "clock"), Post(person=1))
    (left, top), _, (right, bottom), _ = found.changed[0]
    assert 0 <= left < right < WIDE / 3
    assert 0 <= top < bottom < 120


def test_a_fingerprint_is_small_even_of_noise_and_of_a_page_a_hundred_screens_long() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2400, 1080, 3), dtype=np.uint8)
    for picture in (noise, np.tile(noise[:200], (60, 1, 1)), noise[:8, :400], noise[:400, :8], noise[:4, :4]):
        data = fingerprint(np.ascontiguousarray(picture), None)
        assert len(data) <= MAX_BYTES
        assert read(data) is not None
        assert alike(data, data).kind in ("same", "other")


def test_nothing_on_it_is_large_enough_to_know_a_face() -> None:
    found = read(print_of(Post(person=1)))
    assert found is not None
    assert found.grey.shape[1] <= 144
    assert found.step * 16 > 110  # a face is less than 16 of its pixels wide


def test_when_the_picture_is_erased_nothing_is_left_of_its_print_that_could_be_read() -> None:
    whole, kept = read(print_of(Post(person=1))), read(remains(print_of(Post(person=1))))
    assert whole is not None
    assert kept is not None
    assert whole.clock is not None
    assert whole.age is not None
    assert (kept.clock, kept.age, kept.keys) == (None, None, whole.keys)
    assert kept.step >= FINEST
    assert kept.grey.shape[1] * kept.step <= WIDE


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.0])
def test_of_a_piece_cut_out_of_a_screen_no_more_is_left_than_of_the_screen(scale: float) -> None:
    piece = Image.fromarray(Post(person=1).picture[200:1200, 20:640])
    piece = piece.resize((round(620 * scale), round(1000 * scale)))
    where = moved(quad(POSTER), scale, -20 * scale, -200 * scale)
    code = moved(quad(CODE), scale, -20 * scale, -200 * scale)
    kept = read(remains(fingerprint(np.asarray(piece), PosterSeen("art", where, 0.9), code)))
    assert kept is not None
    assert kept.step >= FINEST
    assert kept.grey.shape[1] <= MOST_ACROSS


@pytest.mark.parametrize("edit", EDITS)
def test_one_that_is_erased_is_known_again_by_its_code_and_nobody_else_s_is_taken_for_it(edit: str) -> None:
    kept = remains(print_of(Post(person=1)))
    assert alike(print_of(edited(Post(person=1), edit)), kept).kind == "retaken"
    assert alike(kept, print_of(Post(person=1, clock="22:51", age="2 hours ago"))).kind == "retaken"
    for person in range(2, 6):
        assert alike(print_of(edited(Post(person=person), edit)), kept).kind == "other"
        assert alike(print_of(Post(person=person, is_placed=False)), kept).kind == "other"


def test_of_a_shot_without_a_code_and_of_rubbish_nothing_is_left() -> None:
    assert remains(b"rubbish") == b""
    assert remains(print_of(Post(person=1, is_placed=False))) == b""


def test_a_plain_picture_is_like_nothing() -> None:
    plain = fingerprint(np.full((HIGH, WIDE, 3), 200, np.uint8), None)
    assert alike(plain, plain).kind == "other"


@pytest.mark.parametrize(
    "corners",
    [
        (0.0, 0.0, 0.0, 0.0),
        (float("nan"), 0.0, 100.0, 100.0),
        (-1e9, -1e9, 1e9, 1e9),
        (5000.0, 5000.0, 6000.0, 6000.0),
    ],
)
def test_a_poster_placed_anywhere_is_survived(corners: tuple[float, float, float, float]) -> None:
    picture = Post(person=1).picture
    data = fingerprint(picture, PosterSeen("art", quad(corners), 0.9), quad(corners))
    assert alike(data, data).kind in ("same", "other")


@given(st.binary(max_size=600))
def test_rubbish_is_like_nothing(data: bytes) -> None:
    good = _GOOD
    assert alike(data, good) == alike(good, data) == Likeness(0.0, (), "other")
    assert near_keys(data) is None


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_damaged_fingerprint_never_raises(seed: int, count: int) -> None:
    damaged, dice = bytearray(_GOOD), random.Random(seed)
    for _nth in range(count):
        damaged[dice.randrange(2, len(damaged))] = dice.randrange(256)
    alike(bytes(damaged), _GOOD)
    alike(_GOOD, bytes(damaged[: dice.randrange(len(damaged))]))


def made(high: int, wide: int, step: float, frame: Frame, code: tuple[int, int] | None = None) -> bytes:
    """What a process that was taken over could hand out: well formed, and untrue."""
    grey = (np.indices((high, wide)).sum(0) % 2 * 240).astype(np.uint8)
    own = packed(np.indices(code).sum(0).astype(np.uint8) if code else None, 16)
    parts = packed(grey, 16), packed(None, 16), packed(None, 16), own
    return written((0.0, 0.0), step, (0, 0), frame, None, False, (1, 2, 3, 4), parts)


@pytest.mark.parametrize(
    "data",
    [
        made(256, 256, 0.01, (0.0, 0.0, 1.0, 999_999.0)),
        made(256, 256, 0.011, (0.0, 0.0, 999_999.0, 999_999.0)),
        made(256, 256, 900_000.0, (0.0, 0.0, 1e5, 1e5)),
        made(64, 64, 10.0, (0.0, 0.0, 640.0, 640.0), code=(8, 60)),
    ],
)
def test_a_fingerprint_whose_parts_do_not_fit_each_other_is_none(data: bytes) -> None:
    assert len(data) <= MAX_BYTES
    assert read(data) is None
    assert alike(data, data) == alike(data, _GOOD) == Likeness(0.0, (), "other")
    assert near_probes(data) == []


@given(
    st.integers(4, 400), st.integers(4, 400), st.floats(0.01, 50), st.floats(-1e5, 1e5), st.floats(0.5, 1.5)
)
def test_whatever_fits_is_laid_within_its_own_size(
    high: int, wide: int, step: float, left: float, times: float
) -> None:
    data = made(high, wide, step, (left, left, left + times * wide * step, left + times * high * step))
    for one, other in ((data, data), (data, _GOOD), (_GOOD, data)):
        alike(one, other)


@pytest.mark.parametrize("size", [(8000, 30), (2560, 10), (30, 8000), (400, 6)])
def test_a_shot_squeezed_to_a_strip_hinders_nobody_else_s(size: tuple[int, int]) -> None:
    post = Post(person=1, is_placed=False)
    strip = np.asarray(Image.fromarray(post.picture).resize(size))
    data = fingerprint(strip, None)
    assert read(data) is not None
    assert alike(print_of(post), data).kind == alike(data, print_of(post)).kind == "other"


def test_a_search_finds_copies_by_a_key_and_others_hardly_ever() -> None:
    own = near_keys(print_of(Post(person=1)))
    assert own is not None
    for edit in EDITS:
        probes = near_probes(print_of(edited(Post(person=1), edit)))
        assert any(key in tried for key, tried in zip(own, probes, strict=True)), edit
    others = [near_probes(print_of(Post(person=person))) for person in range(2, 12)]
    assert sum(key in tried for probes in others for key, tried in zip(own, probes, strict=True)) <= 1
    assert near_probes(b"rubbish") == []


def test_an_exact_copy_has_the_very_keys_that_are_tried_first() -> None:
    for post in (Post(person=1), Post(person=1, is_placed=False)):
        data = print_of(post)
        assert near_keys(data) == tuple(tried[0] for tried in near_probes(data))


_GOOD = print_of(Post(person=1))
