"""What wants doing, as sentences with the address where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenfold.accounts.access import Right
from tenfold.campaigns.models import Campaign
from tenfold.insight.next_steps import Need, NextStep, next_steps

FOR_REVIEWERS = (Need.REVIEW, Need.TASKS)


@dataclass(frozen=True)
class Call:
    """A call to act: what is the matter, what to press, where it leads."""

    text: str
    action: str
    address: str
    icon: str
    is_urgent: bool


def calls(campaign: Campaign, right: Right) -> list[Call]:
    """What calls those who have `right`: nobody is sent where they may not go."""
    steps = [step for step in next_steps(campaign) if right >= Right.REVIEW or step.need not in FOR_REVIEWERS]
    return [_call(campaign, step) for step in steps]


# need -> (icon, page, what to press)
WHERE = {
    Need.LAUNCH: ("rocket", "groups", gettext_lazy("Set up groups")),
    Need.SEEDS: ("qrcode", "codes", gettext_lazy("Codes and posters")),
    Need.RESUME: ("player-play", "plan", gettext_lazy("Look at the plan")),
    Need.LINE: ("hourglass", "groups", gettext_lazy("Add a group")),
    Need.QR: ("qrcode", "groups", gettext_lazy("Upload a fresh code")),
    Need.STOCK: ("package", "reward", gettext_lazy("Add to the stock")),
    Need.REVIEW: ("photo-check", "review", gettext_lazy("Review")),
    Need.TASKS: ("clipboard", "tasks", gettext_lazy("Open the tasks")),
    Need.SEATS: ("users-group", "groups", gettext_lazy("Add a group")),
}


def _call(campaign: Campaign, step: NextStep) -> Call:
    icon, page, action = WHERE[step.need]
    address = reverse(f"console:{page}", args=[campaign.id])
    return Call(_sentence(step), str(action), address, icon, step.is_urgent)


def _sentence(step: NextStep) -> str:
    match step.need:
        case Need.LAUNCH:
            return _("Not launched yet. Groups, poster, words and reward first; then press Launch above.")
        case Need.SEEDS:
            return _("Nobody has scanned yet. Hand the first posters to your seed users.")
        case Need.RESUME:
            return _("Paused: everyone who scans now is told to come back later.")
        case Need.QR:
            return _qr(step)
        case Need.SEATS if not step.count:
            return _("No seat is free: whoever scans now is put in line")
        case Need.TASKS:
            text = ngettext(
                "%(count)s task waits for a person", "%(count)s tasks wait for a person", step.count
            )
        case Need.REVIEW:
            return _waiting(step)
        case _:
            text = _room(step)
    return text % {"count": step.count, "name": step.name}


def _room(step: NextStep) -> str:
    if step.need == Need.LINE:
        return ngettext(
            "%(count)s person waits in line for a seat",
            "%(count)s people wait in line for a seat",
            step.count,
        )
    if step.need == Need.STOCK:
        return ngettext("%(count)s of “%(name)s” is left", "%(count)s of “%(name)s” are left", step.count)
    return ngettext(
        "%(count)s seat is free in all groups together",
        "%(count)s seats are free in all groups together",
        step.count,
    )


def _qr(step: NextStep) -> str:
    if not step.minutes:
        return _("The code of %(name)s has expired: nobody is sent there") % {"name": step.name}
    told = {"name": step.name, "span": span_text(step.minutes)}
    return _("The code of %(name)s expires in %(span)s") % told


def _waiting(step: NextStep) -> str:
    text = ngettext(
        "%(count)s screenshot waits for a verdict", "%(count)s screenshots wait for a verdict", step.count
    )
    sentence = text % {"count": step.count}
    if not step.minutes:
        return sentence
    return _("%(sentence)s, the oldest for %(span)s") % {
        "sentence": sentence,
        "span": span_text(step.minutes),
    }


def span_text(minutes: int) -> str:
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
