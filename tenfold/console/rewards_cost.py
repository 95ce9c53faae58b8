"""What the rules may cost, for a number of people."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenfold.base.money import digits_of
from tenfold.campaigns.models import Campaign
from tenfold.console.rewards_lines import amount_of, place_of, title_of
from tenfold.rewards.models import RewardRule
from tenfold.rewards.outlook import Cost, costs_of, outlook_of

PEOPLE = 1000
MOST_PEOPLE = 10_000_000
ENOUGH = 100  # of a currency's units: below that its cents are told too


@dataclass(frozen=True)
class Expected:
    title: str
    grants: float | None
    cost: str
    instead: float
    replacement: str


def forecast_of(campaign: Campaign, raw_people: str) -> dict[str, object]:
    """What the page shows: a line a rule that gives something on average, and on what it rests."""
    people = people_of(raw_people)
    outlook = outlook_of(campaign, people=people)
    costs = sorted(costs_of(campaign, people=people), key=lambda cost: place_of(cost.rule))
    found = [_line(campaign, cost) for cost in costs]
    told = _("One brings %(mean)s others on average, and a few bring most of them.")
    return {
        "people": people,
        "expected": found,
        "basis": told % {"mean": f"{outlook.offspring.mean:.2g}"},
    }


def people_of(raw: str) -> int:
    """A number somebody typed, or a thousand."""
    is_whole = raw.isascii() and raw.isdigit() and len(raw) <= 8
    return min(int(raw), MOST_PEOPLE) if is_whole and int(raw) else PEOPLE


def _line(campaign: Campaign, cost: Cost) -> Expected:
    fallback = cost.rule.fallback
    return Expected(
        title=title_of(cost.rule),
        grants=cost.expected.count,
        cost=_cost(campaign, cost),
        instead=cost.expected.instead,
        replacement=fallback.name if fallback else "",
    )


def _cost(campaign: Campaign, cost: Cost) -> str:
    figure, unit = cost.expected.cost, cost.rule.unit
    if figure is None:
        return _("unknown")
    if not unit:
        return ""
    whole = 10 ** digits_of(campaign.currency) if unit == RewardRule.Unit.MONEY else 1
    rounded = round(figure / whole) * whole if figure >= ENOUGH * whole else round(figure)
    return amount_of(rounded, unit, campaign.currency)
