"""The only writer of grants and debts. The last one goes to one person, whoever asks at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import step
from tenfold.base.fresh import insert
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import Everywhere, open_task
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.rewards import ledger
from tenfold.rewards.books import LedgerRow, Unit
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule, StockCode
from tenfold.rewards.rules import clean_address

Kind, State, Reason = Reward.Kind, Grant.State, LedgerRow.Reason
# By their statements alone: whoever is given something keeps others waiting meanwhile.
TAKEN = """
    UPDATE tenfold_reward SET granted_count = granted_count + 1
    WHERE id = ? AND (stock_count IS NULL OR stock_count > granted_count)
"""
OWED = """
    SELECT debt.id FROM tenfold_rewardrule rule JOIN tenfold_debt debt ON debt.line = rule.line
    WHERE rule.reward_id = ? AND rule.replaced_at IS NULL AND rule.stopped_at IS NULL LIMIT 1
"""
GIVEN_CODE = """
    UPDATE tenfold_stockcode SET grant_id = ? WHERE grant_id IS NULL AND id = (
        SELECT id FROM tenfold_stockcode WHERE reward_id = ? AND grant_id IS NULL ORDER BY id LIMIT 1)
"""
GIVEN_CODE_SHARED = """
    UPDATE tenfold_stockcode SET grant_id = ? WHERE grant_id IS NULL AND id = (
        SELECT id FROM tenfold_stockcode WHERE reward_id = ? AND grant_id IS NULL ORDER BY id LIMIT 1
        FOR UPDATE SKIP LOCKED)
"""


@step
def grant(*, rule: RewardRule, journey: Journey, nth: int = 0) -> Grant | None:
    """Give what a rule gives, once a journey and line. None where nothing can be given: with none left it is owed, and
    one who is excluded or a rule that has stopped owes nothing. What was given stays given."""
    once = {"journey": journey, "line": rule.line, "nth": nth}
    if given := Grant.objects.filter(**once).first():
        return given
    owed = Debt.objects.filter(**once).first()
    given = grant_new(rule=rule, journey=journey, nth=nth, owed=owed)
    if given and owed:
        owed.delete()
    return given


@step
def grant_new(*, rule: RewardRule, journey: Journey, nth: int = 0, owed: Debt | None = None) -> Grant | None:
    """As `grant`, for whoever knows that it was not given, and whether it is owed; within the caller's step."""
    if rule.stopped_at is not None or journey.person.blocked_at is not None:
        return None
    reward = None if _others_wait(rule, owed) else _take_one(rule)
    if reward is None:
        _owe(rule, journey, nth)
        return None
    if not ledger.charge(rule=rule, amount=reward.amount):
        Reward.objects.filter(pk=reward.pk).update(granted_count=F("granted_count") - 1)
        return None
    return _give(rule, reward, journey, nth)


def _others_wait(rule: RewardRule, mine: Debt | None) -> bool:
    """Whether others were owed it before: what is there again is for them first, and the worker pays them in turn."""
    if rule.reward is None or rule.reward.stock_count is None:
        return False
    if mine is None:
        return bool(bulk.rows(OWED, (rule.reward.pk.hex,)))
    same = RewardRule.objects.filter(reward=rule.reward, replaced_at=None, stopped_at=None)
    owed = Debt.objects.filter(line__in=same.values("line"))
    return owed.filter(Q(since__lt=mine.since) | Q(since=mine.since, pk__lt=mine.pk)).exists()


def _take_one(rule: RewardRule) -> Reward | None:
    """One out of the stock, else out of that of the replacement; None with none left of either."""
    for reward in (rule.reward, rule.fallback):
        if reward is not None and take_stock(reward):
            return reward
    return None


def take_stock(reward: Reward) -> bool:
    if bulk.run(TAKEN, (reward.pk.hex,)) == 0:
        return False
    if reward.warn_below is not None:
        _warn(reward)
    return True


def _warn(reward: Reward) -> None:
    reward.refresh_from_db(fields=["stock_count", "granted_count", "warn_below"])
    left, below = reward.left_count, reward.warn_below
    if left is not None and below is not None and left < below:
        open_task(
            where=Everywhere(reward.workspace_id, reward.campaign_id),
            kind=HumanTask.Kind.STOCK_LOW,
            text=reward.name,
            key=stock_low_key(reward),
        )


