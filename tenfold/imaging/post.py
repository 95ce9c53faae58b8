"""What the post around a placed poster says: how old it is, who may see it, and whether its author is looking.

A wrong answer here is worse than none. An age is believed only where every character of it was read surely, its
figures take as much room as they should, and nothing may have hidden one; "everyone may see it" only where nothing at
all stands between the age and the button that follows it. A mark is not recognised by its shape, which every phone
draws in its own way: between those two stands nothing else than the mark that restricts a post.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from tenfold.imaging.agelines import RESTRICTED, AgeLine, age_line, audience_of, button_of, is_believed
from tenfold.imaging.captions import name_and_caption
from tenfold.imaging.ocr import Pixels, surety_of, text_of
from tenfold.imaging.postlines import Line, Page, page_of, reach_of, screen_width, start_of
from tenfold.imaging.seen import Audience, Claim, PosterSeen, PostSeen, Quad, TextSeen
from tenfold.imaging.upright import is_placed, is_straight

# Of the width of the screen: how far below the poster the age may be, and below a part of one in a grid of nine.
_BELOW, _BELOW_GRID = 0.24, 0.62
_LEFT, _RIGHT = 0.05, 0.80
_MOST_LINES = 3
_CLOSE = 1.8  # letters
_START = 0.004  # so much less of the poster's own edge

Around = tuple[AgeLine | None, Quad | None]


def read_post(picture: Pixels, poster: PosterSeen, claim: Claim, *, today: date | None = None) -> PostSeen:
    """What is said around the poster; whatever was not read surely is None or unknown.

    `today` is the day when the picture was sent, without which a date gives no minutes. Of several captions that are
    claimed the one that fits best counts. Name and caption are read only where the claim has any.
    """
    if not is_placed(poster.quad):
        return PostSeen()
    name, name_share, caption, caption_share = name_and_caption(picture, poster, claim)
    found, said = _below(picture, poster, today)
    age, audience, mark = None, _said(said), said
    if found is not None:
        straight = is_straight(poster.quad)
        start = start_of(picture, poster) * screen_width(picture, poster.quad) - found.line.page.where.left
        believed = is_believed(found, start, is_straight=straight, is_next=_is_next(found, poster))
        age = _seen(found) if believed else None
        if said is None:
            audience, mark = audience_of(found, is_believed=believed, is_straight=straight)
    span = found.age.span if found is not None and age is not None else None
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


def _said(words: Quad | None) -> Audience:
    return "restricted" if words is not None else "unknown"


def _seen(found: AgeLine) -> TextSeen:
    quad = found.line.quad(found.x0, found.x1)
    return TextSeen(text_of(found.characters), quad, round(surety_of(found.characters), 3))


def _below(picture: Pixels, poster: PosterSeen, today: date | None) -> Around:
    """The line with the age, and words on the way to it that restrict the post."""
    foot = reach_of(picture, poster)[1]
    left = start_of(picture, poster) - _LEFT
    reach = foot + (_BELOW_GRID if poster.is_cropped else _BELOW)
    page = page_of(picture, poster, left=left, top=foot + _START, right=_RIGHT, bottom=reach)
    for line in _lines(page, is_grid=poster.is_cropped) if page is not None else ():
        found = age_line(line, today)
        if found is not None:
            return found, None
        if RESTRICTED.search(line.text):
            return None, line.whole().quad
    return None, None


def _lines(page: Page, *, is_grid: bool) -> Iterator[Line]:
    """The first lines of the page, read as they are asked for; below one of a grid its other pictures may lie."""
    step = round(page.letter)
    rows = (row for row in page.rows if not is_grid or page.ink.is_plain(*row, step))
    return (page.read(*row) for row in islice(rows, _MOST_LINES))
