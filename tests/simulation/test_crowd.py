"""The crowd goes on whatever the product does, and remembers no more than it has to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import httpx
import pytest

from tenfold.simulation import crowd as crowds
from tenfold.simulation.crowd import Crowd, Temper
from tenfold.simulation.doors import Doors, Unreachable
from tenfold.simulation.pages import Page
from tenfold.simulation.phone import Phone, Step
from tests.simulation.toy import CAMPAIGN, CODE, Toy

BASE = "http://toy"


def a_crowd(answer: Callable[[httpx.Request], httpx.Response], **wishes: object) -> Crowd:
    return Crowd(Doors(BASE, httpx.MockTransport(answer)), [CODE], seed=1, **wishes)  # type: ignore[arg-type]


def test_people_scan_join_and_talk() -> None:
    toy = Toy()
    crowd = a_crowd(toy)
    for _nth in range(300):
        crowd.turn()
    assert toy.seen("GET", "/C/") > 20
    assert 10 < toy.seen("POST", "/join") <= toy.seen("GET", "/C/")
    assert toy.seen("POST", "/post") > 3
    assert toy.consents == {"yes"}
    assert len(toy.nicknames) > 8


def test_the_same_seed_is_the_same_crowd() -> None:
    one, other = Toy(), Toy()
    for toy in (one, other):
        crowd = a_crowd(toy)
        for _nth in range(80):
            crowd.turn()
    assert one.asked == other.asked


def test_whoever_is_done_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "MOST_MEMBERS", 5)
    crowd = a_crowd(Toy(), temper=Temper(active=4))
    for _nth in range(400):
        crowd.turn()
    assert len(crowd._members) <= 5
    assert len(crowd._busy) <= 4


def test_few_come_when_all_is_full() -> None:
    toy = Toy(is_full=True)
    crowd = a_crowd(toy)
    for _nth in range(300):
        crowd.turn()
    assert toy.seen("POST", "/join") == 0
    assert toy.seen("GET", "/C/") < 120
    assert toy.seen("GET", f"/line/{CAMPAIGN}/") > 100  # they look at the line again


@pytest.mark.parametrize("how", ["refused", 500, 502, 503])
def test_a_product_that_is_away_is_asked_again_for_the_same_step(how: int | str) -> None:
    toy, is_away = Toy(), True

    def away(request: httpx.Request) -> httpx.Response:
        if isinstance(how, int):
            return httpx.Response(how)
        raise httpx.ConnectError("refused", request=request)

    doors = Doors(BASE, httpx.MockTransport(lambda request: away(request) if is_away else toy(request)))
    crowd = Crowd(doors, [CODE], seed=1)
    with pytest.raises(Unreachable):
        crowd.turn()
    [guest] = crowd._busy
    assert guest.plan[0] == Step.SCAN
    is_away = False
    guest.phone.do(guest.plan[0])
    assert guest.phone.visitor == "v1"


def test_a_page_nobody_foresaw_ends_one_plan_and_not_the_crowd() -> None:
    stopping = threading.Event()
    asked = 0

    def strange(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked == 20:
            stopping.set()
        return httpx.Response(200, text='<form action="/join"><input name="name"></form>', headers={"X": "1"})

    crowd = a_crowd(strange, temper=Temper(pace=1e6, hands=1, longest_pause=0))
    crowd.run(stopping)
    assert asked >= 20


def test_a_phone_that_was_shown_no_form_does_nothing() -> None:
    phone = Phone(
        Doors(BASE, httpx.MockTransport(lambda _request: httpx.Response(200))), code=CODE, dice=Random(1)
    )
    for step in Step:
        phone.do(step)
    assert not phone.is_member


def test_who_waits_for_an_answer_looks_again_before_others() -> None:
    crowd = a_crowd(Toy())
    phones = [Phone(crowd._doors, code=CODE, dice=Random(nth)) for nth in range(20)]
    phones[7].page = Page("/me/1/", 200, '<div data-answer="waiting">')
    looked = 0
    for _nth in range(100):
        crowd._members.extend(phones)
        guest = crowd._member()
        looked += guest.phone is phones[7] and guest.plan[0] == Step.LOOK
        crowd._members.clear()
    assert 25 < looked < 60
