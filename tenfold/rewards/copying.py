"""The catalogue and the rules of one campaign for another, without what was used up of them."""

from __future__ import annotations

from uuid import UUID

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.rewards.actions import add_reward
from tenfold.rewards.models import Reward, RewardFile, RewardRule
from tenfold.rewards.queries import rewards_of, rules_of
from tenfold.rewards.ruling import FIELDS, make_rule


@step
def copy_rewards(*, source: Campaign, to: Campaign, operator: Operator) -> None:
    """Stocks begin empty, or without a limit where they had none; rules that were stopped by hand stay behind."""
    copies = {reward.pk: _copy(reward, to, operator) for reward in rewards_of(source)}
    for rule in rules_of(source):
        needed = [each for each in (rule.reward_id, rule.fallback_id) if each]
        if rule.stop != RewardRule.Stop.OPERATOR and all(each in copies for each in needed):
            _copy_rule(rule, to, copies, operator)


def _copy(reward: Reward, to: Campaign, operator: Operator) -> Reward:
    copy = add_reward(
        campaign=to,
        kind=reward.kind,
        name=reward.name,
        operator=operator,
        text=reward.text,
        amount=reward.amount,
        stock_count=None if reward.stock_count is None else 0,
        warn_below=reward.warn_below,
        claim_hours=reward.claim_hours,
    )
    if file := RewardFile.objects.filter(reward=reward).first():
        file.pk, file.reward, file.added_at = new_id(), copy, clock.now()
        file.save(force_insert=True)
    return copy


def _copy_rule(rule: RewardRule, to: Campaign, copies: dict[UUID, Reward], operator: Operator) -> None:
    fields = {name: getattr(rule, name) for name in FIELDS if name not in ("reward", "fallback")}
    reward = copies[rule.reward_id] if rule.reward_id else None
    fallback = copies[rule.fallback_id] if rule.fallback_id else None
    make_rule(campaign=to, operator=operator, when=rule.when, reward=reward, fallback=fallback, **fields)
