"""What else can be earned, by which rule, and how the reader stands by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenfold.base.money import percent, written
from tenfold.campaigns.models import Campaign
from tenfold.people.board import Place, place_of
from tenfold.people.models import Journey
from tenfold.rewards.books import Balance, Draw, Unit
from tenfold.rewards.models import RewardRule
from tenfold.web.ladder import friends

When = RewardRule.When


@dataclass(frozen=True)
class Way:
    """One rule in words, a sentence a line; `own` is where the reader stands, `address` leads to more."""

    icon: str
    title: str
    lines: list[str]
    own: str = ""
    address: str = ""
    link: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class Shown:
    """Whose page it is, and what was looked up for it."""

    journey: Journey
    place: Place | None
    draws: dict[object, Draw]
    won: frozenset[object] = frozenset()
    """The lines of the rules by which they were given something."""


@dataclass(frozen=True)
class Held:
    """Points or money, as a line of its own."""

    icon: str
    label: str
    text: str


@dataclass(frozen=True)
class BoardLink:
    address: str
    own: str


def ways_of(rules: Sequence[RewardRule], shown: Shown) -> list[Way]:
    """All rules but those for the task, for friends by number and for days, which have places of their own."""
    return [HOW[rule.when](rule, shown) for rule in rules if rule.when in HOW]


def has_board(campaign: Campaign) -> bool:
    return campaign.board != Campaign.Board.OFF


def own_place(journey: Journey) -> Place | None:
    return place_of(journey) if has_board(journey.campaign) else None


def board_of(journey: Journey, place: Place | None) -> BoardLink | None:
    if not has_board(journey.campaign):
        return None
    own = "" if journey.person.blocked_at else place_text(place)
    return BoardLink(reverse("web:board", args=[journey.campaign_id]), own)


def place_text(place: Place | None) -> str:
    if place is None:
        return _("You are on it with your first friend who counts.")
    return _("Your place: %(place)s of %(of)s") % {"place": place.number, "of": place.of}


def balances_of(balances: Iterable[Balance], campaign: Campaign) -> list[Held]:
    return [
        Held("star", _("My points"), str(held.amount))
        if held.unit == Unit.POINTS
        else Held("tag", _("My money"), written(held.amount, campaign.currency))
        for held in balances
    ]


def amount_text(amount: int, unit: str, currency: str) -> str:
    if unit == Unit.MONEY:
        return written(amount, currency)
    return ngettext("%(count)s point", "%(count)s points", amount) % {"count": amount}


# --- each rule in words ---------------------------------------------------------------------------------------


def _joined(rule: RewardRule, _shown: Shown) -> Way:
    hours = rule.campaign.stay_hours
    stayed = ngettext(
        "Yours once you have stayed for %(hours)s hour.",
        "Yours once you have stayed for %(hours)s hours.",
        hours,
    )
    text = {
        Campaign.CreditWhen.JOINED: _("Yours for joining by a friend's code."),
        Campaign.CreditWhen.APPROVED: _("Yours once your own screenshot is approved."),
        Campaign.CreditWhen.STAYED: stayed % {"hours": hours},
        Campaign.CreditWhen.ORDERED: _("Yours with your first order."),
    }[Campaign.CreditWhen(rule.campaign.credit_when)]
    return _way(rule, "user-plus", _name(rule), [text])


def _rank(rule: RewardRule, shown: Shown) -> Way:
    if rule.rank_from == rule.rank_to:
        text = _("For place %(place)s on the leaderboard at the end.") % {"place": rule.rank_from}
    else:
        places = {"first": rule.rank_from, "last": rule.rank_to}
        text = _("For places %(first)s to %(last)s on the leaderboard at the end.") % places
    least = [_("At least %(friends)s.") % {"friends": friends(rule.need)}] if rule.need else []
    return _way(rule, "trophy", _name(rule), [text, *least], own=_own_rank(rule, shown))


def _own_rank(rule: RewardRule, shown: Shown) -> str:
    """Where they stand; once the places are given, whether that was enough. Who stands on one waits for the worker."""
    if rule.line in shown.won:
        return _("You have won it.")
    if not has_board(rule.campaign):
        return ""
    place = shown.place
    is_in = place and rule.rank_from <= place.number <= rule.rank_to and place.count >= rule.need
    if rule.settled_at is None or is_in:
        return place_text(place)
    missed = _("You have not won it.")
    return f"{place_text(place)} {missed}" if place else missed


def _lottery(rule: RewardRule, shown: Shown) -> Way:
    drawn = ngettext("%(count)s is drawn at the end.", "%(count)s are drawn at the end.", rule.winners)
    who = (
        _("Everyone with %(friends)s takes part.") % {"friends": friends(rule.need)}
        if rule.need
        else _("Everyone who has done the task takes part.")
    )
    draw = shown.draws.get(rule.line)
    is_over = draw is not None and draw.drawn_at is not None
    return _way(
        rule,
        "star",
        _name(rule),
        [_("This was drawn. Whoever has won finds it among their rewards.")]
        if is_over
        else [drawn % {"count": rule.winners}, who],
        own="" if is_over else _entry(rule, shown.journey),
        address=reverse("web:draw", args=[draw.id]) if draw else "",
        link=_("The draw, the odds, and how to check it"),
    )


def _entry(rule: RewardRule, journey: Journey) -> str:
    is_in = journey.valid_count >= rule.need if rule.need else journey.approved_at is not None
    return _("You take part.") if is_in else _("You do not take part yet.")


def _invite(rule: RewardRule, _shown: Shown) -> Way:
    currency = rule.campaign.currency
    lines = [_("For each friend who counts.")]
    if rule.second:
        more = {"amount": amount_text(rule.second, rule.unit, currency)}
        lines.append(_("And %(amount)s for each friend of theirs.") % more)
    if rule.person_cap:
        lines.append(_("For at most %(friends)s.") % {"friends": friends(rule.person_cap)})
    return _way(rule, "users-plus", amount_text(rule.direct, rule.unit, currency), lines)


def _order(rule: RewardRule, _shown: Shown) -> Way:
    title = _("%(percent)s of what your friends order") % {"percent": percent(rule.direct)}
    lines = [_("Taken back where an order is refunded.")]
    if rule.second:
        lines.insert(0, _("And %(percent)s of what their friends order.") % {"percent": percent(rule.second)})
    if rule.person_cap:
        capped = ngettext("For at most %(count)s order.", "For at most %(count)s orders.", rule.person_cap)
        lines.append(capped % {"count": rule.person_cap})
    return _way(rule, "tag", title, lines)


def _name(rule: RewardRule) -> str:
    return rule.reward.name if rule.reward else ""


def _way(rule: RewardRule, icon: str, title: str, lines: list[str], **more: str) -> Way:
    return Way(icon, title, lines, is_over=rule.stopped_at is not None, **more)


HOW: dict[str, Callable[[RewardRule, Shown], Way]] = {
    When.JOINED: _joined,
    When.RANK: _rank,
    When.LOTTERY: _lottery,
    When.INVITE: _invite,
    When.ORDER: _order,
}
