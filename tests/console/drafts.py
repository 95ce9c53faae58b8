"""A small design that stands every check, and one saved in a campaign."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tenfold.posters import actions
from tenfold.posters.models import PosterDesign
from tests.cast import Stage

CONTENT: dict[str, Any] = {
    "format": 1,
    "kind": "poster",
    "canvas": {"width": 1080, "height": 1920},
    "background": {"type": "gradient", "from": "#102a43", "to": "#243b53", "angle": 180},
    "layers": [
        {
            "id": "title",
            "type": "text",
            "slot": "title",
            "text": "{title}",
            "box": [84, 240, 912, 400],
            "weight": 800,
            "size": 104,
            "least": 48,
            "lines": 3,
            "colour": "#ffffff",
        },
        {
            "id": "name",
            "type": "text",
            "text": "{nickname}",
            "box": [84, 1500, 460, 80],
            "size": 40,
            "least": 24,
            "colour": "#ffffff",
        },
        {"id": "face", "type": "avatar", "box": [84, 1360, 120, 120]},
        {"id": "code", "type": "code", "slot": "code", "box": [600, 1360, 400, 400], "radius": 16},
    ],
    "waived": ["subtitle", "points", "endorsement", "offer"],
}


def content(**changes: Any) -> dict[str, Any]:
    """CONTENT with other keys."""
    return deepcopy(CONTENT) | changes


def design_of(stage: Stage, name: str = "Evening") -> PosterDesign:
    """A design of the campaign with one version."""
    design = actions.new_design(campaign=stage.campaign, kind="poster", name=name)
    actions.save_version(design=design, content=CONTENT, operator=stage.owner)
    design.refresh_from_db()
    return design
