"""What kind of screen a picture shows, judged by where the placed poster lies in it and what is around.

"file" is said only of a picture that is the poster and nothing else: no bar above or below, nothing of a phone on it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.imaging.ages import plain
from tenfold.imaging.arrows import is_arrow
from tenfold.imaging.bubbles import is_in_bubble
from tenfold.imaging.headings import face_above
from tenfold.imaging.ocr import Pixels
from tenfold.imaging.postlines import Page, page_of, screen_width
from tenfold.imaging.seen import PosterSeen, PostSeen, Quad, Screen
from tenfold.imaging.textlines import TALLEST_LINE, Run, pieces, runs
from tenfold.imaging.upright import is_placed, is_straight, region, size_of
from tenfold.imaging.whole import is_all_there, is_whole

# Shares of the picture's width: of posters shown by themselves, in posts and chats, and in a grid of nine.
_VIEWER_FROM = 0.7
_THUMB_UP_TO = 0.62
_GRID_UP_TO = 0.4
# A message of one's own stands at the right edge.
_CHAT_LEFT, _CHAT_RIGHT = 0.36, 0.8
# So may one of a wide picture, which is farther from the left edge than from the right one as no post is that begins
# below its author's face. A picture shown alone, a little right of the middle, may too: it takes the sender's own face,
# or a bubble.
_CHAT_ASIDE, _CHAT_TIMES = 0.22, 1.8
# Above a picture in a viewer stands the phone's own bar and nothing else; above one in a post its author and its age.
_HEADING, _BARE = 0.35, 0.01
_BAR_LINES, _BAR_WITHIN = 1, 0.06  # of the height of the picture: the bar begins there
_ONE_LINE = 0.35  # letters: in a photograph the edge of the screen stands so close above its bar
# Left of a message is the wall of the chat; left of one of several pictures, the next.
_STRIP, _BUSY = (0.035, 0.08), 0.2
# Above a picture in a viewer may stand an arrow that leads back, at the left, and which one it is of how many, in the
# middle: at the top of the screen.
_COUNT = re.compile(r"([1-9]\d?)/([1-9]\d?)")
_COUNT_AT, _COUNT_WITHIN, _COUNT_WIDE = (0.46, 0.54), 0.15, 0.15
_ARROW_WITHIN = 0.12
_FACE = (0.06, 0.15)  # the side of a face, least and most
# A viewer shows its picture in the middle; in a photograph the phone itself is off it.
_OFF_MIDDLE, _OFF_MIDDLE_PHOTO = 0.04, 0.12
_LEVEL, _NEAR = 0.02, 0.01

# The poster's file: what of an edge may be missing, and of the whole.
_BARE_EDGE = 0.012
_MOST_CROPPED = 0.25
_LEAST_BAR = 0.012  # of the height
_PHONE_FROM = 1.5  # as tall as wide

# What lies upon the poster's first and last lines is seen at this width, in so many columns, by so many levels.
_COMPARED = 360
_BAND = 0.04
_STROKES = 8
_PLAINLY = 30.0
_NEARBY = np.ones((5, 5), np.uint8)
_ALL = 250


def screen_of(
    picture: Pixels,
    poster: PosterSeen | None,
    *,
    post: PostSeen | None = None,
    art: Pixels | None = None,
    same: Pixels | None = None,
) -> Screen:
    """The kind of screen, "unknown" where it could be several.

    `post` is what was read around the poster, `art` the campaign's own picture, with which a phone's clock that lies
    upon the poster is seen; `same` is 0 in what differs from person to person. Without a placed poster nothing tells
    one screen from another.
    """
    if poster is None or not is_placed(poster.quad):
        return "unknown"
    if post is not None and (post.age or post.delete_button or post.audience == "everyone"):
        return "grid" if poster.is_cropped else "post"
    # Something is said of who may see it, but by whom is not known: it is not safely a message or in a viewer.
    if post is not None and post.audience == "unknown" and post.audience_quad is not None:
        return "unknown"
    height, width = picture.shape[:2]
    if _is_bare(poster.quad, width, height):
        return "file" if art is None or not _is_overlaid(picture, poster.quad, art, same) else "viewer"
    return _beside(poster, picture)


def _edges(quad: Quad) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return min(xs), min(ys), max(xs), max(ys)


def _is_bare(quad: Quad, width: int, height: int) -> bool:
    """Whether the poster, seen straight on, reaches to every edge of the picture or beyond, but not far beyond."""
    if not is_straight(quad):
        return False
    left, top, right, bottom = _edges(quad)
    across, down = _BARE_EDGE * width, _BARE_EDGE * height
    covers = left <= across and top <= down and right >= width - across and bottom >= height - down
    seen = (min(right, width) - max(left, 0)) * (min(bottom, height) - max(top, 0))
    return bool(covers) and seen >= (1 - _MOST_CROPPED) * (right - left) * (bottom - top)


def _is_overlaid(picture: Pixels, quad: Quad, art: Pixels, same: Pixels | None) -> bool:
    """Whether something lies on the poster at the very top or foot, where phones have their clock and their bar."""
    shrink = _COMPARED / picture.shape[1]
    size = _COMPARED, max(8, round(picture.shape[0] * shrink))
    small = np.array(quad, np.float32) * np.float32(shrink)
    seen = _soft(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    drawn = _soft(_laid(art, small, size))
    drawn += float(np.median(seen - drawn))
    # A poster is placed to a pixel or two: what it has nearby is not something that lies upon it.
    apart = np.maximum(seen - cv2.dilate(drawn, _NEARBY), cv2.erode(drawn, _NEARBY) - seen)
    if same is not None:
        apart[cv2.erode(_laid(same, small, size), _NEARBY) < _ALL] = 0
    band = max(4, round(_BAND * size[1]))
    return bool(_strokes(apart[:band]) >= _STROKES or _strokes(apart[-band // 2 :]) >= _STROKES)


def _laid(pixels: Pixels, quad: NDArray[np.float32], size: tuple[int, int]) -> NDArray[Any]:
    """The art, or what belongs to it, as it lies in the picture."""
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    bend = cv2.getPerspectiveTransform(corners, quad)
    return cv2.warpPerspective(pixels, bend, size, borderMode=cv2.BORDER_REPLICATE)


def _soft(pixels: NDArray[Any]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0))


def _strokes(apart: NDArray[np.float32]) -> int:
    """How many columns differ plainly: letters and signs do in some twenty, a poster's own edges in none."""
    return int((apart > _PLAINLY).any(axis=0).sum())


