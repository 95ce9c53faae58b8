"""Posts of a poster as a phone shows them, drawn plainly; and what people do to a screenshot to send it again."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tenfold.imaging.qr import qr_modules
from tenfold.imaging.seen import PosterSeen, Quad

Pixels: TypeAlias = NDArray[np.uint8]
WIDE, HIGH = 1080, 2100
POSTER = (180, 420, 180 + 360, 420 + 640)
CODE = (POSTER[2] - 130, POSTER[3] - 130, POSTER[2] - 20, POSTER[3] - 20)
EDITS = ("rejpeg", "resize", "gamma", "clock", "age", "croptop", "cropbottom", "letterbox")


def quad(box: tuple[float, float, float, float]) -> Quad:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def moved(of: Quad, times: float, x: float = 0, y: float = 0) -> Quad:
    first, second, third, fourth = ((a * times + x, b * times + y) for a, b in of)
    return first, second, third, fourth


@dataclass(frozen=True)
class Post:
    """Everybody has the same poster, words and layout; face, name and code are the person's."""

    person: int
    clock: str = "21:07"
    age: str = "12 minutes ago"
    changed: Pixels | None = None
    at: tuple[float, float, float] = (1.0, 0.0, 0.0)
    is_placed: bool = True

    @property
    def picture(self) -> Pixels:
        return self.changed if self.changed is not None else np.asarray(_drawn(self))

    @property
    def poster(self) -> PosterSeen | None:
        return PosterSeen("art", moved(quad(POSTER), *self.at), 0.9) if self.is_placed else None

    @property
    def code(self) -> Quad | None:
        return moved(quad(CODE), *self.at) if self.is_placed else None


def _drawn(post: Post) -> Image.Image:
    page = Image.new("RGB", (WIDE, HIGH), "white")
    draw = ImageDraw.Draw(page)
    _write(draw, (40, 16), post.clock, 44)
    _write(draw, (900, 16), "87%", 40)
    _write(draw, (180, 310), "Ten books with us, who reads along?", 44)
    own = random.Random(post.person)
    for _nth in range(30):
        x, y = own.randrange(36, 136), own.randrange(230, 330)
        draw.rectangle((x, y, x + 12, y + 12), fill=tuple(own.randrange(256) for _ in range(3)))
    _write(
        draw, (180, 235), "".join(own.choice("abcdeghkmopqrsuvwxyz") for _ in range(9)), 46, (87, 107, 149)
    )
    _poster(draw, page, post)
    _write(draw, (180, POSTER[3] + 18), post.age, 36, (140, 140, 140))
    _write(draw, (700, POSTER[3] + 18), "Delete", 36, (87, 107, 149))
    _write(draw, (180, POSTER[3] + 110), "Ann, Bo and Cy like this", 38, (87, 107, 149))
    return page


def _poster(draw: ImageDraw.ImageDraw, page: Image.Image, post: Post) -> None:
    left, top, right, bottom = POSTER
    draw.rectangle(POSTER, fill=(30, 60, 90))
    art = random.Random("art")
    for _nth in range(50):
        x, y, side = art.randrange(left, right - 60), art.randrange(top, bottom - 160), art.randrange(10, 50)
        draw.ellipse((x, y, x + side, y + side), fill=tuple(art.randrange(256) for _ in range(3)))
    _write(draw, (left + 20, top + 30), "READ TEN BOOKS", 38, (255, 240, 120))
    slug = "".join(random.Random(post.person).choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8))
    modules = qr_modules(f"HTTPS://T.EXAMPLE/C/{slug}")
    page.paste("white", CODE)
    quiet = round((CODE[2] - CODE[0]) * 4 / (modules.width + 8))
    side = CODE[2] - CODE[0] - 2 * quiet
    page.paste(modules.resize((side, side), Image.Resampling.LANCZOS), (CODE[0] + quiet, CODE[1] + quiet))


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    ink: tuple[int, int, int] = (20, 20, 20),
) -> None:
    draw.text(at, text, fill=ink, font=ImageFont.load_default(size))


def edited(post: Post, edit: str) -> Post:
    """The same shot after one of EDITS, saved again."""
    if edit == "clock":
        return _saved(replace(post, clock="08:45"))
    if edit == "age":
        return _saved(replace(post, age="3 hours ago"))
    picture = post.picture
    if edit == "gamma":
        return _saved(replace(post, changed=(255 * (picture / 255.0) ** 0.75).astype(np.uint8)))
    if edit == "resize":
        small = Image.fromarray(picture).resize((WIDE * 2 // 3, HIGH * 2 // 3), Image.Resampling.LANCZOS)
        return _saved(replace(post, changed=np.asarray(small), at=(2 / 3, 0.0, 0.0)))
    if edit == "croptop":
        return _saved(replace(post, changed=picture[130:], at=(1.0, 0.0, -130.0)))
    if edit == "cropbottom":
        return _saved(replace(post, changed=picture[: HIGH - 250]))
    if edit == "letterbox":
        boxed = np.pad(picture, ((0, 0), (200, 200), (0, 0)))
        return _saved(replace(post, changed=boxed, at=(1.0, 200.0, 0.0)))
    return _saved(post)


def boxed_after_cut(post: Post) -> Post:
    """Cut above and below, dark bars of the same height in their place, and made lighter."""
    picture = post.picture
    boxed = np.zeros((HIGH + 2 * 60, *picture.shape[1:]), np.uint8)
    boxed[130 : HIGH - 30] = picture[130 : HIGH - 30]
    return _saved(replace(post, changed=(255 * (boxed / 255.0) ** 0.8).astype(np.uint8)))


def covered(post: Post, box: tuple[int, int, int, int]) -> Post:
    """With something laid over it."""
    made = Image.fromarray(post.picture)
    ImageDraw.Draw(made).rectangle(box, fill=(250, 80, 60))
    return _saved(replace(post, changed=np.asarray(made)))


def _saved(post: Post, quality: int = 70) -> Post:
    out = io.BytesIO()
    Image.fromarray(post.picture).save(out, "JPEG", quality=quality)
    return replace(post, changed=np.asarray(Image.open(out).convert("RGB")))
