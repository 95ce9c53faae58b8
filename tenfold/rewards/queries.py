"""What more than one caller asks of rewards."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from tenfold.base import bulk
from tenfold.base.fresh import reread
from tenfold.base.models import read_before
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tenfold.proofs.queries import still_followed
from tenfold.rewards.books import Balance, LedgerRow
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule
from tenfold.rewards.rules import ON_THE_WAY

Rule = RewardRule.When
MAIN = (Rule.TASK, Rule.INVITES, Rule.JOINED, Rule.ATTENDANCE, Rule.LOTTERY, Rule.RANK)
IS_LEFT = Q(reward__stock_count=None) | Q(reward__stock_count__gt=F("reward__granted_count"))
IS_FALLBACK_LEFT = Q(fallback__stock_count=None) | Q(fallback__stock_count__gt=F("fallback__granted_count"))


def rewards_of(campaign: Campaign | UUID, *, is_all: bool = False) -> QuerySet[Reward]:
    """The catalogue; with `is_all` also what was put away."""
    rows = Reward.objects.filter(campaign_id=_id(campaign)).order_by("position", "made_at", "id")
    return rows if is_all else rows.filter(state=Reward.State.ACTIVE)


def rules_of(campaign: Campaign | UUID) -> QuerySet[RewardRule]:
    """Those that hold now, the ones that have stopped among them: in the order they are told, then by what it takes."""
    rank = Case(
        *(When(when=when, then=Value(place)) for place, when in enumerate(Rule)),
        output_field=IntegerField(),
    )
    rows = rules_now().filter(campaign_id=_id(campaign))
    return rows.order_by(rank, "need", "rank_from", "id")


def rules_now() -> QuerySet[RewardRule]:
    """Those that hold now, of all campaigns."""
    return RewardRule.objects.filter(replaced_at=None).select_related("reward", "fallback")


def versions_of(line: UUID) -> QuerySet[RewardRule]:
    """All versions of a rule, the newest first."""
    rows = RewardRule.objects.filter(line=line).select_related("reward", "fallback", "made_by")
    return rows.order_by("-version")


def main_reward(campaign: Campaign | UUID) -> Reward | None:
    """What {reward} means in the campaign's words: what is given for the task, else for the fewest friends, else for
    joining; without any rule the first of the catalogue."""
    rules = RewardRule.objects.filter(campaign_id=_id(campaign), replaced_at=None, reward__isnull=False)
    # Asked for everybody who is greeted: a campaign's few rules are sorted sooner than the statement for it is built.
    found = min(rules.select_related("reward"), key=_how_main, default=None)
    return found.reward if found else rewards_of(campaign).first()


def _how_main(rule: RewardRule) -> tuple[int, int, UUID]:
    return (MAIN.index(rule.when) if rule.when in MAIN else len(MAIN)), rule.need, rule.id


def _id(campaign: Campaign | UUID) -> UUID:
    return campaign if isinstance(campaign, UUID) else campaign.id


# --- who has earned what --------------------------------------------------------------------------------------


COUNTED = "SELECT id FROM tenfold_credit WHERE inviter_id = ? AND newcomer_id = ? AND state = 'valid'"


def has_counted(journey: Journey) -> bool:
    """Whether whoever joined by a friend's code counts for them; who came by nobody's code counts at once."""
    if journey.inviter_id is None:
        return journey.joined_at is not None
    return bool(bulk.rows(COUNTED, (journey.inviter_id.hex, journey.pk.hex)))


def has_task_reward(journey: Journey) -> bool:
    """Whether something was given for their task: then the verdict on it stands."""
    return Grant.objects.filter(journey=journey, rule__when=Rule.TASK).exists()


def is_earned(rule: RewardRule, journey: Journey) -> bool:
    """Whether it is deserved now. Places and draws are settled once, at the end: what was won there stays won."""
    if journey.person.blocked_at is not None:
        return False
    match rule.when:
        case Rule.TASK:
            return journey.approved_at is not None
        case Rule.INVITES:
            return journey.valid_count >= rule.need
        case Rule.ATTENDANCE:
            return journey.attendance_count >= rule.need
        case Rule.JOINED:
            return has_counted(journey)
        case _:
            return rule.when in (Rule.RANK, Rule.LOTTERY)


# By its statement alone: whoever is given something keeps others waiting meanwhile.
UNEARNED = """
    SELECT rule.id FROM tenfold_rewardrule rule
    WHERE rule.campaign_id = ? AND rule.replaced_at IS NULL AND rule.stopped_at IS NULL
        AND rule."when" IN (?, ?, ?, ?)
        AND NOT EXISTS (SELECT 1 FROM tenfold_grant given WHERE given.journey_id = ? AND given.line = rule.line)
        AND NOT EXISTS (SELECT 1 FROM tenfold_debt owed WHERE owed.journey_id = ? AND owed.line = rule.line)
    ORDER BY rule.id
