"""The words of a poster, at the sizes that feeds and chats show: its own, others set in the same way, covered ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tenfold.imaging.arts import Array, prepared
from tenfold.imaging.fitting import Sight, corners_of, whole_of
from tenfold.imaging.registering import place, view_of
from tenfold.imaging.seen import PROVEN, Art, PosterSeen, Quad
from tenfold.imaging.wording import wording
from tests.imaging.shots import Campaign, campaign, pixels, screen, sent

LEFT, TOP = 90, 300
LOOKS = ["award-gold", "distribution-cobalt", "invitation-arch", "poster-bold", "ticket-coral"]
FAMILIES = ["distribution-cobalt", "invitation-arch", "ticket-coral"]


def words_of(
    shown: Image.Image, art: Art, width: int, *, quality: int = 60, blur: float = 0.0
) -> float | None:
    """Of a poster that is shown so wide, held against the art where it lies."""
    ready, height = prepared(art), shown.height * width / shown.width
    shot = sent(screen((shown, width, (LEFT, TOP))), quality=quality, blur=blur)
    quad: Quad = (
        (LEFT, TOP),
        (LEFT + width, TOP),
        (LEFT + width, TOP + height),
        (LEFT, TOP + height),
    )
    view = view_of(PosterSeen(art.key, quad, 1.0), ready.width, ready.height)
    return wording(Sight(pixels(shot)), ready, view, whole_of(ready))


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize(("width", "blur"), [(150, 0.6), (420, 0.0)])
def test_a_poster_s_own_words_are_known_however_small_or_blurred(name: str, width: int, blur: float) -> None:
    made = campaign(name)
    words = words_of(made.poster(), made.art, width, quality=45, blur=blur)
    assert words is not None
    assert words >= PROVEN


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(("width", "blur"), [(220, 0.8), (700, 0.0)])
def test_other_words_set_in_the_same_way_are_told_from_them(name: str, width: int, blur: float) -> None:
    other = campaign(name, has_other_words=True).poster()
    words = words_of(other, campaign(name).art, width, blur=blur)
    assert words is not None
    assert words < PROVEN


def test_a_poster_that_is_alike_as_a_whole_is_not_proven_with_other_words() -> None:
    """Its frame, its ribbon and most of its lines are the same: all that differs are two lines of words."""
    name = "certificate-ribbon-portrait"
    other = campaign(name, has_other_words=True).poster()
    for width in (220, 700):
        seen = place(pixels(sent(screen((other, width, (LEFT, TOP))))), prepared(campaign(name).art))
        assert seen is None or seen.score < PROVEN


def highest_line(other: Image.Image, own: Image.Image) -> tuple[int, int, int, int]:
    """The box of the highest of the lines in which they differ."""
    apart = np.abs(pixels_of(other) - pixels_of(own)).max(axis=(1, 2)) > 60
    edges = np.flatnonzero(np.diff(apart.astype(int), prepend=0, append=0))
    top, bottom = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return 0, int(top), own.width, int(bottom)


def with_one_line_of(other: Image.Image, own: Image.Image) -> Image.Image:
    """That line taken from the other one."""
    box = highest_line(other, own)
    made = own.copy()
    made.paste(other.crop(box), box[:2])
    return made


def pixels_of(image: Image.Image) -> Array:
    return np.asarray(image.convert("RGB"), int)


# Of the third one the highest such line is too short to be a row by itself.
@pytest.mark.parametrize("name", ["invitation-arch", "ticket-coral"])
@pytest.mark.parametrize("width", [330, 700])
def test_one_large_line_of_other_words_makes_it_another_poster(name: str, width: int) -> None:
    made = campaign(name)
    forged = with_one_line_of(campaign(name, has_other_words=True).poster(), made.poster())
    words = words_of(forged, made.art, width)
    assert words is not None
    assert words < PROVEN


def bannered(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    made = image.copy()
    made.paste((250, 250, 250), box)
    return made


def mosaicked(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    made, line = image.copy(), image.crop(box)
    coarse = line.resize((line.width // 30, max(1, line.height // 30)), Image.Resampling.BOX)
    made.paste(coarse.resize(line.size, Image.Resampling.NEAREST), box[:2])
    return made


@pytest.mark.parametrize("name", ["award-gold", "ticket-coral"])
@pytest.mark.parametrize("width", [330, 700])
@pytest.mark.parametrize("cover", [bannered, mosaicked])
def test_a_line_that_is_covered_tells_of_no_other_words(
    name: str, width: int, cover: Callable[..., Image.Image]
) -> None:
    """What is covered counts as far as it is unlike, as a sticker does: the row's own factor is for other words."""
    made = campaign(name)
    own, other = made.poster(), campaign(name, has_other_words=True).poster()
    hidden = words_of(cover(own, highest_line(other, own)), made.art, width)
    others = words_of(with_one_line_of(other, own), made.art, width)
    assert hidden is not None
    assert others is not None
    assert hidden > 0.4 > others


def covered(made: Campaign, share: float) -> Image.Image:
    """With a sticker over so much of it, where its words are."""
    poster = made.poster().copy()
    side = round((poster.width * poster.height * share) ** 0.5)
    poster.paste((230, 40, 60), (120, 560, 120 + side, 560 + side))
    return poster


def test_a_sticker_does_not_make_it_another_poster_but_covering_half_does() -> None:
    made = campaign()
    small, large = (words_of(covered(made, share), made.art, 420) for share in (0.04, 0.4))
    assert small is not None
    assert large is not None
    assert small >= PROVEN > large


def test_a_square_out_of_the_middle_is_held_against_the_words_it_shows() -> None:
    for has_other_words in (False, True):
        whole = campaign("distribution-cobalt", has_other_words=has_other_words).poster()
        square = whole.crop((0, 420, 1080, 1500))
        ready = prepared(campaign("distribution-cobalt").art)
        seen = place(pixels(sent(screen((square, 250, (LEFT, TOP))))), ready)
        is_proven = seen is not None and seen.score >= PROVEN
        assert is_proven is not has_other_words


def test_of_a_picture_without_words_nothing_is_said() -> None:
    """Stripes have edges, but no letters."""
    rows: Array = np.zeros((1920, 1080, 3), np.uint8)
    rows[::160] = 255
    rows[:, :] += (np.arange(1920) // 160 % 2 * 120).astype(np.uint8)[:, None, None]
    striped = Image.fromarray(rows)
    art = Art("striped", sent(striped, quality=95), (700, 1500, 1000, 1800))
    assert corners_of(prepared(art)).max() == 1920
    assert words_of(striped, art, 420) is None
