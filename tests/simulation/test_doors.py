"""The doors as a simulated phone finds them: every answer is one, and everything else is "later, please"."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.people.rules import clean_nickname
from tenfold.platforms.web.actions import LONGEST_POST
from tenfold.simulation import demo
from tenfold.simulation.crowd import MOST_INVITATIONS, Crowd, NoStage, Temper, demo_crowd
from tenfold.simulation.doors import MOST_REDIRECTS, Browser, Doors, Unreachable
from tenfold.simulation.history import History, answered, left_open, read
from tenfold.simulation.names import CHINESE, ENGLISH, some_nickname, some_words
from tenfold.simulation.phone import Phone, Step
from tenfold.simulation.plans import after_rejection, some_plan, something_later
from tenfold.simulation.reviewer import Reviewer, WrongPassword
from tests.simulation.toy import CODE, Toy

BASE = "http://toy"
Answer = Callable[[httpx.Request], httpx.Response]


def browser(answer: Answer) -> Browser:
    return Doors(BASE, httpx.MockTransport(answer)).browser("en")


# --- one request ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.WriteError]
)
def test_a_connection_that_breaks_is_unreachable_whichever_way(error: type[httpx.TransportError]) -> None:
    def breaks(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    with pytest.raises(Unreachable, match="GET /g/1/"):
        browser(breaks).get("/g/1/")


@pytest.mark.parametrize("status", [200, 302, 403, 404, 409, 413, 429])
def test_a_no_is_an_answer(status: int) -> None:
    assert browser(lambda _request: httpx.Response(status)).ask("GET", "/").status_code == status


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_trouble_of_the_product_is_none(status: int) -> None:
    with pytest.raises(Unreachable, match=str(status)):
        browser(lambda _request: httpx.Response(status)).ask("GET", "/")


def test_redirects_are_followed_so_far_and_an_endless_one_ends() -> None:
    asked: list[str] = []

    def onward(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(302, headers={"location": f"/{len(asked)}"})

    page = browser(onward).get("/0")
    assert len(asked) == MOST_REDIRECTS + 1
    assert (page.status, page.path) == (302, f"/{MOST_REDIRECTS}")


@pytest.mark.parametrize(
    "code", ["https://tenfold.example.com/C/ABCD2345?from=poster", "/C/ABCD2345?from=poster"]
)
def test_an_address_printed_elsewhere_is_opened_at_these_doors(code: str) -> None:
    """A poster of a rehearsal carries the address of the true product: nobody of ours may knock there."""
    asked: list[httpx.URL] = []

    def notes(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(302, headers={"location": "https://elsewhere.example/g/1/"})

    browser(notes).ask("GET", code)
    browser(notes).get("/")
    assert {url.host for url in asked} == {"toy"}
    assert str(asked[0]) == f"{BASE}/C/ABCD2345?from=poster"


def test_each_browser_has_cookies_of_its_own_and_says_where_it_comes_from() -> None:
    seen: list[httpx.Headers] = []

    def greets(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, headers={"set-cookie": f"tf_visitor=v{len(seen)}; Path=/"})

    doors = Doors(BASE, httpx.MockTransport(greets))
    one, other = doors.browser("en"), doors.browser("zh-CN")
    for each in (one, other, one):
        each.get("/")
    assert (one.cookie("tf_visitor"), other.cookie("tf_visitor"), one.cookie("no")) == ("v3", "v2", "")
    assert [headers.get("cookie") for headers in seen] == [None, None, "tf_visitor=v1"]
    assert (seen[0]["origin"], seen[0]["accept-language"], seen[1]["accept-language"]) == (
        BASE,
        "en",
        "zh-CN",
    )


# --- what was asked, kept for the drill -----------------------------------------------------------------------


def test_a_scan_that_breaks_off_is_told_as_unknown_and_one_that_is_answered_with_its_visitor() -> None:
    file, toy, is_away = io.StringIO(), Toy(), True

    def sometimes(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if is_away else toy(request)

    doors = Doors(BASE, httpx.MockTransport(sometimes))
    phone = Phone(doors, code=f"{BASE}/C/abcd2345", dice=Random(1), history=History(file))
    with pytest.raises(Unreachable):
        phone.do(Step.SCAN)
    is_away = False
    phone.do(Step.SCAN)
    phone.do(Step.JOIN)
    told = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [(each["kind"], each["became"]) for each in told] == [
        ("scan", "sent"),
        ("scan", "unknown"),
        ("scan", "sent"),
        ("scan", "answered"),
        ("join", "sent"),
        ("join", "answered"),
    ]
    assert {each["slug"] for each in told if each["kind"] == "scan"} == {"ABCD2345"}
    assert told[3]["visitor"] == told[5]["visitor"] == phone.visitor == "v1"


def test_a_history_of_many_hands_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with path.open("w") as file:
        history = History(file)

        def hand(nth: int) -> None:
            for each in range(50):
                with history.asked("scan", slug=f"{nth}-{each}"):
                    pass

        hands = [threading.Thread(target=hand, args=(nth,)) for nth in range(4)]
        for each in hands:
            each.start()
        for each in hands:
            each.join()
    told = read(path)
    assert len({each["number"] for each in told}) == len(told) == 200
    assert len({each["slug"] for each in answered(told, "scan")}) == 200
    assert left_open(told) == 0


# --- who they are and what they have in mind ------------------------------------------------------------------


@given(seed=st.integers())
def test_every_name_and_every_word_is_one_the_product_takes(seed: int) -> None:
    dice = Random(seed)
    name, language = some_nickname(dice)
    assert clean_nickname(name) == name
    assert language in (CHINESE, ENGLISH)
    assert 0 < len(some_words(language, dice)) <= LONGEST_POST


@given(seed=st.integers())
def test_a_plan_begins_with_a_scan_and_nobody_acts_before_they_joined(seed: int) -> None:
    dice = Random(seed)
    plan = some_plan(dice)
    assert plan[0] == Step.SCAN
    acts = [step for step in plan if step != Step.SCAN]
    assert acts == [] or acts[0] == Step.JOIN
    assert plan.count(Step.JOIN) <= 1
    assert something_later(dice, is_waiting=True) == Step.WAIT
    assert something_later(dice, is_waiting=False) in (Step.CHAT, Step.LOOK, Step.LEAVE, Step.SCAN)


def test_all_kinds_of_people_come() -> None:
    dice = Random(1)
    plans = [some_plan(dice) for _nth in range(2000)]
    steps = {step for plan in plans for step in plan}
    # The rest follows from what their page says by then.
    assert steps == set(Step) - {Step.WAIT, Step.APPEAL, Step.COLLECT, Step.ATTEND}
    only_look = sum(Step.JOIN not in plan for plan in plans) / len(plans)
    assert 0.08 < only_look < 0.16


# --- the crowd ------------------------------------------------------------------------------------------------


def a_crowd(answer: Answer, **wishes: object) -> Crowd:
    return Crowd(Doors(BASE, httpx.MockTransport(answer)), [CODE], seed=1, **wishes)  # type: ignore[arg-type]


class Patient(threading.Event):
    """Never waits, remembers how long it should have, and stops after so many pauses."""

    def __init__(self, pauses: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._most = pauses

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return len(self.pauses) > self._most


def test_while_nobody_answers_the_pauses_grow_to_a_bound_and_shrink_again_after_an_answer() -> None:
    toy, asked = Toy(), 0

    def away(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(503) if asked <= 8 else toy(request)

    stopping = Patient(12)
    a_crowd(away, temper=Temper(hands=1, pace=1e9, longest_pause=10.0)).run(stopping)
    assert stopping.pauses[:9] == [0, 0.5, 1, 2, 4, 8, 10, 10, 10]
    assert max(stopping.pauses[9:]) < 0.1


def test_an_outage_loses_nobody_s_plans() -> None:
    toy, is_away = Toy(), True

    def sometimes(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502) if is_away else toy(request)

    crowd = a_crowd(sometimes, temper=Temper(active=3))
    for _nth in range(40):
        with pytest.raises(Unreachable):
            crowd.turn()
    assert 1 <= len(crowd._busy) <= 3
    before = [list(guest.plan) for guest in crowd._busy]
    assert all(plan[0] == Step.SCAN for plan in before)
    is_away = False
    for _nth in range(60):
        crowd.turn()
    assert toy.seen("POST", "/join") > 3


def test_invitations_beyond_the_bound_are_forgotten_and_never_pile_up() -> None:
    crowd = a_crowd(Toy(), invitations=[f"/C/CODE{nth:04}" for nth in range(MOST_INVITATIONS * 3)])
    assert len(crowd._invitations) == MOST_INVITATIONS
    for _nth in range(200):
        crowd.turn()
    assert len(crowd._invitations) < MOST_INVITATIONS


def test_friends_scan_the_codes_they_were_sent() -> None:
    toy = Toy()
    crowd = a_crowd(toy, invitations=["/C/FR1END01", "/C/FR1END02"])
    for _nth in range(120):
        crowd.turn()
    assert toy.seen("GET", "/C/FR1END01") == toy.seen("GET", "/C/FR1END02")
    assert toy.seen("GET", "/C/FR1END01") >= 1
    assert toy.seen("GET", CODE) > 10


class Judge:
    """In place of a reviewer."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, 0

    def judge_one(self) -> bool:
        self.asked += 1
        if self.error:
            raise self.error
        return True


