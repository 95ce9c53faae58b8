"""What the questions are asked of: a screenshot as it was seen, what is wanted of it, and whose its codes are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tenfold.imaging.qr import FoundCode
from tenfold.imaging.seen import PROVEN, Findings, PosterSeen, Quad
from tenfold.proofs.copies import Match
from tenfold.proofs.models import ReviewPlan

Owner = Literal["own", "other_person", "other_campaign", "channel", "group", "foreign"]
"""Whose a code is that was read: `channel` is one of this campaign that belongs to no participant."""


@dataclass(frozen=True)
class Case:
    """All that the questions are asked of."""

    seen: Findings
    plan: ReviewPlan
    belongs: Mapping[str, Owner]
    same: Match | None
    code_minutes: int | None = None

    @property
    def is_placed(self) -> bool:
        return self.seen.poster is not None and self.seen.poster.score >= PROVEN

    @property
    def is_decoded(self) -> bool:
        """Their own code was read: where a poster was found at its code's own place, for anything can be put in
        elsewhere."""
        code = self.seen.code
        if code is not None and code.proven == "decoded":
            return True
        return not self.is_placed and any(self._owner(code.text) == "own" for code in self.seen.codes)

    @property
    def is_own_aside(self) -> bool:
        """Their own code was read on the poster, but not where the poster has its code: no poster of ours is so."""
        on_poster = any(self._owner(code.text) == "own" for code in self._on_poster)
        return on_poster and not self.is_decoded

    @property
    def is_own(self) -> bool:
        """Their own code is proven, and nobody else's can be read where it should be."""
        is_matched = self.seen.code is not None and self.seen.code.proven == "matched"
        return self.is_decoded or (is_matched and self.is_placed and not self.others_on_poster)

    @property
    def others_on_poster(self) -> list[str]:
        """Whose the other codes are that were read within the poster that was found."""
        owners = [self._owner(code.text) for code in self._on_poster]
        return [owner for owner in owners if owner != "own"]

    @property
    def others(self) -> list[str]:
        owners = [self._owner(code.text) for code in self.seen.codes]
        return [owner for owner in owners if owner != "own"]

    @property
    def has_other_on_what_is_like_it(self) -> bool:
        """Whether a code that is not theirs was read on what may be the poster, or is one of its family."""
        poster = None if self.is_placed else self.seen.poster
        return any(self._owner(code.text) != "own" for code in self._codes_on(poster))

    @property
    def _on_poster(self) -> list[FoundCode]:
        return self._codes_on(self.seen.poster if self.is_placed else None)

    def _codes_on(self, poster: PosterSeen | None) -> list[FoundCode]:
        return [code for code in self.seen.codes if poster and _is_inside(_quad(code), poster.quad)]

    def _owner(self, text: str) -> str:
        return self.belongs.get(text, "foreign")


def _quad(code: FoundCode) -> Quad:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = code.corners
    return (ax, ay), (bx, by), (cx, cy), (dx, dy)


def _is_inside(inner: Quad, outer: Quad) -> bool:
    """Whether the middle of a code lies within a quad whose corners go clockwise."""
    x = sum(corner[0] for corner in inner) / 4
    y = sum(corner[1] for corner in inner) / 4
    edges = zip(outer, (*outer[1:], outer[0]), strict=True)
    return all((bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0 for (ax, ay), (bx, by) in edges)
