"""Many pairs of a design and a person: is the file the one encoded whole, do others read it, and a phone its code?"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import zxingcpp
from PIL import Image

from perf.posters_people import Look, looks, varied
from perf.posters_readers import Reader
from perf.posters_rounds import Stand, stand
from tenfold.imaging.compose import Given, encode, whole
from tenfold.imaging.qr import read_codes
from tenfold.imaging.splice import QUALITY

# A design is prepared once for so many people: preparing costs more than they do.
PEOPLE_A_DESIGN = 25
# As a thumbnail in a chat: 1080 pixels become 302.
THUMBNAIL, THUMBNAIL_QUALITY = 0.28, 60
# `vips` takes long to start.
SELDOM, SELDOM_EVERY = ("vips",), 20


@dataclass
class Found:
    """What was counted; `odd` keeps a few examples of what should not have been."""

    pairs: int = 0
    designs: int = 0
    same: int = 0
    codes: int = 0
    read_codes: int = 0
    read_at_once: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    content: Counter[str] = field(default_factory=Counter)
    intervals: Counter[int] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if len(self.odd) < 10:
            self.odd.append(what)


def compared(pairs: int, seed: int, readers: Sequence[Reader]) -> Iterator[Found]:
    """Counts of all pairs so far, after each design."""
    dice, found = random.Random(seed), Found()
    known = looks(seed)
    while found.pairs < pairs:
        look = varied(known[found.designs % len(known)], dice)
        found.designs += 1
        one = stand(look, dice.randrange(1 << 30))
        for _ in range(min(PEOPLE_A_DESIGN, pairs - found.pairs)):
            _compare(one, next(one.givens), readers, found)
        yield found


def _compare(one: Stand, given: Given, readers: Sequence[Reader], found: Found) -> None:
    found.pairs += 1
    data, image = encode(one.ground, given, "image/jpeg"), whole(one.ground, given)
    interval = interval_of(data)
    found.intervals[interval] += 1
    is_same = data == encoded_whole(image, interval)
    found.same += is_same
    if not is_same:
        found.note(f"{one.look.name}, {given.code_text}: other bytes than encoded whole")
    for reader in readers:
        if reader.name in SELDOM and found.pairs % SELDOM_EVERY:
            continue
        found.asked[reader.name] += 1
        complaint = reader.complaint(data)
        found.content[reader.name] += not complaint
        if complaint:
            found.note(f"{one.look.name}, {given.code_text}: {reader.name} says {complaint}")
    if _has_code(one.look):
        _read_code(data, one.look, given, found)


def _read_code(data: bytes, look: Look, given: Given, found: Found) -> None:
    """By zxing-cpp as it comes, and by the product's reader, which asks it again at twice the size."""
    small = thumbnail(data)
    found.codes += 1
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    at_once = zxingcpp.read_barcodes(Image.open(io.BytesIO(small)).convert("L"), formats=formats)
    found.read_at_once += [code.text for code in at_once] == [given.code_text]
    texts = [code.text for code in read_codes(small)]
    found.read_codes += texts == [given.code_text]
    if texts != [given.code_text]:
        found.note(f"{look.name}, {given.code_text}: read as {texts}")


def thumbnail(data: bytes) -> bytes:
    """As phones make it: read at half the size, which costs a JPEG little, then made smaller, and written anew."""
    image = Image.open(io.BytesIO(data))
    size = round(image.width * THUMBNAIL), round(image.height * THUMBNAIL)
    image.draft("RGB", (image.width // 2, image.height // 2))
    out = io.BytesIO()
    image.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()


def encoded_whole(image: Image.Image, interval: int) -> bytes:
    """All of it by Pillow, with the same markers."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, subsampling="4:2:0", restart_marker_blocks=interval)
    return out.getvalue()


def interval_of(data: bytes) -> int:
    """How many blocks stand between two markers, as the file itself says."""
    at = 2
    while data[at + 1] != 0xDD:
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return int.from_bytes(data[at + 4 : at + 6])


def _has_code(look: Look) -> bool:
    return any(layer["type"] == "code" for layer in look.content["layers"])
