"""The picture of a good example: somebody's own poster in a post as it should look, with what counts numbered."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from tenfold.imaging.avatars import monogram_image
from tenfold.imaging.lines import balanced_lines, measure_at, shortened
from tenfold.imaging.shapes import Colour
from tenfold.imaging.sheet import POINTS_WIDE, Sheet, comment_button, encoded, status_bar, title_bar

# Goes up with a change of how examples are drawn: those kept elsewhere are then asked anew.
EDITION = 1
Place = Literal["moments", "group"]
WIDTH = 720
# Points high: as much as the tallest poster takes, so that a page knows the size before it has the picture.
_HIGH: dict[Place, int] = {"moments": 690, "group": 520}
_TALLEST_POSTER, _WIDEST_POSTER = 430, 250
_WHITE: Colour = (255, 255, 255)
_PAPER, _INK, _QUIET, _LINK = _WHITE, (25, 25, 25), (140, 140, 140), (87, 107, 149)
_CHAT: Colour = (237, 237, 237)
_FAINT: Colour = (240, 240, 240)
_MARK: Colour = (11, 122, 92)


@dataclass(frozen=True)
class Words:
    """What stands on it, in the reader's language. `caption` may be of several lines."""

    title: str
    name: str
    caption: str
    age: str
    delete: str


def size_of(place: Place) -> tuple[int, int]:
    return WIDTH, round(_HIGH[place] * WIDTH / POINTS_WIDE)


def example_picture(poster: bytes, words: Words, place: Place) -> bytes:
    """JPEG, 720 px wide. Numbers stand at 1 the whole poster with its code, 2 its age, 3 where a mark that hides it
    would be; in a group only at the poster. `poster` is one of ours."""
    with Image.open(io.BytesIO(poster)) as picture:
        image = picture.convert("RGB")
    sheet = Sheet(WIDTH, _HIGH[place], _CHAT if place == "group" else _PAPER)
    status_bar(sheet, "20:30", _INK)
    title_bar(sheet, words.title, _INK)
    if place == "group":
        _message(sheet, image, words)
    else:
        _others(sheet, _post(sheet, image, words))
    return encoded(sheet.image, quality=82)


def _post(sheet: Sheet, poster: Image.Image, words: Words) -> float:
    """How far down it reaches."""
    down = 104.0
    sheet.picture(monogram_image(words.name, sheet.px(44)), (16, down), 44)
    sheet.write(words.name, (72, down - 1), 17, _LINK, weight=600)
    down += 25
    for line in _lines(words.caption, sheet.px(16), sheet.px(290)):
        sheet.write(line, (72, down), 16, _INK)
        down += 23
    width, down = _width_of(poster), down + 13
    height = sheet.picture(poster, (72, down), width)
    _tick(sheet, (72 + width, down))
    _number(sheet, 1, (72 + width + 22, down + height / 2))
    down += height + 12
    end = sheet.write(words.age, (72, down), 14, _QUIET)
    _number(sheet, 2, (end + 14, down + 9.5))
    end = sheet.write(words.delete, (end + 34, down), 14, _LINK)
    _number(sheet, 3, (end + 14, down + 9.5))
    comment_button(sheet, down, (247, 247, 247), _LINK)
    return down + 40


def _others(sheet: Sheet, down: float) -> None:
    """What somebody else may have posted, as far as it matters."""
    sheet.box((16, down + 14), (44, 44), _FAINT, radius=5)
    for nth, width in enumerate((90, 250, 190)):
        sheet.box((72, down + 16 + 24 * nth), (width, 13), _FAINT, radius=4)


def _message(sheet: Sheet, poster: Image.Image, words: Words) -> None:
    sheet.write(words.age, ((390 - sheet.length(words.age, 13)) / 2, 100), 13, _QUIET)
    width = _width_of(poster) * 0.8
    left = 390 - 70 - width
    height = sheet.picture(poster, (left, 128), width)
    sheet.picture(monogram_image(words.name, sheet.px(42)), (334, 128), 42)
    _tick(sheet, (left, 128))
    _number(sheet, 1, (left - 22, 128 + height / 2))


def _lines(text: str, size: int, width: int) -> list[str]:
    measure = measure_at(size, 400)
    lines = [line for part in text.splitlines() for line in balanced_lines(part, width, measure)]
    return shortened(lines, 3, width, measure)


def _width_of(poster: Image.Image) -> float:
    """Points: so that the code can be read, and a whole screen shows it."""
    return min(_WIDEST_POSTER, _TALLEST_POSTER * poster.width / poster.height)


def _number(sheet: Sheet, number: int, middle: tuple[float, float]) -> None:
    sheet.disc(middle, 10.5, _MARK)
    text = str(number)
    half = sheet.length(text, 13, weight=700) / 2
    sheet.write(text, (middle[0] - half, middle[1] - 9), 13, _WHITE, weight=700)


def _tick(sheet: Sheet, middle: tuple[float, float]) -> None:
    """As this one should be."""
    x, y = middle
    sheet.disc(middle, 15, _WHITE)
    sheet.disc(middle, 13, _MARK)
    sheet.stroke((x - 6, y), (x - 1.5, y + 4.5), (x + 6.5, y - 4.5), colour=_WHITE, width=2.6)
