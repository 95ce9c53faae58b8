"""The forms of rewards and of the rules by which they are given. They check shape; the rooms' actions decide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tenfold.base.keys import read_id
from tenfold.console.figures import MONEY, PERCENT, POINTS, Figures, figure_field, figure_text
from tenfold.rewards.models import Reward, RewardRule

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

When = RewardRule.When
Kind = Reward.Kind
MOST = 10_000_000
LONGEST_HOURS = 366 * 24
PAYS = (When.INVITE, When.ORDER)
Choices = Sequence[tuple[str, Any]]


def _count(label: str | _StrPromise, help_text: str | _StrPromise = "", *, most: int = MOST) -> Any:
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=0, max_value=most
    )  # fmt: skip


# What each kind of reward asks for beside its name and its text.
ASKED_OF_KIND: dict[str, tuple[str, ...]] = {
    Kind.CODES: ("warn_below", "claim_hours"),
    Kind.TEXT: ("stock_count", "warn_below", "claim_hours"),
    Kind.LINK: ("stock_count", "warn_below", "claim_hours"),
    Kind.FILE: ("stock_count", "warn_below", "claim_hours"),
    Kind.KEEPSAKE: ("edition", "stock_count", "warn_below", "claim_hours"),
    Kind.PHYSICAL: ("stock_count", "warn_below", "claim_hours"),
    Kind.MONEY: ("amount", "stock_count", "warn_below"),
    Kind.POINTS: ("amount", "stock_count", "warn_below"),
}
TEXT_OF_KIND = {
    Kind.CODES: _("How to use the code"),
    Kind.TEXT: _("The text they get"),
    Kind.LINK: _("The link they get"),
    Kind.FILE: _("A line beside the file"),
    Kind.KEEPSAKE: _("A line beside it"),
    Kind.PHYSICAL: _("What it is"),
    Kind.MONEY: _("How it is paid"),
    Kind.POINTS: _("What points are good for"),
}


class RewardForm(Figures):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("As the words call it: {reward}."),
    )
    text = forms.CharField(max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    amount = figure_field(_("How much"))
    edition = forms.ChoiceField(label=_("Which keepsake"), required=False)
    stock_count = _count(_("How many there are"), _("Empty: no limit."))
    warn_below = _count(_("Warn when fewer are left than"), _("Empty: only when none is left."))
    claim_hours = _count(
        _("Goes back when unclaimed for"),
        _("Hours. Empty: it is theirs for good, without claiming."),
        most=LONGEST_HOURS,
    )

    def __init__(self, *args: Any, kind: str, editions: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.asked = ASKED_OF_KIND[kind]
        for name in {"amount", "edition", "stock_count", "warn_below", "claim_hours"} - {*self.asked}:
            del self.fields[name]
        self.fields["text"].label = TEXT_OF_KIND[Kind(kind)]
        if "edition" in self.asked:
            _offer(self.fields["edition"], editions)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "amount" in self.asked:
            found["amount"] = self.read("amount", unit=self.kind)
        return found

    @property
    def settings(self) -> dict[str, Any]:
        """What the action takes: every setting, empty where this kind has none."""
        names = ("name", "text", "amount", "stock_count", "warn_below", "claim_hours")
        return {name: self.cleaned_data.get(name) for name in names} | {
            "amount": self.cleaned_data.get("amount") or 0
        }

    @property
    def edition_id(self) -> UUID | None:
        return read_id(self.cleaned_data.get("edition"))


def _offer(field: forms.Field, choices: Choices) -> None:
    """Django's stubs know of no field that all with choices have in common."""
    cast(Any, field).choices = choices


# What each rule asks for.
GIVES_A_REWARD = ("reward", "campaign_cap", "fallback")
ASKED_OF_RULE: dict[str, tuple[str, ...]] = {
    When.TASK: GIVES_A_REWARD,
    When.INVITES: ("need", *GIVES_A_REWARD),
    When.JOINED: GIVES_A_REWARD,
    When.ATTENDANCE: ("need", *GIVES_A_REWARD),
    When.RANK: ("rank_from", "rank_to", "need", *GIVES_A_REWARD),
    When.LOTTERY: ("winners", "need", "public_source", *GIVES_A_REWARD),
    When.INVITE: ("unit", "direct", "second", "person_cap", "campaign_cap", "budget"),
    When.ORDER: ("direct", "second", "person_cap", "campaign_cap", "budget"),
}
NEED_LABELS = {
    When.INVITES: _("Friends who count"),
    When.ATTENDANCE: _("Days with a check-in"),
    When.RANK: _("At least so many friends who count"),
    When.LOTTERY: _("At least so many friends who count"),
}
NEED_HINTS = {
    When.RANK: _("Whoever has fewer is not placed, however few take part."),
    When.LOTTERY: _("0: everyone whose task is done takes part."),
}
COUNTS = ("need", "rank_from", "rank_to", "winners", "direct", "second")
LIMITS = ("person_cap", "campaign_cap", "budget")
FIRST: dict[str, dict[str, object]] = {
    When.INVITES: {"need": 3},
    When.ATTENDANCE: {"need": 7},
    When.RANK: {"rank_from": 1, "rank_to": 3},
}
FIRST |= {When.LOTTERY: {"winners": 10, "need": 0}, When.INVITE: {"unit": "money"}}


