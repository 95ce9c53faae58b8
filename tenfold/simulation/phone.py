"""A simulated phone and whoever holds it: scans, joins, reads, shares, sends back, talks, leaves. Only by HTTP."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from random import Random
from urllib.parse import urlsplit

from tenfold.imaging.qr import read_codes
from tenfold.simulation.doors import Doors
from tenfold.simulation.history import History
from tenfold.simulation.names import CHINESE, some_address, some_complaint, some_nickname, some_words
from tenfold.simulation.pages import Form, Page
from tenfold.simulation.screenshots import (
    WHY,
    Wrong,
    copied,
    foreign_poster,
    screenshot,
    some_look,
    some_screen,
)

VISITOR = "tf_visitor"
_CAMPAIGN = re.compile(r"/(?:me|line)/([0-9a-f-]{36})/")
NOTHING = Page("", 0, "")
_SLUG = re.compile(r"/poster/([0-9A-Z]+)")
MOST_PASSED, MOST_KNOWN = 12, 1000


class Common:
    """What the people of a crowd share: screenshots that are passed around, and what a person would see in each."""

    def __init__(self) -> None:
        self.passed: deque[bytes] = deque(maxlen=MOST_PASSED)
        self._seen: dict[str, str] = {}

    def sent(self, slug: str, wrong: Wrong | None) -> None:
        """Whoever has the code `slug` has sent one."""
        self._seen.pop(slug, None)
        self._seen[slug] = WHY[wrong] if wrong else ""
        while len(self._seen) > MOST_KNOWN:
            self._seen.pop(next(iter(self._seen)), None)

    def seen(self, slug: str) -> str | None:
        """Why their last one does not count; empty if it does, None if nobody here knows."""
        return self._seen.get(slug)


class Step(StrEnum):
    SCAN = "scan"
    JOIN = "join"
    READ = "read"
    PROVE = "prove"
    PROVE_WRONG = "prove_wrong"
    PROVE_IN_ROOM = "prove_in_room"
    APPEAL = "appeal"
    CHAT = "chat"
    LOOK = "look"
    COLLECT = "collect"
    ATTEND = "attend"
    WAIT = "wait"
    LEAVE = "leave"


class Phone:
    """`page` is what it shows now; `own_code` the address on its own poster, once it has seen that."""

    def __init__(
        self,
        doors: Doors,
        *,
        code: str,
        dice: Random,
        history: History | None = None,
        common: Common | None = None,
    ) -> None:
        self.nickname, self.language = some_nickname(dice)
        self.own_code = ""
        self.page = NOTHING
        self._code, self._dice = code, dice
        self._history = history or History()
        self._common = common or Common()
        self._browser = doors.browser(self.language)
        self._campaign = self._room = self._slug = ""
        self._has_joined = False

    @property
    def visitor(self) -> str:
        """Who the cookie says this phone is; empty before the first scan was answered."""
        return self._browser.cookie(VISITOR).partition(":")[0]

    @property
    def is_member(self) -> bool:
        return self._has_joined and not self.is_waiting

    @property
    def is_waiting(self) -> bool:
        return self.page.path.startswith("/line/")

    def do(self, step: Step) -> None:
        """Take one step; one that is not possible now (no seat, no form) does nothing. Raises Unreachable."""
        _HOW[step](self)

    def scan(self) -> None:
        slug = urlsplit(self._code).path.rpartition("/")[2].upper()
        with self._history.asked("scan", slug=slug) as told:
            response = self._browser.ask("GET", self._code)
            told["visitor"] = self.visitor
        self._show(self._browser.follow(response))
        # Beside a WeChat group's own QR there is a way on for those who have joined there.
        if self.page.path.upper().startswith("/C/") and (on := self.page.link_to("/g/")):
            self._show(self._browser.get(on))

    def join(self) -> None:
        form = self.page.form_to("/join")
        if form is None:
            return
        answers = {"nickname": self.nickname, "consent": form.boxes["consent"]}
        if "device" in form.fields:  # what the page's script would fill in
            answers["device"] = sha256(self.visitor.encode()).hexdigest()[:32]
        fields = form.filled(**answers)
        with self._history.asked("join", visitor=self.visitor) as told:
            response = self._browser.ask("POST", form.action, fields=fields)
            told["refused"] = not response.has_redirect_location
        self._has_joined = response.has_redirect_location
        self._show(self._browser.follow(response))

    def read(self) -> None:
        """One's own page, and the poster on it: its code is read off the picture, as by whoever scans it."""
        if poster := self.poster():
            codes = [found.text for found in read_codes(poster) if "/C/" in found.text]
            self.own_code = codes[0] if codes else ""

    def poster(self) -> bytes | None:
        """The bytes of one's own poster, as saved from one's own page."""
        self._own_page()
        address = self.page.picture_at("/poster/")
        if found := _SLUG.search(address or ""):
            self._slug = found[1]
        return self._browser.ask("GET", address).content if address else None

    def prove(self, *, wrong: Wrong | None = None, in_room: bool = False) -> None:
        """A screenshot of the post, by one's own page or in the group; `wrong` in this way."""
        poster = self._poster_for(wrong)
        if in_room:
            self._enter_room()
        if form := self.page.form_to("/post" if in_room else "/proof"):
            wrong = self._possible(wrong, poster)
            self._send_picture(form, *self._shot(poster, wrong))
            self._common.sent(self._slug, wrong)

    def appeal(self) -> None:
        """Ask for another look, where one was refused and the page offers it."""
        self._own_page()
        if form := self.page.form_to("/appeal"):
            fields = form.filled(text=some_complaint(self.language, self._dice))
            self._show(self._browser.follow(self._browser.ask("POST", form.action, fields=fields)))

    def chat(self) -> None:
        self._enter_room()
        if form := self.page.form_to("/post"):
            words = some_words(self.language, self._dice)
            fields = form.filled(text=words)
            self._show(self._browser.follow(self._browser.ask("POST", form.action, fields=fields)))

    def wait(self) -> None:
        """Look at the line again, and go in if one was called."""
        if not self._campaign:
            return
        self._show(self._browser.get(f"/line/{self._campaign}/"))
        if room := self.page.link_to("/g/"):
            self._show(self._browser.get(room))
            self.join()
        elif form := self.page.form_to(f"/line/{self._campaign}/"):
            fields = form.filled(name=self.nickname)
            self._browser.ask("POST", form.action, fields=fields)

    def leave(self) -> None:
        if not self._campaign:
            return
        self._show(self._browser.get(f"/me/{self._campaign}/leave"))
        if form := self.page.form_to("/leave"):
            self._show(self._browser.follow(self._browser.ask("POST", form.action, fields=form.fields)))
            self._has_joined = False

    def look(self) -> None:
        """One's own page: is there an answer?"""
        self._own_page()

    def collect(self) -> None:
        """Take what has been earned and waits for it; where it is sent, say where one lives."""
        self._own_page()
        if form := self.page.form_to("/claim"):
            address = (
                some_address(self.nickname, self.language, self._dice) if "address" in form.fields else {}
            )
            fields = form.filled(**address)
            self._show(self._browser.follow(self._browser.ask("POST", form.action, fields=fields)))

    def attend(self) -> None:
        """Check in for today, where that is asked."""
        self._own_page()
        if form := self.page.form_to("/attend"):
            fields = form.filled(text=some_words(self.language, self._dice))
            self._show(self._browser.follow(self._browser.ask("POST", form.action, fields=fields)))

    @property
    def errand(self) -> Step | None:
        """What the page shown asks for, beside the task."""
        for step, ending in ((Step.COLLECT, "/claim"), (Step.ATTEND, "/attend")):
            if self.page.form_to(ending):
                return step
        return None

    @property
    def is_rejected(self) -> bool:
        """Whether the page shown says that the last screenshot was not approved."""
        return 'data-answer="rejected"' in self.page.text and self.page.form_to("/proof") is not None

    @property
    def awaits_answer(self) -> bool:
        """Whether the page shown says that the last screenshot is being looked at."""
        return 'data-answer="waiting"' in self.page.text

    def _poster_for(self, wrong: Wrong | None) -> bytes | None:
        """The poster that was forwarded; one's own page stays open."""
        poster = self.poster()
        if wrong == Wrong.NO_POSTER:
            return None
        if wrong == Wrong.OTHER_CAMPAIGN:
            return foreign_poster(self._dice.randrange(6))
        if wrong == Wrong.SOMEONE_ELSES:
            slug = urlsplit(self._code).path.rpartition("/")[2].upper()
            return self._browser.ask("GET", f"/poster/{slug}.jpg").content
        return poster

    def _possible(self, wrong: Wrong | None, poster: bytes | None) -> Wrong | None:
        """The mistake that is really made: nobody passes on what nobody has sent."""
        if wrong == Wrong.COPY and not self._common.passed:
            return None
        return Wrong.NO_POSTER if poster is None else wrong

    def _shot(self, poster: bytes | None, wrong: Wrong | None) -> tuple[bytes, str]:
        """What is sent, and what it says it is."""
        if wrong == Wrong.FILE and poster is not None:
            return poster, "image/jpeg"
        if wrong == Wrong.COPY:
            return copied(self._dice.choice(self._common.passed), self._dice), "image/jpeg"
        look = some_look(self._dice, is_chinese=self.language == CHINESE)
        shot = screenshot(
            poster,
            nickname=self.nickname,
            look=look,
            dice=self._dice,
            screen="post" if wrong else some_screen(self._dice),
            is_old=wrong == Wrong.OLD,
            mark=self._dice.choice(("lock", "heads")) if wrong == Wrong.RESTRICTED else "",
        )
        if wrong is None:
            self._common.passed.append(shot)
        return shot, f"image/{look.kind.lower()}"

    def some_mistake(self) -> Wrong:
        return self._dice.choice(list(Wrong))

    def _send_picture(self, form: Form, picture: bytes, media_type: str) -> None:
        files = {form.files[0]: ("screenshot", picture, media_type)}
        digest = sha256(picture).hexdigest()
        with self._history.asked("screenshot", visitor=self.visitor, sha256=digest) as told:
            response = self._browser.ask("POST", form.action, fields=form.fields, files=files)
            told["refused"] = not response.has_redirect_location
        self._show(self._browser.follow(response))

    def _own_page(self) -> None:
        if self._campaign:
            self._show(self._browser.get(f"/me/{self._campaign}/"))

    def _enter_room(self) -> None:
        if self._room:
            self._show(self._browser.get(self._room))

    def _show(self, page: Page) -> None:
        self.page = page
        if found := _CAMPAIGN.search(page.address + page.text):
            self._campaign = found[1]
        if page.path.startswith("/g/") and page.form_to("/post"):
            self._room = page.path


def _wrong(phone: Phone) -> None:
    phone.prove(wrong=phone.some_mistake())


def _in_room(phone: Phone) -> None:
    phone.prove(in_room=True)


_HOW: dict[Step, Callable[[Phone], object]] = {
    Step.SCAN: Phone.scan,
    Step.JOIN: Phone.join,
    Step.READ: Phone.read,
    Step.PROVE: Phone.prove,
    Step.PROVE_WRONG: _wrong,
    Step.PROVE_IN_ROOM: _in_room,
    Step.APPEAL: Phone.appeal,
    Step.CHAT: Phone.chat,
    Step.LOOK: Phone.look,
    Step.COLLECT: Phone.collect,
    Step.ATTEND: Phone.attend,
    Step.WAIT: Phone.wait,
    Step.LEAVE: Phone.leave,
}
