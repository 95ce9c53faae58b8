"""What the post around a placed poster says: how old it is, who may see it, and whether its author is looking.

A wrong answer here is worse than none. An age is believed only where every character of it was read surely, its
figures take as much room as they should, and nothing may have hidden one; "everyone may see it" only where words say
just that, or nothing at all stands between the age and the button to delete the post. A mark is not recognised by
its shape, which every phone draws in its own way: between those two stands nothing else than the mark that restricts
a post.

Anyone may write such a line as the words of their post. So of a post as wide as the screen no line is believed by
itself: where heading and foot tell different things, or two lines below the picture tell any, nothing is known. Of
a narrower one the first line below it counts, as the next ones may be those of the next post; but words for
"everyone" then do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np

from tenfold.imaging.agelines import AgeLine, age_line, button_of, figures_fit, is_in_place
from tenfold.imaging.audiences import UNTOLD, Told, audience_of, is_restriction, tells_more
from tenfold.imaging.captions import name_and_caption
from tenfold.imaging.headings import Heading, heading_of, heading_of_narrow, is_in_the_middle, is_wide
from tenfold.imaging.ocr import Pixels, surety_of, text_of
from tenfold.imaging.postlines import Line, Page, page_of, reach_of, screen_width, start_of
from tenfold.imaging.seams import is_of_one_post
from tenfold.imaging.seen import Claim, PosterSeen, PostSeen, Quad, TextSeen
from tenfold.imaging.textlines import Run, pieces
from tenfold.imaging.upright import is_placed, is_straight

# Of the width of the screen: how far below the poster the age may be, and below a part of one in a grid of nine.
_BELOW, _BELOW_WIDE, _BELOW_GRID = 0.24, 0.34, 0.62
_LEFT, _RIGHT = 0.05, 0.80
_MOST_LINES, _MOST_LINES_WIDE = 3, 6  # a title and a text may stand between a wide picture and its age
_CLOSE = 1.8  # letters
_SEEN_BELOW = 3.0  # letters: a line and the room before it
_ALIGNED = 0.35  # of an em
_START = 0.004  # so much less of the poster's own edge
_BEFORE = 0.3  # of an em
_PICTURE_EDGE = 0.75  # of a column: what is so tall is the edge of a picture and no part of the screen


@dataclass(frozen=True)
class Dated:
    """The line of the post that starts with its age: whether that is believed, and who may see the post."""

    line: AgeLine | None = None
    is_believed: bool = False
    told: Told = UNTOLD

    @property
    def quad(self) -> Quad | None:
        """Where it stands: the age alone, as signs of the picture's own may stand in the same row."""
        return self.line.line.quad(self.line.x0, self.line.x1) if self.line is not None else self.told[1]

    @property
    def says(self) -> tuple[str | None, str]:
        """The age as it is written, and the audience."""
        return (text_of(self.line.characters) if self.line is not None else None), self.told[0]


def read_post(picture: Pixels, poster: PosterSeen, claim: Claim, *, today: date | None = None) -> PostSeen:
    """What is said around the poster; whatever was not read surely is None or unknown.

    `today` is the day when the picture was sent, without which a date gives no minutes. Of several captions that are
    claimed the one that fits best counts. Name and caption are read only where the claim has any.
    """
    if not is_placed(poster.quad):
        return PostSeen()
    name, name_share, caption, caption_share = name_and_caption(picture, poster, claim)
    dated = _told(picture, poster, today)
    # What another post says is held neither for nor against this one.
    if dated.quad is not None and not is_of_one_post(picture, poster, dated.quad):
        dated = Dated(told=("unknown", dated.quad))
    found = dated.line
    age = _seen(found) if found is not None and dated.is_believed else None
    span = found.age.span if found is not None and age is not None else None
    audience, mark = dated.told
    return PostSeen(
        age=age,
        youngest_minutes=span[0] if span else None,
        oldest_minutes=span[1] if span else None,
        audience=audience,
        audience_quad=mark,
        delete_button=button_of(found) if found is not None else None,
        caption=caption,
        caption_share=caption_share,
        name=name,
        name_share=name_share,
    )


def _is_next(found: AgeLine, poster: PosterSeen) -> bool:
    """Whether the line follows the poster so closely that no other post's fits between."""
    line = found.line
    return (
        not poster.is_cropped and line.top <= _CLOSE * line.page.letter and line.top == line.page.rows[0][0]
    )


def _seen(found: AgeLine) -> TextSeen:
    quad = found.line.quad(found.x0, found.x1)
    return TextSeen(text_of(found.characters), quad, round(surety_of(found.characters), 3))


def _told(picture: Pixels, poster: PosterSeen, today: date | None) -> Dated:
    """What heading and foot say: the one that tells, or nothing where they differ."""
    read = heading_of if is_wide(picture, poster) else heading_of_narrow
    heading = read(picture, poster, today)
    if heading is not None and heading.doubtful is not None:
        return _doubted(heading.doubtful)
    below, above = _below(picture, poster, today, heading), _above(heading)
    if above.line is None or below == Dated():
        return below if above.line is None else above
    is_told_below = below.line is not None or below.told[0] != "unknown"
    return _doubted(above.line.line) if is_told_below and below.says != above.says else above


def _doubted(line: Line, found: AgeLine | None = None) -> Dated:
    """A line that may be the post's own or what its author wrote: so there is a post, of which nothing is known."""
    return Dated(found, told=("unknown", line.whole().quad))