def _beside(poster: PosterSeen, picture: Pixels) -> Screen:
    """By size and place, for a poster that something of the screen surrounds."""
    height, width = picture.shape[:2]
    left, top, right, bottom = _edges(poster.quad)
    share = size_of(poster.quad)[0] / width
    if _is_in_bubble_at_right(poster, picture):
        return "chat"
    if share >= _VIEWER_FROM:
        is_viewer = not poster.is_cropped and _has_bars(top, bottom, height, width)
        is_viewer &= _is_central(poster.quad, left / width, right / width)
        is_viewer = is_viewer and (not is_straight(poster.quad) or is_all_there(picture, top, bottom))
        return "viewer" if is_viewer and not _has_heading(picture, poster) else "unknown"
    if poster.is_cropped:
        return "grid" if share <= _GRID_UP_TO else "unknown"
    if share > _THUMB_UP_TO:
        return "unknown"
    is_chat = _is_message(picture, poster.quad, left / width, right / width)
    return "chat" if is_chat and not _has_picture_beside(picture, poster.quad) else "unknown"


def _is_in_bubble_at_right(poster: PosterSeen, picture: Pixels) -> bool:
    """Whether it is a message of one's own, of any width, by its bubble, which ends close to the edge of the screen."""
    quad, width = poster.quad, picture.shape[1]
    left, _top, right, _bottom = _edges(quad)
    if poster.is_cropped or not _may_be_at_right(left / width, right / width):
        return False
    is_seen = not is_straight(quad) or is_whole(picture)
    return is_seen and is_in_bubble(picture, quad) and not _has_picture_beside(picture, quad)


def _is_message(picture: Pixels, quad: Quad, left: float, right: float) -> bool:
    """By the sender's own face right of it; else by its place, or a face left of it, on a whole screen, of which nobody
    knows in a photograph whether it is one."""
    if _may_be_at_right(left, right) and _has_own_face_beside(picture, quad):
        return True
    is_like_one = is_straight(quad) and (_is_at_right(left, right) or _has_face_beside(picture, quad))
    return is_like_one and is_whole(picture)


def _has_picture_beside(picture: Pixels, quad: Quad) -> bool:
    """Whether something as tall stands close to the left of it, as in a post of several pictures and in no chat."""
    screen, (wide, tall) = screen_width(picture, quad), size_of(quad)
    middle = max(0.0, tall - wide) / 2
    where = region(picture, quad, -_STRIP[1] * screen, middle, -_STRIP[0] * screen, tall - middle)
    if where is None:
        return False
    light = where.grey.astype(np.float32)
    changing = np.abs(light - np.median(light, axis=0)) > _PLAINLY
    if (changing & where.inside).mean() >= _BUSY:
        return True
    apart = abs(float(np.median(light)) - float(np.median(picture.mean(axis=2))))
    return is_straight(quad) and apart > _PLAINLY


def _is_at_right(left: float, right: float) -> bool:
    return left >= _CHAT_LEFT and right >= _CHAT_RIGHT


def _may_be_at_right(left: float, right: float) -> bool:
    return left >= max(_CHAT_ASIDE, _CHAT_TIMES * (1 - right))


def _is_central(quad: Quad, left: float, right: float) -> bool:
    off = _OFF_MIDDLE if is_straight(quad) else _OFF_MIDDLE_PHOTO
    return abs(left - (1 - right)) <= off


