"""The numbers of a campaign: funnel, channels, generations, and what happened when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import TruncHour, TruncMinute

from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Channel, Scan
from tenfold.codes.queries import Tally, tallies, tally_of
from tenfold.groups.models import Waiting
from tenfold.insight.rules import Rate
from tenfold.insight.tree import tops_of
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Journey


@dataclass(frozen=True)
class Funnel:
    """Scans are openings of a code; everything below counts people, each once, whatever they did later. A rate is of
    people who are both: no share is above the whole."""

    scan_count: int
    visitor_count: int
    joined_count: int
    proof_count: int
    approved_count: int
    rewarded_count: int
    sharer_count: int
    out_count: int
    waiting_count: int
    unasked_count: int
    """Approved without a screenshot, by the friends who came."""
    joined_shown_count: int
    joined_sharer_count: int
    """Of those who joined. In a group that shows no joins many do so before it is known that they are in."""
    joined_rewarded_count: int
    approved_rewarded_count: int
    """Of those who joined, and of those approved: who has something for friends, or whose approval was taken back, need
    not be one of them."""

    @property
    def seen_count(self) -> int:
        """Whose screenshot was approved."""
        return self.approved_count - self.unasked_count

    @property
    def shown_count(self) -> int:
        """Who sent a screenshot, or needed none."""
        return self.proof_count + self.unasked_count

    @property
    def joined(self) -> Rate:
        return Rate(self.joined_count, self.visitor_count)

    @property
    def proofs(self) -> Rate:
        return Rate(self.joined_shown_count, self.joined_count)

    @property
    def approved(self) -> Rate:
        return Rate(self.approved_count, self.shown_count)

    @property
    def rewarded(self) -> Rate:
        return Rate(self.approved_rewarded_count, self.approved_count)

    @property
    def winners(self) -> Rate:
        """As `rewarded`, where there is more to earn than by the task."""
        return Rate(self.joined_rewarded_count, self.joined_count)

    @property
    def sharers(self) -> Rate:
        return Rate(self.joined_sharer_count, self.joined_count)


def funnel(campaign: Campaign) -> Funnel:
    joined, approved = Q(joined_at__isnull=False), Q(approved_at__isnull=False)
    shown = Q(proof_sent_at__isnull=False) | approved
    people = Journey.objects.filter(campaign=campaign).aggregate(
        joined_count=Count("joined_at"),
        proof_count=Count("proof_sent_at"),
        approved_count=Count("approved_at"),
        unasked_count=Count("approved_at", filter=Q(proof_sent_at=None)),
        rewarded_count=Count("rewarded_at"),
        sharer_count=Count("sharing_at"),
        joined_shown_count=Count("pk", filter=joined & shown),
        joined_sharer_count=Count("sharing_at", filter=joined),
        joined_rewarded_count=Count("rewarded_at", filter=joined),
        approved_rewarded_count=Count("rewarded_at", filter=approved),
        out_count=Count("pk", filter=Q(state__in=[Journey.State.LEFT, Journey.State.REMOVED])),
    )
    tally = tally_of(campaign.id)
    return Funnel(
        scan_count=tally.scan_count,
        visitor_count=tally.visitor_count,
        waiting_count=Waiting.objects.filter(campaign=campaign, state=Waiting.State.WAITING).count(),
        **people,
    )


@dataclass(frozen=True)
class ChannelCount:
    """`seed_count` came through the channel's own code; `line_count` adds all whom these brought."""

    name: str
    kind: str
    scan_count: int
    visitor_count: int
    seed_count: int
    line_count: int


def channels(campaign: Campaign) -> list[ChannelCount]:
    """Every channel, the one whose line brought most people first."""
    seeds = dict(
        Journey.objects.filter(campaign=campaign, inviter=None).values_list("id", "channel_code__channel_id")
    )
    direct = Counter(seeds.values())
    lines: Counter[UUID | None] = Counter()
    for top, size in tops_of(campaign).items():
        lines[seeds.get(top)] += size
    opened = tallies([campaign.id])
    found = []
    for channel in Channel.objects.filter(campaign=campaign):
        tally = opened.get(channel.id, Tally())
        counts = (tally.scan_count, tally.visitor_count, direct[channel.id], lines[channel.id])
        found.append(ChannelCount(channel.name, channel.get_kind_display(), *counts))
    return sorted(found, key=lambda each: (-each.line_count, -each.scan_count, each.name))


@dataclass(frozen=True)
class Generation:
    """`newcomer_count` people came through the `person_count` of this generation so far; more may follow."""

    number: int
    person_count: int
    sharer_count: int
    newcomer_count: int

    @property
    def k(self) -> float:
        return self.newcomer_count / self.person_count if self.person_count else 0.0


def generations(campaign: Campaign) -> list[Generation]:
    rows = list(
        Journey.objects.filter(campaign=campaign, joined_at__isnull=False)
        .values_list("generation")
        .annotate(people=Count("pk"), sharers=Count("sharing_at"), invited=Count("inviter"))
        .order_by("generation")
    )
    invited = {number: count for number, _, _, count in rows}
    return [
        Generation(number, people, sharers, invited.get(number + 1, 0)) for number, people, sharers, _ in rows
    ]


@dataclass(frozen=True)
class Slot:
    at: datetime
    scan_count: int
    join_count: int


SPANS = {"hour": (timedelta(minutes=1), 60), "days": (timedelta(hours=1), 48)}


def pulse(campaign: Campaign, span: str) -> list[Slot]:
    """Scans and joins: each minute of the last hour ("hour") or each hour of the last two days ("days")."""
    width, count = SPANS[span]
    last = _floor(clock.now(), width)
    first = last - width * (count - 1)
    trunc = TruncMinute("at") if span == "hour" else TruncHour("at")
    came_in = Entry.objects.filter(kind__in=[Fact.JOINED, Fact.REJOINED])
    scans, joins = (
        dict(
            facts.filter(campaign_id=campaign.id, at__gte=first)
            .order_by()
            .annotate(slot=trunc)
            .values_list("slot")
            .annotate(count=Count("pk"))
        )
        for facts in (Scan.objects.all(), came_in)
    )
    slots = [first + width * step for step in range(count)]
    return [Slot(at, scans.get(at, 0), joins.get(at, 0)) for at in slots]


def _floor(moment: datetime, width: timedelta) -> datetime:
    return moment.replace(second=0, microsecond=0, minute=moment.minute if width < timedelta(hours=1) else 0)
