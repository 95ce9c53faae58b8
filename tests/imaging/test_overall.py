"""A poster is found by its look as a whole where no code is read and no features agree; and no other one ever is."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from tenfold.imaging import overall as looks
from tenfold.imaging import registering
from tenfold.imaging.arts import Array, prepared
from tenfold.imaging.fitting import Sight
from tenfold.imaging.looking import Clock, _placed_in
from tenfold.imaging.overall import TRIED, overall
from tenfold.imaging.registering import place
from tenfold.imaging.seen import PROVEN, Art
from tests.imaging.samples import encoded
from tests.imaging.shots import OTHER, OWN, campaign, pixels, screen, sent

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
    shot = pixels(sent(screen((other, 380, (190, 420)))))
    assert list(overall(Sight(shot), prepared(campaign(name).art)))  # it is looked at closely
    assert place(shot, prepared(campaign(name).art)) is None


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


@pytest.mark.usefixtures("_featureless")
@pytest.mark.parametrize("name", ["poster-bold", "poster-calm"])
@pytest.mark.parametrize(("friends", "own"), [(300, 240), (240, 260)])
def test_one_s_own_below_a_friend_s_is_the_one_that_counts(name: str, friends: int, own: int) -> None:
    theirs, mine = campaign(name).poster(OTHER, "小刚"), campaign(name).poster(OWN)
    shot = pixels(sent(screen((theirs, friends, (190, 300)), (mine, own, (190, 1200))), quality=47, blur=1.0))
    found = _placed_in(Sight(shot), campaign(name).claim(OWN), Clock())
    assert found.poster is not None
    assert abs(found.poster.quad[0][1] - 1200) < 3
    assert found.is_proven


@pytest.mark.parametrize("friends", [160, 420])
def test_one_s_own_code_comes_before_another_poster_of_the_claim(friends: int) -> None:
    """A friend may have posted the campaign's other poster above one's own: found by its look, or by its own code."""
    calm, bold = campaign("poster-calm"), campaign("poster-bold")
    shot = screen((calm.poster(OTHER, "小刚"), friends, (190, 100)), (bold.poster(OWN), 420, (190, 1000)))
    claim = replace(bold.claim(OWN), arts=(calm.art, bold.art))
    picture = pixels(sent(shot))
    with mock.patch.object(registering, "_by_features", return_value=None):
        found = _placed_in(Sight(picture), claim, Clock())
    assert found.is_proven
    assert found.poster is not None
    assert found.poster.art == bold.art.key


@pytest.mark.parametrize(("size", "shape"), [((270, 2560), (1080, 1920)), ((1590, 2560), (4000, 200))])
def test_strips_and_wide_posters_cost_as_little(size: tuple[int, int], shape: tuple[int, int]) -> None:
    """So many pixels in all are compared, counted at every size that is tried."""
    noise = np.random.default_rng(3).integers(0, 256, (shape[1] // 4, shape[0] // 4, 3), dtype=np.uint8)
    art = Art(f"{shape}", encoded(Image.fromarray(noise).resize(shape), "PNG"), (10, 10, 110, 110))
    with mock.patch.object(looks, "_likeness", wraps=looks._likeness) as compared:
        list(overall(Sight(np.full((size[1], size[0], 3), 200, np.uint8)), prepared(art)))
    pixels_in_all = [call.args[0].size for call in compared.call_args_list]
    assert max(pixels_in_all, default=0) <= looks.MOST_PIXELS
    assert sum(pixels_in_all) < 6 * looks.MOST_PIXELS
