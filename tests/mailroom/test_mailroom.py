"""What is to be said is said once, tried again when it fails, and given to a person when it cannot be."""

from __future__ import annotations

from datetime import timedelta

import pytest

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

pytestmark = pytest.mark.django_db


class Scripted:
    """A platform that answers what it was told to, and remembers what it was asked."""

    sees_joins = True
    says_privately = False

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.asked = list(outcomes), [""][:0]

    def say(self, *, room_id: object, text: str, key: str, reader_id: object = None) -> Outcome:
        self.asked.append(text)
        return self.outcomes.pop(0)

    def remove(self, *, room_id: object, name: str, key: str) -> Outcome:
        raise AssertionError


@pytest.fixture
def where() -> Where:
    home, _olga = cast.workspace()
    return Where(workspace_id=home.id, campaign_id=new_id(), group_id=new_id(), platform="web")


def scripted(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> Scripted:
    platform = Scripted(*outcomes)
    monkeypatch.setitem(PLATFORMS, "web", platform)
    return platform


def test_the_same_key_is_said_once_whoever_asks_and_however_often(where: Where, frozen: FrozenClock) -> None:
    for text in ("Hi!", "Hi again!"):
        actions.say(where=where, moment="join", text=text, key="join:1")
    assert [actions.deliver_due(frozen.now) for _each in range(3)] == [1, 0, 0]
    assert Post.objects.get().text == "Hi!"
    message = Message.objects.get()
    assert (message.state, message.sent_at, message.due_at, message.lease_until) == (
        "sent",
        frozen.now,
        None,
        None,
    )
    actions.deliver(message=message)
    assert (Post.objects.count(), Entry.objects.filter(kind="said").count()) == (1, 1)


@pytest.mark.parametrize("outcome", [NeedsHuman(), Failed("no", True)])
def test_what_is_for_one_alone_is_never_given_to_a_person_to_post(
    where: Where, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    scripted(monkeypatch, outcome)
    actions.say(where=where, moment="reject", text="Not yet, Mia.", key="reject:1", reader_id=new_id())
    assert actions.deliver_due(frozen.now) == 1
    assert Message.objects.get().state in ("human", "failed")
    assert not HumanTask.objects.exists()


def test_what_waits_to_be_said_can_be_put_in_other_words_or_left_unsaid(
    where: Where, frozen: FrozenClock
) -> None:
    later = frozen.now + timedelta(minutes=5)
    for key in ("one", "two", "three"):
        actions.say(where=where, moment="progress", text=key, key=key, due_at=later)
    assert actions.deliver_due(frozen.now) == 0
    assert (actions.reword(key="one", text="uno"), actions.unsay(key="two")) == (True, True)
    assert (actions.reword(key="two", text="due"), actions.unsay(key="two")) == (False, False)
    assert actions.deliver_due(later) == 2
    assert sorted(Post.objects.values_list("text", flat=True)) == ["three", "uno"]
    assert not any(change(key=key) for key in ("one", "none", "") for change in (actions.unsay, _reworded))
    assert sorted(Post.objects.values_list("text", flat=True)) == ["three", "uno"]


def _reworded(*, key: str) -> bool:
    return actions.reword(key=key, text="too late")


def test_messages_of_one_moment_are_said_in_the_order_they_were_written(
    where: Where, frozen: FrozenClock
) -> None:
    for nth in range(12):
        actions.say(where=where, moment="join", text=f"{nth}", key=f"join:{nth}")
    actions.deliver_due(frozen.now)
    assert list(Post.objects.order_by("id").values_list("text", flat=True)) == [f"{nth}" for nth in range(12)]


def test_a_failure_is_tried_again_later_and_later(
    where: Where, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = scripted(monkeypatch, Failed("busy", False), Failed("x" * 500, False), Sent())
    actions.say(where=where, moment="join", text="Hi!", key="join:1")
    actions.deliver_due(frozen.now)
    message = Message.objects.get()
    assert (message.state, message.error, message.due_at) == (
        "queued",
        "busy",
        frozen.now + timedelta(seconds=10),
    )
    assert message.lease_until is None
    assert actions.deliver_due(frozen.advance(seconds=9)) == 0
    assert actions.deliver_due(frozen.advance(seconds=1)) == 1
    assert actions.deliver_due(frozen.advance(seconds=20)) == 1
    message.refresh_from_db()
    assert (message.state, message.attempt_count, len(message.error), len(platform.asked)) == (
        "sent",
        3,
        200,
        3,
    )


@pytest.mark.parametrize(("is_permanent", "tries"), [(True, 1), (False, MOST_TRIES)])
def test_what_cannot_be_said_is_given_to_a_person_with_the_text(
    is_permanent: bool, tries: int, where: Where, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, *[Failed("no", is_permanent)] * tries)
    actions.say(where=where, moment="join", text="Hi!", key="join:1")
    for _each in range(MOST_TRIES + 2):
        actions.deliver_due(frozen.advance(hours=1))
    message, task = Message.objects.get(), HumanTask.objects.get()
    assert (message.state, message.attempt_count) == ("failed", tries)
    assert (task.kind, task.moment, task.text, task.state) == ("say", "join", "Hi!", "open")


def test_a_message_another_worker_has_in_hand_is_left_to_it_until_its_lease_ends(
    where: Where, frozen: FrozenClock
) -> None:
    actions.say(where=where, moment="join", text="Hi!", key="join:1")
    Message.objects.update(lease_until=frozen.now + timedelta(seconds=60))
    assert [actions.deliver_due(frozen.advance(seconds=seconds)) for seconds in (1, 60)] == [0, 1]


def test_a_task_is_opened_once_closed_once_and_can_be_reopened(where: Where) -> None:
    olga = cast.workspace("other@example.com")[1]
    task = actions.open_task(where=where, kind="count", key="count:1", text="2")
    for _twice in range(2):
        actions.close_task(task=task, state="done", operator=olga)
    assert (task.state, task.closed_by) == ("done", olga)
    assert actions.open_task(where=where, kind="count", key="count:1").state == "done"
    for _twice in range(2):
        actions.reopen_task(task=task, operator=olga)
    assert (task.state, task.closed_at, task.closed_by) == ("open", None, None)
    facts = Entry.objects.filter(kind__startswith="task_").order_by("id").values_list("kind", flat=True)
    assert list(facts) == ["task_opened", "task_closed", "task_opened"]


def test_tasks_are_dropped_in_one_group_or_in_the_whole_campaign(where: Where) -> None:
    other = Where(where.workspace_id, where.campaign_id, new_id(), "web")
    elsewhere = Where(where.workspace_id, new_id(), new_id(), "web")
    for nth, each in enumerate((where, other, elsewhere)):
        actions.open_task(where=each, kind="restock", key=f"restock:{nth}")
        actions.open_task(where=each, kind="count", key=f"count:{nth}")
    actions.drop_tasks(campaign_id=where.campaign_id, kind="restock", group_id=where.group_id)
    assert HumanTask.objects.filter(state="dropped").count() == 1
    actions.drop_tasks(campaign_id=where.campaign_id, kind="restock")
    assert HumanTask.objects.filter(state="dropped").count() == 2
    assert HumanTask.objects.filter(kind="count", state="open").count() == 3
