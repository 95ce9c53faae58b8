"""The page of a running campaign: what to do next, and everything that moves, without a reload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right, right_of
from tenfold.base.keys import sign
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import (
    campaign_for,
    fragment,
    is_fragment,
    operator_of,
    operator_required,
    page,
    tabs,
)
from tenfold.console.next_steps import calls
from tenfold.groups.models import Group
from tenfold.groups.queries import with_leases_apart
from tenfold.insight import marks
from tenfold.insight.funnel import SPANS, Funnel, Slot, channels, funnel, generations, pulse
from tenfold.insight.rules import Rate
from tenfold.insight.telling import news
from tenfold.insight.tree import glimpse
from tenfold.people.models import Journey
from tenfold.rewards.models import RewardRule
from tenfold.rewards.queries import rewards_of, rules_of
from tenfold.rewards.tasks import has_task

MOST_BARS = 14


@dataclass(frozen=True)
class Step:
    """One bar of the funnel; `rate` is its share of the step before, None where that says nothing."""

    name: str
    count: int
    of: str = ""
    rate: Rate | None = None


@operator_required
@require_safe
def live(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    listens = live_address(request, campaign_id)
    campaign = campaign_for(request, campaign_id)
    context = _now(request, campaign) | {"live_address": listens}
    return page(request, "console/live/live.html", context, campaign=campaign, tab="live")


@operator_required
@require_safe
def now(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The moving part alone, fetched again whenever something happened."""
    campaign = campaign_for(request, campaign_id)
    return fragment(request, "console/live/_now.html", {"campaign": campaign} | _now(request, campaign))


def live_address(request: HttpRequest, campaign_id: UUID) -> str:
    """What a page listens to, with the mark of what was known: so it is asked for before anything is read. A fragment
    goes into a page that has one."""
    if is_fragment(request):
        return ""
    return f"/live/console/{sign('live', str(campaign_id))}?after={marks.of_campaign(campaign_id)}"


def tab_counts(campaign: Campaign) -> dict[str, int]:
    return {tab.address: tab.count for tab in tabs(campaign, "")[0]}


def _now(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    span = request.GET.get("span", "")
    span = span if span in SPANS else "hour"
    totals = funnel(campaign)
    groups = with_leases_apart(Group.objects.filter(campaign=campaign))
    slots = pulse(campaign, span)
    rules = list(rules_of(campaign))
    steps = funnel_steps(totals, rules, campaign)
    given = next((rule.reward for rule in rules if rule.reward), None)
    return {
        "tab_counts": tab_counts(campaign),
        "calls": calls(campaign, right_of(operator_of(request), campaign.workspace_id) or Right.VIEW),
        "totals": totals,
        "steps": steps,
        "span": span,
        "slots": [slot for slot in slots if slot.scan_count or slot.join_count],
        "groups": groups,
        "generations": generations(campaign),
        "channels": channels(campaign),
        "reward": given or rewards_of(campaign).first(),
        "news": news(campaign),
        "charts": {
            "funnel": _funnel_chart(steps),
            "pulse": _pulse_chart(campaign, slots, span),
            "seats": _seats_chart(groups),
            "tree": _tree_chart(campaign),
        },
    }


def funnel_steps(totals: Funnel, rules: Sequence[RewardRule], campaign: Campaign) -> list[Step]:
    """Each step is a share of one it is a part of. Where nobody is asked for a screenshot there is no step for it."""
    people, members = _("of the people who scanned"), _("of those who joined")
    found = [
        Step(_("Scans"), totals.scan_count),
        Step(_("People who scanned"), totals.visitor_count),
        Step(_("Joined"), totals.joined_count, people, totals.joined),
    ]
    if has_task(campaign, rules) or totals.shown_count:
        found += _task_steps(totals, members)
    is_for_more = any(rule.reward_id and rule.when != RewardRule.When.TASK for rule in rules)
    if is_for_more or totals.rewarded_count > totals.approved_rewarded_count:
        found.append(Step(_("Rewarded"), totals.rewarded_count, members, totals.winners))
    else:
        found.append(Step(_("Rewarded"), totals.rewarded_count, _("of those approved"), totals.rewarded))
    return [*found, Step(_("Poster scanned by others"), totals.sharer_count, members, totals.sharers)]


def _task_steps(totals: Funnel, members: str) -> list[Step]:
    sent, of_sent = _("Sent a screenshot"), _("of those who sent one")
    if totals.unasked_count:
        sent, of_sent = _("Sent a screenshot, or needed none"), _("of these")
    return [
        Step(sent, totals.shown_count, members, totals.proofs),
        Step(_("Approved"), totals.approved_count, of_sent, totals.approved),
    ]


def rate_text(rate: Rate | None) -> str:
    """A percentage, or plainly "3 of 7" where there are too few for one; nothing before anyone could."""
    if rate is None or not rate.whole:
        return ""
    if rate.is_few:
        return _("%(part)s of %(whole)s") % {"part": rate.part, "whole": rate.whole}
    return _("%(percent)s %%") % {"percent": f"{rate.percent:.0f}"}


def _funnel_chart(steps: list[Step]) -> dict[str, Any]:
    return {
        "names": [step.name for step in steps],
        "counts": [step.count for step in steps],
        "notes": [rate_text(step.rate) for step in steps],
    }


def _pulse_chart(campaign: Campaign, slots: list[Slot], span: str) -> dict[str, Any]:
    form = "H:i" if span == "hour" else "D H:i"
    return {
        "at": [date_format(slot.at.astimezone(campaign.zone), form) for slot in slots],
        "scans": [slot.scan_count for slot in slots],
        "joins": [slot.join_count for slot in slots],
        "names": {"scans": _("Scans"), "joins": _("Joined")},
    }


def _seats_chart(groups: list[Group]) -> dict[str, Any]:
    """Those that still matter: closed groups, and what is beyond a screenful, stand in the table alone."""
    shown = [group for group in groups if group.state != Group.State.CLOSED][:MOST_BARS]
    return {
        "groups": [group.name for group in shown],
        "taken": [group.taken_count for group in shown],
        "held": [group.held_count for group in shown],
        "free": [group.free_count for group in shown],
        "names": {"taken": _("Taken"), "held": _("Held"), "free": _("Free")},
    }


def _tree_chart(campaign: Campaign) -> list[dict[str, Any]]:
    return [
        {
            "id": str(each.id),
            "in": str(each.inviter_id or ""),
            "name": each.person.nickname,
            "tone": tone(each),
        }
        for each in glimpse(campaign)
    ]


# How a state looks, in the tree and beside a name.
TONES: dict[str, str] = {
    Journey.State.ARRIVING: "early",
    Journey.State.JOINED: "early",
    Journey.State.PROOF_SENT: "waiting",
    Journey.State.APPROVED: "done",
    Journey.State.REWARDED: "done",
    Journey.State.LEFT: "out",
    Journey.State.REMOVED: "out",
}


def tone(journey: Journey) -> str:
    return TONES[journey.state]
