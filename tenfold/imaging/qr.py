"""Writing and reading QR codes.

One writer for screens, posters and checks: writers differ in the mask they choose, and a check that compares
a screenshot with the expected code must know the mask.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.metadata import version

import zxingcpp
from PIL import Image

from tenfold.imaging.masks import level_and_mask, version_of
from tenfold.imaging.reading import open_picture

WRITER = f"zxing-cpp {version('zxing-cpp')}"
READING_SIDE = 2560
# Codes in screenshots of thumbnails have about one pixel a module; twice the size brings back a part of them.
ENLARGED_SIDE = 1800

# Not the whole family: in a small picture the eye of a code is now and then taken for a Micro QR code of some digits.
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)

Point = tuple[int, int]


@dataclass(frozen=True)
class FoundCode:
    """A code seen in a picture; corners in pixels of the upright picture, clockwise from its own top left."""

    text: str
    format: str
    corners: tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class CodeFacts:
    """How a code was drawn: with them the same text gives the same modules, whatever another writer would choose."""

    writer: str
    version: int
    level: str
    mask: int


def code_facts(text: str, *, level: str = "M") -> CodeFacts:
    """The facts of a code as its writer chooses them; raises ValueError as `qr_modules` does."""
    modules = qr_modules(text, level=level)
    return CodeFacts(WRITER, version_of(modules), *level_and_mask(modules))


def qr_modules(text: str, *, level: str = "M", facts: CodeFacts | None = None) -> Image.Image:
    """One pixel a module, black on white, no quiet zone (mode L).

    Text in the alphanumeric set (upper case) takes fewer modules. With `facts`, whose level then holds, the code has
    their mask, and their version unless the text needs a larger one. Raises ValueError if the text is empty, too long
    or not plain ASCII: readers disagree about the encoding of anything else, and an address has no need of it.
    """
    if not (text.isascii() and text.isprintable()):
        raise ValueError("not plain ASCII")
    if facts is None:
        return _written(text, level)
    # The writer is six times as fast when it need not try all masks.
    modules = _written(text, facts.level, data_mask=facts.mask)
    if version_of(modules) < facts.version:
        modules = _written(text, facts.level, data_mask=facts.mask, version=facts.version)
    return modules


def _written(text: str, level: str, **more: int) -> Image.Image:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level, **more)
    return Image.fromarray(code.to_image(scale=1, add_quiet_zones=False))


def qr_image(text: str, *, level: str = "M", module: int = 10, quiet: int = 4) -> Image.Image:
    """The code at `module` pixels a module inside a white margin of `quiet` modules (mode L)."""
    modules = qr_modules(text, level=level)
    side = modules.width * module
    plate = Image.new("L", (side + 2 * quiet * module,) * 2, 255)
    plate.paste(modules.resize((side, side), Image.Resampling.NEAREST), (quiet * module,) * 2)
    return plate


def qr_png(text: str, *, level: str = "M", module: int = 10, quiet: int = 4) -> bytes:
    out = io.BytesIO()
    qr_image(text, level=level, module=module, quiet=quiet).convert("1").save(out, "PNG", optimize=True)
    return out.getvalue()


def qr_svg(text: str, *, level: str = "M", quiet: int = 4) -> str:
    """A drawing without a size of its own, one path of horizontal runs, to be put into a page as it is."""
    modules = qr_modules(text, level=level)
    side = modules.width + 2 * quiet
    runs = "".join(f"M{x + quiet} {y + quiet}h{length}v1h-{length}z" for x, y, length in _runs(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{runs}"/></svg>'
    )


def read_codes(data: bytes) -> list[FoundCode]:
    """Every QR code in an uploaded picture; raises Unreadable for what is not a picture."""
    picture = open_picture(data, max_side=READING_SIDE).convert("L")
    found = _read(picture, 1)
    if not found and max(picture.size) <= ENLARGED_SIDE:
        double = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC)
        found = _read(double, 2)
    return found


def _runs(modules: Image.Image) -> list[tuple[int, int, int]]:
    """(x, y, length) of each horizontal run of black modules."""
    pixels, side = modules.tobytes(), modules.width
    runs = []
    for y in range(side):
        row = pixels[y * side : (y + 1) * side]
        x = row.find(0)
        while x >= 0:
            end = row.find(255, x)
            end = side if end < 0 else end
            runs.append((x, y, end - x))
            x = row.find(0, end)
    return runs


def _read(picture: Image.Image, enlarged: int) -> list[FoundCode]:
    seen = zxingcpp.read_barcodes(picture, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    return [FoundCode(code.text, code.format.name, _corners(code.position, enlarged)) for code in seen]


def _corners(position: zxingcpp.Position, enlarged: int) -> tuple[Point, Point, Point, Point]:
    def scaled(point: zxingcpp.Point) -> Point:
        return point.x // enlarged, point.y // enlarged

    return (
        scaled(position.top_left),
        scaled(position.top_right),
        scaled(position.bottom_right),
        scaled(position.bottom_left),
    )
