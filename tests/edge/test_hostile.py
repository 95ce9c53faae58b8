"""Whatever comes in: an answer, one, guarded, never an error of ours; and what is told about it in the log."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.accounts.models import Language
from tenfold.base import visitor
from tenfold.base.keys import new_id
from tenfold.edge import front as fronts
from tenfold.edge.front import Front
from tenfold.edge.memory import Full
from tenfold.edge.protocol import Asked, Message
from tests import cast
from tests.edge.browser import Got, Listener, ask, scope_of

GUARDS = {
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
HOSTILE = settings(
    max_examples=int(os.environ.get("TENFOLD_RUBBISH", "200")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# --- rubbish, in the form in which a server hands it on -------------------------------------------------------

DOORS = ["/", "/c/", "/C/", "/live/", "/live/room/", "/live/me/", "/live/console/", "/live/line/", "/healthz"]
DOORS += [
    "/g/",
    "/me/",
    "/p/",
    "/line/",
    "/poster/",
    "/picture/",
    "/qr/",
    "/console/",
    "/static/",
    "/language",
]
LETTERS = st.characters(exclude_categories=["Cs"])
TAILS = st.one_of(
    st.text(LETTERS, max_size=30),
    st.sampled_from(
        ["../../etc/passwd", "%00", "\x00", "A" * 9000, "a/b/c/d/", "//", "{{7*7}}", "' OR 1=1--"]
    ),
    st.uuids().map(str),
    st.builds(lambda key, rest: f"{key}/{rest}", st.uuids(), st.text(LETTERS, max_size=10)),
)
METHODS = st.one_of(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "FOO"]),
    st.text(st.characters(codec="ascii", categories=["Lu"]), min_size=1, max_size=12),
)
NAMES = st.one_of(
    st.sampled_from(
        [
            *(b"cookie", b"accept-language", b"host", b"content-type", b"content-length", b"range"),
            *(b"last-event-id", b"authorization", b"x-forwarded-for", b"x-forwarded-proto", b"hx-request"),
            *(b"transfer-encoding", b"if-modified-since", b"if-none-match", b"accept-encoding", b"origin"),
            *(b"referer", b"expect", b"x-csrftoken"),
        ]
    ),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~", min_size=1, max_size=20).map(str.encode),
)
# What HTTP lets through in a header: any byte but the control characters, save the tab.
BYTES = st.sampled_from([9, *range(32, 127), *range(128, 256)])
VALUES = st.one_of(
    st.lists(BYTES, max_size=60).map(bytes),
    st.lists(BYTES, max_size=20).map(lambda name: b"text/plain; charset=" + bytes(name)),
    st.sampled_from([b"-1", b"999999999999", b"chunked", b"bytes=0-1,5-", b"*;q=x,,;", b"tf_visitor=a:b:c"]),
    st.sampled_from([b"multipart/form-data; boundary=", b"application/x-www-form-urlencoded; charset=rot13"]),
    st.sampled_from([b"django_language=../../x; sessionid=\xff", b"Bearer \xff", b'"', b"\xf0\x9f"]),
)
CLIENTS = st.sampled_from([None, ("10.0.0.1", 1), ("::1", 1), ("", 0), ("rubbish", 1)])


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    path = draw(st.sampled_from(DOORS)) + draw(TAILS)
    scope = scope_of(draw(METHODS), path.replace("?", ""))
    scope["query_string"] = draw(st.binary(max_size=60))
    scope["headers"] += draw(st.lists(st.tuples(NAMES, VALUES), max_size=6))
    scope["client"] = draw(CLIENTS)
    return scope


async def answer(front: Front, scope: dict[str, Any], body: bytes = b"") -> list[Message]:
    """All that is sent back; a stream is left as soon as it has begun."""
    told: list[Message] = []
    asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return asked.pop() if asked else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told.append(message)

    await asyncio.wait_for(front(scope, receive, send), 30)
    return told


def check(told: list[Message]) -> None:
    starts = [message for message in told if message["type"] == "http.response.start"]
    assert len(starts) == 1
    assert told[0] is starts[0]
    assert 200 <= starts[0]["status"] < 500, starts
    assert not told[-1].get("more_body")
    for name, value in starts[0]["headers"]:
        assert b"\n" not in name + value
        assert b"\r" not in name + value


@HOSTILE
@given(scope=requests(), body=st.binary(max_size=40))
@example(scope_of("GET", "/c/\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130"), b"")
@example(scope_of("POST", "/language", content_type="multipart/form-data"), b"--")
@example(scope_of("GET", "/console/", host="a b c"), b"")
@example(scope_of("GET", "/", content_type="text/plain; charset=rot13"), b"")
@example(scope_of("POST", "/language", content_type="multipart/form-data; charset=hex; boundary=X"), b"--X--")
@example(scope_of("GET", "/" + "/" * 500), b"")
def test_no_request_makes_an_error_of_ours(front: Front, scope: dict[str, Any], body: bytes) -> None:
    check(asyncio.run(answer(front, scope, body)))


@HOSTILE
@given(value=VALUES, name=st.sampled_from([b"cookie", b"accept-language", b"last-event-id", b"x-real-ip"]))
def test_a_true_member_with_a_strange_phone_still_gets_an_answer(
    front: Front, name: bytes, value: bytes
) -> None:
    """The header comes after a good one of the same name: the last of a repeated header counts."""
    scope = scope_of("GET", f"/live/room/{new_id()}", cookie=f"{visitor.COOKIE}={visitor.write(new_id())}")
    scope["headers"].append((name, value))
    check(asyncio.run(answer(front, scope)))


@given(headers=st.lists(st.tuples(NAMES, VALUES), max_size=8), query=st.binary(max_size=80))
def test_reading_a_request_never_fails_and_the_language_is_one_we_speak(
    headers: list[tuple[bytes, bytes]], query: bytes
) -> None:
    asked = Asked({**scope_of("GET", "/"), "headers": headers, "query_string": query})
    assert asked.language in Language
    assert isinstance(asked.cookies, dict)
    assert isinstance(asked.query("after"), str | None)
    assert all(name == name.lower() for name in asked.headers)


# --- guards ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/c/rubbish", 404),
        ("POST", "/c/ABCD2345", 405),
        ("GET", "/c/{slug}", 302),
        ("HEAD", "/c/{slug}", 200),
        ("GET", "/g/{group}/", 403),
        ("GET", "/me/{campaign}/", 403),
        ("GET", "/line/{campaign}/", 403),
        ("GET", "/p/rubbish", 404),
        ("GET", "/no/such/page", 404),
        ("POST", "/", 403),
        ("GET", "/console/", 302),
        ("GET", "/console/login/", 200),
        ("POST", "/console/login/", 403),
        ("GET", "/live/me/rubbish", 404),
        ("POST", "/live/me/rubbish", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("PUT", "/metrics", 405),
    ],
)
def test_every_answer_is_guarded(front: Front, method: str, path: str, status: int) -> None:
    stage = cast.live()
    named = path.format(slug=stage.code.slug, group=stage.group.id, campaign=stage.campaign.id)
    got = asyncio.run(ask(front, named, method=method))
    assert got.status == status
    # A scan's redirect shows nothing; what it must not do is tell others where the phone came from.
    guards = {"referrer-policy": "same-origin"} if path.startswith("/c/") and status == 302 else GUARDS
    for name, value in guards.items():
        assert value in got.headers.get(name, ""), (name, got.headers)
    if method == "HEAD":
        assert got.body == b""


def test_a_picture_can_do_even_less(front: Front) -> None:
    got = asyncio.run(ask(front, f"/poster/{cast.live().code.slug}.png"))
    assert (got.status, got.headers["content-type"]) == (200, "image/png")
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"


def test_a_stream_is_guarded_too_and_kept_by_nobody(front: Front) -> None:
    mia = cast.joins(cast.live(), "Mia")
    start = asyncio.run(answer(front, scope_of("GET", f"/live/me/{mia.page_key}")))[0]
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert start["status"] == 200
    assert all(value in headers[name] for name, value in GUARDS.items())
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert "content-length" not in headers


@pytest.mark.parametrize(("is_tls", "flag"), [(True, True), (False, False)])
def test_the_cookie_of_a_phone_is_for_tls_alone_where_there_is_tls(
    front: Front, settings: Any, is_tls: bool, flag: bool
) -> None:
    settings.IS_TLS = is_tls
    set_cookie = asyncio.run(ask(front, f"/c/{cast.live().code.slug}")).headers["set-cookie"]
    parts = {part.strip() for part in set_cookie.split(";")}
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={visitor.MAX_AGE}"} <= parts
    assert ("Secure" in parts) is flag


# --- trouble behind the door ----------------------------------------------------------------------------------


class Notes:
    """What would have gone into the log."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def _note(self, event: str, **told: Any) -> None:
        self.told.append({"event": event, **told})

    warning = exception = info = _note


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    found = Notes()
    monkeypatch.setattr(fronts, "log", found)
    return found