@pytest.mark.parametrize(("error", "most"), [(None, 60), (WrongPassword("robot"), 1)])
def test_the_reviewer_works_now_and_then_and_one_who_is_not_let_in_is_sent_home(
    error: Exception | None, most: int
) -> None:
    toy, judge = Toy(), Judge(error)
    a_crowd(toy, reviewer=judge, temper=Temper(hands=1, pace=1e9)).run(Patient(60))
    assert 1 <= judge.asked <= most
    if error is None:
        assert judge.asked > 10
    assert toy.seen("GET", "/C/") > 5


def test_a_reviewer_in_trouble_does_not_end_the_crowd() -> None:
    toy, judge = Toy(), Judge(ZeroDivisionError())
    a_crowd(toy, reviewer=judge, temper=Temper(hands=1, pace=1e9, longest_pause=0)).run(Patient(60))
    assert judge.asked > 10
    assert toy.seen("GET", "/C/") > 5


def test_a_crowd_is_for_the_codes_it_is_given_or_for_the_demo_or_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert demo_crowd(base=BASE, codes=[CODE], pace=2.0, seed=1)._codes == [CODE]
    monkeypatch.setattr(demo, "read", lambda: None)
    with pytest.raises(NoStage, match="--scan-url"):
        demo_crowd(base=BASE, codes=[], pace=1.0, seed=1)
    made = demo.Demo(campaign_id="1", codes=("ABCD2345",), invitations=("/C/X",))
    monkeypatch.setattr(demo, "read", lambda: made)
    crowd = demo_crowd(base=BASE, codes=[], pace=3.0, seed=1)
    assert (crowd._codes, list(crowd._invitations), crowd.temper.pace) == (["/C/ABCD2345"], ["/C/X"], 3.0)
    assert isinstance(crowd._reviewer, Reviewer)


def test_after_a_rejection_most_try_again_and_some_appeal() -> None:
    dice = Random(1)
    steps = [after_rejection(dice) for _nth in range(400)]
    assert set(steps) == {Step.PROVE, Step.APPEAL}
    assert 40 < steps.count(Step.APPEAL) < 160
