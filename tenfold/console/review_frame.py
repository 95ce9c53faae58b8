"""What every page of the review has around it: tabs with counts, how fast it goes, what happened meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tenfold.accounts.access import Right, row_for
from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import operator_of, page, say
from tenfold.console.live import live_address, tab_counts
from tenfold.console.next_steps import span_text
from tenfold.console.review_reasons import short
from tenfold.insight import desk as desks
from tenfold.proofs.models import Proof, ReviewPlan
from tenfold.proofs.queries import pace

# name -> (what it says, its key, the address)
TABS: dict[str, tuple[Promise | str, str, str]] = {
    "queue": (pgettext_lazy("tab", "Queue"), "q", "review"),
    "appeals": (gettext_lazy("Appeals"), "p", "appeals"),
    "second": (gettext_lazy("Second looks"), "l", "second_looks"),
    "judged": (gettext_lazy("Judged"), "v", "judged"),
    "machine": (gettext_lazy("Machine"), "m", "machine"),
    "checks": (gettext_lazy("Checks"), "c", "checks"),
}


@dataclass(frozen=True)
class Tab:
    name: str
    label: str | Promise
    key: str
    address: str
    count: int
    is_here: bool


def proof_of(request: HttpRequest, campaign: Campaign, proof_id: UUID) -> Proof:
    return row_for(operator_of(request), desks.rows(campaign), proof_id, Right.REVIEW)


def frame(request: HttpRequest, campaign: Campaign, here: str) -> dict[str, object]:
    """The context of `_head.html`, for whole pages. Of it the counts listen, which are read behind the mark.
    What is read before says its own `live_address`."""
    listens = live_address(request, campaign.id)
    counts = desks.counts(campaign, operator_of(request))
    numbers = by_tab(counts)
    tabs = [
        Tab(
            name, label, key, reverse(f"console:{to}", args=[campaign.id]), numbers.get(name, 0), name == here
        )
        for name, (label, key, to) in TABS.items()
    ]
    return {
        "counts": counts,
        "pace": pace_text(campaign),
        "review_tabs": tabs,
        "review_tab": here,
        "live_address": listens,
    }


def counted(request: HttpRequest, campaign: Campaign) -> dict[str, object]:
    """What of the frame moves while one works."""
    counts = desks.counts(campaign, operator_of(request))
    return {
        "campaign": campaign,
        "counts": counts,
        "review_counts": by_tab(counts),
        "pace": pace_text(campaign),
        "tab_counts": tab_counts(campaign),
    }


def by_tab(counts: desks.Counts) -> dict[str, int]:
    return {"queue": counts.waiting, "appeals": counts.appeals, "second": counts.second}


def framed(
    request: HttpRequest,
    template: str,
    context: dict[str, object],
    *,
    campaign: Campaign,
    here: str,
    status: int = 200,
) -> HttpResponse:
    context = frame(request, campaign, here) | context
    return page(
        request, f"console/review/{template}", context, campaign=campaign, tab="review", status=status
    )


def pace_text(campaign: Campaign) -> str:
    minutes = pace(campaign)
    return "" if minutes is None else _("a new one is seen in about %(span)s") % {"span": span_text(minutes)}


CHANGED = {
    "questions": gettext_lazy(
        "What a screenshot has to show was changed. People decide again; the machine only watches until it was seen "
        "with these questions."
    ),
    "engine": gettext_lazy(
        "Another release of the machine looks now. People decide again; it only watches until it was seen here."
    ),
}


def fell_back_text(plan: ReviewPlan) -> str:
    """Why people decide again, with the counts that made it so."""
    why = plan.fell_back_why
    if plan.fell_back_at is None or not why:
        return ""
    if "changed" in why:
        return str(CHANGED.get(why["changed"], ""))
    told = {"part": why.get("disagreed"), "whole": why.get("sampled"), "bound": why.get("bound_percent")}
    return (
        _(
            "Of %(whole)s verdicts of the machine that people looked at again, they saw %(part)s differently: more "
            "than the %(bound)s %% you allow. People decide again; the machine only watches."
        )
        % told
    )


def first_verdict(proof: Proof) -> dict[str, str]:
    """Of an appeal: why it was not approved at first, and who said so."""
    by = str(proof.appealed_judge or _("the machine"))
    return {"reason": short(proof.appealed_reason), "by": by, "note": desks.first_note(proof)}


def settles_text(proof: Proof) -> str:
    """What waits for the verdict besides the sender."""
    journey = proof.journey
    waits = journey.inviter and journey.campaign.credit_when == Campaign.CreditWhen.APPROVED
    parts = [_("a reward")] if proof.settles - 1 - bool(waits) > 0 else []
    if waits and journey.inviter and proof.settles > 1:
        parts.append(_("%(who)s's credit") % {"who": journey.inviter.person.nickname})
    return _(", ").join(parts)


def who(proof: Proof) -> str:
    return proof.journey.person.nickname


def say_verdict(request: HttpRequest, campaign: Campaign, proof: Proof, *, was_waiting: bool) -> None:
    if not was_waiting and proof.judged_by_id != operator_of(request).pk:
        say(request, told_meanwhile(proof))
        return
    told = {"who": who(proof), "seconds": campaign.undo_seconds}
    if proof.state == Proof.State.APPROVED:
        text = _("Approved %(who)s. They hear of it in %(seconds)s s.") % told
    else:
        text = _("Not approved: %(who)s. They hear of it in %(seconds)s s.") % told
    say(request, text, undo=reverse("console:undo_verdict", args=[campaign.id, proof.id]))


def is_taken(proof: Proof, operator: Operator) -> bool:
    """Whether what one has on the desk is another's by now: somebody looks at it, or it waits no more and it was not
    oneself who judged it."""
    if proof.state == Proof.State.WAITING:
        return desks.held_by(proof, operator, clock.now()) is not None
    return proof.judged_by_id != operator.pk


def told_meanwhile(proof: Proof) -> str:
    by = _("The machine") if proof.is_machine else str(proof.judged_by or _("someone"))
    told = {"who": who(proof), "operator": by}
    if proof.state == Proof.State.WITHDRAWN:
        return _("%(who)s has sent a newer screenshot meanwhile.") % told
    if proof.state == Proof.State.APPROVED:
        return _("%(operator)s has approved %(who)s meanwhile.") % told
    if proof.state == Proof.State.REJECTED:
        return _("%(operator)s has judged %(who)s meanwhile: not approved.") % told
    return _("%(who)s waits again.") % told
