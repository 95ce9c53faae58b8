"""The group's page: the way in, the feed, the members."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.html import escape

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.groups import actions as groups
from tenfold.people.models import Journey, Person
from tenfold.platforms.web.models import Post
from tenfold.proofs.models import Proof
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.web.conftest import phone, scans, upload

pytestmark = pytest.mark.django_db
SCRIPT = "<script>x</script>"


def room(stage: Stage, rest: str = "") -> str:
    return f"/g/{stage.group.id}/{rest}"


def says(client: Client, stage: Stage, text: str, **more: object) -> int:
    return client.post(room(stage, "post"), {"text": text, "key": new_id().hex, **more}).status_code


# --- the way in -----------------------------------------------------------------------------------------------


def test_someone_with_a_seat_sees_exactly_what_is_left_and_joins() -> None:
    stage = cast.live(capacity=3)
    cast.joins(stage, "Mia")
    client, _shown = scans(stage)
    page = client.get(room(stage)).content.decode()
    assert "Join “Readers 1”" in page
    assert "Ten Books" in page
    assert "1 more seat is left" in page
    assert "Your seat is held until" in page
    answer = client.post(room(stage, "join"), {"nickname": "Ben", "consent": "yes"})
    assert (answer.status_code, answer["Location"]) == (302, room(stage))
    assert "My progress" in client.get(room(stage)).content.decode()


def test_joining_twice_is_joining_once(stage: Stage) -> None:
    client, _shown = scans(stage)
    for _again in range(2):
        client.post(room(stage, "join"), {"nickname": "Ben", "consent": "yes"})
    assert Journey.objects.filter(person__nickname="Ben").count() == 1
    stage.group.refresh_from_db()
    assert stage.group.taken_count == 1


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"nickname": "Ben"}, "Please agree first"),
        ({"nickname": " \u200b\u202e ", "consent": "yes"}, "Please give a name"),
        ({"nickname": "B" * 21, "consent": "yes"}, "At most 20 characters"),
        ({}, "Please agree first"),
    ],
)
def test_what_was_typed_stays_when_joining_is_refused(stage: Stage, sent: dict[str, str], told: str) -> None:
    client, _shown = scans(stage)
    answer = client.post(room(stage, "join"), sent)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert f'name="nickname" value="{escape(sent.get("nickname", ""))}"' in page
    assert ("checked" in page) == ("consent" in sent)
    assert not Person.objects.exists()


def test_the_language_of_the_page_becomes_the_persons(stage: Stage) -> None:
    client, shown = scans(stage)
    client.post(
        room(stage, "join"), {"nickname": "小明", "consent": "yes"}, headers={"Accept-Language": "zh-CN"}
    )
    assert Person.objects.get(visitor_id=shown.visitor_id).language == "zh-hans"


def test_a_phone_without_a_cookie_is_told_how_to_get_back(stage: Stage) -> None:
    for client in (phone(), phone()):
        client.cookies["tf_visitor"] = "" if not client.cookies else "forged:1:2"
        answer = client.get(room(stage))
        assert answer.status_code == 403
        assert "scan the code on the poster again" in answer.content.decode()
        assert "personal link" in answer.content.decode()


def test_someone_without_a_seat_is_told_to_scan(stage: Stage) -> None:
    answer = phone(new_id()).get(room(stage))
    assert answer.status_code == 403
    assert "scan the code once more" in answer.content.decode()


def test_a_hold_that_has_run_out_does_not_let_in(frozen: FrozenClock) -> None:
    stage = cast.live()
    client, _shown = scans(stage)
    frozen.advance(minutes=stage.campaign.hold_minutes + 1)
    assert client.get(room(stage)).status_code == 403


def test_someone_in_the_line_is_sent_there() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    client, shown = scans(stage)
    assert shown.outcome == flow.Outcome.WAITING
    assert client.get(room(stage))["Location"] == f"/line/{stage.campaign.id}/"


def test_a_seat_in_another_group_leads_there(stage: Stage) -> None:
    other = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform="web", capacity=5, operator=stage.owner
    )
    client, _shown = scans(stage)
    assert client.get(f"/g/{other.id}/")["Location"] == room(stage)


@pytest.mark.parametrize("address", ["/g/not-an-id/", f"/g/{new_id()}/", "/g/", "/me/1/", "/picture/1"])
def test_rubbish_addresses_are_not_found(stage: Stage, address: str) -> None:
    assert phone(new_id()).get(address).status_code == 404


# --- the feed -------------------------------------------------------------------------------------------------


def test_the_feed_is_oldest_first_with_own_posts_marked(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    assert says(phone(mia), stage, "first") == 302
    assert says(phone(ben), stage, "second") == 302
    page = phone(mia).get(room(stage)).content.decode()
    assert page.index("first") < page.index("second")
    assert re.findall(r'class="post( own)?"', page) == [" own", ""]
    last = Post.objects.order_by("id").last()
    assert last is not None
    assert f'sse-connect="/live/room/{stage.group.id}?after={last.id}"' in page


def test_more_than_fifty_posts_are_paged_without_a_gap(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.platforms.web.actions.MOST_POSTS_A_MINUTE", 1000)
    mia = cast.joins(stage, "Mia")
    for number in range(53):
        says(phone(mia), stage, f"post number {number:02}")
    page = phone(mia).get(room(stage)).content.decode()
    assert re.findall(r"post number (\d\d)", page) == [f"{n:02}" for n in range(3, 53)]
    earlier = re.search(r'href="(\?before=[^"]+)"', page)
    assert earlier is not None
    older = phone(mia).get(room(stage) + earlier[1]).content.decode()
    assert re.findall(r"post number (\d\d)", older) == ["00", "01", "02"]
    assert "sse-connect" not in older


def test_a_post_sent_twice_is_one(stage: Stage) -> None:
    client, key = phone(cast.joins(stage, "Mia")), new_id().hex
    for _again in range(2):
        answer = client.post(room(stage, "post"), {"text": "hello", "key": key})
        assert answer.status_code == 302
    assert Post.objects.filter(kind="text").count() == 1


def test_a_picture_in_the_room_is_the_screenshot_too(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert "is also your screenshot" in phone(mia).get(room(stage)).content.decode()
    assert says(phone(mia), stage, "", picture=upload()) == 302
    proof = Proof.objects.get(journey=mia)
    assert proof.source == "room"
    page = phone(mia).get(room(stage)).content.decode()
    assert f'src="/picture/{proof.picture_id}?small"' in page


def test_an_empty_post_keeps_the_page_and_says_why(stage: Stage) -> None:
    client = phone(cast.joins(stage, "Mia"))
    answer = client.post(room(stage, "post"), {"text": "   ", "key": new_id().hex})
    assert answer.status_code == 400
    assert "Write something, or add a picture." in answer.content.decode()
    assert 'id="feed"' in answer.content.decode()


def test_a_refused_post_keeps_its_text(stage: Stage) -> None:
    client = phone(cast.joins(stage, "Mia"))
    answer = client.post(room(stage, "post"), {"text": "look at this", "picture": upload(b"no picture")})
    assert answer.status_code == 400
    assert "look at this</textarea>" in answer.content.decode()
    assert not Post.objects.filter(kind__in=["text", "picture"]).exists()


def test_htmx_gets_the_post_and_a_fresh_form(stage: Stage) -> None:
    client, key = phone(cast.joins(stage, "Mia")), new_id().hex
    answer = client.post(room(stage, "post"), {"text": "hello", "key": key}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert 'hx-swap-oob="beforeend:#feed"' in page
    assert f'id="{Post.objects.get(kind="text").id}"' in page
    assert key not in page
    assert "<html" not in page


def test_htmx_gets_a_refusal_as_a_piece(stage: Stage) -> None:
    client = phone(cast.joins(stage, "Mia"))
    answer = client.post(room(stage, "post"), {"text": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert answer.content.decode().startswith('<p class="note bad" role="alert">')


def test_hostile_names_and_posts_are_shown_as_text(stage: Stage) -> None:
    mia = cast.joins(stage, SCRIPT)
    says(
        phone(mia),
        stage,
        f'{SCRIPT} <img src=x onerror=alert(1)> javascript:alert(1) https://a.example/"onclick="x',
    )
    me = f"/me/{stage.campaign.id}/"
    for address in (room(stage), room(stage, "members"), f"{me}profile"):
        page = phone(mia).get(address).content.decode()
        assert SCRIPT not in page
        assert escape(SCRIPT) in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert '"onclick="' not in page


def test_outsiders_neither_read_nor_write(stage: Stage) -> None:
    cast.joins(stage, "Mia")
    outsider = phone(new_id())
    assert says(outsider, stage, "hello") == 403
    assert outsider.get(room(stage, "members")).status_code == 403
    assert not Post.objects.filter(kind="text").exists()


def test_someone_who_left_is_out_and_may_come_back(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    assert says(phone(mia), stage, "still here?") == 403
    page = phone(mia).get(room(stage)).content.decode()
    assert "You have left the group" in page
    client, _shown = scans(stage, mia.person.visitor_id)
    assert 'value="Mia"' in client.get(room(stage)).content.decode()
    client.post(room(stage, "join"), {"nickname": "Mia", "consent": "yes"})
    assert says(phone(mia), stage, "back again") == 302


def test_the_member_list_is_honest(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    flow.left(journey=ben)
    cast.joins(stage, "Zoe")
    page = phone(mia).get(room(stage, "members")).content.decode()
    assert "2 members" in page
    assert "Ben" not in page
    assert "Zoe" in page
    assert page.count("You</span>") == 1


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts_change_anything(stage: Stage, method: str) -> None:
    client = phone(cast.joins(stage, "Mia"))
    for rest in ("join", "post"):
        assert getattr(client, method)(room(stage, rest)).status_code == 405
    assert getattr(client, method)(f"/me/{stage.campaign.id}/proof").status_code == 405
    assert getattr(client, method)("/language").status_code == 405


def test_forms_need_their_token(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    strict = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    strict.cookies.update(phone(mia).cookies)
    for address in (room(stage, "post"), room(stage, "join"), f"/me/{stage.campaign.id}/leave", "/language"):
        answer = strict.post(address, {"text": "x"})
        assert answer.status_code == 403
        assert "open for too long" in answer.content.decode()
    mia.refresh_from_db()
    assert mia.is_member
