"""Rules and rewards as the pages show them: a sentence, what it gives, how much of it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenfold.base.money import percent, written
from tenfold.campaigns.models import Campaign
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule

When = RewardRule.When
Text = str | Promise


@dataclass(frozen=True)
class Kind:
    """A kind of rule as one chooses it."""

    name: str
    icon: str
    label: Text
    hint: Text


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            When.TASK.value,
            "circle-check",
            gettext_lazy("For doing the task"),
            gettext_lazy("When their screenshot is approved: the plain “forward and get it”."),
        ),
        Kind(
            When.INVITES.value,
            "users-plus",
            gettext_lazy("For bringing friends"),
            gettext_lazy("When so many friends count. Several of these make a ladder."),
        ),
        Kind(
            When.JOINED.value,
            "user-plus",
            gettext_lazy("For the newcomer too"),
            gettext_lazy(
                "When they count for whoever brought them: both sides gain."
                " Who comes by a code of yours has it at once."
            ),
        ),
        Kind(
            When.ATTENDANCE.value,
            "calendar-event",
            gettext_lazy("For checking in day by day"),
            gettext_lazy("When they have checked in on so many days: courses and habits."),
        ),
        Kind(
            When.RANK.value,
            "trophy",
            gettext_lazy("For a place on the leaderboard"),
            gettext_lazy("At the end, for those who brought the most; of equals, who was first."),
        ),
        Kind(
            When.LOTTERY.value,
            "star",
            gettext_lazy("By lot"),
            gettext_lazy("At the end, among those who qualify, with a draw that anybody can check."),
        ),
        Kind(
            When.INVITE.value,
            "tag",
            gettext_lazy("An amount for each friend"),
            gettext_lazy("Money or points for each friend who counts, and less for friends of theirs."),
        ),
        Kind(
            When.ORDER.value,
            "file-spreadsheet",
            gettext_lazy("Commission on orders"),
            gettext_lazy("A share of what their friends buy, and of what friends of those buy. No deeper."),
        ),
    )
}
ORDER = list(KINDS)
KIND_HINTS = {
    Reward.Kind.CODES: gettext_lazy("Coupon or access codes from a file: each goes to one person."),
    Reward.Kind.LINK: gettext_lazy("A page, a course or a shared folder, the same for all."),
    Reward.Kind.FILE: gettext_lazy("An e-book, a sheet, a recording: they download it."),
    Reward.Kind.TEXT: gettext_lazy("A few words, like how to reach you for it."),
    Reward.Kind.KEEPSAKE: gettext_lazy("Drawn with their name and a number that can be verified."),
    Reward.Kind.PHYSICAL: gettext_lazy("They type an address; you get a list to send from."),
    Reward.Kind.MONEY: gettext_lazy("Gathers on a balance and is paid out with a list."),
    Reward.Kind.POINTS: gettext_lazy("Gather on a balance that only this campaign knows."),
}


def kind_cards() -> list[tuple[str, Text, Text]]:
    return [(kind.value, kind.label, hint) for kind, hint in KIND_HINTS.items()]


@dataclass(frozen=True)
class Line:
    """A rule in a list. `percent` is how much of its cap or budget is used, None without one; of what it has given
    `replaced` were the replacement."""

    rule: RewardRule
    icon: str
    title: str
    gives: str
    instead: str
    use: str
    replaced: int
    percent: int | None
    waiting: int
    mark: Text
    tone: str

    @property
    def is_step(self) -> bool:
        return self.rule.when == When.INVITES

    @property
    def limits(self) -> list[tuple[Text, int]]:
        """What bounds it, named as in the form."""
        rule = self.rule
        named = [
            (_("At most so many a person"), rule.person_cap),
            (_("At most so many in all"), rule.campaign_cap),
        ]
        return [(label, bound) for label, bound in named if bound is not None]

    @property
    def is_stopped(self) -> bool:
        return self.rule.stopped_at is not None

    @property
    def is_paid(self) -> bool:
        return self.rule.when in (When.INVITE, When.ORDER)


def lines_of(campaign: Campaign, rules: Iterable[RewardRule]) -> list[Line]:
    """In the order in which one meets them: the task, the ladder from below, what is paid, what comes at the end."""
    found = sorted(rules, key=place_of)
    counted = counted_of(campaign)
    return [line_of(rule, campaign.currency, counted) for rule in found]


def place_of(rule: RewardRule) -> tuple[int, int, int, UUID]:
    return ORDER.index(rule.when), rule.need, rule.rank_from, rule.pk


@dataclass(frozen=True)
class Counted:
    """By the line of their rule: how many have earned something of which there was none, and how many were given the
    replacement."""

    waiting: Mapping[UUID, int] = field(default_factory=dict)
    replaced: Mapping[UUID, int] = field(default_factory=dict)


def counted_of(campaign: Campaign) -> Counted:
    replacing = RewardRule.objects.filter(campaign=campaign, fallback__isnull=False)
    instead = Grant.objects.filter(was_fallback=True, reward__in=replacing.values("fallback"))
    return Counted(
        waiting=_by_line(Debt.objects.filter(campaign=campaign)),
        replaced=_by_line(instead.exclude(state=Grant.State.EXPIRED)),
    )


def _by_line(rows: QuerySet[Any]) -> dict[UUID, int]:
    counted = rows.order_by().values("line").annotate(count=Count("pk"))
    return {row["line"]: row["count"] for row in counted}


def line_of(rule: RewardRule, currency: str, counted: Counted) -> Line:
    mark, tone = _mark(rule)
    is_old = rule.replaced_at is not None
    return Line(
        rule=rule,
        icon=KINDS[rule.when].icon,
        title=title_of(rule),
        gives=gives_of(rule, currency),
        instead=_("then %(reward)s") % {"reward": rule.fallback.name} if rule.fallback else "",
        use=_use(rule, currency),
        replaced=0 if is_old else counted.replaced.get(rule.line, 0),
        percent=_used_percent(rule),
        waiting=0 if is_old else counted.waiting.get(rule.line, 0),
        mark=mark,
        tone=tone,
    )


def title_of(rule: RewardRule) -> str:
    need = rule.need
    if rule.when == When.INVITES:
        return ngettext("For %(n)s friend who counts", "For %(n)s friends who count", need) % {"n": need}
    if rule.when == When.ATTENDANCE:
        return ngettext("For checking in on %(n)s day", "For checking in on %(n)s days", need) % {"n": need}
    if rule.when == When.RANK:
        return _places(rule)
    if rule.when == When.LOTTERY:
        told = ngettext("By lot to %(n)s winner", "By lot to %(n)s winners", rule.winners)
        return told % {"n": rule.winners}
    return str(KINDS[rule.when].label)


def _places(rule: RewardRule) -> str:
    if rule.rank_from == rule.rank_to:
        return _("For place %(n)s at the end") % {"n": rule.rank_from}
    return _("For places %(first)s to %(last)s at the end") % {"first": rule.rank_from, "last": rule.rank_to}


def gives_of(rule: RewardRule, currency: str) -> str:
    if rule.reward is not None:
        return rule.reward.name
    first, second = (_worth(rule, figure, currency) for figure in (rule.direct, rule.second))
    if not rule.second:
        return _("%(first)s to the inviter") % {"first": first}
    return _("%(first)s to the inviter, %(second)s to the one above") % {"first": first, "second": second}


def _worth(rule: RewardRule, figure: int, currency: str) -> str:
    return percent(figure) if rule.when == When.ORDER else amount_of(figure, rule.unit, currency)


def amount_of(figure: int, unit: str, currency: str) -> str:
    """An amount of the ledger as a person reads it."""
    if unit == RewardRule.Unit.MONEY:
        return written(figure, currency)
    if unit == RewardRule.Unit.POINTS:
        return ngettext("%(n)s point", "%(n)s points", figure) % {"n": f"{figure:,}"}
    return f"{figure:,}"


def _use(rule: RewardRule, currency: str) -> str:
    if rule.budget is not None:
        spent, budget = (amount_of(each, rule.unit, currency) for each in (rule.spent, rule.budget))
        return _("%(spent)s of %(budget)s used") % {"spent": spent, "budget": budget}
    if rule.campaign_cap is not None:
        return _("%(n)s of %(most)s given") % {"n": rule.used_count, "most": rule.campaign_cap}
    if rule.reward is None:
        spent = amount_of(rule.spent, rule.unit, currency)
        return _("%(spent)s earned so far") % {"spent": spent}
    return ngettext("%(n)s given", "%(n)s given", rule.used_count) % {"n": rule.used_count}


def _used_percent(rule: RewardRule) -> int | None:
    """The tighter of its two bounds."""
    bounds = [(rule.spent, rule.budget), (rule.used_count, rule.campaign_cap)]
    shares = [100 * used // most for used, most in bounds if most]
    return max(shares, default=None)


def _mark(rule: RewardRule) -> tuple[Text, str]:
    if rule.replaced_at is not None:
        return gettext_lazy("changed since"), ""
    if rule.stopped_at is not None:
        return rule.get_stop_display() or gettext_lazy("stopped"), "warn"
    if rule.reward is not None and rule.reward.left_count == 0 and rule.fallback is None:
        return gettext_lazy("none left"), "bad"
    return "", ""


@dataclass(frozen=True)
class Item:
    """A reward of the catalogue."""

    reward: Reward
    worth: str
    mark: Text
    tone: str
    left_percent: int
    is_low: bool

    @property
    def is_retired(self) -> bool:
        return self.reward.state == Reward.State.RETIRED


def item_of(reward: Reward, currency: str) -> Item:
    left, stock = reward.left_count, reward.stock_count
    is_low = left is not None and left < (reward.warn_below or 1)
    mark, tone = _standing(reward, is_low=is_low)
    return Item(
        reward=reward,
        worth=amount_of(reward.amount, reward.kind, currency) if reward.is_amount else "",
        mark=mark,
        tone=tone,
        left_percent=round(100 * (left or 0) / stock) if stock else 0,
        is_low=is_low,
    )


def _standing(reward: Reward, *, is_low: bool) -> tuple[Text, str]:
    if reward.state == Reward.State.RETIRED:
        return gettext_lazy("given no more"), ""
    if reward.left_count == 0:
        return gettext_lazy("none left"), "bad"
    return (gettext_lazy("few left"), "warn") if is_low else ("", "")
