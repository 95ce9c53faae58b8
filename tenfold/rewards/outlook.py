"""What a campaign's rules are expected to cost, from its own numbers where it has enough of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from django.db.models import Avg, Count, F, FloatField, Q, QuerySet, Sum

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.rewards import forecast
from tenfold.rewards.books import Order
from tenfold.rewards.forecast import HIGHEST_MEAN, Expected, Offspring, Outlook, Terms
from tenfold.rewards.models import RewardRule

FEW = 200
"""Below so many participants a campaign's own unevenness says less than what others have measured."""
USUAL = Offspring(0.95, 0.18)
USUAL_TASK_SHARE = 0.5
LEAST_SIZE, MOST_SIZE = 0.05, 100.0


@dataclass(frozen=True)
class Cost:
    """A rule, and what is expected of it."""

    rule: RewardRule
    expected: Expected


def costs_of(
    campaign: Campaign, *, people: int, mean: float | None = None, size: float | None = None
) -> list[Cost]:
    """Of each rule that runs, among so many participants; `mean` and `size` where somebody knows better."""
    found = outlook_of(campaign, people=people)
    known = found.offspring
    offspring = Offspring(_within(0.0, mean, known.mean, HIGHEST_MEAN), size if size else known.size)
    outlook = Outlook(people, offspring, found.task_share, found.order_amount)
    running = RewardRule.objects.filter(campaign=campaign, replaced_at=None, stopped_at=None)
    rules = running.select_related("reward", "fallback")
    return [
        Cost(rule, forecast.expected(terms_of(rule), outlook)) for rule in rules.order_by("made_at", "pk")
    ]


def terms_of(rule: RewardRule) -> Terms:
    reward = rule.reward
    most = _least(rule.campaign_cap, reward.stock_count if reward else None)
    return Terms(
        when=rule.when,
        need=rule.need,
        places=max(0, rule.rank_to - rule.rank_from + 1) if rule.rank_from else 0,
        winners=rule.winners,
        direct=rule.direct,
        second=rule.second,
        person_cap=rule.person_cap,
        most=most,
        budget=rule.budget,
        worth=reward.amount if reward and reward.is_amount else 0,
        instead_most=_instead_most(rule, most),
    )


def _instead_most(rule: RewardRule, most: int | None) -> int | None:
    if rule.fallback is None or most is None:
        return 0
    return _least(rule.fallback.stock_count, None if rule.campaign_cap is None else rule.campaign_cap - most)


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def outlook_of(campaign: Campaign, *, people: int) -> Outlook:
    """What this campaign has shown so far, or the usual where that is too little."""
    joined = Journey.objects.filter(campaign=campaign, joined_at__isnull=False)
    told = joined.aggregate(
        count=Count("pk"),
        done=Count("pk", filter=Q(approved_at__isnull=False)),
        newcomers=Sum("board_count"),
    )
    spent = Order.objects.filter(campaign=campaign, refunded_at=None).aggregate(total=Sum("amount"))["total"]
    count = told["count"]
    return Outlook(
        people=people,
        offspring=_offspring(joined, count, told["newcomers"] or 0),
        task_share=told["done"] / count if count >= FEW else USUAL_TASK_SHARE,
        order_amount=spent / count if spent and count else None,
    )


def _offspring(joined: QuerySet[Journey], count: int, newcomers: int) -> Offspring:
    """The mean, and the size that gives the spread there is: variance = mean + mean squared / size."""
    if count < FEW or not newcomers:
        return USUAL
    mean = newcomers / count
    spread = joined.aggregate(squares=Avg(F("board_count") * F("board_count"), output_field=FloatField()))[
        "squares"
    ]
    over = spread - mean**2 - mean
    size = mean**2 / over if over > 0 else inf
    return Offspring(min(mean, HIGHEST_MEAN), _within(LEAST_SIZE, size, size, MOST_SIZE))


def _within(lowest: float, wished: float | None, known: float, highest: float) -> float:
    return max(lowest, min(known if wished is None else wished, highest))
