"""Scan evidence: a code that enough other phones have opened since needs no screenshot."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.base import clock
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import OtherDevice, Proof
from tenfold.proofs.queries import opened_count
from tests import cast
from tests.conftest import FrozenClock
from tests.story.looker import plan, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(frozen: FrozenClock) -> cast.Stage:
    stage = reviewed("off", capacity=50)
    plan(stage, opened_by=3)
    return stage


def opens(journey: Journey, times: int = 1) -> None:
    for _each in range(times):
        flow.scanned(slug=journey.code.slug, visitor_id=None)


def looked(frozen: FrozenClock) -> int:
    frozen.advance(seconds=11)
    return flow.codes_opened()


def state(journey: Journey) -> str:
    return Journey.objects.get(pk=journey.pk).state


def test_enough_other_phones_are_proof_and_all_that_follows_follows(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    opens(mia, 2)
    looked(frozen)
    assert (state(mia), opened_count(mia)) == ("proof_sent", 2)
    opens(mia)
    assert flow.codes_opened() == 0  # too fresh: it may still be on its way to the disk
    looked(frozen)
    assert (state(mia), Proof.objects.get(pk=proof.pk).state) == ("rewarded", "withdrawn")
    [fact] = Entry.objects.filter(kind="opened_enough")
    assert (fact.journey_id, fact.data) == (mia.pk, {"count": 3})
    assert looked(frozen) == 0
    assert Entry.objects.filter(kind="approved").count() == 1
    assert differences() == []


def test_the_same_phone_again_their_own_and_those_of_before_do_not_count(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    mia = cast.joins(stage, "Mia")
    again = flow.scanned(slug=mia.code.slug, visitor_id=None).visitor_id
    for _each in range(4):
        flow.scanned(slug=mia.code.slug, visitor_id=again)
        flow.scanned(slug=mia.code.slug, visitor_id=mia.person.visitor_id)
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (1, "joined")
    Journey.objects.filter(pk=mia.pk).update(joined_at=clock.now())
    frozen.advance(hours=-1)
    opens(mia, 5)
    frozen.advance(hours=1)
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (1, "joined")


def test_nothing_is_asked_of_openings_where_the_plan_does_not(stage: cast.Stage, frozen: FrozenClock) -> None:
    plan(stage, opened_by=0)
    mia = cast.joins(stage, "Mia")
    opens(mia, 5)
    assert (looked(frozen), OtherDevice.objects.count(), state(mia)) == (0, 0, "joined")


def test_who_is_out_is_not_approved_and_what_is_over_is_over(stage: cast.Stage, frozen: FrozenClock) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    opens(mia, 3)
    opens(ben, 3)
    flow.left(journey=mia)
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    looked(frozen)
    assert Journey.objects.filter(approved_at__isnull=False).count() == 0
    OtherDevice.objects.all().delete()
    assert not flow.opened_enough(journey=Journey.objects.get(pk=ben.pk))


def test_however_many_open_it_little_is_kept_and_every_turn_is_bounded(
    stage: cast.Stage, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfold.flow.opened.SCANS", 4)
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben", by=None)
    opens(mia, 7)
    opens(ben, 2)
    frozen.advance(seconds=11)
    turns = [flow.codes_opened() for _each in range(6)]
    assert max(turns) == 4
    assert turns[-1] == 0
    assert (state(mia), state(ben), opened_count(ben)) == ("rewarded", "joined", 2)
    assert opened_count(mia) == 3


def test_a_phone_known_already_takes_no_other_s_place(stage: cast.Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    opens(mia)
    known = flow.scanned(slug=mia.code.slug, visitor_id=None).visitor_id
    looked(frozen)
    flow.scanned(slug=mia.code.slug, visitor_id=known)
    opens(mia)
    looked(frozen)
    assert (opened_count(mia), state(mia)) == (3, "rewarded")


def test_the_inviter_is_credited_as_after_a_screenshot(stage: cast.Stage, frozen: FrozenClock) -> None:
    stage.campaign.credit_when = stage.campaign.CreditWhen.APPROVED
    stage.campaign.save()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    opens(ben, 3)
    looked(frozen)
    assert Credit.objects.get(inviter=mia, newcomer=ben).state == "valid"
