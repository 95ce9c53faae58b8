"""What somebody has earned: given, claimed, gone back, owed and paid."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow import progress
from tenfold.flow import say as words
from tenfold.flow.say import where_of
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask
from tenfold.people import actions as people
from tenfold.people.models import Attendance, Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards import claiming, granting, ruling
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule
from tenfold.rewards.queries import deserving, is_earned, newly_earned, owed, payable

A_SWEEP = 50


@step
def earned(*, journey: Journey) -> list[Grant]:
    """Everything they have earned by now and were neither given nor owed; each once. With none left it stays owed."""
    people.lock(journey=journey, keeps=True)
    return earned_now(journey=journey)


def earned_now(*, journey: Journey) -> list[Grant]:
    """As `earned`; within the step of a caller who has locked them, and has them as they are since."""
    due = newly_earned(journey)
    given = (_said(rule, journey, granting.grant_new(rule=rule, journey=journey)) for rule in due)
    return [grant for grant in given if grant]


def known_for_earning(journey_id: UUID) -> Journey:
    """Somebody with all that earning something asks for, to be read before the step; what is given is read in it."""
    rows = Journey.objects.select_related("campaign__workspace", "person", "group", "inviter__person")
    running = RewardRule.objects.filter(replaced_at=None).select_related("reward", "fallback")
    rules = Prefetch("campaign__reward_rules", running)
    return rows.prefetch_related("campaign__words", rules).get(pk=journey_id)


@step
def granted(*, rule: RewardRule, journey: Journey) -> Grant | None:
    """Give what the rule gives, and say so. None where nothing could be given. Who calls has locked them."""
    if before := Grant.objects.filter(journey=journey, line=rule.line, nth=0).first():
        return before
    return _said(rule, journey, granting.grant(rule=rule, journey=journey))


def _said(rule: RewardRule, journey: Journey, given: Grant | None) -> Grant | None:
    """They hear of it; or somebody does who can do something about it that there is none."""
    if given is None:
        _ask_for_more(rule, journey)
        return None
    people.note_reward(journey=journey, now=clock.now())
    words.say_reward(grant=given)
    _hand_over(given)
    return given


def _ask_for_more(rule: RewardRule, journey: Journey) -> None:
    """Somebody has to restock, if what is missing is the stock."""
    reward = rule.reward
    if reward is None or not Debt.objects.filter(journey=journey, line=rule.line).exists():
        return
    reward.refresh_from_db(fields=["stock_count", "granted_count"])
    if reward.left_count != 0:
        return  # there is some, for those who were owed it before
    key = granting.restock_key(reward)
    mailroom.open_task(where=where_of(journey), kind=HumanTask.Kind.RESTOCK, text=reward.name, key=key)


def _hand_over(given: Grant) -> None:
    """A keepsake is issued the moment it is theirs."""
    if given.reward.kind != Reward.Kind.KEEPSAKE or given.state != Grant.State.CLAIMED:
        return
    if edition := Edition.objects.filter(reward_id=given.reward_id).first():
        keepsakes.issue(edition=edition, journeys=[given.journey], operator=None)


@step
def claimed(*, grant: Grant, address: Mapping[str, str] | None = None) -> Grant:
    """They want what was offered to them; what is sent needs an address."""
    given = claiming.claim(grant=grant, address=address)
    _hand_over(given)
    return given


@step
def unclaimed(*, grant: Grant) -> None:
    """Not claimed in time: it is there for the next one."""
    claiming.expire(grant=grant)


@step
def attended(*, journey: Journey, text: str = "") -> Attendance:
    """They took part today, by the campaign's own calendar; twice a day is once."""
    people.lock(journey=journey)
    now = clock.now()
    if not journey.is_member:
        raise Refusal("not_a_member", _("Only members can do this. Scan the poster again to come back."))
    if journey.campaign.state != Campaign.State.LIVE or _is_past(journey.campaign):
        raise Refusal("not_running", _("The campaign is not running now."))
    today = now.astimezone(journey.campaign.zone).date()
    attendance = people.attend(journey=journey, day=today, text=text)
    earned(journey=journey)
    return attendance


def _is_past(campaign: Campaign) -> bool:
    return campaign.ends_at is not None and campaign.ends_at <= clock.now()


@step
def restocked(*, reward: Reward, codes: list[str], operator: Operator) -> rewards.Added:
    """More codes in stock; those who are owed one get it from the worker, first come, first served."""
    return rewards.add_codes(reward=reward, codes=codes, operator=operator)


@step
def redeemed(*, number: str, workspace_id: UUID, operator: Operator) -> Grant:
    return claiming.redeem(number=number, workspace_id=workspace_id, operator=operator)


# --- by the worker --------------------------------------------------------------------------------------------


def debts_paid(limit: int = 50) -> int:
    """Give what is owed and is there again, at most `limit` by each rule; how many were given."""
    return sum(_pay(rule, limit) for rule in payable())


def _pay(rule: RewardRule, limit: int) -> int:
    paid = 0
    for debt in owed(rule)[:limit]:
        is_paid = _paid(debt=debt, rule=rule)
        if is_paid is None:
            break
        paid += is_paid
    return paid


@step
def _paid(*, debt: Debt, rule: RewardRule) -> bool | None:
    """Whether it was given; None if there is none left. What they no longer deserve is forgotten."""
    journey = Journey.objects.select_related("campaign", "person", "group").get(pk=debt.journey_id)
    people.lock(journey=journey)
    if not Debt.objects.filter(pk=debt.pk).exists():
        return False
    if not is_earned(rule, journey):
        granting.forget_debt(debt=debt)
        return False
    return True if granted(rule=rule, journey=journey) else None


def swept(*, rule: RewardRule) -> None:
    """The next of those who have earned something by this rule before it was there, or while it was stopped."""
    found, goes_on_at = deserving(rule, most=A_SWEEP)
    for journey in found:
        earned(journey=journey)
    rule.refresh_from_db(fields=["stopped_at"])
    is_over = rule.stopped_at is not None  # nobody else can get it
    ruling.sweep_on(rule=rule, to=None if is_over else goes_on_at)


def note_progress(*, inviter: Journey, newcomer: Journey | None) -> None:
    """A word to the inviter about who counts now, unless a reward says it already; without a newcomer one has gone."""
    if newcomer is None:
        progress.progress_lost(inviter=inviter)
    else:
        progress.say_progress(inviter=inviter, newcomer=newcomer)
