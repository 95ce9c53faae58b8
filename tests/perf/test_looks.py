"""Screens of other apps: they are what their labels tell, and no more is asked than a person can see."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from perf.looks import ink, making
from perf.looks.__main__ import main
from perf.looks.frames import Post
from perf.looks.ink import path_of
from perf.looks.making import LEAST_MODULE, LOOKS, Cast, Wish, cast_of, make_set, some_phone
from perf.looks.posters import Person, personal
from perf.looks.wear import LEVELS, worn
from perf.review_set import ScreenSet, read_set
from tenfold.imaging.qr import read_codes
from tests.perf.looks_fonts import NEEDS_FONTS

pytestmark = NEEDS_FONTS


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    """Two campaigns of ours, one with the art of the first, one other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "KNOWN", 2)
        patch.setattr(making, "SIBLINGS", 1)
        patch.setattr(making, "OTHERS", 1)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("looks")
    make_set(made, seed="tests", per=1, tricks=0)
    return made


@pytest.fixture(scope="module")
def screens(folder: Path) -> ScreenSet:
    return read_set(folder)


@cache
def _cast() -> Cast:
    return cast_of("tests")


def _post(look: str, audience: str = "open", seed: int = 1, *, is_chinese: bool = True) -> Post:
    dice, art = Random(seed), _cast().known[0]
    face = Image.new("RGB", (90, 90), (90, 120, 160))
    poster, _module = personal(art, Person("Lily", face, f"{making.STEM}AbCdEfGh"), dice)
    phone = replace(some_phone(dice, look), is_chinese=is_chinese)
    return Post(poster, "Lily", face, "", audience, False, dice, phone)


# ---- the set


def test_a_set_has_each_look_and_each_kind_of_wrong(folder: Path, screens: ScreenSet) -> None:
    told = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    genuine = [each["look"] for each in told if each["cls"] == "pos"]
    assert genuine == list(LOOKS)
    assert {each["cls"] for each in told} == {"pos", *making.WRONG}
    assert {path.name for path in (folder / "img").iterdir()} == {label.file for label in screens.labels}
    assert set(screens.arts) == {"K0", "K1", "S0", "O0"}


def test_each_sender_claims_their_own_code_of_one_form(screens: ScreenSet) -> None:
    screens.similarity = lambda _art, _other: 1.0
    for label in screens.labels:
        claim = screens.claim(label)
        assert claim.code_text.startswith(making.STEM)
        assert (claim.code_text == label.qr_text) is label.is_genuine, "nobody else's code is in a wrong one"


def test_what_no_person_could_tell_is_left_out_of_the_shares(folder: Path) -> None:
    for line in (folder / "labels.jsonl").read_text().splitlines():
        told = json.loads(line)
        if told["cls"] == "pos" and told["untold"]:
            assert not told["qr_visible"]
            assert told["privacy"] == "none", "what is not to be seen is nobody's reason"


def test_the_code_is_where_the_label_says(folder: Path, screens: ScreenSet) -> None:
    """In all of them that nothing has been done to."""
    looked = 0
    for label in screens.labels:
        if label.level != "clean" or not label.qr_visible:
            continue
        found = read_codes((folder / "img" / label.file).read_bytes())
        mine = [code for code in found if code.text == label.qr_text]
        assert mine, label.file
        (left, top), _, (right, foot), _ = label.quad
        for x, y in mine[0].corners:
            assert left <= x <= right, label.file
            assert top <= y <= foot, label.file
        assert label.module_px >= LEAST_MODULE
        looked += 1
    assert looked


def test_a_seed_gives_the_same_screen_again_and_another_one_another() -> None:
    cast, wish = _cast(), Wish("pos", "weibo", "photo")
    first, quality, label = making.screen(cast, wish, Random("1"))
    again, *same = making.screen(cast_of("tests"), wish, Random("1"))
    assert np.array_equal(first, again)
    assert same == [quality, label]
    assert making.screen(cast, wish, Random("2"))[2] != label


def test_a_sibling_has_the_art_and_the_places_but_no_word_of_the_first() -> None:
    cast = _cast()
    ours, sibling, other = cast.known[0], cast.siblings[0], cast.known[1]
    assert sibling.image.size == ours.image.size
    assert sibling.ink == ours.ink
    assert np.asarray(sibling.image)[-4:].tolist() == np.asarray(ours.image)[-4:].tolist()
    assert np.abs(np.asarray(sibling.image, int) - np.asarray(ours.image)).max() > 100
    corner = np.asarray(other.image)[-4:, :20].tolist()
    assert corner != np.asarray(ours.image)[-4:, :20].tolist()


# ---- looks and wear


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("is_chinese", [True, False], ids=["zh", "en"])
def test_a_look_shows_the_whole_poster_on_a_phone(look: str, is_chinese: bool) -> None:
    for seed in range(2):
        post = _post(look, seed=seed, is_chinese=is_chinese)
        shown = LOOKS[look](post)
        assert shown.image.size == (post.phone.width, post.phone.height)
        for x, y in shown.quad:
            assert -2 <= x <= post.phone.width + 2
            assert -2 <= y <= post.phone.height + 2
        wide, tall = math.dist(shown.quad[0], shown.quad[1]), math.dist(shown.quad[1], shown.quad[2])
        assert tall / wide == pytest.approx(post.shape, rel=0.02)


@pytest.mark.parametrize(
    "look", ["moments", "moments_detail", "company", "weibo", "xiaohongshu", "facebook", "linkedin"]
)
def test_who_may_see_a_post_is_to_be_seen_on_it(look: str) -> None:
    """Or the label says that it is not."""
    for seed in range(2):
        restricted, opened = (LOOKS[look](_post(look, audience, seed)) for audience in ("self", "open"))
        assert restricted.privacy == ("none" if restricted.untold else "lock")
        assert opened.privacy == "none"
        if not restricted.untold:
            assert np.any(np.asarray(restricted.image) != np.asarray(opened.image))


@pytest.mark.parametrize("level", LEVELS)
def test_a_place_is_found_again_after_any_wear(level: str) -> None:
    pixels = np.full((1600, 720, 3), 235, np.uint8)
    pixels[780:820, 340:380] = 0
    quad = ((100.0, 1200.0), (200.0, 1200.0), (200.0, 1300.0), (100.0, 1300.0))
    made = worn(pixels, level, quad, Random(3))
    x, y = made.placed(((360.0, 800.0),) * 4)[0]
    assert made.pixels[round(y), round(x)].mean() < 90
    assert (made.quality is None) == (level == "clean")


# ---- by hand


def test_a_directory_that_has_something_is_left_alone(folder: Path) -> None:
    result = CliRunner().invoke(main, ["--seed", "1", "--out", str(folder)])
    assert result.exit_code == 1
    assert "is not empty" in result.output


def test_a_missing_typeface_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ink, "PLACES", (tmp_path,))
    path_of.cache_clear()
    ink.font.cache_clear()
    try:
        result = CliRunner().invoke(main, ["--seed", "1", "--out", str(tmp_path / "set")])
    finally:
        path_of.cache_clear()
    assert result.exit_code == 1
    assert "apt-get install fonts-" in result.output
