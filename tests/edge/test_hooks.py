"""The door for other systems: what is theirs is on disk before its answer, once; what is not leaves no trace."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.codes.models import Scan
from tenfold.edge import commit, hooks
from tenfold.edge.front import Front
from tenfold.edge.limits import Bucket
from tenfold.edge.protocol import Message
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import Heard, HookSource
from tenfold.mailroom.queries import Source, sources_of
from tenfold.platforms.standard_webhooks import StandardWebhooks
from tests import cast
from tests.conftest import FrozenClock
from tests.edge.browser import Got, ask, scope_of
from tests.platforms.signing import signed

Asking: TypeAlias = Coroutine[Any, Any, Got]
BODY = b'{"type": "order.paid", "data": {"id": 7}}'


@pytest.fixture
def shop(front: Front) -> HookSource:
    home, _olga = cast.workspace()
    return mailroom.add_source(workspace_id=home.id, name="Shop")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered of a source: as when a second has passed."""
    monkeypatch.setattr(hooks, "FRESH_SECONDS", 0.0)


def by_name(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}


async def send(front: Front, shop: HookSource, body: bytes = BODY, **wishes: Any) -> Got:
    """A hook as its source sends it."""
    secret = wishes.pop("secret", shop.secret)
    headers = by_name(signed(secret, body, **wishes))
    return await ask(front, f"/hooks/{shop.id}", method="POST", body=body, **headers)


def sends(front: Front, shop: HookSource, body: bytes = BODY, **wishes: Any) -> Got:
    return asyncio.run(send(front, shop, body, **wishes))


def heard() -> list[tuple[str, bytes]]:
    rows = Heard.objects.order_by("id").values_list("event_id", "body")
    return [(event_id, bytes(body)) for event_id, body in rows]


def facts() -> int:
    return Entry.objects.filter(kind=Fact.HOOK_HEARD).count()


# --- kept ---------------------------------------------------------------------------------------------------------


def test_a_hook_is_kept_as_it_came_with_its_fact(front: Front, shop: HookSource) -> None:
    body = b'{"b":1,\r\n "a": "\xff\x00"}'
    got = sends(front, shop, body)
    assert (got.status, got.body) == (204, b"")
    assert not {"content-length", "content-type"} & set(got.headers)
    [row] = Heard.objects.all()
    assert bytes(row.body) == body
    assert (row.event_id, row.state, row.source_id) == ("msg_1", "received", shop.id)
    assert row.workspace_id == shop.workspace_id
    assert set(row.headers) == {"webhook-id", "webhook-timestamp", "webhook-signature"}
    [fact] = Entry.objects.filter(kind=Fact.HOOK_HEARD)
    assert fact.workspace_id == shop.workspace_id
    assert fact.data == {"heard": str(row.id), "source": str(shop.id), "event": "msg_1"}
    assert abs(fact.at - row.at).total_seconds() < 1


