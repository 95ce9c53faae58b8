"""A personal JPEG for a fraction of its encoding: only what differs is encoded, and its bytes are put between the rest.

The picture that all share is encoded once, with a restart marker after every `interval` blocks of 16 by 16 pixels. A
marker forgets what came before and begins at a whole byte, so that what stands between two of them depends on its own
pixels alone. Of a person's picture only the rectangles that differ are encoded, grown to that grid, and their intervals
put in the places of the shared ones. The result is, byte for byte, what Pillow makes of the whole picture with the same
interval: any reader of baseline JPEG reads it.

Two things make that hold. Huffman tables are the standard's, not fitted to one picture; and a rectangle that is grown
over the right or the lower border ends there, because an encoder fills up broken blocks by rules of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, as Pillow has them."""

QUALITY = 88
BLOCK = 16  # pixels: with colours at half resolution (4:2:0) one unit of encoding is so wide and so high
# Shorter ones make the file larger (16 % at 2 blocks, 7 % at 4, 2 % at 17), longer ones the rectangles.
BEST_INTERVAL = 4
# Starting an encoder costs as much as encoding so many pixels more.
PIXELS_OF_A_START = 16_000

_MARKERS = tuple(bytes((0xFF, 0xD0 + number)) for number in range(8))
_END = b"\xff\xd9"
_ANY_MARKER = re.compile(rb"\xff[^\0]")  # within a scan: a zero follows where the byte is meant
_SCAN = 0xDA


@dataclass(frozen=True)
class _Area:
    """A rectangle on the grid: its pixels as all share them, and where each of its rows begins in the joined pieces."""

    box: Box
    shared: Image.Image
    places: tuple[int, ...]


