"""The same screenshot once more, as somebody alters it who wants it taken for a new one: eight edits."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tenfold.imaging.fonts import face
from tenfold.imaging.seen import Findings, Quad

Colour = tuple[int, int, int]
NEW_CLOCK, NEW_AGES = "03:47", ("8分钟前", "2小时前")
SMALLER, LIGHTER = 0.72, 1.25
TOP, BOTTOM, BARS = 0.06, 0.08, 0.06


@dataclass(frozen=True)
class Base:
    """A screenshot and what was found in it, which tells an editor where things are."""

    image: Image.Image
    findings: Findings

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height


def copies(picture: bytes, findings: Findings) -> Iterator[tuple[str, bytes]]:
    """(edit, picture) of each edit that this screenshot allows: an age that was not found cannot be repainted."""
    with Image.open(io.BytesIO(picture)) as opened:
        base = Base(opened.convert("RGB"), findings)
    for name, edit in EDITS.items():
        if made := edit(base):
            yield name, made


def encoded(image: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _encoded_again(base: Base) -> bytes:
    return encoded(base.image, 55)


def _resized(base: Base) -> bytes:
    size = (round(base.width * SMALLER), round(base.height * SMALLER))
    return encoded(base.image.resize(size, Image.Resampling.BICUBIC))


def _lighter(base: Base) -> bytes:
    table = [round(255 * (value / 255) ** (1 / LIGHTER)) for value in range(256)]
    return encoded(base.image.point(table * 3))


def _clock_repainted(base: Base) -> bytes:
    """At the left of the status bar, where both kinds of phones have it."""
    point = base.width / 390
    box = (round(8 * point), round(3 * point), round(64 * point), round(21 * point))
    return encoded(_repainted(base.image, box, NEW_CLOCK, round(13 * point)))


def _age_repainted(base: Base) -> bytes | None:
    age = base.findings.post.age if base.findings.post else None
    if age is None:
        return None
    left, top, right, bottom = _around(age.quad)
    other = next(text for text in NEW_AGES if text != age.text.strip())
    return encoded(_repainted(base.image, (left, top, right, bottom), other, round((bottom - top) * 0.78)))


def _cut_above(base: Base) -> bytes:
    return encoded(base.image.crop((0, round(base.height * TOP), base.width, base.height)))


def _cut_below(base: Base) -> bytes:
    return encoded(base.image.crop((0, 0, base.width, round(base.height * (1 - BOTTOM)))))


def _letterboxed(base: Base) -> bytes:
    across, down = round(base.width * BARS), round(base.height * BARS / 2)
    sheet = Image.new("RGB", (base.width + 2 * across, base.height + 2 * down))
    sheet.paste(base.image, (across, down))
    return encoded(sheet)


def _repainted(image: Image.Image, box: tuple[int, int, int, int], text: str, size: int) -> Image.Image:
    """The text of a place replaced, in the colours of what was there."""
    ground, ink = _colours(image.crop(box))
    made = image.copy()
    pen = ImageDraw.Draw(made)
    pen.rectangle(box, fill=ground)
    pen.text((box[0], (box[1] + box[3]) / 2), text, font=face(size), fill=ink, anchor="lm")
    return made


def _colours(patch: Image.Image) -> tuple[Colour, Colour]:
    """(ground, ink): the commonest colour, and the one that differs most from it."""
    small = patch.convert("RGB")
    pixels = [tuple(small.getpixel((x, y))) for y in range(small.height) for x in range(small.width)]  # type: ignore[arg-type]
    ground = Counter(pixels).most_common(1)[0][0]
    ink = max(
        pixels, key=lambda pixel: sum(abs(one - other) for one, other in zip(pixel, ground, strict=True))
    )
    return _rgb(ground), _rgb(ink)


def _rgb(pixel: tuple[int, ...]) -> Colour:
    return pixel[0], pixel[1], pixel[2]


def _around(quad: Quad) -> tuple[int, int, int, int]:
    across, down = [corner[0] for corner in quad], [corner[1] for corner in quad]
    return round(min(across)), round(min(down)), round(max(across)) + 1, round(max(down)) + 1


EDITS: dict[str, Callable[[Base], bytes | None]] = {
    "encoded again": _encoded_again,
    "resized": _resized,
    "gamma": _lighter,
    "clock repainted": _clock_repainted,
    "age repainted": _age_repainted,
    "cut above": _cut_above,
    "cut below": _cut_below,
    "letterboxed": _letterboxed,
}
