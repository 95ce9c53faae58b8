"""How long screenshots are kept, and who has looked at them.

A picture goes `keep_days` after its verdict took effect, or after it was sent where a newer one took its place. Its
hash stays, and what `imaging.remains` leaves of its fingerprint, so that a copy is still known; on neither can anybody
be recognised or a name be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.models import Picture
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write, write_of_each
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.proofs.models import Look, Proof, ReviewPlan, Shot

KEPT_DAYS = ReviewPlan._meta.get_field("keep_days").default
SEEN_AGAIN = timedelta(minutes=10)
"""Within it one who opens the same screenshot again is told of once."""


@dataclass(frozen=True)
class Seen:
    """Somebody was shown a screenshot."""

    at: datetime
    operator: str


def erased(now: datetime, limit: int = 100) -> int:
    """Erase what was kept long enough, at most `limit` of each campaign; how many it was in the fullest."""
    most = 0
    for campaign_id, days in _campaigns():
        due = _due(campaign_id, now - timedelta(days=days), limit)
        if due:
            most = max(most, _erase(proof_ids=due, campaign_id=campaign_id))
    return most


def _campaigns() -> list[tuple[UUID, int]]:
    found = Campaign.objects.values_list("pk", "review_plan__keep_days")
    return [(campaign_id, days or KEPT_DAYS) for campaign_id, days in found]


def _due(campaign_id: UUID, until: datetime, limit: int) -> list[UUID]:
    """Those that have been settled, and those that never will be. One that waits, as an appeal does, is kept."""
    kept = Proof.objects.filter(campaign_id=campaign_id, erased_at=None).exclude(state=Proof.State.WAITING)
    settled = kept.filter(settled_at__isnull=False, settled_at__lte=until).order_by("settled_at")
    replaced = kept.filter(state=Proof.State.WITHDRAWN, sent_at__lte=until).order_by("sent_at")
    found = [*settled.values_list("pk", flat=True)[:limit], *replaced.values_list("pk", flat=True)[:limit]]
    return found[:limit]


@step
def _erase(*, proof_ids: list[UUID], campaign_id: UUID) -> int:
    """An appeal that came this very moment is first, or finds nothing left to look at."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Or else what is erased stays in the file, on pages that nobody has written over yet.
            cursor.execute("PRAGMA secure_delete = ON")
    now = clock.now()
    kept = Proof.objects.filter(pk__in=proof_ids, erased_at=None).exclude(state=Proof.State.WAITING)
    # Against those who refer to them too: a fingerprint that is being kept this moment is to be forgotten as well.
    proofs = list(kept.select_for_update(of=("self",)).order_by("pk"))
    if not proofs:
        return 0
    Picture.objects.filter(pk__in=[proof.picture_id for proof in proofs]).update(content=b"", erased_at=now)
    Proof.objects.filter(pk__in=[proof.pk for proof in proofs]).update(erased_at=now)
    Look.objects.filter(proof__in=proofs).update(findings={}, belongs={})
    _forget([proof.pk for proof in proofs])
    told = [(proof.journey_id, {"proof": str(proof.pk)}) for proof in proofs]
    write_of_each(Fact.PICTURE_ERASED, proofs[0], told, campaign_id=campaign_id)
    return len(proofs)


def _forget(proof_ids: list[UUID]) -> None:
    """Leave of their fingerprints what nobody can read."""
    shots = list(Shot.objects.filter(proof__in=proof_ids).exclude(fingerprint=b"").only("pk", "fingerprint"))
    if shots:
        # Not before there is one: numpy is there only with the extra that makes fingerprints.
        from tenfold.imaging.remains import remains

        for shot in shots:
            shot.fingerprint = remains(bytes(shot.fingerprint))
        Shot.objects.bulk_update(shots, ["fingerprint"])


def is_screenshot(picture_id: UUID) -> bool:
    """Whether somebody sent it for review, wherever else it is shown: then operators need the right to review."""
    return Proof.objects.filter(picture=picture_id).exists()


@step
def seen(*, picture_id: UUID, operator: Operator) -> None:
    """An operator is shown a picture: told of once in SEEN_AGAIN, if it is a screenshot."""
    proof = Proof.objects.filter(picture=picture_id).first()
    if proof is None:
        return
    about = {"campaign_id": proof.campaign_id, "journey_id": proof.journey_id, "operator_id": operator.pk}
    lately = Entry.objects.filter(kind=Fact.PICTURE_SEEN, at__gt=clock.now() - SEEN_AGAIN, **about)
    if not lately.filter(data__proof=str(proof.pk)).exists():
        write(Fact.PICTURE_SEEN, proof, {"proof": str(proof.pk)}, **about)


def who_saw(proof: Proof, limit: int = 50) -> list[Seen]:
    """Who was shown the screenshot, the latest first."""
    facts = Entry.objects.filter(
        journey_id=proof.journey_id, kind=Fact.PICTURE_SEEN, data__proof=str(proof.pk)
    )
    told = list(facts.order_by("-id").values_list("at", "operator_id")[:limit])
    names = {one.pk: str(one) for one in Operator.objects.filter(pk__in={who for _at, who in told if who})}
    return [Seen(at, names.get(who, "") if who else "") for at, who in told]
