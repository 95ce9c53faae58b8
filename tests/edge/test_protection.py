"""What the door sends cannot be turned against those who scan: redirects, cookies, headers."""

from __future__ import annotations

import asyncio
import re
import runpy
from typing import Any

import pytest
from django.test import Client, override_settings

from tenfold.edge import protocol
from tenfold.edge.front import Front
from tests import cast
from tests.edge.browser import Got, ask

OURS = re.compile(r"/(?:g|me|line)/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/")
EVIL = "//evil.example"


def get(front: Front, path: str, **headers: Any) -> Got:
    return asyncio.run(ask(front, path, **headers))


@pytest.mark.parametrize(
    "query",
    ["", f"?next={EVIL}", f"?url=https:{EVIL}", "?scan=%0d%0aLocation:%20//evil.example", "?" + "a" * 5000],
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "evil.example"},
        {"x_forwarded_host": "evil.example", "x_forwarded_proto": "gopher", "forwarded": "host=evil.example"},
        {
            "referer": f"https:{EVIL}/",
            "origin": f"https:{EVIL}",
            "x_original_url": EVIL,
            "x_rewrite_url": EVIL,
        },
        {"cookie": f"tf_visitor={EVIL}; next={EVIL}; django_language={EVIL}"},
    ],
)
def test_a_scan_leads_to_pages_of_ours_whatever_the_request_says(
    front: Front, headers: dict[str, str], query: str
) -> None:
    stage = cast.live()
    got = get(front, f"/c/{stage.code.slug}{query}", **headers)
    assert got.status == 302
    assert OURS.fullmatch(got.headers["location"])
    assert "evil" not in str(got.headers)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "%2f%2fevil.example/.."]
)
def test_an_address_in_the_place_of_a_code_leads_nowhere(front: Front, path: str) -> None:
    got = get(front, f"/c/{path}")
    assert got.status == 404
    assert "location" not in got.headers
    assert b"evil" not in got.body


@pytest.mark.parametrize("is_tls", [True, False])
def test_the_cookie_is_for_the_server_alone_and_under_tls_for_tls_alone(front: Front, is_tls: bool) -> None:
    stage = cast.live()
    with override_settings(IS_TLS=is_tls):
        cookie = get(front, f"/c/{stage.code.slug}").headers["set-cookie"]
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= parts
    assert ("Secure" in parts) is is_tls
    assert not [part for part in parts if part.startswith("Domain")]


def test_under_tls_the_doors_answers_say_so_as_the_pages_do() -> None:
    name = b"strict-transport-security"
    assert name not in dict(protocol.GUARDS)
    with override_settings(SECURE_HSTS_SECONDS=31536000):
        guards = dict(runpy.run_path(protocol.__file__)["GUARDS"])
        page = Client().get("/healthz-of-nobody", secure=True)
    assert guards[name].decode() == page.headers["Strict-Transport-Security"] == "max-age=31536000"
