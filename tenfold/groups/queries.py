"""What more than one caller asks of groups."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Sum

from tenfold.groups.models import SeatLease, Waiting


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


def unused_seats() -> dict[UUID, int]:
    """By group, the seats that doors have leased and not handed out: counted as held, and shown to nobody yet."""
    leases = SeatLease.objects.filter(ended_at=None, used__lt=F("seats")).order_by()
    return dict(leases.values_list("group_id").annotate(unused=Sum(F("seats") - F("used"))))
