"""Pictures made to hurt whoever decodes them, drawn by ourselves: small files that become large, long or endless."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from PIL import Image

SECRET = b"TENFOLD-SECRET"
"""Stands in everything beside the pixels that pictures here carry: none of it may come out."""
PNG = b"\x89PNG\r\n\x1a\n"
MB = 1024 * 1024


def bombs() -> Iterator[tuple[str, bytes]]:
    return ((name, made()) for name, made in BOMBS.items())


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, interlaced: int = 0
) -> bytes:
    """A PNG of the given form, with these chunks between its header and its end."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    return PNG + header + b"".join(chunks) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zeros, compressed, without having them all at once."""
    packer, piece = zlib.compressobj(9), bytes(MB)
    packed = [packer.compress(piece) for _ in range(count // MB)]
    return b"".join([*packed, packer.compress(bytes(count % MB)), packer.flush()])


def plain(side: int, **form: int) -> bytes:
    """A black square whose every byte is a zero."""
    samples = {2: 3, 6: 4, 0: 1, 3: 1}[form.get("colour", 2)] * form.get("depth", 8) / 8
    return png(side, side, chunk(b"IDAT", zeros(int((side * samples + 1) * side * 1.01))), **form)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Nothing that any encoder could make smaller."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), Random(7).randbytes(width * height * bands))


def scans(side: int, count: int) -> bytes:
    """A progressive JPEG that asks for its last scan again and again: a few bytes, and a walk over every block."""
    data = saved(Image.new("RGB", (side, side), "grey"), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    more = count - data.count(b"\xff\xda")
    return data[:-2] + data[last:-2] * more + b"\xff\xd9"


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its header."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def small() -> Image.Image:
    return Image.radial_gradient("L").resize((120, 80)).convert("RGB")


BOMBS: dict[str, Callable[[], bytes]] = {
    "png 30000x30000": lambda: plain_wide(30_000, 30_000),
    "png 2^31 wide": lambda: png(2**31 - 1, 2**31 - 1, chunk(b"IDAT", zeros(1000))),
    "png zTXt 512 MB": lambda: _beside(chunk(b"zTXt", b"a\0\0" + zeros(512 * MB))),
    "png iTXt 512 MB": lambda: _beside(chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(512 * MB))),
    "png iCCP 256 MB": lambda: _beside(chunk(b"iCCP", b"a\0\0" + zeros(256 * MB))),
    "png IDAT 1 GB in 64x64": lambda: png(64, 64, chunk(b"IDAT", zeros(1024 * MB))),
    "png 16 MP": lambda: plain(4000),
    "png 16 MP, 16 bit RGBA": lambda: plain(4000, depth=16, colour=6),
    "png 16 MP, 16 bit RGBA, interlaced": lambda: plain(4000, depth=16, colour=6, interlaced=1),
    "png 16 MP, grey 16 bit": lambda: plain(4000, depth=16, colour=0),
    "png 16 MP, 1 bit": lambda: saved(Image.new("1", (4000, 4000)), "PNG"),
    "png 20000x800, interlaced": lambda: png(
        20_000, 800, chunk(b"IDAT", zeros(20_000 * 800 * 5)), colour=6, interlaced=1
    ),
    "png grey noise 8 MB": lambda: saved(noise(2800, 2800, "L"), "PNG", compress_level=1),
    "png palette noise, transparent": lambda: _palette_noise(),
    "png 9,000 IDATs": lambda: _in_crumbs(9_000),
    "png 20,000 IDATs": lambda: _in_crumbs(20_000),
    "apng": lambda: _moving("PNG"),
    "apng 1 x 1 and a large frame": lambda: png(
        1, 1, chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"IDAT", zeros(4))
    ),
    "jpeg 65500x65500": lambda: with_size(saved(small(), "JPEG"), 65_500, 65_500),
    "jpeg 4000x4000 of 120x80": lambda: with_size(saved(small(), "JPEG"), 4000, 4000),
    "jpeg 3,000 scans": lambda: scans(4000, 3000),
    "jpeg 300 scans": lambda: scans(4000, 300),
    "jpeg 32 scans": lambda: scans(4000, 32),
    "jpeg 16 MP noise": lambda: saved(noise(4000, 4000), "JPEG", quality=30),
    "jpeg 16 MP, progressive": lambda: saved(noise(4000, 4000, "L"), "JPEG", quality=20, progressive=True),
    "jpeg 16 MP, CMYK": lambda: saved(noise(800, 800, "CMYK").resize((4000, 4000)), "JPEG", quality=10),
    "jpeg arithmetic": lambda: saved(small(), "JPEG").replace(b"\xff\xc0", b"\xff\xc9", 1),
    "jpeg lossless": lambda: saved(small(), "JPEG").replace(b"\xff\xc0", b"\xff\xc3", 1),
    "jpeg and a film behind it": lambda: saved(small(), "JPEG") + Random(1).randbytes(4 * MB) + SECRET,
    "jpeg 20,000 comments": lambda: _segments(b"\xff\xfe\x00\x02" * 20_000),
    "jpeg EXIF in circles": lambda: _segments(
        _exif(b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0")
    ),
    "jpeg EXIF of 4 billion": lambda: _segments(
        _exif(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\xff\x08\0\0\0")
    ),
    "webp 16383x16383": lambda: _canvas(16_383, 16_383),
    "webp 16 MP noise": lambda: saved(noise(1000, 1000).resize((4000, 4000)), "WEBP", quality=30, method=0),
    "webp 16 MP lossless": lambda: saved(Image.new("RGBA", (4000, 4000)), "WEBP", lossless=True, method=0),
    "webp 7 MP, lossless": lambda: saved(
        noise(1320, 1320).resize((2640, 2640), 0), "WEBP", lossless=True, quality=0, method=0
    ),
    "webp moving": lambda: _moving("WEBP"),
    "webp moving, and says that it stands": lambda: _stands(_moving("WEBP")),
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": lambda: _moving("GIF"),
    "html behind a signature": lambda: PNG + b"<script>alert(1)</script>" + SECRET,
    "png and a zip behind it": lambda: saved(small(), "PNG") + b"PK\x03\x04" + SECRET,
    "cut png": lambda: saved(noise(300, 300), "PNG")[:-5000],
    "cut jpeg": lambda: saved(noise(300, 300), "JPEG")[:-5000],
    "cut webp": lambda: saved(noise(300, 300), "WEBP")[:-5000],
    "8 MB of nothing": lambda: b"\xff\xd8\xff\xe0" + bytes(8 * MB - 4),
    "8 MB of markers": lambda: b"\xff\xd8" + b"\xff\xff" * (4 * MB - 1),
    "9 MB": lambda: saved(small(), "PNG") + bytes(9 * MB),
    "nothing": lambda: b"",
}


def plain_wide(width: int, height: int) -> bytes:
    """By its header alone it is larger than any memory; behind it lies as much as fits into a small file."""
    return png(width, height, chunk(b"IDAT", zeros(100 * MB)))


def _beside(extra: bytes) -> bytes:
    whole = saved(small(), "PNG")
    return whole[:33] + extra + whole[33:]


def _segments(extra: bytes) -> bytes:
    whole = saved(small(), "JPEG")
    return whole[:2] + extra + whole[2:]


def _exif(body: bytes) -> bytes:
    body = b"Exif\0\0" + body + SECRET
    return struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body


def _palette_noise() -> bytes:
    image = noise(2700, 2700, "L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette(Random(3).randbytes(768))
    return saved(image, "PNG", transparency=bytes(range(256)), compress_level=1)


def _in_crumbs(count: int) -> bytes:
    data = zlib.compress(bytes(3 * 200 * 200 + 200)) + bytes(count)
    step = -(-len(data) // count)
    return png(200, 200, *(chunk(b"IDAT", data[at : at + step]) for at in range(0, len(data), step)))


def _moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def _stands(webp: bytes) -> bytes:
    """Without the flag that it moves."""
    return webp[:20] + bytes([webp[20] & ~2]) + webp[21:]


def _canvas(width: int, height: int) -> bytes:
    body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    head = b"VP8X" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(head) + 4) + b"WEBP" + head