class Spliced:
    """A picture all of whose variants differ in nothing but `boxes`. Safe to use from several threads."""

    def __init__(
        self, image: Image.Image, boxes: Iterable[Box], *, quality: int = QUALITY, interval: int = 0
    ) -> None:
        """`interval` counts blocks and divides those of a row; without it one is chosen. `image` is RGB."""
        _check(image)
        self.size = image.size
        self.quality = quality
        self.interval = interval or interval_for(image.width)
        self._columns = _blocks(image.width)
        if self._columns % self.interval:
            raise ValueError(f"{self.interval} does not divide the {self._columns} blocks of a row")
        self.boxes = _disjoint(self._grown(box) for box in boxes if not _is_empty(_within(box, self.size)))
        """Rectangles on the grid in which variants may differ."""
        encoded = self._encoded(image)
        self._start = _scan_start(encoded)
        self._pieces, places = self._laid_out(encoded[: self._start], self._split(encoded))
        self._areas = [self._area(image, box, places) for box in self.boxes]

    @property
    def held(self) -> int:
        """Bytes of all that is kept beside the picture."""
        pieces = sum(map(sys.getsizeof, self._pieces)) + sys.getsizeof(self._pieces)
        return pieces + sum(bytes_of(area.shared) for area in self._areas)

    def cover(self, boxes: Iterable[Box]) -> list[Box]:
        """Few rectangles on the grid that hold all that these have in the picture, do not overlap, and lie in `boxes`.

        Parts that are one of them each cost least: nothing has to be copied to fill them up.
        """
        return [box for _, box in self._covered(boxes)]

    def jpeg(self, parts: Sequence[tuple[Box, Image.Image]]) -> bytes:
        """The picture with these parts pasted over it, in their order.

        Each is RGB and lies in one of `boxes`, as far as it lies in the picture; ValueError if not. What of the boxes
        no part comes near is not encoded.
        """
        for box, part in parts:
            _check(part, box)
        pieces = self._pieces.copy()
        for area, box in self._covered(box for box, _ in parts):
            self._put(pieces, area, box, self._split(self._encoded(_pasted(area, box, parts))))
        return b"".join(pieces)

    def _covered(self, boxes: Iterable[Box]) -> Iterator[tuple[_Area, Box]]:
        by_area: dict[int, list[Box]] = {}
        for box in boxes:
            if not _is_empty(_within(box, self.size)):
                grown = self._grown(box)
                by_area.setdefault(self._number_around(grown), []).append(grown)
        for number, inside in by_area.items():
            for box in _disjoint(inside):
                yield self._areas[number], box

    def _put(self, pieces: list[bytes], area: _Area, box: Box, intervals: list[bytes]) -> None:
        """Intervals of a rectangle into their places, each of which is followed by its marker."""
        width = -(-(box[2] - box[0]) // self._cell)
        before = 2 * ((box[0] - area.box[0]) // self._cell)
        top = (box[1] - area.box[1]) // BLOCK
        for row in range(len(intervals) // width):
            place = area.places[top + row] + before
            pieces[place : place + 2 * width : 2] = intervals[row * width : (row + 1) * width]

    def _number_around(self, box: Box) -> int:
        for number, area in enumerate(self.boxes):
            if _within(box, area) == box:
                return number
        raise ValueError(f"{box} lies in no rectangle that was promised to be all that changes")

    def _encoded(self, image: Image.Image) -> bytes:
        """What `save` writes, without its preparations (which cost a tenth of a small picture), and without a comment
        that a picture may bring along from the file it was read from."""
        return image.tobytes("jpeg", *_options(self.quality, self.interval))

    def _split(self, encoded: bytes) -> list[bytes]:
        """What stands between the markers. All that stands before them has the same length in every picture."""
        return _ANY_MARKER.split(encoded[self._start : -len(_END)])

    def _laid_out(self, head: bytes, intervals: list[bytes]) -> tuple[list[bytes], dict[int, int]]:
        """The shared file in pieces, and the places of those that change: each alone, its marker behind it."""
        changing = {number for box in self.boxes for row in self._numbers(box) for number in row}
        ends = [_MARKERS[number % 8] for number in range(len(intervals) - 1)] + [_END]
        pieces, places, run = [], {}, [head]
        for number, (interval, end) in enumerate(zip(intervals, ends, strict=True)):
            if number not in changing:
                run += [interval, end]
                continue
            pieces += [b"".join(run)] if run else []
            places[number], run = len(pieces), []
            pieces += [interval, end]
        return [*pieces, b"".join(run)], places

    def _area(self, image: Image.Image, box: Box, places: dict[int, int]) -> _Area:
        rows = self._numbers(box)
        return _Area(box, image.crop(box), tuple(places[row[0]] for row in rows))

    def _numbers(self, box: Box) -> list[range]:
        """The numbers of the intervals in a rectangle on the grid, row by row."""
        left, top, right, bottom = box
        a_row = self._columns // self.interval
        first, last = left // self._cell, -(-right // self._cell)
        return [
            range(row * a_row + first, row * a_row + last) for row in range(top // BLOCK, _blocks(bottom))
        ]

    def _grown(self, box: Box) -> Box:
        left, top, right, bottom = _within(box, self.size)
        return _within(
            (
                left // self._cell * self._cell,
                top // BLOCK * BLOCK,
                -(-right // self._cell) * self._cell,
                _blocks(bottom) * BLOCK,
            ),
            self.size,
        )

    @property
    def _cell(self) -> int:
        return self.interval * BLOCK


def _options(quality: int, interval: int) -> tuple[Any, ...]:
    """Of Pillow's encoder, by their places; a test holds the outcome against `save`."""
    is_progressive, smoothing, is_optimized, keeps_rgb, stream_type = False, 0, False, False, 0
    resolution, subsampling, marker_rows, tables = (0, 0), 2, 0, None
    comment, extra, exif = b"", b"", b""
    return (
        *("RGB", quality, is_progressive, smoothing, is_optimized, keeps_rgb, stream_type, resolution),
        *(subsampling, interval, marker_rows, tables, comment, extra, exif),
    )


def bytes_of(image: Image.Image) -> int:
    """In memory, where Pillow gives a pixel of a single channel one byte, and of any others four."""
    return image.width * image.height * (1 if len(image.getbands()) == 1 else 4)


def interval_for(width: int) -> int:
    """The interval nearest to the best one that divides the blocks of a row of so many pixels."""
    columns = _blocks(width)
    dividing = [length for length in range(1, columns + 1) if columns % length == 0]
    return min(dividing, key=lambda length: max(length / BEST_INTERVAL, BEST_INTERVAL / length))


def _disjoint(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """Rectangles that cover these; two become one where they overlap or where that is cheaper than starting twice."""
    apart: list[Box] = []
    for box in boxes:
        while near := next((other for other in apart if _are_better_together(box, other)), None):
            apart.remove(near)
            box = _around(box, near)
        apart.append(box)
    return tuple(apart)


def _are_better_together(box: Box, other: Box) -> bool:
    more = _pixels(_around(box, other)) - _pixels(box) - _pixels(other)
    return more <= PIXELS_OF_A_START or not _is_empty(_within(box, other))


def _pasted(area: _Area, box: Box, parts: Sequence[tuple[Box, Image.Image]]) -> Image.Image:
    """One rectangle of an area with all parts that reach into it."""
    inside = [(place, part) for place, part in parts if not _is_empty(_within(place, box))]
    if inside[-1][0] == box:
        return inside[-1][1]
    x, y = area.box[:2]
    image = area.shared.crop((box[0] - x, box[1] - y, box[2] - x, box[3] - y))
    for place, part in inside:
        image.paste(part, (place[0] - box[0], place[1] - box[1]))
    return image


def _scan_start(encoded: bytes) -> int:
    """Where the first interval begins. Segments are stepped over: their contents may look like a marker."""
    at = 2
    while encoded[at + 1] != _SCAN:
        at += 2 + int.from_bytes(encoded[at + 2 : at + 4])
    return at + 2 + int.from_bytes(encoded[at + 2 : at + 4])


def _check(image: Image.Image, box: Box | None = None) -> None:
    if image.mode != "RGB":
        raise ValueError(f"a picture of mode {image.mode}, not RGB")
    if box and image.size != (box[2] - box[0], box[3] - box[1]):
        raise ValueError(f"a picture of {image.width} by {image.height} for {box}")


def _blocks(pixels: int) -> int:
    return -(-pixels // BLOCK)


def _within(box: Box, other: Box | tuple[int, int]) -> Box:
    """What of a rectangle lies in another one, or in a picture of a size."""
    left, top, right, bottom = other if len(other) == 4 else (0, 0, *other)
    return max(box[0], left), max(box[1], top), min(box[2], right), min(box[3], bottom)


def _around(box: Box, other: Box) -> Box:
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _is_empty(box: Box) -> bool:
    return box[0] >= box[2] or box[1] >= box[3]


def _pixels(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
