"""What an earlier screenshot that looks like this one means for this one: decided from plain values.

The code in the picture says whose it is. A screenshot of somebody else's, or one that was used elsewhere, is
`already_used`, in whatever way it was edited. Whoever's own code is proven in it is the one who took it: that
somebody else sent a copy of it first is not held against them.

One's own earlier screenshot in the same campaign was not approved, or there would be nothing left to send. What is held
against sending it again unchanged is that the same picture cannot mend what was wrong with it. It can where it was
taken back before anybody judged it, or could not be read: its original may be sharper. And where the reviewer gave a
reason in words of their own, a person has to say. One with another clock and another age, the rest being equal, is what
everybody sends who goes back to the same post and takes a new one: nothing is held against it, unless that post was
approved already, or turned down for what going back to it cannot mend: a post that was too old only gets older, and
whoever has put it up once more is told from one who has painted both by a person. And with only one of the two changed
it may be the old one painted over, which a person sees best beside the old one; a machine cannot know, for a minute may
have passed, or a post been made public. The same holds of one that is only likely made of the old one; with somebody
else's that says nothing, and is no match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tenfold.proofs.models import Proof

Kind = Literal["exact", "same", "cropped", "clock_edited", "age_edited", "retaken", "likely"]
Held = Literal["already_used", "copy_suspected", ""]

UNCHANGED: frozenset[Kind] = frozenset({"exact", "same", "cropped"})
MENDABLE = frozenset({Proof.Reason.UNREADABLE})
"""Why one was not approved that may be mended by sending the same again."""
STAYING = frozenset({Proof.Reason.TOO_OLD, Proof.Reason.ALREADY_USED, Proof.Reason.OTHER})
"""Why one was not approved that is not mended, or not surely, by taking the same post once more."""


@dataclass(frozen=True)
class Match:
    """An earlier screenshot that this one is like. `changed` are quads in pixels of this picture; the last four say
    what became of the earlier one. `shot_id` is None where only its bytes were compared."""

    proof_id: UUID
    shot_id: UUID | None
    journey_id: UUID
    campaign_id: UUID
    kind: Kind
    share: float
    changed: tuple[tuple[tuple[float, float], ...], ...]
    is_own: bool
    """It was sent in the same journey: by the same person in the same campaign."""
    has_own_code: bool
    """The code of whoever sent the earlier one was proven in it."""
    state: str
    reason: str
    is_machine: bool = False
    """The machine alone has said so, and nobody has looked at it."""


def held_against(match: Match, *, has_own_code: bool) -> Held:
    """What the match says against a screenshot in which the sender's own code was proven, or not."""
    return _own(match) if match.is_own else _foreign(match, has_own_code=has_own_code)


def _foreign(match: Match, *, has_own_code: bool) -> Held:
    if not has_own_code:
        return "copy_suspected" if _is_poster_within(match) else "already_used"
    # Both own codes in one picture: two posts on one screen, or one of the codes was pasted in.
    return "copy_suspected" if match.has_own_code else ""


def _own(match: Match) -> Held:
    if match.state in (Proof.State.WITHDRAWN, Proof.State.WAITING):
        return ""
    if _is_poster_within(match):
        return "" if match.is_machine else "copy_suspected"
    if match.state == Proof.State.APPROVED:
        return "copy_suspected" if match.kind in ("retaken", "likely") else "already_used"
    if match.kind == "retaken":
        return "copy_suspected" if match.reason in STAYING else ""
    if match.kind not in UNCHANGED:
        return "" if match.kind == "likely" and match.reason in MENDABLE else "copy_suspected"
    if match.reason == Proof.Reason.OTHER:
        return "copy_suspected"
    return "" if match.reason in MENDABLE else "already_used"


def _is_poster_within(match: Match) -> bool:
    """Whoever sends the poster itself by mistake has sent what lies in every honest screenshot of it."""
    return match.reason == Proof.Reason.NOT_A_SCREENSHOT and match.kind not in ("exact", "same")


GRAVITY: dict[Held, int] = {"already_used": 0, "copy_suspected": 1, "": 2}
