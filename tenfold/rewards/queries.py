"""What more than one caller asks of rewards."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.rewards.models import Reward


def reward_of(campaign: Campaign | UUID) -> Reward | None:
    campaign_id = campaign if isinstance(campaign, UUID) else campaign.id
    return Reward.objects.filter(campaign_id=campaign_id).first()


def owed(campaign_id: UUID | OuterRef) -> QuerySet[Journey]:
    """Those whose task is done and who have no reward yet, because there was none left: first come, first served."""
    unpaid = Journey.objects.filter(campaign_id=campaign_id, approved_at__isnull=False, rewarded_at=None)
    return unpaid.select_related("campaign", "person", "group").order_by("approved_at", "id")


def payable() -> QuerySet[Reward]:
    """Rewards that are owed to somebody and of which there is some again."""
    is_left = Q(stock_count=None) | Q(stock_count__gt=F("granted_count"))
    return Reward.objects.filter(is_left, Exists(owed(OuterRef("campaign_id"))))
