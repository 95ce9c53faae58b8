"""A campaign's poster from two files, for looking at screenshots where there is no database.

`NAME.png` is the poster before anybody's code, face and name are on it; `NAME.json` tells where those go, in its
pixels: `qr_box` and `av_box` are `[left, top, side]`, `nick_xy` is `[left, top]` of the name. Other members are of no
matter.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image

from tenfold.imaging.reading import Unreadable, open_picture
from tenfold.imaging.seen import Art
from tenfold.imaging.shapes import Box

if TYPE_CHECKING:
    from tenfold.proofs.case import Owner

# As an upload may be at most; a poster has less.
LONGEST_SIDE = 8000
# Share of the width that a name leaves free at the right.
MARGIN = 0.04


class BadCampaign(Exception):
    """The files do not describe a poster; the message says what is wrong with which."""


@dataclass(frozen=True)
class _Places:
    code: Box
    avatar: Box | None
    name: Box | None

    @property
    def personal(self) -> tuple[Box, ...]:
        return tuple(box for box in (self.code, self.avatar, self.name) if box)


def art_of(path: Path) -> Art:
    """`path` is the JSON file, or the picture beside it; raises BadCampaign."""
    told, picture = _json(path.with_suffix(".json")), _picture(path.with_suffix(".png"))
    with Image.open(BytesIO(picture)) as image:
        places = _places(told, image.size, path)
    key = hashlib.sha256(picture + json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
    return Art(key, picture, places.code, places.personal, places.avatar, places.name)


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadCampaign(f"{path}: {error}") from error
    if not isinstance(told, dict):
        raise BadCampaign(f"{path}: not an object")
    return told


def _picture(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        open_picture(data, max_side=LONGEST_SIDE)
    except (OSError, Unreadable) as error:
        raise BadCampaign(f"{path}: {error}") from error
    return data


def _places(told: dict[str, Any], size: tuple[int, int], path: Path) -> _Places:
    try:
        code, avatar = _square(told["qr_box"]), _square(told["av_box"]) if told.get("av_box") else None
        name = _name(told["nick_xy"], avatar, size) if told.get("nick_xy") else None
    except (KeyError, TypeError, ValueError) as error:
        raise BadCampaign(f"{path}: {error!r} where qr_box, av_box or nick_xy is read") from error
    places = _Places(code, avatar, name)
    for left, top, right, bottom in places.personal:
        if not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
            raise BadCampaign(f"{path}: {(left, top, right, bottom)} is not within {size}")
    return places


def _square(told: list[float]) -> Box:
    left, top, side = (round(value) for value in told)
    return left, top, left + side, top + side


def _name(told: list[float], avatar: Box | None, size: tuple[int, int]) -> Box:
    """From where it begins to the right margin, and down to the foot of the face beside it."""
    left, top = (round(value) for value in told)
    line = round(size[0] / 9)
    foot = avatar[3] if avatar and avatar[3] > top + line // 2 else top + line
    return left, top, round(size[0] * (1 - MARGIN)), min(foot, size[1])


def owner_of(text: str, claimed: str) -> Owner:
    """Whose a code is, as far as an address alone tells: the same but for its last part is another participant's."""
    if text.casefold() == claimed.casefold():
        return "own"
    if _stem(text) and _stem(text) == _stem(claimed):
        return "other_person"
    return "group" if _is_groups(text) else "foreign"


def is_address(text: str) -> bool:
    return bool(_stem(text))


def _stem(text: str) -> str:
    """The address without its last part; empty where it is no address."""
    stem, slash, _last = text.casefold().rpartition("/")
    return stem if slash and "://" in stem and not stem.endswith(":/") else ""


def _is_groups(text: str) -> bool:
    """An address of the kind that lets one into a chat group."""
    try:
        parts = urlsplit(text.casefold())
    except ValueError:
        return False
    return (parts.hostname or "").endswith("weixin.qq.com") and parts.path.startswith("/g/")
