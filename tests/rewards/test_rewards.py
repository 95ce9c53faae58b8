"""What can be earned: setting it up, its stock, redeeming."""

from __future__ import annotations

from unittest import mock

import pytest

from tenfold import flow
from tenfold.base.refusal import Refusal
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.rewards import actions
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Debt, Grant, Reward, StockCode
from tenfold.rewards.queries import main_reward
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def change(stage: cast.Stage, **fields: object) -> Reward:
    asked = {"kind": "text", "name": "Book", "text": "Ask at the desk", "stock_count": 5} | fields
    return actions.give_for_task(campaign=stage.campaign, operator=stage.owner, **asked)  # type: ignore[arg-type]


def earns(stage: cast.Stage, name: str = "Mia") -> Grant:
    journey = cast.joins(stage, name)
    cast.is_approved(cast.sends(journey), by=stage.owner)
    return Grant.objects.get(journey=journey)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": "gold"}, "unknown_kind"),
        ({"name": " "}, "bad_name"),
        ({"name": "x" * 81}, "bad_name"),
        ({"text": ""}, "text_needed"),
        ({"kind": "link", "text": "book.example"}, "bad_link"),
        ({"kind": "link", "text": "javascript:alert(1)"}, "bad_link"),
        ({"stock_count": -1}, "bad_stock"),
        ({"stock_count": 10_000_001}, "bad_stock"),
        ({"stock_count": 0}, "stock_too_small"),
        ({"kind": "codes"}, "kind_fixed"),
    ],
)
def test_a_reward_that_could_not_be_given_is_refused(fields: dict[str, object], why: str) -> None:
    stage = cast.live()
    if why in ("stock_too_small", "kind_fixed"):
        earns(stage)
    with pytest.raises(Refusal) as refused:
        change(stage, **fields)
    assert refused.value.code == why
    assert Reward.objects.get().name == "A free book"


def test_a_change_keeps_what_was_given_and_no_limit_is_no_limit() -> None:
    stage = cast.live()
    earns(stage)
    reward = change(stage, stock_count=None)
    assert (reward.pk, reward.granted_count, reward.left_count) == (stage.reward.pk, 1, None)
    assert main_reward(stage.campaign) == main_reward(stage.campaign.id) == reward


def test_the_stock_of_codes_is_what_was_uploaded_each_once() -> None:
    stage = cast.draft(stock=2, reward_kind="codes")
    added = actions.add_codes(
        reward=stage.reward, codes=["BOOK-0001", "NEW-1", "NEW-1"], operator=stage.owner
    )
    assert (added.added, added.repeated) == (1, 2)
    reward = change(stage, kind="codes", text="", stock_count=900)
    assert (reward.stock_count, StockCode.objects.count()) == (3, 3)
    assert change(stage, kind="text").stock_count == 5
    assert change(stage, kind="codes", text="").stock_count == 3


def test_codes_are_added_only_to_a_main_reward_codes() -> None:
    stage = cast.draft()
    with pytest.raises(Refusal, match="no codes"):
        actions.add_codes(reward=stage.reward, codes=["A"], operator=stage.owner)


def test_codes_are_given_in_their_order_each_to_one() -> None:
    stage = cast.live(stock=3, reward_kind="codes")
    given = [earns(stage, name).stock_code.code for name in ("Ann", "Ben", "Cid")]
    assert given == ["BOOK-0000", "BOOK-0001", "BOOK-0002"]
    assert Debt.objects.count() == 0


def test_a_larger_limit_pays_what_is_owed_and_ends_the_task() -> None:
    stage = cast.live(stock=1)
    earns(stage, "Ann")
    cast.is_approved(cast.sends(cast.joins(stage, "Ben")), by=stage.owner)
    assert (Debt.objects.count(), flow.debts_paid()) == (1, 0)
    change(stage, stock_count=None)
    assert HumanTask.objects.get(kind="restock").state == "dropped"
    assert (flow.debts_paid(), Debt.objects.count()) == (1, 0)


def test_a_reward_is_redeemed_once_and_the_second_time_is_told_when(frozen: FrozenClock) -> None:
    stage = cast.live()
    grant = earns(stage)
    redeemed = flow.redeemed(
        number=f" {grant.number.lower()} ", workspace_id=stage.workspace.id, operator=stage.owner
    )
    assert (redeemed.redeemed_at, redeemed.redeemed_by) == (frozen.now, stage.owner)
    frozen.advance(days=1)
    with pytest.raises(Refusal, match=r"2026-03-02 18:00"):  # in the campaign's own zone
        flow.redeemed(number=grant.number, workspace_id=stage.workspace.id, operator=stage.owner)
    stage.reward.refresh_from_db()
    assert (stage.reward.redeemed_count, Entry.objects.filter(kind="redeemed").count()) == (1, 1)


@pytest.mark.parametrize("number", ["", "x", "00000000", "' or 1=1", "x" * 500, "\x00" * 8])
def test_a_number_that_is_not_one_of_ours_is_unknown(number: str) -> None:
    stage = cast.live()
    earns(stage)
    with pytest.raises(Refusal) as refused:
        flow.redeemed(number=number, workspace_id=stage.workspace.id, operator=stage.owner)
    assert (refused.value.code, refused.value.status) == ("unknown_number", 404)


def test_a_reward_is_redeemed_only_where_it_was_earned() -> None:
    grant = earns(cast.live())
    other, otto = cast.workspace("otto@example.com")
    with pytest.raises(Refusal) as refused:
        flow.redeemed(number=grant.number, workspace_id=other.id, operator=otto)
    assert refused.value.code == "unknown_number"


@pytest.mark.parametrize("unit", ["invite", "points"])
def test_one_form_sent_for_two_at_once_moves_one_of_them(unit: str) -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")

    def adjusted(journey: Journey) -> LedgerRow | None:
        return flow.adjusted(
            journey=journey, unit=unit, amount=4, note="Thanks", operator=stage.owner, key="form"
        )

    def is_second(*_asked: object) -> None:
        check.side_effect = None
        assert adjusted(mia)

    with mock.patch("tenfold.flow.credits._check_by_hand", side_effect=is_second) as check:
        assert adjusted(ben) is None
    assert LedgerRow.objects.get(unit=unit).journey_id == mia.pk
    counts = [Journey.objects.get(pk=each.pk).valid_count for each in (mia, ben)]
    assert (counts, differences()) == ([4 if unit == "invite" else 0, 0], [])
