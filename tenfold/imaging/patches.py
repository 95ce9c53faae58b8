"""What a layer puts on the canvas: colours and pictures through masks, never outside the layer's box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from PIL import Image, ImageOps

from tenfold.imaging.avatars import portrait
from tenfold.imaging.design import Flaw, Flawed
from tenfold.imaging.layers import AnyLayer, Avatar, Code, Picture, Shape, Text
from tenfold.imaging.qr import CodeFacts, qr_modules
from tenfold.imaging.reading import Unreadable, open_picture
from tenfold.imaging.setting import set_text
from tenfold.imaging.shapes import Box, Colour, dots_masks, ellipse, faded, rgb, ring, rounded, rounded_mask
from tenfold.imaging.writing import written

QUIET = 4  # modules of margin around a code
SMALLEST_MODULE = 2  # pixels; a code with smaller ones would be read from the screen alone
LARGEST_LOGO = 0.22  # of the side of the code without its margin


@dataclass(frozen=True)
class Patch:
    """A colour through a mask, or an RGB picture with or without one, with its top left corner `at` this place."""

    source: Colour | Image.Image
    at: tuple[int, int]
    mask: Image.Image | None = None

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        shape = self.mask or self.source
        assert isinstance(shape, Image.Image)
        return *self.at, self.at[0] + shape.width, self.at[1] + shape.height

    def reaches(self, box: Box) -> bool:
        left, top, right, bottom = self.box
        return left < box[2] and box[0] < right and top < box[3] and box[1] < bottom

    def put(self, image: Image.Image, left: int = 0, top: int = 0) -> None:
        """On the part of the canvas whose corner is at `left`, `top`."""
        x, y = self.at[0] - left, self.at[1] - top
        if isinstance(self.source, Image.Image):
            image.paste(self.source, (x, y), self.mask)
        elif self.mask is not None:
            # A picture through a mask takes half the time of a colour through one.
            image.paste(Image.new("RGB", self.mask.size, self.source), (x, y), self.mask)


@dataclass(frozen=True)
class Scene:
    """All that layers are drawn from. `pictures` by digest, RGB, as large as they will be needed."""

    values: Mapping[str, str]
    language: str
    code_text: str = ""
    avatar: bytes | None = None
    pictures: Mapping[str, Image.Image] = field(default_factory=dict)
    facts: CodeFacts | None = None


def lasting(layer: AnyLayer, scene: Scene) -> list[Patch]:
    """What the layer puts on for everybody, below what differs."""
    match layer:
        case Code():
            side = layer.box[2]
            return [Patch(rgb(layer.light), layer.box[:2], rounded_mask(side, side, layer.radius))]
        case Picture():
            return [_picture(layer, scene)]
        case Shape():
            return _shape(layer)
        case Text() if not layer.is_about_person:
            return _text(layer, scene)
        case _:
            return []


def personal(layer: AnyLayer, scene: Scene) -> list[Patch]:
    """What the layer puts on for one person."""
    match layer:
        case Code():
            return _code(layer, scene)
        case Avatar() if scene.avatar or scene.values.get("nickname"):  # a channel's poster names nobody
            return [_avatar(layer, scene)]
        case Text() if layer.is_about_person:
            return _text(layer, scene)
        case _:
            return []


def opened(data: bytes | None, where: str, side: int) -> Image.Image:
    """A design's picture, at most `side` pixels long; raises Flawed at its place if it is missing or damaged."""
    if data is None:
        raise Flawed((Flaw(where, "unknown_picture"),))
    try:
        return open_picture(data, max_side=side)
    except Unreadable as error:
        raise Flawed((Flaw(where, "unreadable_picture", {"reason": str(error)}),)) from error


def _text(layer: Text, scene: Scene) -> list[Patch]:
    setting = set_text(layer, scene.values, scene.language)
    if not setting.lines:
        return []
    mask, emoji = written(setting, layer)
    x, y = layer.box[:2]
    # Most of a box is empty, and every pixel of a mask costs.
    ink = mask.getbbox() or (0, 0, 1, 1)
    return [
        Patch(rgb(layer.colour), (x + ink[0], y + ink[1]), mask.crop(ink)),
        *(
            Patch(picture.convert("RGB"), (x + at[0], y + at[1]), picture.getchannel("A"))
            for picture, at in emoji
        ),
    ]


