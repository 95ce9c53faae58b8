"""The words in the upper field of a poster, set as large as the room allows, hanging above the card."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from tenfold.imaging.lines import Block, fit
from tenfold.imaging.shapes import ACCENT, INK, PAPER, Colour, disc, mix, write

MOST_POINTS = 5
BULLET_INDENT = 40

SOFT = mix(INK, PAPER, 0.74)

# (size in pixels, most lines), tried in turn
_TITLE = ((132, 1), (116, 2), (104, 2), (92, 3), (80, 3), (68, 4))
_SUBTITLE = ((42, 2), (38, 3))
_POINT = ((40, 1), (36, 2), (32, 2))
_ENDORSEMENT = ((30, 1), (28, 2))
_SHRINK = (1.0, 0.9, 0.82, 0.74)

Steps = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Piece:
    """A block in the column of words, `gap` pixels below the piece above it."""

    block: Block
    gap: int
    colour: Colour
    is_point: bool = False
    has_rule: bool = False

    @property
    def height(self) -> int:
        return self.gap + self.block.height


def argue(
    title: str, subtitle: str, points: tuple[str, ...], endorsement: str, *, width: int, room: int
) -> list[Piece]:
    """The pieces that have any words, together at most `room` high: all smaller if they would be higher."""
    for shrink in _SHRINK:
        pieces = [
            Piece(fit(title, width, _at(_TITLE, shrink), weight=800, leading=1.2), 0, PAPER),
            Piece(fit(subtitle, width, _at(_SUBTITLE, shrink), leading=1.45), round(26 * shrink), SOFT),
            *_points(points, width, shrink),
            Piece(
                fit(endorsement, width, _at(_ENDORSEMENT, shrink), leading=1.5),
                round(80 * shrink),
                SOFT,
                has_rule=True,
            ),
        ]
        pieces = [piece for piece in pieces if piece.block.lines]
        if height_of(pieces) <= room:
            break
    return pieces


def height_of(pieces: list[Piece]) -> int:
    return sum(piece.height for piece in pieces)


def draw_argument(image: Image.Image, pieces: list[Piece], left: int, top: int) -> None:
    draw = ImageDraw.Draw(image)
    for piece in pieces:
        block, start = piece.block, top + piece.gap
        if piece.has_rule:
            draw.rectangle((left, top + piece.gap // 2, left + 71, top + piece.gap // 2 + 3), fill=ACCENT)
        if piece.is_point:
            disc(image, (left + 8, start + block.leading / 2), 8, ACCENT)
        write(image, block, (left + BULLET_INDENT * piece.is_point, start), piece.colour)
        top += piece.height


def _points(points: tuple[str, ...], width: int, shrink: float) -> list[Piece]:
    """The selling points, all at the size of the longest: a list of many sizes looks like an accident."""
    width -= BULLET_INDENT
    steps = _at(_POINT, shrink)
    blocks = [fit(point, width, steps, weight=500) for point in points[:MOST_POINTS]]
    smallest = min((block.font.size for block in blocks if block.lines), default=0)
    steps = tuple(step for step in steps if step[0] <= smallest)
    pieces: list[Piece] = []
    for point in points[:MOST_POINTS]:
        block = fit(point, width, steps, weight=500) if smallest else blocks[0]
        if block.lines:
            pieces.append(Piece(block, round((14 if pieces else 52) * shrink), PAPER, is_point=True))
    return pieces


def _at(steps: Steps, shrink: float) -> Steps:
    return tuple((round(size * shrink), most) for size, most in steps)
