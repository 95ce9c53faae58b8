"""Draws: sealed before, made after the end, and to be repeated by anybody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, page, say
from tenfold.console.rewards_lines import gives_of, title_of
from tenfold.flow import ending
from tenfold.people.models import Journey
from tenfold.rewards.books import Draw
from tenfold.rewards.draws import draw_of, odds_of, winners_of
from tenfold.rewards.lottery import Odds
from tenfold.rewards.models import RewardRule
from tenfold.rewards.queries import rules_of

WINNERS_SHOWN = 100
ABOUT_WHAT_WAS_TYPED = ("public_value_needed", "no_public_value", "bad_public_value")


@dataclass(frozen=True)
class Shown:
    """A draw with its rule; `error` is why it could not be made with what was `typed`."""

    draw: Draw
    title: str
    gives: str
    odds: Odds | None
    winners: list[Journey]
    more: int
    error: str
    typed: str


@operator_required
@require_safe
def draws(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    return _page(request, campaign_for(request, campaign_id))


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    refused: Draw | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    rules = rules_of(campaign).filter(when=RewardRule.When.LOTTERY)
    typed = request.POST.get("public_text", "")[:200]
    shown = []
    for rule in rules:
        draw = draw_of(rule)
        if draw is not None:
            said = (error, typed) if draw == refused else ("", "")
            shown.append(_shown(campaign, rule, draw, *said))
    context = {"draws": shown, "is_over": campaign.state == Campaign.State.ENDED}
    return page(request, "console/draws/draws.html", context, campaign=campaign, tab="ledger", status=status)


def _shown(campaign: Campaign, rule: RewardRule, draw: Draw, error: str, typed: str) -> Shown:
    winners = [entry.journey for entry in winners_of(draw, WINNERS_SHOWN)]
    return Shown(
        draw=draw,
        title=title_of(rule),
        gives=gives_of(rule, campaign.currency),
        odds=None if draw.drawn_at else odds_of(rule),
        winners=winners,
        more=max(0, len(draw.winners) - WINNERS_SHOWN),
        error=error,
        typed=typed,
    )


@operator_required
@require_POST
def draw_now(request: HttpRequest, campaign_id: UUID, draw_id: UUID) -> HttpResponse:
    """No undo: the winners are told at once. Pressed twice it is one draw."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    draw = row_for(operator_of(request), Draw.objects.filter(campaign=campaign), draw_id)
    typed = request.POST.get("public_text", "").replace("\x00", "").strip()
    try:
        ending.drawn(draw=draw, operator=operator_of(request), public_text=typed)
    except Refusal as refusal:
        if refusal.code in ABOUT_WHAT_WAS_TYPED:
            return _page(request, campaign, refused=draw, error=str(refusal.message), status=422)
        say(request, refusal.message, is_bad=True)
    else:
        say(request, _("Drawn. The winners are told."))
    return back_to(request, "draws", campaign.id)
