"""Limits that a school behind one address does not trip, and a machine does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as product
from django.test import override_settings
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from hypothesis import given
from hypothesis import strategies as st

from tenfold.edge import limits
from tenfold.edge.limits import Bucket, Limits, is_unnamed_proxy, key_of, too_many
from tenfold.edge.protocol import Asked, Receive, Scope, Send, give, plain
from tests.edge.browser import ask

UPTIME = 12_345_678.9  # a machine that has been running for months: the coarsest the clock gets


def let_in(may: Callable[[Any, float], bool], key: object, moments: list[float]) -> int:
    return sum(may(key, moment) for moment in moments)


# --- who must not notice ----------------------------------------------------------------------------------------------


def test_a_lecture_hall_of_600_scans_at_once_behind_one_address() -> None:
    assert let_in(Limits().address.may, "203.0.113.7", [UPTIME] * 600) == 600


def test_2000_pupils_scan_within_five_minutes_behind_one_address() -> None:
    evenly = [UPTIME + 300 * pupil / 2000 for pupil in range(2000)]
    # As a bell makes it: every classroom of 40 within a second, fifty of them in five minutes.
    by_class = [UPTIME + 6 * (pupil // 40) + (pupil % 40) / 40 for pupil in range(2000)]
    half_at_once = [UPTIME] * 1000 + [UPTIME + 250 + pupil / 20 for pupil in range(1000)]
    for moments in (evenly, by_class, half_at_once):
        assert let_in(Limits().address.may, "203.0.113.7", moments) == 2000


def test_a_phone_may_scan_again_and_again_as_people_do() -> None:
    assert let_in(Limits().visitor.may, "mia", [UPTIME + 0.5 * scan for scan in range(1000)]) == 1000
    assert let_in(Limits().visitor.may, "ben", [UPTIME] * 30) == 30


# --- who must ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "burst", "rate"), [("address", 1000, 20), ("visitor", 30, 2), ("unknown", 60, 2)]
)
def test_one_that_asks_100000_times_in_100_seconds_gets_the_burst_and_the_rate(
    name: str, burst: int, rate: int
) -> None:
    may = getattr(Limits(), name).may
    assert let_in(may, "203.0.113.7", [UPTIME + ask / 1000 for ask in range(100_000)]) in (
        burst + rate * 100 - 1,
        burst + rate * 100,
    )


def test_a_key_over_its_limit_does_not_touch_others() -> None:
    bucket = Bucket(burst=2, rate=1)
    assert let_in(bucket.may, "loud", [0.0] * 50) == 2
    assert bucket.may("quiet", 0.0)


def test_being_refused_costs_nothing() -> None:
    bucket = Bucket(burst=1, rate=1)
    assert let_in(bucket.may, "mia", [tick / 100 for tick in range(1, 301)]) == 3


@given(
    burst=st.integers(1, 50),
    rate=st.floats(0.01, 1000),
    waits=st.lists(st.floats(0, 10) | st.just(0.0), max_size=200),
    start=st.floats(0, 1e8),
)
def test_never_more_than_the_burst_and_what_flowed_in_since(
    burst: int, rate: float, waits: list[float], start: float
) -> None:
    bucket, now, passed, taken = Bucket(burst=burst, rate=rate), start, 0.0, 0
    for wait in waits:
        now, passed = now + wait, passed + wait
        taken += bucket.may("mia", now)
        assert taken <= burst + rate * passed + 0.01
    assert bucket.may("mia", now + burst / rate + 1)


@given(rate=st.sampled_from([0.0, -1.0, float("inf"), float("nan")]))
def test_a_rate_of_nothing_is_no_limit(rate: float) -> None:
    assert let_in(Bucket(burst=0, rate=rate).may, "mia", [5.0] * 100) == 100


def test_the_settings_say_how_much_an_address_may() -> None:
    assert (product.TENFOLD_ADDRESS_BURST, product.TENFOLD_ADDRESS_RATE) == (1000, 20)
    with override_settings(TENFOLD_ADDRESS_BURST=3, TENFOLD_ADDRESS_RATE=1):
        assert let_in(Limits().address.may, "203.0.113.7", [0.0] * 50) == 3


# --- memory -----------------------------------------------------------------------------------------------------------


def test_ever_new_keys_do_not_fill_the_memory() -> None:
    bucket = Bucket(burst=1, rate=1, most=1000)
    for number in range(20_000):
        assert bucket.may(f"10.0.{number}", 0.0)
    assert len(bucket) <= 1000


def test_one_that_goes_on_is_not_forgotten_among_ever_new_ones() -> None:
    """Nobody washes away their own count by asking from other addresses too."""
    bucket = Bucket(burst=5, rate=1, most=1000)
    taken = 0
    for number in range(20_000):
        bucket.may(f"10.0.{number}", 0.0)
        if number % 100 == 0:
            taken += bucket.may("loud", 0.0)
    assert taken == 5


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:DB8:1:2::1", "2001:0db8:0001:0002::9"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8:1:2::1]:4711", "2001:db8:1:2::7"),
    ],
)
def test_what_is_one_home_counts_as_one(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("203.0.113.7", "203.0.113.8"),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8"),
    ],
)
def test_others_count_apart(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@given(st.text(max_size=60) | st.text("[]:.%0123456789abcdef", max_size=200))
def test_rubbish_is_a_short_key_and_no_error(address: str) -> None:
    assert len(key_of(address)) <= 45
    assert len(key_of(address * 1000)) <= 45


# --- proxies ----------------------------------------------------------------------------------------------------------


def seen_through(trusted: list[str], peer: str, *forwarded: str) -> str:
    """The address that the door sees, behind the very wrapper of `tenfold.asgi`."""
    seen: list[str] = []

    async def door(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(Asked(scope).address)
        await give(send, plain(200))

    app = wrap_asgi_with_proxy_headers(door, trusted)
    headers: dict[str, Any] = {"x_forwarded_for": ", ".join(forwarded)} if forwarded else {}
    asyncio.run(ask(app, "/c/ABCDEFGH", client=peer, **headers))
    return seen[0]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "seen"),
    [
        # Nobody who is not named is believed.
        (["10.0.0.1"], "203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        (["10.0.0.1"], "10.0.0.2", ["198.51.100.1"], "10.0.0.2"),
        (["2001:db8::/32"], "2001:db9::1", ["198.51.100.1"], "2001:db9::1"),
        # A named one is, also by its network, also in IPv6.
        (["10.0.0.1"], "10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (["10.0.0.0/8"], "10.9.8.7", ["198.51.100.1"], "198.51.100.1"),
        (["2001:db8::/32"], "2001:db8::5", ["2001:db9::7"], "2001:db9::7"),
        # Of several hops the last one that is not ours: what comes before it, anybody may have written.
        (["10.0.0.0/8"], "10.0.0.1", ["1.1.1.1", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", ["127.0.0.1", "rubbish", "198.51.100.1"], "198.51.100.1"),
        (["10.0.0.1"], "10.0.0.1", ["198.51.100.1", "10.0.0.2"], "10.0.0.2"),
        # Nothing said, or nothing that can be read.
        (["10.0.0.1"], "10.0.0.1", [], "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", [""], "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", ["198.51.100.1", ""], "10.0.0.1"),
    ],
)
def test_only_named_proxies_say_for_whom_they_ask(
    trusted: list[str], peer: str, forwarded: list[str], seen: str
) -> None:
    assert seen_through(trusted, peer, *forwarded) == seen


@given(
    st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20), min_size=1, max_size=5)
)
def test_whatever_a_named_proxy_says_can_be_counted(forwarded: list[str]) -> None:
    assert len(key_of(seen_through(["10.0.0.1"], "10.0.0.1", *forwarded))) <= 45


def test_a_proxy_that_nobody_named_is_not_taken_for_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(limits, "_warn", warned.append)
    told = {b"x-forwarded-for": b"198.51.100.1"}
    assert is_unnamed_proxy("127.0.0.1", told)
    assert is_unnamed_proxy("172.17.0.1", told)
    assert warned == ["127.0.0.1", "172.17.0.1"]
    # Nobody gets around the limit by a header of their own.
    for address in ("8.8.8.8", "2606:4700::1", "rubbish", ""):
        assert not is_unnamed_proxy(address, told)
    assert not is_unnamed_proxy("127.0.0.1", {})
    with override_settings(TRUSTED_PROXIES=["10.0.0.1"]):
        assert not is_unnamed_proxy("127.0.0.1", told)


# --- what they see ----------------------------------------------------------------------------------------------------


def test_whoever_is_over_a_limit_gets_a_page_that_asks_again_by_itself() -> None:
    answer = too_many()
    headers = dict(answer.all_headers())
    page = answer.body.decode()
    assert (answer.status, headers[b"retry-after"], headers[b"cache-control"]) == (429, b"5", b"no-store")
    assert re.search(r'http-equiv="refresh" content="5"', page)
    assert 'lang="zh-Hans"' in page
    assert "This page tries again by itself" in page
    assert len(answer.body) < 2048
