"""Keeping what a screenshot is known by, and finding the earlier ones that it is like.

Earlier is what was sent earlier, whatever was looked at first: a copy never counts against the one it was made from.
However many there are, a lookup takes a bounded number of rows: exact copies by the hash of the bytes as sent, the
sender's own latest, and those of which one of the four keys of the fingerprint is the same, the likest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from tenfold.base.claim import step
from tenfold.base.models import Picture
from tenfold.proofs.copies import GRAVITY, Kind, Match, held_against
from tenfold.proofs.models import Proof, Shot

MOST_EXACT = 8
MOST_OWN = 8
MOST_OF_KEY = 64
"""The latest rows that have a key in common; only their ids are read."""
MOST_COMPARED = 24
"""Of those, the ones whose fingerprints are read and compared."""
KEYS = ("near_0", "near_1", "near_2", "near_3")


def looked_up(*, proof: Proof, fingerprint: bytes, has_own_code: bool) -> Match | None:
    """Keep what it is known by, find the gravest of what it is like, and note that. None: it is new."""
    shot = keep(proof=proof, fingerprint=fingerprint, has_own_code=has_own_code)
    match = first_of(shot)
    note_match(shot=shot, match=match)
    return match


@step
def keep(*, proof: Proof, fingerprint: bytes, has_own_code: bool) -> Shot:
    """Kept before anything is looked up, so that of two that come at once the later one finds the other."""
    keys = _keys(fingerprint)
    known = dict(zip(KEYS, keys or (None,) * len(KEYS), strict=True))
    shot, _is_new = Shot.objects.update_or_create(
        proof=proof,
        defaults={
            "workspace_id": proof.workspace_id,
            "campaign_id": proof.campaign_id,
            "journey_id": proof.journey_id,
            "fingerprint": fingerprint if keys else b"",
            "has_own_code": has_own_code,
            **known,
        },
    )
    return shot


@step
def note_match(*, shot: Shot, match: Match | None) -> None:
    """For whoever looks at it: which earlier one it is like, and where they differ."""
    shot.first_id = match.shot_id if match else None
    shot.likeness = match.kind if match else ""
    shot.share = match.share if match else None
    shot.changed = [[list(corner) for corner in quad] for quad in match.changed] if match else []
    shot.save(update_fields=["first", "likeness", "share", "changed"])


def first_of(shot: Shot) -> Match | None:
    """The earlier screenshot that weighs most against this one, of equal ones the earliest."""
    found = list(_matches(shot))
    return min(found, key=lambda match: _weight(match, shot), default=None)


def _weight(match: Match, shot: Shot) -> tuple[int, UUID]:
    return GRAVITY[held_against(match, has_own_code=shot.has_own_code)], match.proof_id


def _matches(shot: Shot) -> Iterator[Match]:
    exact = list(_exact(shot))
    for proof in exact:
        yield _match(shot, proof, getattr(proof, "shot", None), "exact", 1.0, ())
    if not shot.fingerprint:
        return
    done = {proof.pk for proof in exact}
    # Not before there is something to compare: numpy is there only with the extra that makes fingerprints.
    from tenfold.imaging.likeness import alike

    for other in [*_own(shot), *_near(shot)]:
        if other.proof_id not in done:
            done.add(other.proof_id)
            likeness = alike(bytes(shot.fingerprint), bytes(other.fingerprint))
            if likeness.kind != "other":
                yield _match(shot, other.proof, other, likeness.kind, likeness.share, likeness.changed)


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
    )


def _exact(shot: Shot) -> Iterable[Proof]:
    """Sent with the very same bytes, whether they were looked at yet or not."""
    sha256 = Picture.objects.filter(pk=shot.proof.picture_id).values_list("sha256", flat=True).get()
    same = Picture.objects.filter(workspace_id=shot.workspace_id, sha256=sha256).order_by("pk")
    pictures = list(same.values_list("pk", flat=True)[: 4 * MOST_EXACT])
    proofs = Proof.objects.filter(picture__in=pictures, pk__lt=shot.proof_id)
    return proofs.select_related("shot").defer("shot__fingerprint").order_by("pk")[:MOST_EXACT]


def _own(shot: Shot) -> Iterable[Shot]:
    earlier = Shot.objects.filter(journey=shot.journey_id, proof__lt=shot.proof_id)
    return earlier.select_related("proof").order_by("-kept_at")[:MOST_OWN]


def _near(shot: Shot) -> list[Shot]:
    """Of all that share a key those that share most."""
    from tenfold.imaging.fingerprints import near_probes

    shared: dict[UUID, int] = {}
    for name, probes in zip(KEYS, near_probes(bytes(shot.fingerprint)), strict=False):
        rows = Shot.objects.filter(**{"workspace_id": shot.workspace_id, f"{name}__in": probes})
        for found, proof_id in rows.order_by("-pk").values_list("pk", "proof_id")[:MOST_OF_KEY]:
            if proof_id < shot.proof_id:
                shared[found] = shared.get(found, 0) + 1
    nearest = sorted(shared, key=lambda found: (-shared[found], found))[:MOST_COMPARED]
    rows = Shot.objects.filter(pk__in=nearest).exclude(journey=shot.journey_id)
    return list(rows.select_related("proof").order_by("pk"))


def _keys(fingerprint: bytes) -> tuple[int, int, int, int] | None:
    if not fingerprint:
        return None
    from tenfold.imaging.fingerprints import near_keys

    return near_keys(fingerprint)
