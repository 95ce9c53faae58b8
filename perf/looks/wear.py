"""What becomes of a screenshot on its way: sent on and made smaller, blurred, photographed off a screen, drawn upon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from perf.looks.ink import Quad

Pixels = NDArray[np.uint8]
Bend = NDArray[np.float64]


@dataclass
class Worn:
    """`bend` takes places in the screenshot to places in what has become of it; no `quality` is kept whole."""

    pixels: Pixels
    bend: Bend
    quality: int | None = None

    def scale(self, by: float) -> None:
        how = cv2.INTER_AREA if by < 1 else cv2.INTER_LINEAR
        self.pixels = np.asarray(cv2.resize(self.pixels, None, fx=by, fy=by, interpolation=how), np.uint8)
        self.bend = np.diag([by, by, 1.0]) @ self.bend

    def compress(self, quality: int) -> None:
        _, packed = cv2.imencode(".jpg", self.pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        self.pixels = np.ascontiguousarray(unpacked[..., ::-1])

    def placed(self, quad: Quad) -> Quad:
        moved = cv2.perspectiveTransform(np.array([quad], np.float64), self.bend)[0]
        return tuple((round(float(x), 1), round(float(y), 1)) for x, y in moved)


def _clean(_worn: Worn, _quad: Quad, _dice: Random) -> None:
    """As the phone keeps it."""


def _light(worn: Worn, _quad: Quad, dice: Random) -> None:
    if dice.random() < 0.4:
        worn.scale(dice.uniform(0.85, 0.97))
    worn.quality = dice.randrange(76, 95)


def _wechat(worn: Worn, _quad: Quad, dice: Random) -> None:
    """Compressed by one app and again by the next."""
    worn.compress(dice.randrange(70, 88))
    longest = dice.choice((1280, 1500, 1700, 1920))
    worn.scale(min(1.0, longest / max(worn.pixels.shape)))
    worn.quality = dice.randrange(52, 74)


def _heavy(worn: Worn, _quad: Quad, dice: Random) -> None:
    worn.scale(min(1.0, dice.choice((500, 560, 640, 720)) / worn.pixels.shape[1]))
    worn.pixels = np.asarray(cv2.GaussianBlur(worn.pixels, (0, 0), dice.uniform(0.35, 0.85)), np.uint8)
    worn.quality = dice.randrange(32, 50)


def _photo(worn: Worn, _quad: Quad, dice: Random) -> None:
    """Of a screen: its rows of pixels, tilted, on a table, in the light of a lamp."""
    noise = np.random.default_rng(dice.randrange(2**32))
    worn.scale(1100 / worn.pixels.shape[1])
    tall, wide = worn.pixels.shape[:2]
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    pitch, slant = dice.uniform(2.3, 3.9), dice.uniform(-0.06, 0.06)
    rows = (
        1 + 0.07 * np.sin(2 * np.pi * (y + slant * x) / pitch) + 0.05 * np.sin(2 * np.pi * x / (pitch * 1.07))
    )
    lit = worn.pixels.astype(np.float32) * rows[..., None]
    _tilt(worn, np.clip(lit, 0, 255).astype(np.uint8), dice, noise)
    tall, wide = worn.pixels.shape[:2]
    blurred = cv2.GaussianBlur(worn.pixels, (0, 0), dice.uniform(0.5, 1.2)).astype(np.float32)
    warm = np.array([dice.uniform(0.94, 1.06), 1.0, dice.uniform(0.9, 1.04)], np.float32) * dice.uniform(
        0.8, 1.08
    )
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    far = np.hypot(x - dice.uniform(0, wide), y - dice.uniform(0, tall)) / (0.25 * wide)
    glare = dice.uniform(0, 80) * np.exp(-(far**2))[..., None]
    made = blurred * warm + glare + noise.normal(0, dice.uniform(1.5, 5), blurred.shape)
    worn.pixels = np.clip(made, 0, 255).astype(np.uint8)
    worn.quality = dice.randrange(64, 92)


def _tilt(worn: Worn, pixels: Pixels, dice: Random, noise: np.random.Generator) -> None:
    tall, wide = pixels.shape[:2]
    here = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    angle, by = np.deg2rad(dice.uniform(-7, 7)), dice.uniform(0.74, 0.87)
    turn = by * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([wide / 2, tall / 2])
    there = (here - middle) @ turn.T + middle + noise.uniform(-0.04, 0.04, (4, 2)) * (wide, tall)
    bend = cv2.getPerspectiveTransform(here, there.astype(np.float32))
    table = tuple(int(value) for value in noise.integers(25, 130, 3))
    turned = cv2.warpPerspective(pixels, bend, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=table)
    worn.pixels, worn.bend = np.asarray(turned, np.uint8), bend @ worn.bend


def _overlay(worn: Worn, quad: Quad, dice: Random) -> None:
    """A line drawn by hand, a sticker, or a part made coarse: on the poster."""
    pixels = worn.pixels.copy()
    (left, top), (right, _), (_, foot), _ = quad
    for _nth in range(dice.randrange(1, 4)):
        x, y = int(dice.uniform(left, right)), int(dice.uniform(top, foot))
        size = int(dice.uniform(0.05, 0.14) * (right - left))
        kind = dice.choice(("line", "sticker", "coarse"))
        if kind == "line":
            steps = [(x + nth * size, y + dice.randint(-size, size)) for nth in range(-2, 3)]
            colour = dice.choice(((230, 30, 40), (250, 200, 20), (20, 20, 20)))
            cv2.polylines(pixels, [np.array(steps, np.int32)], False, colour, max(3, size // 4), cv2.LINE_AA)
        elif kind == "sticker":
            cv2.circle(
                pixels, (x, y), size, tuple(dice.randrange(90, 256) for _each in range(3)), -1, cv2.LINE_AA
            )
            cv2.circle(pixels, (x, y), size, (255, 255, 255), max(2, size // 9), cv2.LINE_AA)
        else:
            part = pixels[max(0, y - size) : y + size, max(0, x - 2 * size) : x + 2 * size]
            if part.size:
                small = cv2.resize(part, (max(1, part.shape[1] // 12), max(1, part.shape[0] // 12)))
                part[:] = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    worn.pixels = pixels
    worn.quality = dice.randrange(62, 90)


LEVELS: dict[str, Callable[[Worn, Quad, Random], None]] = {
    "clean": _clean,
    "light": _light,
    "wechat": _wechat,
    "heavy": _heavy,
    "photo": _photo,
    "overlay": _overlay,
}


def worn(pixels: Pixels, level: str, quad: Quad, dice: Random) -> Worn:
    made = Worn(pixels, np.eye(3))
    LEVELS[level](made, quad, dice)
    return made
