"""What a page knew when it was made, as a short text. It listens for changes only some moments later: who finds another
mark by then has missed something in between.

It is asked for before all else that the page shows: so a page may be told for nothing, but not left untold.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from django.db.models import QuerySet, Subquery, Sum

from tenfold.codes.models import ScanTally
from tenfold.groups.models import Waiting
from tenfold.journal.models import Entry

# Ids are made before the commit, by more than one machine's clock: a fact may become visible behind later ones. In a
# campaign where so many others come in that moment, the next of them tells.
LATEST = 64


def of_journey(journey_id: UUID | Subquery) -> str:
    return _of(Entry.objects.filter(journey_id=journey_id))


def of_campaign(campaign_id: UUID) -> str:
    """Scans are no facts of the journal: their tallies tell."""
    tallies = ScanTally.objects.filter(campaign_id=campaign_id).aggregate(scans=Sum("scan_count"))
    return f"{_of(Entry.objects.filter(campaign_id=campaign_id))}-{tallies['scans'] or 0}"


def of_line(campaign_id: UUID, visitor_id: UUID) -> str:
    """Of somebody who waits for a seat: whether they have been called."""
    mine = Waiting.objects.filter(campaign_id=campaign_id, visitor_id=visitor_id)
    return mine.values_list("state", flat=True).first() or ""


def _of(facts: QuerySet[Entry]) -> str:
    latest = facts.order_by("-id").values_list("id", flat=True)[:LATEST]
    return blake2b(b"".join(each.bytes for each in latest), digest_size=8).hexdigest()
