"""The only writer of the catalogue and its stock. Rules are written in `ruling`, what is given in `granting`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import ask_anew
from tenfold.mailroom.models import HumanTask
from tenfold.rewards.claiming import claim, expire, redeem, ship, unship
from tenfold.rewards.granting import grant, note, restock_key, stock_low_key
from tenfold.rewards.models import Reward, RewardFile, RewardRule, StockCode
from tenfold.rewards.queries import main_reward, rewards_of
from tenfold.rewards.rules import check_reward, file_name, media_type_of
from tenfold.rewards.ruling import change_rule, make_rule, resume_rule, stop_rule

__all__ = [
    "Added",
    "add_codes",
    "add_reward",
    "change_reward",
    "change_rule",
    "claim",
    "expire",
    "give_for_task",
    "grant",
    "make_rule",
    "redeem",
    "restore_reward",
    "resume_rule",
    "retire_reward",
    "set_file",
    "ship",
    "stop_rule",
    "take_back_codes",
    "unship",
]
Kind, State = Reward.Kind, Reward.State
FIELDS = ("kind", "name", "text", "amount", "stock_count", "warn_below", "claim_hours")


@step
def add_reward(
    *,
    campaign: Campaign,
    kind: str,
    name: str,
    operator: Operator | None,
    text: str = "",
    amount: int = 0,
    stock_count: int | None = None,
    warn_below: int | None = None,
    claim_hours: int | None = None,
    row_id: UUID | None = None,
) -> Reward:
    """One more in the catalogue; a stock of codes begins empty. With `row_id` it is made once."""
    if row_id and (found := Reward.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    reward = Reward(
        id=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        kind=kind,
        name=name.strip(),
        text=text.strip(),
        amount=amount,
        stock_count=0 if kind == Kind.CODES else stock_count,
        warn_below=warn_below,
        claim_hours=claim_hours,
        position=rewards_of(campaign, is_all=True).count(),
        made_at=clock.now(),
    )
    check_reward(reward)
    reward.save(force_insert=True)
    _changed(reward, operator)
    return reward


@step
def change_reward(*, reward: Reward, operator: Operator | None, **fields: Any) -> Reward:
    """Any of FIELDS. The kind stays once one was given out, and so does what one is worth: rules count on both. With
    codes the stock is what was uploaded."""
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"not part of a reward: {sorted(unknown)}")
    # Against those who refer to it too: a rule that is being made for it this moment counts on its kind.
    kept = Reward.objects.select_for_update().get(pk=reward.pk)
    is_used = kept.granted_count > 0 or kept.grants.exists()
    if is_used and fields.get("kind", kept.kind) != kept.kind:
        raise Refusal("kind_fixed", _("The kind cannot change: some were given out already."))
    if is_used and fields.get("amount", kept.amount) != kept.amount:
        message = _("The amount cannot change: some were given out already. Add another reward for it.")
        raise Refusal("bad_amount", message)
    _set(kept, fields)
    check_reward(kept)
    kept.save(update_fields=FIELDS)
    _changed(kept, operator)
    reward.refresh_from_db()
    return reward


def _set(reward: Reward, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(reward, name, value.strip() if isinstance(value, str) else value)
    if reward.kind == Kind.CODES:
        reward.stock_count = reward.codes.count()
    unit = reward.kind if reward.is_amount else ""
    if reward.rules.filter(replaced_at=None).exclude(unit=unit).exists():
        message = _("A rule gives this reward: money and points take a reward of their own.")
        raise Refusal("kind_fixed", message)


def _changed(reward: Reward, operator: Operator | None) -> None:
    note(Fact.REWARD_CHANGED, reward, operator=operator, name=reward.name, stock=reward.stock_count)
    _drop_stock_tasks(reward)


@step
def give_for_task(
    *, campaign: Campaign, kind: str, name: str, text: str, stock_count: int | None, operator: Operator | None
) -> Reward:
    """The one reward of a simple campaign, and the rule that gives it for doing the task; made or changed."""
    asked: dict[str, Any] = {"kind": kind, "name": name, "text": text, "stock_count": stock_count}
    if reward := main_reward(campaign):
        return change_reward(reward=reward, operator=operator, **asked)
    reward = add_reward(campaign=campaign, operator=operator, **asked)
    make_rule(campaign=campaign, operator=operator, when=RewardRule.When.TASK, reward=reward)
    return reward


@step
def retire_reward(*, reward: Reward, operator: Operator) -> Reward:
    """Out of the catalogue. What was given of it stays given."""
    giving = RewardRule.objects.filter(Q(reward=reward) | Q(fallback=reward), replaced_at=None)
    if giving.exclude(stop=RewardRule.Stop.OPERATOR).exists():
        raise Refusal("reward_in_use", _("A rule gives this reward: stop that rule or change it first."))
    return _move(reward, State.RETIRED, Fact.REWARD_RETIRED, operator)


@step
def restore_reward(*, reward: Reward, operator: Operator) -> Reward:
    return _move(reward, State.ACTIVE, Fact.REWARD_RESTORED, operator)


def _move(reward: Reward, to: Reward.State, fact: Fact, operator: Operator) -> Reward:
    if changes_one(Reward.objects.filter(pk=reward.pk).exclude(state=to), state=to):
        note(fact, reward, operator=operator)
    reward.refresh_from_db()
    return reward


@step
def set_file(*, reward: Reward, name: str, data: bytes, operator: Operator) -> RewardFile:
    """The file of a reward, in place of the one before: everybody who earned it finds this one."""
    if reward.kind != Kind.FILE:
        raise Refusal("not_file", _("This reward is no file. Change its kind first."))
    media_type = media_type_of(data)
    kept, _is_new = RewardFile.objects.update_or_create(
        reward=reward,
        defaults={
            "workspace_id": reward.workspace_id,
            "name": file_name(name, media_type),
            "media_type": media_type,
            "content": data,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "added_at": clock.now(),
        },
    )
    note(Fact.FILE_SET, reward, operator=operator, name=kept.name, sha256=kept.sha256)
    return kept


@dataclass(frozen=True)
class Added:
    """What became of an uploaded stock: codes taken in as one batch, and codes that were there already."""

    added: int
    repeated: int
    batch_id: UUID


@step
def add_codes(*, reward: Reward, codes: list[str], operator: Operator | None) -> Added:
    """Add codes to the stock; one that is in it already is not added again."""
    Reward.objects.select_for_update(no_key=True).get(pk=reward.pk)
    if reward.kind != Kind.CODES:
        raise Refusal("not_codes", _("This reward has no codes. Change its kind first."))
    known = set(StockCode.objects.filter(reward=reward).values_list("code", flat=True))
    fresh = [code for code in dict.fromkeys(codes) if code not in known]
    same: dict[str, Any] = {"workspace_id": reward.workspace_id, "reward": reward}
    same |= {"batch_id": new_id(), "added_at": clock.now()}
    StockCode.objects.bulk_create([StockCode(code=code, **same) for code in fresh], batch_size=500)
    Reward.objects.filter(pk=reward.pk).update(stock_count=F("stock_count") + len(fresh))
    reward.refresh_from_db()
    note(Fact.STOCK_ADDED, reward, operator=operator, added=len(fresh), batch=str(same["batch_id"]))
    _drop_stock_tasks(reward)
    return Added(len(fresh), len(codes) - len(fresh), same["batch_id"])


@step
def take_back_codes(*, reward: Reward, batch_id: UUID, operator: Operator) -> int:
    """Those of one upload that nobody has, out of the stock again: it was the wrong file. How many went."""
    Reward.objects.select_for_update(no_key=True).get(pk=reward.pk)
    gone, _by_model = StockCode.objects.filter(reward=reward, batch_id=batch_id, grant=None).delete()
    if gone:
        Reward.objects.filter(pk=reward.pk).update(stock_count=F("stock_count") - gone)
        note(Fact.STOCK_TAKEN_BACK, reward, operator=operator, added=gone, batch=str(batch_id))
    reward.refresh_from_db()
    return gone


def _drop_stock_tasks(reward: Reward) -> None:
    """There is enough of this one: nobody has to do anything now, and is asked again when it runs out again."""
    left = reward.left_count
    if left != 0:
        ask_anew(campaign_id=reward.campaign_id, kind=HumanTask.Kind.RESTOCK, key=restock_key(reward))
    if left is None or reward.warn_below is None or left >= reward.warn_below:
        ask_anew(campaign_id=reward.campaign_id, kind=HumanTask.Kind.STOCK_LOW, key=stock_low_key(reward))
