"""What a platform or the law forbids of a plan: a table of levers and places, each line with its source and year; and
what a plan promises that its own numbers do not hold.

It warns and never stops anybody: rules change, and there are permits that we know nothing of. Read in 2025.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.campaigns.models import Campaign
from tenfold.flow.playbooks import Playbook
from tenfold.groups.models import Group
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.queries import rules_of

When, Kind, Unit = RewardRule.When, Reward.Kind, RewardRule.Unit
FOR_FRIENDS = {When.INVITES, When.INVITE, When.RANK}
Sentence = str | Promise


class Level(StrEnum):
    FORBIDDEN = "forbidden"
    CAREFUL = "careful"


@dataclass(frozen=True)
class Warning:  # noqa: A001 - nothing here warns as Python does
    code: str
    level: Level
    text: Sentence
    source: Sentence


@dataclass(frozen=True)
class Levers:
    """What of a plan the table asks for."""

    platforms: frozenset[str]
    whens: frozenset[str]
    kinds: frozenset[str]
    units: frozenset[str]
    is_two_level: bool
    is_draw_for_friends: bool
    is_in_yuan: bool
    is_board_with_names: bool
    is_short: bool

    @property
    def is_on_wechat(self) -> bool:
        return Group.Platform.WECHAT_GROUP in self.platforms

    @property
    def is_in_china(self) -> bool:
        return self.is_on_wechat or self.is_in_yuan


_CONTENT = _("WeChat, Rules for external links (微信外部链接内容管理规范), October 2019")
_PROMOTION = _("SAMR, Provisional rules on promotions (规范促销行为暂行规定), in force since December 2020")
_DISTRIBUTION = _("WeChat Official Accounts, notices on illegal distribution, 2015 and 2016")
_PYRAMID = _("State Council, Regulations against pyramid selling (禁止传销条例), 2005, article 7")
_GIFTS = _("Ministry of Finance and Tax Administration, Announcement 74 of 2019")
_PRIVACY = _("Personal Information Protection Law (个人信息保护法), in force since November 2021")
_NUMBERS = _("The numbers of this plan")

TABLE: tuple[tuple[Callable[[Levers], bool], Warning], ...] = (
    (
        lambda plan: plan.is_on_wechat and When.TASK in plan.whens,
        Warning(
            "share_for_reward",
            Level.FORBIDDEN,
            _(
                "WeChat forbids rewards for sharing links to Moments or groups: it may block your address. Reward what "
                "people do with you instead, or ask for sharing without a reward."
            ),
            _CONTENT,
        ),
    ),
    (
        lambda plan: plan.is_on_wechat and bool(FOR_FRIENDS & plan.whens),
        Warning(
            "friends_for_reward",
            Level.FORBIDDEN,
            _(
                "WeChat forbids tasks like “bring N friends” and friends' help with links that lead outside. It acts "
                "on complaints: invite people who know you, and stop when they complain."
            ),
            _CONTENT,
        ),
    ),
    (
        lambda plan: plan.is_on_wechat and plan.is_draw_for_friends,
        Warning(
            "sharing_for_chance",
            Level.FORBIDDEN,
            _(
                "WeChat forbids draws in which sharing gives a chance to win. Let those take part who have joined."
            ),
            _CONTENT,
        ),
    ),
    (
        lambda plan: plan.is_on_wechat and When.ATTENDANCE in plan.whens,
        Warning(
            "check_in_to_share",
            Level.CAREFUL,
            _("Check-ins are fine; on WeChat never make sharing a part of them."),
            _CONTENT,
        ),
    ),
    (
        lambda plan: plan.is_on_wechat and plan.is_two_level,
        Warning(
            "second_level_on_wechat",
            Level.FORBIDDEN,
            _(
                "WeChat closes accounts for commission by what those below you bring in. Its security team has called "
                "two levels, yourself included, the limit; set the level above to 0 to be safe."
            ),
            _DISTRIBUTION,
        ),
    ),
    (
        lambda plan: plan.is_in_china and (plan.is_two_level or When.ORDER in plan.whens),
        Warning(
            "no_entry_fee",
            Level.CAREFUL,
            _(
                "Nobody may have to pay or buy anything to take part, and nothing may be paid for recruiting alone: "
                "that is pyramid selling. Two levels at most; we count no further."
            ),
            _PYRAMID,
        ),
    ),
    (
        lambda plan: plan.is_in_china and When.LOTTERY in plan.whens,
        Warning(
            "draw_limit",
            Level.CAREFUL,
            _(
                "No prize of a draw may be worth more than 50,000 yuan. Say before it begins what there is to win, how "
                "many or with which odds, when it is drawn and how; change nothing afterwards, keep the records for "
                "two years. The page of the draw and the ledger do that for you."
            ),
            _PROMOTION,
        ),
    ),
    (
        lambda plan: (
            plan.is_in_china and bool({Kind.MONEY, Kind.PHYSICAL} & plan.kinds or Unit.MONEY in plan.units)
        ),
        Warning(
            "tax_on_gifts",
            Level.CAREFUL,
            _(
                "Money and gifts to people outside your company can be their taxable income, which you withhold; "
                "vouchers and discounts are not. Ask your accountant before you pay out."
            ),
            _GIFTS,
        ),
    ),
    (
        lambda plan: plan.is_in_china and Kind.PHYSICAL in plan.kinds,
        Warning(
            "addresses",
            Level.CAREFUL,
            _(
                "Ask for addresses only of those who have earned something, and delete them once it has arrived."
            ),
            _PRIVACY,
        ),
    ),
    (
        lambda plan: plan.is_in_china and plan.is_board_with_names,
        Warning(
            "names_in_public",
            Level.CAREFUL,
            _(
                "A public leaderboard with whole names needs consent to just that. Show the first character only."
            ),
            _PRIVACY,
        ),
    ),
    (
        lambda plan: plan.is_short,
        Warning(
            "stock_short",
            Level.CAREFUL,
            _(
                "More places or winners are promised a reward than there are of it. Those for whom none is left get "
                "theirs once you have added to the stock."
            ),
            _NUMBERS,
        ),
    ),
)


def of_levers(plan: Levers) -> list[Warning]:
    found = [warning for applies, warning in TABLE if applies(plan)]
    return sorted(found, key=lambda one: one.level != Level.FORBIDDEN)


def warnings_of(campaign: Campaign) -> list[Warning]:
    """Of a campaign as it is now, the forbidden first."""
    rules = list(rules_of(campaign))
    platforms = campaign.groups.values_list("platform", flat=True)
    return of_levers(_levers(campaign, rules, platforms))


def warnings_about(playbook: Playbook) -> list[Warning]:
    """Of a file, wherever it may be put to use: no group is known yet, and any may be one of WeChat's."""
    campaign = Campaign(**{name: playbook.plan[name] for name in _ASKED if name in playbook.plan})
    rewards = {
        row["key"]: Reward(kind=row["kind"], stock_count=row.get("stock_count"))
        for _place, row in playbook.rewards
    }
    rules = [
        RewardRule(
            when=row["when"],
            need=row.get("need", 0),
            rank_from=row.get("rank_from", 0),
            rank_to=row.get("rank_to", 0),
            winners=row.get("winners", 0),
            second=row.get("second", 0),
            unit=row.get("unit", ""),
            reward=rewards.get(row.get("reward", "")),
            fallback=rewards.get(row.get("fallback", "")),
        )
        for _place, row in playbook.rules
    ]
    return of_levers(_levers(campaign, rules, Group.Platform.values))


