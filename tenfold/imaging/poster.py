"""The personal poster: six elements, the person and their code, on 1080 by 1920 pixels.

The upper field argues (title, subtitle, selling points, endorsement), the card below asks for the one thing
to do (offer, invitation, code). The words stand on the card and grow upwards; what they leave free belongs to
the dots.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from PIL import Image

from tenfold.imaging.argument import argue, draw_argument, height_of
from tenfold.imaging.avatars import portrait
from tenfold.imaging.lines import Block, fit
from tenfold.imaging.qr import qr_image, qr_modules
from tenfold.imaging.shapes import (
    ACCENT,
    INK,
    PAPER,
    Box,
    mix,
    plate,
    round_mask,
    rounded_mask,
    ten_dots,
    write,
)
from tenfold.imaging.texts import drawable

WIDTH, HEIGHT = 1080, 1920
JPEG_QUALITY = 88

MARGIN = 84
HEADER_TOP = 84
FLOW = (190, 1270)  # the text keeps between these heights
CARD: Box = (48, 1336, WIDTH - 48, HEIGHT - 48)
CARD_PADDING = 48
PORTRAIT = 108

# A module on a phone's thumbnail of the poster is about a quarter of this.
SMALLEST_MODULE, LARGEST_MODULE, QUIET = 9, 12, 4
CODE_SIDE, WIDEST_CODE, CODE_RADIUS = 400, 480, 16

GREY = mix(INK, PAPER, 0.38)
DOTS = tuple(mix(INK, PAPER, share) for share in (0.26, 0.16, 0.09))
OFFER = mix(ACCENT, (190, 30, 0), 0.4)  # the accent, dark enough for words on paper

OFFER_STEPS = ((64, 2), (56, 3), (48, 4), (40, 5), (34, 5))


@dataclass(frozen=True)
class PosterContent:
    """What a poster says. Any text may be empty; `code_text` is the live code's address in upper case.

    `avatar` is a picture in any form that `avatar_picture` takes; without it the name's first letter stands.
    """

    title: str
    subtitle: str
    points: tuple[str, ...]
    endorsement: str
    offer: str
    code_text: str
    nickname: str
    avatar: bytes | None
    invite_line: str
    scan_hint: str
    brand: str


def render_poster(content: PosterContent, *, media_type: Literal["image/png", "image/jpeg"]) -> bytes:
    """The encoded poster; raises ValueError if the address is empty or too long for a readable code."""
    code = _code(content.code_text)
    impersonal = replace(content, code_text="", nickname="", avatar=None, invite_line="")
    poster = _ground(impersonal, code.width).copy()
    poster.paste(
        code, (_code_left(code.width), _card_top()), rounded_mask(code.width, code.width, CODE_RADIUS)
    )
    _stamp_person(poster, content, code.width)
    out = io.BytesIO()
    if media_type == "image/png":
        poster.save(out, "PNG")
    else:
        poster.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return out.getvalue()


def _code(text: str) -> Image.Image:
    """The code with its quiet zone, modules of whole pixels, near CODE_SIDE."""
    count = qr_modules(text).width + 2 * QUIET
    module = max(SMALLEST_MODULE, min(LARGEST_MODULE, CODE_SIDE // count))
    if count * module > WIDEST_CODE:
        raise ValueError("address too long for a readable code")
    return qr_image(text, module=module, quiet=QUIET)


def _card_top() -> int:
    return CARD[1] + CARD_PADDING


def _code_left(code_side: int) -> int:
    return CARD[2] - CARD_PADDING - code_side


def _column_width(code_side: int) -> int:
    return _code_left(code_side) - CARD[0] - 2 * CARD_PADDING


@lru_cache(maxsize=8)
def _ground(content: PosterContent, code_side: int) -> Image.Image:
    """All of the poster but the person and the code: the same for everyone in a campaign, 6 MB each."""
    image = Image.new("RGB", (WIDTH, HEIGHT), INK)
    words = argue(
        content.title,
        content.subtitle,
        content.points,
        content.endorsement,
        width=WIDTH - 2 * MARGIN,
        room=FLOW[1] - FLOW[0],
    )
    top = FLOW[1] - height_of(words)
    _draw_dots(image, top)
    _draw_header(image, content.brand)
    draw_argument(image, words, MARGIN, top)
    _draw_card(image, content, code_side)
    return image


def _draw_dots(image: Image.Image, floor: int) -> None:
    """The dot that becomes ten, as large as the room above the words."""
    side = min(floor + 20, 760)
    if floor < FLOW[0] + 120:
        return
    top = (floor - side) // 2
    ten_dots(image, (WIDTH - side + 56, top, WIDTH + 56, top + side), ACCENT, DOTS)


def _draw_header(image: Image.Image, brand: str) -> None:
    ten_dots(image, (MARGIN, HEADER_TOP, MARGIN + 52, HEADER_TOP + 52), ACCENT, (PAPER,))
    name = fit(brand, 480, ((32, 1), (28, 1)), weight=600)
    write(image, name, (MARGIN + 74, HEADER_TOP + 26 - name.leading // 2), PAPER)


def _draw_card(image: Image.Image, content: PosterContent, code_side: int) -> None:
    plate(image, CARD, 36, PAPER)
    left, bottom = _code_left(code_side), _card_top() + code_side
    hint = fit(content.scan_hint, code_side, ((28, 1), (24, 2), (20, 2)), weight=500, leading=1.25)
    write(image, hint, (left + code_side // 2, bottom + 12), GREY, centred=True)
    offer = _offer(content.offer, code_side)
    write(image, offer, (CARD[0] + CARD_PADDING, bottom - offer.height), OFFER)


def _offer(offer: str, code_side: int) -> Block:
    return fit(offer, _column_width(code_side), OFFER_STEPS, weight=800, leading=1.25)


def _stamp_person(image: Image.Image, content: PosterContent, code_side: int) -> None:
    """Face, name and invitation at the top of the card's left column; in its middle if there is no offer."""
    left, top = CARD[0] + CARD_PADDING, _card_top()
    if not drawable(content.offer):
        top += (code_side - PORTRAIT) // 2
    face = portrait(content.avatar, content.nickname, PORTRAIT)
    image.paste(face, (left, top), round_mask(PORTRAIT))
    blocks = _person_lines(content, _column_width(code_side) - PORTRAIT - 24)
    y = top + (PORTRAIT - sum(block.height for block in blocks)) // 2
    for block, colour in zip(blocks, (INK, GREY), strict=False):
        write(image, block, (left + PORTRAIT + 24, y), colour)
        y += block.height


def _person_lines(content: PosterContent, width: int) -> list[Block]:
    """The name and below it the rest of the line that invites; the line alone if the name is inside it."""
    name, line = drawable(content.nickname), drawable(content.invite_line)
    if name and line.startswith(name):
        line = line.removeprefix(name).lstrip(" ,:，：")
    elif name in line:
        name, line = line, ""
    first = fit(name, width, ((38, 1), (34, 1), (30, 1), (26, 1), (26, 2)), weight=700)
    second = fit(line, width, ((28, 1), (26, 2)), leading=1.3)
    return [block for block in (first, second) if block.lines]
