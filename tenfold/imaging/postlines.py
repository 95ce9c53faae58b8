"""Lines of text beside a poster: found as ink, read one by one, each character with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ages import plain
from tenfold.imaging.ocr import Character, Pixels, read_line, surety_of, text_of
from tenfold.imaging.seen import PosterSeen, Quad, TextSeen
from tenfold.imaging.textlines import Ink, Run, columns, ink_of, pieces, rows, runs
from tenfold.imaging.upright import Region, is_straight, region, size_of

LETTER = 0.034  # about the height of a line's letters, of the width of the screen
_OF_PHOTO = 0.85  # a photograph shows more than the screen
_APART = 1.3  # of a line's height: what is further apart is read by itself
_AIR = 0.16
_NEXT = 1.03  # from picture to picture in a grid, of a picture
_FACES = 0.1  # of the screen's width: faces are there and no posts


@dataclass(frozen=True)
class Line:
    """One line of text; x are pixels of the region, characters are from the left and without blanks."""

    page: Page
    top: int
    bottom: int
    characters: tuple[Character, ...]
    starts: frozenset[int]
    """Which characters start a piece that stands by itself."""

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def text(self) -> str:
        """As many characters as there are, made plain."""
        return plain(text_of(self.characters))

    def strokes(self) -> list[Run]:
        """The ink from the left to the right."""
        return runs(columns(self.page.ink.mask[self.top : self.bottom]))

    def whole(self) -> TextSeen:
        strokes = self.strokes() or [(0, 1)]
        return self.part(0, len(self.characters), strokes[0][0], strokes[-1][1])

    def part(self, start: int, end: int, x0: float, x1: float) -> TextSeen:
        """These characters, which stand between these places."""
        some = self.characters[start:end]
        return TextSeen(text_of(some), self.quad(x0, x1), round(surety_of(some), 3))

    def quad(self, x0: float, x1: float) -> Quad:
        return self.page.where.quad(x0, self.top, x1, self.bottom)


@dataclass(frozen=True)
class Page:
    """A part of the screen beside the poster with its lines still unread."""

    where: Region
    ink: Ink
    letter: float
    rows: tuple[Run, ...]

    def read(self, top: int, bottom: int) -> Line:
        """All that stands between two rows."""
        characters: list[Character] = []
        starts = set()
        for across in pieces(self.ink.mask[top:bottom], _APART * (bottom - top)):
            starts.add(len(characters))
            characters += _read(self.where.grey, across, top, bottom)
        return Line(self, top, bottom, tuple(characters), frozenset(starts))


def screen_width(picture: Pixels, quad: Quad) -> float:
    """About the width of the phone's screen in pixels."""
    return float(picture.shape[1]) * (1.0 if is_straight(quad) else _OF_PHOTO)


def start_of(picture: Pixels, poster: PosterSeen) -> float:
    """Where a post with this poster starts, from the poster's left edge in shares of the screen's width.

    In a grid of nine that is a picture's left edge too: the first one's in this row.
    """
    if not poster.is_cropped:
        return 0.0
    screen = screen_width(picture, poster.quad)
    across = size_of(poster.quad)[0] * _NEXT
    left = min(poster.quad[0][0], poster.quad[3][0])
    before = min(2, max(0, int((left - _FACES * screen) / max(1.0, across))))
    return -before * across / screen


def reach_of(picture: Pixels, poster: PosterSeen) -> tuple[float, float]:
    """From where to where the poster is seen, downwards, in shares of the screen's width.

    Of a poster in a grid of nine only the middle square is there.
    """
    wide, tall = (length / screen_width(picture, poster.quad) for length in size_of(poster.quad))
    hidden = max(0.0, tall - wide) / 2 if poster.is_cropped else 0.0
    return hidden, tall - hidden


def page_of(
    picture: Pixels, poster: PosterSeen, *, left: float, top: float, right: float, bottom: float
) -> Page | None:
    """What lies between these lines; shares of the screen's width from the poster's upper left corner."""
    screen = screen_width(picture, poster.quad)
    edges = (edge * screen for edge in (left, top, right, bottom))
    where = region(picture, poster.quad, *edges)
    if where is None:
        return None
    letter = LETTER * screen
    ink = ink_of(where.grey, where.inside, letter)
    return Page(where, ink, letter, tuple(rows(ink.mask, letter)))


def _read(grey: NDArray[np.uint8], across: Run, top: int, bottom: int) -> Iterator[Character]:
    air = max(2, round(_AIR * (bottom - top)))
    left, above = max(0, across[0] - 2 * air), max(0, top - air)
    for found in read_line(grey[above : bottom + air, left : across[1] + 2 * air]):
        if not found.text.isspace():
            yield Character(found.text, found.middle + left, found.surety)
