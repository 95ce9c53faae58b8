"""What a sender may do to a screenshot of a post that only some may see, or of an old one, to have it taken for more.

Each change gets the screen and gives what has become of it, or None where this screen has no place for it. A person who
looks closely sees it of each: a cut, a seam with a rest of the other picture, a gap, or another typeface.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw

from perf.looks import words
from perf.looks.frames import STATUS, Shown
from perf.looks.ink import TYPEFACES, Box, Colour, Phone, Quad, write

_AIR = 2  # pixels
_CHAT_LEFT = 0.37  # of what is left of the width: from there on a picture stands as a message does
_RATIOS = (1.62, 2.45)  # of phones, as tall as wide
_TILTS = (1.2, 4.0)  # degrees


@dataclass(frozen=True)
class Scene:
    """A screen, what on it is to be hidden, and another screen of the same app, where the post is young and open."""

    shown: Shown
    phone: Phone
    hidden: Box
    dice: Random
    other: Callable[[], Shown]

    @property
    def size(self) -> tuple[int, int]:
        return self.shown.image.size

    @property
    def unit(self) -> float:
        return self.phone.width / 360

    @property
    def poster(self) -> Box:
        """Where the poster is."""
        xs, ys = [x for x, _ in self.shown.quad], [y for _, y in self.shown.quad]
        return min(xs), min(ys), max(xs), max(ys)


Change = Callable[[Scene], Shown | None]


def _between(dice: Random, low: float, high: float) -> float | None:
    return dice.uniform(low, high) if high - low >= _AIR else None


def _cut(shown: Shown, left: float, top: float, right: float, bottom: float) -> Shown:
    box = (round(left), round(top), round(right), round(bottom))
    quad = tuple((x - box[0], y - box[1]) for x, y in shown.quad)
    return replace(shown, image=shown.image.crop(box), quad=quad, marks={})


# ---- cut


def cut_top(scene: Scene) -> Shown | None:
    top = _between(scene.dice, scene.hidden[3], scene.poster[1])
    return _cut(scene.shown, 0, top, *scene.size) if top is not None else None


def cut_bottom(scene: Scene) -> Shown | None:
    bottom = _between(scene.dice, scene.poster[3], scene.hidden[1])
    return _cut(scene.shown, 0, 0, scene.size[0], bottom) if bottom is not None else None


def cut_right(scene: Scene) -> Shown | None:
    """Maybe through the mark, as long as too little is left of it to tell."""
    left, _, right, _ = scene.hidden
    cut = _between(scene.dice, max(scene.poster[2], left - 8 * scene.unit), left + 0.25 * (right - left))
    return _cut(scene.shown, 0, 0, cut, scene.size[1]) if cut is not None else None


def cut_left(scene: Scene) -> Shown | None:
    """Through an age's first figure, and as much of the poster where it starts there: of 13 days 3 are left."""
    cut = scene.hidden[0] + scene.dice.uniform(3, 9) * scene.unit
    return _cut(scene.shown, cut, 0, *scene.size) if cut < scene.hidden[2] else None


def cut_message(scene: Scene) -> Shown | None:
    """So that a small poster stands at the right edge, as in a chat, and the picture is as tall as a phone's: from the
    very top, or from right above the app's own bar, where that leaves it so."""
    (left, up, right, down), dice = scene.poster, scene.dice
    most = min(left / _CHAT_LEFT, scene.size[0])
    wide, foot = _between(dice, right + 1, most), _between(dice, down, min(scene.hidden[1], scene.size[1]))
    if wide is None or foot is None or scene.hidden[1] < down:
        return None
    tops = [top for top in (0.0, STATUS * scene.unit) if _is_phone(wide, foot - top)]
    low, high = max(0.0, foot - _RATIOS[1] * wide), min(up, foot - _RATIOS[0] * wide)
    if not tops and low < high:
        tops = [dice.uniform(low, high)]
    return _cut(scene.shown, 0, dice.choice(tops), wide, foot) if tops else None


def _is_phone(wide: float, tall: float) -> bool:
    return _RATIOS[0] * wide <= tall <= _RATIOS[1] * wide


def cut_face(scene: Scene) -> Shown | None:
    """Through the author's face, so that what is left of it stands beside the poster, level with its top."""
    top = scene.poster[1] - scene.dice.uniform(0, 3) * scene.unit
    wide = _between(scene.dice, scene.poster[2] + 1, min(1.7 * scene.poster[2], scene.size[0]))
    foot = _between(scene.dice, scene.poster[3], scene.hidden[1])
    is_cut = wide is not None and foot is not None and top > 0
    return _cut(scene.shown, 0, top, wide, foot) if is_cut and wide and foot else None