def breaks(error: Exception, *, after_start: bool = False) -> Front:
    async def pages(scope: Any, receive: Any, send: Any) -> None:
        if after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return Front(pages)


@pytest.mark.parametrize(
    ("error", "status", "event"),
    [
        (Full(), 503, "not_answered"),
        (TimeoutError(), 503, "not_answered"),
        (OperationalError("locked"), 503, "not_answered"),
        (ZeroDivisionError(), 500, "request_failed"),
        (RuntimeError("no"), 500, "request_failed"),
    ],
)
def test_what_breaks_is_answered_told_and_masked(
    notes: Notes, error: Exception, status: int, event: str
) -> None:
    front = breaks(error)
    got = asyncio.run(ask(front, "/p/secret-key?token=secret-too"))
    assert got.status == status
    assert ("retry-after" in got.headers) is (status == 503)
    assert [told["event"] for told in notes.told] == [event, "request"]
    assert {told["path"] for told in notes.told} == {"/p/***"}
    assert "secret" not in str(notes.told)
    assert notes.told[1]["status"] == status
    assert asyncio.run(ask(front, "/", method="HEAD")).body == b""
    front.close()


@pytest.mark.parametrize("error", [ZeroDivisionError(), TimeoutError()])
def test_what_breaks_in_the_middle_of_an_answer_begins_no_second_one(notes: Notes, error: Exception) -> None:
    front = breaks(error, after_start=True)
    told = asyncio.run(answer(front, scope_of("GET", "/")))
    assert [message["type"] for message in told] == ["http.response.start"]
    assert notes.told
    front.close()


