"""What more than one caller asks of groups."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Sum

from tenfold.base import bulk
from tenfold.groups.models import Group, SeatLease, Waiting


def place_in_line(waiting: Waiting) -> int:
    """1 for the next to be called; 0 for one who does not wait any more."""
    if waiting.state != Waiting.State.WAITING:
        return 0
    line = Waiting.objects.filter(campaign_id=waiting.campaign_id, state=Waiting.State.WAITING)
    return line.filter(since__lt=waiting.since).count() + 1


def others_wait(*, campaign_id: UUID, visitor_id: UUID) -> bool:
    """Whether somebody else stands in the line: then a newcomer goes to its end instead of past it."""
    line = Waiting.objects.filter(campaign_id=campaign_id, state=Waiting.State.WAITING)
    return line.exclude(visitor_id=visitor_id).exists()


def unused_seats(*, by: str = "group_id") -> dict[UUID, int]:
    """Seats that doors have leased and not handed out: counted as held, and shown to nobody yet."""
    leases = SeatLease.objects.filter(ended_at=None, used__lt=F("seats")).order_by()
    return dict(leases.values_list(by).annotate(unused=Sum(F("seats") - F("used"))))


def with_leases_apart(groups: Iterable[Group]) -> list[Group]:
    """The groups as people see them: seats that nobody is shown yet are free. To look at, never to save."""
    found = list(groups)
    unused = unused_seats() if found and bulk.is_shared() else {}
    for group in found:
        # A lease may have been opened since the group was read.
        group.held_count = max(0, group.held_count - unused.get(group.pk, 0))
    return found


def unused_by_campaign() -> dict[UUID, int]:
    return unused_seats(by="campaign_id") if bulk.is_shared() else {}
