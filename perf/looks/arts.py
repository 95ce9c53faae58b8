"""Grounds of posters, made of numbers alone: gradients, photographs of no place, flat shapes, pale paper; and faces."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from perf.looks.ink import TYPEFACES, Colour, length_of, write

Floats = NDArray[np.float32]


def face_of(name: str, dice: Random) -> Image.Image:
    """A face, as people choose them: a letter on a colour, a view, a blurred portrait."""
    kind = dice.choice(("letter", "view", "portrait"))
    if kind == "view":
        return art_of(dice.choice(("photograph", "gradient", "night")), 240, 240, dice)[0]
    ground = tuple(dice.randrange(60, 200) for _nth in range(3))
    image = Image.new("RGB", (240, 240), ground)
    if kind == "letter":
        long = length_of(TYPEFACES["noto"], name[0], 120, True)
        write(
            image,
            (120 - long / 2, 120),
            name[0],
            120,
            (255, 255, 255),
            typeface=TYPEFACES["noto"],
            is_bold=True,
        )
        return image
    pen, skin = ImageDraw.Draw(image), dice.choice(((232, 190, 160), (176, 122, 86), (245, 210, 185)))
    pen.ellipse((50, 160, 190, 320), tuple(dice.randrange(30, 230) for _nth in range(3)))
    pen.ellipse((72, 40, 168, 150), tuple(dice.randrange(20, 90) for _nth in range(3)))
    pen.ellipse((82, 62, 158, 164), skin)
    return image


def art_of(kind: str, wide: int, tall: int, dice: Random) -> tuple[Image.Image, Colour, Colour]:
    """The ground of a poster, the colour of words on it, and one to set some apart."""
    noise = np.random.default_rng(dice.randrange(2**32))
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    y, x = y / tall, x / wide
    made, is_light = _GROUNDS[kind](x, y, noise)
    image = Image.fromarray(np.clip(made, 0, 255).astype(np.uint8))
    if is_light:
        ink = tuple(int(v) for v in noise.integers(10, 70, 3))
        accent = tuple(int(v) for v in noise.integers(30, 130, 3))
    else:
        ink, accent = (255, 252, 240), tuple(int(v) for v in noise.integers(190, 250, 3))
    return image, (ink[0], ink[1], ink[2]), (accent[0], accent[1], accent[2])


def _mixed(share: Floats, one: Any, other: Any) -> Floats:
    blend = np.clip(share, 0, 1)[..., None]
    return np.asarray(blend * np.float32(other) + (1 - blend) * np.float32(one), np.float32)


def _clouds(shape: tuple[int, ...], noise: np.random.Generator, fine: int = 6) -> Floats:
    """Noise of several sizes, as in a photograph; about -1 to 1."""
    total = np.zeros(shape[:2], np.float32)
    for nth in range(1, fine):
        cells = noise.normal(0, 1, (3 * 2**nth, 2 * 2**nth)).astype(np.float32)
        layer = cv2.resize(cells, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
        total += np.asarray(layer, np.float32) / np.float32(1.7**nth)
    return total


def _gradient(x: Floats, y: Floats, noise: np.random.Generator) -> tuple[Floats, bool]:
    angle, colours = noise.uniform(0, math.pi / 2), noise.integers(20, 150, (2, 3))
    made = _mixed(x * math.sin(angle) + y * math.cos(angle), *colours)
    for _nth in range(5):
        far = np.hypot(x - noise.uniform(0, 1), 1.6 * (y - noise.uniform(0, 1)))
        ring = (np.abs(far - noise.uniform(0.1, 0.5)) < noise.uniform(0.01, 0.06)).astype(np.float32)
        made += 28 * cv2.GaussianBlur(ring, (0, 0), 2)[..., None]
    return made, False


def _photograph(x: Floats, y: Floats, noise: np.random.Generator) -> tuple[Floats, bool]:
    horizon = noise.uniform(0.35, 0.65)
    hills = horizon + 0.05 * np.sin(noise.uniform(4, 9) * x + noise.uniform(0, 6))
    sky = _mixed(y / horizon, noise.integers(30, 90, 3), noise.integers(90, 160, 3))
    land = _mixed((y - horizon) * 2, noise.integers(50, 110, 3), noise.integers(10, 50, 3))
    made = np.where((y < hills)[..., None], sky, land) + 26 * _clouds(x.shape, noise, 8)[..., None]
    made += noise.normal(0, 5, (*x.shape, 1))
    return np.asarray(made, np.float32), False


def _flat(x: Floats, y: Floats, noise: np.random.Generator) -> tuple[Floats, bool]:
    made = np.full((*x.shape, 3), noise.integers(195, 245, 3), np.float32)
    for _nth in range(6):
        left, top, wide, tall = *noise.uniform(-0.1, 0.9, 2), *noise.uniform(0.1, 0.5, 2)
        made[(x > left) & (x < left + wide) & (y > top) & (y < top + tall)] = noise.integers(185, 250, 3)
    return made, True


def _pale(x: Floats, y: Floats, noise: np.random.Generator) -> tuple[Floats, bool]:
    made = np.full((*x.shape, 3), noise.integers(226, 246, 3), np.float32)
    made += 5 * _clouds(x.shape, noise, 5)[..., None]
    made[(np.abs((y * 40) % 1) < 0.03) | (np.abs(x - 0.045) < 0.002)] -= 14
    return made, True


def _stripes(x: Floats, y: Floats, noise: np.random.Generator) -> tuple[Floats, bool]:
    is_light = bool(noise.random() < 0.5)
    base = noise.integers(200, 240, 3) if is_light else noise.integers(20, 110, 3)
    wave = np.sin(noise.uniform(30, 90) * (x + noise.uniform(-1, 1) * y)) > noise.uniform(0, 0.7)
    return _mixed(wave.astype(np.float32) * 0.6, base, base + noise.integers(-30, 31, 3)), is_light


def _night(x: Floats, y: Floats, noise: np.random.Generator) -> tuple[Floats, bool]:
    made = _mixed(y, noise.integers(4, 34, 3), noise.integers(20, 90, 3))
    stars = (noise.random(x.shape) > 0.9994).astype(np.float32)
    made += 2200 * cv2.GaussianBlur(stars, (0, 0), 2.2)[..., None]
    return made, False


_GROUNDS: dict[str, Any] = {
    "gradient": _gradient,
    "photograph": _photograph,
    "flat": _flat,
    "pale": _pale,
    "stripes": _stripes,
    "night": _night,
}
ARTS = tuple(_GROUNDS)
