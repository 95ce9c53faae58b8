"""Headers, errors in both languages, uploads beyond the limit, and what a page weighs."""

from __future__ import annotations

import gzip
import re
import runpy
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.people.models import Journey
from tenfold.web import front
from tenfold.web.guard import LARGEST_BODY, Guard
from tests import cast
from tests.cast import Stage
from tests.web.conftest import phone, scans

pytestmark = pytest.mark.django_db

MOST_KB = 60


# --- headers and errors ---------------------------------------------------------------------------------------


def test_every_page_says_what_it_may_load(stage: Stage) -> None:
    for address in ("/", "/nothing-here", f"/me/{stage.campaign.id}/"):
        answer = phone().get(address)
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"]


def test_no_page_has_a_script_or_a_handler_of_its_own() -> None:
    for template in (settings.HERE / "templates" / "web").glob("*.html"):
        text = template.read_text()
        assert not re.findall(r"<script(?![^>]*\bsrc=)", text), template.name
        assert not re.findall(r"\son\w+=|javascript:|https?://(?!www\.w3\.org)", text), template.name


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-CN", "zh-hans")])
def test_errors_come_in_the_readers_language(language: str, tag: str) -> None:
    for answer in (
        phone(language=language).get("/nothing-here"),
        Client(enforce_csrf_checks=True, headers={"Accept-Language": language}).post("/language"),
    ):
        assert answer.status_code in (403, 404)
        assert f'<html lang="{tag}">' in answer.content.decode()


def test_our_own_mistake_needs_neither_database_nor_session() -> None:
    request = RequestFactory().get("/")
    answer = front.server_error(request)
    assert answer.status_code == 500
    assert "went wrong on our side" in answer.content.decode()


def test_a_request_we_cannot_read_is_told_so() -> None:
    answer = front.bad_request(_asked())
    assert answer.status_code == 400
    assert "could not understand" in answer.content.decode()


