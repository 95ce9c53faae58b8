"""The rules: who gets which reward when. A change makes a new version; what was earned under the old one stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tenfold.accounts.access import Right, row_for
from tenfold.accounts.models import Operator
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.editor import setup_page
from tenfold.console.forms_rewards import FIRST, PAYS, RuleForm, rule_initial
from tenfold.console.layout import back_to, campaign_for, once, operator_of, operator_required, page, say
from tenfold.console.rewards_lines import KINDS, Counted, Line, counted_of, line_of, title_of
from tenfold.rewards.draws import draw_of, may_announce, set_public_source
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.queries import rewards_of
from tenfold.rewards.ruling import change_rule, make_rule, resume_rule, stop_rule

When = RewardRule.When
RELATED = ("reward", "fallback", "made_by", "campaign")
NONE_INSTEAD = ("", gettext_lazy("They wait until there is one again"))
FIELD_OF = {
    "reward_needed": "reward",
    "reward_wrong": "reward",
    "bad_fallback": "fallback",
    "bad_public_value": "public_source",
    "announced": "public_source",
    "draw_fixed": "winners",
    "bad_need": "need",
    "bad_rank": "rank_from",
    "bad_winners": "winners",
    "bad_rates": "direct",
    "bad_second": "second",
    "bad_unit": "unit",
    "bad_cap": "person_cap",
    "bad_campaign_cap": "campaign_cap",
    "bad_budget": "budget",
}


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """What it is given for, by a card; then its settings."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    is_save = request.method == "POST"
    when = (request.POST if is_save else request.GET).get("when", "")
    if when not in KINDS:
        return _choose(request, campaign)
    offered = list(rewards_of(campaign))
    if when not in PAYS and not offered:
        say(request, _("Say first what there is to give."))
        return redirect("console:new_reward", campaign.id)
    initial = FIRST.get(When(when), {}) | {"reward": request.GET.get("reward", "")}
    form = _form(campaign, when, offered, request.POST if is_save else None, initial)
    if is_save and form.is_valid() and _made(request, campaign, form):
        say(request, _("The rule holds."))
        return redirect("console:reward", campaign.id)
    context = {"form": form, "when": KINDS[when]} | _units(campaign, when)
    return page(
        request,
        "console/rewards/new_rule.html",
        context,
        campaign=campaign,
        tab="reward",
        status=422 if form.errors else 200,
    )


