"""Live streams: who may listen, that everybody hears, and that nobody is told less than once."""

from __future__ import annotations

import asyncio
import pkgutil
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.test import Client

from tenfold import flow
from tenfold.base import clock, keys, visitor
from tenfold.base.keys import new_id
from tenfold.edge import hub as hubs
from tenfold.edge import live
from tenfold.edge.front import Front
from tenfold.edge.hub import BACKLOG, Event, Hub, frame
from tenfold.edge.watch import Eyes
from tenfold.groups import actions as groups
from tenfold.insight import marks
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.platforms.web import actions as web_room
from tenfold.platforms.web.models import Post
from tests import cast
from tests.edge.browser import Got, Listener, ask
from tests.web.conftest import phone

STREAMS = 1000


def cookie(visitor_id: UUID) -> dict[str, str]:
    return {"cookie": f"{visitor.COOKIE}={visitor.write(visitor_id)}"}


def says(mia: Journey, text: str) -> Post:
    return flow.posted(journey=mia, text=text, picture=None, key=new_id().hex)


async def in_thread(work: Callable[..., Any], *args: Any, **wishes: Any) -> Any:
    return await asyncio.to_thread(work, *args, **wishes)


def test_a_thousand_open_rooms_hear_one_post_and_cost_no_threads(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_FOR_ONE", STREAMS)  # one phone stands for a thousand
    stage = cast.live()
    mia = cast.joins(stage, "Mia")

    async def story() -> None:
        path, headers = f"/live/room/{stage.group.id}", cookie(mia.person.visitor_id)
        first = Listener(front, path, headers)
        await first.hears("retry:")
        before = threading.active_count()
        listeners = [Listener(front, path, headers) for _ in range(STREAMS - 1)]
        for listener in listeners:
            await listener.hears("retry:", seconds=60)
        assert threading.active_count() <= before + 8  # the few readers, whoever listens
        post = await in_thread(says, mia, "Good morning, all of you")
        for listener in [first, *listeners]:
            await listener.hears("Good morning, all of you", seconds=60)
            assert listener.told.count(f"id: {post.id}\n".encode()) == 1
        for listener in [first, *listeners]:
            await listener.leaves()

    asyncio.run(story())
    assert front.hub.topics() == set()


def test_what_is_said_to_one_alone_comes_to_no_other_stream(front: Front) -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")

    def told(key: str, text: str, reader: Journey | None) -> Post:
        reader_id = reader.person_id if reader else None
        return web_room.post(
            room_id=stage.group.id, kind=Post.Kind.BOT, key=key, text=text, reader_id=reader_id
        )

    async def story() -> None:
        path = f"/live/room/{stage.group.id}"
        last = await in_thread(told, "first", "for all", None)
        hers = Listener(front, path, cookie(mia.person.visitor_id))
        his = Listener(front, path, cookie(ben.person.visitor_id))
        await hers.hears("retry:")
        await his.hears("retry:")
        await in_thread(told, "alone", "for Mia alone", mia)
        await hers.hears("for Mia alone")
        await in_thread(told, "later", "for all again", None)
        await his.hears("for all again")
        assert b"for Mia alone" not in his.told
        for who, is_hers in ((mia, True), (ben, False)):  # asked again after a break
            back = Listener(front, f"{path}?after={last.id}", cookie(who.person.visitor_id))
            await back.hears("for all again")
            assert (b"for Mia alone" in back.told) == is_hers
            await back.leaves()
        for listener in (hers, his):
            await listener.leaves()

    asyncio.run(story())


def test_each_reader_hears_in_their_own_language(front: Front) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")

    async def story() -> None:
        path, headers = f"/live/room/{stage.group.id}", cookie(mia.person.visitor_id)
        english = Listener(front, path, headers | {"accept_language": "en"})
        chinese = Listener(front, path, headers | {"accept_language": "zh"})
        await english.hears("retry:")
        await chinese.hears("retry:")
        await in_thread(cast.words_go_out)
        await english.hears("Assistant")
        await chinese.hears("event: post")
        await english.leaves()
        await chinese.leaves()

    asyncio.run(story())


def test_only_members_may_listen_to_a_room(front: Front) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None)
    path = f"/live/room/{stage.group.id}"
    assert refused(front, path).status == 404
    assert refused(front, path, **cookie(new_id())).status == 404
    assert refused(front, path, **cookie(shown.visitor_id)).status == 404
    flow.left(journey=mia)
    assert refused(front, path, **cookie(mia.person.visitor_id)).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/live/",
        "/live/room/",
        "/live/room/rubbish",
        "/live/me/rubbish",
        "/live/me/",
        "/live/line/rubbish",
        "/live/console/rubbish",
        "/live/console/00000000-0000-7000-8000-000000000000:1tX5:AAAA",
        "/live/room/\x00",
        "/live/me/" + "A" * 10_000,
        "/live/nothing/here",
    ],
)
def test_rubbish_is_not_listened_to(front: Front, path: str) -> None:
    assert refused(front, path).status == 404
    assert refused(front, path, **cookie(new_id())).status == 404


