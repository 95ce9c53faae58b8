"""The heading of a post: its author's face, right of it their name, and under the name how old the post is.

Which post a heading belongs to is told by the face: the lowest one above a picture is that picture's author's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.agelines import LED, SURE, AgeLine, age_line, said_until
from tenfold.imaging.audiences import tells_more
from tenfold.imaging.ocr import Pixels
from tenfold.imaging.postlines import LETTER, Line, Page, page_of, screen_width
from tenfold.imaging.seen import PosterSeen, Quad
from tenfold.imaging.upright import Region, is_straight, region, size_of
from tenfold.imaging.whole import is_whole

# Of the screen's width.
_ABOVE, _START = 0.5, 0.004
_FACES_UP_TO = 0.25  # from the left
_FACE = (0.05, 0.16)  # the side of a face, least and most
_JOINED = 0.006
_AIR, _BEHIND_FACE = 0.012, 0.004
_PLAINLY = 18.0
_SCREEN_EDGE = 0.9  # of a column: what is so tall is no part of the screen

_WIDE, _IN_THE_MIDDLE, _OFF = 0.62, 0.4, 0.03
# Of the darkness of the name: what the author wrote is as dark as it, or darker.
_PALER = 0.87
# So much smaller than the name an age is, at least; and a picture starts where the face does, of the screen's width.
_SMALLER, _AT_FACE = 0.93, 0.015
# Below a picture so much is to be seen where its post may end, of the screen's width: else its foot may be cut off.
_FOOT = 0.35
# The cosine between two colours of ink, each as it differs from its ground: grey and what is plainly coloured.
_ALIKE, _INKED = 0.96, 92  # of each line's points so many percent are not looked at
_TEXT_LINES, _LEAST_WORDS, _MIDDLE = 3, 4, 60


@dataclass(frozen=True)
class Face:
    """Where an author's face lies, in shares of the screen's width from the poster's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Heading:
    """What stands right of the face: the line with the age, if there is surely one, and the whole."""

    found: AgeLine | None
    page: Page
    face: Face
    doubtful: Line | None
    """A line that tells what one should, where none is believed."""

    @property
    def is_name_only(self) -> bool:
        return len(self.page.rows) == 1

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing but a name and one smaller line, which ends where the face does: no name that
        goes on below itself, nothing that hangs below the face or may go on beyond the edge of the picture."""
        if self.found is None or len(self.page.rows) != 2:
            return False
        line, (top, bottom) = self.found.line, self.page.rows[0]
        ends = (line.bottom + self.page.where.top) * LETTER / self.page.letter
        is_in_sight = said_until(self.found) + LED * self.found.em <= self.page.ink.mask.shape[1]
        return is_in_sight and ends <= self.face.bottom + _AIR and line.height <= _SMALLER * (bottom - top)

    def is_paler_than_name(self, found: AgeLine) -> bool:
        """Whether the age is written more faintly than the name: what the author wrote is not."""
        return _is_paler(self.page, found)


def is_wide(picture: Pixels, poster: PosterSeen) -> bool:
    """Whether the picture is as wide as the screen, or stands in its middle: lines start at the screen's edge then."""
    share = size_of(poster.quad)[0] / picture.shape[1]
    return bool(share >= _WIDE or (share >= _IN_THE_MIDDLE and is_in_the_middle(picture, poster)))


def is_in_the_middle(picture: Pixels, poster: PosterSeen) -> bool:
    """Whether there is as much of the screen left of a narrower picture as right of it, which may be by chance."""
    left, right = poster.quad[0][0] / picture.shape[1], 1 - poster.quad[1][0] / picture.shape[1]
    return bool(size_of(poster.quad)[0] / picture.shape[1] < _WIDE and abs(left - right) <= _OFF)


def face_above(picture: Pixels, poster: PosterSeen) -> Face | None:
    """The lowest face above the poster at the left; None also in a photograph, where the screen's edge is not known."""
    if not is_straight(poster.quad):
        return None
    screen, left = screen_width(picture, poster.quad), poster.quad[0][0]
    where = region(
        picture, poster.quad, -left, -_ABOVE * screen, _FACES_UP_TO * screen - left, -_START * screen
    )
    if where is None:
        return None
    boxes = sorted(_boxes(where, screen), key=lambda box: box[1] + box[3])
    least, most = (side * screen for side in _FACE)
    faces = [box for box in boxes if least <= box[2] <= most and least <= box[3] <= most]
    if not faces:
        return None
    x, y, wide, tall = faces[-1]
    left, top = (x + where.left) / screen, (y + where.top) / screen
    return Face(left, top, left + wide / screen, top + tall / screen)