def test_a_quick_good_answer_is_not_worth_a_line(front: Front, notes: Notes) -> None:
    for path in ("/", "/c/rubbish", "/no/such/page"):
        asyncio.run(ask(front, path))
    assert notes.told == []


def test_a_slow_answer_is_told_and_a_stream_is_meant_to_be_slow(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fronts, "SLOW_SECONDS", -1)
    fronts._note(Asked(scope_of("GET", "/me/x")), 200, 0.0042)
    fronts._note(Asked(scope_of("GET", "/live/room/x")), 200, 300)
    assert notes.told == [
        {"event": "request", "method": "GET", "path": "/me/x", "status": 200, "milliseconds": 4}
    ]


def test_a_socket_of_another_kind_is_closed_and_the_server_s_own_messages_are_answered(front: Front) -> None:
    told: list[Message] = []
    coming: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        told.append(message)

    async def story() -> None:
        await front({"type": "websocket"}, receive, send)
        await front({"type": "lifespan"}, receive, send)

    asyncio.run(story())
    assert [message["type"] for message in told] == [
        "websocket.close",
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_the_busy_page_speaks_both_languages_and_comes_back_by_itself(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> list[flow.Shown]:
        raise OperationalError("database is locked")

    slug = cast.live().code.slug
    monkeypatch.setattr(flow, "scanned_together", locked)
    got: Got = asyncio.run(ask(front, f"/c/{slug}"))
    assert (got.status, got.headers["retry-after"]) == (503, "3")
    assert "One moment" in got.text
    assert any("\u4e00" <= letter <= "\u9fff" for letter in got.text)
    assert len(got.body) < 4000


def test_a_phone_that_goes_away_while_it_is_caught_up_leaves_nothing_behind(front: Front) -> None:
    mia = cast.joins(cast.live(), "Mia")

    async def story() -> None:
        for _nth in range(5):
            listener = Listener(front, f"/live/me/{mia.page_key}", {"last_event_id": "1"})
            await listener.leaves()

    asyncio.run(story())
    assert front.hub.topics() == set()
    assert not front.hub.is_full
