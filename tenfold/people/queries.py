"""What more than one caller asks of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tenfold.base import bulk
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.rules import is_over
from tenfold.people import rules
from tenfold.people.models import Journey, Person

# Far above any chain seen in the field; it bounds what one scan may cost.
LONGEST_CHAIN = 200
CHAIN = """
    WITH RECURSIVE above (id, nth) AS (
        SELECT id, 1 FROM tenfold_journey WHERE id = ?
        UNION ALL
        SELECT journey.inviter_id, above.nth + 1 FROM tenfold_journey journey JOIN above ON journey.id = above.id
        WHERE journey.inviter_id IS NOT NULL AND above.nth < ?
    )
    SELECT id, nth FROM above ORDER BY nth
"""


def journey_of_visitor(*, campaign_id: UUID, visitor_id: UUID) -> Journey | None:
    found = journeys_of_visitor(visitor_id).select_related("person", "campaign", "group", "code", "seat")
    return found.filter(campaign_id=campaign_id).first()


def journeys_of_visitor(visitor_id: UUID) -> QuerySet[Journey]:
    """Theirs in every campaign. Found by the person: a join would leave it to the planner where to begin, and SQLite's
    begins with everybody in the campaign."""
    return Journey.objects.filter(person__in=Person.objects.filter(visitor_id=visitor_id))


def chain_above(journey: Journey) -> list[UUID]:
    """The inviters from this journey up, nearest first."""
    if journey.inviter_id is None:
        return []
    found = bulk.rows(CHAIN, (journey.inviter_id.hex, LONGEST_CHAIN))
    return [UUID(bulk.hexed(journey_id)) for journey_id, _nth in found]


@dataclass(frozen=True)
class WouldGo:
    """Someone the plan would remove, what comes next for them, and when they would be removed."""

    journey: Journey
    step: str
    at: datetime


def who_would_go(campaign: Campaign, at: datetime) -> list[WouldGo]:
    """Dry run: who would be removed by `at` if none of them acts. Changes nothing, tells nobody."""
    stalled = (
        campaign.journeys.filter(state=Journey.State.JOINED)
        .exclude(due_step="")
        .select_related("person", "group")
    )
    found = []
    for journey in stalled.order_by("due_at", "pk"):
        due = rules.Due(rules.Step(journey.due_step), journey.due_at)
        gone_at = rules.removal_at(campaign, due=due, remind_count=journey.remind_count)
        if gone_at and gone_at <= at and not is_over(campaign, gone_at):
            found.append(WouldGo(journey, journey.due_step, gone_at))
    return found
