"""Pictures from designs: what all people share is drawn once, then only what differs is drawn for each.

A worker keeps the `Ground` of a design for as long as it likes; nothing of a person stays in it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from PIL import Image, ImageOps

from tenfold.imaging.design import Design, overlap
from tenfold.imaging.layers import (
    AnyLayer,
    Background,
    Code,
    GradientGround,
    Picture,
    PictureGround,
    PlainGround,
)
from tenfold.imaging.patches import Patch, Scene, lasting, opened, personal
from tenfold.imaging.qr import CodeFacts
from tenfold.imaging.shapes import Box, gradient, rgb
from tenfold.imaging.splice import Spliced

__all__ = [
    "Given",
    "Ground",
    "MediaType",
    "encode",
    "prepare",
    "stamp",
    "whole",
]

MediaType = Literal["image/jpeg", "image/png", "image/webp"]
JPEG_QUALITY = 88
WEBP_QUALITY, WEBP_EFFORT = 85, 2

_LOGO_SIDE = 512


@dataclass(frozen=True)
class Given:
    """What differs from person to person: personal values by variable, the code's address, the face.

    `avatar` is a picture in any form that uploads may have; without it, or if it is damaged, the first letter of the
    nickname stands.
    """

    values: Mapping[str, str]
    language: str
    code_text: str = ""
    avatar: bytes | None = None


@dataclass(frozen=True)
class Ground:
    """A design as far as it is the same for everybody. `boxes` hold all that differs, and do not overlap."""

    design: Design
    shared: Mapping[str, str]
    language: str
    spliced: Spliced
    image: Image.Image
    logos: Mapping[str, Image.Image]
    facts: CodeFacts | None = None
    lasting: Mapping[str, list[Patch]] = field(default_factory=dict)
    """What layers over personal ones put on for everybody, drawn already."""

    @property
    def boxes(self) -> tuple[Box, ...]:
        return self.spliced.boxes


def prepare(
    design: Design,
    shared: Mapping[str, str],
    *,
    language: str,
    pictures: Mapping[str, bytes],
    facts: CodeFacts | None = None,
) -> Ground:
    """Raises Flawed if a picture of the design is missing or damaged.

    With `facts` all codes have their mask, and their version at least.
    """
    opened_pictures = _opened(design, pictures)
    scene = Scene(shared, language, pictures=opened_pictures)
    image = _background(design.background, design, opened_pictures)
    for layer in design.shared:
        for patch in lasting(layer, scene):
            patch.put(image)
    kept = _kept(design, scene, image)
    return Ground(
        design=design,
        shared=dict(shared),
        language=language,
        spliced=Spliced(image, [layer.corners for layer in design.personal], quality=JPEG_QUALITY),
        image=image,
        logos=_logos(design, opened_pictures),
        facts=facts,
        lasting=kept,
    )


def stamp(ground: Ground, given: Given) -> list[tuple[Box, Image.Image]]:
    """The rectangles that differ, drawn for one person.

    Raises ValueError if the design has a code and the address is empty, not plain ASCII or too long for it.
    """
    scene = Scene(
        {**given.values, **ground.shared},
        given.language,
        given.code_text,
        given.avatar,
        ground.logos,
        ground.facts,
    )
    patches = [
        patch
        for layer in ground.design.personal
        for patch in (*ground.lasting.get(layer.id, ()), *personal(layer, scene))
    ]
    parts = [(box, ground.image.crop(box)) for box in ground.spliced.cover(patch.box for patch in patches)]
    for patch in patches:
        for box, image in parts:
            if patch.reaches(box):
                patch.put(image, box[0], box[1])
    return parts


def whole(ground: Ground, given: Given) -> Image.Image:
    image = ground.image.copy()
    for box, part in stamp(ground, given):
        image.paste(part, box)
    return image


def encode(ground: Ground, given: Given, media_type: MediaType) -> bytes:
    """One person's picture. JPEG at the cost of what differs; PNG and WebP cost ten times a whole JPEG and more."""
    if media_type not in get_args(MediaType):
        raise ValueError(media_type)
    if media_type == "image/jpeg":
        return ground.spliced.jpeg(stamp(ground, given))
    out = io.BytesIO()
    if media_type == "image/png":
        whole(ground, given).save(out, "PNG", compress_level=6)
    else:
        whole(ground, given).save(out, "WEBP", quality=WEBP_QUALITY, method=WEBP_EFFORT)
    return out.getvalue()


def _kept(design: Design, scene: Scene, image: Image.Image) -> dict[str, list[Patch]]:
    """What personal layers put on for everybody: on the image at once where nothing personal lies below."""
    kept: dict[str, list[Patch]] = {}
    below: list[AnyLayer] = []
    for layer in design.personal:
        patches = lasting(layer, scene)
        if any(overlap(layer.box, other.box) for other in below):
            kept[layer.id] = patches
        else:
            for patch in patches:
                patch.put(image)
        below.append(layer)
    return kept


def _logos(design: Design, pictures: Mapping[str, Image.Image]) -> dict[str, Image.Image]:
    named = {layer.logo for layer in design.personal if isinstance(layer, Code) and layer.logo}
    return {name: pictures[name] for name in named}


def _opened(design: Design, pictures: Mapping[str, bytes]) -> dict[str, Image.Image]:
    """Each picture once, at the largest size at which the design shows it."""
    wanted: dict[str, tuple[str, int]] = {}
    if isinstance(design.background, PictureGround):
        wanted[design.background.picture] = "background.picture", 2 * max(design.width, design.height)
    for at, layer in enumerate(design.layers):
        if isinstance(layer, Picture):
            side = max(2 * max(layer.box[2:]), wanted.get(layer.picture, ("", 0))[1])
            wanted[layer.picture] = f"layers.{at}.picture", side
        if isinstance(layer, Code) and layer.logo:
            wanted.setdefault(layer.logo, (f"layers.{at}.logo", _LOGO_SIDE))
    return {name: opened(pictures.get(name), where, side) for name, (where, side) in wanted.items()}


def _background(background: Background, design: Design, pictures: Mapping[str, Image.Image]) -> Image.Image:
    size = design.width, design.height
    match background:
        case PlainGround():
            return Image.new("RGB", size, rgb(background.colour))
        case GradientGround():
            return gradient(size, rgb(background.start), rgb(background.end), background.angle)
        case PictureGround():
            return ImageOps.fit(pictures[background.picture], size, Image.Resampling.LANCZOS)
