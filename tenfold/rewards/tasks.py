"""Whether a campaign asks its participants for anything beside inviting: the task, and a screenshot that shows it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from tenfold.campaigns.models import Campaign
from tenfold.rewards.models import RewardRule

When = RewardRule.When
APPROVED = Campaign.CreditWhen.APPROVED


def has_task(campaign: Campaign, rules: Iterable[RewardRule]) -> bool:
    """By the `rules` that hold. Who counts once their screenshot is approved is asked for one, and where nothing is to
    be earned there is the task."""
    kept = list(rules)
    return not kept or campaign.credit_when == APPROVED or any(_is_for_task(rule) for rule in kept)


def _is_for_task(rule: RewardRule) -> bool:
    return rule.when == When.TASK or (rule.when == When.LOTTERY and not rule.need)


def asks_for_task() -> Q:
    """As `has_task`, for rows that belong to a campaign."""
    rules = RewardRule.objects.filter(campaign_id=OuterRef("campaign_id"), replaced_at=None)
    for_task = rules.filter(Q(when=When.TASK) | Q(when=When.LOTTERY, need=0))
    return Q(campaign__credit_when=APPROVED) | Q(Exists(for_task)) | ~Q(Exists(rules))
