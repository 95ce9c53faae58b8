"""What a design is made of: each field of a layer stands beside the reader that lets only good values in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tenfold.imaging import values
from tenfold.imaging.values import Reader, one_of, or_empty, whole
from tenfold.imaging.variables import PERSONAL, names_in

Place = tuple[int, int, int, int]  # x, y, width, height

SMALLEST_CODE = 64
_SIZE = whole(6, 1000)
_RADIUS = whole(0, values.FURTHEST)
_OPACITY = values.number(0, 1)


def _by(read: Reader, name: str = "") -> dict[str, Any]:
    """Metadata of a field: its reader, and its name in JSON where Python cannot have it."""
    return {"read": read, "name": name}


@dataclass(frozen=True, kw_only=True)
class Layer:
    id: str = field(metadata=_by(values.identifier))
    box: Place = field(metadata=_by(values.box))
    slot: str = field(default="", metadata=_by(or_empty(one_of("slot", values.SLOTS))))

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        x, y, width, height = self.box
        return x, y, x + width, y + height

    @property
    def is_about_person(self) -> bool:
        """Whether the layer itself differs from person to person."""
        return False


@dataclass(frozen=True, kw_only=True)
class Text(Layer):
    """Words in a box, at the largest size from `size` down to `least` at which they keep to `lines` lines."""

    type: Literal["text"] = "text"
    text: tuple[tuple[str, str], ...] = field(metadata=_by(values.words))
    font: str = field(default="sans", metadata=_by(one_of("font", ("sans", "serif"))))
    weight: int = field(default=400, metadata=_by(whole(100, 900)))
    size: int = field(metadata=_by(_SIZE))
    least: int = field(default=0, metadata=_by(whole(0, 1000)))  # 0: as `size`
    lines: int = field(default=1, metadata=_by(whole(1, 40)))
    leading: float = field(default=1.3, metadata=_by(values.number(1, 2)))
    align: str = field(default="left", metadata=_by(one_of("align", ("left", "centre", "right"))))
    valign: str = field(default="top", metadata=_by(one_of("valign", ("top", "middle", "bottom"))))
    colour: str = field(default="#000000", metadata=_by(values.colour))
    marker: str = field(default="", metadata=_by(one_of("marker", ("", "•"))))

    def says(self, language: str) -> str:
        """The text of a language, in variables; what is not written in it stands in the other."""
        written = dict(self.text)
        return written.get(language, next(iter(written.values())))

    @property
    def is_about_person(self) -> bool:
        return any(name in PERSONAL for _, text in self.text for name in names_in(text))


@dataclass(frozen=True, kw_only=True)
class Code(Layer):
    """A QR code with its quiet zone inside a square box."""

    type: Literal["code"] = "code"
    level: str = field(default="M", metadata=_by(one_of("level", ("M", "Q"))))
    logo: str = field(default="", metadata=_by(or_empty(values.digest)))
    radius: int = field(default=0, metadata=_by(_RADIUS))
    dark: str = field(default="#000000", metadata=_by(values.colour))
    light: str = field(default="#ffffff", metadata=_by(values.colour))

    @property
    def is_about_person(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Avatar(Layer):
    """The person's face in a square box."""

    type: Literal["avatar"] = "avatar"
    shape: str = field(default="circle", metadata=_by(one_of("shape", ("circle", "rounded"))))
    radius: int = field(default=0, metadata=_by(_RADIUS))

    @property
    def is_about_person(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Picture(Layer):
    type: Literal["picture"] = "picture"
    picture: str = field(metadata=_by(values.digest))
    fit: str = field(default="cover", metadata=_by(one_of("fit", ("cover", "contain"))))
    radius: int = field(default=0, metadata=_by(_RADIUS))
    opacity: float = field(default=1.0, metadata=_by(_OPACITY))


@dataclass(frozen=True, kw_only=True)
class Shape(Layer):
    """`line` runs along the middle of the box's longer side; `dots` is the mark, in the largest square of the box.

    `width` is the stroke's. A line and the nine small dots have the stroke's colour, or else the fill's.
    """

    type: Literal["shape"] = "shape"
    shape: str = field(metadata=_by(one_of("shape", ("rectangle", "ellipse", "line", "dots"))))
    fill: str = field(default="", metadata=_by(or_empty(values.colour)))
    stroke: str = field(default="", metadata=_by(or_empty(values.colour)))
    width: int = field(default=0, metadata=_by(whole(0, 400)))
    radius: int = field(default=0, metadata=_by(_RADIUS))
    opacity: float = field(default=1.0, metadata=_by(_OPACITY))


@dataclass(frozen=True, kw_only=True)
class PlainGround:
    type: Literal["colour"] = "colour"
    colour: str = field(metadata=_by(values.colour))


@dataclass(frozen=True, kw_only=True)
class GradientGround:
    """From one colour to the other, turned as in CSS: 0 upwards, 90 to the right, 180 downwards."""

    type: Literal["gradient"] = "gradient"
    start: str = field(metadata=_by(values.colour, "from"))
    end: str = field(metadata=_by(values.colour, "to"))
    angle: int = field(default=180, metadata=_by(whole(0, 359)))


@dataclass(frozen=True, kw_only=True)
class PictureGround:
    """A picture that covers the canvas."""

    type: Literal["picture"] = "picture"
    picture: str = field(metadata=_by(values.digest))


AnyLayer = Text | Code | Avatar | Picture | Shape
Background = PlainGround | GradientGround | PictureGround
LAYERS: dict[str, type[AnyLayer]] = {
    "text": Text,
    "code": Code,
    "avatar": Avatar,
    "picture": Picture,
    "shape": Shape,
}
BACKGROUNDS: dict[str, type[Background]] = {
    "colour": PlainGround,
    "gradient": GradientGround,
    "picture": PictureGround,
}
