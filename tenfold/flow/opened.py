"""A code by which enough others have come is proof of sharing: no screenshot is needed then.

Opening it is not enough: whoever asks without a cookie is a new phone every time, so that one script could open a code
as often as it likes. Whoever opened it has to have gone further: they gave a name in this campaign and were not
removed since, or they had been to it on an earlier day and have kept their cookie. A patient script can do the latter
too, and people can join under several names: this is weaker than a screenshot, and the settings say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

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
from tenfold.proofs.models import MOST_OPENED, OtherDevice, ReviewPlan
from tenfold.proofs.queries import brought, opened_count, plan_of

# So many openings are looked at in one turn, the oldest first.
SCANS, PEOPLE = 500, 50
# An opening is written within a moment of its time; whoever looks too soon would pass over it.
LAG = timedelta(seconds=10)
# Who opened a code of the campaign so long before has kept the cookie, and comes on another day.
CAME_BACK = timedelta(hours=12)
RUNNING = (Campaign.State.LIVE, Campaign.State.PAUSED)

# Does something with each row, and survives a bad one: `worker.Round.each`.
Each = Callable[[Sequence[Any], Callable[[Any], object]], int]


def _plainly(rows: Sequence[Any], act: Callable[[Any], object]) -> int:
    for row in rows:
        act(row)
    return len(rows)


def codes_opened(each: Each = _plainly) -> int:
    """Note the phones behind the latest openings, then approve whoever has enough of them; how many rows were moved."""
    plans = ReviewPlan.objects.filter(opened_by__gt=0, campaign__state__in=RUNNING)
    moved = [0]
    each(list(plans.select_related("campaign")), lambda plan: moved.append(_turn(plan, each)))
    return max(moved)


def _turn(plan: ReviewPlan, each: Each) -> int:
    noted = _noted(plan=plan)
    found = list(_enough(plan).order_by("pk")[:PEOPLE])
    each(found, lambda journey: opened_enough(journey=journey))
    return max(noted, len(found))


def _enough(plan: ReviewPlan) -> QuerySet[Journey]:
    """Members alone: that others come by somebody's code does not show that they are in the group themselves."""
    phones = OtherDevice.objects.filter(journey=OuterRef("pk"))
    came = brought(Journey.objects.filter(inviter=OuterRef("pk")))
    counted = _unapproved(plan, UNFINISHED).annotate(
        phones=_count_of(phones, "journey"), came=_count_of(came, "inviter")
    )
    return counted.filter(Q(phones__gte=plan.opened_by - F("came")))


def _count_of(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def _unapproved(plan: ReviewPlan, states: Sequence[str]) -> QuerySet[Journey]:
    return Journey.objects.filter(campaign_id=plan.campaign_id, approved_at=None, state__in=states)


@step
def _noted(*, plan: ReviewPlan) -> int:
    """The openings behind the mark, and the mark moved on: in one transaction, so that none is left out."""
    scans = list(_scans_after(plan))
    if not scans:
        return 0
    mine = ReviewPlan.objects.filter(pk=plan.pk, opened_mark_id=plan.opened_mark_id)
    if not changes_one(mine, opened_mark=scans[-1].at, opened_mark_id=scans[-1].pk):
        return 0
    unapproved = _unapproved(plan, [*UNFINISHED, Journey.State.ARRIVING])
    owners = unapproved.filter(code_id__in={scan.code_id for scan in scans}).select_related("person")
    by_code = {journey.code_id: journey for journey in owners}
    theirs = [(scan, by_code[scan.code_id]) for scan in scans if scan.code_id in by_code]
    went_further = _went_further(plan, [scan for scan, journey in theirs if _is_another(scan, journey)])
    OtherDevice.objects.bulk_create(_devices(went_further, by_code, plan), ignore_conflicts=True)
    return len(scans)


def _is_another(scan: Scan, journey: Journey) -> bool:
    """Another phone than their own, since they joined."""
    since = journey.joined_at or journey.created_at
    return scan.visitor_id != journey.person.visitor_id and scan.at >= since


def _went_further(plan: ReviewPlan, scans: list[Scan]) -> list[Scan]:
    visitors = {scan.visitor_id for scan in scans}
    named = Journey.objects.filter(campaign_id=plan.campaign_id, person__visitor_id__in=visitors)
    inside = set(named.exclude(state=Journey.State.REMOVED).values_list("person__visitor_id", flat=True))
    touches = Scan.objects.filter(campaign_id=plan.campaign_id, visitor_id__in=visitors, is_first=True)
    first = dict(touches.values_list("visitor_id", "at"))
    return [
        scan
        for scan in scans
        if scan.visitor_id in inside or first.get(scan.visitor_id, scan.at) <= scan.at - CAME_BACK
    ]


def _devices(scans: list[Scan], by_code: dict[UUID, Journey], plan: ReviewPlan) -> list[OtherDevice]:
    """The phones behind these openings that are new, of each participant no more than can be asked for."""
    known: dict[UUID, set[UUID]] = {journey.pk: set() for journey in by_code.values()}
    pairs = OtherDevice.objects.filter(journey__in=known).values_list("journey_id", "visitor_id")
    for journey_id, visitor_id in pairs:
        known[journey_id].add(visitor_id)
    found = []
    for scan in scans:
        journey = by_code[scan.code_id]
        theirs = known[journey.pk]
        if scan.visitor_id not in theirs and len(theirs) < MOST_OPENED:
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


@step
def opened_enough(*, journey: Journey) -> bool:
    """The task is done without a screenshot; one that waits needs no verdict any more."""
    people.lock(journey=journey, and_inviter=True)
    plan, count = plan_of(journey.campaign), opened_count(journey)
    is_over = why_closed(journey.campaign, clock.now()) == Outcome.ENDED
    is_enough = 0 < plan.opened_by <= count
    if not journey.is_member or is_over or not is_enough or journey.approved_at is not None:
        return False
    people.note(Fact.OPENED_ENOUGH, journey, count=count)
    approved(journey=journey, now=clock.now(), told_at=f"opened:{journey.pk}", opened_count=count)
    return True
