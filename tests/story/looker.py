"""A look whose findings are known beforehand, and campaigns in each of the modes of review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from tenfold import flow
from tenfold.base import clock
from tenfold.codes.queries import address_of
from tenfold.flow.looks import look_next
from tenfold.imaging.seen import Claim, CodeSeen, Findings, PosterSeen, PostSeen, Quad
from tenfold.people.models import Journey
from tenfold.proofs.likeness import all_of
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tests import cast

QUAD: Quad = ((100.0, 100.0), (300.0, 100.0), (300.0, 500.0), (100.0, 500.0))
PROVEN = Findings(
    width=1080,
    height=1920,
    screen="post",
    poster=PosterSeen("art", QUAD, 0.93),
    code=CodeSeen("matched", 0.5, 1.6, QUAD),
    post=PostSeen(audience="everyone"),
)
RESTRICTED = replace(PROVEN, post=PostSeen(audience="restricted"))
UNSURE = replace(PROVEN, post=PostSeen(audience="unknown"))


class Looker:
    """Finds what it is told to find, or fails as it is told to fail; remembers what was claimed."""

    def __init__(self, *found: Findings | Exception) -> None:
        self.found = list(found)
        self.claims: list[Claim] = []

    def ready(self) -> None:
        """Nothing is loaded."""

    def examine(self, picture: bytes, claim: Claim, *, wants: Any = frozenset()) -> Findings:
        assert picture
        self.claims.append(claim)
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return found

    def sift(self, pairs: Sequence[tuple[bytes, bytes]]) -> Sequence[bool]:
        return all_of(pairs)


def reviewed(mode: str, **wishes: Any) -> cast.Stage:
    """A live campaign whose screenshots are reviewed in this mode."""
    stage = cast.live(**wishes)
    ReviewPlan.objects.create(
        workspace=stage.workspace, campaign=stage.campaign, mode=mode, automatic_at=clock.now()
    )
    return stage


def plan(stage: cast.Stage, **changes: Any) -> ReviewPlan:
    ReviewPlan.objects.filter(campaign=stage.campaign).update(**changes)
    return ReviewPlan.objects.get(campaign=stage.campaign)


def looked(proof: Proof, *found: Findings | Exception) -> Look:
    """The next look that is due, which has to be at this one."""
    assert look_next(Looker(*found))
    proof.refresh_from_db()
    return Look.objects.get(proof=proof)


def sent(stage: cast.Stage, name: str, colour: str = "") -> Proof:
    """Everybody sends a picture of their own: the same one from two people would be a copy."""
    colour = colour or f"#{crc32(name.encode()) & 0xFFFFFF:06x}"
    return cast.sends(cast.joins(stage, name), cast.screenshot(colour))


def own_code(journey: Journey) -> str:
    return address_of(journey.code)


def judged(proof: Proof, by: Any, *, is_approved: bool = True, reason: str = "") -> Proof:
    return flow.judged(proof=proof, operator=by, is_approved=is_approved, reason=reason)
