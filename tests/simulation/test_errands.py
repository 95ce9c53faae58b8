"""What is earned is collected, and days are checked in for, by the forms that the page shows."""

from __future__ import annotations

from collections import deque
from random import Random
from urllib.parse import parse_qs

import httpx
import pytest

from tenfold.simulation.crowd import Crowd, Guest
from tenfold.simulation.doors import Doors
from tenfold.simulation.names import CHINESE, ENGLISH, some_address
from tenfold.simulation.pages import Page
from tenfold.simulation.phone import Phone, Step
from tests.simulation.toy import CAMPAIGN, CODE, FORM

ME = f"/me/{CAMPAIGN}/"
ADDRESS = '<input name="name"><input name="phone"><textarea name="address"></textarea><input name="postcode">'
CLAIM = FORM.format(f"{ME}rewards/ABCD2345/claim", ADDRESS)
PLAIN = FORM.format(f"{ME}rewards/ABCD2345/claim", "")
ATTEND = FORM.format(f"{ME}attend", '<textarea name="text"></textarea>')


class OwnPage:
    """A page of somebody's own that shows `body`, and remembers what was sent to it."""

    def __init__(self, body: str) -> None:
        self.body, self.sent = body, [("", {"": [""]})][:0]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.sent.append((request.url.path, parse_qs(request.content.decode())))
            self.body = ""
            return httpx.Response(302, headers={"location": ME})
        return httpx.Response(200, text=f'<a href="{ME}">me</a>{self.body}')


def a_phone(page: OwnPage) -> Phone:
    phone = Phone(Doors("http://toy", httpx.MockTransport(page)), code=CODE, dice=Random(3))
    phone.do(Step.SCAN)
    return phone


def test_a_parcel_is_sent_where_they_say() -> None:
    page = OwnPage(CLAIM)
    phone = a_phone(page)
    phone.do(Step.COLLECT)
    phone.do(Step.COLLECT)
    [(path, sent)] = page.sent
    assert path == f"{ME}rewards/ABCD2345/claim"
    assert sent["name"] == [phone.nickname]
    assert len(sent["address"][0]) > 6
    assert sent["csrfmiddlewaretoken"] == ["t"]


def test_what_needs_no_address_is_only_taken() -> None:
    page = OwnPage(PLAIN)
    a_phone(page).do(Step.COLLECT)
    assert [sorted(sent) for _path, sent in page.sent] == [["csrfmiddlewaretoken"]]


def test_a_day_is_checked_in_for_with_a_word() -> None:
    page = OwnPage(ATTEND)
    a_phone(page).do(Step.ATTEND)
    [(path, sent)] = page.sent
    assert (path, bool(sent["text"][0])) == (f"{ME}attend", True)


def test_without_such_forms_nothing_is_sent() -> None:
    page = OwnPage("")
    phone = a_phone(page)
    for step in (Step.COLLECT, Step.ATTEND):
        phone.do(step)
    assert (page.sent, phone.errand) == ([], None)


@pytest.mark.parametrize(
    ("body", "next_step"), [(CLAIM + ATTEND, Step.COLLECT), (ATTEND, Step.ATTEND), ("", None)]
)
def test_whoever_looks_at_their_page_does_what_it_asks_for(body: str, next_step: Step | None) -> None:
    page = OwnPage(body)
    crowd = Crowd(Doors("http://toy", httpx.MockTransport(page)), [CODE], seed=1)
    guest = Guest(a_phone(page), deque([Step.LOOK]))
    crowd._step(guest)
    assert list(guest.plan) == ([next_step] if next_step else [])


def test_an_answer_to_a_screenshot_comes_before_errands() -> None:
    rejected = FORM.format(f"{ME}proof", '<input type="file" name="picture">')
    phone = a_phone(OwnPage(""))
    phone.page = Page(ME, 200, f'<div data-answer="rejected">{rejected}</div>{ATTEND}')
    assert (phone.is_rejected, phone.errand) == (True, Step.ATTEND)


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_addresses_are_whole_and_nobodys(language: str) -> None:
    for seed in range(20):
        told = some_address("Mia", language, Random(seed))
        assert set(told) == {"name", "phone", "address"}
        assert told["phone"].startswith(("1000000", "555-01"))


def test_the_join_form_is_given_the_mark_that_a_script_would_make() -> None:
    room = "/g/0190bbbb-0000-7000-8000-000000000002/"
    box = '<input type="checkbox" name="consent" value="yes">'
    inputs = f'<input name="nickname">{box}<input type="hidden" name="device" value="">'
    page = OwnPage(FORM.format(f"{room}join", inputs))
    phone = a_phone(page)
    phone.do(Step.JOIN)
    [(_path, sent)] = page.sent
    assert len(bytes.fromhex(sent["device"][0])) == 16
