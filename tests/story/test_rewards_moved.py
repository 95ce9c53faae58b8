"""A database of before there were rules and a ledger is brought forward: nobody loses or gains anything by it."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tenfold import flow
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.board import MOVES
from tenfold.people.models import Credit, Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule, StockCode
from tests import cast
from tests.story.test_scans_moved import copied_database

pytestmark = pytest.mark.slow
__all__ = ["copied_database"]


def filled() -> cast.Stage:
    """Two codes for three who have done the task; one of the two is redeemed, and Ben and Cai came by Ann's code."""
    stage = cast.live(stock=2, reward_kind="codes")
    ann = cast.joins(stage, "Ann")
    for journey in (ann, cast.joins(stage, "Ben", by=ann.code), cast.joins(stage, "Cai", by=ann.code)):
        cast.is_approved(cast.sends(journey), by=stage.owner)
    flow.redeemed(number=ann.grants.get().number, workspace_id=stage.workspace.id, operator=stage.owner)
    return stage


def _forget_places() -> None:
    """The facts of before there was a board told no place on it."""
    for fact in Entry.objects.filter(kind__in=MOVES):
        fact.data = {name: told for name, told in fact.data.items() if name not in ("count", "number")}
        fact.save(update_fields=["data"])


@pytest.mark.usefixtures("copied_database")
def test_rewards_of_before_are_given_by_a_rule_and_stand_in_the_ledger() -> None:
    stage = filled()
    numbers = set(Grant.objects.values_list("journey__person__nickname", "number"))
    call_command("migrate", "tenfold", "0012", verbosity=0)
    _forget_places()
    call_command("migrate", verbosity=0)

    rule = RewardRule.objects.get()
    assert (rule.when, rule.version, rule.used_count, rule.reward) == ("task", 1, 2, stage.reward)
    assert set(Grant.objects.values_list("journey__person__nickname", "number")) == numbers
    assert set(Grant.objects.values_list("state", "line")) == {
        ("redeemed", rule.line),
        ("claimed", rule.line),
    }
    cai = Journey.objects.get(person__nickname="Cai")
    assert list(Debt.objects.values_list("journey", "line", "since")) == [
        (cai.pk, rule.line, cai.approved_at)
    ]
    told = LedgerRow.objects.values_list("journey__person__nickname", "unit", "amount")
    assert sorted(told) == [
        ("Ann", "invite", 1),
        ("Ann", "invite", 1),
        ("Ann", "item", 1),
        ("Ben", "item", 1),
    ]
    assert set(Credit.objects.values_list("state", "turn_count")) == {("valid", 1)}
    assert differences() == []

    rewards.add_codes(reward=Reward.objects.get(), codes=["LATE-1"], operator=stage.owner)
    flow.debts_paid()
    assert StockCode.objects.get(grant__journey=cai).code == "LATE-1"
    assert (Debt.objects.count(), differences()) == (0, [])
