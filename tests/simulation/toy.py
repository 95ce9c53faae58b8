"""A toy product: as much of the doors as the crowd needs, in memory."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import httpx

CODE = "/C/ABCD2345"
CAMPAIGN = "0190aaaa-0000-7000-8000-000000000001"
ROOM = "/g/0190bbbb-0000-7000-8000-000000000002/"
FORM = '<form method="post" action="{}">{}<input type="hidden" name="csrfmiddlewaretoken" value="t"></form>'
JOIN = FORM.format(f"{ROOM}join", '<input name="nickname"><input type="checkbox" name="consent" value="yes">')
POST = FORM.format(
    f"{ROOM}post", '<textarea name="text"></textarea><input name="key"><input type="file" name="picture">'
)


class Toy:
    """Every phone is new; who has joined is known by the cookie. Without posters: nobody learns a code."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.is_full = is_full
        self.asked: list[str] = []
        self.members: set[str] = set()
        self.nicknames: set[str] = set()
        self.consents: set[str] = set()

    def seen(self, method: str, part: str) -> int:
        return sum(line.startswith(method) and part in line for line in self.asked)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        found = re.search(r"tf_visitor=(\w+)", request.headers.get("cookie", ""))
        visitor = found[1] if found else ""
        path = request.url.path
        if path.startswith("/C/"):
            return self._scanned(visitor)
        if path == f"{ROOM}join":
            return self._joined(visitor, request)
        if path == ROOM:
            page = POST + f'<a href="/me/{CAMPAIGN}/">me</a>' if visitor in self.members else JOIN
            return httpx.Response(200, text=page)
        if request.method == "POST":
            return httpx.Response(302, headers={"location": ROOM})
        return httpx.Response(200, text="")

    def _scanned(self, visitor: str) -> httpx.Response:
        where = f"/line/{CAMPAIGN}/" if self.is_full else ROOM
        number = self.seen("GET", "/C/")
        cookie = {} if visitor else {"set-cookie": f"tf_visitor=v{number}:t:s; Path=/; HttpOnly"}
        return httpx.Response(302, headers={"location": where} | cookie)

    def _joined(self, visitor: str, request: httpx.Request) -> httpx.Response:
        sent = parse_qs(request.content.decode())
        self.nicknames.add(sent["nickname"][0])
        self.consents.add(sent["consent"][0])
        self.members.add(visitor)
        return httpx.Response(302, headers={"location": ROOM})
