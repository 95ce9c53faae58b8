"""A design as data: JSON in, frozen values out, or the list of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cached_property
from typing import Any, TypeVar

from tenfold.imaging.layers import (
    BACKGROUNDS,
    LAYERS,
    SMALLEST_CODE,
    AnyLayer,
    Avatar,
    Background,
    Code,
    Picture,
    PictureGround,
    Place,
    Shape,
    Text,
)
from tenfold.imaging.values import SLOTS, Wrong, one_of, shown, some_of, whole

FORMAT = 1
KINDS = ("poster", "distribution", "invitation", "admission", "ticket", "achievement", "award", "certificate")
MOST_LAYERS = 60
MOST_PIXELS = 12_000_000  # an A4 page at 300 dots an inch has 8.7 million
# Layers may together cover the canvas so many times, with so many pixels: it bounds the work that can be asked for.
MOST_COVERED, MOST_DRAWN = 20, 60_000_000
MOST_FLAWS = 100

_KEYS = ("format", "kind", "canvas", "background", "layers", "waived")
_SIDE = whole(200, 4096)
_kind = one_of("kind", KINDS)
_waived = some_of("slot", SLOTS)
Part = TypeVar("Part")


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a design: where (`layers.3.font`), a code, and the bounds or names that explain it."""

    where: str
    code: str
    about: dict[str, Any] = field(default_factory=dict)


class Flawed(ValueError):
    """A design that is not taken; `flaws` holds at least one and at most `MOST_FLAWS`."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__(", ".join(f"{flaw.where}: {flaw.code}" for flaw in flaws[:5]))
        self.flaws = flaws


@dataclass(frozen=True)
class Design:
    kind: str
    width: int
    height: int
    background: Background
    layers: tuple[AnyLayer, ...]
    waived: tuple[str, ...] = ()

    @cached_property
    def pictures(self) -> frozenset[str]:
        """The digests of all pictures it needs."""
        named = {layer.picture for layer in self.layers if isinstance(layer, Picture)}
        named |= {layer.logo for layer in self.layers if isinstance(layer, Code) and layer.logo}
        if isinstance(self.background, PictureGround):
            named.add(self.background.picture)
        return frozenset(named)

    @cached_property
    def personal(self) -> tuple[AnyLayer, ...]:
        """Layers that differ from person to person, and those drawn over one of them; bottom first."""
        found: list[AnyLayer] = []
        for layer in self.layers:
            if layer.is_about_person or any(overlap(layer.box, below.box) for below in found):
                found.append(layer)
        return tuple(found)

    @cached_property
    def shared(self) -> tuple[AnyLayer, ...]:
        """Layers that are the same for everybody, bottom first."""
        personal = {layer.id for layer in self.personal}
        return tuple(layer for layer in self.layers if layer.id not in personal)


def overlap(one: Place, other: Place) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def read_design(raw: object, *, pictures: Container[str] | None = None) -> Design:
    """The design, or Flawed with everything that is wrong; `pictures`, if given, are the digests that exist."""
    reading = _Reading()
    design = reading.design(raw)
    if design is not None:
        for flaw in _flaws_between(design, pictures):
            reading.note(flaw)
    if reading.flaws or design is None:
        raise Flawed(tuple(reading.flaws))
    return design


def write_design(design: Design) -> dict[str, Any]:
    """The design as JSON, every key written out; `read_design` gives the same design back."""
    return {
        "format": FORMAT,
        "kind": design.kind,
        "canvas": {"width": design.width, "height": design.height},
        "background": _written(design.background),
        "layers": [_written(layer) for layer in design.layers],
        "waived": list(design.waived),
    }


def _written(part: AnyLayer | Background) -> dict[str, Any]:
    named = {one.metadata.get("name") or one.name: getattr(part, one.name) for one in fields(part)}
    written = {key: list(value) if isinstance(value, tuple) else value for key, value in named.items()}
    if isinstance(part, Text):
        texts = dict(part.text)
        written["text"] = texts.get("", texts)
    return written


class _Reading:
    """One pass over a document; goes on after a flaw, so that the editor can show all of them at once."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def note(self, flaw: Flaw) -> None:
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(flaw)

    def design(self, raw: object) -> Design | None:
        known = self.keys(raw, _KEYS, "")
        if known.get("format") != FORMAT or isinstance(known.get("format"), bool):
            self.note(Flaw("format", "unknown_format", {"known": [FORMAT]}))
        kind = self.value(_kind, known.get("kind"), "kind")
        canvas = self.keys(known.get("canvas"), ("width", "height"), "canvas")
        width = self.value(_SIDE, canvas.get("width"), "canvas.width")
        height = self.value(_SIDE, canvas.get("height"), "canvas.height")
        background = self.typed(known.get("background"), BACKGROUNDS, "background")
        layers = self.layers(known.get("layers"))
        waived = self.value(_waived, known.get("waived", []), "waived")
        if self.flaws or background is None:
            return None
        return Design(kind, width, height, background, layers, waived)

    def layers(self, raw: object) -> tuple[AnyLayer, ...]:
        if not isinstance(raw, list) or len(raw) > MOST_LAYERS:
            about = {"most": MOST_LAYERS} if isinstance(raw, list) else {}
            self.note(Flaw("layers", "too_many" if about else "not_a_list", about))
            return ()
        read = (self.typed(layer, LAYERS, f"layers.{at}") for at, layer in enumerate(raw))
        return tuple(layer for layer in read if layer is not None)

    def typed(self, raw: object, known: Mapping[str, type[Part]], where: str) -> Part | None:
        """An object of the class that its "type" names."""
        if not isinstance(raw, Mapping):
            self.note(Flaw(where, "not_an_object"))
            return None
        name = self.value(one_of("type", known), raw.get("type"), f"{where}.type")
        return None if name is None else self.part(raw, known[name], where)

    def part(self, raw: Mapping[object, object], kind: type[Part], where: str) -> Part | None:
        declared = {one.metadata.get("name") or one.name: one for one in fields(kind)}  # type: ignore[arg-type]
        given = self.keys(raw, tuple(declared), where)
        before, read = len(self.flaws), {}
        for key, one in declared.items():
            if key in given and "read" in one.metadata:
                read[one.name] = self.value(one.metadata["read"], given[key], f"{where}.{key}")
            elif key not in given and "read" in one.metadata and _is_required(one):
                self.note(Flaw(f"{where}.{key}", "missing"))
        return kind(**read) if len(self.flaws) == before < MOST_FLAWS else None

    def keys(self, raw: object, known: tuple[str, ...], where: str) -> dict[str, object]:
        """The known keys of an object; each other key is a flaw."""
        if not isinstance(raw, Mapping):
            self.note(Flaw(where, "not_an_object"))
            return {}
        for key in raw:
            if key not in known:
                self.note(Flaw(f"{where}.{shown(key)}".lstrip("."), "unknown_key"))
        return {key: raw[key] for key in known if key in raw}

    def value(self, read: Any, raw: object, where: str) -> Any:
        """The value by its reader, or None and a flaw."""
        try:
            return read(raw)
        except Wrong as wrong:
            self.note(Flaw(where, wrong.code, wrong.about))
            return None


