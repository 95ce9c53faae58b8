"""The only writer of rules. One never changes: a change is its next version, and what was earned stays earned."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import ask_anew
from tenfold.mailroom.models import HumanTask
from tenfold.rewards.draws import announce
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.rules import OF_ITEMS, ON_THE_WAY, check_rule

When, Stop = RewardRule.When, RewardRule.Stop
FIELDS = (
    *("reward", "fallback", "need", "rank_from", "rank_to", "winners"),
    *("direct", "second", "unit", "person_cap", "campaign_cap", "budget"),
)


@step
def make_rule(
    *,
    campaign: Campaign,
    operator: Operator | None,
    when: str,
    row_id: UUID | None = None,
    public_source: str = "",
    **fields: Any,
) -> RewardRule:
    """A rule of any of FIELDS. With `row_id` it is made once. Who has earned it already gets it from the worker. Of a
    lottery `public_source` says which public value will be mixed in."""
    if row_id and (found := RewardRule.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    _only(fields)
    rule = RewardRule(workspace_id=campaign.workspace_id, campaign=campaign, when=when, **fields)
    rule.pk, rule.made_at, rule.made_by = row_id or new_id(), clock.now(), operator
    _lock(campaign.pk)
    _settle(rule)
    if rule.when in (When.RANK, When.LOTTERY) and _is_over(campaign.pk):
        raise Refusal("campaign_over", _("The campaign is over: places and draws were settled at its end."))
    rule.save(force_insert=True)
    _note(Fact.RULE_MADE, rule, operator)
    if rule.when == When.LOTTERY:
        announce(rule=rule, operator=operator, public_source=public_source)
    return rule


@step
def change_rule(*, rule: RewardRule, operator: Operator | None, **fields: Any) -> RewardRule:
    """The next version. What the rule has used up goes on counting; one that had stopped by a limit runs again."""
    _only(fields)
    _lock(rule.campaign_id)
    before = RewardRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    _check_holds(before)
    if all(getattr(before, name) == value for name, value in fields.items()):
        return before
    after = _next_version(before, operator)
    for name, value in fields.items():
        setattr(after, name, value)
    _settle(after)
    if before.used_count and after.unit != before.unit:
        message = _("It has given something already: for another unit, stop it and make another rule.")
        raise Refusal("bad_unit", message)
    is_other_draw = before.when == When.LOTTERY and _draws(before) != _draws(after)
    if is_other_draw and _is_over(before.campaign_id):
        message = _("The campaign is over: who takes part in the draw and how many win stays as it was.")
        raise Refusal("draw_fixed", message)
    RewardRule.objects.filter(pk=before.pk).update(replaced_at=clock.now(), due_at=None)
    after.save(force_insert=True)
    _note(Fact.RULE_CHANGED, after, operator, before=str(before.pk))
    ask_anew(campaign_id=rule.campaign_id, kind=HumanTask.Kind.BUDGET_OUT, key=f"budget_out:{before.pk}")
    return after


def _draws(rule: RewardRule) -> tuple[int, int]:
    return rule.need, rule.winners


def _next_version(before: RewardRule, operator: Operator | None) -> RewardRule:
    copied = (*FIELDS, "workspace_id", "campaign_id", "line", "when", "used_count", "spent", "settled_at")
    after = RewardRule(**{name: getattr(before, name) for name in copied})
    after.version, after.made_at, after.made_by = before.version + 1, clock.now(), operator
    if before.stop == Stop.OPERATOR:
        after.stopped_at, after.stop = before.stopped_at, before.stop
    if before.when not in ON_THE_WAY:
        after.due_at = before.due_at
    return after


@step
def stop_rule(*, rule: RewardRule, operator: Operator) -> RewardRule:
    """It gives nothing more. What was earned by it stays."""
    running = RewardRule.objects.filter(pk=rule.pk, stopped_at=None, replaced_at=None)
    if changes_one(running, stopped_at=clock.now(), stop=Stop.OPERATOR):
        _note(Fact.RULE_STOPPED, rule, operator, why=Stop.OPERATOR.value)
    rule.refresh_from_db()
    _check_holds(rule)
    return rule


@step
def resume_rule(*, rule: RewardRule, operator: Operator) -> RewardRule:
    """It gives again. Who has earned a reward by it meanwhile gets it from the worker; amounts are for what happens
    from now on. What a limit has stopped, stops again."""
    check_rule(rule)
    stopped = RewardRule.objects.filter(pk=rule.pk, stopped_at__isnull=False, replaced_at=None)
    due = {"due_at": clock.now(), "swept_to": None} if rule.when in ON_THE_WAY else {}
    if changes_one(stopped, stopped_at=None, stop=Stop.NONE, **due):
        _note(Fact.RULE_RESUMED, rule, operator)
    rule.refresh_from_db()
    _check_holds(rule)
    return rule


@step
def sweep_on(*, rule: RewardRule, to: UUID | None) -> None:
    """So far everybody was looked through who may have earned it before; None: all of them."""
    looked = RewardRule.objects.filter(pk=rule.pk, due_at=rule.due_at, swept_to=rule.swept_to)
    looked.update(swept_to=to, lease_until=None, due_at=clock.now() if to else None)


def _only(fields: dict[str, Any]) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"not part of a rule: {sorted(unknown)}")


def _lock(campaign_id: UUID) -> None:
    """Two people may make the same rule at once: the second has to see the first one's."""
    Campaign.objects.select_for_update(no_key=True).filter(pk=campaign_id).values_list("pk").first()


def _is_over(campaign_id: UUID) -> bool:
    return Campaign.objects.filter(pk=campaign_id, state=Campaign.State.ENDED).exists()


def _check_holds(rule: RewardRule) -> None:
    if rule.replaced_at is not None:
        raise Refusal("rule_replaced", _("Somebody has changed this rule meanwhile. Look at it again."))


def _settle(rule: RewardRule) -> None:
    """Checked, and looked through for those who have earned it already."""
    for reward in (rule.reward, rule.fallback):
        if reward is not None and reward.campaign_id != rule.campaign_id:
            raise Refusal("reward_wrong", _("This reward belongs to another campaign."), status=400)
    if rule.when in OF_ITEMS and rule.reward is not None:
        rule.unit = rule.reward.kind if rule.reward.kind in (Reward.Kind.MONEY, Reward.Kind.POINTS) else ""
    check_rule(rule)
    _check_alone(rule)
    if rule.when in ON_THE_WAY and rule.campaign.state != Campaign.State.DRAFT:
        rule.due_at = clock.now()


def _check_alone(rule: RewardRule) -> None:
    same = {"when": rule.when, "need": rule.need, "reward": rule.reward, "rank_from": rule.rank_from}
    like = same if rule.when in OF_ITEMS else {"when": rule.when}
    others = RewardRule.objects.filter(**like, campaign_id=rule.campaign_id, replaced_at=None)
    if rule.when != When.LOTTERY and others.exclude(line=rule.line).exists():
        raise Refusal("rule_there", _("There is such a rule already: change that one."))


def _note(fact: Fact, rule: RewardRule, operator: Operator | None, **told: object) -> None:
    about = {"campaign_id": rule.campaign_id, "reward_id": rule.reward_id}
    said = {"rule": str(rule.pk), "line": str(rule.line), "version": rule.version, "when": rule.when}
    write(fact, rule, said | told, operator_id=operator.id if operator else None, **about)
