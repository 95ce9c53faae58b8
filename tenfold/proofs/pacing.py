"""The pace for those who wait: everybody's page asks for it again and again, and it is counted for all of them once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.proofs.queries import pace

# Minutes do not change within seconds. A process remembers so many campaigns, and begins anew beyond.
KEPT, MOST = timedelta(seconds=10), 1000
_kept: dict[tuple[UUID, bool], tuple[datetime, int | None]] = {}


def pace_lately(campaign: Campaign, *, of_appeals: bool = False) -> int | None:
    """`pace`, as it was some seconds ago at most."""
    now, key = clock.now(), (campaign.pk, of_appeals)
    known = _kept.get(key)
    if known and timedelta(0) <= now - known[0] < KEPT:
        return known[1]
    minutes = pace(campaign, of_appeals=of_appeals)
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[key] = (now, minutes)
    return minutes