def test_the_example_of_the_standard_comes_in(front: Front, shop: HookSource, frozen: FrozenClock) -> None:
    frozen.move_to(datetime.fromtimestamp(1614265330, UTC))
    HookSource.objects.update(secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = {
        "webhook_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook_timestamp": "1614265330",
        "webhook_signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = b'{"test": 2432232314}'
    got = asyncio.run(ask(front, f"/hooks/{shop.id}", method="POST", body=body, **headers))
    assert got.status == 204
    assert heard() == [("msg_p5jXN8AQM9LWM0D4loKWxJek", body)]


def test_delivered_five_times_it_is_kept_once_as_it_came_first(
    front: Front, shop: HookSource, frozen: FrozenClock
) -> None:
    for delivery in range(5):
        assert sends(front, shop, b"try %d" % delivery).status == 204
        frozen.advance(minutes=10)
    assert heard() == [("msg_1", b"try 0")]
    assert facts() == 1


def test_late_and_in_another_order_each_is_kept(front: Front, shop: HookSource) -> None:
    for number in (3, 1, 2, 1, 3):
        assert sends(front, shop, event_id=f"msg_{number}").status == 204
    assert [event_id for event_id, _body in heard()] == ["msg_3", "msg_1", "msg_2"]
    assert facts() == 3


def test_two_sources_may_use_the_same_ids(front: Front, shop: HookSource) -> None:
    other = mailroom.add_source(workspace_id=shop.workspace_id, name="Till")
    assert sends(front, shop).status == sends(front, other).status == 204
    assert len(heard()) == 2


def test_an_empty_body_and_the_largest_one_are_kept(front: Front, shop: HookSource) -> None:
    for event_id, body in (("none", b""), ("most", b"x" * hooks.MOST_BYTES)):
        assert sends(front, shop, body, event_id=event_id).status == 204
    assert [len(body) for _event_id, body in heard()] == [0, hooks.MOST_BYTES]


def test_the_answer_comes_after_the_commit(front: Front, shop: HookSource) -> None:
    seen: list[int] = []

    def rows() -> int:
        try:
            return Heard.objects.count()
        finally:
            connection.close()

    async def story() -> None:
        coming: list[Message] = [{"type": "http.request", "body": BODY, "more_body": False}]

        async def receive() -> Message:
            return coming.pop()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.append(await asyncio.to_thread(rows))

        headers = by_name(signed(shop.secret, BODY))
        await front(scope_of("POST", f"/hooks/{shop.id}", **headers), receive, told)

    assert Heard.objects.count() == 0
    asyncio.run(story())
    assert seen == [1]


# --- together with scans --------------------------------------------------------------------------------------------


class Batches:
    """The first batch takes until `may_go_on` is set; of each it is noted how many scans and hooks are in it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.is_writing, self.may_go_on = threading.Event(), threading.Event()
        self._together = flow.scanned_together
        patch.setattr(flow, "scanned_together", self)

    def __call__(self, openings: Sequence[flow.Opening], **wishes: Any) -> list[flow.Shown]:
        self.sizes.append((len(openings), len(wishes["heard"])))
        self.is_writing.set()
        self.may_go_on.wait(20)
        return self._together(openings, **wishes)

    async def of(self, front: Front, first: Asking, *then: Asking) -> list[Got]:
        """`first` alone, and what comes while it is written."""
        stuck = asyncio.create_task(first)
        await asyncio.to_thread(self.is_writing.wait, 20)
        waiting = [asyncio.create_task(each) for each in then]
        line = front._intake._line._line
        async with asyncio.timeout(20):
            while line.qsize() < len(waiting):
                await asyncio.sleep(0.001)
        self.may_go_on.set()
        return await asyncio.gather(stuck, *waiting)


def test_two_of_one_event_and_a_scan_share_a_commit(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = cast.live(owner=(shop.workspace, cast.workspace("tom@example.com")[1]))
    batches = Batches(monkeypatch)

    async def story() -> list[Got]:
        return await batches.of(
            front,
            send(front, shop, event_id="first"),
            send(front, shop, b"one", event_id="same"),
            ask(front, f"/c/{stage.code.slug}"),
            send(front, shop, b"two", event_id="same"),
            ask(front, f"/c/{stage.code.slug}"),
        )

    got = asyncio.run(story())
    assert [each.status for each in got] == [204, 204, 302, 204, 302]
    assert batches.sizes == [(0, 1), (2, 2)]
    assert [event_id for event_id, _body in heard()] == ["first", "same"]
    assert facts() == 2
    assert Scan.objects.count() == 2


def test_one_that_cannot_be_kept_takes_no_scan_and_no_other_hook_with_it(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = cast.live(owner=(shop.workspace, cast.workspace("tom@example.com")[1]))
    gone = mailroom.add_source(workspace_id=shop.workspace_id, name="Gone")
    monkeypatch.setattr(hooks, "FRESH_SECONDS", 3600.0)
    assert sends(front, gone, event_id="before").status == 204
    HookSource.objects.filter(pk=gone.pk).delete()
    batches = Batches(monkeypatch)

    async def story() -> list[Got]:
        return await batches.of(
            front,
            send(front, shop, event_id="first"),
            ask(front, f"/c/{stage.code.slug}"),
            send(front, gone, event_id="poison"),
            send(front, shop, event_id="good"),
            ask(front, f"/c/{stage.code.slug}"),
        )

    assert [each.status for each in asyncio.run(story())] == [204, 302, 500, 204, 302]
    assert {event_id for event_id, _body in heard()} == {"first", "good"}
    assert Scan.objects.count() == 2


# --- not now --------------------------------------------------------------------------------------------------------


def test_with_the_database_away_it_is_to_come_again_and_then_is_kept(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> list[flow.Shown]:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(flow, "scanned_together", away)
        got = sends(front, shop)
    assert (got.status, got.headers["retry-after"]) == (503, "3")
    assert got.headers["content-type"].startswith("text/plain")
    assert heard() == []
    assert sends(front, shop).status == 204


def test_with_the_database_away_before_the_source_is_known_it_is_to_come_again(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_ids: Collection[str]) -> dict[str, Source]:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(hooks, "sources_of", away)
        assert sends(front, shop).status == 503
    assert sends(front, shop).status == 204


def test_past_the_bound_of_the_line_the_answer_is_503(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "LONGEST_LINE", 0)
    got = sends(front, shop)
    assert (got.status, got.headers["retry-after"]) == (503, "3")


def test_of_all_bodies_together_only_so_much_is_kept_in_memory_and_it_comes_back(
    front: Front, shop: HookSource
) -> None:
    front._hooks._free = 100
    assert sends(front, shop, b"x" * 101).status == 503
    assert sends(front, shop, b"x" * 100).status == 204
    assert sends(front, shop, b"x" * 100, secret=StandardWebhooks().new_secret()).status == 401
    assert front._hooks._free == 100


# --- not theirs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "status"), [(-301, 401), (-300, 204), (300, 204), (301, 401), (86400, 401)])
def test_the_clock_may_differ_by_five_minutes(
    front: Front, shop: HookSource, frozen: FrozenClock, late: int, status: int
) -> None:
    assert sends(front, shop, late=late).status == status
    assert len(heard()) == (status == 204)


def test_what_is_signed_with_another_secret_is_refused_and_no_secret_is_told(
    front: Front, shop: HookSource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other = StandardWebhooks().new_secret()
    got = sends(front, shop, secret=other)
    assert got.status == 401
    assert got.text == "no signature in webhook-signature fits what was sent\n"
    right = signed(shop.secret, BODY)["webhook-signature"]
    for secret in (shop.secret, shop.secret.removeprefix("whsec_"), right, right[3:]):
        assert secret not in caplog.text
        assert secret not in got.text + str(got.headers)
    assert "no_match" in caplog.text
    assert heard() == []
    assert facts() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY + b" "},
        {"webhook_id": "msg_2"},
        {"webhook_timestamp": "1"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,é"},
        {"webhook_signature": "v1," + "A" * 43 + "="},
        {"webhook_id": "msg.1"},
    ],
)
def test_what_was_changed_on_the_way_is_refused(
    front: Front, shop: HookSource, change: dict[str, Any]
) -> None:
    asked: dict[str, Any] = by_name(signed(shop.secret, BODY)) | {"body": BODY} | change
    assert asyncio.run(ask(front, f"/hooks/{shop.id}", method="POST", **asked)).status == 401
    assert heard() == []


def test_unsigned_it_is_refused_before_anything_is_made_of_it(front: Front, shop: HookSource) -> None:
    got = asyncio.run(ask(front, f"/hooks/{shop.id}", method="POST", body=b"\xff{" * 1000))
    assert (got.status, got.headers["content-type"]) == (401, "text/plain; charset=utf-8")


def test_a_secret_of_another_source_opens_nothing(front: Front, shop: HookSource) -> None:
    other = mailroom.add_source(workspace_id=shop.workspace_id, name="Till")
    assert sends(front, shop, secret=other.secret).status == 401


# --- sources change -------------------------------------------------------------------------------------------------


def test_after_a_change_of_secret_the_old_one_holds_for_a_day(
    front: Front, shop: HookSource, frozen: FrozenClock, fresh: None
) -> None:
    old = shop.secret
    new = mailroom.rotate_secret(source=shop).secret
    assert new != old
    assert sends(front, shop, event_id="a", secret=old).status == 204
    assert sends(front, shop, event_id="b", secret=new).status == 204
    frozen.advance(hours=23, minutes=59)
    assert sends(front, shop, event_id="c", secret=old).status == 204
    frozen.advance(minutes=1)
    assert sends(front, shop, event_id="d", secret=old).status == 401
    assert sends(front, shop, event_id="e", secret=new).status == 204
    assert [event_id for event_id, _body in heard()] == ["a", "b", "c", "e"]


def test_the_old_secret_ends_in_time_also_where_the_source_is_remembered(
    front: Front, shop: HookSource, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "FRESH_SECONDS", 1e9)
    old = shop.secret
    mailroom.rotate_secret(source=shop)
    assert sends(front, shop, secret=old).status == 204
    frozen.advance(hours=24)
    assert sends(front, shop, secret=old).status == 401


def test_switched_off_it_is_unknown_and_switched_on_again_it_is_heard(
    front: Front, shop: HookSource, fresh: None
) -> None:
    mailroom.switch_source(source=shop, is_active=False)
    assert sends(front, shop).status == 404
    mailroom.switch_source(source=shop, is_active=True)
    assert sends(front, shop).status == 204


@contextmanager
def lookups(patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many sources each query asks for."""
    asked: list[int] = []

    def counted(ids: Collection[str]) -> dict[str, Source]:
        asked.append(len(ids))
        return sources_of(ids)

    with patch.context() as here:
        here.setattr(hooks, "sources_of", counted)
        yield asked


def test_a_source_is_looked_up_once_for_many_and_again_within_a_second(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < hooks.FRESH_SECONDS < 1
    monkeypatch.setattr(hooks, "FRESH_SECONDS", 3600.0)
    with lookups(monkeypatch) as asked:
        assert {sends(front, shop, event_id=f"msg_{n}").status for n in range(5)} == {204}
        assert asked == [1]


def test_made_up_sources_by_the_thousand_cost_a_few_queries(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def flood() -> list[Got]:
        return await asyncio.gather(
            *(ask(front, f"/hooks/{new_id()}", method="POST") for _each in range(1000))
        )

    with lookups(monkeypatch) as asked:
        assert {got.status for got in asyncio.run(flood())} == {404}
    assert sum(asked) == 1000
    assert len(asked) <= 5


def test_the_same_made_up_source_again_costs_nothing(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "FRESH_SECONDS", 3600.0)
    path = f"/hooks/{new_id()}"
    with lookups(monkeypatch) as asked:
        assert {asyncio.run(ask(front, path, method="POST")).status for _each in range(3)} == {404}
    assert asked == [1]


@pytest.mark.parametrize(
    "rest", ["", "x", "../c/AAAA", "%00", "{}", "00000000-0000-0000-0000-00000000000", "é", "a" * 5000]
)
def test_what_is_no_id_is_unknown_without_a_query(
    front: Front, shop: HookSource, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lookups(monkeypatch) as asked:
        assert asyncio.run(ask(front, f"/hooks/{rest}", method="POST")).status == 404
    assert asked == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_post_is_a_hook(front: Front, shop: HookSource, method: str) -> None:
    got = asyncio.run(ask(front, f"/hooks/{shop.id}", method=method))
    assert (got.status, got.headers["allow"]) == (405, "POST")


# --- bodies ---------------------------------------------------------------------------------------------------------


def chunks(front: Front, shop: HookSource, *messages: Message | None, **headers: str) -> tuple[int, int]:
    """Send these messages (None: nothing more comes); the status, and how many were read."""
    coming, told = list(messages), [0][:0]

    async def receive() -> Message:
        message = coming.pop(0) if coming else None
        return await asyncio.Future() if message is None else message

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    async def story() -> None:
        async with asyncio.timeout(20):
            await front(scope_of("POST", f"/hooks/{shop.id}", **headers), receive, send)

    asyncio.run(story())
    [status] = told
    return status, len(messages) - len(coming)


def part(body: bytes, *, is_last: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": not is_last}


def test_a_body_in_many_parts_is_one(front: Front, shop: HookSource) -> None:
    headers = by_name(signed(shop.secret, BODY))
    parts = [part(bytes([byte])) for byte in BODY]
    assert chunks(front, shop, *parts, part(b"", is_last=True), **headers)[0] == 204
    assert heard() == [("msg_1", BODY)]


def test_a_body_that_is_too_large_is_refused_where_it_becomes_so(front: Front, shop: HookSource) -> None:
    half = b"x" * (hooks.MOST_BYTES // 2)
    parts = [part(half), part(half), part(b"x"), part(half), part(half, is_last=True)]
    assert chunks(front, shop, *parts) == (413, 3)


def test_one_that_says_it_is_too_large_is_not_even_read(front: Front, shop: HookSource) -> None:
    assert chunks(front, shop, part(b"x"), content_length=str(hooks.MOST_BYTES + 1)) == (413, 0)


@pytest.mark.parametrize("size", ["-1", "1e9", "", "9" * 40, "0x7", "5,5"])
def test_what_it_says_otherwise_of_its_size_changes_nothing(
    front: Front, shop: HookSource, size: str
) -> None:
    headers = by_name(signed(shop.secret, BODY)) | {"content_length": size}
    assert chunks(front, shop, part(BODY, is_last=True), **headers)[0] == 204


def test_one_who_leaves_in_the_middle_is_not_heard(front: Front, shop: HookSource) -> None:
    headers = by_name(signed(shop.secret, BODY))
    assert chunks(front, shop, part(BODY), {"type": "http.disconnect"}, **headers)[0] == 400
    assert heard() == []
    assert front._hooks._free == hooks.MOST_KEPT


def test_one_who_never_comes_to_an_end_is_told_so(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "BODY_SECONDS", 0.02)
    assert chunks(front, shop, part(BODY), None)[0] == 408
    assert front._hooks._free == hooks.MOST_KEPT


# --- too many -------------------------------------------------------------------------------------------------------


def test_what_a_source_may_send_nobody_else_can_use_up(front: Front, shop: HookSource) -> None:
    front._hooks._source = Bucket(burst=2, rate=0.001)
    other = StandardWebhooks().new_secret()
    assert {sends(front, shop, secret=other).status for _each in range(5)} == {401}
    got = [sends(front, shop, event_id=f"msg_{n}") for n in range(3)]
    assert [each.status for each in got] == [204, 204, 429]
    assert int(got[-1].headers["retry-after"]) > 0
    till = mailroom.add_source(workspace_id=shop.workspace_id, name="Till")
    assert sends(front, till).status == 204


def test_an_address_is_limited_before_anything_is_looked_up(
    front: Front, shop: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    front._hooks._address = Bucket(burst=3, rate=0.001)
    with lookups(monkeypatch) as asked:
        got = [
            asyncio.run(ask(front, f"/hooks/{new_id()}", method="POST", client="203.0.113.7")).status
            for _each in range(6)
        ]
    assert got == [404] * 3 + [429] * 3
    assert len(asked) == 3
    assert asyncio.run(ask(front, f"/hooks/{new_id()}", method="POST", client="203.0.113.8")).status == 404


# --- whatever comes -------------------------------------------------------------------------------------------------

LATIN = st.text(st.characters(codec="latin-1"), max_size=80)


@given(
    body=st.binary(max_size=300),
    headers=st.dictionaries(
        st.sampled_from(
            ["webhook_id", "webhook_timestamp", "webhook_signature", "content_type", "content_encoding"]
        ),
        LATIN,
    ),
    is_signed=st.booleans(),
    event_id=LATIN.filter(bool),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_has_an_answer_and_only_what_is_proven_is_kept(
    front: Front, shop: HookSource, body: bytes, headers: dict[str, str], is_signed: bool, event_id: str
) -> None:
    if is_signed:
        headers |= by_name(signed(shop.secret, body, event_id=event_id))
    before = len(heard())
    got = asyncio.run(ask(front, f"/hooks/{shop.id}", method="POST", body=body, **headers))
    assert got.status in ((204, 401) if is_signed else (401,))
    if got.status == 204:
        assert Heard.objects.filter(event_id=event_id).exists()
    else:
        assert len(heard()) == before
    assert facts() == len(heard())


def test_each_kept_one_belongs_to_its_source(front: Front, shop: HookSource) -> None:
    sends(front, shop)
    [row] = Heard.objects.select_related("source")
    assert row.source == shop
    assert UUID(str(row.id)).version == 7
