"""The hot door: what a phone gets for each outcome, and what is on disk by then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base import clock, visitor
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode, Scan, ScanTally
from tenfold.edge import commit
from tenfold.edge.front import Front
from tenfold.groups.models import Seat, Waiting
from tests import cast
from tests.edge.browser import Got, ask


def get(front: Front, path: str, **wishes: Any) -> Got:
    return asyncio.run(ask(front, path, **wishes))


def visitor_of(got: Got) -> UUID | None:
    return visitor.read(got.headers.get("set-cookie", "").partition(";")[0].partition("=")[2])


def cookie(visitor_id: UUID) -> str:
    return f"{visitor.COOKIE}={visitor.write(visitor_id)}"


class StuckWriter:
    """Batches of scans take until `may_go_on` is set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.is_writing, self.may_go_on = threading.Event(), threading.Event()
        self._together = flow.scanned_together
        patch.setattr(flow, "scanned_together", self)

    def __call__(self, openings: Sequence[flow.Opening], **wishes: Any) -> list[flow.Shown]:
        self.is_writing.set()
        self.may_go_on.wait(20)
        return self._together(openings, **wishes)


def patience(patch: pytest.MonkeyPatch, seconds: float) -> None:
    patch.setattr(commit, "PATIENCE_SECONDS", seconds)
    patch.setattr(commit, "LOOK_SECONDS", seconds / 3)


def scans() -> int:
    return Scan.objects.count()


def test_a_newcomer_is_sent_to_the_room_and_holds_a_seat(front: Front) -> None:
    stage = cast.live()
    got = get(front, f"/c/{stage.code.slug}")
    assert (got.status, got.headers["location"]) == (302, f"/g/{stage.group.id}/")
    assert got.headers["cache-control"] == "no-store"
    assert "HttpOnly; SameSite=Lax" in got.headers["set-cookie"]
    assert Seat.objects.get().visitor_id == visitor_of(got)
    assert scans() == 1


@pytest.mark.parametrize(("language", "said"), [("en", "You cannot join here"), ("zh-CN", "你无法加入这里")])
def test_who_was_removed_by_an_operator_is_told_so_in_their_language(
    front: Front, language: str, said: str
) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.removed(journey=mia, operator=stage.owner)
    headers = {"cookie": cookie(mia.person.visitor_id), "accept_language": language}
    got = get(front, f"/c/{stage.code.slug}", **headers)
    assert got.status == 200
    assert said in got.body.decode()
    assert not Seat.objects.exclude(state="released").exists()


def test_codes_are_read_in_either_case_and_with_look_alike_letters(front: Front) -> None:
    stage = cast.live()
    LiveCode.objects.filter(pk=stage.code.pk).update(slug="ABC10XYZ")
    assert get(front, "/C/ABC10XYZ").status == 302
    assert get(front, "/c/abcloxyz").status == 302
    assert get(front, "/c/ABC10XYZ/").status == 302


def test_the_same_phone_keeps_its_seat_and_its_cookie(front: Front) -> None:
    stage = cast.live()
    first = get(front, f"/c/{stage.code.slug}")
    known = visitor_of(first)
    assert known is not None
    again = get(front, f"/c/{stage.code.slug}", cookie=cookie(known))
    assert again.headers["location"] == first.headers["location"]
    assert "set-cookie" not in again.headers
    assert Seat.objects.count() == 1


@pytest.mark.parametrize("forged", ["rubbish", "", "a:b:c", "é" * 40, f"{new_id().hex}:1tX5:AAAA"])
def test_a_forged_cookie_counts_as_a_new_visitor_who_gets_a_fresh_one(front: Front, forged: str) -> None:
    stage = cast.live()
    got = get(front, f"/c/{stage.code.slug}", cookie=f"{visitor.COOKIE}={forged}")
    assert got.status == 302
    assert Scan.objects.get(is_first=True).visitor_id == visitor_of(got)


def test_a_member_is_sent_to_their_own_page(front: Front) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    got = get(front, f"/c/{stage.code.slug}", cookie=cookie(mia.person.visitor_id))
    assert (got.status, got.headers["location"]) == (302, f"/me/{stage.campaign.id}/")


def test_when_all_is_full_the_visitor_waits_in_the_line(front: Front) -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    got = get(front, f"/c/{stage.code.slug}")
    assert (got.status, got.headers["location"]) == (302, f"/line/{stage.campaign.id}/")
    assert Waiting.objects.get().visitor_id == visitor_of(got)


def test_a_wechat_group_is_shown_as_a_page_with_its_own_code(front: Front) -> None:
    stage = cast.live(platform="wechat_group", capacity=200)
    got = get(front, f"/c/{stage.code.slug}", accept_language="en")
    assert got.status == 200
    assert f"/qr/{stage.group.id}/" in got.text
    assert "Press and hold" in got.text


@pytest.mark.parametrize(
    ("state", "told"),
    [("draft", "Not open yet"), ("paused", "A short break"), ("ended", "This campaign is over")],
)
def test_a_campaign_that_takes_nobody_says_why(front: Front, state: str, told: str) -> None:
    stage = cast.live()
    Campaign.objects.update(state=state)
    got = get(front, f"/c/{stage.code.slug}", accept_language="en-GB,zh;q=0.5")
    assert got.status == 200
    assert told in got.text
    assert visitor_of(got) is not None
    assert "content-security-policy" in got.headers


def test_a_campaign_that_starts_later_says_when(front: Front) -> None:
    stage = cast.live()
    Campaign.objects.update(starts_at=clock.now() + timedelta(days=3))
    got = get(front, f"/c/{stage.code.slug}", accept_language="en")
    assert "Not yet: it starts soon" in got.text


