"""What is earned on the way: ladders, both sides, days; claimed or gone back, replaced or owed, stopped and changed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.insight.rebuild import differences
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Keepsake
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Credit, Journey
from tenfold.rewards import actions
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule, StockCode
from tenfold.rewards.queries import balance_of, deserving, ledger_of, main_reward, versions_of
from tenfold.rewards.steps import steps_for
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "Ann", "phone": "13800000000", "address": "Harbour Street 5"}


class Ground:
    """A live campaign without any rule but those asked for, and Ann, who brings people."""

    def __init__(self, **plan: Any) -> None:
        self.stage = cast.draft(capacity=100, stock=None)
        RewardRule.objects.all().delete()
        if plan:
            campaigns.change_plan(campaign=self.stage.campaign, operator=self.stage.owner, **plan)
        same: dict[str, Any] = {"campaign": self.stage.campaign, "operator": self.stage.owner}
        self.make = partial(actions.make_rule, **same)
        self._add = partial(actions.add_reward, **same)

    def add(self, kind: str = "text", **fields: Any) -> Reward:
        text = "https://example.com" if kind in ("text", "link") else ""
        return self._add(**{"kind": kind, "name": f"A {kind}", "text": text} | fields)

    def goes_live(self) -> Journey:
        if not RewardRule.objects.exists():
            self.make(when="task", reward=self.stage.reward)  # or there would be nothing to launch
        flow.launched(campaign=self.stage.campaign, operator=self.stage.owner)
        self.stage.campaign.refresh_from_db()
        return cast.joins(self.stage, "Ann")

    def brings(self, ann: Journey, count: int, **how: Any) -> list[Journey]:
        return [cast.joins(self.stage, f"Ben {nth}", by=ann.code, **how) for nth in range(count)]


def given(journey: Journey) -> list[str]:
    return list(journey.grants.order_by("id").values_list("reward__name", flat=True))


def again(journey: Journey) -> Journey:
    return Journey.objects.select_related("campaign", "person", "group").get(pk=journey.pk)


def states(journey: Journey) -> list[tuple[str, int, int]]:
    return [(step.state, step.have, step.left) for step in steps_for(again(journey))]


def test_a_ladder_gives_each_step_once_and_says_what_is_left() -> None:
    ground = Ground()
    ground.make(when="invites", need=3, reward=ground.add(name="Cup"))
    ground.make(when="invites", need=1, reward=ground.add(name="Badge"))
    ann = ground.goes_live()
    assert states(ann) == [("next", 0, 1), ("open", 0, 3)]
    first, *_ = ground.brings(ann, 2)
    assert (given(ann), states(ann)) == (["Badge"], [("earned", 2, 0), ("next", 2, 1)])
    flow.left(journey=first)  # within the grace time: no longer counts, but what was given stays
    cast.joins(ground.stage, "Ben 0", visitor=first.person.visitor_id)
    assert (again(ann).valid_count, given(ann)) == (2, ["Badge"])
    ground.brings(ann, 1)
    assert given(ann) == ["Badge", "Cup"]
    assert differences() == []


def test_every_change_stands_in_the_ledger_with_its_reason() -> None:
    ground = Ground()
    ground.make(when="invites", need=1, reward=ground.add("points", amount=30))
    ann = ground.goes_live()
    [ben] = ground.brings(ann, 1)
    flow.left(journey=ben)
    rows = [(row.unit, row.amount, row.reason) for row in ledger_of(ann).order_by("id")]
    assert rows == [("invite", 1, "counted"), ("points", 30, "granted"), ("invite", -1, "uncounted")]
    assert (again(ann).valid_count, balance_of(ann, "points")) == (0, 30)
    assert ledger_of(ann).filter(reason="uncounted").get().note == Credit.Reason.LEFT


def test_both_sides_are_given_something_and_a_seed_when_they_join() -> None:
    ground = Ground(credit_when="approved")
    ground.make(when="joined", reward=ground.add())
    ann = ground.goes_live()
    [ben] = ground.brings(ann, 1)
    assert (given(ann), given(ben)) == (["A text"], [])
    cast.is_approved(cast.sends(ben), by=ground.stage.owner)
    assert given(ben) == ["A text"]


def test_who_stays_long_enough_counts_and_who_goes_before_does_not(frozen: FrozenClock) -> None:
    ground = Ground(credit_when="stayed", stay_hours=24, grace_minutes=5)
    ann = ground.goes_live()
    ben, cid = ground.brings(ann, 2)
    frozen.advance(hours=20)
    flow.left(journey=cid)  # long after the grace time, and still too soon
    for hours, counts in ((3, 0), (1, 1)):
        frozen.advance(hours=hours)
        for credit in Credit.objects.filter(due_at__isnull=False):
            flow.matured(credit=credit)
        assert again(ann).valid_count == counts
    told = Credit.objects.values_list("newcomer__person__nickname", "state", "reason")
    assert set(told) == {("Ben 0", "valid", ""), ("Ben 1", "void", "left")}
    assert ben.pk


def test_who_has_not_stayed_long_enough_at_the_end_does_not_count(frozen: FrozenClock) -> None:
    ground = Ground(credit_when="stayed", stay_hours=24)
    ann = ground.goes_live()
    ground.brings(ann, 1)
    flow.ended(campaign=ground.stage.campaign, operator=ground.stage.owner)
    frozen.advance(hours=25)
    flow.matured(credit=Credit.objects.get())
    assert (Credit.objects.get().state, Credit.objects.get().reason) == ("void", "over")


def test_the_same_phone_counts_once_and_rubbish_is_no_phone() -> None:
    ground = Ground()
    ann = ground.goes_live()
    phone, reason = "a" * 32, Credit.Reason.SAME_DEVICE
    for device, name in ((phone, "Ben"), (phone, "Cid"), ("' or 1=1", "Dan"), ("", "Eve")):
        shown = flow.scanned(slug=ann.code.slug, visitor_id=new_id())
        assert shown.group
        consent: dict[str, Any] = {"has_consented": True, "language": "en", "device": device}
        flow.joined(group=shown.group, visitor_id=shown.visitor_id, nickname=name, **consent)
    told = dict(Credit.objects.values_list("newcomer__person__nickname", "reason"))
    assert (told, again(ann).valid_count) == ({"Ben": "", "Cid": reason, "Dan": "", "Eve": ""}, 3)
    keys = set(Journey.objects.values_list("device_key", flat=True))
    assert len(keys) == 2
    assert phone not in keys


def test_what_is_not_claimed_in_time_goes_to_the_next(frozen: FrozenClock) -> None:
    ground = Ground()
    cup = ground.add("physical", stock_count=1, claim_hours=48)
    rule = ground.make(when="invites", need=1, reward=cup)
    ann = ground.goes_live()
    [ben] = ground.brings(ann, 1)
    ground.brings(ben, 1)
    assert (Grant.objects.get().state, Debt.objects.get().journey) == ("offered", ben)
    assert (states(ann)[0][0], states(ben)[0][0]) == ("claimable", "owed")
    with pytest.raises(Refusal, match="They have not claimed this"):
        flow.redeemed(
            number=Grant.objects.get().number, workspace_id=cup.workspace_id, operator=ground.stage.owner
        )
    frozen.advance(hours=48)
    with pytest.raises(Refusal, match="over"):
        flow.claimed(grant=Grant.objects.get(), address=ADDRESS)
    for _nth in range(2):
        flow.unclaimed(grant=Grant.objects.get(journey=ann))
    cup.refresh_from_db()
    rule.refresh_from_db()
    assert (cup.granted_count, rule.used_count, flow.debts_paid()) == (0, 0, 1)
    theirs = flow.claimed(grant=Grant.objects.get(journey=ben), address=ADDRESS)
    assert (theirs.state, theirs.address, states(ann)[0][0]) == ("claimed", ADDRESS, "out")
    assert sum(row.amount for row in LedgerRow.objects.filter(unit="item")) == 1
    assert differences() == []


def test_an_address_is_needed_and_may_change_until_it_is_sent() -> None:
    ground = Ground()
    ground.make(when="joined", reward=ground.add("physical"))
    ann = ground.goes_live()
    grant = Grant.objects.get(journey=ann)
    with pytest.raises(Refusal, match="needed"):
        flow.claimed(grant=grant)
    flow.claimed(grant=grant, address=ADDRESS)
    flow.claimed(grant=grant, address=ADDRESS | {"address": "Hill 1"})
    actions.ship(grant=grant, tracking=" SF 123 ", operator=ground.stage.owner)
    flow.claimed(grant=grant, address=ADDRESS)
    grant.refresh_from_db()
    assert (grant.address, grant.tracking) == (ADDRESS | {"address": "Hill 1"}, "SF 123")
    assert actions.unship(grant=grant, operator=ground.stage.owner).shipped_at is None


def test_a_code_that_goes_back_is_given_to_the_next(frozen: FrozenClock) -> None:
    ground = Ground()
    codes = ground.add("codes", claim_hours=1)
    actions.add_codes(reward=codes, codes=["ONLY-1"], operator=ground.stage.owner)
    ground.make(when="joined", reward=codes)
    ann = ground.goes_live()
    frozen.advance(hours=2)
    flow.unclaimed(grant=Grant.objects.get(journey=ann))
    ben = cast.joins(ground.stage, "Ben")
    assert StockCode.objects.get().grant == Grant.objects.get(journey=ben)


def test_with_none_left_the_replacement_is_given_and_a_person_warned_before() -> None:
    ground = Ground()
    cup = ground.add("text", name="Cup", stock_count=2, warn_below=2)
    ground.make(when="joined", reward=cup, fallback=ground.add("text", name="Badge", stock_count=1))
    people = [ground.goes_live(), *(cast.joins(ground.stage, f"Ben {nth}") for nth in range(3))]
    assert [given(each) for each in people] == [["Cup"], ["Cup"], ["Badge"], []]
    assert list(Grant.objects.order_by("id").values_list("was_fallback", flat=True)) == [False, False, True]
    kinds = set(HumanTask.objects.values_list("kind", flat=True))
    assert {"stock_low", "restock"} <= kinds
    actions.change_reward(reward=cup, operator=ground.stage.owner, stock_count=9)
    assert not HumanTask.objects.filter(kind__in=["stock_low", "restock"], state="open").exists()
    assert (flow.debts_paid(), given(people[3])) == (1, ["Cup"])


def asked(reward: Reward) -> list[str]:
    """The kinds of what somebody is asked to do about it."""
    tasks = HumanTask.objects.filter(text=reward.name, state="open")
    return list(tasks.order_by("kind").values_list("kind", flat=True))


def test_who_runs_out_again_is_asked_for_again_at_the_same_size_too() -> None:
    """A wrong file was added and taken back. Nobody is asked twice for what is still out, and each reward by itself."""
    ground = Ground()
    codes, cup = ground.add("codes", warn_below=1), ground.add(name="Cup", stock_count=1)
    for reward in (codes, cup):
        ground.make(when="joined", reward=reward)
    actions.add_codes(reward=codes, codes=["ONLY-1"], operator=ground.stage.owner)
    ground.goes_live()
    cast.joins(ground.stage, "Ben")
    assert (asked(codes), asked(cup)) == (["restock", "stock_low"], ["restock"])
    for task in HumanTask.objects.filter(text=codes.name):
        mailroom.close_task(task=task, state=HumanTask.State.DONE, operator=ground.stage.owner)
    cast.joins(ground.stage, "Cai")
    assert asked(codes) == []
    wrong = actions.add_codes(reward=codes, codes=["X", "Y"], operator=ground.stage.owner)
    assert asked(cup) == ["restock"]
    actions.take_back_codes(reward=codes, batch_id=wrong.batch_id, operator=ground.stage.owner)
    cast.joins(ground.stage, "Dan")
    assert asked(codes) == ["restock"]
    actions.add_codes(reward=codes, codes=["R-1", "R-2", "R-3"], operator=ground.stage.owner)
    assert (flow.debts_paid(), asked(codes)) == (3, ["stock_low"])


def test_a_rule_stops_at_its_limit_and_asks_once_until_it_is_changed() -> None:
    ground = Ground()
    rule = ground.make(when="joined", reward=ground.add("money", amount=400), budget=1000)
    people = [ground.goes_live(), *(cast.joins(ground.stage, f"Ben {nth}") for nth in range(4))]
    rule.refresh_from_db()
    assert (rule.spent, rule.used_count, rule.stop, Grant.objects.count()) == (800, 2, "budget", 2)
    assert HumanTask.objects.filter(kind="budget_out").count() == 1
    assert (states(people[4])[0][0], Debt.objects.count()) == ("out", 0)
    wider = actions.change_rule(rule=rule, operator=ground.stage.owner, budget=1300)
    assert (wider.version, wider.spent, wider.stopped_at, wider.line) == (2, 800, None, rule.line)
    assert HumanTask.objects.get(kind="budget_out").state == "dropped"
    flow.swept(rule=wider)
    wider.refresh_from_db()
    assert (wider.spent, wider.stop, Grant.objects.count()) == (1200, "budget", 3)
    assert differences() == []


def test_a_changed_ladder_keeps_what_was_earned_and_finds_who_has_earned_it_now() -> None:
    ground = Ground()
    rule = ground.make(when="invites", need=2, reward=ground.add())
    ann = ground.goes_live()
    ben, _cid = ground.brings(ann, 2)
    ground.brings(ben, 1)
    assert (len(given(ann)), given(ben)) == (1, [])
    lower = actions.change_rule(rule=rule, operator=ground.stage.owner, need=1)
    with pytest.raises(Refusal) as refused:
        actions.change_rule(rule=rule, operator=ground.stage.owner, need=5)
    assert refused.value.code == "rule_replaced"
    flow.swept(rule=lower)
    lower.refresh_from_db()
    assert (len(given(ann)), len(given(ben)), lower.due_at) == (1, 1, None)
    higher = actions.change_rule(rule=lower, operator=ground.stage.owner, need=50)
    flow.swept(rule=higher)
    assert (len(given(ann)), len(given(ben))) == (1, 1)
    assert [version.need for version in versions_of(rule.line)] == [50, 1, 2]


def test_a_sweep_goes_through_many_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.flow.earning.A_SWEEP", 2)
    ground = Ground()
    ground.goes_live()
    for nth in range(4):
        cast.joins(ground.stage, f"Ben {nth}")
    rule = ground.make(when="joined", reward=ground.add())
    turns = 0
    while rule.due_at:
        flow.swept(rule=rule)
        rule.refresh_from_db()
        turns += 1
    assert (Grant.objects.count(), turns) == (5, 3)


def test_a_part_of_a_sweep_looks_at_a_window_of_journeys_by_their_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tenfold.rewards.queries.A_WINDOW", 2)
    ground = Ground()
    ground.goes_live()
    other = cast.live()
    for nth in range(5):
        cast.joins(ground.stage, f"Ben {nth}")
        cast.joins(other, f"Somebody else {nth}")
    rule = ground.make(when="joined", reward=ground.add())
    found: list[Journey] = []
    plans: list[str] = []
    goes_on_at: UUID | None = None
    while goes_on_at or not found:
        rule.swept_to = goes_on_at
        with CaptureQueriesContext(connection) as asked:
            part, goes_on_at = deserving(rule, most=50)
        assert len(part) <= 2
        found += part
        plans += [plan_of(one["sql"]) for one in asked if connection.vendor == "sqlite"]
    assert found == list(Journey.objects.filter(campaign=ground.stage.campaign).order_by("pk"))
    assert len(found) == 6
    assert not [plan for plan in plans if "campaign_id" in plan], "a part goes through its whole campaign"


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return " ".join(row[3] for row in cursor.fetchall())


def test_a_rule_stopped_by_hand_gives_nothing_and_makes_up_for_it_when_it_goes_on() -> None:
    ground = Ground()
    rule = ground.make(when="joined", reward=ground.add())
    ground.goes_live()
    actions.stop_rule(rule=rule, operator=ground.stage.owner)
    ben = cast.joins(ground.stage, "Ben")
    assert given(ben) == []
    flow.swept(rule=actions.resume_rule(rule=rule, operator=ground.stage.owner))
    assert given(ben) == ["A text"]


def test_the_same_rule_is_not_made_twice_and_the_same_form_is_one_rule() -> None:
    ground = Ground()
    badge, row_id = ground.add(), new_id()
    rule = ground.make(when="invites", need=1, reward=badge, row_id=row_id)
    assert ground.make(when="invites", need=1, reward=badge, row_id=row_id) == rule
    with pytest.raises(Refusal) as refused:
        ground.make(when="invites", need=1, reward=badge)
    assert refused.value.code == "rule_there"
    other = cast.draft(owner=(ground.stage.workspace, ground.stage.owner))
    with pytest.raises(Refusal) as refused:
        ground.make(when="task", reward=other.reward)
    assert refused.value.code == "reward_wrong"


def test_days_count_once_each_by_the_campaigns_own_calendar(frozen: FrozenClock) -> None:
    ground = Ground()
    ground.make(when="attendance", need=2, reward=ground.add())
    ann = ground.goes_live()
    for text in ("Page 1", "Page 2"):
        flow.attended(journey=ann, text=text)
    assert (again(ann).attendance_count, ann.attendances.get().text) == (1, "Page 2")
    tomorrow = (frozen.now.astimezone(ann.campaign.zone) + timedelta(days=1)).replace(hour=0, minute=1)
    frozen.move_to(tomorrow)
    flow.attended(journey=ann)
    assert (again(ann).attendance_count, given(ann)) == (2, ["A text"])
    flow.left(journey=ann)
    with pytest.raises(Refusal):
        flow.attended(journey=ann)


def test_a_keepsake_is_issued_when_it_is_theirs(frozen: FrozenClock) -> None:
    ground = Ground()
    reward = ground.add("keepsake", claim_hours=24)
    made = keepsakes.make_edition(
        campaign=ground.stage.campaign, kind="ticket", name="Reading night", operator=ground.stage.owner
    )
    ground.make(when="joined", reward=reward)
    with pytest.raises(Refusal, match="nothing says which"):
        ground.goes_live()
    keepsakes.reward_with(edition=made, reward=reward, operator=ground.stage.owner)
    ann = ground.goes_live()
    assert Keepsake.objects.count() == 0
    for _nth in range(2):
        flow.claimed(grant=Grant.objects.get(journey=ann))
    assert Keepsake.objects.get().journey == ann


def test_who_is_excluded_counts_for_nobody_and_gets_nothing_until_they_are_back() -> None:
    ground = Ground()
    ground.make(when="invites", need=1, reward=ground.add())
    ann = ground.goes_live()
    [ben] = ground.brings(ann, 1)
    flow.blocked(person=ben.person, note="Three phones", operator=ground.stage.owner)
    [credit] = Credit.objects.all()
    assert (credit.state, credit.reason, again(ann).valid_count) == ("void", "blocked", 0)
    [dan] = ground.brings(ben, 1)
    assert (again(ben).valid_count, given(ben), given(ann)) == (1, [], ["A text"])
    flow.unblocked(person=ben.person, operator=ground.stage.owner)
    assert (given(again(ben)), again(ann).valid_count, dan.inviter) == (["A text"], 1, ben)
    with pytest.raises(Refusal, match="Say why"):
        flow.blocked(person=ben.person, note=" ", operator=ground.stage.owner)
    assert differences() == []


def test_a_correction_by_hand_needs_a_note_counts_on_the_ladder_and_is_done_once() -> None:
    ground = Ground()
    ground.make(when="invites", need=2, reward=ground.add())
    ann = ground.goes_live()
    fix = partial(flow.adjusted, journey=ann, operator=ground.stage.owner)
    key = new_id()
    assert fix(unit="invite", amount=2, note="Two came by the wrong code", key=key)
    assert fix(unit="invite", amount=2, note="Two came by the wrong code", key=key) is None
    assert (again(ann).valid_count, given(ann)) == (2, ["A text"])
    for wrong, why in (
        ({"unit": "invite", "amount": 1, "note": " "}, "note_needed"),
        ({"unit": "item", "amount": 1, "note": "x"}, "bad_unit"),
        ({"unit": "money", "amount": 0, "note": "x"}, "bad_amount"),
        ({"unit": "money", "amount": -1, "note": "x"}, "too_much"),
        ({"unit": "invite", "amount": -3, "note": "x"}, "too_much"),
    ):
        with pytest.raises(Refusal) as refused:
            fix(**wrong)  # type: ignore[arg-type]
        assert refused.value.code == why
    fix(unit="money", amount=250, note="For the photo")
    assert (balance_of(ann, "money"), ledger_of(ann).first().note) == (250, "For the photo")  # type: ignore[union-attr]
    assert differences() == []


def test_a_wrong_upload_is_taken_back_but_for_what_somebody_has() -> None:
    ground = Ground()
    codes = ground.add("codes")
    upload = partial(actions.add_codes, reward=codes, operator=ground.stage.owner)
    upload(codes=["RIGHT-1"])
    wrong = upload(codes=["WRONG-1", "WRONG-2", "RIGHT-1"])
    assert (wrong.added, wrong.repeated) == (2, 1)
    ground.make(when="joined", reward=codes)
    ground.goes_live()
    cast.joins(ground.stage, "Ben")  # has WRONG-1
    back = partial(
        actions.take_back_codes, reward=codes, batch_id=wrong.batch_id, operator=ground.stage.owner
    )
    assert (back(), back(), codes.stock_count) == (1, 0, 2)
    assert set(StockCode.objects.values_list("code", flat=True)) == {"RIGHT-1", "WRONG-1"}
    assert differences() == []


def test_what_a_rule_gives_is_not_put_away_and_its_kind_stays() -> None:
    ground = Ground()
    badge, owner = ground.add("points", amount=5), ground.stage.owner
    rule = ground.make(when="joined", reward=badge)
    for act, why in (
        (partial(actions.retire_reward, reward=badge), "reward_in_use"),
        (partial(actions.change_reward, reward=badge, kind="text", amount=0, text="x"), "kind_fixed"),
    ):
        with pytest.raises(Refusal) as refused:
            act(operator=owner)
        assert refused.value.code == why
    ground.goes_live()
    with pytest.raises(Refusal) as refused:
        actions.change_reward(reward=badge, operator=owner, amount=6)
    assert refused.value.code == "bad_amount"
    actions.stop_rule(rule=rule, operator=owner)
    assert actions.retire_reward(reward=badge, operator=owner).state == "retired"
    assert actions.restore_reward(reward=badge, operator=owner).state == "active"


def test_what_the_words_call_the_reward_is_the_nearest_one() -> None:
    ground = Ground()
    cup, badge, pass_ = ground.add(name="Cup"), ground.add(name="Badge"), ground.add(name="Pass")
    names = [main_reward(ground.stage.campaign)]
    ground.make(when="joined", reward=pass_)
    names.append(main_reward(ground.stage.campaign))
    ground.make(when="invites", need=3, reward=cup)
    ground.make(when="invites", need=1, reward=badge)
    names.append(main_reward(ground.stage.campaign))
    assert names == [ground.stage.reward, pass_, badge]


def test_a_copy_of_a_campaign_has_the_rules_and_none_of_what_was_used() -> None:
    ground = Ground()
    cup = ground.add("text", name="Cup", stock_count=3)
    ground.make(when="invites", need=1, reward=cup, fallback=ground.add(name="Badge"), campaign_cap=2)
    ground.make(when="invite", unit="money", direct=500, second=200, person_cap=5, budget=9000)
    ann = ground.goes_live()
    ground.brings(ann, 1)
    copy = flow.cloned(campaign=ground.stage.campaign, operator=ground.stage.owner)
    ladder, invite = copy.reward_rules.order_by("id")
    assert (ladder.reward.name, ladder.fallback.name, ladder.reward.stock_count) == ("Cup", "Badge", 0)  # type: ignore[union-attr]
    assert (ladder.used_count, ladder.campaign_cap, invite.spent, invite.budget) == (0, 2, 0, 9000)
    assert not set(copy.reward_rules.values_list("line")) & set(
        ground.stage.campaign.reward_rules.values_list("line")
    )


def test_what_comes_back_goes_to_the_next_though_a_limit_had_stopped_the_rule(frozen: FrozenClock) -> None:
    ground = Ground()
    cup = ground.add("text", claim_hours=1)
    rule = ground.make(when="joined", reward=cup, campaign_cap=1)
    ann, ben = ground.goes_live(), cast.joins(ground.stage, "Ben")
    rule.refresh_from_db()
    assert (rule.stop, given(ann), given(ben)) == ("cap", ["A text"], [])
    frozen.advance(hours=2)
    flow.unclaimed(grant=Grant.objects.get())
    rule.refresh_from_db()
    flow.swept(rule=rule)
    rule.refresh_from_db()
    assert (given(ben), rule.used_count, rule.due_at) == (["A text"], 1, None)
    assert differences() == []


def test_an_exclusion_that_is_undone_changes_nothing(frozen: FrozenClock) -> None:
    ground = Ground(credit_when="stayed", stay_hours=6)
    ground.make(when="invite", unit="money", direct=500, budget=500)
    ann = ground.goes_live()
    [ben] = ground.brings(ann, 1)
    for hours, count in ((3, 0), (3, 1), (1, 1)):
        frozen.advance(hours=hours)
        flow.blocked(person=ben.person, note="By mistake", operator=ground.stage.owner)
        assert (again(ann).valid_count, balance_of(ann, "money")) == (0, 0)
        flow.unblocked(person=ben.person, operator=ground.stage.owner)
        for credit in Credit.objects.filter(due_at__lte=frozen.now):
            flow.matured(credit=credit)
        assert (again(ann).valid_count, balance_of(ann, "money")) == (count, 500 * count)


@pytest.mark.parametrize("first", ["in time", "late"])
def test_an_order_in_time_counts_whichever_is_told_first(first: str, frozen: FrozenClock) -> None:
    ground = Ground(credit_when="ordered")
    ann = ground.goes_live()
    [ben] = ground.brings(ann, 1)
    frozen.advance(days=1)
    flow.ended(campaign=ground.stage.campaign, operator=ground.stage.owner)
    frozen.advance(days=1)
    at = {"in time": frozen.now - timedelta(days=2), "late": frozen.now}
    for each in sorted(at, key=lambda name: name != first):
        flow.bought(newcomer=again(ben), at=at[each])
    assert again(ann).valid_count == 1


def test_another_plan_looks_again_at_who_does_not_count_yet() -> None:
    ground = Ground(credit_when="approved")
    ann = ground.goes_live()
    ground.brings(ann, 2)
    assert again(ann).valid_count == 0
    flow.replanned(campaign=ground.stage.campaign, operator=ground.stage.owner, credit_when="joined")
    for credit in Credit.objects.filter(due_at__isnull=False):
        flow.matured(credit=credit)
    assert again(ann).valid_count == 2


def test_what_was_put_away_is_not_given_again_and_a_unit_stays() -> None:
    ground = Ground()
    owner, badge = ground.stage.owner, ground.add()
    rule = ground.make(when="invites", need=1, reward=badge)
    spare = ground.add(name="Spare")
    ground.make(when="invites", need=2, reward=ground.add(name="Cup"), fallback=spare)
    with pytest.raises(Refusal, match="stop that rule"):
        actions.retire_reward(reward=spare, operator=owner)
    actions.stop_rule(rule=rule, operator=owner)
    actions.retire_reward(reward=badge, operator=owner)
    with pytest.raises(Refusal, match="put away"):
        actions.resume_rule(rule=RewardRule.objects.get(pk=rule.pk), operator=owner)
    paid = ground.make(when="invite", unit="points", direct=5)
    ground.brings(ground.goes_live(), 1)
    with pytest.raises(Refusal) as refused:
        actions.change_rule(rule=paid, operator=owner, unit="money")
    assert refused.value.code == "bad_unit"


def test_places_and_draws_are_not_promised_after_the_end() -> None:
    ground = Ground()
    ground.goes_live()
    flow.ended(campaign=ground.stage.campaign, operator=ground.stage.owner)
    ground.stage.campaign.refresh_from_db()
    asked: list[dict[str, Any]] = [
        {"when": "rank", "rank_from": 1, "rank_to": 1},
        {"when": "lottery", "winners": 1},
    ]
    for fields in asked:
        with pytest.raises(Refusal) as refused:
            ground.make(reward=ground.stage.reward, **fields)
        assert refused.value.code == "campaign_over"


def test_what_is_there_again_is_for_those_who_were_owed_it_first() -> None:
    ground = Ground()
    codes = ground.add("codes")
    actions.add_codes(reward=codes, codes=["FIRST"], operator=ground.stage.owner)
    ground.make(when="joined", reward=codes)
    ann, ben = ground.goes_live(), cast.joins(ground.stage, "Ben")
    actions.add_codes(reward=codes, codes=["SECOND"], operator=ground.stage.owner)
    cid = cast.joins(ground.stage, "Cid")  # before the worker comes
    assert (given(ann), given(ben), given(cid)) == (["A codes"], [], [])
    assert HumanTask.objects.filter(kind="restock", state="open").count() == 0
    assert (flow.debts_paid(), given(ben), given(cid)) == (1, ["A codes"], [])
    actions.add_codes(reward=codes, codes=["THIRD"], operator=ground.stage.owner)
    assert (flow.debts_paid(), given(cid), Debt.objects.count()) == (1, ["A codes"], 0)
