"""What wants doing in a campaign now, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count, Min

from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.groups.models import Group, Waiting
from tenfold.mailroom.models import HumanTask
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Reward

FILLING = 0.8  # of the seats of all open groups together
EXPIRING = timedelta(hours=24)
LOW_STOCK = 0.1


class Need(StrEnum):
    LAUNCH = "launch"
    RESUME = "resume"
    LINE = "line"
    QR = "qr"
    STOCK = "stock"
    REVIEW = "review"
    TASKS = "tasks"
    SEATS = "seats"


@dataclass(frozen=True)
class NextStep:
    """`count` is how many wait (or are left); `minutes` is how long the oldest has waited, or is left."""

    need: Need
    is_urgent: bool
    count: int = 0
    minutes: int = 0
    name: str = ""


def next_steps(campaign: Campaign) -> list[NextStep]:
    if campaign.state == Campaign.State.DRAFT:
        return [NextStep(Need.LAUNCH, is_urgent=False)]
    groups = list(Group.objects.filter(campaign=campaign).exclude(state=Group.State.CLOSED))
    found = [
        *_line(campaign),
        *_expiring(groups),
        *_stock(campaign),
        *_seats(groups),
        *_review(campaign),
        *_tasks(campaign),
    ]
    if campaign.state == Campaign.State.PAUSED:
        found.insert(0, NextStep(Need.RESUME, is_urgent=True))
    if campaign.state == Campaign.State.ENDED:
        found = [step for step in found if step.need in (Need.REVIEW, Need.TASKS)]
    return sorted(found, key=lambda step: not step.is_urgent)


def _line(campaign: Campaign) -> list[NextStep]:
    count = Waiting.objects.filter(campaign=campaign, state=Waiting.State.WAITING).count()
    return [NextStep(Need.LINE, is_urgent=True, count=count)] if count else []


def _expiring(groups: list[Group]) -> list[NextStep]:
    now = clock.now()
    return [
        NextStep(
            Need.QR,
            is_urgent=True,
            minutes=max(0, int((group.qr_expires_at - now).total_seconds() // 60)),
            name=group.name,
        )
        for group in groups
        if group.qr_expires_at and group.state == Group.State.OPEN and group.qr_expires_at - now < EXPIRING
    ]


def _stock(campaign: Campaign) -> list[NextStep]:
    reward = Reward.objects.filter(campaign=campaign, stock_count__isnull=False).first()
    if reward is None or reward.left_count is None or reward.stock_count is None:
        return []
    if reward.left_count > reward.stock_count * LOW_STOCK:
        return []
    return [NextStep(Need.STOCK, is_urgent=True, count=reward.left_count, name=reward.name)]


def _seats(groups: list[Group]) -> list[NextStep]:
    open_groups = [group for group in groups if group.state == Group.State.OPEN]
    free, capacity = sum(g.free_count for g in open_groups), sum(g.capacity for g in open_groups)
    if free > capacity * (1 - FILLING):
        return []
    return [NextStep(Need.SEATS, is_urgent=free <= capacity * 0.05, count=free)]


def _review(campaign: Campaign) -> list[NextStep]:
    waiting = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING)
    found = waiting.aggregate(count=Count("pk"), since=Min("sent_at"))
    if not found["count"]:
        return []
    minutes = int((clock.now() - found["since"]).total_seconds() // 60)
    return [NextStep(Need.REVIEW, is_urgent=minutes >= 60, count=found["count"], minutes=minutes)]


def _tasks(campaign: Campaign) -> list[NextStep]:
    count = HumanTask.objects.filter(campaign_id=campaign.id, state=HumanTask.State.OPEN).count()
    return [NextStep(Need.TASKS, is_urgent=False, count=count)] if count else []
