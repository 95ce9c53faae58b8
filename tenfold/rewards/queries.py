"""What more than one caller asks of rewards."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.rewards.models import Reward


def reward_of(campaign: Campaign | UUID) -> Reward | None:
    campaign_id = campaign if isinstance(campaign, UUID) else campaign.id
    return Reward.objects.filter(campaign_id=campaign_id).first()


def owed(campaign_id: UUID) -> QuerySet[Journey]:
    """Those whose task is done and who have no reward yet, because there was none left: first come, first served."""
    done = Journey.objects.filter(campaign_id=campaign_id, approved_at__isnull=False, grant=None)
    return done.order_by("approved_at", "id")
