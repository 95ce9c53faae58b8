"""Keeping what a screenshot is known by, and finding the earlier ones that it is like.

Earlier is what was sent earlier, whatever was looked at first: a copy never counts against the one it was made from.
So each is held against those sent before it (`first_of`), and those sent after it against it (`later_than`), which may
have been looked at already. However many there are, a lookup takes a bounded number of rows: exact copies by the hash
of the bytes as sent, the sender's own latest, and those of which one of the four keys of the fingerprint is the same,
the likest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from tenfold.base import bulk
from tenfold.base.claim import step
from tenfold.base.fresh import hold, insert
from tenfold.base.models import Picture
from tenfold.proofs.copies import GRAVITY, Kind, Match, held_against
from tenfold.proofs.models import Proof, Shot

MOST_EXACT = 8
MOST_OWN = 8
MOST_OF_KEY = 512
"""The latest rows that have a key in common; only ids and keys are read. Of a million shots some 120 have the same."""
MOST_COMPARED = 24
"""Of those, the ones with most bits of all four keys in common: their fingerprints are read and compared."""
# By its statement alone: whoever scans waits for who notes.
NOTED = "SELECT 1 FROM tenfold_shot WHERE id = ? AND first_id IS NOT NULL"
KEYS = ("near_0", "near_1", "near_2", "near_3")
Sift = Callable[[Sequence[tuple[bytes, bytes]]], Sequence[bool]]
"""Which pairs of fingerprints may be of one shot; the others are not compared. The worker has it done by the process
that looks, which is nice to all others, and which is believed only where it finds nothing."""


def all_of(pairs: Sequence[tuple[bytes, bytes]]) -> Sequence[bool]:
    """Where nobody else sifts."""
    return [True] * len(pairs)


def looked_up(*, proof: Proof, fingerprint: bytes, has_own_code: bool) -> Match | None:
    """Keep what it is known by, find the gravest of what it is like, and note that. None: it is new."""
    shot = keep(proof=proof, fingerprint=fingerprint, has_own_code=has_own_code)
    return note_match(shot=shot, match=first_of(shot))


def keep(*, proof: Proof, fingerprint: bytes, has_own_code: bool) -> Shot:
    """Kept, and committed, before anything is looked up: of two that come at once at least one finds the other."""
    keys = _keys(fingerprint)
    known: dict[str, Any] = dict(zip(KEYS, keys or (None,) * len(KEYS), strict=True))
    known |= {"fingerprint": fingerprint if keys else b"", "has_own_code": has_own_code}
    of = {
        "workspace_id": proof.workspace_id,
        "campaign_id": proof.campaign_id,
        "journey_id": proof.journey_id,
    }
    shot = Shot(proof=proof, **of, **known)
    return shot if _is_kept(shot, known) else Shot.objects.get(proof=proof)


@step
def _is_kept(shot: Shot, known: Mapping[str, Any]) -> bool:
    """False where one was there already, which is as this one now."""
    if Shot.objects.filter(proof=shot.proof_id).update(**known):
        return False
    insert(shot)
    return True


@step
def note_match(*, shot: Shot, match: Match | None) -> Match | None:
    """For whoever looks at it: which earlier one it is like, and where they differ. The answer is what weighs most by
    now: whoever looked at an earlier one meanwhile may have noted that. Until the step is over nobody else notes."""
    hold(Proof, shot.proof_id)
    noted = _noted(shot) if bulk.rows(NOTED, (shot.pk.hex,)) else None
    gravest = min(filter(None, (noted, match)), key=lambda each: _weight(each, shot), default=None)
    if gravest is not None and gravest is not noted:
        shot.first_id, shot.likeness, shot.share = gravest.shot_id, gravest.kind, gravest.share
        shot.changed = [[list(corner) for corner in quad] for quad in gravest.changed]
        shot.save(update_fields=["first", "likeness", "share", "changed"])
    return gravest


def _noted(shot: Shot) -> Match | None:
    shots = Shot.objects.select_related("first__proof").defer("fingerprint", "first__fingerprint")
    now = shots.get(pk=shot.pk)
    if now.first is None:
        return None
    kind: Any = now.likeness
    changed = tuple(tuple((x, y) for x, y in quad) for quad in now.changed)
    return _match(now, now.first.proof, now.first, kind, now.share or 0.0, changed)


def first_of(shot: Shot, sift: Sift = all_of) -> Match | None:
    """The earlier screenshot that weighs most against this one, of equal ones the earliest."""
    found = _matches(shot, sift)
    return min(found, key=lambda match: _weight(match, shot), default=None)


def later_than(shot: Shot, sift: Sift = all_of) -> list[tuple[Shot, Match]]:
    """Those sent after this one, and looked at before it, that it counts against."""
    sent_later = {"proof__gt": shot.proof_id}
    exact = Shot.objects.filter(proof__picture__in=_same_bytes(shot), **sent_later).select_related("proof")
    found = [(other, _match(other, shot.proof, shot, "exact", 1.0, ())) for other in exact[:MOST_EXACT]]
    done = {other.pk for other, _match_of in found}
    others = [other for other in _candidates(shot, sent_later) if other.pk not in done]
    matches = _compared([(other, shot) for other in others], sift)
    found += [(other, match) for other, match in zip(others, matches, strict=True) if match is not None]
    return [each for each in found if held_against(each[1], has_own_code=each[0].has_own_code)]


def _weight(match: Match, shot: Shot) -> tuple[int, UUID]:
    return GRAVITY[held_against(match, has_own_code=shot.has_own_code)], match.proof_id


def _matches(shot: Shot, sift: Sift) -> list[Match]:
    sent_earlier = {"proof__lt": shot.proof_id}
    exact = list(_exact(shot))
    done = {proof.pk for proof in exact}
    others = [other for other in _candidates(shot, sent_earlier) if other.proof_id not in done]
    found = _compared([(shot, other) for other in others], sift)
    known = [_match(shot, proof, getattr(proof, "shot", None), "exact", 1.0, ()) for proof in exact]
    return known + [match for match in found if match is not None]


def _compared(pairs: Sequence[tuple[Shot, Shot]], sift: Sift) -> Iterator[Match | None]:
    """Each newer one held against its older one."""
    prints = [(bytes(newer.fingerprint), bytes(older.fingerprint)) for newer, older in pairs]
    may_be = sift(prints) if prints else ()
    return (
        _unless_other(newer, older) if it_may else None
        for (newer, older), it_may in zip(pairs, may_be, strict=True)
    )


def _unless_other(newer: Shot, older: Shot) -> Match | None:
    # Not before there is something to compare: numpy is there only with the extra that makes fingerprints.
    from tenfold.imaging.likeness import alike

    found = alike(bytes(newer.fingerprint), bytes(older.fingerprint))
    if found.kind == "other" or (found.kind == "likely" and newer.journey_id != older.journey_id):
        return None
    return _match(newer, older.proof, older, found.kind, found.share, found.changed)


def _match(
    shot: Shot,
    proof: Proof,
    other: Shot | None,
    kind: Kind,
    share: float,
    changed: tuple[tuple[tuple[float, float], ...], ...],
) -> Match:
    return Match(
        proof_id=proof.pk,
        shot_id=other.pk if other else None,
        journey_id=proof.journey_id,
        campaign_id=proof.campaign_id,
        kind=kind,
        share=share,
        changed=changed,
        is_own=proof.journey_id == shot.journey_id,
        has_own_code=bool(other and other.has_own_code),
        state=proof.state,
        reason=proof.reason,
        is_machine=proof.is_machine,
    )


def _exact(shot: Shot) -> Iterable[Proof]:
    """Sent with the very same bytes, whether they were looked at yet or not."""
    proofs = Proof.objects.filter(picture__in=_same_bytes(shot), pk__lt=shot.proof_id)
    return proofs.select_related("shot").defer("shot__fingerprint").order_by("pk")[:MOST_EXACT]


def exact_before(shot: Shot) -> Proof | None:
    """The first that was sent with the very same bytes, and was never looked at: nothing is kept of it to refer to."""
    proofs = Proof.objects.filter(picture__in=_same_bytes(shot), pk__lt=shot.proof_id)
    shown = proofs.select_related("journey__person", "picture").defer("picture__content")
    return shown.order_by("pk").first()


def _same_bytes(shot: Shot) -> list[UUID]:
    sha256 = Picture.objects.filter(pk=shot.proof.picture_id).values_list("sha256", flat=True).get()
    same = Picture.objects.filter(workspace_id=shot.workspace_id, sha256=sha256).order_by("pk")
    return list(same.values_list("pk", flat=True)[: 4 * MOST_EXACT])


def _candidates(shot: Shot, side: Mapping[str, UUID]) -> list[Shot]:
    return [*_own(shot, side), *_near(shot, side)] if shot.fingerprint else []


def _own(shot: Shot, side: Mapping[str, UUID]) -> Iterable[Shot]:
    theirs = Shot.objects.filter(journey=shot.journey_id, **side)
    return theirs.select_related("proof").order_by("-kept_at")[:MOST_OWN]


def _near(shot: Shot, side: Mapping[str, UUID]) -> list[Shot]:
    """Of all that share a key those whose four keys differ in the fewest bits."""
    from tenfold.imaging.fingerprints import near_probes

    keys = [getattr(shot, name) for name in KEYS]
    others = Shot.objects.filter(workspace_id=shot.workspace_id, **side).exclude(journey=shot.journey_id)
    apart: dict[UUID, int] = {}
    for name, probes in zip(KEYS, near_probes(bytes(shot.fingerprint)), strict=False):
        rows = others.filter(**{f"{name}__in": probes}).order_by("-pk").values_list("pk", *KEYS)
        apart |= {found: _bits_apart(keys, theirs) for found, *theirs in rows[:MOST_OF_KEY]}
    nearest = sorted(apart, key=lambda found: (apart[found], found))[:MOST_COMPARED]
    return list(Shot.objects.filter(pk__in=nearest).select_related("proof").order_by("pk"))


def _bits_apart(keys: Iterable[int | None], others: Iterable[int | None]) -> int:
    return sum(((one or 0) ^ (other or 0)).bit_count() for one, other in zip(keys, others, strict=True))


def _keys(fingerprint: bytes) -> tuple[int, int, int, int] | None:
    if not fingerprint:
        return None
    from tenfold.imaging.fingerprints import near_keys

    return near_keys(fingerprint)