def cut_tilted(scene: Scene) -> Shown | None:
    """The same as a message, turned a little, as a photograph would be."""
    made = cut_message(scene)
    if made is None:
        return None
    turned = scene.dice.choice((-1, 1)) * scene.dice.uniform(*_TILTS)
    wide, tall = made.image.size
    bend = cv2.getRotationMatrix2D((wide / 2, tall / 2), turned, 1.0)
    pixels = cv2.warpAffine(
        np.asarray(made.image), bend, (wide, tall), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    corners = np.array(made.quad) @ bend[:, :2].T + bend[:, 2]
    quad: Quad = tuple((float(x), float(y)) for x, y in corners)
    return replace(made, image=Image.fromarray(pixels), quad=quad)


# ---- painted


def _ground(image: Image.Image, box: Box) -> Colour:
    """The commonest colour right above and below."""
    left, top, right, bottom = (round(edge) for edge in box)
    around = Image.new("RGB", (right - left, 4))
    around.paste(image.crop((left, top - 2, right, top)))
    around.paste(image.crop((left, bottom, right, bottom + 2)), (0, 2))
    counted = around.getcolors(around.width * around.height) or []
    colour = max(counted)[1]
    assert isinstance(colour, tuple)
    return (int(colour[0]), int(colour[1]), int(colour[2]))


def _wider(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def painted(scene: Scene) -> Shown | None:
    """What tells it is painted over with the ground's colour."""
    image = scene.shown.image.copy()
    ImageDraw.Draw(image).rectangle(_wider(scene.hidden, 1), fill=_ground(image, scene.hidden))
    return replace(scene.shown, image=image)


def retyped(scene: Scene) -> Shown | None:
    """Painted over, and something better written there, in another typeface."""
    made = painted(scene)
    if made is None or scene.hidden[2] - scene.hidden[0] < 1.6 * (scene.hidden[3] - scene.hidden[1]):
        return None
    is_age = scene.hidden == scene.shown.marks.get("age")
    said = words.age(scene.dice, scene.phone.is_chinese, since="young") if is_age else ""
    said = said or ("公开" if scene.phone.is_chinese else "Public")
    faces = [face for face in TYPEFACES.values() if face.latin != scene.phone.typeface.latin]
    left, top, _, bottom = scene.hidden
    light = sum(_ground(made.image, scene.hidden)) > 384
    ink: Colour = (142, 142, 148) if light else (132, 132, 138)
    at, size = (left, (top + bottom) / 2), round((bottom - top) / 1.24)
    write(made.image, at, said, size, ink, typeface=scene.dice.choice(faces))
    return made


def pill(scene: Scene) -> Shown | None:
    """What tells it stands in a pill of a colour of its own, as some apps have it."""
    image, dice = scene.shown.image.copy(), scene.dice
    ground = np.array(_ground(image, scene.hidden), np.float32)
    left, top, right, bottom = (round(edge) for edge in scene.hidden)
    seen = np.asarray(image.crop((left, top, right, bottom)), np.float32)
    share = np.abs(seen - ground).max(axis=2, keepdims=True)
    share /= max(1.0, float(share.max()))
    tints = ((250, 157, 59), (60, 130, 230), (120, 120, 128), (225, 232, 245), (60, 64, 72))
    tint = np.array(dice.choice(tints), np.float32)
    inside = np.array((255, 255, 255) if tint.mean() < 190 else (40, 60, 110), np.float32)
    ImageDraw.Draw(image).rounded_rectangle(
        _wider(scene.hidden, 2.4 * scene.unit), 4 * scene.unit, fill=tuple(int(v) for v in tint)
    )
    words_ = Image.fromarray((tint + (inside - tint) * share).round().astype(np.uint8))
    image.paste(words_, (left, top))
    return replace(scene.shown, image=image)


# ---- put together


def two_posts(scene: Scene) -> Shown | None:
    """As far as the poster reaches from this screen, from another the end of a picture and what stands below it."""
    other = scene.other()
    line, below = other.marks.get("age"), max(y for _, y in other.quad)
    if line is None or scene.hidden[1] < scene.poster[3] or line[1] < below:
        return None
    cut = _between(scene.dice, scene.poster[3], min(scene.hidden[1], scene.poster[3] + 6 * scene.unit))
    if cut is None:
        return None
    return _stacked(scene.shown, other, cut, below - scene.dice.uniform(8, 40) * scene.unit)


def two_headings(scene: Scene) -> Shown | None:
    """The other way round, where heading and age stand above: these and the start of a picture from another, and this
    poster."""
    other = scene.other()
    line, start = other.marks.get("age"), min(y for _, y in other.quad)
    if line is None or scene.hidden[3] > scene.poster[1] or line[3] > start:
        return None
    cut = _between(scene.dice, scene.hidden[3], scene.poster[1])
    if cut is None:
        return None
    upper = start + scene.dice.uniform(8, 40) * scene.unit
    image = Image.new("RGB", (scene.size[0], round(upper + scene.size[1] - cut)))
    image.paste(other.image.crop((0, 0, image.width, round(upper))))
    image.paste(scene.shown.image.crop((0, round(cut), *scene.size)), (0, round(upper)))
    quad = tuple((x, y - round(cut) + round(upper)) for x, y in scene.shown.quad)
    return replace(scene.shown, image=image, quad=quad, marks={})


def glued_below(scene: Scene) -> Shown | None:
    """This screen cut off below the poster, and the whole of another under it."""
    cut = _between(scene.dice, scene.poster[3], scene.hidden[1])
    return _stacked(scene.shown, scene.other(), cut, 0) if cut is not None else None


def glued_beside(scene: Scene) -> Shown | None:
    """This screen cut off right of the poster, and the whole of another beside it."""
    made, other = cut_right(scene) or cut_bottom(scene), scene.other().image
    if made is None:
        return None
    image = Image.new("RGB", (made.image.width + other.width, max(made.image.height, other.height)))
    image.paste(made.image)
    image.paste(other, (made.image.width, 0))
    return replace(made, image=image)


def _stacked(upper: Shown, lower: Shown, cut: float, start: float) -> Shown:
    first, rest = round(cut), lower.image.height - round(start)
    image = Image.new("RGB", (upper.image.width, first + rest))
    image.paste(upper.image.crop((0, 0, image.width, first)))
    image.paste(lower.image.crop((0, round(start), image.width, lower.image.height)), (0, first))
    return replace(upper, image=image, marks={})