def test_the_language_can_be_switched_and_comes_back_to_the_page() -> None:
    client = phone()
    answer = client.post("/language", {"language": "zh-hans", "next": "/"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert '<html lang="zh-hans">' in client.get("/").content.decode()
    assert client.post("/language", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"


# --- too much -------------------------------------------------------------------------------------------------


def test_an_upload_beyond_the_limit_is_told_the_limit(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    address = f"/me/{stage.campaign.id}/proof"
    for size in (8 * 1024 * 1024 + 1, LARGEST_BODY + 1):
        for headers in ({}, {"HX-Request": "true"}):
            large = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + bytes(size - 8), "image/png")
            answer = phone(mia).post(address, {"picture": large}, headers=headers)
            assert answer.status_code in (400, 413)
            assert "8 MB" in answer.content.decode()
            assert ("<html" in answer.content.decode()) is not bool(headers)


def test_a_body_beyond_the_limit_is_read_so_that_the_answer_arrives() -> None:
    guard = Guard(lambda _request: HttpResponse("not asked"))
    request = RequestFactory().post("/", b"x" * (LARGEST_BODY + 1), content_type="image/png")
    answer = guard(request)
    assert answer.status_code == 413
    assert request.META["wsgi.input"].read() == b""


def test_too_many_fields_are_refused_in_words(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    fields = {f"f{n}": "x" for n in range(1100)}
    answer = phone(mia).post(f"/g/{stage.group.id}/post", fields)
    assert answer.status_code == 413
    long_text = phone(mia).post(f"/g/{stage.group.id}/post", {"text": "x" * 1_100_000})
    assert long_text.status_code == 413


# --- weight and queries ---------------------------------------------------------------------------------------


def weight(client: Client, address: str) -> float:
    """Kilobytes over the wire beside pictures: the page as sent, and what it links to as WhiteNoise sends it."""
    sent = client.get(address, headers={"Accept-Encoding": "gzip"})
    page = gzip.decompress(sent.content) if sent.get("Content-Encoding") == "gzip" else sent.content
    linked = re.findall(r'(?:src|href)="/static/([^"]+\.(?:js|css))"', page.decode())
    files = [Path(str(finders.find(name))).read_bytes() for name in linked]
    return (len(sent.content) + sum(len(gzip.compress(file)) for file in files)) / 1024


def test_no_page_weighs_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.platforms.web.actions.MOST_POSTS_A_MINUTE", 1000)
    stage = cast.live(capacity=50)
    mia = cast.joins(stage, "Mia")
    for number in range(15):
        cast.joins(stage, f"Friend {number}", by=mia.code)
    for number in range(50):
        flow.posted(journey=mia, text=f"Post {number}: {new_id()} " * 5, picture=None, key=new_id().hex)
    client, _shown = scans(stage)
    room, me = f"/g/{stage.group.id}/", f"/me/{stage.campaign.id}/"
    weights = {
        "room": weight(phone(mia), room),
        "me": weight(phone(mia), me),
        "join": weight(client, room),
        "members": weight(phone(mia), f"{room}members"),
        "home": weight(phone(), "/"),
    }
    assert {name: kilobytes for name, kilobytes in weights.items() if kilobytes > MOST_KB} == {}


def test_the_trimmed_style_sheet_is_what_its_tool_writes() -> None:
    tool = runpy.run_path(str(settings.HERE.parent / "tools" / "trim_weui.py"))
    assert (settings.HERE / "static" / "web" / "weui.css").read_text() == tool["main"]()


def test_the_page_after_a_scan_is_a_few_kilobytes_in_both_languages() -> None:
    stage = cast.live(platform="wechat_group")
    _client, shown = scans(stage)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            page = render_to_string(
                "web/scan_wechat.html",
                {"shown": shown, "group": shown.group, "campaign": shown.campaign, "qr_url": "/qr/x/y.png"},
            )
        assert len(page.encode()) < 10 * 1024
        assert 'src="/qr/x/y.png"' in page
        assert f'href="/g/{stage.group.id}/"' in page
        assert "/static/" not in page


@pytest.mark.parametrize("outcome", ["draft", "not_started", "paused", "ended", "unknown"])
def test_the_page_that_says_why_nobody_gets_in(stage: Stage, outcome: str) -> None:
    known = None if outcome == "unknown" else stage.campaign
    if known:
        known.starts_at = known.created_at
    shown = flow.Shown(flow.Outcome(outcome), new_id().hex, campaign=known)
    page = render_to_string("web/scan_over.html", {"shown": shown, "campaign": known})
    told = {
        "draft": "being prepared",
        "not_started": "(Asia/Shanghai)",
        "paused": "no newcomers at the moment",
        "ended": "has ended",
        "unknown": "do not know this code",
    }
    assert told[outcome] in page
    assert len(page.encode()) < 10 * 1024


@pytest.mark.parametrize("count", [1, 3])
def test_the_room_asks_as_little_however_much_is_in_it(
    stage: Stage, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mia = cast.joins(stage, "Mia")
    for number in range(count):
        picture = cast.screenshot(f"#{number:06x}")
        flow.posted(journey=mia, text="look", picture=picture, key=new_id().hex)
    client = phone(mia)
    with django_assert_num_queries(5):
        client.get(f"/g/{stage.group.id}/")


@pytest.mark.parametrize("count", [1, 3])
def test_my_page_asks_as_little_however_much_is_on_it(
    stage: Stage, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mia = cast.joins(stage, "Mia")
    for number in range(count):
        cast.joins(stage, f"Ben {number}", by=mia.code)
        cast.sends(mia, cast.screenshot(f"#{number:06x}"))
    cast.words_go_out()
    client = phone(mia)
    with django_assert_num_queries(12):  # one of them for what it listens to
        client.get(f"/me/{stage.campaign.id}/")
    cast.is_approved(Journey.objects.get(pk=mia.pk).proofs.get(state="waiting"), by=stage.owner)
    with django_assert_num_queries(11):
        client.get(f"/me/{stage.campaign.id}/")


def _asked() -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = None  # type: ignore[assignment]
    return request


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/p/%00", "/?next=%00", "/poster/ABCD1234.jpg?lang=%00", "/me/%00/"])
def test_an_address_with_a_nul_leads_nowhere(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_address_for_forms_alone_leads_on_when_it_is_opened_again(stage: Stage) -> None:
    room = f"/g/{stage.group.id}/"
    for address, above in ((f"{room}join", room), ("/language", "/"), (f"{room}post", room)):
        answer = phone().get(address)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert f'href="{above}"' in answer.content.decode()
