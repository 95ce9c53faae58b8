"""Designs for tests: a small good poster, and ways to spoil it."""

from __future__ import annotations

import copy
from typing import Any

from tenfold.accounts.models import Operator
from tenfold.campaigns.models import Campaign
from tenfold.posters import actions
from tenfold.posters.models import DesignVersion, PosterDesign

Content = dict[str, Any]
ELEMENTS = ("title", "subtitle", "points", "endorsement", "offer")

CODE: Content = {"id": "code", "type": "code", "slot": "code", "box": [660, 1480, 360, 360]}


def element(slot: str, top: int) -> Content:
    box = [60, top, 960, 200]
    return {
        "id": slot,
        "type": "text",
        "slot": slot,
        "box": box,
        "text": f"{{{slot}}}",
        "size": 64,
        "least": 24,
        "lines": 6,
    }


NAME: Content = {"id": "name", "type": "text", "box": [200, 1500, 400, 80], "text": "{nickname}", "size": 40}
FACE: Content = {"id": "face", "type": "avatar", "shape": "circle", "box": [60, 1500, 120, 120]}


def content(*, kind: str = "poster", colour: str = "#f4efe6", more: tuple[Content, ...] = ()) -> Content:
    """A poster that stands every check: six elements, a name, a face and a code."""
    layers = [element(slot, 100 + 240 * nth) for nth, slot in enumerate(ELEMENTS)]
    return copy.deepcopy(
        {
            "format": 1,
            "kind": kind,
            "canvas": {"width": 1080, "height": 1920},
            "background": {"type": "colour", "colour": colour},
            "layers": [*layers, NAME, FACE, CODE, *more],
            "waived": [],
        }
    )


def with_code(**changes: object) -> Content:
    """The same poster with another code layer."""
    made = content()
    layer = next(layer for layer in made["layers"] if layer["type"] == "code")
    layer.update(changes)
    return made


def without(*ids: str) -> Content:
    made = content()
    made["layers"] = [layer for layer in made["layers"] if layer["id"] not in ids]
    return made


def saved(
    campaign: Campaign,
    operator: Operator,
    made: Content | None = None,
    *,
    variant: str = "",
    name: str = "Mine",
) -> DesignVersion:
    """The first version of a new design, put to use."""
    made = made or content()
    design: PosterDesign = actions.new_design(campaign=campaign, kind=made["kind"], name=name)
    return actions.save_version(design=design, content=made, operator=operator, variant=variant or None)