def _is_required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _flaws_between(design: Design, pictures: Container[str] | None) -> Iterator[Flaw]:
    """What is wrong between values that are each good by themselves."""
    if design.width * design.height > MOST_PIXELS:
        yield Flaw("canvas", "too_many_pixels", {"most": MOST_PIXELS})
    seen: set[str] = set()
    for at, layer in enumerate(design.layers):
        if layer.id in seen:
            yield Flaw(f"layers.{at}.id", "twice")
        seen.add(layer.id)
        for key, code in _flaws_of(layer, design):
            yield Flaw(f"layers.{at}.{key}", code)
    area = design.width * design.height
    most = min(MOST_COVERED, MOST_DRAWN // area)
    if sum(_visible(layer.box, design) for layer in design.layers) > most * area:
        yield Flaw("layers", "too_much_covered", {"most": most})
    yield from _unknown_pictures(design, pictures)


def _unknown_pictures(design: Design, pictures: Container[str] | None) -> Iterator[Flaw]:
    if pictures is None:
        return
    if isinstance(design.background, PictureGround) and design.background.picture not in pictures:
        yield Flaw("background.picture", "unknown_picture")
    for at, layer in enumerate(design.layers):
        if isinstance(layer, Picture) and layer.picture not in pictures:
            yield Flaw(f"layers.{at}.picture", "unknown_picture")
        if isinstance(layer, Code) and layer.logo and layer.logo not in pictures:
            yield Flaw(f"layers.{at}.logo", "unknown_picture")


def _flaws_of(layer: AnyLayer, design: Design) -> Iterator[tuple[str, str]]:
    """(key, code) of what is wrong within one layer."""
    if not _lies_well(layer, design):
        yield "box", "outside"
    if isinstance(layer, Code | Avatar) and layer.box[2] != layer.box[3]:
        yield "box", "not_square"
    if isinstance(layer, Code):
        yield from _flaws_of_code(layer)
    if isinstance(layer, Text) and layer.least > layer.size:
        yield "least", "larger_than_size"
    if isinstance(layer, Shape):
        yield from _flaws_of_shape(layer)


def _lies_well(layer: AnyLayer, design: Design) -> bool:
    """Ornaments may be cut by the edge of the canvas but must touch it; what is read lies wholly inside."""
    if isinstance(layer, Picture | Shape):
        return _visible(layer.box, design) > 0
    x, y, width, height = layer.box
    return x >= 0 and y >= 0 and x + width <= design.width and y + height <= design.height


def _flaws_of_code(code: Code) -> Iterator[tuple[str, str]]:
    if code.box[2] < SMALLEST_CODE:
        yield "box", "too_small"
    if code.logo and code.level != "Q":
        yield "logo", "logo_needs_q"
    # The corner may take from the quiet zone of a small code, never from its modules.
    if code.radius > code.box[2] // 8:
        yield "radius", "too_large"


def _flaws_of_shape(shape: Shape) -> Iterator[tuple[str, str]]:
    if not shape.fill and not shape.stroke:
        yield "fill", "missing"
    if shape.shape == "line" and not shape.width:
        yield "width", "missing"


def _visible(box: Place, design: Design) -> int:
    """How many pixels of the canvas a box covers."""
    width = min(box[0] + box[2], design.width) - max(box[0], 0)
    height = min(box[1] + box[3], design.height) - max(box[1], 0)
    return max(width, 0) * max(height, 0)