def _code(layer: Code, scene: Scene) -> list[Patch]:
    """The modules and, in their middle, the logo in a light square of whole modules."""
    facts = scene.facts and replace(scene.facts, level=layer.level)
    modules = qr_modules(scene.code_text, level=layer.level, facts=facts)
    x, y, side, _ = layer.box
    module = side // (modules.width + 2 * QUIET)
    if module < SMALLEST_MODULE:
        raise ValueError("address too long for a readable code")
    small = Image.new("RGB", modules.size, rgb(layer.dark))
    small.paste(rgb(layer.light), (0, 0, *modules.size), modules)
    drawn = modules.width * module
    at = x + (side - drawn) // 2, y + (side - drawn) // 2
    logo = _logo(layer, scene.pictures[layer.logo], at, modules.width, module) if layer.logo else []
    return [Patch(small.resize((drawn, drawn), Image.Resampling.NEAREST), at), *logo]


def _logo(layer: Code, logo: Image.Image, at: tuple[int, int], count: int, module: int) -> list[Patch]:
    """An odd number of modules wide, as all codes are: then it stands in the very middle."""
    wide = int(count * LARGEST_LOGO)
    wide -= 1 - wide % 2
    side, start = wide * module, (count - wide) // 2 * module
    inner = max(1, side - module)
    fitted = ImageOps.contain(logo, (inner, inner), Image.Resampling.BICUBIC)
    x, y = at[0] + start, at[1] + start
    place = x + (side - fitted.width) // 2, y + (side - fitted.height) // 2
    return [
        Patch(rgb(layer.light), (x, y), Image.new("L", (side, side), 255)),
        Patch(fitted, place),
    ]


def _avatar(layer: Avatar, scene: Scene) -> Patch:
    side = layer.box[2]
    radius = side // 2 if layer.shape == "circle" else layer.radius
    face = portrait(scene.avatar, scene.values.get("nickname", ""), side)
    return Patch(face, layer.box[:2], rounded_mask(side, side, radius))


def _picture(layer: Picture, scene: Scene) -> Patch:
    x, y, width, height = layer.box
    shaped: Callable[..., Image.Image] = ImageOps.fit if layer.fit == "cover" else ImageOps.contain
    picture = shaped(scene.pictures[layer.picture], (width, height), Image.Resampling.LANCZOS)
    x, y = x + (width - picture.width) // 2, y + (height - picture.height) // 2
    mask = faded(rounded(picture.width, picture.height, layer.radius), layer.opacity)
    return Patch(picture, (x, y), mask)


def _shape(layer: Shape) -> list[Patch]:
    masks = {"rectangle": _outlined, "ellipse": _outlined, "line": _line, "dots": _dots}[layer.shape](layer)
    return [Patch(rgb(colour), layer.box[:2], faded(mask, layer.opacity)) for colour, mask in masks if colour]


Masks = list[tuple[str, Image.Image]]


def _outlined(layer: Shape) -> Masks:
    width, height = layer.box[2:]
    whole = ellipse(width, height) if layer.shape == "ellipse" else rounded(width, height, layer.radius)
    masks = [(layer.fill, whole)]
    if layer.stroke and layer.width:
        masks.append(
            (layer.stroke, ring(whole, layer.width, layer.radius, is_ellipse=layer.shape == "ellipse"))
        )
    return masks


def _line(layer: Shape) -> Masks:
    width, height = layer.box[2:]
    mask = Image.new("L", (width, height))
    thick = min(layer.width, width, height)
    size = (width, thick) if width >= height else (thick, height)
    at = ((width - size[0]) // 2, (height - size[1]) // 2)
    mask.paste(rounded(*size, layer.radius), at)
    return [(layer.stroke or layer.fill, mask)]


def _dots(layer: Shape) -> Masks:
    first, others = dots_masks(layer.box[2], layer.box[3])
    return [(layer.fill or layer.stroke, first), (layer.stroke or layer.fill, others)]
