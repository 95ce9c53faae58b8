"""Who may see which picture, and for how long it may be kept."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from PIL import Image

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base.keys import new_id
from tenfold.groups import actions as groups
from tenfold.imaging import reading
from tenfold.imaging.child import NoChild
from tenfold.imaging.qr import read_codes
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.actions import change_profile
from tenfold.people.models import Journey
from tenfold.web import pictures
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.posters.samples import saved
from tests.web.conftest import phone

pytestmark = pytest.mark.django_db


def sees(client: Client, picture_id: object) -> bool:
    status = client.get(f"/picture/{picture_id}").status_code
    assert status in (200, 404)
    return status == 200


def posts(journey: Journey) -> object:
    post = flow.posted(journey=journey, text="", picture=cast.screenshot(), key=new_id().hex)
    return post.picture_id


def logged_in(operator: object) -> Client:
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return client


def test_a_posted_picture_is_for_the_members_of_its_room(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    groups.set_state(group=stage.group, state="draining", operator=stage.owner)
    groups.add_group(campaign=stage.campaign, name="R2", platform="web", capacity=5, operator=stage.owner)
    zoe = cast.joins(stage, "Zoe")
    assert zoe.group_id != mia.group_id
    picture = posts(mia)
    assert sees(phone(mia), picture)
    assert sees(phone(ben), picture)
    assert not sees(phone(zoe), picture)
    assert not sees(phone(new_id()), picture)
    assert not sees(phone(), picture)
    flow.left(journey=ben)
    assert not sees(phone(ben), picture)
    assert sees(phone(mia), picture)


def test_a_screenshot_is_for_its_sender_and_the_reviewers_of_the_workspace(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    picture = cast.sends(mia).picture_id
    assert sees(phone(mia), picture)
    assert not sees(phone(ben), picture)
    viewer, reviewer = (
        cast.team_mate(stage.workspace, stage.owner, role) for role in (Role.VIEWER, Role.REVIEWER)
    )
    assert sees(logged_in(reviewer), picture)
    assert not sees(logged_in(viewer), picture)
    _home, outsider = cast.workspace("eve@example.com")
    assert not sees(logged_in(outsider), picture)


def test_a_face_is_for_viewers_too(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    person = change_profile(person=mia.person, nickname="Mia", avatar=cast.screenshot(), language="en")
    viewer = cast.team_mate(stage.workspace, stage.owner, Role.VIEWER)
    assert sees(logged_in(viewer), person.avatar_id)


def test_an_operator_asks_again_for_a_screenshot_and_that_is_noted(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    picture, client = cast.sends(mia).picture_id, logged_in(stage.owner)
    answer = client.get(f"/picture/{picture}")
    assert answer["Cache-Control"] == "private, max-age=300"
    frozen.advance(minutes=11)
    again = client.get(f"/picture/{picture}", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "private, max-age=300")
    assert Entry.objects.filter(kind=Fact.PICTURE_SEEN, journey_id=mia.id).count() == 2
    assert "immutable" in phone(mia).get(f"/picture/{picture}")["Cache-Control"]


def test_a_face_is_for_the_room(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    person = change_profile(person=mia.person, nickname="Mia", avatar=cast.screenshot(), language="en")
    assert sees(phone(mia), person.avatar_id)
    assert sees(phone(ben), person.avatar_id)
    assert not sees(phone(new_id()), person.avatar_id)


def test_pictures_stay_in_private_caches_and_may_do_nothing(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    address = f"/picture/{posts(mia)}"
    answer = phone(mia).get(address)
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"].startswith("private")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = phone(mia).get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert phone().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 404
    small = phone(mia).get(f"{address}?small")
    assert max(Image.open(io.BytesIO(small.content)).size) <= 480


def test_what_the_child_drew_is_made_smaller_in_a_child_and_shown_whole_while_there_is_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = cast.joins(stage, "Mia")
    address = f"/picture/{posts(mia)}"

    def decoded_here(*_: object) -> None:
        raise AssertionError("a stranger's picture was decoded in the server")

    monkeypatch.setattr(reading, "_decode", decoded_here)
    small = phone(mia).get(f"{address}?small")
    assert max(Image.open(io.BytesIO(small.content)).size) <= 480

    def none_now(*_: object, **__: object) -> None:
        raise NoChild("busy")

    pictures._rendition.cache_clear()
    monkeypatch.setattr(pictures, "clean_apart", none_now)
    assert phone(mia).get(f"{address}?small").content == phone(mia).get(address).content


def test_a_poster_is_public_and_asked_again_cheaply(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    for extension, kind in (("jpg", "JPEG"), ("png", "PNG")):
        address = f"/poster/{mia.code.slug}.{extension}"
        answer = phone().get(address)
        assert Image.open(io.BytesIO(answer.content)).format == kind
        assert [code.text for code in read_codes(answer.content)] == [
            f"HTTP://127.0.0.1:8000/C/{mia.code.slug}"
        ]
        assert answer["Cache-Control"] == "public, max-age=300"
        assert phone().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        chinese = phone().get(f"{address}?lang=zh-hans")
        assert chinese["ETag"] != answer["ETag"]
        assert phone().get(f"{address}?lang=rubbish")["ETag"] == answer["ETag"]


def address_on_page(journey: Journey, extension: str = "jpg") -> str:
    """Where the participant's own page says that their poster is."""
    page = phone(journey).get(f"/me/{journey.campaign_id}/").content.decode()
    found = re.search(rf'"(/poster/[^"]+[.]{extension})"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_a_poster_s_own_address_can_be_kept_for_good_by_everybody(stage: Stage, extension: str) -> None:
    mia = cast.joins(stage, "Mia")
    address = address_on_page(mia, extension)
    answer = phone().get(address)
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content == phone().get(f"/poster/{mia.code.slug}.{extension}").content
    assert "Vary" not in answer or "Cookie" not in answer["Vary"]


def test_only_a_poster_that_there_is_may_be_kept_for_good(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = address_on_page(cast.joins(stage, "Mia"))
    first = phone().get(address)
    tag, forever = first["ETag"], "public, max-age=31536000, immutable"
    assert "Vary" not in first  # the language is in the address
    monkeypatch.setattr(pictures, "picture_of", lambda *_, **__: pytest.fail("drawn"))
    again = phone().get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again["Cache-Control"]) == (304, forever)
    other = phone().get(address, headers={"If-Match": '"other"'})
    assert (other.status_code, other["Cache-Control"]) == (412, "no-store")
    for slug in ("ZZZZZZZZ", "x"):
        unknown = address.replace(address.split("/")[2], slug)
        for headers in ({"If-None-Match": tag}, {"If-None-Match": "*"}, {"If-Match": '"other"'}):
            answer = phone().get(unknown, headers=headers)
            assert answer.status_code == 404
            assert "immutable" not in answer["Cache-Control"]


def test_nothing_is_drawn_for_who_has_it_already(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    mia = cast.joins(stage, "Mia")
    address = f"/poster/{mia.code.slug}.jpg"
    tag = phone().get(address)["ETag"]
    monkeypatch.setattr(pictures, "picture_of", lambda *_, **__: pytest.fail("drawn"))
    assert phone().get(address, headers={"If-None-Match": tag}).status_code == 304


def test_another_name_or_face_has_another_address_and_the_old_one_leads_there(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    addresses = [address_on_page(mia)]
    for name, face in (("Mia B", None), ("Mia B", cast.screenshot())):
        change_profile(person=mia.person, nickname=name, avatar=face, language="en")
        addresses.append(address_on_page(mia))
    assert len(set(addresses)) == 3
    for old in addresses[:2]:
        moved = phone().get(old)
        assert (moved.status_code, moved["Location"]) == (302, addresses[2])
        assert moved["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("etag", ["0" * 32, "x", "-" * 200])
def test_an_address_that_never_was_leads_to_the_one_that_is(stage: Stage, etag: str) -> None:
    mia = cast.joins(stage, "Mia")
    moved = phone().get(f"/poster/{mia.code.slug}/en/{etag}.jpg")
    assert (moved.status_code, moved["Location"]) == (302, address_on_page(mia))


def test_a_new_version_of_the_design_has_another_address(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    before = address_on_page(mia)
    saved(stage.campaign, stage.owner, variant="A")
    assert address_on_page(mia) != before


@pytest.mark.parametrize("name", ["ZZZZZZZZ.png", "x.jpg", "ZZZZZZZZ.gif", "ZZZZZZZZ", "U%00.png"])
def test_posters_of_unknown_codes_are_not_found(stage: Stage, name: str) -> None:
    assert phone().get(f"/poster/{name}").status_code == 404


def test_a_groups_own_code_is_kept_for_good_under_its_digest() -> None:
    stage = cast.live(platform="wechat_group")
    group = stage.group
    assert group.qr_picture is not None
    address = f"/qr/{group.id}/{group.qr_picture.sha256}.png"
    answer = phone().get(address)
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert [code.text for code in read_codes(answer.content)] == [group.qr_text]
    assert phone().get(f"/qr/{group.id}/{'0' * 64}.png").status_code == 404
    tag = f'"{"0" * 64}"'
    never = phone().get(f"/qr/{group.id}/{'0' * 64}.png", headers={"If-None-Match": tag})
    assert (never.status_code, "immutable" in never["Cache-Control"]) == (404, False)
    assert phone().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert phone().get(address, headers={"If-Match": '"x"'})["Cache-Control"] == "no-store"
    assert phone().get(f"/qr/{new_id()}/{group.qr_picture.sha256}.png").status_code == 404