def stock_low_key(reward: Reward) -> str:
    """What a person is asked by that few are left: once, until there are enough again."""
    return f"stock_low:{reward.pk}"


def restock_key(reward: Reward) -> str:
    """And that none is left."""
    return f"restock:{reward.pk}"


def _owe(rule: RewardRule, journey: Journey, nth: int) -> None:
    of = {"workspace_id": rule.workspace_id, "campaign_id": rule.campaign_id, "since": clock.now()}
    _debt, is_new = Debt.objects.get_or_create(journey=journey, line=rule.line, nth=nth, defaults=of)
    if is_new and rule.reward:
        note(Fact.REWARD_OUT, rule.reward, journey=journey)


@step
def promise(*, rule: RewardRule, journeys: Sequence[Journey]) -> None:
    """Owe it to all of these at once, in their order: each is given theirs afterwards, by itself."""
    of = {"workspace_id": rule.workspace_id, "campaign_id": rule.campaign_id, "line": rule.line}
    since = [clock.now() + timedelta(microseconds=nth) for nth in range(len(journeys))]
    debts = [Debt(journey=journey, since=at, **of) for journey, at in zip(journeys, since, strict=True)]
    Debt.objects.bulk_create(debts, batch_size=500, ignore_conflicts=True)


def _give(rule: RewardRule, reward: Reward, journey: Journey, nth: int) -> Grant:
    now = clock.now()
    waits = reward.kind == Kind.PHYSICAL or reward.claim_hours is not None
    given = Grant(
        workspace_id=reward.workspace_id,
        campaign_id=reward.campaign_id,
        rule=rule,
        line=rule.line,
        nth=nth,
        reward=reward,
        was_fallback=reward.pk != rule.reward_id,
        journey=journey,
        state=State.OFFERED if waits else State.CLAIMED,
        granted_at=now,
        claim_until=now + timedelta(hours=reward.claim_hours) if reward.claim_hours else None,
        claimed_at=None if waits else now,
    )
    insert(given)
    if reward.kind == Kind.CODES:
        _give_code(reward, given)
    amount, unit = (reward.amount, reward.kind) if reward.is_amount else (1, Unit.ITEM)
    _book(given, unit, amount, Reason.GRANTED, f"grant:{given.pk}")
    note(Fact.REWARDED, reward, journey=journey, grant=str(given.pk), when=rule.when)
    return given


def _give_code(reward: Reward, given: Grant) -> None:
    """A free code of the stock; there is one, because the counter has been moved in this transaction."""
    statement = GIVEN_CODE_SHARED if bulk.is_shared() else GIVEN_CODE
    if bulk.run(statement, (given.pk.hex, reward.pk.hex)) == 0:
        raise Refusal("stock_out", _("The stock has just run out."))


def _book(given: Grant, unit: str, amount: int, reason: str, key: str) -> None:
    ledger.write(
        journey=given.journey,
        unit=unit,
        amount=amount,
        reason=reason,
        key=key,
        rule=given.rule,
        reward=given.reward,
        grant=given,
    )


@step
def forget_debt(*, debt: Debt) -> None:
    """What it was owed for is not so any more."""
    Debt.objects.filter(pk=debt.pk).delete()


# --- claimed, or not in time ----------------------------------------------------------------------------------


@step
def claim(*, grant: Grant, address: Mapping[str, str] | None = None) -> Grant:
    """They want it; what is sent needs an address, which may change until it is sent. Twice is once."""
    given = _locked(grant)
    fields = clean_address(address) if given.reward.kind == Kind.PHYSICAL else None
    if given.journey.person.blocked_at is not None:
        raise Refusal("blocked", _("You were excluded from this campaign."), status=403)
    if given.state == State.CLAIMED and fields and given.shipped_at is None:
        Grant.objects.filter(pk=given.pk).update(address=fields)
    elif given.state == State.OFFERED:
        _claim(given, fields)
    elif given.state == State.EXPIRED:
        raise Refusal("claim_over", _("The time to claim this is over, and it went back."))
    grant.refresh_from_db()
    return grant


