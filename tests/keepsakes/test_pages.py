"""What strangers learn of a number, and what its owner may do: through the real pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tenfold.base.rates import Bucket
from tenfold.imaging.qr import read_codes
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.queries import drawing_of
from tenfold.keepsakes.rules import check_letter, in_groups, new_number
from tenfold.web import keepsakes as pages
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.keepsakes.box import edition, ticket
from tests.web.conftest import phone

pytestmark = pytest.mark.django_db
KINDS = [kind.value for kind in Edition.Kind]


@pytest.fixture
def stage() -> Stage:
    return cast.live(capacity=20)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pages, "_misses", Bucket(burst=30, rate=0.5))
    with translation.override("en"):
        yield


def read(number: str, *, language: str = "en") -> str:
    answer = Client(headers={"Accept-Language": language}).get(f"/k/{number}")
    assert answer.status_code == 200
    return answer.content.decode()


def given(stage: Stage, kind: str = "certificate", who: str = "王小明") -> Keepsake:
    journey = cast.joins(stage, who)
    return keepsakes.issue_one(
        edition=edition(stage, kind=kind, name="Ten <books> read"), journey=journey, operator=stage.owner
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_reads_what_it_is_for_whom_when_and_by_whom(
    stage: Stage, frozen: FrozenClock, kind: str
) -> None:
    one = given(stage, kind)
    page = read(one.number)
    for told in ("Genuine and valid", "Ten &lt;books&gt; read", "王**", "Reading Club", "Ten Books"):
        assert told in page
    assert "March 2, 2026" in page or "2 March 2026" in page
    assert str(Edition.Kind(kind).label) in page
    assert in_groups(one.number) in page
    assert "小明" not in page
    assert "Olga" not in page


@pytest.mark.parametrize(
    ("shown", "name"), [("full", "王小明"), ("first", "王**"), ("hidden", "does not show")]
)
def test_the_owner_chooses_how_much_of_the_name_is_read(stage: Stage, shown: str, name: str) -> None:
    one = given(stage)
    answer = phone(one.journey).post(
        f"/me/{stage.campaign.id}/keepsakes/{one.number}/shown", {"shown": shown}
    )
    assert answer.status_code == 302
    assert name in read(one.number)


def test_nobody_else_chooses_for_them_or_sees_the_picture(stage: Stage) -> None:
    one, ben = given(stage), cast.joins(stage, "Ben")
    base = f"/me/{stage.campaign.id}/keepsakes/"
    for client, status in ((phone(ben), 404), (phone(), 403), (phone(one.campaign.id), 403)):
        assert client.post(f"{base}{one.number}/shown", {"shown": "full"}).status_code == status
        assert client.get(f"{base}{one.number}.jpg").status_code == status
        assert client.get(base).status_code == (200 if status == 404 else 403)
        assert one.number not in client.get(base).content.decode()
    one.refresh_from_db()
    assert one.shown == "first"
    assert phone(one.journey).post(f"{base}{one.number}/shown", {"shown": "x\x00"}).status_code == 400


def test_revoked_says_why_and_restored_is_valid_again(stage: Stage) -> None:
    one = given(stage)
    keepsakes.revoke(keepsake=one, reason="Issued by <mistake>", operator=stage.owner)
    page = read(one.number)
    assert "Revoked" in page
    assert "Issued by &lt;mistake&gt;" in page
    assert "Genuine and valid" not in page
    picture = f"/me/{stage.campaign.id}/keepsakes/{one.number}.jpg"
    assert phone(one.journey).get(picture).status_code == 410
    assert (
        "This was revoked" in phone(one.journey).get(f"/me/{stage.campaign.id}/keepsakes/").content.decode()
    )
    keepsakes.restore(keepsake=one, operator=stage.owner)
    assert "Genuine and valid" in read(one.number)


def test_a_ticket_tells_when_it_holds_and_that_it_was_used(stage: Stage, frozen: FrozenClock) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"), hours=(1, 3))
    assert "not valid yet" in read(one.number)
    frozen.advance(hours=2)
    assert "Genuine and valid" in read(one.number)
    keepsakes.check_in(
        number=one.number, campaign=stage.campaign, operator=stage.owner, gate="Back door", key=one.pk
    )
    page = read(one.number)
    assert "used already" in page
    assert "Back door" not in page
    frozen.advance(hours=9)
    other = ticket(stage, cast.joins(stage, "Ben"), of=one.edition)
    assert "no longer valid" in read(other.number)


def test_an_erased_owner_leaves_a_number_that_can_still_be_verified(stage: Stage) -> None:
    one = given(stage)
    assert one.journey
    keepsakes.show_name(keepsake=one, shown="full")
    keepsakes.forget(journey=one.journey)
    page = read(one.number)
    assert "Genuine and valid" in page
    assert "erased" in page
    assert "王" not in page


def test_a_number_is_found_however_it_is_typed(stage: Stage) -> None:
    one = given(stage)
    client = Client()
    assert client.get(f"/K/{one.number}").status_code == 200
    for typed in (in_groups(one.number), one.number.lower(), f" {one.number} "):
        answer = client.get("/k/", {"number": typed})
        assert (answer.status_code, answer["Location"]) == (302, f"/k/{one.number}")
    assert client.get(f"/k/{one.number.lower()}").status_code == 302
    assert client.get("/k/").status_code == 200


def test_never_issued_and_impossible_get_the_very_same_answer(stage: Stage) -> None:
    one = given(stage)
    mistyped = one.number[:-1] + ("0" if one.number[-1] != "0" else "1")
    answers = set()
    for number in (new_number(), mistyped, "AAAA", "0" * 17, "x" * 1000, "%00", "..", "<script>"):
        answer = Client().get(f"/k/{number}")
        assert answer.status_code == 404, number
        page = re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", answer.content.decode())
        if "%00" not in number:  # turned away before our page
            answers.add(page)
    assert len(answers) == 1


def test_whoever_asks_for_many_unknown_numbers_waits_and_nobody_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_misses", Bucket(burst=3, rate=0.001))
    one = given(stage)
    client = Client()
    asked = [client.get(f"/k/{number}").status_code for number in [new_number(), "rubbish", new_number()]]
    assert asked == [404, 404, 404]
    answer = client.get(f"/k/{new_number()}")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert client.get(f"/k/{one.number}").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get(f"/k/{new_number()}").status_code == 404


def test_what_looking_up_costs(stage: Stage) -> None:
    one = given(stage)
    impossible = "0" * 16 + ("1" if check_letter("0" * 16) == "0" else "0")
    for number, queries in ((one.number, 1), (new_number(), 1), (impossible, 0), ("rubbish", 0)):
        with CaptureQueriesContext(connection) as asked:
            Client().get(f"/k/{number}")
        assert len(asked) == queries, number


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_the_owner_downloads_a_picture_whose_code_leads_to_the_page(
    stage: Stage, kind: str, extension: str
) -> None:
    one = given(stage, kind)
    client, address = phone(one.journey), f"/me/{stage.campaign.id}/keepsakes/{one.number}.{extension}"
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == {"jpg": "image/jpeg", "png": "image/png"}[extension]
    assert "private" in answer["Cache-Control"]
    [code] = {found.text for found in read_codes(answer.content)}
    assert code == f"HTTP://127.0.0.1:8000/K/{one.number}"
    assert client.get(code.removeprefix("HTTP://127.0.0.1:8000")).status_code == 200
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(address.replace(extension, "svg")).status_code == 404


def test_their_page_lists_theirs_and_their_own_page_leads_there(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    base = f"/me/{stage.campaign.id}/"
    assert "keepsakes" not in phone(mia).get(base).content.decode()
    assert "Nothing here yet" in phone(mia).get(f"{base}keepsakes/").content.decode()
    keepsakes.issue_one(edition=edition(stage), journey=mia, operator=stage.owner)
    ticket(stage, mia)
    assert f"{base}keepsakes/" in phone(mia).get(base).content.decode()
    page = phone(mia).get(f"{base}keepsakes/").content.decode()
    assert page.count('class="picture"') == 2


def test_their_page_costs_the_same_however_many_they_have(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    client, costs = phone(mia), []
    for name in ("One", "Two", "Three"):
        keepsakes.issue_one(edition=edition(stage, name=name), journey=mia, operator=stage.owner)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/me/{stage.campaign.id}/keepsakes/")
        costs.append(len(asked))
    assert costs == [2, 2, 2]


@pytest.mark.parametrize(
    ("name", "language", "drawn"),
    [
        ("مريم", "en", "A friend"),
        ("김민준", "zh-hans", "一位朋友"),
        ("अनिता", "en", "A friend"),
        ("Ann", "en", "Ann"),
    ],
)
def test_no_keepsake_is_drawn_without_a_name(stage: Stage, name: str, language: str, drawn: str) -> None:
    one = keepsakes.issue_one(edition=edition(stage), journey=cast.joins(stage, name), operator=stage.owner)
    assert dict(drawing_of(one, language=language).personal)["nickname"] == drawn
    assert one.name == name


def test_its_owner_reads_that_the_name_stays(stage: Stage) -> None:
    one = given(stage)
    page = phone(one.journey).get(f"/me/{stage.campaign.id}/keepsakes/").content.decode()
    assert "The name on it stays as it was issued: 王小明" in page


def test_an_unknown_number_may_be_mistyped(stage: Stage) -> None:
    page = Client().get(f"/k/{new_number()}").content.decode()
    assert "We do not know this number" in page
    assert "Perhaps it was mistyped" in page


@pytest.mark.parametrize(
    ("kind", "hours", "date"),
    [
        ("certificate", None, "March 2, 2026"),
        ("certificate", (5, 6), "March 2, 2026"),
        ("ticket", (5, 6), "March 2, 2026, 11 p.m."),
        ("ticket", None, ""),
    ],
)
def test_the_date_on_the_picture_is_the_one_that_matters(
    stage: Stage, frozen: FrozenClock, kind: str, hours: tuple[float, float] | None, date: str
) -> None:
    made = edition(stage, kind=kind, hours=hours)
    one = keepsakes.issue_one(edition=made, journey=cast.joins(stage, "Mia"), operator=stage.owner)
    personal = dict(drawing_of(one).personal)
    assert personal["date"].replace("Mar. ", "March ") == date.replace("Mar. ", "March ")
    assert (personal["nickname"], personal["award"]) == ("Mia", "Ten books read")
    assert personal["number"] == in_groups(one.number)
