"""Honest pictures of every kind that we take, damaged by dice: the same seed gives the same ones."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from PIL import Image, PngImagePlugin

from perf.picture_bombs import PNG, SECRET, saved

Part = tuple[bytes, bytes]
"""Name or marker of a chunk or segment, and all of its bytes."""


def mutants(screens: Sequence[Image.Image], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(what was done to what, the bytes). A third of the screens come as large as phones make them."""
    honest = dict(_honest(screens))
    names = sorted(honest)
    for nth in range(count):
        dice = Random(f"{seed}:{nth}")
        name = dice.choice(names)
        done, data = dice.choice(list(_DAMAGES.items()))
        yield f"{nth} {name} {done}", data(honest[name], dice)


def _honest(screens: Sequence[Image.Image]) -> Iterator[tuple[str, bytes]]:
    for nth, screen in enumerate(screens):
        size = screen.size if nth % 3 == 0 else (360, round(360 * screen.height / screen.width))
        image = screen.convert("RGB").resize(size)
        kind, options = _KINDS[nth % len(_KINDS)]
        yield f"screen {nth} {kind}", saved(image, kind, **options)
    small = screens[0].convert("RGB").resize((120, 200))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = small.convert("I").convert("I;16") if mode == "I;16" else small.convert(mode)
        yield f"png {mode}", saved(image, "PNG", pnginfo=_texts(), exif=_exif())
    for nth, (mode, options) in enumerate(_JPEGS):
        yield (
            f"jpeg {nth} {mode}",
            saved(small.convert(mode), "JPEG", comment=SECRET, exif=_exif(), **options),
        )
    for nth, (mode, options) in enumerate(_WEBPS):
        yield f"webp {nth} {mode}", saved(small.convert(mode), "WEBP", exif=_exif(), xmp=SECRET, **options)


_KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("JPEG", {"quality": 82}),
    ("PNG", {}),
    ("WEBP", {"quality": 80}),
    ("JPEG", {"quality": 70, "progressive": True}),
    ("JPEG", {"quality": 92, "subsampling": 0, "restart_marker_rows": 4}),
)
_JPEGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RGB", {"quality": 75}),
    ("L", {"quality": 60}),
    ("CMYK", {"quality": 80}),
    ("RGB", {"progressive": True, "icc_profile": SECRET * 20}),
    ("RGB", {"optimize": True, "subsampling": 0}),
    ("RGB", {"restart_marker_blocks": 3}),
)
_WEBPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RGB", {"quality": 70}),
    ("RGBA", {"quality": 70}),
    ("RGB", {"lossless": True}),
    ("RGBA", {"lossless": True, "icc_profile": SECRET * 20}),
)


def _texts() -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    texts.add_text("Packed", SECRET.decode() * 50, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return texts


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = SECRET.decode()
    return exif


# --- damage --------------------------------------------------------------------------------------------------------


def _bits(data: bytes, dice: Random) -> bytes:
    mutant = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8, 64))):
        mutant[dice.randrange(len(mutant))] ^= 1 << dice.randrange(8)
    return bytes(mutant)


def _late_bits(data: bytes, dice: Random) -> bytes:
    """In the second half, where pixels are, so that decoders get far."""
    half = len(data) // 2
    return data[:half] + _bits(data[half:], dice)


def _run(data: bytes, dice: Random) -> bytes:
    """A run of bytes that is something else now, mostly zeros or ones."""
    start = dice.randrange(len(data))
    length = min(dice.choice((4, 16, 64, 512)), len(data) - start)
    other = dice.choice((bytes(length), b"\xff" * length, dice.randbytes(length)))
    return data[:start] + other + data[start + length :]


def _cut(data: bytes, dice: Random) -> bytes:
    return data[: dice.randrange(1, len(data))]


def _hole(data: bytes, dice: Random) -> bytes:
    start, end = sorted(dice.randrange(len(data)) for _ in range(2))
    return data[:start] + data[min(end, start + 4096) :]


def _again(data: bytes, dice: Random) -> bytes:
    start, end = sorted(dice.randrange(len(data)) for _ in range(2))
    return data[:end] + data[start:end] + data[end:]


def _head(data: bytes, dice: Random) -> bytes:
    """One number of the header is another one."""
    at = dice.randrange(8, min(len(data), 400))
    number = dice.choice((0, 1, 2, 255, 0x7FFF, 0xFFFF, 4000, dice.randrange(65536)))
    return data[:at] + struct.pack(dice.choice(("<H", ">H")), number) + data[at + 2 :]


def _shuffled(data: bytes, dice: Random) -> bytes:
    """Its chunks or segments in another order, or one twice, or one less."""
    start, parts = _parts(data)
    if len(parts) < 2:
        return _hole(data, dice)
    match dice.randrange(3):
        case 0:
            one, other = dice.sample(range(len(parts)), 2)
            parts[one], parts[other] = parts[other], parts[one]
        case 1:
            parts.insert(dice.randrange(len(parts)), dice.choice(parts))
        case _:
            parts.pop(dice.randrange(len(parts)))
    return start + b"".join(body for _name, body in parts)


def _sound(data: bytes, dice: Random) -> bytes:
    """Bits flipped within one part, whose checksum is right again: nothing but the decoder will notice."""
    start, parts = _parts(data)
    if not parts:
        return _late_bits(data, dice)
    nth = dice.randrange(len(parts))
    name, body = parts[nth]
    if start == PNG and len(body) > 12:
        inner = _bits(body[8:-4], dice)
        body = body[:8] + inner + struct.pack(">I", zlib.crc32(name + inner))
    elif len(body) > 8:
        body = body[:8] + _bits(body[8:], dice)
    parts[nth] = (name, body)
    return start + b"".join(body for _name, body in parts)


_DAMAGES: dict[str, Callable[[bytes, Random], bytes]] = {
    "bits": _bits,
    "late bits": _late_bits,
    "run": _run,
    "cut": _cut,
    "hole": _hole,
    "again": _again,
    "head": _head,
    "shuffled": _shuffled,
    "sound": _sound,
}


def _parts(data: bytes) -> tuple[bytes, list[Part]]:
    """What comes before the first part, and the parts."""
    if data.startswith(PNG):
        return PNG, list(_chunks(data, 8, ">", 12))
    if data.startswith(b"RIFF"):
        return data[:12], list(_chunks(data, 12, "<", 8))
    return data[:2], list(_segments(data))


def _chunks(data: bytes, at: int, order: str, around: int) -> Iterator[Part]:
    """Those of PNG (length, name, body, checksum) and of RIFF (name, length, body, evened out)."""
    while at + 8 <= len(data):
        first, second = data[at : at + 4], data[at + 4 : at + 8]
        length = struct.unpack(f"{order}I", first if order == ">" else second)[0]
        end = at + around + length + (length % 2 if order == "<" else 0)
        yield (second if order == ">" else first), data[at:end]
        at = end


def _segments(data: bytes) -> Iterator[Part]:
    """Those of a JPEG; a scan's bits belong to its segment."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xDA:
            while end + 1 < len(data) and (
                data[end] != 0xFF or data[end + 1] == 0 or 0xD0 <= data[end + 1] <= 0xD7
            ):
                end += 1
        yield data[at + 1 : at + 2], data[at:end]
        at = end
    yield b"", data[at:]
