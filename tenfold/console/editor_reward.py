"""The reward and its stock."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tenfold import flow
from tenfold.accounts.access import Right
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.editor import setup_page
from tenfold.console.forms_editor import RewardForm
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.rewards import actions
from tenfold.rewards.models import Reward
from tenfold.rewards.queries import owed_count, reward_of
from tenfold.rewards.rules import LARGEST_FILE, read_codes_csv

FIELD_OF = {
    "kind_fixed": "kind",
    "unknown_kind": "kind",
    "bad_name": "name",
    "text_needed": "text",
    "bad_link": "text",
    "bad_stock": "stock_count",
    "stock_too_small": "stock_count",
}


def _page(
    request: HttpRequest, campaign: Campaign, form: RewardForm, *, stock_error: str = "", status: int = 200
) -> HttpResponse:
    kept = reward_of(campaign)
    left = kept.left_count if kept else None
    context: dict[str, object] = {
        "form": form,
        "reward": kept,
        "owed": owed_count(kept) if kept and left == 0 else 0,
        "left_percent": round(100 * (left or 0) / kept.stock_count) if kept and kept.stock_count else 0,
        "stock_error": stock_error,
    }
    return setup_page(request, campaign, "reward", context, status=status)


def _form(kept: Reward | None) -> RewardForm:
    if kept is None:
        return RewardForm(initial={"kind": Reward.Kind.CODES})
    # How many codes there are is no limit to keep when the kind changes.
    stock_count = None if kept.kind == Reward.Kind.CODES else kept.stock_count
    return RewardForm(
        initial={"kind": kept.kind, "name": kept.name, "text": kept.text, "stock_count": stock_count}
    )


@operator_required
def reward(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    if not is_save:
        return _page(request, campaign, _form(reward_of(campaign)))
    form = RewardForm(request.POST)
    if form.is_valid():
        try:
            actions.give_for_task(campaign=campaign, operator=operator_of(request), **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal, FIELD_OF.get(refusal.code))
        else:
            say(request, _("The reward is saved."))
            return redirect("console:reward", campaign.id)
    return _page(request, campaign, form, status=422)


@operator_required
@require_POST
def restock(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """Codes from a CSV file: all that are new go into the stock, and to those who are still owed one."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    kept = reward_of(campaign)
    try:
        added, repeated = _added(request, kept)
    except Refusal as refusal:
        return _page(request, campaign, _form(kept), stock_error=str(refusal.message), status=422)
    told = ngettext(
        "Added %(added)s code, %(repeated)s repeated.", "Added %(added)s codes, %(repeated)s repeated.", added
    )
    say(request, told % {"added": added, "repeated": repeated})
    return redirect("console:reward", campaign.id)


def _added(request: HttpRequest, kept: Reward | None) -> tuple[int, int]:
    if kept is None:
        raise Refusal("no_reward", _("Name the reward and save it first."), status=400)
    file = request.FILES.get("codes")
    if file is None or isinstance(file, list):
        raise Refusal("no_file", _("Choose a CSV file first: one code a line."), status=400)
    sheet = read_codes_csv(file.read(LARGEST_FILE + 1))
    found = flow.restocked(reward=kept, codes=sheet.codes, operator=operator_of(request))
    return found.added, found.repeated + sheet.repeated
