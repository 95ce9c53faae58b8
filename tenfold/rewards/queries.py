"""What more than one caller asks of rewards."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q, QuerySet

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.rewards.models import Reward


def reward_of(campaign: Campaign | UUID) -> Reward | None:
    campaign_id = campaign if isinstance(campaign, UUID) else campaign.id
    return Reward.objects.filter(campaign_id=campaign_id).first()


def owed(campaign_id: UUID) -> QuerySet[Journey]:
    """Those whose task is done and who have no reward yet, because there was none left: first come, first served."""
    return _unpaid().filter(campaign_id=campaign_id)


def payable() -> QuerySet[Journey]:
    """Those of all campaigns who are owed a reward of which there is some again."""
    reward = "campaign__reward"
    is_left = Q(**{f"{reward}__stock_count": None}) | Q(
        **{f"{reward}__stock_count__gt": F(f"{reward}__granted_count")}
    )
    found = _unpaid().filter(is_left, campaign__reward__isnull=False)
    return found.select_related("campaign", "person", "group")


def _unpaid() -> QuerySet[Journey]:
    return Journey.objects.filter(approved_at__isnull=False, grant=None).order_by("approved_at", "id")
