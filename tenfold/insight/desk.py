"""What a reviewer has on the desk: one screenshot, with all that helps to judge it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.campaigns.models import Campaign
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.proofs.models import Look, Proof, SecondLook, Shot
from tenfold.proofs.queries import alike, queue, second_looks
from tenfold.rewards.models import Grant, RewardRule

RELATED = (
    "campaign",
    "journey__person",
    "journey__code__campaign",
    "journey__campaign",
    "journey__group",
    "journey__inviter__person",
    "judged_by",
    "reserved_by",
    "appealed_judge",
    "picture",
    "look",
    "shot__first__proof__journey__person",
    "shot__first__proof__picture",
)
# Megabytes that nobody reads here: the page asks for pictures by their address.
UNREAD = ("picture__content", "shot__first__proof__picture__content", "shot__fingerprint")
MOST_WALKED = 1000  # of a longer queue nobody walks to the end
MOST_EARLIER = 12


@dataclass(frozen=True)
class Desk:
    """`number` counts from 1 in the queue; None beyond its walked part. `proof` is None where nothing waits."""

    proof: Proof | None
    number: int | None = None
    waiting_count: int = 0
    previous_id: UUID | None = None
    next_id: UUID | None = None
    next_picture_id: UUID | None = None
    alike_count: int = 0
    earlier: tuple[Proof, ...] = ()

    @property
    def look(self) -> Look | None:
        return look_of(self.proof) if self.proof else None


WAITING = {"waiting": Count("pk"), "appeals": Count("pk", filter=Q(appealed_at__isnull=False))}


@dataclass(frozen=True)
class Counts:
    """How many wait: for people; of these appeals, and all of those, that are not for this operator now, as another has
    them or has to judge them; appeals that are; for a second look by this operator; and for the machine's look."""

    waiting: int
    elsewhere: int
    appeals: int
    appeals_elsewhere: int
    second: int
    looking: int


def look_of(proof: Proof) -> Look | None:
    return getattr(proof, "look", None)


def shot_of(proof: Proof) -> Shot | None:
    return getattr(proof, "shot", None)


def names_of(*looks: Look) -> dict[str, str]:
    """The names of those whose codes were read in pictures of one campaign, by the ids of their journeys."""
    ids = {found for look in looks for owner in look.belongs.values() if (found := read_id(owner[-1]))}
    if not ids:
        return {}
    rows = Journey.objects.filter(campaign=looks[0].campaign_id, pk__in=ids)
    return {str(pk): name for pk, name in rows.values_list("pk", "person__nickname")}


def counts(campaign: Campaign, operator: Operator) -> Counts:
    waiting = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING, people_at__lte=clock.now())
    found = waiting.aggregate(**WAITING)
    theirs = queue(campaign, operator=operator).aggregate(**WAITING) if found["waiting"] else found
    looks = Look.objects.filter(campaign=campaign, state__in=[Look.State.QUEUED, Look.State.RUNNING])
    looking = looks.filter(due_at__isnull=False).count()
    return Counts(
        waiting=found["waiting"],
        elsewhere=max(0, found["waiting"] - theirs["waiting"]),
        appeals=theirs["appeals"],
        appeals_elsewhere=max(0, found["appeals"] - theirs["appeals"]),
        second=second_looks(campaign, operator).count(),
        looking=looking,
    )


def rows(campaign: Campaign) -> QuerySet[Proof]:
    """Proofs as the desk wants them: with what is shown beside them, without the bytes of pictures."""
    return Proof.objects.filter(campaign=campaign).select_related(*RELATED).defer(*UNREAD)


def waiting(campaign: Campaign, operator: Operator, *, is_appeals: bool) -> QuerySet[Proof]:
    """The queue as this operator walks it."""
    found = queue(campaign, operator=operator)
    return found.filter(appealed_at__isnull=False) if is_appeals else found


