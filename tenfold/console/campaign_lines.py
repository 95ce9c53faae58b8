"""The list of campaigns as lines: the same few queries however many campaigns there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Workspace
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import ScanTally
from tenfold.groups.models import Group
from tenfold.groups.queries import unused_by_campaign
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof

State = Campaign.State
RUNNING_FIRST = [State.LIVE, State.PAUSED, State.DRAFT, State.ENDED]


@dataclass(frozen=True)
class Step:
    """One step of the little funnel; `percent` is its share of the largest."""

    label: str | Promise
    count: int
    percent: int


@dataclass(frozen=True)
class Line:
    """A campaign in the list: what happened in it, how full its groups are, and what waits for a person."""

    campaign: Campaign
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str) -> int:
        return self.counts.get(name, 0)

    @property
    def steps(self) -> list[Step]:
        named = [
            (_("Scans"), self.count("scans")),
            (_("Joined"), self.count("joined")),
            (_("Approved"), self.count("approved")),
            (_("Rewarded"), self.count("rewarded")),
        ]
        most = max(count for _label, count in named) or 1
        return [Step(label, count, round(100 * count / most)) for label, count in named]

    @property
    def capacity(self) -> int:
        return self.count("capacity")

    @property
    def used(self) -> int:
        return self.count("taken") + self.count("held")

    @property
    def taken_percent(self) -> int:
        return round(100 * self.count("taken") / (self.capacity or 1))

    @property
    def held_percent(self) -> int:
        return round(100 * self.count("held") / (self.capacity or 1))

    @property
    def to_review(self) -> int:
        return self.count("to_review")

    @property
    def to_do(self) -> int:
        return self.count("to_do")

    @property
    def waits(self) -> bool:
        return self.to_review + self.to_do > 0


def lines(workspace: Workspace) -> list[Line]:
    """All campaigns of a workspace: those in which something waits for a person, then those that run; the newest first
    among equals."""
    campaigns = list(Campaign.objects.filter(workspace=workspace).order_by("-created_at"))
    counts = _counts([campaign.id for campaign in campaigns])
    found = [Line(campaign, counts[campaign.id]) for campaign in campaigns]
    return sorted(found, key=lambda line: (not line.waits, RUNNING_FIRST.index(State(line.campaign.state))))


def _counts(ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    counts: dict[UUID, dict[str, int]] = {campaign_id: {} for campaign_id in ids}
    for source in (_scans(ids), _people(ids), _seats(ids), _reviews(ids), _tasks(ids)):
        for row in source:
            named = {name: cast(int, count or 0) for name, count in row.items() if name != "campaign_id"}
            counts[cast(UUID, row["campaign_id"])] |= named
    return counts


Rows = Iterable[Mapping[str, object]]


def _scans(ids: Sequence[UUID]) -> Rows:
    tallies = ScanTally.objects.filter(campaign_id__in=ids).order_by()
    return tallies.values("campaign_id").annotate(scans=Sum("scan_count"))


def _people(ids: Sequence[UUID]) -> Rows:
    return (
        Journey.objects.filter(campaign__in=ids)
        .values("campaign_id")
        .annotate(
            joined=Count("pk", filter=Q(joined_at__isnull=False)),
            approved=Count("pk", filter=Q(approved_at__isnull=False)),
            rewarded=Count("pk", filter=Q(rewarded_at__isnull=False)),
        )
    )


def _seats(ids: Sequence[UUID]) -> Rows:
    unused = unused_by_campaign()
    seats = (
        Group.objects.filter(campaign__in=ids)
        .exclude(state=Group.State.CLOSED)
        .order_by()
        .values("campaign_id")
        .annotate(capacity=Sum("capacity"), held=Sum("held_count"), taken=Sum("taken_count"))
    )
    return [row | {"held": max(0, row["held"] - unused.get(row["campaign_id"], 0))} for row in seats]


def _reviews(ids: Sequence[UUID]) -> Rows:
    waiting = Proof.objects.filter(campaign__in=ids, state=Proof.State.WAITING)
    return waiting.values("campaign_id").annotate(to_review=Count("pk"))


def _tasks(ids: Sequence[UUID]) -> Rows:
    still_open = HumanTask.objects.filter(campaign_id__in=ids, state=HumanTask.State.OPEN)
    return still_open.values("campaign_id").annotate(to_do=Count("pk"))
