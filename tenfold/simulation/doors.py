"""The doors of a running product, as a phone or a browser reaches them: HTTP and nothing else."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import httpx

from tenfold.simulation.pages import Page

BROKEN = 500
MOST_REDIRECTS = 6
PATIENCE = httpx.Timeout(20.0, connect=3.0)
AGENT = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Mobile MicroMessenger/8.0.49"


class Unreachable(Exception):
    """The product is away, or too busy to answer: to be tried again later. Nobody knows what became of the request."""


class Doors:
    """One product. All browsers share its connections, so that a forgotten phone leaves nothing open."""

    def __init__(self, base: str, transport: httpx.BaseTransport | None = None) -> None:
        self.base = base.rstrip("/")
        # Each request would be a line of the product's log.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=4.0)
        self._transport = transport or httpx.HTTPTransport(limits=limits, trust_env=False)

    def browser(self, language: str, agent: str = AGENT) -> Browser:
        headers = {"Accept-Language": language, "User-Agent": agent, "Origin": self.base}
        client = httpx.Client(
            base_url=self.base, transport=self._transport, headers=headers, timeout=PATIENCE, trust_env=False
        )
        return Browser(client)

    def close(self) -> None:
        self._transport.close()


class Browser:
    """Cookies, and one request after another."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def cookie(self, name: str) -> str:
        return self._client.cookies.get(name) or ""

    def ask(
        self,
        method: str,
        address: str,
        *,
        fields: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
    ) -> httpx.Response:
        """One request and its own answer, redirects not followed. An address printed elsewhere is opened here."""
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            response = self._client.request(method, path, data=fields, files=files)
        except httpx.TransportError as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error
        if response.status_code >= BROKEN:
            raise Unreachable(f"{method} {path}: {response.status_code}")
        return response

    def follow(self, response: httpx.Response) -> Page:
        """The page one ends up on."""
        for _hop in range(MOST_REDIRECTS):
            if not response.has_redirect_location:
                break
            response = self.ask("GET", str(response.headers["location"]))
        return Page(response.url.raw_path.decode(), response.status_code, response.text)

    def get(self, address: str) -> Page:
        return self.follow(self.ask("GET", address))
