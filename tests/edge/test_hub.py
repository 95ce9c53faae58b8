"""What the doors keep in memory: streams, a bounded line of work, and frames no text can break out of."""

from __future__ import annotations

import asyncio
import threading
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold import flow, metrics
from tenfold.base import visitor
from tenfold.base.keys import new_id
from tenfold.edge import hub as hubs
from tenfold.edge import live
from tenfold.edge.front import Front
from tenfold.edge.hub import BACKLOG, Event, Hub, Stream, frame
from tenfold.edge.live import LOOK_BACK, _missed
from tenfold.edge.memory import Full, Threads
from tenfold.edge.protocol import Asked
from tenfold.people.models import Journey
from tenfold.platforms.web import actions as web_room
from tenfold.platforms.web.models import Post
from tests import cast
from tests.edge.browser import Listener, scope_of

# --- frames ---------------------------------------------------------------------------------------------------


def parsed(stream: bytes) -> list[dict[str, str]]:
    """Events as a browser reads them, by the letter of the HTML standard."""
    events: list[dict[str, str]] = []
    now: dict[str, str] = {}
    for line in stream.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line:
            if "data" in now:
                events.append(now | {"data": now["data"].removesuffix("\n")})
            now = {}
            continue
        name, _colon, value = line.partition(":")
        value = value.removeprefix(" ")
        now[name] = now.get("data", "") + value + "\n" if name == "data" else value
    return events


HTML = st.text(
    st.one_of(st.sampled_from("\r\n:\u2028\u2029\x0b\x0c\x85 "), st.characters(exclude_categories=["Cs"])),
    max_size=80,
)


@given(texts=st.lists(HTML, max_size=4))
def test_whatever_a_text_holds_a_browser_reads_one_event_with_this_text(texts: list[str]) -> None:
    stream = b"".join(frame("post", text, f"{nth}") for nth, text in enumerate(texts))
    read = parsed(stream)
    assert [(each["id"], each["event"]) for each in read] == [(f"{nth}", "post") for nth in range(len(texts))]
    assert [each["data"] for each in read] == [
        text.replace("\r\n", "\n").replace("\r", "\n") for text in texts
    ]


# --- the hub --------------------------------------------------------------------------------------------------

TOPICS = [("room", "1", "en"), ("room", "1", "zh-hans"), ("journey", "1"), ("campaign", "1")]
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.sampled_from(TOPICS)),
        st.tuples(st.just("leave"), st.integers(0, 9)),
        st.tuples(st.just("publish"), st.sampled_from(TOPICS)),
    ),
    max_size=60,
)


@given(deeds=DEEDS)
def test_everybody_hears_what_they_listen_to_in_order_and_nothing_else(
    deeds: list[tuple[str, object]],
) -> None:
    hub = Hub()
    before = _open_streams()
    listening: list[tuple[Stream, list[str]]] = []
    for nth, (deed, what) in enumerate(deeds):
        if deed == "join":
            listening.append((hub.join(what, f"{nth}"), []))  # type: ignore[arg-type]
        elif deed == "leave" and listening:
            stream, _due = listening.pop(int(str(what)) % len(listening))
            hub.leave(stream)
        elif deed == "publish":
            hub.publish([Event(what, f"{nth}", b"")])  # type: ignore[arg-type]
            for stream, due in listening:
                if stream.topic == what:
                    due.append(f"{nth}")
    for stream, due in listening:
        heard = [stream.queue.get_nowait() for _event in range(stream.queue.qsize())]
        assert [event.id for event in heard if event] == due
    assert hub.topics() == {stream.topic for stream, _due in listening}
    assert hub.wait(0) is bool(listening)
    assert _open_streams() - before == len(listening)
    for stream, _due in listening:
        hub.leave(stream)
    assert (hub.topics(), hub.wait(0), _open_streams()) == (set(), False, before)


def _open_streams() -> float:
    return float(metrics.OPEN_STREAMS._value.get())


def test_the_house_is_full_at_its_bound_and_has_room_again_when_somebody_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "MOST_STREAMS", 2)
    hub = Hub()
    first, _second = (hub.join(("journey", "1"), owner) for owner in ("Mia", "Ben"))
    assert hub.is_full
    hub.leave(first)
    assert not hub.is_full
    hub.close()
    assert hub.is_full


