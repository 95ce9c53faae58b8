"""The little of HTTP that a door needs: what was asked, and an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qs

from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils.translation.trans_real import parse_accept_lang_header

from tenfold.accounts.models import Language

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

# As the pages have them (the rooms beside each other do not know each other).
GUARDS: Headers = [
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
]
REDIRECT_GUARDS = [GUARDS[-1]]
if settings.SECURE_HSTS_SECONDS:
    HSTS = (b"strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}".encode())
    GUARDS.append(HSTS)
    REDIRECT_GUARDS.append(HSTS)
HTML = b"text/html; charset=utf-8"
TEXT = b"text/plain; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request, read only as far as somebody asks."""

    scope: Scope

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def address(self) -> str:
        return str(self.scope["client"][0]) if self.scope.get("client") else ""

    @cached_property
    def headers(self) -> dict[str, str]:
        """By lower-case name; of a repeated header the last. Latin-1, as HTTP has it: any byte is allowed in."""
        return {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.scope["headers"]
        }

    @cached_property
    def cookies(self) -> dict[str, str]:
        return parse_cookie(self.headers.get("cookie", ""))

    def query(self, name: str) -> str | None:
        values = parse_qs(self.scope["query_string"].decode("latin-1")).get(name)
        return values[0] if values else None

    @cached_property
    def language(self) -> Language:
        """Chosen on a page (cookie), else wished by the browser; else Chinese, as most scans come from there."""
        chosen = self.cookies.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen in Language.values:
            return Language(chosen)
        for wished, _weight in parse_accept_lang_header(self.headers.get("accept-language", "").lower()):
            for language in Language:
                if wished.split("-")[0] == language.value.split("-")[0]:
                    return language
        return Language.ZH


@dataclass(slots=True)
class Answer:
    """A whole answer. No cache between us and the phone may keep one, and hardly any may be kept by the phone."""

    status: int
    body: bytes = b""
    media_type: bytes = HTML
    headers: tuple[tuple[bytes, bytes], ...] = ()
    kept: bytes = b"no-store"

    def all_headers(self) -> Headers:
        return [
            (b"content-type", self.media_type),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", self.kept),
            *GUARDS,
            *self.headers,
        ]

    def with_header(self, name: bytes, value: bytes) -> Self:
        return type(self)(self.status, self.body, self.media_type, (*self.headers, (name, value)), self.kept)


class Redirect(Answer):
    """To another page of ours: nothing to be shown, and so nothing to be guarded but who is told where one was."""

    __slots__ = ()

    def all_headers(self) -> Headers:
        return [(b"content-length", b"0"), (b"cache-control", self.kept), *REDIRECT_GUARDS, *self.headers]


def plain(status: int, text: str = "", **headers: str) -> Answer:
    """A sentence in English for machines and engineers."""
    body = (text or HTTPStatus(status).phrase) + "\n"
    named = tuple(
        (name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()
    )
    return Answer(status, body.encode(), TEXT, named)


async def give(send: Send, answer: Answer, *, is_head: bool = False) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.all_headers()})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})