class RuleForm(Figures):
    """The settings of a rule of the kind `when`; `rewards` are what it may give."""

    need = _count(_("How many"), most=100_000)
    rank_from = _count(_("From place"), most=100_000)
    rank_to = _count(_("To place"), most=100_000)
    winners = _count(_("Winners"), most=100_000)
    public_source = forms.CharField(
        label=_("A public number to mix in"),
        max_length=200,
        required=False,
        help_text=_(
            "Say now which one it will be, like “the closing index of 3 July”: then not even you can know the result"
            " beforehand. Empty: the draw runs by itself at the end."
        ),
    )
    reward = forms.ChoiceField(label=_("Gives"))
    fallback = forms.ChoiceField(
        label=_("When none is left"),
        required=False,
        help_text=_("Given instead, so that nobody goes empty-handed."),
    )
    unit = forms.ChoiceField(label=_("Paid in"), choices=[(MONEY, _("money")), (POINTS, _("points"))])
    direct = figure_field(_("To the inviter"))
    second = figure_field(_("To the one above the inviter"), _("Empty: nothing. There is no third level."))
    person_cap = _count(_("At most so many a person"), _("Empty: no limit."))
    campaign_cap = _count(_("At most so many in all"), _("Empty: as many as the stock has."))
    budget = figure_field(_("Budget"), _("The rule stops when it is used up. Empty: no limit."))

    def __init__(
        self,
        *args: Any,
        when: str,
        rewards: Choices = (),
        fallbacks: Choices = (),
        without: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.when = when
        self.asked = tuple(name for name in ASKED_OF_RULE[when] if name not in without)
        for name in set(self.fields) - {*self.asked}:
            del self.fields[name]
        self._fit()
        for name, choices in (("reward", rewards), ("fallback", fallbacks)):
            if name in self.fields:
                _offer(self.fields[name], choices)

    def _fit(self) -> None:
        """The words of this kind of rule."""
        if "need" in self.fields:
            self.fields["need"].label = NEED_LABELS[When(self.when)]
            self.fields["need"].help_text = NEED_HINTS.get(When(self.when), "")
            self.fields["need"].required = True
        for name in {"rank_from", "rank_to", "winners"} & set(self.fields):
            self.fields[name].required = True
        if "direct" in self.fields:
            self.fields["direct"].required = True
            self.fields["campaign_cap"].help_text = _("Empty: no limit.")
        if self.when == When.ORDER:
            self.fields["direct"].help_text = _("Percent of the order.")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        unit = str(found.get("unit") or MONEY)
        for name in {"direct", "second"} & set(self.fields):
            found[name] = self.read(name, unit=PERCENT if self.when == When.ORDER else unit)
        if "budget" in self.fields:
            found["budget"] = self.read("budget", unit=unit)
        return found

    @property
    def settings(self) -> dict[str, Any]:
        """What the action takes beside the rewards: every setting, empty where this kind of rule has none."""
        typed = {name: self.cleaned_data.get(name) for name in (*COUNTS, *LIMITS)}
        counts = {name: typed[name] or 0 for name in COUNTS}
        unit = self.cleaned_data.get("unit") or (MONEY if self.when in PAYS else "")
        return typed | counts | {"unit": unit}


def rule_initial(rule: RewardRule, currency: str) -> dict[str, Any]:
    """What is kept, as it would be typed."""
    unit = PERCENT if rule.when == When.ORDER else rule.unit
    plainly = ("need", "rank_from", "rank_to", "winners", "unit", "person_cap", "campaign_cap")
    return {name: getattr(rule, name) for name in plainly} | {
        "reward": str(rule.reward_id or ""),
        "fallback": str(rule.fallback_id or ""),
        "direct": figure_text(rule.direct, unit, currency),
        "second": figure_text(rule.second or None, unit, currency),
        "budget": figure_text(rule.budget, rule.unit, currency),
    }
