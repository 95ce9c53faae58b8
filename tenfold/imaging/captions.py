"""The name and the words above a poster, compared with those that were expected there."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from statistics import median

from tenfold.imaging.ages import plain
from tenfold.imaging.ocr import Pixels, surety_of, text_of
from tenfold.imaging.postlines import Line, Page, page_of, reach_of, start_of
from tenfold.imaging.seen import Claim, PosterSeen, Quad, TextSeen
from tenfold.imaging.upright import is_straight

_ABOVE = 0.5  # of the width of the screen
_LEFT, _RIGHT, _START = 0.015, 0.83, 0.002
_GAP = 1.35  # of a letter: what is further above belongs to another post
_MOST_LINES = 9
_LONGEST = 500

# Below this a line of words was not read well enough to say that others are missing.
SURE = 0.75
_HERE_ANYWAY = 0.8

Above = tuple[TextSeen | None, float | None, TextSeen | None, float | None]
"""Name, its share, caption, its share."""


def name_and_caption(picture: Pixels, poster: PosterSeen, claim: Claim) -> Above:
    """The name over the post and the words between it and the poster, as far as the claim has either."""
    if not (claim.captions or claim.nickname):
        return None, None, None, None
    page, block = _block(picture, poster)
    if page is None or not block:
        return None, None, None, None
    lines = [page.read(*rows) for rows in (block if claim.captions else block[:2])]
    at, share = _name_in(lines, claim.nickname)
    name = lines[at].whole() if claim.nickname and lines[at].characters else None
    words, caption_share = _captioned(lines[at + 1 :], claim)
    # A photograph may show a title or a clock as close to the post, and a grid of nine other pictures: what is not
    # there was then sought in the wrong place.
    is_sure = is_straight(poster.quad) and not poster.is_cropped and surety_of(lines[at].characters) >= SURE
    return name, _kept(share, is_sure=is_sure), words, _kept(caption_share, is_sure=is_sure)


def _kept(share: float | None, *, is_sure: bool) -> float | None:
    return share if share is not None and (is_sure or share >= _HERE_ANYWAY) else None


def _name_in(lines: Sequence[Line], nickname: str) -> tuple[int, float | None]:
    """Which of the first two lines is the name, and how alike it is; a title may stand above it."""
    wanted = _letters(nickname)
    shares = [_alike(wanted, line) for line in lines[:2]]
    best = max(range(len(shares)), key=lambda at: (shares[at] or 0.0, -at))
    if (shares[best] or 0.0) < _HERE_ANYWAY:
        best = 0
    return best, shares[best]


def _alike(wanted: str, line: Line) -> float | None:
    if not wanted or surety_of(line.characters) < SURE / 2:
        return None
    there = _letters(text_of(line.characters))
    return round(SequenceMatcher(None, wanted[:_LONGEST], there, autojunk=False).ratio(), 3)


def share_of(expected: str, seen: str) -> float:
    """How much of the expected words is there, in their order; letters and figures count alone."""
    wanted, there = _letters(expected)[:_LONGEST], _letters(seen)[: 2 * _LONGEST]
    if not wanted:
        return 1.0
    blocks = SequenceMatcher(None, wanted, there, autojunk=False).get_matching_blocks()
    least = min(2, len(wanted))
    return sum(block.size for block in blocks if block.size >= least) / len(wanted)


def _letters(text: str) -> str:
    return "".join(c for c in plain(text) if unicodedata.category(c)[0] in "LN")


def _block(picture: Pixels, poster: PosterSeen) -> tuple[Page | None, list[tuple[int, int]]]:
    """The rows of the post's own lines above the poster, from the top."""
    head = reach_of(picture, poster)[0]
    left = start_of(picture, poster) - _LEFT
    page = page_of(picture, poster, left=left, top=head - _ABOVE, right=_RIGHT, bottom=head - _START)
    if page is None:
        return None, []
    block: list[tuple[int, int]] = []
    foot, gap = len(page.where.grey), _GAP * page.letter
    for top, bottom in reversed(page.rows):
        if foot - bottom > gap or len(block) == _MOST_LINES:
            break
        block.insert(0, (top, bottom))
        foot = top
    # Where even the uppermost touches the edge, the name was cut off, and a line of words would be taken for it.
    return page, [] if block and block[0][0] <= 1 else block


def _captioned(lines: Sequence[Line], claim: Claim) -> tuple[TextSeen | None, float | None]:
    if not claim.captions:
        return None, None
    if not lines:
        return None, 0.0
    sureties = [character.surety for line in lines for character in line.characters]
    text = "".join(text_of(line.characters) for line in lines)
    surety = median(sureties) if sureties else 0.0
    share = max(share_of(caption, text) for caption in claim.captions)
    seen = TextSeen(text, _around([line.whole().quad for line in lines]), round(surety, 3))
    return seen, round(share, 3) if surety >= SURE or share >= _HERE_ANYWAY else None


def _around(quads: Sequence[Quad]) -> Quad:
    """From the first line's upper edge to the last one's lower edge."""
    return quads[0][0], quads[0][1], quads[-1][2], quads[-1][3]
