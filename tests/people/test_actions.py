"""Each act on persons, journeys and credits: what it changes, what it tells the journal, and both or neither."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, transaction

from tenfold import flow
from tenfold.base import bulk, clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people import actions as people
from tenfold.people import crediting
from tenfold.people.models import Credit, Journey, Person
from tenfold.people.queries import (
    LONGEST_CHAIN,
    chain_above,
    journey_of_visitor,
    journeys_of_visitor,
    who_would_go,
)
from tenfold.people.rules import Reason, Step
from tests import cast
from tests.conftest import FrozenClock
from tests.journal.acts import FactLost, everything, facts_of, journal_is_broken

pytestmark = pytest.mark.django_db
State = Journey.State


@dataclass(frozen=True)
class Home:
    """Ann brought Ben, who counts for her; Cid is a seed of his own; Dan waits to be confirmed in a WeChat group."""

    stage: cast.Stage
    ann: Journey
    ben: Journey
    cid: Journey
    dan: Journey


@pytest.fixture
def home(frozen: FrozenClock) -> Home:
    return make_home()


def make_home() -> Home:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    ben, cid = cast.joins(stage, "Ben", by=ann.code), cast.joins(stage, "Cid")
    wechat = cast.live(owner=(stage.workspace, stage.owner), platform="wechat_group", capacity=100)
    return Home(stage, fresh(ann), fresh(ben), fresh(cid), cast.joins(wechat, "Dan"))


def fresh(journey: Journey) -> Journey:
    return Journey.objects.select_related("campaign", "person", "group", "code", "seat").get(pk=journey.pk)


def approve(home: Home) -> object:
    return people.approve(journey=home.ann, now=clock.now())


def go(home: Home, state: State) -> object:
    return people.go(journey=home.ben, state=state, now=clock.now())


def void(home: Home) -> None:
    crediting.void_credit(newcomer=home.ben, reason=Reason.LEFT)


def move_on(home: Home) -> object:
    return people.move_on(journey=home.ann, done=Step.REMIND, now=clock.now())


def no_credit(home: Home) -> None:
    crediting.note_no_credit(owner=home.ann, visitor=home.cid, reason=Reason.ALREADY_IN)


def rename(home: Home) -> object:
    return people.change_profile(
        person=home.ann.person, nickname=" Anna ", avatar=cast.screenshot(), language="zh-hans"
    )


Act = Callable[[Home], object]
# What is done; the facts it writes; whether doing it twice is doing it once.
ACTS: dict[str, tuple[Act, list[str], bool]] = {
    "rename": (rename, ["profile_changed"], False),
    "become a member": (
        lambda home: people.become_member(journey=home.dan, now=clock.now()),
        ["joined"],
        True,
    ),
    "arrive": (lambda home: people.arrive(journey=home.dan, now=clock.now()), ["arrived"], False),
    "approve": (approve, ["approved"], True),
    "reject": (
        lambda home: people.reject(journey=home.ann, now=clock.now(), reason="no_poster"),
        ["rejected"],
        False,
    ),
    "share": (
        lambda home: people.start_sharing(journey=home.cid, now=clock.now()),
        ["started_sharing"],
        True,
    ),
    "move on": (move_on, ["reminded"], False),
    "leave": (lambda home: go(home, State.LEFT), ["left"], True),
    "be removed": (lambda home: go(home, State.REMOVED), ["removed"], True),
    "suspend": (lambda home: crediting.suspend_credit(newcomer=home.ben), ["credit_unvalidated"], True),
    "void": (void, ["credit_unvalidated", "credit_void"], True),
    "no credit": (no_credit, ["credit_void"], True),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_tells_what_it_did_of_whom(home: Home, name: str) -> None:
    act, facts, _is_once = ACTS[name]
    assert facts_of(lambda: act(home)) == facts
    about = {Entry.objects.latest("id").journey_id}
    assert about <= {home.ann.id, home.ben.id, home.cid.id, home.dan.id}
    assert Entry.objects.latest("id").campaign_id in (home.stage.campaign.id, home.dan.campaign_id)


@pytest.mark.parametrize("name", [name for name, told in ACTS.items() if told[2]])
def test_an_act_that_finds_its_work_done_does_and_tells_nothing(home: Home, name: str) -> None:
    act = ACTS[name][0]
    act(home)
    after = everything()
    assert facts_of(lambda: act(home)) == []
    assert everything() == after


@pytest.mark.django_db(transaction=True)
def test_an_act_whose_fact_cannot_be_written_has_not_happened(frozen: FrozenClock) -> None:
    home = make_home()
    before = everything()
    for name, (act, facts, _is_once) in ACTS.items():
        with journal_is_broken(nth=len(facts)), pytest.raises(FactLost):
            act(deepcopy(home))
        assert everything() == before, name
    assert differences() == []


# --- persons --------------------------------------------------------------------------------------------------


def test_a_visitor_is_one_person_in_a_workspace_and_another_in_the_next() -> None:
    here, there, visitor = cast.workspace()[0], cast.workspace("other@example.com")[0], new_id()
    wishes = {"visitor_id": visitor, "language": "en"}
    first = people.know_person(workspace_id=here.id, nickname="Mia", **wishes)  # type: ignore[arg-type]
    again = people.know_person(workspace_id=here.id, nickname="Maria", **wishes)  # type: ignore[arg-type]
    elsewhere = people.know_person(workspace_id=there.id, nickname="Mia", **wishes)  # type: ignore[arg-type]
    assert (again.pk, again.nickname, again.consented_at) == (first.pk, "Maria", first.consented_at)
    assert elsewhere.pk != first.pk
    assert Person.objects.get(pk=first.pk).nickname == "Maria"
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(workspace=here, visitor_id=visitor, nickname="Twice", consented_at=clock.now())


def test_a_profile_is_changed_in_every_campaign_and_what_is_not_given_stays(home: Home) -> None:
    other = cast.live(owner=(home.stage.workspace, home.stage.owner))
    cast.joins(other, "Ann", visitor=home.ann.person.visitor_id)
    person = home.ann.person
    assert facts_of(lambda: rename(home)) == ["profile_changed", "profile_changed"]
    avatar = Person.objects.get(pk=person.pk).avatar_id
    assert avatar
    people.change_profile(person=person, nickname="Anna", avatar=None, language="klingon")
    person.refresh_from_db()
    assert (person.nickname, person.language, person.avatar_id) == ("Anna", "zh-hans", avatar)


@pytest.mark.parametrize(("name", "code"), [("\u200b", "name_empty"), ("x" * 21, "name_too_long")])
def test_a_name_that_is_none_is_refused_and_changes_nothing(home: Home, name: str, code: str) -> None:
    before = everything()
    with pytest.raises(Refusal) as refused:
        people.change_profile(person=home.ann.person, nickname=name, avatar=cast.screenshot(), language="en")
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert everything() == before


# --- the way of one person ------------------------------------------------------------------------------------


def test_a_journey_keeps_its_way_through_leaving_and_coming_back(home: Home) -> None:
    """What was done stays done: who was approved comes back as approved, and is reminded of nothing."""
    approve(home)
    people.go(journey=home.ann, state=State.LEFT, now=clock.now())
    assert (fresh(home.ann).state, fresh(home.ann).seat, fresh(home.ann).is_member) == ("left", None, False)
    seat = home.cid.seat
    assert seat
    people.expect_back(journey=home.ann, seat=seat)
    assert (fresh(home.ann).state, fresh(home.ann).is_member) == ("arriving", False)
    assert facts_of(lambda: people.become_member(journey=home.ann, now=clock.now())) == ["rejoined"]
    back = fresh(home.ann)
    assert (back.state, back.left_at, back.due_step, back.due_at) == ("approved", None, "", None)
    assert back.joined_at == home.ann.joined_at


def test_only_who_is_gone_is_expected_back(home: Home) -> None:
    assert home.cid.seat
    people.expect_back(journey=home.ann, seat=home.cid.seat)
    assert fresh(home.ann).state == State.JOINED


def test_a_screenshot_stops_the_reminders_and_a_rejection_starts_them_again(home: Home) -> None:
    assert fresh(home.ann).due_step == Step.REMIND
    people.prove(journey=home.ann, now=clock.now())
    assert (home.ann.state, home.ann.due_step, home.ann.due_at) == (State.PROOF_SENT, "", None)
    assert home.ann.proof_sent_at == clock.now()
    people.reject(journey=home.ann, now=clock.now(), reason="no_poster")
    assert (home.ann.state, home.ann.due_step) == (State.JOINED, Step.REMIND)
    assert home.ann.due_at
    assert home.ann.due_at > clock.now()


def test_who_only_arrives_stays_arriving_whatever_they_send(home: Home) -> None:
    people.prove(journey=home.dan, now=clock.now())
    assert (home.dan.state, home.dan.proof_sent_at) == (State.ARRIVING, clock.now())
    approve_dan = people.approve(journey=home.dan, now=clock.now())
    assert (approve_dan, home.dan.state) == (True, State.ARRIVING)


@pytest.mark.parametrize("gone", [State.LEFT, State.REMOVED])
def test_who_is_gone_is_moved_by_no_screenshot_and_no_verdict(home: Home, gone: State) -> None:
    go(home, gone)
    for act in (
        lambda: people.prove(journey=home.ben, now=clock.now()),
        lambda: people.reject(journey=home.ben, now=clock.now(), reason="no_poster"),
        lambda: people.approve(journey=home.ben, now=clock.now()),
        lambda: people.note_reward(journey=home.ben, now=clock.now()),
    ):
        act()
        assert (fresh(home.ben).state, fresh(home.ben).due_step) == (gone, "")


def test_a_verdict_taken_back_puts_the_screenshot_back_into_the_queue(home: Home) -> None:
    approve(home)
    assert facts_of(lambda: people.back_to_review(journey=home.ann)) == ["unapproved"]
    assert (home.ann.state, home.ann.approved_at) == (State.PROOF_SENT, None)
    assert facts_of(lambda: people.back_to_review(journey=home.ann)) == []


def test_sharing_begins_once(home: Home, frozen: FrozenClock) -> None:
    people.start_sharing(journey=home.cid, now=clock.now())
    began = fresh(home.cid).sharing_at
    people.start_sharing(journey=home.cid, now=frozen.advance(hours=1))
    assert fresh(home.cid).sharing_at == began


def test_two_workers_who_remind_the_same_person_remind_once(home: Home, frozen: FrozenClock) -> None:
    """Both have read the journey, when its time had come, before either has moved it."""
    one, other = fresh(home.ann), fresh(home.ann)
    assert one.due_at
    frozen.move_to(one.due_at)
    assert people.move_on(journey=one, done=Step.REMIND, now=clock.now())
    assert not people.move_on(journey=other, done=Step.REMIND, now=clock.now())
    assert (fresh(home.ann).remind_count, Entry.objects.filter(kind="reminded").count()) == (1, 1)


def test_what_is_put_off_is_free_for_the_next_worker(home: Home) -> None:
    later = clock.now() + timedelta(hours=9)
    Journey.objects.update(lease_until=clock.now())
    people.postpone(journey=home.ann, until=later)
    assert (fresh(home.ann).due_at, fresh(home.ann).lease_until, fresh(home.ann).due_step) == (
        later,
        None,
        "remind",
    )
    people.postpone(journey=home.ann, until=None)
    assert (fresh(home.ann).due_at, fresh(home.ann).due_step) == (None, "")


# --- credits --------------------------------------------------------------------------------------------------


def credit(home: Home) -> tuple[str, str, int]:
    found = Credit.objects.get(inviter=home.ann, newcomer=home.ben)
    return found.state, found.reason, fresh(home.ann).valid_count


def test_a_credit_can_go_every_way_and_the_counter_goes_with_it(home: Home) -> None:
    assert credit(home) == ("valid", "", 1)
    ways: list[tuple[Callable[[], object], tuple[str, str, int]]] = [
        (lambda: crediting.suspend_credit(newcomer=home.ben), ("pending", "", 0)),
        (lambda: crediting.give_credit(newcomer=home.ben, is_valid=True), ("valid", "", 1)),
        (lambda: void(home), ("void", "left", 0)),
        (lambda: crediting.suspend_credit(newcomer=home.ben), ("void", "left", 0)),
        (lambda: crediting.give_credit(newcomer=home.ben, is_valid=False), ("pending", "", 0)),
        (lambda: void(home), ("void", "left", 0)),
        (lambda: crediting.give_credit(newcomer=home.ben, is_valid=True), ("valid", "", 1)),
        (lambda: crediting.give_credit(newcomer=home.ben, is_valid=True), ("valid", "", 1)),
    ]
    for act, expected in ways:
        act()
        assert credit(home) == expected
        # What stands in the ledger is written by the step that knows what follows from it (`flow.credits`).
        assert {each.name for each in differences()} <= {"ledger of friends"}


def test_a_seed_gives_nobody_credit(home: Home) -> None:
    assert crediting.give_credit(newcomer=home.cid, is_valid=True) is None
    assert facts_of(lambda: crediting.void_credit(newcomer=home.cid, reason=Reason.LEFT)) == []
    assert facts_of(lambda: crediting.suspend_credit(newcomer=home.cid)) == []
    assert Credit.objects.count() == 1


def test_a_person_counts_once_for_one_inviter_whatever_the_code_says(home: Home) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.create(
            workspace=home.stage.workspace,
            campaign=home.stage.campaign,
            inviter=home.ann,
            newcomer=home.ben,
        )


@pytest.mark.parametrize("reason", [Reason.ALREADY_IN, Reason.LOOP])
def test_a_true_invite_is_never_called_void_by_a_second_scan(home: Home, reason: Reason) -> None:
    crediting.note_no_credit(owner=home.ann, visitor=home.ben, reason=reason)
    assert credit(home) == ("valid", "", 1)


def test_one_s_own_code_makes_no_credit_at_all(home: Home) -> None:
    crediting.note_no_credit(owner=home.ann, visitor=home.ann, reason=Reason.SELF_INVITE)
    assert not Credit.objects.filter(newcomer=home.ann).exists()


# --- queries --------------------------------------------------------------------------------------------------


def test_the_chain_is_told_from_below_and_is_bounded(home: Home) -> None:
    eve = cast.joins(home.stage, "Eve", by=home.ben.code)
    assert chain_above(eve) == [home.ben.id, home.ann.id]
    assert chain_above(home.ann) == []
    # A ring cannot be made through the story; one that a repair by hand left behind must not hang a scan.
    Journey.objects.filter(pk=home.ann.pk).update(inviter=eve)
    eve.refresh_from_db()
    with mock.patch.object(bulk, "rows", wraps=bulk.rows) as asked:
        assert len(chain_above(eve)) == LONGEST_CHAIN
    assert asked.call_count == 1


def test_a_visitor_s_journeys_are_found_in_all_campaigns_and_in_one(home: Home) -> None:
    other = cast.live(owner=(home.stage.workspace, home.stage.owner))
    visitor = home.ann.person.visitor_id
    there = cast.joins(other, "Ann", visitor=visitor)
    assert {journey.pk for journey in journeys_of_visitor(visitor)} == {home.ann.pk, there.pk}
    assert journey_of_visitor(campaign_id=other.campaign.id, visitor_id=visitor) == there
    assert journey_of_visitor(campaign_id=new_id(), visitor_id=visitor) is None
    assert journey_of_visitor(campaign_id=other.campaign.id, visitor_id=new_id()) is None


def test_the_dry_run_of_removals_changes_nothing_and_leaves_out_who_acted(
    home: Home, frozen: FrozenClock
) -> None:
    far = frozen.now + timedelta(days=20)
    campaign = home.stage.campaign
    assert who_would_go(campaign, far) == []
    campaigns.change_plan(campaign=campaign, operator=home.stage.owner, is_removal_on=True)
    campaign.refresh_from_db()
    people.prove(journey=home.ann, now=clock.now())
    before = everything()
    gone = who_would_go(campaign, far)
    assert [each.journey for each in gone] == [home.ben, home.cid]
    assert all(frozen.now < each.at <= far and each.step == "remind" for each in gone)
    assert who_would_go(campaign, gone[0].at - timedelta(seconds=1)) == []
    assert everything() == before


def test_a_journey_locked_is_the_journey_as_it_is_now(home: Home) -> None:
    stale = fresh(home.ann)
    flow.left(journey=home.ann)
    with transaction.atomic():
        people.lock(journey=stale)
    assert stale.state == State.LEFT
