"""The bench of posters: whom it makes them for, what it counts, and that it would see what is wrong."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from perf import posters_pairs
from perf.bench_posters import line, pair_figures, speed_figures
from perf.drill_kill import Figure
from perf.posters_pairs import Found, compared, encoded_whole, interval_of, thumbnail
from perf.posters_people import LANGUAGES, looks, people, varied
from perf.posters_readers import Pillow, SimpleJpeg
from perf.posters_rounds import Seen, seen, stand, together
from tenfold.imaging.compose import Given, Ground, encode
from tenfold.imaging.qr import read_codes
from tenfold.imaging.variables import PERSONAL, SHARED
from tests.imaging import samples
from tests.imaging.test_splice import picture, spliced_poster


def named(figures: list[Figure], name: str) -> Figure:
    return next(figure for figure in figures if figure.name == name)


# --- whom, and of which design ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_comes_twice_and_everybody_has_all_that_a_design_may_ask_for(language: str) -> None:
    crowd = list(itertools.islice(people(language, random.Random(1)), 200))
    assert len({given.code_text for given in crowd}) == 200
    assert len({given.avatar for given in crowd if given.avatar}) == sum(
        bool(given.avatar) for given in crowd
    )
    assert 5 < sum(given.avatar is None for given in crowd) < 40
    assert all(set(given.values) == set(PERSONAL) for given in crowd)


def test_looks_are_all_ready_designs_in_both_languages() -> None:
    found = looks(1)
    assert len([look for look in found if look.is_tall_poster]) >= 6
    assert {look.language for look in found} == set(LANGUAGES)
    assert all(set(look.shared) == set(SHARED) for look in found)
    assert all(look.design.width for look in found)


def test_varied_designs_are_whole_and_stand_elsewhere_on_the_grid() -> None:
    look = next(look for look in looks(1) if look.is_tall_poster)
    dice = random.Random(3)
    others = [varied(look, dice) for _ in range(20)]
    assert len({(other.design.width, other.design.height) for other in others}) > 15
    assert len({other.design.layers[0].box[:2] for other in others}) > 15
    for other in others:
        moved = {
            (new.box[0] - old.box[0], new.box[1] - old.box[1])
            for new, old in zip(other.design.layers, look.design.layers, strict=True)
        }
        assert len(moved) == 1


# --- rounds -----------------------------------------------------------------------------------------------------


def test_a_round_makes_posters_for_new_people_and_encodes_the_same_pictures() -> None:
    one = stand(next(look for look in looks(1) if not look.is_tall_poster), 1)
    first, second = seen(one, 2), seen(one, 2, ours_first=False)
    for each in (first, second):
        assert each.posters == 2
        assert 0 < each.drawing < each.ours
        assert each.full > 0
        assert 0.9 < each.our_bytes / each.full_bytes < 1.3
    assert first.our_bytes != second.our_bytes
    assert together([first, second]).posters == 4


def told(ours: float, full: float) -> Seen:
    return Seen(10, ours, ours / 2, full, 110, 100)


def test_the_median_of_the_rounds_own_ratios_counts() -> None:
    figures = list(speed_figures([told(1, 1.9), told(2, 4.2), told(1, 9)]))
    ratio = named(figures, "JPEG over simplejpeg's full encode")
    assert (ratio.value, ratio.target, ratio.ok) == (2.1, ">= 2", True)
    assert named(figures, "the same, worst round").value == 1.9
    assert named(figures, "bytes over simplejpeg's").value == 1.1
    missed = named(list(speed_figures([told(1, 1.9)] * 3)), ratio.name)
    assert not missed.ok
    assert line(missed).startswith("MISSED")


# --- pairs ------------------------------------------------------------------------------------------------------


def test_pairs_of_ready_designs_are_the_whole_encode_and_read() -> None:
    *_, found = compared(3, 1, [Pillow("pillow"), SimpleJpeg("simplejpeg")])
    assert (found.pairs, found.same, found.designs, found.odd) == (3, 3, 1, [])
    assert found.codes == found.read_codes == 3
    assert found.content == found.asked == Counter(pillow=3, simplejpeg=3)


def test_another_file_than_the_whole_encode_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(ground: Ground, given: Given, media_type: str) -> bytes:
        data = encode(ground, given, "image/jpeg")
        return data.replace(b"\xff\xd3", b"\xff\xd5", 1)

    monkeypatch.setattr(posters_pairs, "encode", spoilt)
    *_, found = compared(1, 1, [SimpleJpeg("simplejpeg")])
    assert (found.same, found.content["simplejpeg"], len(found.odd)) == (0, 0, 2)
    figures = list(pair_figures(found, []))
    assert not named(figures, "bytes of the whole encode").ok
    assert not named(figures, "read by simplejpeg without a warning").ok
    assert sum(figure.name == "not as it should be" for figure in figures) == 2


def test_nothing_counted_is_nothing_shown() -> None:
    figures = list(pair_figures(Found(), ["skia could not be installed"]))
    assert not named(figures, "bytes of the whole encode").ok
    assert not named(figures, "codes read from a thumbnail").ok
    assert not named(figures, "decoders").ok
    assert named(figures, "skipped").value == "skia could not be installed"


def test_readers_complain_about_what_is_wrong() -> None:
    data, _ = spliced_poster()
    assert [reader.complaint(data) for reader in (Pillow("a"), SimpleJpeg("b"))] == ["", ""]
    assert "truncated" in Pillow("a").complaint(data[:-9000])
    assert "Premature end" in SimpleJpeg("b").complaint(data[:-9000])
    assert "RST3" in SimpleJpeg("b").complaint(data.replace(b"\xff\xd3", b"\xff\xd5", 1))


@pytest.mark.parametrize("interval", [1, 4, 68])
def test_the_interval_is_read_from_the_file(interval: int) -> None:
    assert interval_of(encoded_whole(picture(1080, 64), interval)) == interval


def test_a_thumbnail_is_small_and_its_code_still_there() -> None:
    one = stand(next(look for look in looks(1) if look.is_tall_poster), 1)
    given = next(one.givens)
    small = thumbnail(encode(one.ground, given, "image/jpeg"))
    assert samples.decoded(small).size == (302, 538)
    assert [code.text for code in read_codes(small)] == [given.code_text]