def test_one_who_opens_ever_more_ends_their_own_oldest_and_nobody_else_s() -> None:
    hub, topic = Hub(), ("journey", "1")
    other = hub.join(topic, "Ben")
    mine = [hub.join(topic, "Mia") for _nth in range(hubs.MOST_FOR_ONE + 3)]
    ended = [not stream.queue.empty() and stream.queue.get_nowait() is None for stream in (other, *mine)]
    assert ended == [False, True, True, True] + [False] * hubs.MOST_FOR_ONE
    for stream in mine:
        hub.leave(stream)
    assert hub._owned == {"Ben": [other]}


@pytest.mark.parametrize("more", [0, 1, BACKLOG])
def test_who_is_let_go_is_told_so_once_and_holds_no_more_than_the_backlog(more: int) -> None:
    stream = Stream(("journey", "1"), "Mia")
    for nth in range(BACKLOG):
        stream.push(Event(stream.topic, f"{nth}", b""))
    assert stream.queue.qsize() == BACKLOG
    for nth in range(1 + more):
        stream.push(Event(stream.topic, f"more {nth}", b""))
    assert stream.queue.get_nowait() is None
    assert stream.queue.qsize() <= BACKLOG


# --- the line before the database -----------------------------------------------------------------------------


def test_the_line_is_bounded_and_a_place_is_kept_until_the_work_is_done() -> None:
    """Who no longer waits has not made room: what they asked for still runs."""
    may_go_on = threading.Event()

    async def story() -> None:
        threads = Threads("test", count=1, line=2)
        with pytest.raises(TimeoutError):
            await threads.run(lambda: may_go_on.wait(20), patience=0.01)
        waiting = asyncio.create_task(threads.run(lambda: "second", patience=20))
        await asyncio.sleep(0)
        for _each in range(3):
            with pytest.raises(Full):
                await threads.run(lambda: "third", patience=20)
        may_go_on.set()
        assert await waiting == "second"
        assert [await threads.run(lambda: "again", patience=20) for _each in range(5)] == ["again"] * 5
        threads.close()

    asyncio.run(story())


def test_an_error_of_the_work_is_the_caller_s_and_gives_the_place_back() -> None:
    async def story() -> None:
        threads = Threads("test", count=1, line=1)
        for _each in range(3):
            with pytest.raises(ZeroDivisionError):
                await threads.run(lambda: 1 // 0, patience=20)
        assert await threads.run(lambda: 1, patience=20) == 1
        threads.close()

    asyncio.run(story())


def test_one_thread_does_one_thing_at_a_time() -> None:
    busy, most = 0, 0

    def work() -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        threading.Event().wait(0.001)
        busy -= 1

    async def story() -> None:
        threads = Threads("test", count=1, line=50)
        await asyncio.gather(*(threads.run(work, patience=20) for _each in range(20)))
        threads.close()

    asyncio.run(story())
    assert (busy, most) == (0, 1)


def test_who_goes_away_while_waiting_is_never_worked_for() -> None:
    may_go_on, done = threading.Event(), list[str]()

    async def story() -> None:
        threads = Threads("test", count=1, line=3)
        first = asyncio.create_task(threads.run(lambda: may_go_on.wait(20), patience=20))
        gone = asyncio.create_task(threads.run(lambda: done.append("gone"), patience=20))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0.01)
        may_go_on.set()
        await first
        assert await threads.run(lambda: "next", patience=20) == "next"
        threads.close()

    asyncio.run(story())
    assert done == []


# --- what a reconnect is given --------------------------------------------------------------------------------


def post(mia: Journey, text: str = "x") -> Post:
    """Without the door's own limit on how quickly one person may speak."""
    return web_room.post(
        room_id=mia.group_id, kind=Post.Kind.TEXT, key=new_id().hex, text=text, author_id=mia.person_id
    )


def late_post(mia: Journey, early: UUID, text: str) -> Post:
    """A post whose id was given out early and whose commit came late."""
    found = post(mia, text)
    Post.objects.filter(pk=found.pk).update(id=early)
    return Post.objects.get(pk=early)


