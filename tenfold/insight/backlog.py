"""How long the queue of screenshots was over time, and who shortened it: folded from the journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour, TruncMinute

from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.insight.funnel import SPANS
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.proofs.models import Proof

# What makes the queue longer or shorter by one.
STEPS = {
    Fact.PROOF_SENT: 1,
    Fact.VERDICT_UNDONE: 1,
    Fact.APPEALED: 1,
    Fact.PROOF_WITHDRAWN: -1,
    Fact.PROOF_JUDGED: -1,
}


@dataclass(frozen=True)
class Moment:
    """`waiting_count` at its end; how many were sent in it, and judged by people and by the machine."""

    at: datetime
    waiting_count: int
    sent_count: int
    by_people: int
    by_machine: int


def backlog(campaign: Campaign, span: str) -> list[Moment]:
    """Each minute of the last hour ("hour") or each hour of the last two days ("days"), the latest last.

    Counted backwards from what waits now, so that it needs no more of the journal than it shows.
    """
    width, count = SPANS[span]
    last = _floor(clock.now(), width)
    told = _told(campaign, last - width * (count - 1), span)
    waiting = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING).count()
    found: list[Moment] = []
    for step in range(count):
        at = last - width * step
        found.append(_moment(at, waiting, told))
        waiting = max(
            0, waiting - sum(STEPS[kind] * told[at, kind, by] for kind in STEPS for by in (True, False))
        )
    return found[::-1]


Told = Counter[tuple[datetime, str, bool]]
"""How many facts of a kind there were in a slot, by a person or not."""


def _told(campaign: Campaign, first: datetime, span: str) -> Told:
    trunc = TruncMinute("at") if span == "hour" else TruncHour("at")
    facts = Entry.objects.filter(campaign_id=campaign.id, kind__in=list(STEPS), at__gte=first).order_by()
    rows = facts.annotate(slot=trunc).values_list("slot", "kind", "operator_id").annotate(count=Count("pk"))
    told: Told = Counter()
    for slot, kind, operator_id, count in rows:
        told[slot, kind, operator_id is not None] += count
    return told


def _moment(at: datetime, waiting: int, told: Told) -> Moment:
    sent = told[at, Fact.PROOF_SENT, False] + told[at, Fact.PROOF_SENT, True]
    judged = (told[at, Fact.PROOF_JUDGED, by] for by in (True, False))
    return Moment(at, waiting, sent, *judged)


def _floor(moment: datetime, width: timedelta) -> datetime:
    return moment.replace(second=0, microsecond=0, minute=moment.minute if width < timedelta(hours=1) else 0)
