"""What is to be said survives whoever was to say it: crashes at every point, slow platforms, two workers at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tenfold.base import clock
from tenfold.base.claim import LEASE, claim_due
from tenfold.base.keys import new_id
from tenfold.journal.models import Entry
from tenfold.mailroom import actions
from tenfold.mailroom.actions import MOST_TRIES, Where
from tenfold.mailroom.models import HumanTask, Message
from tenfold.platforms.contract import Failed, NeedsHuman, Outcome, Sent
from tenfold.platforms.registry import PLATFORMS
from tenfold.platforms.web.models import Post
from tests import cast
from tests.conftest import FrozenClock
from tests.journal.acts import FactLost, everything, journal_is_broken

pytestmark = pytest.mark.django_db


class PowerCut(Exception):
    """The process ends here."""


class Megaphone:
    """A foreign platform: what it was told is out in the world and comes back with no transaction. As the contract
    asks, it knows a key it has had before."""

    sees_joins = True
    says_privately = False

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.cuts_before = self.cuts_after = 0
        self.answers: list[Outcome] = []

    def say(self, *, room_id: object, text: str, key: str, reader_id: object = None) -> Outcome:
        if self.cuts_before:
            self.cuts_before -= 1
            raise PowerCut
        if key not in dict(self.heard):
            self.heard.append((key, text))
        if self.cuts_after:
            self.cuts_after -= 1
            raise PowerCut
        return self.answers.pop(0) if self.answers else Sent()

    def remove(self, *, room_id: object, name: str, key: str) -> Outcome:
        return NeedsHuman()


@pytest.fixture
def megaphone() -> Iterator[Megaphone]:
    with pytest.MonkeyPatch.context() as patch:
        loud = Megaphone()
        patch.setitem(PLATFORMS, "megaphone", loud)
        yield loud


def where(platform: str = "megaphone") -> Where:
    home = cast.workspace()[0]
    return Where(home.id, new_id(), new_id(), platform)


def says(*texts: str, platform: str = "megaphone") -> list[Message]:
    place = where(platform)
    return [actions.say(where=place, moment="join", text=text, key=f"join:{text}") for text in texts]


def claimed(now: object) -> list[Message]:
    queued = Message.objects.filter(state=Message.State.QUEUED)
    return claim_due(queued, due="due_at", now=now)  # type: ignore[arg-type]


# --- a crash between the claim and the end --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["cuts_before", "cuts_after"])
def test_a_crash_in_the_middle_of_saying_says_it_later_exactly_once(
    megaphone: Megaphone, frozen: FrozenClock, when: str
) -> None:
    setattr(megaphone, when, 1)
    says("hello")
    with pytest.raises(PowerCut):
        actions.deliver_due(frozen.now)
    message = Message.objects.get()
    assert (message.state, message.attempt_count, message.lease_until) == ("queued", 0, frozen.now + LEASE)
    assert actions.deliver_due(frozen.advance(seconds=59)) == 0
    assert actions.deliver_due(frozen.advance(seconds=2)) == 1
    assert actions.deliver_due(frozen.advance(hours=1)) == 0
    assert megaphone.heard == [("join:hello", "hello")]
    assert (Message.objects.get().state, Entry.objects.filter(kind="said").count()) == ("sent", 1)


@pytest.mark.django_db(transaction=True)
def test_a_crash_leaves_the_rest_of_the_batch_to_the_next_worker(
    megaphone: Megaphone, frozen: FrozenClock
) -> None:
    says("one", "two", "three")
    megaphone.cuts_before = 1
    with pytest.raises(PowerCut):
        actions.deliver_due(frozen.now)
    assert megaphone.heard == []
    assert actions.deliver_due(frozen.now + LEASE) == 0  # not over before it is over
    assert actions.deliver_due(frozen.advance(seconds=61)) == 3
    assert [text for _key, text in megaphone.heard] == ["one", "two", "three"]


@pytest.mark.django_db(transaction=True)
def test_our_own_room_is_part_of_the_transaction_and_comes_back_whole(frozen: FrozenClock) -> None:
    """No key is needed there: what was not committed was never said."""
    says("hello", platform="web")
    before = everything()
    message = claimed(frozen.now)[0]
    with journal_is_broken(), pytest.raises(FactLost):
        actions.deliver(message=message)
    Message.objects.update(lease_until=None)
    assert everything() == before
    assert not Post.objects.exists()
    assert actions.deliver_due(frozen.now) == 1
    assert Post.objects.get().text == "hello"


@pytest.mark.django_db(transaction=True)
def test_a_task_and_the_message_it_stands_for_are_kept_together(frozen: FrozenClock) -> None:
    says("hello", platform="wechat_group")
    message = claimed(frozen.now)[0]
    with journal_is_broken(), pytest.raises(FactLost):
        actions.deliver(message=message)
    assert (Message.objects.get().state, HumanTask.objects.count()) == ("queued", 0)
    actions.deliver_due(frozen.advance(seconds=61))
    assert (Message.objects.get().state, HumanTask.objects.count()) == ("human", 1)


# --- two workers ----------------------------------------------------------------------------------------------


def test_what_one_worker_has_claimed_another_does_not_get(megaphone: Megaphone, frozen: FrozenClock) -> None:
    says("one", "two")
    mine = claimed(frozen.now)
    assert len(mine) == 2
    assert claimed(frozen.now) == []
    actions.deliver(message=mine[0])
    assert [message.text for message in claimed(frozen.now + timedelta(seconds=61))] == ["two"]


def test_a_worker_that_was_only_slow_finds_its_message_said_and_says_nothing(
    megaphone: Megaphone, frozen: FrozenClock
) -> None:
    """Its lease ran out while it slept; somebody else took over; then it wakes with the old row in its hand."""
    says("hello")
    [sleeper] = claimed(frozen.now)
    assert actions.deliver_due(frozen.advance(seconds=61)) == 1
    megaphone.heard.clear()
    actions.deliver(message=sleeper)
    assert megaphone.heard == []
    assert (Message.objects.get().attempt_count, Entry.objects.filter(kind="said").count()) == (1, 1)


def test_a_claim_takes_the_oldest_first_and_no_more_than_it_may(
    megaphone: Megaphone, frozen: FrozenClock
) -> None:
    place = where()
    for nth in range(5):
        actions.say(where=place, moment="join", text=f"{nth}", key=f"{nth}")
        frozen.advance(seconds=1)
    found = claim_due(Message.objects.all(), due="due_at", now=frozen.now, limit=3)
    assert [message.text for message in found] == ["0", "1", "2"]
    assert [m.text for m in claim_due(Message.objects.all(), due="due_at", now=frozen.now)] == ["3", "4"]


def test_what_is_not_due_yet_waits(megaphone: Megaphone, frozen: FrozenClock) -> None:
    says("later")
    Message.objects.update(due_at=frozen.now + timedelta(seconds=1))
    assert [actions.deliver_due(frozen.now), actions.deliver_due(frozen.advance(seconds=1))] == [0, 1]


@pytest.mark.parametrize("state", ["sent", "human", "cancelled", "failed"])
def test_what_is_no_longer_queued_is_never_said(
    megaphone: Megaphone, frozen: FrozenClock, state: str
) -> None:
    [message] = says("hello")
    Message.objects.update(state=state)
    before = everything()
    actions.deliver(message=message)
    assert actions.deliver_due(frozen.advance(days=1)) == 0
    assert (megaphone.heard, everything()) == ([], before)


# --- trying again ---------------------------------------------------------------------------------------------


def test_each_try_waits_twice_as_long_as_the_one_before_and_the_last_one_asks_a_person(
    megaphone: Megaphone, frozen: FrozenClock
) -> None:
    megaphone.answers = [Failed("busy", False)] * MOST_TRIES
    says("hello")
    pauses = []
    while Message.objects.get().due_at:
        actions.deliver_due(frozen.now)
        due = Message.objects.get().due_at
        if due:
            pauses.append((due - frozen.now).total_seconds())
            frozen.move_to(due)
    assert pauses == [10, 20, 40, 80]
    message = Message.objects.get()
    assert (message.state, message.attempt_count, message.error) == ("failed", MOST_TRIES, "busy")
    task = HumanTask.objects.get()
    assert (task.kind, task.text, task.group_id, task.campaign_id) == (
        "say",
        "hello",
        message.group_id,
        message.campaign_id,
    )


def test_what_fails_for_good_is_asked_once_and_the_others_go_out(
    megaphone: Megaphone, frozen: FrozenClock
) -> None:
    megaphone.answers = [Failed("no such chat", True)]
    says("hello", "there")
    assert actions.deliver_due(frozen.now) == 2
    for _hour in range(3):
        actions.deliver_due(frozen.advance(hours=1))
    assert sorted(Message.objects.values_list("text", "state", "attempt_count")) == [
        ("hello", "failed", 1),
        ("there", "sent", 1),
    ]
    assert HumanTask.objects.get().text == "hello"


def test_a_platform_that_learns_to_ask_for_a_person_is_believed(
    megaphone: Megaphone, frozen: FrozenClock
) -> None:
    megaphone.answers = [Failed("busy", False), NeedsHuman()]
    says("hello")
    actions.deliver_due(frozen.now)
    actions.deliver_due(frozen.advance(minutes=1))
    assert (Message.objects.get().state, HumanTask.objects.get().text) == ("human", "hello")


def test_a_message_carries_whom_it_is_about_all_the_way_to_the_task() -> None:
    home, journey = cast.workspace()[0], new_id()
    place = Where(home.id, new_id(), new_id(), "wechat_group", journey_id=journey)
    actions.say(where=place, moment="reward", text="Yours", key="reward:1")
    cast.words_go_out()
    task = HumanTask.objects.get()
    assert (task.journey_id, task.moment, task.group_id) == (journey, "reward", place.group_id)
    assert Entry.objects.get(kind="task_opened").journey_id == journey


def test_the_moment_a_message_is_due_is_when_it_was_queued(frozen: FrozenClock) -> None:
    [message] = says("hello", platform="web")
    assert (message.due_at, message.attempt_count, message.sent_at) == (clock.now(), 0, None)
