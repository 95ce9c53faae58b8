"""A code that enough other phones have opened is proof of sharing: no screenshot is needed then."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Scan
from tenfold.flow.proof import approved
from tenfold.flow.scan import Outcome, why_closed
from tenfold.journal.facts import Fact
from tenfold.people import actions as people
from tenfold.people.actions import UNFINISHED
from tenfold.people.models import Journey
from tenfold.proofs.models import OtherDevice, ReviewPlan
from tenfold.proofs.queries import plan_of

# So many openings are looked at in one turn, the oldest first.
SCANS, PEOPLE = 500, 50
# An opening is written within a moment of its time; whoever looks too soon would pass over it.
LAG = timedelta(seconds=10)
RUNNING = (Campaign.State.LIVE, Campaign.State.PAUSED)


def codes_opened() -> int:
    """Note the phones behind the latest openings, then approve whoever has enough of them; how many rows were moved."""
    plans = ReviewPlan.objects.filter(opened_by__gt=0, campaign__state__in=RUNNING)
    return max((_turn(plan) for plan in plans.select_related("campaign")), default=0)


def _turn(plan: ReviewPlan) -> int:
    noted = _noted(plan=plan)
    enough = _unapproved(plan).annotate(devices=Count("other_devices")).filter(devices__gte=plan.opened_by)
    found = list(enough.order_by("pk")[:PEOPLE])
    for journey in found:
        opened_enough(journey=journey)
    return max(noted, len(found))


def _unapproved(plan: ReviewPlan) -> QuerySet[Journey]:
    return Journey.objects.filter(
        campaign_id=plan.campaign_id, approved_at=None, state__in=[*UNFINISHED, Journey.State.ARRIVING]
    )


@step
def _noted(*, plan: ReviewPlan) -> int:
    """The openings behind the mark, and the mark moved on: in one transaction, so that none is left out."""
    scans = list(_scans_after(plan))
    if not scans:
        return 0
    mine = ReviewPlan.objects.filter(pk=plan.pk, opened_mark_id=plan.opened_mark_id)
    if not changes_one(mine, opened_mark=scans[-1].at, opened_mark_id=scans[-1].pk):
        return 0
    owners = _unapproved(plan).filter(code_id__in={scan.code_id for scan in scans}).select_related("person")
    by_code = {journey.code_id: journey for journey in owners}
    OtherDevice.objects.bulk_create(_devices(scans, by_code, plan), ignore_conflicts=True)
    return len(scans)


def _devices(scans: list[Scan], by_code: dict[UUID, Journey], plan: ReviewPlan) -> list[OtherDevice]:
    """The phones behind these openings that are new, of each participant no more than are asked for."""
    known: dict[UUID, set[UUID]] = {journey.pk: set() for journey in by_code.values()}
    for journey_id, visitor_id in OtherDevice.objects.filter(journey__in=known).values_list(
        "journey_id", "visitor_id"
    ):
        known[journey_id].add(visitor_id)
    found = []
    for scan in scans:
        journey = by_code.get(scan.code_id)
        if journey is None or not _counts(scan, journey):
            continue
        theirs = known[journey.pk]
        if scan.visitor_id not in theirs and len(theirs) < plan.opened_by:
            theirs.add(scan.visitor_id)
            who = {"journey": journey, "visitor_id": scan.visitor_id, "at": scan.at}
            found.append(OtherDevice(campaign_id=plan.campaign_id, **who))
    return found


def _scans_after(plan: ReviewPlan) -> QuerySet[Scan]:
    scans = Scan.objects.filter(campaign_id=plan.campaign_id, at__lte=clock.now() - LAG)
    if plan.opened_mark is not None:
        same_moment = Q(at=plan.opened_mark, pk__gt=plan.opened_mark_id)
        scans = scans.filter(Q(at__gt=plan.opened_mark) | same_moment, at__gte=plan.opened_mark)
    return scans.order_by("at", "pk")[:SCANS]


def _counts(scan: Scan, journey: Journey) -> bool:
    """Another phone than their own, since they joined."""
    since = journey.joined_at or journey.created_at
    return scan.visitor_id != journey.person.visitor_id and scan.at >= since


@step
def opened_enough(*, journey: Journey) -> bool:
    """The task is done without a screenshot; one that waits needs no verdict any more."""
    people.lock(journey=journey, and_inviter=True)
    plan = plan_of(journey.campaign)
    count = OtherDevice.objects.filter(journey=journey).count()
    is_in = journey.is_member or journey.state == Journey.State.ARRIVING
    is_over = why_closed(journey.campaign, clock.now()) == Outcome.ENDED
    if not is_in or is_over or not 0 < plan.opened_by <= count or journey.approved_at is not None:
        return False
    people.note(Fact.OPENED_ENOUGH, journey, count=count)
    approved(journey=journey, now=clock.now(), told_at=f"opened:{journey.pk}", opened_count=count)
    return True
