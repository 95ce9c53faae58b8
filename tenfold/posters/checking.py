"""Looking a design through before it is kept: what it says, what it draws, and whether its code can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenfold.campaigns.models import Campaign
from tenfold.imaging.design import Design, Flaw, Flawed, read_design
from tenfold.imaging.values import SLOTS
from tenfold.posters import rules
from tenfold.posters.models import DesignPicture, PosterDesign
from tenfold.posters.rules import Check, State

Kind = PosterDesign.Kind
POSTERS = (Kind.POSTER, Kind.DISTRIBUTION)


@dataclass(frozen=True)
class Looked:
    """A design that can be drawn, with what was found; `code` as `DesignVersion.code`."""

    design: Design
    checks: tuple[Check, ...]
    code: dict[str, Any]

    @property
    def is_refused(self) -> bool:
        return any(check.state == State.REFUSED for check in self.checks)


def looked_through(campaign: Campaign, kind: str, content: object) -> Looked:
    """Everything that saving looks at, with nothing saved. Raises DesignRefused for data that is no design."""
    design = design_of(campaign, kind, content)
    return Looked(design, tuple(_elements(design)), {})


def design_of(campaign: Campaign, kind: str, content: object) -> Design:
    """The design if it is well-formed, of this kind, and its pictures belong to the workspace; else DesignRefused."""
    known = DesignPicture.objects.filter(workspace_id=campaign.workspace_id).values_list("sha256", flat=True)
    try:
        design = read_design(content, pictures=frozenset(known))
    except Flawed as flawed:
        raise rules.DesignRefused(flaws=flawed.flaws) from flawed
    if design.kind != kind:
        raise rules.DesignRefused(
            flaws=[Flaw("kind", "unknown_kind", {"known": [kind], "name": design.kind})]
        )
    return design


def _elements(design: Design) -> Iterator[Check]:
    """Of a poster all six elements, of anything else the code: each there or waived on purpose."""
    filled = {"code" if layer.type == "code" else layer.slot for layer in design.layers}
    if not any(layer.type == "code" for layer in design.layers):
        filled.discard("code")  # a picture of a code is none
    for slot in SLOTS if design.kind in POSTERS else ("code",):
        if slot in design.waived:
            yield Check("element_waived", State.OK, {"slot": slot})
        else:
            yield Check("element", State.OK if slot in filled else State.REFUSED, {"slot": slot})
