"""A simulated reviewer: judges in the console when more screenshots wait than are left to the person there."""

from __future__ import annotations

import re
from collections.abc import Callable

from tenfold.imaging.qr import read_codes
from tenfold.imaging.reading import Unreadable
from tenfold.simulation.doors import Doors
from tenfold.simulation.history import History
from tenfold.simulation.pages import Page

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
LEFT_TO_PEOPLE = 6
Seen = Callable[[str], str | None]
"""By the code of whoever sent a picture: why it does not count, empty if it does, None if that is not known."""
_WAITING = re.compile(r'data-waiting="(\d+)"')
_PROOF = re.compile(r'data-desk="([0-9a-f-]{36})"')
_CODE = re.compile(r'data-code="([0-9A-Z]+)"')
_PICTURE = re.compile(r'data-picture="(/console/pictures/[^"]+)"')


class WrongPassword(Exception):
    """The log-in was refused."""


class Reviewer:
    """Judges by what it knows of who sent a picture, else by the code in it. Never the screenshot that comes first: a
    person may be looking at that one. With nothing else to do it takes second looks."""

    def __init__(
        self,
        doors: Doors,
        *,
        email: str,
        password: str,
        campaign_id: str,
        history: History | None = None,
        seen: Seen | None = None,
        left: int = LEFT_TO_PEOPLE,
    ) -> None:
        self._browser = doors.browser("en", AGENT)
        self._log_in = {"username": email, "password": password}
        self._desk = f"/console/campaigns/{campaign_id}/review/"
        self._history = history or History()
        self._seen = seen or (lambda _slug: None)
        self._left = left

    def judge_one(self) -> bool:
        """Judge one screenshot if more than `left` wait; whether there was one. Raises Unreachable, WrongPassword."""
        page = self._open(self._desk)
        if waiting(page) <= self._left:
            return self._looks_again()
        if self._left and (following := _next(page)):
            page = self._open(f"{self._desk}{following}")
        return self._judge(page)

    def _looks_again(self) -> bool:
        """A verdict of somebody else's, or of the machine's, without knowing it."""
        return self._judge(self._open(f"{self._desk}second/"))

    def _judge(self, page: Page) -> bool:
        """What lies there, if anything does, and nobody else has it."""
        proof, form = _PROOF.search(page.text), page.form_to("/judge/")
        if proof is None or form is None:
            return False
        reason = self._reason(page)
        fields = form.fields | ({"reason": reason} if reason else {"approve": "1"})
        with self._history.asked("approval", proof=proof[1], reason=reason) as told:
            response = self._browser.ask("POST", form.action, fields=fields)
            told["refused"] = not response.has_redirect_location
        return True

    def _reason(self, page: Page) -> str:
        """Why the screenshot on this page does not count; empty if it does."""
        code = _CODE.search(page.text)
        slug = code[1] if code else ""
        if (known := self._seen(slug)) is not None:
            return known
        picture = _PICTURE.search(page.text)
        seen = codes_in(self._browser.ask("GET", picture[1]).content) if picture else []
        if not seen:
            return "no_poster"
        return "" if slug and any(text.endswith(f"/C/{slug}") for text in seen) else "wrong_code"

    def _open(self, address: str) -> Page:
        page = self._browser.get(address)
        if page.path != "/console/login/":
            return page
        form = page.form_to("/login/")
        if form is None:
            raise WrongPassword(f"no form to log in: {page.status}")
        response = self._browser.ask("POST", form.action, fields=form.filled(**self._log_in))
        if not response.has_redirect_location:
            raise WrongPassword(self._log_in["username"])
        self._browser.follow(response)
        return self._browser.get(address)


def waiting(page: Page) -> int:
    """How many screenshots wait, as the review desk tells."""
    found = _WAITING.search(page.text)
    return int(found[1]) if found else 0


def codes_in(picture: bytes) -> list[str]:
    """The texts of the codes in a picture; none where it cannot be read."""
    try:
        return [found.text.upper() for found in read_codes(picture)]
    except Unreadable:
        return []


def _next(page: Page) -> str | None:
    links = (link["href"] for link in page.links if link.get("data-key") == "j")
    return next(links, None)
