from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tenfold.imaging.hints import hints
from tenfold.imaging.post import read_post
from tenfold.imaging.seen import Claim, CodeSeen, Hint
from tests.imaging import phones
from tests.imaging.phones import Look, Post, Shot


def signs(shot: Shot, code: CodeSeen | None = None) -> list[Hint]:
    post = read_post(shot.picture, shot.poster, Claim((), "X"))
    assert post.age is not None
    return list(hints(shot.picture, shot.poster, code, post))


def grainy(shot: Shot) -> Shot:
    noise = np.random.default_rng(1).normal(0, 3, shot.picture.shape)
    return replace(shot, picture=np.clip(shot.picture * 0.8 + 20 + noise, 0, 255).astype(np.uint8))


def repainted(shot: Shot, ground: tuple[int, int, int]) -> Shot:
    """The age covered with another one."""
    picture = Image.fromarray(shot.picture)
    draw = ImageDraw.Draw(picture)
    left, top = (round(value) for value in shot.poster.quad[3])
    size = round(shot.look.size * shot.look.width)
    y = top + round(shot.look.gap * shot.look.width)
    draw.rectangle((left - 4, y - 4, left + 4.2 * size, y + 1.5 * size), fill=ground)
    draw.text((left, y), "58分钟前", (130, 130, 130), shot.look.font(size))
    return replace(shot, picture=np.asarray(picture))


@pytest.mark.parametrize("level", ["clean", "sent", "heavy"])
def test_an_honest_screenshot_shows_no_sign(level: str) -> None:
    rng = random.Random(1)
    shot = phones.screen(rng, Look(), Post("48分钟前", phones.heads))
    assert signs(phones.worn(rng, shot, level)) == []


def test_an_honest_photograph_shows_no_sign() -> None:
    assert signs(grainy(phones.screen(random.Random(2), Look(), Post("48分钟前")))) == []


def test_an_age_painted_upon_another_ground_shows() -> None:
    shot = repainted(phones.screen(random.Random(3), Look(), Post("48分钟前")), (248, 248, 248))
    assert [hint.kind for hint in signs(shot)] == ["age_ground"]


def test_an_age_painted_into_a_grainy_picture_shows() -> None:
    (sign,) = signs(
        repainted(grainy(phones.screen(random.Random(4), Look(), Post("48分钟前"))), (224, 224, 224))
    )
    assert sign.kind == "age_grain"
    assert 0 < sign.strength <= 1


def test_a_code_stuck_into_a_grainy_picture_shows() -> None:
    shot = grainy(phones.screen(random.Random(5), Look(), Post("48分钟前")))
    left, bottom = (round(value) for value in shot.poster.quad[3])
    x, y, side = left + 20, bottom - 140, 120
    picture = shot.picture.copy()
    noise = np.random.default_rng(2).normal(0, 3, (160, 160, 3))
    code = CodeSeen("matched", 0.6, 3.0, ((x, y), (x + side, y), (x + side, y + side), (x, y + side)))
    picture[y - 20 : y + 140, x - 20 : x + 140] = np.clip(225 + noise, 0, 255)
    picture[y : y + side : 12, x : x + side] = 30
    assert signs(replace(shot, picture=picture), code) == []
    picture[y - 20 : y + 140, x - 20 : x + 140] = 225
    picture[y : y + side : 12, x : x + side] = 30
    assert [hint.kind for hint in signs(replace(shot, picture=picture), code)] == ["code_grain"]


def test_nothing_found_gives_no_sign() -> None:
    assert hints(np.zeros((100, 100, 3), np.uint8), None, None, None) == ()