def _above(heading: Heading | None) -> Dated:
    """What the post's heading says, of posts that have their age there."""
    found = heading.found if heading is not None else None
    if found is None:
        return Dated()
    edges = [start for start, _end in _pieces(found.line.page, found.line.page.rows[0])]
    return _dated(found, edges, is_straight=True, is_next=True)


def _dated(
    found: AgeLine, edges: Sequence[float], *, is_straight: bool, is_next: bool, is_alone: bool = True
) -> Dated:
    in_place = bool(edges) and is_in_place(found, edges, is_straight=is_straight, is_next=is_next)
    told = audience_of(found, is_in_place=in_place, is_straight=is_straight, is_alone=is_alone)
    return Dated(found, in_place and figures_fit(found), told)


def _below(picture: Pixels, poster: PosterSeen, today: date | None, heading: Heading | None) -> Dated:
    """The line with the age below the poster, or words that restrict the post. Where further lines tell such things, as
    those of the next post in a feed, words for "everyone" are not believed, and of a wide post nothing."""
    page = _foot(picture, poster)
    if page is None:
        return Dated()
    telling = [line for line in _lines(page, picture, poster) if tells_more(line, today)]
    if telling and is_restriction(telling[0].text):
        return Dated(told=("restricted", telling[0].whole().quad))
    if not telling:
        return Dated()
    found, is_alone = age_line(telling[0], today), len(telling) == 1
    if found is None:
        return _doubted(telling[0])
    edge = _edge(page, picture, poster)
    is_below_its_edge = abs(found.x0 - edge) <= _ALIGNED * found.em
    # A narrow one may stand in the middle by chance: then the line starts where the picture does.
    wide = is_wide(picture, poster) and not (is_in_the_middle(picture, poster) and is_below_its_edge)
    if not _is_near(found, poster) and not (wide and _is_foot(found, heading)):
        return Dated()
    if wide and not (is_alone and _is_foot(found, heading)):
        return _doubted(found.line, found)
    edges = [edge]
    if wide:
        others = (_pieces(page, row) for row in page.rows if row[0] != found.line.top)
        edges += [part[0][0] for part in others if part]
    is_next = wide or _is_next(found, poster)
    straight = is_straight(poster.quad)
    dated = _dated(found, edges, is_straight=straight, is_next=is_next, is_alone=is_alone)
    # Words may stand below a picture: what follows them, cut off, would be the post's own line.
    is_all = wide or dated.told[0] != "everyone" or _is_seen_below(found)
    return dated if is_all else _doubted(found.line, found)


def _is_seen_below(found: AgeLine) -> bool:
    page = found.line.page
    seen = np.flatnonzero(page.where.inside[:, found.x0 : found.x1].all(axis=1))
    return bool(seen.size and seen[-1] + 1 - found.line.bottom >= _SEEN_BELOW * page.letter)


def _is_near(found: AgeLine, poster: PosterSeen) -> bool:
    return _is_next(found, poster) or poster.is_cropped or found.button is not None


def _lines(page: Page, picture: Pixels, poster: PosterSeen) -> Iterator[Line]:
    """The first lines of the page, read as they are asked for; below one of a grid its other pictures may lie."""
    step = round(page.letter)
    rows = (row for row in page.rows if not poster.is_cropped or page.ink.is_plain(*row, step))
    most = _MOST_LINES_WIDE if is_wide(picture, poster) else _MOST_LINES
    return (page.read(*row) for row in islice(rows, most))


def _foot(picture: Pixels, poster: PosterSeen) -> Page | None:
    """What lies below the poster: of one as wide as the screen, from edge to edge."""
    foot, screen = reach_of(picture, poster)[1], screen_width(picture, poster.quad)
    left, right, below = start_of(picture, poster) - _LEFT, _RIGHT, _BELOW
    if is_wide(picture, poster):
        start = min(poster.quad[0][0], poster.quad[3][0])
        left, right, below = -start / screen, (picture.shape[1] - start) / screen, _BELOW_WIDE
    reach = foot + (_BELOW_GRID if poster.is_cropped else below)
    return page_of(picture, poster, left=left, top=foot + _START, right=right, bottom=reach)


def _is_foot(found: AgeLine, heading: Heading | None) -> bool:
    """Whether the line is the foot of a post as wide as the screen: not in the next one's heading, which has a face
    before it, and not what the author wrote, which is as dark as their name. The post's own heading is to be seen, and
    has no line in which an age may be that was not read."""
    if heading is None or not heading.is_name_only or not heading.is_paler_than_name(found):
        return False
    line, ink = found.line, found.line.page.ink
    before = ink.strength[line.top : line.bottom, : max(1, round(found.x0 - _BEFORE * found.em))] > ink.grain
    is_edge = (ink.strength > ink.grain)[:, : before.shape[1]].mean(axis=0) >= _PICTURE_EDGE
    start = int(np.flatnonzero(is_edge)[-1]) + 3 if is_edge.any() else 0
    return not before[:, start:].any()


def _edge(page: Page, picture: Pixels, poster: PosterSeen) -> float:
    """Where the post starts, in pixels of the page."""
    return start_of(picture, poster) * screen_width(picture, poster.quad) - page.where.left


def _pieces(page: Page, row: Run) -> list[Run]:
    return pieces(page.ink.mask[row[0] : row[1]], row[1] - row[0])