@pytest.mark.django_db
def test_a_reconnect_finds_a_post_that_overtook_and_was_overtaken() -> None:
    """The page had A and C when it lost the line; B, older than C, became visible only afterwards."""
    mia = cast.joins(cast.live(), "Mia")
    a = post(mia, "A")
    early = new_id()
    c = post(mia, "C")
    b = late_post(mia, early, "B")
    assert a.id < b.id < c.id
    told = [event.id for event in _missed(mia.group_id, c.id, "en")]
    assert str(b.id) in told
    assert told == sorted(told)
    assert len(told) == len(set(told))


@pytest.mark.django_db
@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 8), min_size=1, max_size=4))
def test_however_often_the_line_breaks_a_page_has_every_post_once_and_in_order(cuts: list[int]) -> None:
    """A page keeps what it has by id, and names the last one it was told when it comes back."""
    mia = cast.joins(cast.live(owner=cast.workspace(f"{new_id().hex}@example.com")), "Mia")
    shown: dict[str, None] = {}
    last: UUID | None = None
    posts = []
    for cut in [*cuts, 0]:
        for _nth in range(cut):
            posts.append(post(mia))
        missed = _missed(mia.group_id, last, "en")
        for event in missed:
            shown.setdefault(event.id)
        if last is None and posts:  # the first page comes with its posts
            shown = dict.fromkeys(str(post.id) for post in posts)
        last = posts[-1].id if posts else None
    assert list(shown) == [str(post.id) for post in posts]


@pytest.mark.django_db
def test_a_reconnect_looks_back_so_far_and_no_farther() -> None:
    mia = cast.joins(cast.live(), "Mia")
    posts = [post(mia, f"{n}") for n in range(LOOK_BACK + 5)]
    told = [event.id for event in _missed(mia.group_id, posts[-1].id, "en")]
    assert told == [str(post.id) for post in posts[-1 - LOOK_BACK : -1]]
    assert _missed(mia.group_id, None, "en") == []
    assert _missed(new_id(), posts[0].id, "en") == []


def test_what_was_told_while_catching_up_is_not_told_again_by_the_watcher(front: Front) -> None:
    """The post is new to the watcher too: both have it, the stream says it once."""
    mia = cast.joins(cast.live(), "Mia")
    first = post(mia, "first")
    second = post(mia, "second")

    async def story() -> bytes:
        headers = {"cookie": f"{visitor.COOKIE}={visitor.write(mia.person.visitor_id)}"}
        listener = Listener(front, f"/live/room/{mia.group_id}?after={first.id}", headers)
        await listener.hears("second")
        await asyncio.to_thread(flow.posted, journey=mia, text="third", picture=None, key="3")
        await listener.hears("third")
        await listener.leaves()
        return bytes(listener.told)

    told = asyncio.run(story())
    assert told.count(f"id: {second.id}\n".encode()) == 1


def test_who_was_removed_hears_no_more_after_the_longest_time(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    mia = cast.joins(cast.live(), "Mia")
    headers = {"cookie": f"{visitor.COOKIE}={visitor.write(mia.person.visitor_id)}"}

    async def story() -> int:
        listener = Listener(front, f"/live/room/{mia.group_id}", headers)
        await listener.hears("retry:")
        await asyncio.to_thread(flow.removed, journey=mia)
        await asyncio.wait_for(listener.task, 10)
        again = Listener(front, f"/live/room/{mia.group_id}", headers)
        await asyncio.wait_for(again.task, 10)
        return again.status

    assert asyncio.run(story()) == 404
    assert front.hub.topics() == set()


@pytest.mark.django_db
def test_the_line_is_listened_to_under_one_s_own_name_only() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    mine = flow.scanned(slug=stage.code.slug, visitor_id=None).visitor_id

    def seat(visitor_id: UUID, **more: str) -> live.Seat | None:
        cookie = f"{visitor.COOKIE}={visitor.write(visitor_id)}"
        return live._seat(Asked(scope_of("GET", path, cookie=cookie, **more)))

    path = f"/live/line/{stage.campaign.id}?after=waiting"
    assert live._seat(Asked(scope_of("GET", path))) is None
    assert seat(new_id()) is None
    held = seat(mine)
    assert held
    assert held.topic == ("line", str(stage.campaign.id), str(mine))
    assert held.catch_up() == []
    back = seat(mine, last_event_id="1")
    assert back
    assert [event.topic for event in back.catch_up()] == [held.topic]
