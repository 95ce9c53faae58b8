"""What more than one caller asks of groups."""

from __future__ import annotations

from uuid import UUID

from tenfold.groups.models import Waiting


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