def test_a_console_token_ends(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = cast.live()
    token = keys.sign("live", str(stage.campaign.id))
    monkeypatch.setattr(live, "CONSOLE_TOKEN_AGE", -1)
    assert refused(front, f"/live/console/{token}").status == 404


def refused(front: Front, path: str, **headers: Any) -> Got:
    return asyncio.run(ask(front, path, **headers))


def test_other_methods_and_a_full_house_are_refused(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(ask(front, "/live/me/x", method="POST")).status == 405
    monkeypatch.setattr(hubs, "MOST_STREAMS", 0)
    full = refused(front, "/live/me/x")
    assert (full.status, full.headers["retry-after"]) == (503, "10")


def test_a_reconnect_is_given_what_was_missed(front: Front) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    first, second, third = (says(mia, text) for text in ("one", "two", "three"))

    async def story(**more: str) -> bytes:
        path = f"/live/room/{stage.group.id}?after={first.id}"
        listener = Listener(front, path, cookie(mia.person.visitor_id) | more)
        await listener.hears(f"id: {third.id}\n")
        await listener.leaves()
        return bytes(listener.told)

    assert f"id: {second.id}\n".encode() in asyncio.run(story())
    # The header of a reconnect is newer than the address of the page.
    assert asyncio.run(story(last_event_id=str(second.id))).count(b"event: post") >= 1
    # A stream that has heard nothing yet says so, and the page's own mark holds.
    assert f"id: {second.id}\n".encode() in asyncio.run(story(last_event_id="0"))


def test_who_missed_very_much_is_given_it_in_pieces(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_MISSED", 3)
    monkeypatch.setattr(live, "LOOK_BACK", 0)
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    posts = [says(mia, f"number {n}") for n in range(6)]

    async def story(last: Post) -> bytes:
        headers = cookie(mia.person.visitor_id) | {"last_event_id": str(last.id)}
        listener = Listener(front, f"/live/room/{stage.group.id}", headers)
        await asyncio.wait_for(listener.task, 10)
        return bytes(listener.told)

    told = asyncio.run(story(posts[0]))
    assert [f"number {n}".encode() in told for n in range(6)] == [False, True, True, True, False, False]


def test_much_that_was_removed_ends_no_stream(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_MISSED", 3)
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    posts = [says(mia, f"number {n}") for n in range(5)]
    Post.objects.filter(pk__in=[each.pk for each in posts[:4]]).update(hidden_at=clock.now())

    async def story() -> None:
        path = f"/live/room/{stage.group.id}?after={posts[3].id}"
        listener = Listener(front, path, cookie(mia.person.visitor_id))
        await listener.hears(f"id: {posts[4].id}\n")
        assert bytes(listener.told).count(b"data-hidden") == 4
        later = await in_thread(says, mia, "later")
        await listener.hears(f"id: {later.id}\n")
        await listener.leaves()

    asyncio.run(story())


def test_a_participants_page_hears_of_its_own_journey_only(front: Front) -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    proof = cast.sends(ben)
    known = [marks.of_journey(journey.pk) for journey in (mia, ben)]

    async def story() -> None:
        hers = Listener(front, f"/live/me/{mia.page_key}?after={known[0]}")
        his = Listener(front, f"/live/me/{ben.page_key}?after={known[1]}")
        await hers.hears("retry:")
        await his.hears("event: changed")  # what happened just before is told again rather than missed
        await hers.hears("event: changed")
        before = hers.told.count(b"event: changed")
        his.told.clear()
        await in_thread(cast.is_approved, proof, by=stage.owner)
        await his.hears("event: changed")
        assert hers.told.count(b"event: changed") == before
        await hers.leaves()
        await his.leaves()

    asyncio.run(story())


def listens_to(client: Client, address: str) -> str:
    """What the page at this address connects to."""
    [found] = re.findall(r'sse-connect="([^"]+)"', client.get(address).content.decode())
    return unescape(str(found))


@pytest.mark.parametrize("page", ["me", "board", "console"])
def test_what_happens_between_a_page_and_its_listening_is_told(front: Front, page: str) -> None:
    stage = cast.live()
    stage.campaign.board = stage.campaign.Board.PUBLIC
    stage.campaign.save()
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    addresses = {"me": "/me/{}/", "board": "/board/{}/", "console": "/console/campaigns/{}/live/"}
    client = phone(mia)
    if page == "console":
        client.force_login(stage.owner, backend=cast.BACKEND)
    made = listens_to(client, addresses[page].format(stage.campaign.id))
    assert not first_told(front, made)
    cast.is_approved(proof, by=stage.owner)
    assert first_told(front, made)


@pytest.mark.parametrize(
    ("reader", "address"),
    [
        ("tenfold.web.me.journey_of", "/me/{}/"),
        ("tenfold.web.board._asked", "/board/{}/"),
        ("tenfold.console.live.campaign_for", "/console/campaigns/{}/live/"),
        ("tenfold.console.board.campaign_for", "/console/campaigns/{}/board/"),
        ("tenfold.console.tasks.campaign_for", "/console/campaigns/{}/tasks/"),
        ("tenfold.console.review.campaign_for", "/console/campaigns/{}/review/"),
        ("tenfold.console.review.queue_next", "/console/campaigns/{}/review/"),
    ],
)
def test_what_happens_while_a_page_is_made_is_told(front: Front, reader: str, address: str) -> None:
    stage = cast.live()
    stage.campaign.board = stage.campaign.Board.PUBLIC
    stage.campaign.save()
    mia = cast.joins(stage, "Mia")
    client = phone(mia)
    client.force_login(stage.owner, backend=cast.BACKEND)
    read = pkgutil.resolve_name(reader)

    def late(*args: Any, **wishes: Any) -> Any:
        """It has been read; then something happens."""
        found = read(*args, **wishes)
        cast.sends(mia)
        return found

    with mock.patch(reader, late):
        made = listens_to(client, address.format(stage.campaign.id))
    assert first_told(front, made)


def test_a_scan_between_the_live_page_and_its_listening_is_told(front: Front) -> None:
    stage = cast.live()
    client = Client()
    client.force_login(stage.owner, backend=cast.BACKEND)
    cast.joins(stage, "Mia")
    made = listens_to(client, f"/console/campaigns/{stage.campaign.id}/live/")
    assert not first_told(front, made)
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert first_told(front, made)


def test_a_call_between_the_line_s_page_and_its_listening_is_told(front: Front) -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    flow.scanned(slug=stage.code.slug, visitor_id=(visitor_id := new_id()))
    made = listens_to(phone(visitor_id), f"/line/{stage.campaign.id}/")
    assert not first_told(front, made, **cookie(visitor_id))
    adds_group(stage, capacity=1)
    flow.line_called(campaign=stage.campaign)
    assert first_told(front, made, **cookie(visitor_id))


@pytest.mark.django_db
def test_a_fact_that_becomes_visible_behind_a_later_one_is_missed_by_no_page() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    before = new_id()
    cast.sends(mia)
    known = marks.of_journey(mia.pk), marks.of_campaign(stage.campaign.pk)
    about = {"campaign_id": stage.campaign.pk, "journey_id": mia.pk}
    Entry.objects.create(id=before, kind=Fact.APPROVED, workspace_id=stage.workspace.pk, **about)
    assert marks.of_journey(mia.pk) != known[0]
    assert marks.of_campaign(stage.campaign.pk) != known[1]


def first_told(front: Front, path: str, **headers: str) -> bool:
    """Whether the page is told to look again as soon as it listens, before anybody has looked at the tables."""

    async def story() -> bool:
        listener = Listener(front, path, headers)
        await listener.hears("retry:")
        is_told = b"event: changed" in listener.told
        await listener.leaves()
        return is_told

    with mock.patch.object(Eyes, "look", return_value=[]):
        return asyncio.run(story())


def test_after_a_break_a_page_is_told_to_look_again(front: Front) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")

    async def story() -> None:
        listener = Listener(front, f"/live/me/{mia.page_key}", {"last_event_id": "0"})
        await listener.hears("event: changed", seconds=2)
        await listener.leaves()

    asyncio.run(story())


def test_who_waits_in_the_line_hears_the_call(front: Front) -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    ben = flow.scanned(slug=stage.code.slug, visitor_id=None).visitor_id
    eva = flow.scanned(slug=stage.code.slug, visitor_id=None).visitor_id

    async def story() -> None:
        path = f"/live/line/{stage.campaign.id}?after=waiting"
        called, still_waiting = Listener(front, path, cookie(ben)), Listener(front, path, cookie(eva))
        await called.hears("retry:")
        await still_waiting.hears("retry:")
        await in_thread(adds_group, stage, capacity=1)
        await in_thread(flow.line_called, campaign=stage.campaign)
        await called.hears("event: changed")
        assert b"changed" not in still_waiting.told
        await called.leaves()
        await still_waiting.leaves()

    asyncio.run(story())


def adds_group(stage: cast.Stage, *, capacity: int) -> None:
    groups.add_group(
        campaign=stage.campaign, name="Two", platform="web", capacity=capacity, operator=stage.owner
    )


def test_a_console_hears_the_kinds_that_happened(front: Front) -> None:
    stage = cast.live()

    async def story() -> None:
        listener = Listener(front, f"/live/console/{keys.sign('live', str(stage.campaign.id))}")
        await listener.hears("retry:")
        await in_thread(cast.joins, stage, "Mia")
        await listener.hears("seat_taken")
        await listener.leaves()

    asyncio.run(story())


# --- the eyes: what is seen, with a clock that stands ---------------------------------------------------------


@pytest.mark.django_db
def test_a_post_that_becomes_visible_late_is_told_and_none_twice(frozen: Any) -> None:
    room, eyes = new_id(), Eyes()
    topic = ("room", str(room), "en")
    early = post_in(room, "early, but its commit came late")
    frozen.advance(seconds=3)
    later = post_in(room, "later")
    Post.objects.filter(pk=early.pk).delete()
    assert [event.id for event in eyes.look({topic}, clock.now())] == [str(later.id)]
    early.save(force_insert=True)
    frozen.advance(seconds=3)
    assert [event.id for event in eyes.look({topic}, clock.now())] == [str(early.id)]
    for _ in range(60):
        frozen.advance(seconds=0.5)
        assert eyes.look({topic}, clock.now()) == []


@pytest.mark.django_db
def test_a_console_is_told_at_most_once_a_second_and_of_everything(frozen: Any) -> None:
    stage, eyes = cast.live(), Eyes()
    topic = ("campaign", str(stage.campaign.id))
    assert len(eyes.look({topic}, clock.now())) == 1
    told: list[bytes] = []
    for n in range(20):
        cast.joins(stage, f"Guest {n}") if n < 5 else None
        frozen.advance(milliseconds=100)
        told += [event.data for event in eyes.look({topic}, clock.now())]
    assert len(told) <= 2
    assert b"seat_taken" in told[0]


@pytest.mark.django_db
def test_a_console_hears_of_scans_that_lead_to_nothing_else(frozen: Any) -> None:
    stage, eyes = cast.live(capacity=1), Eyes()
    cast.joins(stage, "Mia")
    flow.scanned(slug=stage.code.slug, visitor_id=(waits := new_id()))
    topic = ("campaign", str(stage.campaign.id))
    eyes.look({topic}, clock.now())
    frozen.advance(seconds=2)
    assert eyes.look({topic}, clock.now()) == []
    flow.scanned(slug=stage.code.slug, visitor_id=waits)  # in line already: nothing but the scan is written
    [event] = eyes.look({topic}, clock.now())
    assert b"data: scanned\n" in event.data


@pytest.mark.django_db
def test_a_console_hears_of_the_first_scan_of_all(frozen: Any) -> None:
    stage, eyes = cast.live(), Eyes()
    topic = ("campaign", str(stage.campaign.id))
    eyes.look({topic}, clock.now())
    frozen.advance(seconds=2)
    assert eyes.look({topic}, clock.now()) == []
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    [event] = eyes.look({topic}, clock.now())
    assert b"scanned" in event.data
    frozen.advance(seconds=2)
    assert eyes.look({topic}, clock.now()) == []


@pytest.mark.django_db
def test_nobody_listening_to_a_kind_costs_no_question(django_assert_num_queries: Any) -> None:
    eyes = Eyes()
    with django_assert_num_queries(0):
        assert eyes.look(set(), clock.now()) == []
    with django_assert_num_queries(1):
        eyes.look({("room", str(new_id()), "en")}, clock.now())
    with django_assert_num_queries(1):
        eyes.look({("journey", str(new_id()))}, clock.now())


@pytest.mark.django_db
@pytest.mark.parametrize("rooms", [1, 3])
def test_a_look_costs_the_same_whatever_the_number_of_rooms(
    rooms: int, django_assert_num_queries: Any
) -> None:
    room_ids, eyes = [new_id() for _ in range(rooms)], Eyes()
    for room in room_ids:
        post_in(room, "hello")
    with django_assert_num_queries(2):
        assert len(eyes.look({("room", str(room), "en") for room in room_ids}, clock.now())) == rooms


def post_in(room: UUID, text: str) -> Post:
    return web_room.post(room_id=room, kind=Post.Kind.TEXT, key=new_id().hex, text=text, author_name="Mia")


# --- the hub --------------------------------------------------------------------------------------------------


def test_a_reader_who_falls_behind_is_let_go_and_the_others_go_on() -> None:
    async def story() -> None:
        hub, topic = Hub(), ("journey", "1")
        slow, quick = hub.join(topic, "slow"), hub.join(topic, "quick")
        for n in range(BACKLOG + 1):
            hub.publish([Event(topic, str(n), b"x")])
            event = quick.queue.get_nowait()
            assert event is not None
            assert event.id == str(n)
        assert slow.queue.get_nowait() is None
        assert slow.queue.empty()

    asyncio.run(story())


def test_a_reader_who_takes_nothing_is_given_up(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SEND_SECONDS", 0.05)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    stage = cast.live()
    mia = cast.joins(stage, "Mia")

    async def story() -> None:
        listener = Listener(front, f"/live/me/{mia.page_key}")
        await listener.hears(":\n\n")  # the heartbeat
        listener.is_stuck = True
        await asyncio.wait_for(listener.task, 10)

    asyncio.run(story())
    assert front.hub.topics() == set()


def test_closing_ends_every_stream_and_takes_no_new_one(front: Front) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")

    async def story() -> Got:
        listeners = [Listener(front, f"/live/me/{mia.page_key}") for _ in range(5)]
        for listener in listeners:
            await listener.hears("retry:")
        front.hub.close()
        await asyncio.wait_for(asyncio.gather(*(listener.task for listener in listeners)), 5)
        return await ask(front, f"/live/me/{mia.page_key}")

    assert asyncio.run(story()).status == 503


def test_no_line_end_in_a_text_makes_a_field() -> None:
    told = frame("post", "<li>\r\nid: forged\rdata: forged\n</li>", "7").decode()
    assert told == "id: 7\nevent: post\ndata: <li>\ndata: id: forged\ndata: data: forged\ndata: </li>\n\n"


def test_a_window_that_moves_on_forgets() -> None:
    eyes = Eyes()
    now = clock.now()
    ids = [new_id() for _ in range(3)]
    assert eyes._posts.fresh(ids, now) == set(ids)
    assert eyes._posts.fresh(ids, now + timedelta(seconds=15)) == set()
    eyes._posts.fresh([], now + timedelta(seconds=60))
    assert eyes._posts._until == {}


def test_nobody_takes_the_places_of_all_others() -> None:
    async def story() -> None:
        hub, topic = Hub(), ("room", "1", "en")
        other, *mine = [
            hub.join(topic, "other"),
            *(hub.join(topic, "me") for _ in range(hubs.MOST_FOR_ONE + 2)),
        ]
        ended = [stream.queue.qsize() == 1 and stream.queue.get_nowait() is None for stream in [other, *mine]]
        assert ended == [False, True, True, *[False] * hubs.MOST_FOR_ONE]
        for stream in [other, *mine]:
            hub.leave(stream)
        assert (hub.topics(), hub._owned, hub.is_full) == (set(), {}, False)

    asyncio.run(story())


def test_only_who_stands_in_a_line_hears_of_it(front: Front) -> None:
    stage = cast.live()
    assert refused(front, f"/live/line/{stage.campaign.id}", **cookie(new_id())).status == 404
