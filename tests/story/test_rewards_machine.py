"""Rewards in any order: people join, leave, come back, are approved, bought for, excluded, corrected, late and twice.

A plain model, a few lines of Python beside the product, keeps who counts for whom. After every step the product says
the same, the ledger adds up to every number shown, and no stock, cap or budget was exceeded. TENFOLD_STORIES=500 tells
more stories than a usual run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.campaigns import actions as campaigns
from tenfold.insight.rebuild import differences
from tenfold.people.models import Credit, Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards.books import LedgerRow, Unit
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule, StockCode
from tenfold.rewards.queries import balance_of, is_earned
from tests import cast

# Half as many on PostgreSQL: see test_machine.
STORIES = int(os.environ.get("TENFOLD_STORIES", "5" if os.environ.get("DATABASE_URL") else "10"))
PICK = st.integers(0, 10_000)
STAY, GRACE = timedelta(hours=6), timedelta(minutes=300)
DIRECT, SECOND, CAP, BUDGET = 500, 200, 2, 1500


@dataclass
class Someone:
    """One participant as the model knows them; `credit` is what they are to their inviter."""

    key: UUID
    inviter: Someone | None
    joined_at: datetime
    device: str
    is_here: bool = True
    is_blocked: bool = False
    was_counted: bool = False
    is_over: bool = False
    was_barred: bool = False
    """Whether their being excluded is what they lost their credit by."""
    is_approved: bool = False
    has_order: bool = False
    credit: str = ""
    due_at: datetime | None = None
    adjusted: int = 0


class Rewards(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 2, 2, tzinfo=UTC)
        clock.set_for_tests(self.now)
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.people: list[Someone] = []
        self.granted: set[UUID] = set()
        self.ended_at: datetime | None = None

    def teardown(self) -> None:
        try:
            assert differences() == []
        finally:
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)
            clock.set_for_tests(None)

    @initialize(when=st.sampled_from(["joined", "approved", "stayed", "ordered"]), has_budget=st.booleans())
    def launch(self, when: str, has_budget: bool) -> None:
        self.when, self.has_budget = when, has_budget
        self.stage = stage = cast.draft(capacity=500, stock=2, reward_kind="codes")
        campaigns.change_plan(
            campaign=stage.campaign, operator=stage.owner, credit_when=when, grace_minutes=300, stay_hours=6
        )
        add, make = self.add, self.make
        badge, cup = add("text", stock_count=3), add("physical", stock_count=2, claim_hours=8)
        make("invites", reward=badge, need=1)
        self.ladder = make("invites", reward=cup, need=2, fallback=add("link", stock_count=1))
        make("joined", reward=add("points", amount=7), campaign_cap=4)
        make("attendance", reward=add("text", stock_count=None), need=2)
        budget = BUDGET if has_budget else None
        make("invite", unit="money", direct=DIRECT, second=SECOND, person_cap=CAP, budget=budget)
        flow.launched(campaign=stage.campaign, operator=stage.owner)

    def add(self, kind: str, **fields: Any) -> Reward:
        text = "https://example.com" if kind in ("text", "link") else ""
        owner = self.stage.owner
        return rewards.add_reward(
            campaign=self.stage.campaign, kind=kind, name=kind, text=text, operator=owner, **fields
        )

    def make(self, when: str, **fields: Any) -> RewardRule:
        return rewards.make_rule(campaign=self.stage.campaign, operator=self.stage.owner, when=when, **fields)

    # --- what happens -----------------------------------------------------------------------------------------

    @rule(nth=PICK, is_seed=st.booleans(), device=st.integers(0, 6))
    def join(self, nth: int, is_seed: bool, device: int) -> None:
        if self.ended_at or len(self.people) > 12:
            return
        inviter = None if is_seed or not self.people else self.one(nth)
        by = self.row(inviter).code if inviter else self.stage.code
        shown = flow.scanned(slug=by.slug, visitor_id=new_id())
        assert shown.group is not None
        phone = "" if device > 3 else f"{device:032x}"
        journey = flow.joined(
            group=shown.group,
            visitor_id=shown.visitor_id,
            nickname="Ben",
            has_consented=True,
            language="en",
            device=phone,
        )
        someone = Someone(journey.pk, inviter, self.now, phone)
        self.people.append(someone)
        self.credited(someone)

    @rule(nth=PICK)
    def leave(self, nth: int) -> None:
        if not self.people:
            return
        someone = self.one(nth)
        flow.left(journey=self.row(someone))
        if not someone.is_here:
            return
        someone.is_here = False
        is_early = self.now - someone.joined_at < GRACE
        if is_early or (someone.credit == "pending" and someone.due_at):
            self.voided(someone)

    @rule(nth=PICK)
    def come_back(self, nth: int) -> None:
        if not self.people or self.ended_at:
            return
        someone = self.one(nth)
        row = self.row(someone)
        shown = flow.scanned(slug=self.stage.code.slug, visitor_id=row.person.visitor_id)
        flow.joined(
            group=shown.group or self.stage.group,
            visitor_id=row.person.visitor_id,
            nickname="Ben",
            has_consented=True,
            language="en",
        )
        if not someone.is_here:
            someone.is_here = True
            self.credited(someone)

    @rule(nth=PICK)
    def approve(self, nth: int) -> None:
        if not self.people or self.ended_at:
            return
        someone = self.one(nth)
        if someone.is_here and not someone.is_approved:
            cast.is_approved(cast.sends(self.row(someone)), by=self.stage.owner)
            someone.is_approved = True
            self.credited(someone)

    @rule(nth=PICK, hours_ago=st.sampled_from([0, 0, 5]))
    def order(self, nth: int, hours_ago: int) -> None:
        """Told in whatever order they were placed."""
        if not self.people:
            return
        someone, at = self.one(nth), self.now - timedelta(hours=hours_ago)
        flow.bought(newcomer=self.row(someone), at=at)
        someone.has_order = someone.inviter is not None
        is_late = self.ended_at is not None and self.ended_at < at
        if self.when != "ordered" or not someone.credit:
            return
        if is_late and someone.credit == "pending":
            self.voided(someone)
            someone.is_over = True
        elif not is_late and (someone.credit == "pending" or someone.is_over):
            self.credited(someone)

    @rule(nth=PICK)
    def refund(self, nth: int) -> None:
        if not self.people:
            return
        someone = self.one(nth)
        flow.returned(newcomer=self.row(someone))
        someone.has_order = False
        if self.when == "ordered" and someone.credit == "valid":
            someone.credit = "pending"

    @rule(nth=PICK, is_twice=st.booleans())
    def block(self, nth: int, is_twice: bool) -> None:
        if not self.people:
            return
        someone = self.one(nth)
        for _nth in range(1 + is_twice):
            flow.blocked(person=self.row(someone).person, note="Robot", operator=self.stage.owner)
        if not someone.is_blocked:
            someone.is_blocked = True
            self.voided(someone)

    @rule(nth=PICK)
    def unblock(self, nth: int) -> None:
        if not self.people:
            return
        someone = self.one(nth)
        flow.unblocked(person=self.row(someone).person, operator=self.stage.owner)
        if someone.is_blocked:
            someone.is_blocked = False
            left_at = self.row(someone).left_at
            is_late = left_at is not None and left_at - someone.joined_at >= GRACE
            if someone.credit == "void" and (
                (someone.is_here and not someone.is_over) or (someone.was_barred and is_late)
            ):
                self.credited(someone)

    @rule(nth=PICK, amount=st.integers(-2, 3))
    def adjust(self, nth: int, amount: int) -> None:
        if not self.people:
            return
        someone, key = self.one(nth), new_id()
        if amount == 0 or self.row(someone).valid_count + amount < 0:
            return
        for _nth in range(2):
            flow.adjusted(
                journey=self.row(someone),
                unit="invite",
                amount=amount,
                note="Counted by hand",
                operator=self.stage.owner,
                key=key,
            )
        someone.adjusted += amount

    @rule(nth=PICK)
    def attend(self, nth: int) -> None:
        if self.people and not self.ended_at and self.one(nth).is_here:
            flow.attended(journey=self.row(self.one(nth)), text="Day done")

    @rule(count=st.integers(1, 2))
    def restock(self, count: int) -> None:
        flow.restocked(
            reward=self.stage.reward,
            codes=[str(new_id()) for _nth in range(count)],
            operator=self.stage.owner,
        )

    @rule(need=st.integers(1, 4))
    def change_the_ladder(self, need: int) -> None:
        if need != 1:
            self.ladder = rewards.change_rule(rule=self.ladder, operator=self.stage.owner, need=need)

    @rule(when=st.sampled_from(["joined", "approved", "stayed", "ordered"]), is_wished=st.integers(0, 3))
    def plan_anew(self, when: str, is_wished: int) -> None:
        if is_wished or self.ended_at or when == self.when:
            return
        flow.replanned(campaign=self.stage.campaign, operator=self.stage.owner, credit_when=when)
        self.when = when
        for someone in self.people:
            if someone.credit == "pending":
                someone.due_at = self.now + (STAY if when == "stayed" else timedelta())

    @rule(nth=PICK)
    def claim(self, nth: int) -> None:
        address = {"name": "Ann", "phone": "13800000000", "address": "1 Example Road"}
        open_now = Grant.objects.filter(state="offered", claim_until__gt=self.now)
        offered = list(open_now.filter(journey__person__blocked_at=None).order_by("pk"))
        if offered:
            flow.claimed(grant=offered[nth % len(offered)], address=address)

    @rule(hours=st.sampled_from([1, 5, 7, 25]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        clock.set_for_tests(self.now)

    @rule()
    def worker_works(self) -> None:
        for credit in Credit.objects.filter(due_at__lte=self.now, state="pending"):
            flow.matured(credit=credit)
        for someone in self.people:
            if someone.due_at and someone.due_at <= self.now:
                self.matured(someone)
        for grant in Grant.objects.filter(state="offered", claim_until__lte=self.now):
            flow.unclaimed(grant=grant)
        while due := list(RewardRule.objects.filter(due_at__lte=self.now, replaced_at=None)):
            for each in due:
                flow.swept(rule=each)
        flow.debts_paid()

    @rule(is_wished=st.integers(0, 9))
    def end(self, is_wished: int) -> None:
        if not is_wished and not self.ended_at:
            flow.ended(campaign=self.stage.campaign, operator=self.stage.owner)
            self.ended_at = self.now

    # --- what the model makes of it ---------------------------------------------------------------------------

    def credited(self, someone: Someone) -> None:
        if someone.inviter is None or (someone.credit == "valid" and not self.bar(someone)):
            return
        if self.bar(someone):
            self.voided(someone)
            return
        has_stayed = someone.was_barred and someone.was_counted and self.when == "stayed"
        if has_stayed or self.is_ready(someone):
            someone.credit, someone.due_at = "valid", None
        else:
            someone.credit = "pending"
            if self.when == "stayed" and someone.due_at is None:
                someone.due_at = self.now + STAY
        someone.was_barred = someone.was_counted = someone.is_over = False

    def is_ready(self, someone: Someone) -> bool:
        ready = {"joined": True, "approved": someone.is_approved, "ordered": someone.has_order}
        return ready.get(self.when, False)

    def bar(self, someone: Someone) -> bool:
        earlier = self.people[: self.people.index(someone)]
        return someone.is_blocked or any(someone.device and each.device == someone.device for each in earlier)

    def voided(self, someone: Someone) -> None:
        """Who is excluded loses nothing of the time they have waited."""
        if someone.inviter is None or someone.credit == "void":
            return
        if someone.is_blocked and someone.credit:
            someone.was_barred, someone.was_counted = True, someone.credit == "valid"
        else:
            someone.due_at = None
        someone.credit = "void"

    def matured(self, someone: Someone) -> None:
        if someone.credit != "pending" or not someone.due_at:
            return
        due_at, someone.due_at = someone.due_at, None
        if self.ended_at and self.ended_at < due_at:
            someone.credit, someone.is_over = "void", True
        elif someone.is_here and not self.bar(someone) and (self.when == "stayed" or self.is_ready(someone)):
            someone.credit = "valid"

    def one(self, nth: int) -> Someone:
        return self.people[nth % len(self.people)]

    def row(self, someone: Someone | None) -> Journey:
        assert someone is not None
        return Journey.objects.select_related("campaign", "person", "group", "code", "seat").get(
            pk=someone.key
        )

    def brought(self, someone: Someone) -> list[Someone]:
        return [each for each in self.people if each.inviter is someone and each.credit == "valid"]

    # --- what always holds ------------------------------------------------------------------------------------

    @invariant()
    def who_counts_is_what_the_model_says(self) -> None:
        for someone in self.people:
            credit = Credit.objects.filter(newcomer_id=someone.key, inviter__isnull=False).first()
            assert (credit.state if credit else "") == someone.credit, (self.when, someone, credit)
            count = len(self.brought(someone)) + someone.adjusted
            told = LedgerRow.objects.filter(journey_id=someone.key, unit=Unit.INVITE)
            assert self.row(someone).valid_count == count == (told.aggregate(sum=Sum("amount"))["sum"] or 0)

    @invariant()
    def amounts_for_friends_are_what_a_recount_gives(self) -> None:
        """As long as no budget cuts it off."""
        for someone in self.people:
            direct = self.brought(someone)
            second = [
                each for friend in self.people if friend.inviter is someone for each in self.brought(friend)
            ]
            due = DIRECT * min(CAP, len(direct)) + SECOND * min(CAP, len(second))
            paid = balance_of(self.row(someone), Unit.MONEY)
            if self.has_budget:
                assert 0 <= paid <= due
            else:
                assert paid == due, (someone, paid, due)

    @invariant()
    def nothing_is_oversold_and_what_is_given_stays_given(self) -> None:
        for reward in Reward.objects.all():
            held = reward.grants.exclude(state="expired").count()
            assert (
                held == reward.granted_count <= (10**9 if reward.stock_count is None else reward.stock_count)
            )
        for each in RewardRule.objects.filter(replaced_at=None):
            assert each.used_count <= (each.campaign_cap or 10**9)
            assert each.spent <= (each.budget or 10**12)
        granted = set(Grant.objects.values_list("pk", flat=True))
        assert self.granted <= granted
        self.granted = granted
        assert (
            StockCode.objects.exclude(grant=None).count()
            == Grant.objects.filter(reward__kind="codes").count()
        )

    @invariant()
    def whoever_has_earned_something_has_it_or_is_owed_it(self) -> None:
        """Unless its rule has stopped, or a newer version of it still looks for them."""
        running = RewardRule.objects.filter(replaced_at=None, stopped_at=None, due_at=None)
        for each in running.exclude(when="invite"):
            for someone in self.people:
                journey = self.row(someone)
                has = Grant.objects.filter(journey=journey, line=each.line)
                owes = Debt.objects.filter(journey=journey, line=each.line)
                assert has.count() + owes.count() <= 1
                if is_earned(each, journey):
                    assert has.exists() or owes.exists(), (each.when, someone)


@pytest.mark.django_db
def test_rewards_balance_in_any_order() -> None:
    run_state_machine_as_test(
        Rewards,
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
