"""The face of a person on pictures: their own, or the first letter of their name."""

from __future__ import annotations

import io
import zlib

from PIL import Image, ImageDraw, ImageOps

from tenfold.imaging.fonts import face
from tenfold.imaging.headers import Unreadable, look
from tenfold.imaging.reading import AVATAR_SIDE, open_picture
from tenfold.imaging.shapes import Colour, disc
from tenfold.imaging.texts import first_drawable

# Grounds on which white is readable, none louder than another.
_GROUNDS: tuple[Colour, ...] = (
    (46, 111, 149),
    (52, 120, 102),
    (120, 98, 160),
    (176, 94, 70),
    (150, 108, 40),
    (166, 82, 116),
    (70, 92, 148),
    (88, 118, 64),
)
_WHITE: Colour = (255, 255, 255)


def monogram(nickname: str) -> bytes:
    """PNG, 256 px square: the name's first letter that we can draw, else a dot, on the name's own colour."""
    out = io.BytesIO()
    monogram_image(nickname, AVATAR_SIDE).save(out, "PNG")
    return out.getvalue()


def monogram_image(nickname: str, side: int) -> Image.Image:
    ground = _GROUNDS[zlib.crc32(nickname.encode("utf-8", "replace")) % len(_GROUNDS)]
    image = Image.new("RGB", (side, side), ground)
    letter = first_drawable(nickname)
    middle = side / 2
    if not letter:
        disc(image, (middle, middle), side / 8, _WHITE)
        return image
    ink = _ink(letter, round(side * 0.5))
    image.paste(_WHITE, ((side - ink.width) // 2, (side - ink.height) // 2), ink)
    return image


def _ink(letter: str, size: int) -> Image.Image:
    """The letter as a mask, cut to what is black: centred by sight, since faces centre by advance."""
    font = face(size, 600)
    left, top, right, bottom = map(int, font.getbbox(letter))
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).text((-left, -top), letter, fill=255, font=font)
    return mask.crop(mask.getbbox())


def portrait(avatar: bytes | None, nickname: str, side: int) -> Image.Image:
    """The avatar as a square of `side` pixels; a missing or damaged one gives way to the monogram."""
    if avatar:
        try:
            picture = open_picture(avatar, max_side=_worth_decoding(avatar, side))
            return ImageOps.fit(picture, (side, side), _filter(picture, side))
        except Unreadable:
            pass
    return monogram_image(nickname, side)


def _worth_decoding(avatar: bytes, side: int) -> int:
    """The longer side at which to decode: a JPEG gives its halves, quarters and eighths for less than the whole."""
    header = look(avatar)
    shorter, longer = sorted((header.width, header.height))
    return max(1, -(-longer // max(1, shorter // side)))


def _filter(picture: Image.Image, side: int) -> Image.Resampling:
    """The cheapest one that looks the same."""
    return Image.Resampling.HAMMING if min(picture.size) > side else Image.Resampling.BICUBIC
