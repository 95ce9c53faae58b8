"""For whom a preview is drawn: people as they come, and those with whom layouts break."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw

FACE_SIDE = 256

CHOICES: dict[str, str | Promise] = {
    "usual": _("Anybody"),
    "long": _("A very long name"),
    "emoji": _("A name with emoji"),
    "faceless": _("Without an avatar"),
    "rtl": _("A name from right to left"),
}
# Of each sort the name, whatever the language of the picture; "" is a usual one of that language.
_NAMES = {
    "long": "Wolfeschlegelsteinhausenbergerdorff 欧阳上官司马诸葛东方皇甫尉迟 von und zu Hohenstein",
    "emoji": "🦊小狐狸👨‍👩‍👧‍👦✨ Zoë",
    "rtl": "محمد بن عبد الله الأنصاري",
}


@dataclass(frozen=True)
class Sample:
    """Somebody who does not exist; `values` are the personal variables."""

    values: dict[str, str]
    avatar: bytes | None


def sample(name: str, language: str) -> Sample:
    """The sort of person `name` of CHOICES; any other word is anybody."""
    with override(language):
        nickname = _NAMES.get(name, "") or gettext("Mei")
        values = {
            "nickname": nickname,
            "invite": gettext("%(name)s invites you") % {"name": nickname},
            "number": "7K2M-9PQX-4TRV",
            "date": gettext("22 November 2026"),
            "award": gettext("Gold"),
            "rank": "3",
            "group": gettext("Group 1"),
        }
    return Sample(values, None if name == "faceless" else face())


@cache
def face() -> bytes:
    """A face as a photograph has it: light from above, a head, shoulders."""
    large = 2 * FACE_SIDE
    light = Image.linear_gradient("L").resize((large, large))
    picture = Image.composite(
        Image.new("RGB", light.size, "#d98f5c"), Image.new("RGB", light.size, "#f6d9b8"), light
    )
    draw = ImageDraw.Draw(picture)
    draw.ellipse((72, 330, large - 72, large + 300), fill="#2f6f73")
    draw.ellipse((156, 112, large - 156, 372), fill="#8a4b32")
    draw.ellipse((172, 152, large - 172, 372), fill="#f3c7a5")
    out = io.BytesIO()
    picture.resize((FACE_SIDE, FACE_SIDE), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()