def _boxes(where: Region, screen: float) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of whatever stands out from the ground."""
    differs = np.abs(where.grey.astype(np.float32) - float(np.median(where.grey))) > _PLAINLY
    differs[:, differs.mean(axis=0) >= _SCREEN_EDGE] = False
    side = max(3, round(_JOINED * screen))
    joined = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    _count, _labels, stats, _middles = cv2.connectedComponentsWithStats(joined, connectivity=8)
    return [(int(x), int(y), int(wide), int(tall)) for x, y, wide, tall, _area in stats[1:]]


def heading_of_narrow(picture: Pixels, poster: PosterSeen, today: date | None) -> Heading | None:
    """The same of a narrower picture that starts below the face itself, as all words of such a post do: beside the
    face its author writes nothing but the name. In a post whose foot tells what one should a motto may stand beside
    the face; so the foot has to be in sight, on a whole screen."""
    face = face_above(picture, poster) if not poster.is_cropped else None
    if face is None or abs(face.left) > _AT_FACE or not is_whole(picture):
        return None
    bottom = max(poster.quad[2][1], poster.quad[3][1])
    if picture.shape[0] - bottom < _FOOT * screen_width(picture, poster.quad):
        return None
    heading = heading_of(picture, poster, today)
    return heading if heading is not None and heading.is_plain and _is_no_name(picture, heading) else None


def _is_no_name(picture: Pixels, heading: Heading) -> bool:
    """Whether the line is fainter than the name above it, or of another colour: a name that goes on below itself is
    neither, and may be the smaller line of both, where the first one has brackets."""
    found = heading.found
    if found is None or heading.is_paler_than_name(found):
        return found is not None
    name = heading.page.read(*heading.page.rows[0])
    one, other = (
        _colour_of(picture, quad) for quad in (name.whole().quad, found.line.quad(found.x0, found.x1))
    )
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return lengths > 0 and float(one @ other) <= _ALIKE * lengths


def _colour_of(picture: Pixels, quad: Quad) -> NDArray[np.float32]:
    """How the ink of a line that stands upright differs from its ground, by red, green and blue."""
    xs, ys = [x for x, _y in quad], [y for _x, y in quad]
    part = picture[max(0, round(min(ys))) : round(max(ys)), max(0, round(min(xs))) : round(max(xs))]
    if not part.size:
        return np.zeros(3, np.float32)
    differs = part.reshape(-1, 3).astype(np.float32) - np.median(part, axis=(0, 1)).astype(np.float32)
    lightness = np.abs(differs).max(axis=1)
    middle: NDArray[np.float32] = np.median(differs[lightness >= np.percentile(lightness, _INKED)], axis=0)
    return middle


def heading_of(picture: Pixels, poster: PosterSeen, today: date | None) -> Heading | None:
    """What stands right of the author's face; of its lines under the name only one may say what a post's own does."""
    face = face_above(picture, poster) if not poster.is_cropped else None
    if face is None:
        return None
    right = (picture.shape[1] - poster.quad[0][0]) / screen_width(picture, poster.quad)
    page = page_of(
        picture,
        poster,
        left=face.right + _BEHIND_FACE,
        top=face.top - 2 * _AIR,
        right=right,
        bottom=min(face.bottom + 2 * _AIR, -_START),
    )
    if page is None or not page.rows:
        return None
    telling = [line for row in page.rows[1:] if tells_more(line := page.read(*row), today)]
    found = age_line(telling[0], today) if len(telling) == 1 else None
    words = _words_below(picture, poster, face) if found is not None else None
    if found is not None and not (_is_paler(page, found) or _is_paler_than_text(words, found)):
        found = None
    if found is not None and words is not None:
        # A face as pale as the ground is not seen: then it is the heading of the post before, and below it is its own.
        telling += [line for row in words.rows if tells_more(line := words.read(*row), today)]
        found = found if len(telling) == 1 else None
    return Heading(found, page, face, telling[0] if telling and found is None else None)


def _words_below(picture: Pixels, poster: PosterSeen, face: Face) -> Page | None:
    """What stands between face and picture, from edge to edge: what the author wrote."""
    screen, left = screen_width(picture, poster.quad), poster.quad[0][0]
    start, end = -left / screen, (picture.shape[1] - left) / screen
    return page_of(picture, poster, left=start, top=face.bottom + 2 * _AIR, right=end, bottom=-2 * _START)


def _is_paler_than_text(page: Page | None, found: AgeLine) -> bool:
    """The same of a name in a colour of its own, by the words that stand between face and picture: all that an author
    writes is alike."""
    if page is None:
        return False
    age = found.line.page.ink.strength[found.line.top : found.line.bottom, found.x0 : found.x1]
    for top, bottom in page.rows[:_TEXT_LINES]:
        letters = [letter for letter in page.read(top, bottom).characters if letter.text.isalnum()]
        if sum(letter.surety >= SURE for letter in letters) < _LEAST_WORDS:
            continue
        inked = page.ink.strength[top:bottom][page.ink.mask[top:bottom]]
        # Their middle, for a sign among them may be as bright as no letter is.
        return float(np.percentile(age, 97)) <= _PALER * float(np.percentile(inked, _MIDDLE))
    return False


def _is_paler(page: Page, found: AgeLine) -> bool:
    """Whether the age is written more faintly than the name, which is the first line of the page."""
    top, bottom = page.rows[0]
    inked = page.ink.strength[top:bottom][page.ink.mask[top:bottom]]
    age = found.line.page.ink.strength[found.line.top : found.line.bottom, found.x0 : found.x1]
    if not inked.size:
        return False
    return float(np.percentile(age, 97)) <= _PALER * float(np.percentile(inked, 90))
