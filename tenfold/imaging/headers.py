"""What a picture says about itself, read without decoding it.

Whoever sends us a picture may be hostile, so the size, the frames and the work a decoder would have are read
here, by our own short walk over the container, before any decoder sees a byte. Decoders differ in what they
forgive; this walk forgives nothing it does not need.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "too_large", "not_a_picture", "truncated", "too_many_pixels", "animated", "too_complex", "unreadable"
]
"""The last one: every process that tried to read it has died of it."""
Kind = Literal["JPEG", "PNG", "WEBP"]

# A camera's progressive file has about ten scans. Each further one costs a decoder a pass over all pixels:
# 300 of them in 100 KB hold a core for five seconds.
MOST_SCANS = 32
MOST_PARTS = 10_000

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"IEND"})
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7\x01]")
_PNG_BARE = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Baseline, extended and progressive. No camera writes the others, and arithmetic coding takes a decoder many times as
# long for a picture of the same size.
_JPEG_USUAL = frozenset({0xC0, 0xC1, 0xC2})
# Frame, tables, scans, and the eighteen bytes with which every file begins.
_JPEG_BARE = frozenset({0xC0, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0})
_JFIF_LENGTH = 16
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA


class Unreadable(Exception):
    """The bytes are not a picture that we take; `reason` is for the code, the words are the caller's."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True)
class Header:
    """Container kind and stored size in pixels, before any rotation asked for by EXIF."""

    kind: Kind
    width: int
    height: int


def look(data: bytes) -> Header:
    """The header of a complete, still JPEG, PNG or WebP; raises Unreadable for everything else."""
    try:
        if data.startswith(_PNG):
            return _look_at_png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _look_at_jpeg(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _look_at_webp(data)
    except (struct.error, IndexError) as error:
        raise Unreadable("truncated") from error
    raise Unreadable("not_a_picture")


def bare(data: bytes) -> Header:
    """The header of a PNG or JPEG that has pixels and what a decoder needs for them, and not a byte beside; raises
    Unreadable for one that has more."""
    header = look(data)
    if header.kind == "PNG":
        chunks = list(_png_chunks(data))
        is_bare = {name for name, _, _ in chunks} <= _PNG_BARE and chunks[-1][2] == len(data)
    else:
        is_bare = header.kind == "JPEG" and _is_bare_jpeg(data)
    if not is_bare:
        raise Unreadable("not_a_picture")
    return header


def _is_bare_jpeg(data: bytes) -> bool:
    segments = list(_jpeg_segments(data))
    said = [data[at : at + _JFIF_LENGTH] for marker, at in segments if marker == 0xE0]
    is_short = all(each[:7] == b"\x00\x10JFIF\x00" and each[-2:] == b"\x00\x00" for each in said)
    end = data.index(bytes((0xFF, _EOI)), segments[-1][1])
    return {marker for marker, _ in segments} <= _JPEG_BARE and is_short and end + 2 == len(data)


def essential(data: bytes) -> bytes:
    """A PNG without its chunks of text and profiles, some of which are bombs; other kinds as they are."""
    if not data.startswith(_PNG):
        return data
    kept = [data[start:end] for name, start, end in _png_chunks(data) if name in _PNG_KEPT]
    return _PNG + b"".join(kept)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of each chunk up to and with IEND; length and checksum fields lie within."""
    at = len(_PNG)
    for _ in range(MOST_PARTS):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Unreadable("truncated")
        yield name, at, end
        if name == b"IEND":
            return
        at = end
    raise Unreadable("too_complex")


def _look_at_png(data: bytes) -> Header:
    chunks = list(_png_chunks(data))
    if chunks[0][0] != b"IHDR":
        raise Unreadable("not_a_picture")
    if any(name == b"acTL" for name, _, _ in chunks):
        raise Unreadable("animated")
    # Decoders skip the checksums of pixels, and would show a damaged picture as if it were whole.
    if not all(_is_sound(data, start, end) for name, start, end in chunks if name in _PNG_KEPT):
        raise Unreadable("truncated")
    width, height = struct.unpack_from(">II", data, chunks[0][1] + 8)
    return Header("PNG", width, height)


def _is_sound(data: bytes, start: int, end: int) -> bool:
    return zlib.crc32(memoryview(data)[start + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker, offset of its length field) from SOI to EOI, entropy-coded bytes skipped.

    Bytes behind EOI are not looked at: phones append whole films there, and decoders stop there too.
    """
    at = 2
    for _ in range(MOST_PARTS):
        found = _JPEG_MARKER.search(data, at)
        if found is None:
            raise Unreadable("truncated")
        marker, at = data[found.end() - 1], found.end()
        if marker == _EOI:
            return
        if marker == _SOI:
            raise Unreadable("not_a_picture")
        yield marker, at
        at += struct.unpack_from(">H", data, at)[0]
    raise Unreadable("too_complex")


def _look_at_jpeg(data: bytes) -> Header:
    size: tuple[int, int] | None = None
    scans = 0
    for marker, at in _jpeg_segments(data):
        if marker in _JPEG_FRAMES:
            if size is not None:
                raise Unreadable("not_a_picture")
            if marker not in _JPEG_USUAL:
                raise Unreadable("too_complex")
            height, width = struct.unpack_from(">HH", data, at + 3)
            size = width, height
        scans += marker == _SOS
        if scans > MOST_SCANS:
            raise Unreadable("too_complex")
    if size is None or not scans:
        raise Unreadable("truncated")
    return Header("JPEG", *size)


def _look_at_webp(data: bytes) -> Header:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise Unreadable("truncated")
    form = data[12:16]
    if form == b"VP8X":
        if data[20] & 2:
            raise Unreadable("animated")
        return Header("WEBP", *(1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27)))
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WEBP", width & 0x3FFF, height & 0x3FFF)
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("WEBP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    raise Unreadable("not_a_picture")
