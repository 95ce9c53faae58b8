"""Every counter derived anew from the journal, and every difference found. There must be none.

A check compares two tellings of the same numbers: a stored column or a count of rows on one side, a sum of
facts on the other. The table CHECKS is the whole of it; a new counter is one more line there.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tenfold.base.claim import one_transaction
from tenfold.codes.models import Scan
from tenfold.groups.models import Group, Seat
from tenfold.insight.boards import Blocks, InBlocks, Numbered, Stood, ToNumber, ToStand
from tenfold.insight.sources import (
    Column,
    Facts,
    HeldSeats,
    Openings,
    People,
    Rows,
    Source,
    Stored,
    Sums,
    Tallies,
    Together,
    Uses,
    one_snapshot,
)
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Attendance, Credit, Journey
from tenfold.platforms.web.models import Post
from tenfold.proofs.models import Look, Proof, SecondLook
from tenfold.rewards.books import Balance, LedgerRow, Order, Payout, Unit
from tenfold.rewards.models import Grant, Reward, RewardRule, StockCode


@dataclass(frozen=True)
class Check:
    """`told` is what the tables say, `facts` is what it has to be."""

    name: str
    told: Source
    facts: Source


@dataclass(frozen=True)
class Difference:
    name: str
    row_id: UUID
    told: int
    facts: int


@dataclass(frozen=True)
class Report:
    """`counter_count` numbers were compared with what `fact_count` facts add up to."""

    differences: list[Difference]
    check_count: int
    counter_count: int
    fact_count: int


HELD = Together(
    (
        Openings("group_id", {"is_hold": True}),
        Facts("group_id", plus=(Fact.SEAT_HELD,), minus=(Fact.HOLD_ENDED,)),
    )
)
TAKEN = Facts("group_id", plus=(Fact.SEAT_TAKEN,), minus=(Fact.SEAT_FREED,))
VALID = Facts("journey_id", plus=(Fact.CREDIT_VALID,), minus=(Fact.CREDIT_UNVALIDATED,))
COUNTED = Together((VALID, Facts("journey_id", plus=(Fact.INVITES_ADJUSTED,), amount="amount")))
MONEY = Facts("journey_id", plus=(Fact.MONEY_MOVED,), amount="amount")
POINTS = Facts("journey_id", plus=(Fact.POINTS_MOVED,), amount="amount")
ATTENDED = Facts("journey_id", plus=(Fact.ATTENDED,))
REMINDED = Facts("journey_id", plus=(Fact.REMINDED,))
STOCK = Facts("reward_id", plus=(Fact.STOCK_ADDED,), minus=(Fact.STOCK_TAKEN_BACK,), amount="added")
GRANTED = Facts("reward_id", plus=(Fact.REWARDED,), minus=(Fact.CLAIM_EXPIRED,))
REDEEMED = Facts("reward_id", plus=(Fact.REDEEMED,))
CODES = {"kind": Reward.Kind.CODES}
HOLDING = {"replaced_at__isnull": True}
HELD_GRANTS = {"state__in": [Grant.State.OFFERED, Grant.State.CLAIMED, Grant.State.REDEEMED]}
HELD_ITEMS = HELD_GRANTS | {
    "reward__kind__in": [kind for kind in Reward.Kind if kind not in (Reward.Kind.MONEY, Reward.Kind.POINTS)]
}
ITEMS = {"unit": Unit.ITEM}
PAID_OUT = {"reason": LedgerRow.Reason.PAID_OUT}

CHECKS = [
    Check("group.held_count", HeldSeats(), HELD),
    Check("group.taken_count", Column(Group, "taken_count"), TAKEN),
    Check("seats held", Rows(Seat, "group_id", {"state": Seat.State.HELD}), HELD),
    Check("seats taken", Rows(Seat, "group_id", {"state": Seat.State.TAKEN}), TAKEN),
    Check("tally.scan_count", Tallies("scan_count"), Openings()),
    Check("tally.visitor_count", Tallies("visitor_count"), Openings(where={"is_first": True})),
    Check("journey.valid_count", Column(Journey, "valid_count"), COUNTED),
    Check("journey.board_count", Stood(Journey, "board_count"), ToStand(COUNTED)),
    Check("journey.counted_seq", Numbered(), ToNumber()),
    Check("standing.people_count", Blocks(), InBlocks()),
    Check("credits valid", Rows(Credit, "inviter_id", {"state": Credit.State.VALID}), VALID),
    Check("ledger of friends", Sums(LedgerRow, "journey_id", {"unit": Unit.INVITE}), COUNTED),
    Check("ledger of money", Sums(LedgerRow, "journey_id", {"unit": Unit.MONEY}), MONEY),
    Check("ledger of points", Sums(LedgerRow, "journey_id", {"unit": Unit.POINTS}), POINTS),
    Check("balances of money", Sums(Balance, "journey_id", {"unit": Unit.MONEY}), MONEY),
    Check("balances of points", Sums(Balance, "journey_id", {"unit": Unit.POINTS}), POINTS),
    Check("journey.attendance_count", Column(Journey, "attendance_count"), ATTENDED),
    Check("attendances", Rows(Attendance, "journey_id"), ATTENDED),
    Check("journey.remind_count", Column(Journey, "remind_count"), REMINDED),
    Check("reward.stock_count", Column(Reward, "stock_count", CODES), STOCK),
    Check("stock codes", Rows(StockCode, "reward_id"), STOCK),
    Check("reward.granted_count", Column(Reward, "granted_count"), GRANTED),
    Check("grants", Rows(Grant, "reward_id", HELD_GRANTS), GRANTED),
    Check("ledger of rewards", Sums(LedgerRow, "grant_id", ITEMS), Rows(Grant, "id", HELD_ITEMS)),
    Check("rule.used_count", Column(RewardRule, "used_count", HOLDING), Uses("used_count")),
    Check("rule.spent", Column(RewardRule, "spent", HOLDING), Uses("spent")),
    Check("payout.total", Column(Payout, "total"), Sums(LedgerRow, "payout_id", PAID_OUT, is_less=True)),
    Check("payout.people_count", Column(Payout, "people_count"), Rows(LedgerRow, "payout_id", PAID_OUT)),
    Check("orders", Rows(Order, "campaign_id"), Facts("campaign_id", plus=(Fact.ORDERED,))),
    Check(
        "orders refunded",
        Rows(Order, "campaign_id", {"refunded_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.ORDER_REFUNDED,), minus=(Fact.ORDER_UNREFUNDED,)),
    ),
    Check("reward.redeemed_count", Column(Reward, "redeemed_count"), REDEEMED),
    Check("grants redeemed", Rows(Grant, "reward_id", {"redeemed_at__isnull": False}), REDEEMED),
    Check(
        "journeys joined",
        Rows(Journey, "campaign_id", {"joined_at__isnull": False}),
        People("campaign_id", (Fact.JOINED,)),
    ),
    Check(
        "journeys approved",
        Rows(Journey, "campaign_id", {"approved_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.APPROVED,), minus=(Fact.UNAPPROVED,)),
    ),
    Check(
        "proofs waiting",
        Rows(Proof, "campaign_id", {"state": Proof.State.WAITING}),
        Facts(
            "campaign_id",
            plus=(Fact.PROOF_SENT, Fact.VERDICT_UNDONE, Fact.APPEALED),
            minus=(Fact.PROOF_JUDGED, Fact.PROOF_WITHDRAWN),
        ),
    ),
    Check(
        "proofs appealed",
        Rows(Proof, "campaign_id", {"appealed_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.APPEALED,)),
    ),
    Check(
        "looks made",
        Rows(Look, "campaign_id", {"looked_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.LOOKED,)),
    ),
    Check(
        "second looks made",
        Rows(SecondLook, "campaign_id", {"looked_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.SECOND_LOOKED,)),
    ),
    Check(
        "journeys rewarded",
        Rows(Journey, "campaign_id", {"rewarded_at__isnull": False}),
        People("campaign_id", (Fact.REWARDED,)),
    ),
    Check(
        "screenshots erased",
        Rows(Proof, "campaign_id", {"erased_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.PICTURE_ERASED,)),
    ),
    Check(
        "journeys out",
        Rows(Journey, "campaign_id", {"left_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.LEFT, Fact.REMOVED), minus=(Fact.REJOINED,)),
    ),
    Check(
        "posts hidden",
        Rows(Post, "room_id", {"hidden_at__isnull": False}),
        Facts("group_id", plus=(Fact.POST_HIDDEN,), minus=(Fact.POST_SHOWN,)),
    ),
    Check(
        "journeys kept out",
        Rows(Journey, "campaign_id", {"kept_out_at__isnull": False}),
        Facts("campaign_id", plus=(Fact.KEPT_OUT,), minus=(Fact.LET_BACK,)),
    ),
]


def checked() -> Report:
    """Compare everything in one snapshot, so that it is right while the crowd goes on."""
    with one_snapshot():
        found: list[Difference] = []
        counter_count = 0
        for check in CHECKS:
            compared, differences = _compared(check)
            counter_count += compared
            found += differences
        return Report(found, len(CHECKS), counter_count, Entry.objects.count() + Scan.objects.count())


def differences() -> list[Difference]:
    return checked().differences


def _compared(check: Check) -> tuple[int, list[Difference]]:
    """A stored column is compared for the rows there are, as facts outlive rows; counts of rows both ways."""
    told, facts = check.told.counts(), check.facts.counts()
    keys = told.keys() if isinstance(check.told, Column | HeldSeats) else told.keys() | facts.keys()
    return len(keys), [
        Difference(check.name, key, told.get(key, 0), facts.get(key, 0))
        for key in sorted(keys)
        if told.get(key, 0) != facts.get(key, 0)
    ]


def written_back(found: list[Difference]) -> int:
    """Set the stored counters among `found` to what the facts say; how many were set.

    Only where the counter still shows the number compared: one that moved meanwhile is left for the next run.
    """
    stored = {check.name: check.told for check in CHECKS if isinstance(check.told, Stored)}
    with one_transaction():
        return sum(
            stored[each.name].put_right(each.row_id, told=each.told, facts=each.facts)
            for each in found
            if each.name in stored
        )