def test_an_unknown_code_is_a_friendly_404(front: Front) -> None:
    got = get(front, "/c/ZZZZZZZZ", accept_language="en")
    assert got.status == 404
    assert "We do not know this code" in got.text


@pytest.mark.parametrize(
    ("headers", "lang"),
    [
        ({}, "zh-hans"),
        ({"accept_language": "zh-TW,en;q=0.8"}, "zh-hans"),
        ({"accept_language": "en-US,zh;q=0.8"}, "en"),
        ({"accept_language": "fr,de"}, "zh-hans"),
        ({"accept_language": "\xff;;;q=x,*"}, "zh-hans"),
        ({"accept_language": "zh", "cookie": "django_language=en"}, "en"),
        ({"accept_language": "en", "cookie": "django_language=xx"}, "en"),
    ],
)
def test_the_page_speaks_the_readers_language(front: Front, headers: dict[str, str], lang: str) -> None:
    assert f'<html lang="{lang}">' in get(front, "/c/rubbish", **headers).text


def test_head_answers_and_records_nothing(front: Front) -> None:
    stage = cast.live()
    got = get(front, f"/c/{stage.code.slug}", method="HEAD")
    assert (got.status, got.body) == (200, b"")
    assert get(front, "/c/ZZZZZZZZ", method="HEAD").status == 404
    assert get(front, "/c/rubbish", method="HEAD").status == 404
    assert (scans(), Seat.objects.count()) == (0, 0)


def test_other_methods_are_refused(front: Front) -> None:
    got = get(front, "/c/ZZZZZZZZ", method="POST", body=b"x")
    assert (got.status, got.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/c/",
        "/c/\x00",
        "/c/%00",
        "//c/\x00",
        "/c/" + "A" * 10_240,
        "/c/中文中文中文中文",
        "/c/../../etc",
        "/C/ＡＢＣＤＥＦＧＨ",
        "/c/ßßßß",
        "/c/\ufffd?%FF",
    ],
)
def test_rubbish_in_the_address_is_a_404(front: Front, path: str) -> None:
    assert get(front, path).status == 404


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slug=st.text(max_size=12), cookies=st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_rubbish_makes_an_error(front: Front, slug: str, cookies: str) -> None:
    # 429: so many wrong ones from one address look like somebody who tries them out.
    assert get(front, "/c/" + slug.replace("?", ""), cookie=cookies).status in (404, 429)


def test_what_is_about_to_be_answered_can_be_seen_by_everybody_else(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at through a connection of its own, before the first of a batch is told anything."""
    stage, seen, release = cast.live(), list[tuple[int, int]](), commit._release

    def count() -> int:
        try:
            return Scan.objects.count()
        finally:
            connection.close()

    def noted(batch: Sequence[Any], results: Sequence[Any]) -> None:
        with ThreadPoolExecutor(1) as other:
            seen.append((len(results), other.submit(count).result(20)))
        release(batch, results)

    async def crowd() -> list[Got]:
        return await asyncio.gather(*(ask(front, f"/c/{stage.code.slug}") for _nth in range(20)))

    monkeypatch.setattr(commit, "_release", noted)
    assert {got.status for got in asyncio.run(crowd())} == {302}
    sizes = [size for size, _count in seen]
    assert sum(sizes) == 20
    assert [kept for _size, kept in seen] == list(accumulate(sizes))


def test_a_locked_database_gets_a_page_that_asks_again(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> list[flow.Shown]:
        raise OperationalError("database is locked")

    stage = cast.live()
    monkeypatch.setattr(flow, "scanned_together", locked)
    got = get(front, f"/c/{stage.code.slug}")
    assert (got.status, got.headers["retry-after"]) == (503, "3")
    assert 'http-equiv="refresh"' in got.text
    assert "One moment" in got.text


def test_a_database_that_somebody_else_holds_gets_the_same(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = cast.live()
    assert get(front, f"/c/{stage.code.slug}").status == 302
    with monkeypatch.context() as patch, transaction.atomic():
        patience(patch, 0.3)
        ScanTally.objects.update(slot=F("slot"))  # what every batch has to count on
        assert get(front, f"/c/{stage.code.slug}").status == 503
    assert get(front, f"/c/{stage.code.slug}").status == 302


def test_a_writer_that_is_stuck_lets_nobody_wait_for_ever(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, writer = cast.live(), StuckWriter(monkeypatch)
    patience(monkeypatch, 0.05)
    assert get(front, f"/c/{stage.code.slug}").status == 503
    assert writer.is_writing.is_set()
    writer.may_go_on.set()


def test_past_the_bound_of_the_line_the_answer_comes_at_once(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, writer = cast.live(), StuckWriter(monkeypatch)
    monkeypatch.setattr(commit, "LONGEST_LINE", 1)

    async def crowd() -> list[int]:
        stuck = asyncio.create_task(ask(front, f"/c/{stage.code.slug}"))
        await asyncio.to_thread(writer.is_writing.wait, 20)
        waits = asyncio.create_task(ask(front, f"/c/{stage.code.slug}"))
        await asyncio.sleep(0)
        one_too_many = await ask(front, f"/c/{stage.code.slug}")
        assert not stuck.done()
        assert one_too_many.headers["retry-after"] == "3"
        writer.may_go_on.set()
        await asyncio.wait([stuck, waits])
        return [stuck.result().status, one_too_many.status]

    assert asyncio.run(crowd()) == [302, 503]


def test_an_error_of_ours_is_a_500_and_the_next_scan_is_fine(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> list[flow.Shown]:
        raise ZeroDivisionError

    stage = cast.live()
    with monkeypatch.context() as patch:
        patch.setattr(flow, "scanned_together", broken)
        assert get(front, f"/c/{stage.code.slug}").status == 500
    assert get(front, f"/c/{stage.code.slug}").status == 302