def _choose(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    context = {"whens": KINDS.values(), "reward_id": request.GET.get("reward", "")}
    return page(request, "console/rewards/choose_when.html", context, campaign=campaign, tab="reward")


def _form(
    campaign: Campaign,
    when: str,
    offered: list[Reward],
    typed: Mapping[str, object] | None,
    initial: Mapping[str, object],
    without: Collection[str] = (),
) -> RuleForm:
    choices = [(str(each.id), each.name) for each in offered]
    instead = [(str(each.id), each.name) for each in offered if not each.is_amount]
    return RuleForm(
        typed,
        when=when,
        currency=campaign.currency,
        rewards=choices,
        fallbacks=[NONE_INSTEAD, *instead],
        initial=dict(initial),
        without=without,
    )


def _units(campaign: Campaign, when: str) -> dict[str, object]:
    is_order = when == When.ORDER
    return {"figure_unit": "%" if is_order else "", "budget_unit": campaign.currency if is_order else ""}


def _settings(campaign: Campaign, form: RuleForm) -> dict[str, Any]:
    rewards = {str(each.id): each for each in rewards_of(campaign, is_all=True)}
    chosen = {name: rewards.get(str(form.cleaned_data.get(name))) for name in ("reward", "fallback")}
    return form.settings | chosen


def _made(request: HttpRequest, campaign: Campaign, form: RuleForm) -> bool:
    settings = _settings(campaign, form) | {"public_source": form.cleaned_data.get("public_source") or ""}
    try:
        make_rule(
            campaign=campaign, when=form.when, operator=operator_of(request), row_id=once(request), **settings
        )
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return False
    return True


def _rule(request: HttpRequest, campaign: Campaign, rule_id: UUID) -> RewardRule:
    rows = RewardRule.objects.filter(campaign=campaign).select_related(*RELATED)
    return row_for(operator_of(request), rows, rule_id)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, campaign_id: UUID, rule_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    found = _rule(request, campaign, rule_id)
    offered = [each for each in rewards_of(campaign, is_all=True) if _may_be_chosen(each, found)]
    draw = draw_of(found)
    initial = rule_initial(found, campaign.currency) | {"public_source": draw.public_source if draw else ""}
    without = () if draw and may_announce(draw) else ("public_source",)
    form = _form(campaign, found.when, offered, request.POST if is_save else None, initial, without)
    if is_save and form.is_valid() and (fresh := _changed(request, campaign, found, form)):
        say(request, _told_changed(campaign))
        return redirect("console:rule", campaign.id, fresh.id)
    return _page(request, campaign, found, form)


def _told_changed(campaign: Campaign) -> str:
    if campaign.state == Campaign.State.DRAFT:
        return _("The rule is changed. What was earned stays.")
    return _(
        "The rule is changed. What was earned stays. Look whether the poster and the words still promise the same."
    )


def _may_be_chosen(reward: Reward, rule: RewardRule) -> bool:
    """What it gives already stays a choice, though it may have been put away since."""
    return reward.state == Reward.State.ACTIVE or reward.id in (rule.reward_id, rule.fallback_id)


def _changed(
    request: HttpRequest, campaign: Campaign, found: RewardRule, form: RuleForm
) -> RewardRule | None:
    try:
        return _change(campaign, found, form, operator_of(request))
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return None


@step
def _change(campaign: Campaign, found: RewardRule, form: RuleForm, operator: Operator) -> RewardRule:
    """And what will be mixed in, as long as that can be said."""
    draw = draw_of(found) if "public_source" in form.cleaned_data else None
    if draw is not None:
        set_public_source(draw=draw, text=form.cleaned_data["public_source"], operator=operator)
    return change_rule(rule=found, operator=operator, **_settings(campaign, form))


def _page(request: HttpRequest, campaign: Campaign, found: RewardRule, form: RuleForm) -> HttpResponse:
    versions = _versions(campaign, found)
    newest = versions[0].rule
    context: dict[str, object] = {
        "rule": found,
        "form": form,
        "when": KINDS[found.when],
        "line": line_of(found, campaign.currency, counted_of(campaign)),
        "versions": versions,
        "current": newest if newest.pk != found.pk else None,
    }
    return setup_page(
        request,
        campaign,
        "reward",
        context | _units(campaign, found.when),
        template="console/rewards/rule.html",
        status=422 if form.errors else 200,
    )


def _versions(campaign: Campaign, found: RewardRule) -> list[Line]:
    """As it was over time, the newest first."""
    rows = RewardRule.objects.filter(campaign=campaign, line=found.line).select_related(*RELATED)
    return [line_of(each, campaign.currency, Counted()) for each in rows.order_by("-version")]


@operator_required
@require_POST
def stop(request: HttpRequest, campaign_id: UUID, rule_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _rule(request, campaign, rule_id)
    try:
        stop_rule(rule=found, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        undo = reverse("console:resume_rule", args=[campaign.id, found.id])
        say(request, _("Stopped: %(rule)s") % {"rule": title_of(found)}, undo=undo)
    return back_to(request, "rule", campaign.id, found.id)


@operator_required
@require_POST
def resume(request: HttpRequest, campaign_id: UUID, rule_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _rule(request, campaign, rule_id)
    try:
        resume_rule(rule=found, operator=operator_of(request))
        say(request, _("It goes on: %(rule)s") % {"rule": title_of(found)})
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return back_to(request, "rule", campaign.id, found.id)
