"""Which design somebody gets, which designs come with the install, and what is let in when one is saved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.imaging.design import Design, Flaw, read_design
from tenfold.posters import sentences

READY = Path(__file__).with_name("ready")


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `about` holds what was measured; `layer` the id of the layer it speaks of."""

    code: str
    state: State
    about: dict[str, Any] = field(default_factory=dict)
    layer: str = ""

    @property
    def text(self) -> str:
        """In the language of whoever reads."""
        return sentences.of_check(self.code, self.state, self.about)

    @property
    def advice(self) -> str:
        return sentences.advice_on(self.code, self.state, self.about)

    def as_kept(self) -> dict[str, Any]:
        return {"code": self.code, "state": self.state.value, "about": self.about, "layer": self.layer}


def read_checks(kept: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Those that a version was saved with."""
    return [Check(one["code"], State(one["state"]), one["about"], one["layer"]) for one in kept]


class DesignRefused(Refusal):
    """A design that cannot be kept: its data is flawed, or what it makes would not do its work."""

    def __init__(self, *, flaws: Sequence[Flaw] = (), checks: Sequence[Check] = ()) -> None:
        self.flaws, self.checks = tuple(flaws), tuple(checks)
        said = [sentences.of_flaw(flaw) for flaw in flaws]
        said += [check.text for check in checks if check.state == State.REFUSED]
        super().__init__("bad_design" if flaws else "design_refused", " ".join(said[:5]), status=422)


def variant_of(key: UUID, variants: Sequence[str]) -> str:
    """One of `variants` for a code, and always the same one as long as there are the same variants: half of the codes
    each, whoever they belong to and whenever they were made."""
    number = int.from_bytes(hashlib.sha256(b"variant" + key.bytes).digest()[:8], "big")
    return sorted(variants)[number % len(variants)]


def halves_changed(before: Mapping[str, object], after: Mapping[str, object]) -> int:
    """For how many halves of the codes, 0 to 2, another version is in use afterwards; both are versions by variant."""
    return sum(_of_half(half, before) != _of_half(half, after) for half in (0, 1))


def _of_half(half: int, versions: Mapping[str, object]) -> object:
    return versions[sorted(versions)[half % len(versions)]] if versions else None


@dataclass(frozen=True)
class Ready:
    """A design that comes with the install. `title` is its name for people, by language."""

    name: str
    kind: str
    title: dict[str, str]
    content: dict[str, Any]
    design: Design

    @property
    def key(self) -> str:
        """Changes when its look does, with another release."""
        written = json.dumps(self.content, sort_keys=True)
        return f"{self.name}-{hashlib.sha256(written.encode()).hexdigest()[:12]}"


@lru_cache(maxsize=1)
def ready_designs() -> dict[str, Ready]:
    """Those of `ready/*.json` by their names, read and looked through at first use. Each file holds `title` (the name
    for people, by language) and `design`."""
    found = {}
    for path in sorted(READY.glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        design = read_design(raw["design"], pictures=())
        found[path.stem] = Ready(path.stem, design.kind, raw["title"], raw["design"], design)
    return found


def default_of(kind: str) -> Ready:
    """What a campaign without a design of its own shows: the first of its kind by name, upright ones first."""
    of_kind = [ready for ready in ready_designs().values() if ready.kind == kind]
    if not of_kind:
        raise Refusal("no_design", _("There is no design of this kind yet. Make one first."), status=404)
    return min(of_kind, key=lambda ready: (ready.design.height < ready.design.width * 1.5, ready.name))


# --- what is good enough --------------------------------------------------------------------------------------

LEAST_MODULE, GOOD_MODULE = 3.0, 4.5  # px in a chat: readers need 2.5; 4.5 is 9 px on a poster 1,080 wide
LEAST_CONTRAST, GOOD_CONTRAST = 4.0, 7.0
QUIET_MODULES = 4


def graded(value: float, least: float, good: float) -> State:
    if value < least:
        return State.REFUSED
    return State.OK if value >= good else State.WARNING


def of_module(layer: str, pixels: float, width: int) -> Check:
    """`pixels` of a module when the picture is shown `width` px wide."""
    about = {"pixels": round(pixels, 1), "width": width, "least": LEAST_MODULE, "good": GOOD_MODULE}
    return Check("module", graded(pixels, LEAST_MODULE, GOOD_MODULE), about, layer)


def of_contrast(layer: str, ratio: float) -> Check:
    about = {"ratio": round(ratio, 1), "least": LEAST_CONTRAST}
    return Check("contrast", graded(ratio, LEAST_CONTRAST, GOOD_CONTRAST), about, layer)


def of_quiet_zone(layer: str, modules: int) -> Check:
    state = State.OK if modules >= QUIET_MODULES else State.REFUSED
    return Check("quiet_zone", state, {"modules": modules}, layer)


def of_reading(layer: str, *, width: int, read: int, of: int, smallest: int) -> Check:
    """`read` of the readers read it at `width` px, all of them down to `smallest` px (0: not even at `width`)."""
    about = {"read": read, "of": of, "width": width}
    if read < of:
        return Check("decodes", State.REFUSED, about, layer)
    if smallest < width:
        return Check("decodes", State.OK, about | {"width": smallest}, layer)
    return Check("decodes", State.WARNING, about, layer)