def _claim(given: Grant, fields: dict[str, str] | None) -> None:
    now = clock.now()
    if given.claim_until is not None and given.claim_until <= now:
        raise Refusal("claim_over", _("The time to claim this is over, and it went back."))
    Grant.objects.filter(pk=given.pk).update(
        state=State.CLAIMED, claimed_at=now, address=fields, lease_until=None
    )
    note(Fact.CLAIMED, given.reward, journey=given.journey, grant=str(given.pk))


@step
def expire(*, grant: Grant) -> bool:
    """Not claimed in time: back to the stock, for the next one. False if it was claimed, or still can be."""
    given = _locked(grant)
    if given.state != State.OFFERED or given.claim_until is None or given.claim_until > clock.now():
        return False
    Grant.objects.filter(pk=given.pk).update(state=State.EXPIRED, lease_until=None)
    StockCode.objects.filter(grant=given).update(grant=None)
    Reward.objects.filter(pk=given.reward_id).update(granted_count=F("granted_count") - 1)
    ledger.give_back(line=given.line, amount=0)
    _book(given, Unit.ITEM, -1, Reason.EXPIRED, f"grant:{given.pk}:expired")
    note(Fact.CLAIM_EXPIRED, given.reward, journey=given.journey, grant=str(given.pk))
    grant.refresh_from_db()
    return True


def _locked(grant: Grant) -> Grant:
    rows = Grant.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("reward", "rule", "journey__person", "campaign").get(pk=grant.pk)


# --- handed over ----------------------------------------------------------------------------------------------


@step
def redeem(*, number: str, workspace_id: UUID, operator: Operator) -> Grant:
    """Redeem once. A second time is refused and says when the first one was."""
    found = Grant.objects.filter(number=read_slug(number), workspace_id=workspace_id).first()
    if found is None:
        raise Refusal("unknown_number", _("There is no reward with this number."), status=404)
    given = _locked(found)
    if given.redeemed_at is not None:
        when = timezone.localtime(given.redeemed_at, given.campaign.zone)
        message = _("This reward was redeemed on %(when)s already.") % {"when": f"{when:%Y-%m-%d %H:%M}"}
        raise Refusal("redeemed_before", message)
    if given.state != State.CLAIMED:
        raise Refusal(
            "not_claimed",
            _("They have not claimed this: they do it on their own page, as long as there is time."),
        )
    now = clock.now()
    Grant.objects.filter(pk=given.pk).update(state=State.REDEEMED, redeemed_at=now, redeemed_by=operator)
    Reward.objects.filter(pk=given.reward_id).update(redeemed_count=F("redeemed_count") + 1)
    note(Fact.REDEEMED, given.reward, journey=given.journey, operator=operator, grant=str(given.pk))
    given.refresh_from_db()
    return given


@step
def ship(*, grant: Grant, tracking: str, operator: Operator) -> Grant:
    """It is on its way; sent twice, only the number to follow it by changes."""
    given = _locked(grant)
    if given.reward.kind != Kind.PHYSICAL or given.state not in (State.CLAIMED, State.REDEEMED):
        raise Refusal("not_to_ship", _("There is nothing to send: no address was given."))
    number = " ".join(tracking.replace("\x00", "").split())[:80]
    if given.shipped_at is None:
        note(Fact.SHIPPED, given.reward, journey=given.journey, operator=operator, grant=str(given.pk))
    sent = {"shipped_at": given.shipped_at or clock.now(), "shipped_by": operator, "tracking": number}
    Grant.objects.filter(pk=given.pk).update(**sent)
    grant.refresh_from_db()
    return grant


@step
def unship(*, grant: Grant, operator: Operator) -> Grant:
    """It was marked by mistake."""
    given = _locked(grant)
    if given.shipped_at is not None:
        Grant.objects.filter(pk=given.pk).update(shipped_at=None, shipped_by=None, tracking="")
        note(Fact.UNSHIPPED, given.reward, journey=given.journey, operator=operator, grant=str(given.pk))
    grant.refresh_from_db()
    return grant


def note(
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
