"""Everybody earns the last of everything at once: stock, limits and budgets hold, and the books balance."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, connections
from django.db.models import Sum

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.insight.rebuild import differences
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards import draws, lottery
from tenfold.rewards.books import Balance, Draw, DrawEntry
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule, StockCode
from tests import cast
from tests.race.crowd import all_at_once, codes_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PROCESSES, THREADS_EACH = 8, 5
STOCK, CAP, BUDGET, DIRECT, SECOND = 3, 7, 2_000, 150, 40


def stage_with_rules() -> tuple[cast.Stage, list[Journey]]:
    """Four inviters in two generations; little of everything for the forty who come by them."""
    stage = cast.draft(capacity=100, stock=STOCK, reward_kind="codes")
    campaign, olga = stage.campaign, stage.owner
    points = rewards.add_reward(campaign=campaign, kind="points", name="Points", amount=9, operator=olga)
    make = partial(rewards.make_rule, campaign=campaign, operator=olga)
    make(when="invites", reward=stage.reward, need=1)
    make(when="joined", reward=points, campaign_cap=CAP)
    make(when="invite", unit="money", direct=DIRECT, second=SECOND, budget=BUDGET)
    flow.launched(campaign=campaign, operator=olga)
    ann = cast.joins(stage, "Ann")
    inviters = [ann, *(cast.joins(stage, name, by=ann.code) for name in ("Ben", "Cid", "Dan"))]
    return stage, inviters


def comes_in(slug: str) -> None:
    shown = flow.scanned(slug=slug, visitor_id=new_id())
    assert shown.group is not None
    flow.joined(
        group=shown.group,
        visitor_id=shown.visitor_id,
        nickname="Eve",
        has_consented=True,
        language="en",
    )


def all_is_given_and_no_more(people: int) -> None:
    assert Journey.objects.filter(joined_at__isnull=False).count() == people
    codes = Reward.objects.get(kind="codes")
    assert (codes.granted_count, StockCode.objects.exclude(grant=None).count()) == (STOCK, STOCK)
    ladder = RewardRule.objects.get(when="invites")
    earned = Journey.objects.filter(valid_count__gte=1).count()
    assert (ladder.used_count, Debt.objects.filter(line=ladder.line).count()) == (STOCK, earned - STOCK)
    joined = RewardRule.objects.get(when="joined")
    assert (joined.used_count, joined.stop, Grant.objects.filter(rule=joined).count()) == (CAP, "cap", CAP)
    paid = Balance.objects.filter(unit="money").aggregate(sum=Sum("amount"))["sum"]
    invite = RewardRule.objects.get(when="invite")
    assert (invite.spent, invite.stop) == (paid, "budget")
    assert BUDGET - DIRECT < paid <= BUDGET
    assert HumanTask.objects.filter(kind="budget_out").count() == 2
    assert differences() == []


def test_the_last_of_everything_by_many_threads() -> None:
    _stage, inviters = stage_with_rules()
    acts = [partial(comes_in, inviters[nth % 4].code.slug) for nth in range(24)]
    assert codes_of(all_at_once(acts)) == []
    all_is_given_and_no_more(4 + 24)


def crowd(slugs: list[str], gate: object, answers: object) -> None:
    """A process of its own: connections are not to be shared with the one it came from."""
    connections.close_all()
    gate.wait()  # type: ignore[attr-defined]
    answers.put(codes_of(all_at_once([partial(comes_in, slug) for slug in slugs])))  # type: ignore[attr-defined]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="several processes share a PostgreSQL; SQLite has its own races"
)
def test_eight_processes_earn_the_last_of_everything() -> None:
    _stage, inviters = stage_with_rules()
    slugs = [inviters[nth % 4].code.slug for nth in range(THREADS_EACH)]
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    gate, answers = forks.Barrier(PROCESSES, timeout=60), forks.Queue()
    processes = [forks.Process(target=crowd, args=(slugs, gate, answers)) for _each in range(PROCESSES)]
    for process in processes:
        process.start()
    assert [code for _each in processes for code in answers.get(timeout=120)] == []
    for process in processes:
        process.join(timeout=30)
    all_is_given_and_no_more(4 + PROCESSES * THREADS_EACH)


def test_a_claim_and_its_end_at_once_leave_it_with_one_of_them() -> None:
    stage = cast.draft(stock=1, reward_kind="text")
    rewards.change_reward(reward=stage.reward, operator=stage.owner, claim_hours=1)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    for name in ("Ann", "Ben"):
        cast.is_approved(cast.sends(cast.joins(stage, name)), by=stage.owner)
    grant = Grant.objects.get()
    Grant.objects.update(claim_until=grant.granted_at)
    acts: list[Callable[[], object]] = []
    acts += [partial(flow.unclaimed, grant=Grant.objects.get()) for _each in range(10)]
    acts += [partial(flow.claimed, grant=Grant.objects.get()) for _each in range(10)]
    assert set(codes_of(all_at_once([*acts, *[flow.debts_paid] * 4]))) <= {"claim_over"}
    flow.debts_paid()
    stage.reward.refresh_from_db()
    assert (stage.reward.granted_count, Grant.objects.filter(state="offered").count()) == (1, 1)
    assert Grant.objects.filter(state="expired").count() == 1
    assert differences() == []


def test_a_draw_that_is_made_by_many_at_once_is_one_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "PIECE", 3)
    stage = cast.draft(capacity=100)
    rewards.make_rule(
        campaign=stage.campaign, operator=stage.owner, when="lottery", reward=stage.reward, need=1, winners=4
    )
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    for nth in range(10):
        cast.joins(stage, f"Of {nth}", by=cast.joins(stage, f"P{nth}").code)
    stage.campaign.refresh_from_db()
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    all_at_once([lambda: flow.drawn(draw=Draw.objects.get(), operator=stage.owner)] * 6)
    draw = Draw.objects.get()
    assert (draw.entrants_count, len(draw.winners)) == (10, 4)
    assert draw.entrants_hash == lottery.entrants_hash(draws.tokens_of(draw))
    entries = DrawEntry.objects.order_by("number").values_list("number", "journey__person__nickname")
    assert list(entries) == [(nth + 1, f"P{nth}") for nth in range(10)]
