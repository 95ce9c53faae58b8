"""Pictures for the tests, honest and hostile, all made on the spot."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def photograph(width: int = 120, height: int = 80) -> Image.Image:
    """A picture of many colours that is different in each corner."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    noise = Image.frombytes("L", (width, height), random.Random(7).randbytes(width * height))
    return Image.merge("RGB", (across, down, noise))


def drawing(width: int = 120, height: int = 80) -> Image.Image:
    """Red with a blue top left quarter."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (0, 0, width // 2, height // 2))
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes, idat: bytes = b"") -> bytes:
    """A PNG with the given header, further chunks before its pixels, and the given compressed pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", idat or zlib.compress(b"\0" * 1000))
    return PNG_SIGNATURE + header + b"".join(chunks) + body + png_chunk(b"IEND", b"")


def with_chunk(data: bytes, chunk: bytes) -> bytes:
    """The PNG with one more chunk right behind its header."""
    return data[:33] + chunk + data[33:]


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG with one more segment right behind its start."""
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + data[2:]


def scan_bomb(scans: int) -> bytes:
    """A progressive JPEG that asks for its last scan again and again."""
    data = encoded(photograph(64, 64), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + b"\xff\xd9"


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def turned(orientation: int) -> bytes:
    """A JPEG of the drawing that asks to be shown in the given EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of a private person"
    return encoded(drawing(), "JPEG", exif=exif, quality=95)


def webp_canvas(width: int, height: int, *, flags: int = 0) -> bytes:
    """The extended header of a WebP and nothing behind it."""
    body = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk
