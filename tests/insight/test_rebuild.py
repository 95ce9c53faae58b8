"""The counters and the journal tell the same, and each kind of damage is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.base import clock
from tenfold.codes.models import Scan, ScanTally
from tenfold.codes.queries import tallies
from tenfold.groups.models import Group, Seat
from tenfold.insight.rebuild import CHECKS, Difference, checked, differences, written_back
from tenfold.insight.sources import Stored, one_snapshot
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Attendance, Credit, Journey, Standing
from tenfold.proofs.models import Look, Proof, SecondLook
from tenfold.rewards import payouts
from tenfold.rewards.books import Balance, LedgerRow, Order, Payout
from tenfold.rewards.models import Grant, Reward, RewardRule, StockCode
from tenfold.rewards.ruling import make_rule
from tests import cast
from tests.conftest import FrozenClock
from tests.insight.family import Family, family

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Family:
    return family()


def test_a_story_leaves_no_difference(told: Family) -> None:
    report = checked()
    assert report.differences == []
    assert report.check_count == len(CHECKS)
    assert report.fact_count == Entry.objects.count() + Scan.objects.count()
    assert report.counter_count > report.check_count


def test_undone_reminded_redeemed_and_returned_leave_no_difference(told: Family, frozen: FrozenClock) -> None:
    stage = told.stage
    again = flow.scanned(slug=stage.code.slug, visitor_id=told.dan.person.visitor_id)
    assert again.group
    flow.joined(
        group=again.group, visitor_id=again.visitor_id, nickname="Dan", has_consented=True, language="en"
    )
    flow.redeemed(number=told.ann.grants.get().number, workspace_id=stage.workspace.id, operator=stage.owner)
    rejected = told.cai.proofs.get()
    flow.verdict_undone(proof=rejected, operator=stage.owner)
    flow.removed(journey=told.ben)
    eve = cast.joins(stage, "Eve")
    frozen.advance(days=1, hours=1)
    flow.stalled(journey=eve)
    held = flow.scanned(slug=stage.code.slug, visitor_id=None).seat
    assert held
    frozen.advance(minutes=16)
    flow.hold_expired(seat=held)
    assert Entry.objects.filter(kind=Fact.REMINDED).exists()
    assert differences() == []


def test_orders_and_payouts_leave_no_difference(told: Family) -> None:
    stage, by = told.stage, told.stage.owner
    make_rule(campaign=stage.campaign, operator=by, when="order", unit="money", direct=1000)
    for number in ("A", "B"):
        order = flow.ordered(
            campaign=stage.campaign, number=number, amount=5000, buyer=told.ben.code.slug, operator=by
        )
    paid = payouts.pay_out(campaign=stage.campaign, operator=by)
    assert (paid.total, paid.people_count) == (1000, 1)
    flow.refunded(order=order, operator=by)
    assert differences() == []
    payouts.cancel(payout=paid, operator=by)
    flow.unrefunded(order=order, operator=by)
    assert payouts.pay_out(campaign=stage.campaign, operator=by).total == 1000
    assert differences() == []
    Payout.objects.filter(pk=paid.pk).update(total=7, people_count=9)
    assert written_back(differences()) == 2
    paid.refresh_from_db()
    assert (paid.total, paid.people_count, differences()) == (1000, 1, [])


def test_an_approval_taken_back_leaves_no_difference() -> None:
    """The stock was out, so nothing was given yet and the verdict can still be turned round."""
    stage = cast.live(stock=1)
    cast.is_approved(cast.sends(cast.joins(stage, "Ann")), stage.owner)
    ben = cast.joins(stage, "Ben")
    flow.verdict_undone(proof=cast.is_approved(cast.sends(ben), stage.owner), operator=stage.owner)
    assert Journey.objects.get(pk=ben.pk).approved_at is None
    assert differences() == []


def of_a_journey() -> dict[str, Any]:
    journey = Journey.objects.earliest("id")
    return {"workspace_id": journey.workspace_id, "campaign_id": journey.campaign_id, "journey": journey}


def a_row(unit: str) -> None:
    LedgerRow.objects.create(**of_a_journey(), unit=unit, amount=5, reason="adjusted", key="damage")


def a_balance(unit: str) -> None:
    Balance.objects.create(**of_a_journey(), unit=unit, amount=5)


def of_a_campaign() -> dict[str, Any]:
    journey = Journey.objects.earliest("id")
    return {"workspace_id": journey.workspace_id, "campaign_id": journey.campaign_id}


def of_a_group() -> dict[str, Any]:
    return of_a_campaign() | {"group_id": Group.objects.earliest("id").id}


def a_payout(**told: int) -> None:
    Payout.objects.create(**of_a_campaign(), currency="CNY", **told)


def an_order() -> None:
    Order.objects.create(
        **of_a_campaign(), number="X", amount=5, currency="CNY", placed_at=clock.now(), source="csv"
    )


def one_more(
    model: type[Group] | type[ScanTally] | type[Journey] | type[Reward] | type[RewardRule], column: str
) -> Callable[[], object]:
    return lambda: model._default_manager.order_by("id").update(**{column: F(column) + 1})


def of_a_proof() -> dict[str, Any]:
    proof = Proof.objects.earliest("id")
    return {"workspace_id": proof.workspace_id, "campaign_id": proof.campaign_id, "proof": proof}


def places_swapped() -> None:
    """The first on the board stands where somebody else does, so that its blocks stay as they are."""
    first, *_rest, other = Journey.objects.order_by("-board_count", "counted_seq")
    for row, where in ((first, other), (other, first)):
        at = {"board_count": where.board_count, "counted_seq": where.counted_seq}
        Journey.objects.filter(pk=row.pk).update(**at)


DAMAGE: dict[str, Callable[[], object]] = {
    "group.held_count": one_more(Group, "held_count"),
    "group.taken_count": one_more(Group, "taken_count"),
    "tally.scan_count": one_more(ScanTally, "scan_count"),
    "tally.visitor_count": one_more(ScanTally, "visitor_count"),
    "journey.valid_count": one_more(Journey, "valid_count"),
    "journey.board_count": places_swapped,
    "journey.counted_seq": lambda: Journey.objects.filter(board_count__gt=0).update(
        counted_seq=F("counted_seq") + 1
    ),
    "standing.people_count": lambda: Standing.objects.filter(valid_count__gt=0).update(
        people_count=F("people_count") + 1
    ),
    "journey.remind_count": one_more(Journey, "remind_count"),
    "reward.stock_count": one_more(Reward, "stock_count"),
    "reward.granted_count": one_more(Reward, "granted_count"),
    "reward.redeemed_count": one_more(Reward, "redeemed_count"),
    "seats held": lambda: Seat.objects.filter(state="held").update(state="released"),
    "seats taken": lambda: Seat.objects.filter(state="taken").update(state="released"),
    "credits valid": lambda: Credit.objects.filter(state="valid").update(state="pending"),
    "stock codes": lambda: StockCode.objects.filter(grant=None).delete(),
    "grants": lambda: Grant.objects.all().delete(),
    "grants redeemed": lambda: Grant.objects.update(redeemed_at=clock.now()),
    "proofs waiting": lambda: Proof.objects.filter(pk=Proof.objects.earliest("id").pk).update(
        state="waiting"
    ),
    "proofs appealed": lambda: Proof.objects.update(appealed_at=clock.now()),
    "looks made": lambda: Look.objects.update_or_create(**of_a_proof(), defaults={"looked_at": clock.now()}),
    "second looks made": lambda: SecondLook.objects.create(
        **of_a_proof(), of="person", first_state="approved", state="approved", looked_at=clock.now()
    ),
    "screenshots erased": lambda: Proof.objects.filter(pk=Proof.objects.earliest("id").pk).update(
        erased_at=clock.now()
    ),
    "journeys joined": lambda: Journey.objects.update(joined_at=None),
    "journeys approved": lambda: Journey.objects.update(approved_at=None),
    "journeys rewarded": lambda: Journey.objects.update(rewarded_at=None),
    "ledger of friends": lambda: LedgerRow.objects.filter(unit="invite").delete(),
    "ledger of money": lambda: a_row("money"),
    "ledger of points": lambda: a_row("points"),
    "balances of money": lambda: a_balance("money"),
    "balances of points": lambda: a_balance("points"),
    "ledger of rewards": lambda: LedgerRow.objects.filter(unit="item").update(grant=None),
    "rule.used_count": one_more(RewardRule, "used_count"),
    "rule.spent": one_more(RewardRule, "spent"),
    "payout.total": lambda: a_payout(total=5),
    "payout.people_count": lambda: a_payout(people_count=1),
    "orders": an_order,
    "orders refunded": lambda: Entry.objects.create(kind=Fact.ORDER_REFUNDED, **of_a_campaign()),
    "journey.attendance_count": one_more(Journey, "attendance_count"),
    "attendances": lambda: Attendance.objects.create(**of_a_journey(), day=clock.now().date()),
    "journeys out": lambda: Journey.objects.update(left_at=None),
    "posts hidden": lambda: Entry.objects.create(kind=Fact.POST_HIDDEN, **of_a_group()),
    "journeys kept out": lambda: Journey.objects.update(kept_out_at=clock.now()),
}


def test_damage_is_tried_on_every_check() -> None:
    assert set(DAMAGE) == {check.name for check in CHECKS}


def test_a_lost_fact_is_found_too(told: Family) -> None:
    shown = flow.scanned(slug=told.ann.code.slug, visitor_id=None)
    flow.scanned(slug=told.ann.code.slug, visitor_id=shown.visitor_id)
    first, again = Scan.objects.filter(code=told.ann.code_id, visitor_id=shown.visitor_id).order_by("id")
    again.delete()
    campaign, group = told.stage.campaign.id, told.stage.group.id
    [found] = differences()
    assert found == Difference("tally.scan_count", campaign, told=6, facts=5)
    first.delete()  # the one that was also their first touch, and held them a seat
    assert differences() == [
        Difference("group.held_count", group, told=2, facts=1),
        Difference("seats held", group, told=2, facts=1),
        Difference("tally.scan_count", campaign, told=6, facts=4),
        Difference("tally.visitor_count", campaign, told=5, facts=4),
    ]


def test_damaged_counters_are_written_back_from_the_facts(told: Family) -> None:
    # The order on the board is asked where counts are right: `test_boards` puts that right.
    columns = {check.name for check in CHECKS if isinstance(check.told, Stored)} - {"journey.counted_seq"}
    assert columns > {"group.held_count", "tally.scan_count", "reward.stock_count"}
    for name in columns:
        DAMAGE[name]()
    found = differences()
    assert {each.name for each in found} == columns
    assert written_back(found) == len(found)
    assert differences() == []


def test_a_counter_that_moved_meanwhile_is_left_alone(told: Family) -> None:
    DAMAGE["tally.scan_count"]()
    found = differences()
    flow.scanned(slug=told.stage.code.slug, visitor_id=None)
    assert written_back(found) == len(found) - 1
    [left] = differences()
    assert (left.name, left.row_id) == ("tally.scan_count", told.stage.code.channel_id)


def test_tallies_that_are_gone_are_counted_anew(told: Family) -> None:
    before = tallies([told.stage.campaign.id])
    assert before.keys() == {told.stage.campaign.id, told.stage.code.channel_id}
    ScanTally.objects.all().delete()
    found = differences()
    assert len(found) == 4
    assert written_back(found) == 4
    assert differences() == []
    assert tallies([told.stage.campaign.id]) == before


def test_a_tally_that_began_meanwhile_is_left_alone(told: Family) -> None:
    ScanTally.objects.all().delete()
    found = differences()
    flow.scanned(slug=told.stage.code.slug, visitor_id=None)
    assert written_back(found) == 2  # of the participants' own codes; the channel's shows a scan by now
    assert {each.row_id for each in differences()} == {told.stage.code.channel_id}
    assert written_back(differences()) == 2
    assert differences() == []


@pytest.mark.parametrize("column", ["scan_count", "visitor_count"])
def test_far_too_much_in_many_slots_is_put_right_and_the_other_count_kept(told: Family, column: str) -> None:
    campaign = told.stage.campaign.id
    right = tallies([campaign])[campaign]
    [tally] = ScanTally.objects.filter(source_id=campaign)
    for slot in range(1, 5):
        ScanTally.objects.create(campaign_id=campaign, source_id=campaign, slot=slot, **{column: 5})
    # The other count is right, and lies in a slot that does not stay.
    other = {"scan_count": "visitor_count", "visitor_count": "scan_count"}[column]
    ScanTally.objects.filter(source_id=campaign, slot=4).update(**{other: getattr(tally, other)})
    ScanTally.objects.filter(pk=tally.pk).update(**{other: 0})
    [found] = differences()
    assert (found.name, found.told - found.facts) == (f"tally.{column}", 20)
    assert written_back([found]) == 1
    assert tallies([campaign])[campaign] == right
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_the_snapshot_holds_up_nobody_and_ends_cleanly() -> None:
    family()
    assert checked().differences == []
    with one_snapshot():
        before = Entry.objects.count()
    assert not connection.in_atomic_block
    cast.joins(cast.live(owner=cast.workspace("other@example.com")), "Zoe")
    assert Entry.objects.count() > before
    assert differences() == []


def test_the_number_of_queries_does_not_grow(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    family()
    # One for each side of a check, and one more for each part of what two tables tell together: who holds seats (three
    # times), who counts by themselves and by hand, what rules have used, the board, the order on it,
    # and how many facts there are.
    with django_assert_num_queries(2 * len(CHECKS) + 13):
        checked()
