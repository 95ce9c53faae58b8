"""The pages a scan may end on: small, the same for everybody, readable with nothing else at hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from tenfold.base.keys import new_id
from tenfold.edge.protocol import Answer
from tenfold.groups.models import Group
from tests import cast

LONG = "会" * 60  # three bytes each, and the longest there is
SHA = "a" * 64
LANGUAGES = ["en", "zh-hans"]


def page(template: str, language: str, *, outcome: str = "group", name: str = LONG) -> bytes:
    """As the door sends it: head and body, uncompressed."""
    moment = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    campaign = SimpleNamespace(id=new_id(), name=name, time_zone="Asia/Shanghai", starts_at=moment)
    group = SimpleNamespace(id=new_id(), name=name, qr_expires_at=moment, qr_picture=None)
    context = {"campaign": campaign, "group": group, "shown": SimpleNamespace(outcome=outcome)}
    with translation.override(language):
        body = render_to_string(template, {**context, "qr_url": f"/qr/{group.id}/{SHA}.png"})
    answer = Answer(200, body.encode())
    head = b"".join(b"%s: %s\r\n" % header for header in answer.all_headers())
    return b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + answer.body


PAGES = [("web/scan_wechat.html", "group")] + [
    ("web/scan_over.html", outcome)
    for outcome in ("not_started", "draft", "paused", "ended", "kept_out", "unknown")
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("template", "outcome"), PAGES)
def test_a_page_is_small_and_whole(template: str, outcome: str, language: str) -> None:
    sent = page(template, language, outcome=outcome)
    assert len(sent) <= 4096  # of the 10 KB that it may have
    told = sent.decode()
    assert f'<html lang="{language}">' in told
    assert 'name="viewport" content="width=device-width' in told
    # Nothing else is fetched but the QR code; nothing runs; nothing is of one person or one request.
    assert re.findall(r'(?:src|href)="(?!/qr/|/g/|data:)[^"]*"', told) == []
    assert re.findall(r"<script|stylesheet|csrf|nonce|@import|url\(|https?://|<[^>]* on\w+=", told) == []
    assert {"content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"} <= {
        line.partition(":")[0] for line in told.partition("\r\n\r\n")[0].splitlines()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_wechat_group_is_the_same_for_all(language: str) -> None:
    told = page("web/scan_wechat.html", language, name="readers & <friends>").decode()
    assert "readers &amp; &lt;friends&gt;" in told
    assert re.search(rf'src="/qr/[0-9a-f-]{{36}}/{SHA}\.png"', told)
    assert {"en": "Press and hold", "zh-hans": "长按"}[language] in told
    assert {"en": "This code works until", "zh-hans": "18:00"}[language] in told


@pytest.mark.django_db
def test_the_qr_code_is_kept_for_good_and_asked_for_once() -> None:
    cast.live(platform="wechat_group", capacity=200)
    group = Group.objects.select_related("qr_picture").get()
    assert group.qr_picture is not None
    address = f"/qr/{group.pk}/{group.qr_picture.sha256}.png"
    first = Client().get(address)
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first.headers["Content-Type"] == group.qr_picture.media_type
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in first.headers
    assert "Cookie" not in first.headers.get("Vary", "")
    again = Client().get(address, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert Client().get(address, headers={"if-none-match": '"other"'}).status_code == 200