def desk(campaign: Campaign, operator: Operator, proof: Proof | None, *, is_appeals: bool = False) -> Desk:
    """The desk with `proof` on it."""
    if proof is None:
        return Desk(None)
    walked = list(
        waiting(campaign, operator, is_appeals=is_appeals).values_list("pk", "picture_id")[:MOST_WALKED]
    )
    ids = [pk for pk, _picture in walked]
    at = ids.index(proof.pk) if proof.pk in ids else None
    before = walked[at - 1] if at else None
    after = walked[at + 1] if at is not None and at + 1 < len(walked) else None
    return Desk(
        proof=proof,
        number=None if at is None else at + 1,
        waiting_count=len(walked),
        previous_id=before[0] if before else None,
        next_id=after[0] if after else None,
        next_picture_id=after[1] if after else None,
        alike_count=alike(proof, operator=operator).exclude(pk=proof.pk).count(),
        earlier=tuple(earlier(proof)),
    )


def judged(campaign: Campaign) -> QuerySet[Proof]:
    """Everything with a verdict, the latest first."""
    return rows(campaign).filter(judged_at__isnull=False).order_by("-judged_at", "-id")


def seen_differently(campaign: Campaign) -> QuerySet[Proof]:
    """Verdicts that somebody who looked again would not have given, what was seen last first."""
    again = SecondLook.objects.filter(campaign=campaign, proof=OuterRef("pk"), agrees=False)
    latest = Subquery(again.order_by("-looked_at").values("looked_at")[:1])
    found = judged(campaign).annotate(differed_at=latest).filter(differed_at__isnull=False)
    return found.order_by("-differed_at", "-id")


def standing_count(campaign: Campaign) -> int:
    """Of these, how many still stand as they were and can be settled: nobody has judged them anew since, no reward was
    given for them, and no later screenshot of theirs is approved."""
    again = SecondLook.objects.filter(campaign=campaign, agrees=False, proof__judged_at__lte=F("looked_at"))
    given = Grant.objects.filter(journey=OuterRef("proof__journey"), rule__when=RewardRule.When.TASK)
    is_final = Q(Exists(given), proof__state=Proof.State.APPROVED)
    is_final |= Q(proof__state=Proof.State.REJECTED, proof__journey__approved_at__isnull=False)
    return again.exclude(is_final).values("proof_id").distinct().count()


def rewarded(proofs: Iterable[Proof]) -> set[UUID]:
    """Journeys of these that were given something for their task: an approval of theirs stands."""
    given = Grant.objects.filter(
        journey__in=[proof.journey_id for proof in proofs], rule__when=RewardRule.When.TASK
    )
    return set(given.values_list("journey_id", flat=True))


def differing(proofs: Iterable[Proof]) -> dict[UUID, list[SecondLook]]:
    """What second looks said otherwise, by proof, the earliest first."""
    told: dict[UUID, list[SecondLook]] = {}
    looks = SecondLook.objects.filter(proof__in=[proof.pk for proof in proofs], agrees=False)
    for look in looks.select_related("first_by", "looked_by").order_by("looked_at"):
        told.setdefault(look.proof_id, []).append(look)
    return told


def earlier(proof: Proof) -> QuerySet[Proof]:
    """What the same person had sent before, the latest of it."""
    others = Proof.objects.filter(journey=proof.journey_id, sent_at__lte=proof.sent_at).exclude(pk=proof.pk)
    return others.select_related("judged_by").order_by("-sent_at", "-id")[:MOST_EARLIER]


def first_note(proof: Proof) -> str:
    """What the first reviewer wrote, of a verdict that is appealed against."""
    facts = Entry.objects.filter(journey_id=proof.journey_id, kind=Fact.APPEALED, data__proof=str(proof.id))
    data = facts.values_list("data", flat=True).first()
    return str(data.get("note", "")) if data else ""


def held_by(proof: Proof, operator: Operator, now: datetime) -> Operator | None:
    """Whoever else has it on the desk."""
    is_held = proof.reserved_until is not None and proof.reserved_until > now
    return proof.reserved_by if is_held and proof.reserved_by_id != operator.pk else None
