"""What a reviewer has on the desk: one screenshot, with all that helps to judge it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from tenfold.campaigns.models import Campaign
from tenfold.proofs.models import Proof

RELATED = ("journey__person", "journey__code", "journey__group", "journey__inviter__person", "judged_by")


@dataclass(frozen=True)
class Desk:
    """`number` counts from 1 in the queue, oldest first. `proof` is None where nothing waits."""

    proof: Proof | None
    number: int
    waiting_count: int
    previous_id: UUID | None
    next_id: UUID | None
    next_picture_id: UUID | None
    earlier: list[Proof]


def desk(campaign: Campaign, proof: Proof | None) -> Desk:
    """The desk with `proof` on it, if it waits; else the one after it, else the first."""
    waiting = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING).order_by("sent_at", "id")
    shown = _from(waiting, proof).first() if proof else None
    shown = shown or waiting.select_related(*RELATED).first()
    if shown is None:
        return Desk(None, 0, 0, None, None, None, [])
    before, after = _before(waiting, shown), _after(waiting, shown)
    next_one = after.only("id", "picture_id").first()
    previous = before.only("id").last()
    number = before.count() + 1
    return Desk(
        proof=shown,
        number=number,
        waiting_count=number + after.count(),
        previous_id=previous.id if previous else None,
        next_id=next_one.id if next_one else None,
        next_picture_id=next_one.picture_id if next_one else None,
        earlier=list(_earlier(shown)),
    )


def judged(campaign: Campaign) -> QuerySet[Proof]:
    """Everything with a verdict, the latest first."""
    rows = Proof.objects.filter(campaign=campaign, judged_at__isnull=False)
    return rows.select_related(*RELATED).order_by("-judged_at", "-id")


def _from(waiting: QuerySet[Proof], proof: Proof) -> QuerySet[Proof]:
    same = Q(sent_at=proof.sent_at, id__gte=proof.id)
    return waiting.filter(same | Q(sent_at__gt=proof.sent_at)).select_related(*RELATED)


def _before(waiting: QuerySet[Proof], proof: Proof) -> QuerySet[Proof]:
    return waiting.filter(Q(sent_at__lt=proof.sent_at) | Q(sent_at=proof.sent_at, id__lt=proof.id))


def _after(waiting: QuerySet[Proof], proof: Proof) -> QuerySet[Proof]:
    return waiting.filter(Q(sent_at__gt=proof.sent_at) | Q(sent_at=proof.sent_at, id__gt=proof.id))


def _earlier(proof: Proof) -> QuerySet[Proof]:
    others = Proof.objects.filter(journey=proof.journey_id).exclude(pk=proof.pk)
    return others.select_related("judged_by").order_by("-sent_at", "-id")
