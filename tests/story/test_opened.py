"""Scan evidence: who brought enough others by their code needs no screenshot."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest

from tenfold import flow
from tenfold.base import clock
from tenfold.flow import opened
from tenfold.groups import actions as groups
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import OtherDevice, Proof
from tenfold.proofs.queries import opened_count
from tenfold.worker import Round
from tests import cast
from tests.conftest import FrozenClock
from tests.story.looker import plan, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(frozen: FrozenClock) -> cast.Stage:
    stage = reviewed("off", capacity=80)
    plan(stage, opened_by=3)
    return stage


def opens(journey: Journey, *visitors: UUID | None) -> list[UUID]:
    return [flow.scanned(slug=journey.code.slug, visitor_id=visitor).visitor_id for visitor in visitors]


def friends(stage: cast.Stage, count: int) -> list[UUID]:
    """Phones of people who are in the campaign themselves, and came by a channel."""
    return [cast.joins(stage, f"Friend {nth}").person.visitor_id for nth in range(count)]


def looked(frozen: FrozenClock) -> int:
    frozen.advance(seconds=11)
    return flow.codes_opened()


def state(journey: Journey) -> str:
    return Journey.objects.get(pk=journey.pk).state


def test_enough_others_are_proof_and_all_that_follows_follows(stage: cast.Stage, frozen: FrozenClock) -> None:
    mia, ann, ben, cai = cast.joins(stage, "Mia"), *friends(stage, 3)
    proof = cast.sends(mia)
    opens(mia, ann, ben)
    looked(frozen)
    assert (state(mia), opened_count(mia)) == ("proof_sent", 2)
    opens(mia, cai)
    assert flow.codes_opened() == 0  # too fresh: it may still be on its way to the disk
    looked(frozen)
    assert (state(mia), Proof.objects.get(pk=proof.pk).state) == ("rewarded", "withdrawn")
    [fact] = Entry.objects.filter(kind="opened_enough")
    assert (fact.journey_id, fact.data) == (mia.pk, {"count": 3})
    assert looked(frozen) == 0
    assert Entry.objects.filter(kind="approved").count() == 1
    assert differences() == []


def test_opening_it_again_and_again_without_a_cookie_proves_nothing(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    mia = cast.joins(stage, "Mia")
    opens(mia, *[None] * 30)
    looked(frozen)
    frozen.advance(days=2)
    opens(mia, *[None] * 30)
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (0, "joined")


def test_who_comes_back_on_another_day_with_their_cookie_counts(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    mia = cast.joins(stage, "Mia")
    phones = opens(mia, None, None, None)
    opens(mia, *phones)
    looked(frozen)
    assert opened_count(mia) == 0  # again at once is no other day
    frozen.advance(hours=12)
    opens(mia, *phones)
    looked(frozen)
    assert state(mia) == "rewarded"


def test_who_came_by_the_code_and_gave_a_name_counts_once_and_not_after_being_removed(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    mia = cast.joins(stage, "Mia")
    brought = [cast.joins(stage, name, by=mia.code) for name in ("Ann", "Ben")]
    opens(mia, *(each.person.visitor_id for each in brought))
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (2, "joined")
    flow.removed(journey=cast.joins(stage, "Eve", by=mia.code))
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (2, "joined")
    cast.joins(stage, "Cai", by=mia.code)
    looked(frozen)
    assert state(mia) == "rewarded"


def test_openings_show_nobody_s_own_arrival(stage: cast.Stage, frozen: FrozenClock) -> None:
    chat = groups.add_group(
        campaign=stage.campaign, name="Chat", platform="wechat_group", capacity=40, operator=stage.owner
    )
    flow.qr_uploaded(group=chat, data=cast.wechat_qr("opened"), operator=stage.owner)
    phones = friends(stage, 3)
    groups.set_state(group=stage.group, state="closed", operator=stage.owner)
    mia = cast.joins(stage, "Mia")
    assert state(mia) == "arriving"
    opens(mia, *phones)
    looked(frozen)
    assert (opened_count(mia), state(mia), flow.opened_enough(journey=mia)) == (3, "arriving", False)
    flow.arrival_confirmed(journey=mia)
    looked(frozen)
    assert state(mia) == "rewarded"


def test_the_same_phone_again_their_own_and_those_of_before_do_not_count(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    mia, ann, *others = cast.joins(stage, "Mia"), *friends(stage, 4)
    for _each in range(4):
        opens(mia, ann, mia.person.visitor_id)
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (1, "joined")
    Journey.objects.filter(pk=mia.pk).update(joined_at=clock.now())
    frozen.advance(hours=-1)
    opens(mia, *others)
    frozen.advance(hours=1)
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (1, "joined")


def test_nothing_is_asked_of_openings_where_the_plan_does_not(stage: cast.Stage, frozen: FrozenClock) -> None:
    plan(stage, opened_by=0)
    mia = cast.joins(stage, "Mia")
    opens(mia, *friends(stage, 5))
    assert (looked(frozen), OtherDevice.objects.count(), state(mia)) == (0, 0, "joined")


def test_who_is_out_is_not_approved_and_what_is_over_is_over(stage: cast.Stage, frozen: FrozenClock) -> None:
    mia, ben, *phones = cast.joins(stage, "Mia"), cast.joins(stage, "Ben"), *friends(stage, 3)
    opens(mia, *phones)
    opens(ben, *phones)
    flow.left(journey=mia)
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    looked(frozen)
    assert Journey.objects.filter(approved_at__isnull=False).count() == 0
    assert not flow.opened_enough(journey=Journey.objects.get(pk=ben.pk))


def test_every_turn_is_bounded_and_nothing_is_kept_of_who_is_approved(
    stage: cast.Stage, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia, ben, *phones = cast.joins(stage, "Mia"), cast.joins(stage, "Ben"), *friends(stage, 7)
    looked(frozen)
    monkeypatch.setattr("tenfold.flow.opened.SCANS", 4)
    opens(mia, *phones)
    opens(ben, *phones[:2])
    frozen.advance(seconds=11)
    turns = [flow.codes_opened() for _each in range(6)]
    assert max(turns) == 4
    assert turns[-1] == 0
    assert (state(mia), state(ben), opened_count(ben)) == ("rewarded", "joined", 2)
    assert not OtherDevice.objects.filter(journey=mia).exists()


def test_a_plan_that_asks_for_more_later_has_lost_nothing(
    stage: cast.Stage, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(stage, opened_by=2)
    mia, *phones = cast.joins(stage, "Mia"), *friends(stage, 5)
    opens(mia, *phones)
    monkeypatch.setattr(opened, "opened_enough", lambda *, journey: False)
    looked(frozen)
    monkeypatch.undo()
    plan(stage, opened_by=5)
    looked(frozen)
    assert state(mia) == "rewarded"
    monkeypatch.setattr(opened, "MOST_OPENED", 3)
    ben = cast.joins(stage, "Ben")
    opens(ben, *phones)
    looked(frozen)
    assert OtherDevice.objects.filter(journey=ben).count() == 3


def test_one_that_goes_wrong_does_not_stop_the_others(
    stage: cast.Stage, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia, ben, *phones = cast.joins(stage, "Mia"), cast.joins(stage, "Ben"), *friends(stage, 3)
    opens(mia, *phones)
    opens(ben, *phones)
    frozen.advance(seconds=11)
    real = opened.opened_enough

    def fails_for_mia(*, journey: Journey) -> bool:
        if journey.pk == mia.pk:
            raise ValueError("a mistake of ours")
        return real(journey=journey)

    monkeypatch.setattr(opened, "opened_enough", fails_for_mia)
    turn = Round(threading.Event())
    assert flow.codes_opened(turn.each) > 0
    assert (state(mia), state(ben)) == ("joined", "rewarded")


def test_the_inviter_is_credited_as_after_a_screenshot(stage: cast.Stage, frozen: FrozenClock) -> None:
    stage.campaign.credit_when = stage.campaign.CreditWhen.APPROVED
    stage.campaign.save()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    opens(ben, *friends(stage, 3))
    looked(frozen)
    assert Credit.objects.get(inviter=mia, newcomer=ben).state == "valid"