def _has_heading(picture: Pixels, poster: PosterSeen) -> bool:
    """Whether lines of words stand right above the poster, more than the phone's own."""
    wide = size_of(poster.quad)[0] / screen_width(picture, poster.quad)
    page = page_of(picture, poster, left=0, top=-_HEADING, right=wide, bottom=-_BARE)
    if page is None:
        return False
    if _has_block(page) or face_above(picture, poster) is not None:
        return True
    near = 0.0 if is_straight(poster.quad) else _ONE_LINE * page.letter
    joined = sum(below[0] - above[1] <= near for above, below in pairwise(page.rows))
    if len(page.rows) - joined - _has_own_bar(picture, poster, page) > _BAR_LINES:
        return True
    in_bar = _BAR_WITHIN * picture.shape[0] - poster.quad[0][1] - page.where.top
    below = [row for row in page.rows if row[0] > in_bar]
    return is_straight(poster.quad) and len(below) > _has_own_bar(picture, poster, page)


def _has_block(page: Page) -> bool:
    """Whether there is ink too tall for a line: name and age run into one where a sign beside them is as tall."""
    inked = page.ink.mask.sum(axis=1) >= max(2, page.letter / 12)
    tallest = max((end - start for start, end in runs(inked, page.letter * 0.12)), default=0)
    return tallest > TALLEST_LINE * page.letter


def _has_own_bar(picture: Pixels, poster: PosterSeen, page: Page) -> bool:
    """Whether one line, and one only, is a viewer's own bar; beside a face it may be a post's."""
    if not is_straight(poster.quad) or face_above(picture, poster) is not None:
        return False
    return sum(_is_bar(picture, poster, page, row) for row in page.rows) == 1


def _is_bar(picture: Pixels, poster: PosterSeen, page: Page, row: Run) -> bool:
    """Whether there is an arrow that leads back, or which picture it is of how many, or both, and nothing else."""
    mask = page.ink.mask[row[0] : row[1]]
    across = pieces(mask, row[1] - row[0])
    if not across or poster.quad[0][1] + page.where.top + row[1] > _COUNT_WITHIN * picture.shape[0]:
        return False
    is_led = poster.quad[0][0] + page.where.left + across[0][1] <= _ARROW_WITHIN * picture.shape[1]
    if is_led and is_arrow(mask[:, across[0][0] : across[0][1]]):
        if len(across) == 1:
            return True
        # What is read of the arrow says nothing: the count follows it.
        return len(across) == 2 and _is_count(picture, poster, page, row, across[1])
    return len(across) == 1 and _is_count(picture, poster, page, row, across[0])


def _is_count(picture: Pixels, poster: PosterSeen, page: Page, row: Run, across: Run) -> bool:
    width, (start, end) = picture.shape[1], across
    middle = (poster.quad[0][0] + page.where.left + (start + end) / 2) / width
    if not _COUNT_AT[0] <= middle <= _COUNT_AT[1] or end - start > _COUNT_WIDE * width:
        return False
    letters = [letter for letter in page.read(*row).characters if start <= letter.middle <= end]
    count = _COUNT.fullmatch(plain("".join(letter.text for letter in letters)))
    return count is not None and int(count[1]) <= int(count[2])


def _has_bars(top: float, bottom: float, height: int, width: int) -> bool:
    """Bars above and below, which make the whole as tall as a phone."""
    least = _LEAST_BAR * height
    return top >= least and height - bottom >= least and height >= _PHONE_FROM * width


def _has_face_beside(picture: Pixels, quad: Quad) -> bool:
    """Whether a face stands left of the poster, its top level with the poster's: of a message, a post's is above."""
    left = min(quad[0][0], quad[3][0])
    return is_straight(quad) and _has_face(picture, quad, -left, -_NEAR * picture.shape[1])


def _has_own_face_beside(picture: Pixels, quad: Quad) -> bool:
    """The same right of it, as of what one has sent; also in a photograph, where the screen ends soon after it."""
    wide, screen = size_of(quad)[0], screen_width(picture, quad)
    return _has_face(picture, quad, wide + _NEAR * screen, wide + (_NEAR + _FACE[1]) * screen)


def _has_face(picture: Pixels, quad: Quad, left: float, right: float) -> bool:
    """Whether a face is between these, in pixels from the poster's upper left corner."""
    screen = screen_width(picture, quad)
    where = region(picture, quad, left, -_FACE[1] * screen, right, 2 * _FACE[1] * screen)
    if where is None:
        return False
    ground = float(np.median(where.grey))
    differs = np.abs(where.grey.astype(np.float32) - ground) > _PLAINLY
    inked = (differs & where.inside).sum(axis=1) >= _FACE[0] * screen / 2
    for start, end in runs(inked, _NEAR * screen):
        if abs(start + where.top) <= _LEVEL * screen:
            return bool(_FACE[0] * screen <= end - start <= _FACE[1] * screen)
    return False
