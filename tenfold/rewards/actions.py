"""The only writer of rewards, stock and grants. The last one goes to one person, whoever asks at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import drop_tasks
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.rewards.models import Grant, Reward, RewardRule, StockCode

Kind = Reward.Kind


@step
def change_reward(
    *, campaign: Campaign, kind: str, name: str, text: str, stock_count: int | None, operator: Operator
) -> Reward:
    """Set the campaign's reward. With codes the stock is what was uploaded; else `stock_count`, None for no limit."""
    reward = Reward.objects.filter(campaign=campaign).select_for_update().first()
    reward = reward or Reward(workspace_id=campaign.workspace_id, campaign=campaign, kind=kind)
    if reward.granted_count and reward.kind != kind:
        raise Refusal("kind_fixed", _("The kind cannot change: some were given out already."))
    reward.kind, reward.name, reward.text = kind, name.strip(), text.strip()
    reward.stock_count = (
        reward.codes.count() if kind == Kind.CODES and not reward._state.adding else stock_count
    )
    if kind == Kind.CODES and reward._state.adding:
        reward.stock_count = 0
    _check(reward)
    reward.save()
    if not reward.rules.exists():
        RewardRule.objects.create(
            workspace_id=reward.workspace_id,
            campaign_id=reward.campaign_id,
            when=RewardRule.When.TASK,
            reward=reward,
            made_by=operator,
        )
    _note(Fact.REWARD_CHANGED, reward, operator=operator, name=reward.name, stock=reward.stock_count)
    _drop_restock_tasks(reward)
    return reward


@dataclass(frozen=True)
class Added:
    """What became of an uploaded stock: codes taken in, and codes that were there already."""

    added: int
    repeated: int


@step
def add_codes(*, reward: Reward, codes: list[str], operator: Operator) -> Added:
    """Add codes to the stock; one that is in it already is not added again."""
    if reward.kind != Kind.CODES:
        raise Refusal("not_codes", _("This reward has no codes. Change its kind first."))
    known = set(StockCode.objects.filter(reward=reward).values_list("code", flat=True))
    fresh = [code for code in dict.fromkeys(codes) if code not in known]
    StockCode.objects.bulk_create(
        [StockCode(workspace_id=reward.workspace_id, reward=reward, code=code) for code in fresh],
        batch_size=500,
    )
    Reward.objects.filter(pk=reward.pk).update(stock_count=F("stock_count") + len(fresh))
    reward.refresh_from_db()
    _note(Fact.STOCK_ADDED, reward, operator=operator, added=len(fresh))
    _drop_restock_tasks(reward)
    return Added(added=len(fresh), repeated=len(codes) - len(fresh))


def _drop_restock_tasks(reward: Reward) -> None:
    if reward.left_count != 0:
        drop_tasks(campaign_id=reward.campaign_id, kind=HumanTask.Kind.RESTOCK)


@step
def grant(*, reward: Reward, journey: Journey) -> Grant | None:
    """Give the reward, once a journey; None when the stock is out. What was given stays given."""
    if given := Grant.objects.filter(journey=journey).first():
        return given
    left = Reward.objects.filter(pk=reward.pk, granted_count__lt=F("stock_count"))
    unlimited = Reward.objects.filter(pk=reward.pk, stock_count=None)
    one_more = {"granted_count": F("granted_count") + 1}
    if not (changes_one(left, **one_more) or changes_one(unlimited, **one_more)):
        _note(Fact.REWARD_OUT, reward, journey=journey)
        return None
    rule = reward.rules.get(replaced_at=None)
    given = Grant.objects.create(
        rule=rule,
        line=rule.line,
        claimed_at=clock.now(),
        workspace_id=reward.workspace_id,
        campaign_id=reward.campaign_id,
        reward=reward,
        journey=journey,
        granted_at=clock.now(),
    )
    if reward.kind == Kind.CODES:
        _give_code(reward, given)
    _note(Fact.REWARDED, reward, journey=journey, grant=str(given.id))
    return given


def _give_code(reward: Reward, given: Grant) -> None:
    """A free code of the stock; there is one, because the counter has been moved in this transaction."""
    free = StockCode.objects.filter(reward=reward, grant=None).order_by("id")
    code = free.select_for_update(skip_locked=True).first()
    if code is None or not changes_one(free.filter(pk=code.pk), grant=given):
        raise Refusal("stock_out", _("The stock has just run out."))


@step
def redeem(*, number: str, workspace_id: UUID, operator: Operator) -> Grant:
    """Redeem once. A second time is refused and says when the first one was."""
    slug = read_slug(number)
    given = (
        Grant.objects.filter(number=slug, workspace_id=workspace_id)
        .select_related("reward", "journey")
        .first()
    )
    if given is None:
        raise Refusal("unknown_number", _("There is no reward with this number."), status=404)
    now = clock.now()
    if not changes_one(
        Grant.objects.filter(pk=given.pk, redeemed_at=None),
        redeemed_at=now,
        redeemed_by=operator,
        state=Grant.State.REDEEMED,
    ):
        given.refresh_from_db()
        when = timezone.localtime(given.redeemed_at, given.campaign.zone)
        message = _("This reward was redeemed on %(when)s already.") % {"when": f"{when:%Y-%m-%d %H:%M}"}
        raise Refusal("redeemed_before", message)
    Reward.objects.filter(pk=given.reward_id).update(redeemed_count=F("redeemed_count") + 1)
    _note(Fact.REDEEMED, given.reward, journey=given.journey, operator=operator, grant=str(given.id))
    given.refresh_from_db()
    return given


def _check(reward: Reward) -> None:
    if reward.kind not in Kind.values:
        raise Refusal("unknown_kind", _("There is no such kind of reward."), status=400)
    if not 1 <= len(reward.name) <= 80:
        raise Refusal("bad_name", _("Give the reward a name of at most 80 characters."), status=400)
    if reward.kind != Kind.CODES and not reward.text:
        raise Refusal("text_needed", _("Say what they get: the text or the link is missing."), status=400)
    if reward.stock_count is not None and not 0 <= reward.stock_count <= 10_000_000:
        raise Refusal("bad_stock", _("The stock lies between 0 and 10,000,000."), status=400)
    if reward.stock_count is not None and reward.stock_count < reward.granted_count:
        raise Refusal("stock_too_small", _("More than that were given out already."), status=400)
    if reward.kind == Kind.LINK:
        _check_link(reward.text)


def _check_link(text: str) -> None:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError as error:
        raise Refusal(
            "bad_link", _("This is not a web address. It starts with https://"), status=400
        ) from error


def _note(
    fact: Fact,
    reward: Reward,
    *,
    journey: Journey | None = None,
    operator: Operator | None = None,
    **told: object,
) -> None:
    write(
        fact,
        reward,
        told,
        campaign_id=reward.campaign_id,
        reward_id=reward.id,
        journey_id=journey.id if journey else None,
        operator_id=operator.id if operator else None,
    )
