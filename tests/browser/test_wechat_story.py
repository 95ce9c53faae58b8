"""The loop for a group of personal WeChat, through the real doors over HTTP, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tenfold.imaging.qr import read_codes
from tests import cast
from tests.browser.conftest import Product
from tests.edge.browser import PHONE

pytestmark = pytest.mark.browser


class Caller:
    """Someone with a cookie jar who reads forms' tokens from pages, as a browser does."""

    def __init__(self, base: str) -> None:
        says = {"Accept-Language": "en", "User-Agent": PHONE}
        self.http = httpx.Client(base_url=base, follow_redirects=True, timeout=30, headers=says)

    def get(self, path: str) -> str:
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return unescape(answer.text)

    def send(self, page: str, path: str, files: dict[str, bytes] | None = None, **fields: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))
        assert token, f"no form on {page}"
        answer = self.http.post(
            path,
            data={"csrfmiddlewaretoken": token[1], **fields},
            files={name: ("shot.png", data) for name, data in (files or {}).items()} or None,
            headers={"Referer": str(self.http.base_url.join(page))},
        )
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return unescape(answer.text)

    def changes(self, path: str) -> Iterator[None]:
        """One item for every change a live stream tells of; ends by itself when the stream stays silent."""
        with self.http.stream("GET", path, timeout=httpx.Timeout(10, read=20)) as stream:
            yield None  # connected: whatever happens from now on is told
            yield from (None for line in stream.iter_lines() if line == "event: changed")

    def reads(self, page: str, text: str, stream: str) -> str:
        """The page as soon as it says `text`."""
        for _change in self.changes(stream):
            if text in (read := self.get(page)):
                return read
        raise AssertionError(f"{page} never said {text!r}")


def _operator(product: Product, reach: dict[str, str]) -> Caller:
    operator = Caller(product.base)
    operator.send("/console/login/", "/console/login/", username=reach["email"], password=reach["password"])
    return operator


def test_a_wechat_group_from_the_scan_to_the_reward(product: Product) -> None:
    reach = product.stage("wechat_group")
    me, room = f"/me/{reach['campaign']}/", f"/g/{reach['group']}/"
    console = f"/console/campaigns/{reach['campaign']}"

    mia = Caller(product.base)
    shown = mia.get(reach["scan"])
    assert "Press and hold the picture" in shown
    qr = re.search(r'src="(/qr/[^"]+)"', shown)
    assert qr
    assert read_codes(mia.http.get(qr[1]).content)[0].text == "https://weixin.qq.com/g/readers-1"

    said = mia.send(room, f"{room}join", nickname="Mia", consent="yes")
    assert "also shows that you are in “Readers 1”" in said

    operator = _operator(product, reach)
    count = f"{console}/groups/{reach['group']}/count/"
    operator.send(f"{console}/groups/", count, members="2")
    stream = re.search(r'sse-connect="(/live/me/[^"]+)"', mia.get(me))
    assert stream
    assert "also shows that you are in" not in mia.get(me)  # counted: nothing to show any more
    mia.send(me, f"{me}proof", files={"picture": cast.picture_bytes()})
    judge = re.search(rf"{console}/review/[0-9a-f-]+/judge/", operator.get(f"{console}/review/"))
    assert judge
    operator.send(f"{console}/review/", judge[0], approve="1")
    mia.reads(me, "BOOK-0000", stream[1])

    watching = re.search(r'sse-connect="(/live/console/[^"]+)"', operator.get(f"{console}/live/"))
    assert watching
    for words in (
        "Welcome to Readers 1, Mia!",
        "Mia, your screenshot is approved.",
        "Mia has earned A free book!",
    ):
        operator.reads(f"{console}/tasks/", words, watching[1])