"""


def newly_earned(journey: Journey) -> list[RewardRule]:
    """Running rules by which they have earned something on the way that was neither given nor owed, as they are now.
    Those read with the campaign before need not be read again: a rule never changes. But whether it runs may have,
    and what it gives."""
    when = [each.value for each in ON_THE_WAY]
    found = bulk.rows(UNEARNED, (journey.campaign_id.hex, *when, journey.pk.hex, journey.pk.hex))
    ids = [UUID(bulk.hexed(row_id)) for [row_id] in found]
    known = {rule.pk: rule for rule in read_before(journey.campaign, "reward_rules") or ()}
    if known.keys() >= set(ids):
        rules = _as_now([known[row_id] for row_id in ids if is_earned(known[row_id], journey)])
    else:
        now = RewardRule.objects.select_related("reward", "fallback").in_bulk(ids)
        rules = [now[row_id] for row_id in ids if is_earned(now[row_id], journey)]
    return _surely(rules, journey)


def _as_now(rules: list[RewardRule]) -> list[RewardRule]:
    for rule in rules:
        rule.stopped_at = None  # those that are not running now are not among them
    beside = (rule._state.fields_cache.get(name) for rule in rules for name in ("reward", "fallback"))
    if rewards := [reward for reward in beside if reward]:
        reread(*rewards)
    return rules


def _surely(rules: list[RewardRule], journey: Journey) -> list[RewardRule]:
    """Without what friends bring whose own reward has not made their approval final: that comes with a later step."""
    if not any(rule.when == Rule.INVITES for rule in rules):
        return rules
    unsure = list(still_followed(journey).values()).count(Proof.Follows.BOTH)
    sure = journey.valid_count - unsure
    return [rule for rule in rules if rule.when != Rule.INVITES or rule.need <= sure]


# So many journeys are looked through at once, whichever campaign they are of: by their keys, as they are kept.
A_WINDOW = 1000


def deserving(rule: RewardRule, *, most: int) -> tuple[list[Journey], UUID | None]:
    """The next who may have earned it before the rule was there, and where to go on, None at the end. A part of them
    costs the same however large the campaign is."""
    keys = Journey.objects.order_by("pk").values_list("pk", "campaign_id")
    window = list((keys.filter(pk__gt=rule.swept_to) if rule.swept_to else keys)[:A_WINDOW])
    near = [key for key, campaign_id in window if campaign_id == rule.campaign_id]
    given = Grant.objects.filter(journey_id=OuterRef("pk"), line=rule.line)
    rows = Journey.objects.filter(_may_deserve(rule), ~Exists(given), pk__in=near).order_by("pk")
    found = list(rows.select_related("campaign", "person", "group")[: most + 1])
    if len(found) > most:
        return found[:most], found[most - 1].pk
    return found, window[-1][0] if len(window) == A_WINDOW else None


def _may_deserve(rule: RewardRule) -> Q:
    match rule.when:
        case Rule.TASK:
            return Q(approved_at__isnull=False)
        case Rule.INVITES:
            return Q(valid_count__gte=rule.need)
        case Rule.ATTENDANCE:
            return Q(attendance_count__gte=rule.need)
        case _:
            return Q(joined_at__isnull=False)


def owed(rule: RewardRule) -> QuerySet[Debt]:
    """What could not be given because there was none left: first come, first served."""
    return Debt.objects.filter(line=rule.line).order_by("since", "id")


def owed_count(reward: Reward) -> int:
    """How many people wait for this one."""
    lines = RewardRule.objects.filter(reward=reward, replaced_at=None).values("line")
    return Debt.objects.filter(line__in=lines).count()


def payable() -> QuerySet[RewardRule]:
    """Rules by which something is owed to somebody, of which there is some again."""
    owes = Debt.objects.filter(line=OuterRef("line"))
    is_left = IS_LEFT | (Q(fallback__isnull=False) & IS_FALLBACK_LEFT)
    rows = RewardRule.objects.filter(is_left, Exists(owes), replaced_at=None, stopped_at=None)
    return rows.select_related("reward", "fallback").order_by("id")


# --- what somebody has ----------------------------------------------------------------------------------------


def grants_of(journey: Journey) -> QuerySet[Grant]:
    """Everything they have earned, the newest first."""
    rows = Grant.objects.filter(journey=journey).select_related("rule", "reward__file", "stock_code")
    return rows.defer("reward__file__content").order_by("-granted_at", "-id")


def ledger_of(journey: Journey) -> QuerySet[LedgerRow]:
    """Every change of what they have, the newest first."""
    rows = LedgerRow.objects.filter(journey=journey)
    return rows.select_related("newcomer__person", "reward", "order", "payout", "operator").order_by(
        "-at", "-id"
    )


def balance_of(journey: Journey, unit: str) -> int:
    amount = Balance.objects.filter(journey=journey, unit=unit).values_list("amount", flat=True).first()
    return amount or 0
