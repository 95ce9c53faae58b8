"""Pictures from strangers: what comes out was encoded by us from their pixels, and carries nothing else."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from tenfold.imaging.headers import Header, Reason, Unreadable, essential, look

__all__ = ["CleanPicture", "Reason", "Unreadable", "avatar_picture", "clean_picture", "open_picture"]

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 16_000_000  # a long scrolled screenshot of a phone; decoding it takes some 300 MB for a moment
LONGEST_SIDE = 20_000
AVATAR_SIDE = 256
JPEG_QUALITY = 88

# Imported with this module: Pillow would look for all of its readers when it first meets a WebP.
_READERS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)

# Each large picture takes some 300 MB while it is decoded: a launch night must not decode one in every thread.
_DECODING = threading.BoundedSemaphore(2)

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SCALABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
# What Pillow's decoders and its EXIF reader raise on damaged files, beside their own OSError.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AssertionError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class CleanPicture:
    """A picture that we encoded; `sha256` is the hex digest of the bytes as sent, for finding copies."""

    data: bytes
    media_type: str
    width: int
    height: int
    sha256: str


def clean_picture(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS, max_side: int = 2560
) -> CleanPicture:
    """The upright, opaque, metadata-free form of an upload; raises Unreadable.

    Bytes to bytes, so that a child process with limits can be put around it.
    """
    header = _admit(data, max_bytes, max_pixels)
    with _DECODING:
        return _encode(_decode(data, header, max_side), header, data)


def avatar_picture(data: bytes) -> CleanPicture:
    """The middle square of an upload at 256 px; raises Unreadable."""
    header = _admit(data, MAX_BYTES, MAX_PIXELS)
    # Twice the side on the long edge would blur a panorama's middle; four times is still quick to decode.
    with _DECODING:
        picture = _decode(data, header, 4 * AVATAR_SIDE)
        square = ImageOps.fit(picture, (AVATAR_SIDE, AVATAR_SIDE), Image.Resampling.LANCZOS)
        return _encode(square, header, data)


def open_picture(data: bytes, *, max_side: int) -> Image.Image:
    """The upright RGB pixels of an upload for machine readers; same limits, raises Unreadable."""
    return _decode(data, _admit(data, MAX_BYTES, MAX_PIXELS), max_side)


def _admit(data: bytes, max_bytes: int, max_pixels: int) -> Header:
    if len(data) > max_bytes:
        raise Unreadable("too_large")
    header = look(data)
    if not header.width or not header.height:
        raise Unreadable("not_a_picture")
    if header.width * header.height > max_pixels or max(header.width, header.height) > LONGEST_SIDE:
        raise Unreadable("too_many_pixels")
    return header


def _decode(data: bytes, header: Header, max_side: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(essential(data)), formats=[header.kind]) as picture:
            # Two readers that see different sizes mean a file made to be seen as two things.
            if picture.size != (header.width, header.height):
                raise Unreadable("not_a_picture")
            turn = _turn(picture)
            # JPEG alone can be decoded at a fraction of its size; for the others this does nothing.
            picture.draft(picture.mode, (max_side, max_side))
            picture.load()
            if picture.mode in _SCALABLE and "transparency" not in picture.info:
                # Before any conversion, each of which would hold another hundred megabytes for a moment.
                picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
            opaque = _opaque(picture)
    except Image.DecompressionBombError as error:
        raise Unreadable("too_many_pixels") from error
    except _DAMAGE as error:
        raise Unreadable("truncated") from error
    opaque.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return opaque.transpose(turn) if turn is not None else opaque


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """The turn EXIF asks for; damaged EXIF asks for none, since the pixels may still be good."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except _DAMAGE:
        return None


def _opaque(picture: Image.Image) -> Image.Image:
    """RGB on white: one mode for all that follows, and a code on a transparent ground stays readable."""
    if picture.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion would clip to white instead of scaling.
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture.convert("RGBA"))
    opaque = picture.convert("RGB")
    opaque.info = {}  # comments and the like, which an encoder would faithfully copy
    return opaque


def _encode(picture: Image.Image, header: Header, original: bytes) -> CleanPicture:
    out = io.BytesIO()
    if header.kind == "PNG" and _stays_png(picture, len(original)):
        media_type = "image/png"
        picture.save(out, "PNG")
    else:
        media_type = "image/jpeg"
        picture.save(out, "JPEG", quality=JPEG_QUALITY)
    digest = hashlib.sha256(original).hexdigest()
    return CleanPicture(out.getvalue(), media_type, picture.width, picture.height, digest)


def _stays_png(picture: Image.Image, sent_bytes: int) -> bool:
    """Drawings and small pictures keep their sharp edges; a photograph as PNG would be ten times its size. Grey noise
    has as few colours as a drawing, and would hold an encoder for seconds."""
    pixels = picture.width * picture.height
    return pixels <= 1_000_000 or (sent_bytes * 4 <= pixels and picture.getcolors(256) is not None)
