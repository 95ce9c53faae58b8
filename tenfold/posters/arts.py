"""A poster as it may be seen in a screenshot: what all people share of it, and where the rest lies."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict

from tenfold.imaging.layers import Avatar, Code, Text
from tenfold.imaging.masks import level_and_mask, version_of
from tenfold.imaging.patches import QUIET
from tenfold.imaging.qr import WRITER, CodeFacts, qr_modules
from tenfold.imaging.seen import Art
from tenfold.imaging.shapes import Box
from tenfold.posters.drawing import Drawing
from tenfold.posters.grounds import ground_of

# A process looks at screenshots of few campaigns at a time; a picture has some hundred KB.
KEPT = 32


def code_layer(made: Drawing) -> Code | None:
    return next((layer for layer in made.chosen.design.layers if isinstance(layer, Code)), None)


def facts_of(made: Drawing) -> CodeFacts | None:
    """How the code of this very poster is drawn; None for one without a code."""
    layer = code_layer(made)
    if layer is None:
        return None
    known = made.chosen.facts
    asked = CodeFacts(known.writer, known.version, layer.level, known.mask) if known else None
    modules = qr_modules(made.code_text, level=layer.level, facts=asked)
    return CodeFacts(WRITER, version_of(modules), *level_and_mask(modules))


def art_key(made: Drawing) -> str:
    """The key of its art, without drawing anything; empty where it has none."""
    layer, facts = code_layer(made), facts_of(made)
    return _key(made, _code_box(layer, facts)) if layer and facts else ""


def art_of(made: Drawing) -> Art | None:
    """None for a design without a code: nothing on it could prove whose it is."""
    layer, facts = code_layer(made), facts_of(made)
    if layer is None or facts is None:
        return None
    box, design = _code_box(layer, facts), made.chosen.design
    faces = [each for each in design.layers if isinstance(each, Avatar)]
    names = [each for each in design.layers if isinstance(each, Text) and each.is_about_person]
    return Art(
        key=_key(made, box),
        picture=PICTURES.of(made),
        code_box=box,
        personal=tuple(each.corners for each in design.personal),
        avatar_box=_corners(faces),
        name_box=_corners(names),
    )


def _key(made: Drawing, box: Box) -> str:
    return hashlib.sha256(f"{made.ground_key}:{box}".encode()).hexdigest()[:32]


def _corners(layers: list[Avatar] | list[Text]) -> Box | None:
    return layers[0].corners if layers else None


def _code_box(layer: Code, facts: CodeFacts) -> Box:
    """The modules with their quiet zone, in the middle of the layer's box."""
    count = 17 + 4 * facts.version + 2 * QUIET
    x, y, side, _ = layer.box
    drawn = side // count * count
    left, top = x + (side - drawn) // 2, y + (side - drawn) // 2
    return left, top, left + drawn, top + drawn


class Pictures:
    """The pictures asked for last, by what decides how they look."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, made: Drawing) -> bytes:
        with self._lock:
            found = self._kept.get(made.ground_key)
        picture = found or _png(made)
        with self._lock:
            self._kept[made.ground_key] = picture
            self._kept.move_to_end(made.ground_key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return picture


PICTURES = Pictures()


def _png(made: Drawing) -> bytes:
    out = io.BytesIO()
    ground_of(made).image.save(out, "PNG", compress_level=1)
    return out.getvalue()
