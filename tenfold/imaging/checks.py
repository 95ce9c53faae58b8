"""What can be measured of a picture with a code: whether phones will read it after chats have made it small.

Numbers only; what is good enough is decided elsewhere.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import qrlyzer
import zxingcpp
from PIL import Image

from tenfold.imaging.layers import Code
from tenfold.imaging.patches import QUIET
from tenfold.imaging.qr import qr_modules, read_codes
from tenfold.imaging.reading import Unreadable
from tenfold.imaging.shapes import Box, luminance, rgb

# In a chat a picture is shown at about half the width of the phone, whose screen has 1,080 pixels or more.
CHAT_WIDTH = 540
# What chats make of a poster that is forwarded: so much of its sides, and compressed so hard.
CHAT_SHARE, CHAT_QUALITY = 0.28, 60
NEARER_SIDE = 1000
SMALLER = (0.24, 0.2, 0.16, 0.13)
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)  # as `qr` reads them


def place_of(code: Code, text: str) -> tuple[Box, int]:
    """Where the modules of the code stand (without the quiet zone), and how many pixels wide each is."""
    count = qr_modules(text, level=code.level).width
    x, y, side, _height = code.box
    module = side // (count + 2 * QUIET)
    start = (side - count * module) // 2
    return (x + start, y + start, x + start + count * module, y + start + count * module), module


def module_in_chat(code: Code, text: str, width: int) -> float:
    """Pixels of a module when a picture of this width is shown `CHAT_WIDTH` wide."""
    return place_of(code, text)[1] * CHAT_WIDTH / width


def contrast(dark: str, light: str) -> float:
    """The ratio that WCAG defines, 1 to 21; below 1 where the dark colour is the lighter one."""
    return (luminance(rgb(light)) + 0.05) / (luminance(rgb(dark)) + 0.05)


def quiet_modules(image: Image.Image, code: Code, text: str) -> int:
    """How many modules beside each side of the code are nothing but its light colour, at most four.

    The corners are left out: they may be rounded, and no reader looks for a code's edge there.
    """
    (left, top, right, bottom), module = place_of(code, text)
    grey = image.convert("L")
    dark, light = (_grey(colour) for colour in (code.dark, code.light))
    for nth in range(QUIET):
        out, within = (nth + 1) * module, nth * module
        sides = (
            (left, top - out, right, top - within),
            (left, bottom + within, right, bottom + out),
            (left - out, top, left - within, bottom),
            (right + within, top, right + out, bottom),
        )
        if any(not _is_light(grey.crop(side), dark, light) for side in sides):
            return nth
    return QUIET


def _grey(colour: str) -> int:
    value = Image.new("RGB", (1, 1), rgb(colour)).convert("L").getpixel((0, 0))
    return int(value) if isinstance(value, int | float) else 0


def _is_light(part: Image.Image, dark: int, light: int) -> bool:
    """Whether every pixel is nearer to light than to dark by far: a reader's threshold lies in the middle."""
    least, _most = part.getextrema()
    return isinstance(least, int | float) and least > dark + 0.75 * (light - dark)


def _by_zxing(grey: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(grey, formats=_QR)
    return [code.text for code in found]


def _by_qrlyzer(grey: Image.Image) -> list[str]:
    """Where it finds nothing in a small picture it looks once more, nearer: phones take many looks."""
    found = qrlyzer.detect_and_decode_from_bytes(grey.tobytes(), grey.width, grey.height)
    if not found and max(grey.size) <= NEARER_SIDE:
        near = grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC)
        found = qrlyzer.detect_and_decode_from_bytes(near.tobytes(), near.width, near.height)
    return list(dict.fromkeys(found))


# Two that share no code: a C++ reader with detectors of its own, and the Rust ports of quirc and ZXing.
READERS: dict[str, Callable[[Image.Image], list[str]]] = {"zxing-cpp": _by_zxing, "qrlyzer": _by_qrlyzer}


def as_in_chat(image: Image.Image, share: float = CHAT_SHARE) -> Image.Image:
    """The picture as it comes out of a chat."""
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    out = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=CHAT_QUALITY)
    return Image.open(out).convert("RGB")


def who_reads(image: Image.Image, text: str) -> list[str]:
    """The readers that find this very text, and nothing else, in the picture."""
    grey = image.convert("L")
    return [name for name, read in READERS.items() if read(grey) == [text]]


def reading(image: Image.Image, text: str) -> tuple[list[str], float]:
    """Who reads the picture as it comes out of a chat; and down to which share of its sides all readers do, of
    `CHAT_SHARE` and `SMALLER`; 0 if none."""
    in_chat = who_reads(as_in_chat(image), text)
    if len(in_chat) < len(READERS):
        return in_chat, 0.0
    smallest = CHAT_SHARE
    for share in SMALLER:
        if len(who_reads(as_in_chat(image, share), text)) < len(READERS):
            break
        smallest = share
    return in_chat, smallest


def other_codes(image: Image.Image, texts: Sequence[str]) -> list[str]:
    """What the codes in a picture say, as far as it is not among `texts`."""
    return [text for text in _by_zxing(image.convert("L")) if text not in texts]


def codes_within(data: bytes) -> list[str]:
    """What the codes in an uploaded picture say; nothing where it cannot be opened."""
    try:
        return [code.text for code in read_codes(data)]
    except Unreadable:
        return []
