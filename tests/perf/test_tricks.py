"""Dishonest screens of one's own poster: each trick hides what it says, and its sender claims their own code."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image

from perf.looks import making, tricks
from perf.looks.frames import Shown
from perf.looks.hostile import LIMIT_HOURS, OLD, RESTRICTED, TRICKS, Made, tricked, wished
from perf.looks.making import LOOKS, STEM, Cast, Wish, cast_of, make_set, some_phone, tricky_screen
from perf.looks.tricks import Scene
from perf.review_set import read_set
from tenfold.imaging.qr import READING_SIDE, read_codes
from tests.perf.looks_fonts import NEEDS_FONTS

pytestmark = NEEDS_FONTS
EACH = [(name, trick.classes[nth % len(trick.classes)]) for nth, (name, trick) in enumerate(TRICKS.items())]
CODE = f"{STEM}AbCdEfGh"


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KNOWN", "SIBLINGS", "OTHERS"):
            patch.setattr(making, name, 1)
        yield


@cache
def _cast() -> Cast:
    return cast_of("tricks")


def _made(trick: str, cls: str, seed: int = 1) -> Made:
    return tricked(trick, cls, _cast().known[0], CODE, LOOKS, some_phone, Random(seed))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("trick", "cls"), EACH)
def test_the_poster_with_the_senders_own_code_is_on_it(trick: str, cls: str) -> None:
    made = _made(trick, cls)
    assert made.look in TRICKS[trick].looks
    (left, top), _, (right, bottom), _ = made.shown.quad
    assert -0.1 * (right - left) <= left < right <= made.shown.image.width + 2
    assert -2 <= top < bottom <= made.shown.image.height + 2
    scale = min(2.0, READING_SIDE / max(made.shown.image.size))
    enlarged = made.shown.image.resize([round(scale * side) for side in made.shown.image.size])
    found = [code for code in read_codes(_png(enlarged)) if code.text == CODE]
    assert found
    for x, y in found[0].corners:
        assert left - 3 <= x / scale <= right + 3
        assert top - 3 <= y / scale <= bottom + 3


def test_a_set_has_so_many_of_each_and_their_senders_claim_their_own_code(tmp_path: Path) -> None:
    make_set(tmp_path, seed="tricks", per=1, tricks=1)
    told = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [each["trick"] for each in told if "trick" in each] == list(TRICKS)
    screens = read_set(tmp_path)
    for label in screens.labels:
        if not label.trick:
            continue
        assert label.cls in (RESTRICTED, OLD)
        assert screens.claim(label).code_text == label.qr_text
        assert screens.claimed(label) == label.cid
        assert label.oldest_hours == (LIMIT_HOURS if label.cls == OLD else 0)
        assert label.truths == {"too_old" if label.cls == OLD else "restricted_audience"}


def test_both_kinds_of_post_are_drawn_in_turn() -> None:
    made = wished(2, Random(1))
    assert {cls for name, cls in made if name == "painted"} == {RESTRICTED, OLD}
    assert {cls for name, cls in made if name == "pill"} == {RESTRICTED}


def test_a_seed_gives_the_same_screen_again() -> None:
    wish = Wish(OLD, "", "light", "two_posts")
    (first, quality, label), (again, *same) = (
        tricky_screen(_cast(), wish, Random("1")),
        tricky_screen(cast_of("tricks"), wish, Random("1")),
    )
    assert np.array_equal(first, again)
    assert same == [quality, label]


# ---- what is done to a screen


def _scene(seed: int = 3, hidden: tuple[float, ...] = (60, 620, 160, 640), **told: Any) -> Scene:
    """Grey, with a poster in the middle of it and a black mark."""
    image = Image.new("RGB", (400, 800), (200, 200, 200))
    poster = (60.0, 400.0, 160.0, 600.0)
    left, top, right, bottom = poster
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    box = (hidden[0], hidden[1], hidden[2], hidden[3])
    image.paste((0, 0, 0), (round(box[0]), round(box[1]), round(box[2]), round(box[3])))
    shown = Shown(image, quad, "feed", "lock", marks={"audience": box})
    phone = some_phone(Random(1), "moments")
    return Scene(shown, phone, box, Random(seed), lambda: shown)


def _is_black(image: Image.Image) -> bool:
    return bool((np.asarray(image) == 0).any())


@pytest.mark.parametrize("seed", range(5))
def test_a_mark_is_cut_out_and_the_poster_is_not(seed: int) -> None:
    for change, hidden in (
        (tricks.cut_bottom, (60, 620, 160, 640)),
        (tricks.cut_top, (60, 360, 160, 380)),
        (tricks.cut_face, (60, 620, 160, 640)),
    ):
        made = change(_scene(seed, hidden))
        assert made is not None
        assert not _is_black(made.image)
        assert made.quad[2][0] - made.quad[0][0] == 100
        assert made.image.height >= made.quad[2][1] - 1


@pytest.mark.parametrize("change", [tricks.cut_top, tricks.cut_bottom, tricks.cut_right, tricks.two_headings])
def test_where_there_is_no_place_for_it_nothing_is_made(change: tricks.Change) -> None:
    assert change(_scene(hidden=(60, 450, 160, 470))) is None


def test_what_is_painted_over_leaves_the_ground() -> None:
    made = tricks.painted(_scene())
    assert made is not None
    assert not _is_black(made.image)


def test_in_a_pill_it_has_another_ground_and_is_still_to_be_read() -> None:
    scene = _scene()
    left, top = round(scene.hidden[0]), round(scene.hidden[1])
    scene.shown.image.paste((200, 200, 200), (left, top, left + 20, top + 20))
    made = tricks.pill(scene)
    assert made is not None
    pixels = np.asarray(made.image)[620:640, 60:160].astype(int)
    assert np.abs(pixels[10, 5] - pixels[10, 60]).max() > 60
    assert np.abs(pixels[10, 5] - 200).max() > 20
