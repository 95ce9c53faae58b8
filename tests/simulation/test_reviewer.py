"""The simulated reviewer judges by the code in the picture, and leaves a person's own screenshots alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest
from PIL import Image

from tenfold.imaging.qr import qr_png
from tenfold.simulation.doors import Doors, Unreachable
from tenfold.simulation.history import History
from tenfold.simulation.pages import Page
from tenfold.simulation.reviewer import Reviewer, WrongPassword, codes_in, waiting

BASE = "http://toy"
CAMPAIGN = "0190aaaa-0000-7000-8000-000000000001"
FIRST, SECOND = "0190cccc-0000-7000-8000-000000000003", "0190cccc-0000-7000-8000-000000000004"
DESK = f"/console/campaigns/{CAMPAIGN}/review/"
PEOPLE = f"/console/campaigns/{CAMPAIGN}/people/"
SLUG = "ABCD2345"
LOOK = "0190dddd-0000-7000-8000-000000000005"


def picture(text: str = "") -> bytes:
    if text:
        return qr_png(text)
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "white").save(out, "PNG")
    return out.getvalue()


class Console:
    """As much of the console as a reviewer sees: a log-in, the desk, two screenshots."""

    def __init__(self, *, shot: bytes, count: int = 9, password: str = "right") -> None:
        self.shot, self.count, self.password = shot, count, password
        self.judged: list[tuple[str, dict[str, str]]] = []
        self.is_let_in = False
        self.log_ins = 0
        self.second = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/console/login/":
            return self._log_in(request)
        if not self.is_let_in:
            return httpx.Response(302, headers={"location": "/console/login/?next=" + path})
        if path.endswith("/judge/"):
            sent = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
            self.judged.append((path.split("/")[-3], sent))
            return httpx.Response(302, headers={"location": DESK})
        if path.startswith("/console/pictures/"):
            return httpx.Response(200, content=self.shot)
        if path.endswith("/second/"):
            return httpx.Response(200, text=self._desk(self.second, f"{DESK}second/{LOOK}/judge/"))
        return httpx.Response(200, text=self._desk(SECOND if path.endswith(f"{SECOND}/") else FIRST))

    def _log_in(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            form = (
                '<form method="post" action="/console/login/"><input name="username"><input name="password">'
            )
            return httpx.Response(200, text=form + '<input name="csrfmiddlewaretoken" value="t"></form>')
        self.log_ins += 1
        sent = parse_qs(request.content.decode())
        self.is_let_in = sent["password"] == [self.password]
        return httpx.Response(302, headers={"location": DESK}) if self.is_let_in else httpx.Response(200)

    def _desk(self, proof: str, judge: str = "") -> str:
        form = (
            f'<form method="post" action="{judge or f"{DESK}{proof}/judge/"}">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="t"><button name="approve" value="1"></form>'
        )
        return (
            f'<div data-waiting="{self.count}"><section data-desk="{proof}" data-code="{SLUG}"'
            f' data-picture="/console/pictures/1"><a href="{PEOPLE}7/">Mia</a>'
            f'<a href="{SECOND}/" data-key="j">next</a>{form if proof else ""}'
        )


def reviewer(answer: Callable[[httpx.Request], httpx.Response], **wishes: object) -> Reviewer:
    doors = Doors(BASE, httpx.MockTransport(answer))
    fixed = {"email": "robot@example.com", "password": "right", "campaign_id": CAMPAIGN}
    return Reviewer(doors, **(fixed | wishes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shot", "verdict"),
    [
        (picture(f"HTTP://127.0.0.1:8000/C/{SLUG}"), {"approve": "1"}),
        (picture(f"http://127.0.0.1:8000/c/{SLUG.lower()}"), {"approve": "1"}),
        (picture("HTTP://127.0.0.1:8000/C/ZZZZ9999"), {"reason": "wrong_code"}),
        (picture(f"HTTP://127.0.0.1:8000/C/{SLUG}X"), {"reason": "wrong_code"}),
        (picture(), {"reason": "no_poster"}),
        (b"not a picture", {"reason": "no_poster"}),
    ],
)
def test_a_verdict_follows_from_the_code_in_the_picture(shot: bytes, verdict: dict[str, str]) -> None:
    console = Console(shot=shot)
    assert reviewer(console).judge_one()
    assert console.judged == [(SECOND, {"csrfmiddlewaretoken": "t", **verdict})]


@pytest.mark.parametrize(
    ("count", "left", "judged"), [(6, 6, []), (7, 6, [SECOND]), (0, 0, []), (1, 0, [FIRST])]
)
def test_some_are_left_to_the_person_and_never_the_one_they_look_at(
    count: int, left: int, judged: list[str]
) -> None:
    console = Console(shot=picture(), count=count)
    assert reviewer(console, left=left).judge_one() is bool(judged)
    assert [proof for proof, _verdict in console.judged] == judged


def test_the_log_in_is_done_once_and_again_when_the_session_has_ended() -> None:
    console = Console(shot=picture())
    robot = reviewer(console)
    for _each in range(3):
        robot.judge_one()
    assert console.log_ins == 1
    console.is_let_in = False
    robot.judge_one()
    assert (console.log_ins, len(console.judged)) == (2, 4)


def test_a_password_that_is_not_taken_is_told_by_name_and_not_by_itself() -> None:
    with pytest.raises(WrongPassword) as told:
        reviewer(Console(shot=picture(), password="changed")).judge_one()
    assert "robot@example.com" in str(told.value)
    assert "right" not in str(told.value)


def test_a_page_without_a_form_to_log_in_is_no_log_in() -> None:
    locked = httpx.MockTransport(
        lambda request: (
            httpx.Response(429)
            if request.url.path == "/console/login/"
            else httpx.Response(302, headers={"location": "/console/login/"})
        )
    )
    robot = Reviewer(Doors(BASE, locked), email="robot@example.com", password="x", campaign_id=CAMPAIGN)
    with pytest.raises(WrongPassword, match="429"):
        robot.judge_one()


def test_a_verdict_is_told_before_it_is_given_and_one_that_broke_off_is_unknown() -> None:
    console, file = Console(shot=picture()), io.StringIO()

    def breaks(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if request.url.path.endswith("/judge/") else console(request)

    with pytest.raises(Unreachable):
        reviewer(breaks, history=History(file)).judge_one()
    told = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [(each["kind"], each["became"], each["proof"]) for each in told] == [
        ("approval", "sent", SECOND),
        ("approval", "unknown", SECOND),
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [('<i data-waiting="12">', 12), ('<i data-waiting="">', 0), ("", 0), ('<i data-waiting="-3">', 0)],
)
def test_how_many_wait_is_read_off_the_desk(text: str, count: int) -> None:
    assert waiting(Page(DESK, 200, text)) == count


def test_codes_are_read_in_upper_case_and_rubbish_has_none() -> None:
    assert codes_in(picture("http://x/c/abcd2345")) == ["HTTP://X/C/ABCD2345"]
    assert codes_in(b"") == codes_in(b"\x89PNG") == codes_in(picture()) == []


def test_with_nothing_to_judge_it_looks_again_at_what_others_judged() -> None:
    console = Console(shot=picture(f"http://x/C/{SLUG}"), count=2)
    assert not reviewer(console).judge_one()
    console.second = FIRST
    assert reviewer(console).judge_one()
    assert console.judged == [(LOOK, {"csrfmiddlewaretoken": "t", "approve": "1"})]


@pytest.mark.parametrize(
    ("known", "verdict"),
    [("too_old", {"reason": "too_old"}), ("", {"approve": "1"}), (None, {"reason": "no_poster"})],
)
def test_what_is_known_of_the_sender_comes_before_the_code(
    known: str | None, verdict: dict[str, str]
) -> None:
    console = Console(shot=picture())
    assert reviewer(console, seen=lambda slug: known if slug == SLUG else None).judge_one()
    assert console.judged == [(SECOND, {"csrfmiddlewaretoken": "t", **verdict})]
