"""What wants doing in a campaign now, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count, Min

from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import tally_of
from tenfold.groups import rules
from tenfold.groups.models import Group, Waiting
from tenfold.groups.queries import with_leases_apart
from tenfold.mailroom.models import HumanTask
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Reward
from tenfold.rewards.queries import rules_of

LOW_STOCK_PERCENT = 10
LAST_SEATS_PERCENT = 5
LONG_WAIT = timedelta(hours=1)


class Need(StrEnum):
    LAUNCH = "launch"
    SEEDS = "seeds"
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
    groups = with_leases_apart(Group.objects.filter(campaign=campaign).exclude(state=Group.State.CLOSED))
    line = _line(campaign)  # whoever waits in line says already that no seat is free
    found = [
        *line,
        *_expiring(groups),
        *_stock(campaign),
        *([] if line else _seats(groups)),
        *_review(campaign),
        *_tasks(campaign),
    ]
    if campaign.state == Campaign.State.PAUSED:
        found.insert(0, NextStep(Need.RESUME, is_urgent=True))
    if campaign.state == Campaign.State.ENDED:
        found = [step for step in found if step.need in (Need.REVIEW, Need.TASKS)]
    elif not found:
        found = _seeds(campaign)
    return sorted(found, key=lambda step: not step.is_urgent)


def _seeds(campaign: Campaign) -> list[NextStep]:
    """A campaign nobody has scanned yet does not run by itself: its first posters have to go out."""
    return [] if tally_of(campaign.id).scan_count else [NextStep(Need.SEEDS, is_urgent=False)]


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
        if group.state == Group.State.OPEN and group.qr_expires_at and rules.qr_ends_soon(group, now)
    ]


def _stock(campaign: Campaign) -> list[NextStep]:
    """What rules still give, and of which little is left: the one with the least of it."""
    rules_now = rules_of(campaign).filter(stopped_at=None, reward__stock_count__isnull=False)
    low = [rule.reward for rule in rules_now if rule.reward and _is_low(rule.reward)]
    if not low:
        return []
    reward = min(low, key=lambda each: each.left_count or 0)
    return [NextStep(Need.STOCK, is_urgent=True, count=reward.left_count or 0, name=reward.name)]


def _is_low(reward: Reward) -> bool:
    """By the operator's own number, else by a share of the stock."""
    left, stock = reward.left_count or 0, reward.stock_count or 0
    if reward.warn_below is not None:
        return left < reward.warn_below
    return left * 100 <= stock * LOW_STOCK_PERCENT


def _seats(groups: list[Group]) -> list[NextStep]:
    """All groups that newcomers can be sent to, together: one full group among open ones is no trouble."""
    usable = [group for group in groups if rules.is_showable(group, clock.now())]
    free, capacity = sum(group.free_count for group in usable), sum(group.capacity for group in usable)
    if free * 100 > capacity * (100 - rules.FILL_WARNING_PERCENT):
        return []
    return [NextStep(Need.SEATS, is_urgent=free * 100 <= capacity * LAST_SEATS_PERCENT, count=free)]


def _review(campaign: Campaign) -> list[NextStep]:
    waiting = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING)
    found = waiting.aggregate(count=Count("pk"), since=Min("sent_at"))
    if not found["count"]:
        return []
    waited = clock.now() - found["since"]
    minutes = int(waited.total_seconds() // 60)
    return [NextStep(Need.REVIEW, is_urgent=waited >= LONG_WAIT, count=found["count"], minutes=minutes)]


def _tasks(campaign: Campaign) -> list[NextStep]:
    count = HumanTask.objects.filter(campaign_id=campaign.id, state=HumanTask.State.OPEN).count()
    return [NextStep(Need.TASKS, is_urgent=False, count=count)] if count else []
