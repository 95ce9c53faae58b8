"""Who gets what, and what there is to give: the ladder, the catalogue, and what it may cost."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tenfold.accounts.access import Right
from tenfold.accounts.models import Operator
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.editor import setup_page
from tenfold.console.forms_rewards import RewardForm
from tenfold.console.layout import (
    campaign_for,
    fragment,
    is_fragment,
    once,
    operator_of,
    operator_required,
    page,
    say,
)
from tenfold.console.rewards_cost import PEOPLE, forecast_of, people_of
from tenfold.console.rewards_lines import KINDS, item_of, kind_cards, lines_of
from tenfold.keepsakes.actions import reward_with
from tenfold.keepsakes.models import Edition
from tenfold.rewards.actions import add_reward
from tenfold.rewards.models import Grant, Reward, RewardRule
from tenfold.rewards.queries import rewards_of, rules_of
from tenfold.rewards.ruling import make_rule

When = RewardRule.When
FIELD_OF = {
    "bad_name": "name",
    "text_needed": "text",
    "bad_link": "text",
    "bad_stock": "stock_count",
    "stock_too_small": "stock_count",
    "bad_amount": "amount",
    "bad_warn": "warn_below",
    "bad_claim": "claim_hours",
    "bad_need": "need",
    "edition_taken": "edition",
    "edition_needed": "edition",
}
# What a new reward may be given for at once; anything else is a rule of its own.
AT_ONCE = [
    (when.value, KINDS[when].label) for when in (When.TASK, When.INVITES, When.JOINED, When.ATTENDANCE)
]


@operator_required
@require_safe
def rewards(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    catalogue = sorted(rewards_of(campaign, is_all=True), key=lambda each: each.state != Reward.State.ACTIVE)
    context: dict[str, object] = {
        "catalogue": [item_of(each, campaign.currency) for each in catalogue],
        "lines": lines_of(campaign, rules_of(campaign)),
        "kinds": kind_cards(),
        "to_send": to_send(campaign).count(),
    }
    # Reckoning looks at everybody's newcomers: the page does not wait for it.
    asked = request.GET.get("people", "")
    context |= forecast_of(campaign, asked) if asked else {"people": PEOPLE}
    return setup_page(request, campaign, "reward", context, template="console/rewards/rewards.html")


def to_send(campaign: Campaign) -> QuerySet[Grant]:
    """What somebody waits for by post: the address is there, and it is not on the way."""
    theirs = Grant.objects.filter(campaign=campaign, reward__kind=Reward.Kind.PHYSICAL, shipped_at=None)
    return theirs.filter(state=Grant.State.CLAIMED)


@operator_required
@require_safe
def expected(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """What the rules may cost for a number of people; without script, the page with that number."""
    campaign = campaign_for(request, campaign_id)
    asked = request.GET.get("people", "")
    if not is_fragment(request):
        return redirect(
            f"{reverse('console:reward', args=[campaign.id])}?{urlencode({'people': people_of(asked)})}"
        )
    found = forecast_of(campaign, asked)
    return fragment(request, "console/rewards/_expected.html", {"campaign": campaign} | found)


class NewRewardForm(RewardForm):
    """Made and given for something in one go, as most are."""

    when = forms.ChoiceField(
        label=gettext_lazy("Who gets it"),
        choices=[*AT_ONCE, ("", gettext_lazy("I say later"))],
        required=False,
    )
    need = forms.IntegerField(
        label=gettext_lazy("Friends or days"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=gettext_lazy("How many friends have to count, or on how many days they check in."),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if (
            found.get("when") in (When.INVITES, When.ATTENDANCE)
            and not found.get("need")
            and "need" not in self.errors
        ):
            self.add_error("need", gettext_lazy("Say how many."))
        return found


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_reward(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """What it is, by a card; then its settings, and who gets it."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    is_save = request.method == "POST"
    kind = (request.POST if is_save else request.GET).get("kind", "")
    if kind not in Reward.Kind.values:
        return page(
            request,
            "console/rewards/choose_kind.html",
            {"kinds": kind_cards()},
            campaign=campaign,
            tab="reward",
        )
    first = When.INVITES if rules_of(campaign).filter(when=When.TASK).exists() else When.TASK
    form = NewRewardForm(
        request.POST if is_save else None,
        kind=kind,
        currency=campaign.currency,
        editions=edition_choices(campaign) if kind == Reward.Kind.KEEPSAKE else (),
        initial={"when": first, "need": 3 if first == When.INVITES else None},
    )
    if is_save and form.is_valid() and (made := _made(request, campaign, form)):
        say(request, _("“%(name)s” is there.") % {"name": made.name})
        needs_more = kind in (Reward.Kind.CODES, Reward.Kind.FILE)
        return (
            redirect("console:one_reward", campaign.id, made.id)
            if needs_more
            else redirect("console:reward", campaign.id)
        )
    context = {"form": form} | kind_context(campaign, kind)
    status = 422 if form.errors else 200
    return page(
        request, "console/rewards/new_reward.html", context, campaign=campaign, tab="reward", status=status
    )


def edition_choices(campaign: Campaign, reward: Reward | None = None) -> list[tuple[str, str]]:
    """Editions that no other reward gives out."""
    free = Edition.objects.filter(campaign=campaign).filter(Q(reward=None) | Q(reward=reward)).order_by("id")
    return [(str(each.id), f"{each.get_kind_display()}: {each.name}") for each in free]


def kind_context(campaign: Campaign, kind: str) -> dict[str, object]:
    """What the fields of this kind have around them."""
    units = {Reward.Kind.MONEY: campaign.currency, Reward.Kind.POINTS: _("points")}
    return {
        "kind": kind,
        "kind_label": Reward.Kind(kind).label,
        "amount_unit": units.get(Reward.Kind(kind), ""),
        "has_editions": Edition.objects.filter(campaign=campaign).exists(),
    }


def _made(request: HttpRequest, campaign: Campaign, form: NewRewardForm) -> Reward | None:
    try:
        return _make(campaign, form, operator_of(request), once(request))
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return None


@step
def _make(campaign: Campaign, form: NewRewardForm, operator: Operator, row_id: UUID | None) -> Reward:
    """All of it or nothing."""
    made = add_reward(campaign=campaign, kind=form.kind, operator=operator, row_id=row_id, **form.settings)
    if form.kind == Reward.Kind.KEEPSAKE:
        set_edition(made, form.edition_id, operator)
    when = form.cleaned_data["when"]
    if when and not made.rules.exists():
        need = form.cleaned_data["need"] or 0 if when in (When.INVITES, When.ATTENDANCE) else 0
        make_rule(campaign=campaign, operator=operator, when=when, reward=made, need=need)
    return made


def set_edition(reward: Reward, edition_id: UUID | None, operator: Operator) -> None:
    """Which keepsakes it gives out: one edition, and no other reward gives out the same."""
    rows = Edition.objects.filter(campaign_id=reward.campaign_id)
    edition = rows.filter(pk=edition_id).first() if edition_id else None
    if edition is None:
        raise Refusal("edition_needed", _("Choose which keepsake they get."), status=400)
    reward_with(edition=edition, reward=reward, operator=operator)