_ASKED = ("currency", "board", "board_names")


def _levers(campaign: Campaign, rules: Iterable[RewardRule], platforms: Iterable[str]) -> Levers:
    rules = list(rules)
    given = [reward.kind for rule in rules for reward in (rule.reward, rule.fallback) if reward]
    is_public = campaign.board == Campaign.Board.PUBLIC
    return Levers(
        platforms=frozenset(platforms),
        whens=frozenset(rule.when for rule in rules),
        kinds=frozenset(given),
        units=frozenset(rule.unit for rule in rules),
        is_two_level=any(rule.second for rule in rules),
        is_draw_for_friends=any(rule.when == When.LOTTERY and rule.need for rule in rules),
        is_in_yuan=campaign.currency == "CNY",
        is_board_with_names=is_public and campaign.board_names == Campaign.BoardNames.FULL,
        is_short=_is_short(rules),
    )


def _is_short(rules: Iterable[RewardRule]) -> bool:
    """Whether places and winners are more than the stock of what they are promised; codes come with an upload."""
    promised: Counter[Reward] = Counter()
    for rule in rules:
        reward = rule.reward
        is_counted = reward is not None and reward.stock_count is not None and reward.kind != Kind.CODES
        if reward and is_counted and rule.fallback is None and rule.stopped_at is None:
            promised[reward] += rule.winners + (rule.rank_to - rule.rank_from + 1 if rule.rank_from else 0)
    return any(count > (reward.stock_count or 0) for reward, count in promised.items())
