"""Designs for the tests: one of every layer, and small ones made on the spot."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.imaging.samples import encoded, photograph

PHOTO = encoded(photograph(120, 80), "PNG")
PHOTO_NAME = hashlib.sha256(PHOTO).hexdigest()


def text(name: str, box: list[int], words: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "text", "box": box, "text": words, "size": 40, **more}


def design(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "kind": "poster",
        "canvas": {"width": 1080, "height": 1920},
        "background": {"type": "colour", "colour": "#f8f4ec"},
        "layers": list(layers),
        "waived": [],
        **more,
    }


def everything() -> dict[str, Any]:
    """A poster with one of every layer; needs the picture PHOTO."""
    return design(
        {
            "id": "photo",
            "type": "picture",
            "picture": PHOTO_NAME,
            "box": [0, 0, 1080, 700],
            "opacity": 0.8,
            "radius": 40,
        },
        {
            "id": "plate",
            "type": "shape",
            "shape": "rectangle",
            "fill": "#ffffff",
            "stroke": "#ff5e36",
            "width": 6,
            "radius": 30,
            "box": [40, 1400, 1000, 480],
        },
        {
            "id": "ring",
            "type": "shape",
            "shape": "ellipse",
            "stroke": "#0f2a2a",
            "width": 4,
            "box": [900, -60, 240, 240],
        },
        {
            "id": "rule",
            "type": "shape",
            "shape": "line",
            "stroke": "#ff5e36",
            "width": 4,
            "box": [84, 1000, 72, 4],
        },
        {"id": "mark", "type": "shape", "shape": "dots", "fill": "#ff5e36", "box": [84, 84, 60, 60]},
        text("title", [84, 720, 912, 240], "{title}", slot="title", weight=800, size=110, least=60, lines=2),
        text("points", [84, 1020, 912, 300], "{points}", slot="points", lines=6, least=24, marker="•"),
        text(
            "offer",
            [84, 1640, 480, 200],
            {"en": "Now: {offer}", "zh-hans": "现在：{offer}"},
            slot="offer",
            font="serif",
            lines=3,
        ),
        text("name", [220, 1440, 380, 110], "{nickname}", lines=2, least=24, valign="middle"),
        {"id": "face", "type": "avatar", "shape": "circle", "box": [84, 1440, 110, 110]},
        {
            "id": "code",
            "type": "code",
            "level": "Q",
            "logo": PHOTO_NAME,
            "box": [620, 1440, 400, 400],
            "slot": "code",
        },
        background={"type": "gradient", "from": "#ffe9d6", "to": "#c9e4de", "angle": 160},
        waived=["endorsement", "subtitle"],
    )
