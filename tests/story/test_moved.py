"""What was before there were rules and a ledger, and before a machine looked at screenshots, is brought forward.

Nobody loses or gains anything by it, and screenshots keep their state. Both go back and forth together, as that takes
long: each has a workspace of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.translation import override
from pytest_django import DjangoDbBlocker

from tenfold import flow
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.journal.models import Entry
from tenfold.people.board import MOVES
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tenfold.proofs.queries import plan_of, queue
from tenfold.rewards import actions as rewards
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule, StockCode
from tests import cast
from tests.story.looker import judged
from tests.story.test_scans_moved import copied

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@dataclass
class Shots:
    """Ann's is approved, Ben's is not, Cai's waits."""

    stage: cast.Stage
    people: list[Journey]
    proofs: list[Proof]


@dataclass
class Moved:
    rewarded: cast.Stage
    numbers: set[tuple[str, str]]
    shots: Shots


def filled() -> cast.Stage:
    """Two codes for three who have done the task; one of the two is redeemed, and Ben and Cai came by Ann's code."""
    stage = cast.live(stock=2, reward_kind="codes")
    ann = cast.joins(stage, "Ann")
    for journey in (ann, cast.joins(stage, "Ben", by=ann.code), cast.joins(stage, "Cai", by=ann.code)):
        cast.is_approved(cast.sends(journey), by=stage.owner)
    flow.redeemed(number=ann.grants.get().number, workspace_id=stage.workspace.id, operator=stage.owner)
    return stage


def sent() -> Shots:
    stage = cast.live(owner=cast.workspace("otto@example.com"))
    people = [cast.joins(stage, name) for name in ("Ann", "Ben", "Cai")]
    ann, ben, cai = (cast.sends(journey) for journey in people)
    cast.is_approved(ann, by=stage.owner)
    judged(ben, stage.owner, is_approved=False, reason="restricted_audience")
    cast.settles(ben)
    return Shots(stage, people, [ann, ben, cai])


def numbers(stage: cast.Stage) -> set[tuple[str, str]]:
    grants = Grant.objects.filter(campaign=stage.campaign)
    return set(grants.values_list("journey__person__nickname", "number"))


@pytest.fixture(scope="module")
def moved(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Moved]:
    with django_db_blocker.unblock(), copied(tmp_path_factory.mktemp("moved")):
        stage, shots = filled(), sent()
        made = Moved(stage, numbers(stage), shots)
        Look.objects.all().delete()
        call_command("migrate", "tenfold", "0012", verbosity=0)
        _forget_places()
        call_command("migrate", "tenfold", "0011", verbosity=0)
        _goes_back_no_further(shots)
        call_command("migrate", verbosity=0)
        yield made


def _forget_places() -> None:
    """The facts of before there was a board told no place on it."""
    for fact in Entry.objects.filter(kind__in=MOVES):
        fact.data = {name: told for name, told in fact.data.items() if name not in ("count", "number")}
        fact.save(update_fields=["data"])


def _goes_back_no_further(shots: Shots) -> None:
    assert told_before("reason", shots.stage) == ["", "not_public", ""]
    assert told_before("state", shots.stage) == ["approved", "rejected", "waiting"]
    # Facts keep the names that reasons had when they were told.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenfold_entry SET data = %s WHERE kind = 'rejected'", ['{"reason": "not_public"}']
        )


def told_before(column: str, stage: cast.Stage) -> list[object]:
    campaign = Proof._meta.get_field("campaign").get_db_prep_value(stage.campaign.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM tenfold_proof WHERE campaign_id = %s ORDER BY id", [campaign])
        return [row[0] for row in cursor.fetchall()]


def test_rewards_of_before_are_given_by_a_rule_and_stand_in_the_ledger(moved: Moved) -> None:
    stage = moved.rewarded
    of = {"campaign": stage.campaign}
    rule = RewardRule.objects.get(**of)
    assert (rule.when, rule.version, rule.used_count, rule.reward) == ("task", 1, 2, stage.reward)
    assert numbers(stage) == moved.numbers
    assert set(Grant.objects.filter(**of).values_list("state", "line")) == {
        ("redeemed", rule.line),
        ("claimed", rule.line),
    }
    cai = Journey.objects.get(person__nickname="Cai", **of)
    assert list(Debt.objects.values_list("journey", "line", "since")) == [
        (cai.pk, rule.line, cai.approved_at)
    ]
    told = LedgerRow.objects.filter(**of).values_list("journey__person__nickname", "unit", "amount")
    assert sorted(told) == [
        ("Ann", "invite", 1),
        ("Ann", "invite", 1),
        ("Ann", "item", 1),
        ("Ben", "item", 1),
    ]
    assert set(Credit.objects.values_list("state", "turn_count")) == {("valid", 1)}
    assert differences() == []

    rewards.add_codes(reward=Reward.objects.get(**of), codes=["LATE-1"], operator=stage.owner)
    flow.debts_paid()
    assert StockCode.objects.get(grant__journey=cai).code == "LATE-1"
    assert (Debt.objects.count(), differences()) == (0, [])


def test_screenshots_of_before_keep_their_state_and_are_seen_by_people_at_once(moved: Moved) -> None:
    stage = moved.shots.stage
    ann, ben, cai = moved.shots.proofs
    found = {proof.pk: proof for proof in Proof.objects.filter(campaign=stage.campaign)}
    assert [found[each.pk].reason for each in (ann, ben, cai)] == ["", "restricted_audience", ""]
    proofs = Proof.objects.all()
    assert {(proof.settles, proof.alike_key, proof.is_machine, proof.erased_at) for proof in proofs} == {
        (1, "", False, None)
    }
    assert list(queue(stage.campaign)) == [cai]
    assert (plan_of(stage.campaign).mode, ReviewPlan.objects.count()) == ("shadow", 0)
    with override("en"):
        told = {each.kind: each.because for each in story(Journey.objects.get(pk=moved.shots.people[1].pk))}
    assert "Make it visible to everyone" in told["rejected"]
    assert Entry.objects.filter(kind="rejected").get().data == {"reason": "not_public"}
    cast.is_approved(found[cai.pk], by=stage.owner)
    assert differences() == []
