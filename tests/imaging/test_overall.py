"""A poster is found by its look as a whole where no code is read and no features agree; and no other one ever is."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.imaging import registering
from tenfold.imaging.arts import Array, prepared
from tenfold.imaging.fitting import Sight
from tenfold.imaging.overall import TRIED, overall
from tenfold.imaging.registering import place
from tenfold.imaging.seen import PROVEN
from tests.imaging.shots import campaign, pixels, screen, sent

NAMES = ["poster-bold", "poster-calm", "distribution-cobalt", "invitation-arch-square"]


@pytest.fixture
def _featureless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registering, "_by_features", lambda *_asked: None)


@pytest.mark.usefixtures("_featureless")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "at"), [(240, (190, 420)), (380, (90, 1200)), (900, (90, 60))])
def test_a_poster_without_features_is_found_to_a_pixel_or_two(
    name: str, width: int, at: tuple[int, int]
) -> None:
    poster = campaign(name).poster()
    seen = place(
        pixels(sent(screen((poster, width, at)), quality=35, blur=0.8)), prepared(campaign(name).art)
    )
    assert seen is not None
    assert seen.score >= PROVEN
    (left, top), _right, (far, low), _left = seen.quad
    there = (*at, at[0] + width, at[1] + poster.height * width / poster.width)
    assert np.abs(np.array((left, top, far, low)) - there).max() < max(2, width / 200)


@pytest.mark.usefixtures("_featureless")
@pytest.mark.parametrize("name", NAMES)
def test_one_with_other_words_is_not(name: str) -> None:
    other = campaign(name, has_other_words=True).poster()
    seen = place(pixels(sent(screen((other, 380, (190, 420))))), prepared(campaign(name).art))
    assert seen is None or seen.score < PROVEN


@pytest.mark.parametrize("size", [(1, 1), (30, 2000), (2000, 30), (64, 64), (1080, 2280)])
@pytest.mark.parametrize("ground", ["plain", "noise"])
def test_nothing_is_like_a_plain_ground_or_like_noise(size: tuple[int, int], ground: str) -> None:
    shape = size[1], size[0], 3
    picture: Array = np.full(shape, 240, np.uint8)
    if ground == "noise":
        picture = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    assert list(overall(Sight(picture), prepared(campaign().art))) == []


def test_so_many_places_are_looked_at_and_no_more() -> None:
    poster = campaign().poster()
    places = [(poster, 240, (40 + 340 * across, 40 + 520 * down)) for across in range(3) for down in range(4)]
    views = list(overall(Sight(pixels(sent(screen(*places)))), prepared(campaign().art)))
    assert len(views) == TRIED
    assert len({(round(view[0, 2] / 40), round(view[1, 2] / 40)) for view in views}) == TRIED
