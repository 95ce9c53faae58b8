"""The pool of groups in the console."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tenfold.accounts.models import Role
from tenfold.base.keys import new_id
from tenfold.codes.queries import address_of
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.imaging.qr import qr_png
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, mate, outsider, said

FREE = re.compile(r"([\d,]+) seats? free")

pytestmark = pytest.mark.django_db
NEW = {"name": "Readers 2", "platform": "web", "capacity": "50"}


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return cast.live()


@pytest.fixture
def wechat(frozen: FrozenClock) -> Stage:
    return cast.live(platform="wechat_group", capacity=200)


def picture(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("qr.png", data, "image/png")


def names(stage: Stage) -> list[str]:
    return list(Group.objects.filter(campaign=stage.campaign).values_list("name", flat=True))


def on(name: str, stage: Stage) -> str:
    return address(name, stage.campaign.id, stage.group.id)


def test_empty_pool_says_what_to_do_first() -> None:
    stage = cast.draft()
    stage.group.delete()
    assert "No group yet" in said(desk(stage.owner).get(address("groups", stage.campaign.id)))


def test_group_is_added_while_live_at_the_end_of_the_pool(stage: Stage) -> None:
    answer = desk(stage.owner).post(address("add_group", stage.campaign.id), NEW)
    assert answer["Location"] == address("groups", stage.campaign.id)
    assert names(stage) == ["Readers 1", "Readers 2"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "This field is required."),
        ({"capacity": "0"}, "greater than or equal to 1"),
        ({"capacity": "many"}, "Enter a whole number."),
        ({"platform": "wechat_group", "capacity": "201"}, "between 1 and 200"),
        ({"platform": "carrier pigeon"}, "Select a valid choice."),
    ],
)
def test_group_that_cannot_be_added_says_why_beside_the_field(
    stage: Stage, wrong: dict[str, str], why: str
) -> None:
    answer = desk(stage.owner).post(address("add_group", stage.campaign.id), NEW | wrong)
    assert answer.status_code == 422
    assert why in said(answer)
    assert "is-invalid" in said(answer)
    assert names(stage) == ["Readers 1"]


def test_group_is_changed(stage: Stage) -> None:
    desk(stage.owner).post(on("change_group", stage), {"name": "Bookworms", "capacity": "12"})
    stage.group.refresh_from_db()
    assert (stage.group.name, stage.group.capacity, stage.group.others_count) == ("Bookworms", 12, 1)


def test_capacity_below_what_is_taken_is_refused_and_stays_as_typed(stage: Stage) -> None:
    cast.joins(stage, "Anna")
    cast.joins(stage, "Ben")
    answer = desk(stage.owner).post(on("change_group", stage), {"name": "Bookworms", "capacity": "1"})
    assert answer.status_code == 422
    assert "More seats than that are shown or taken already." in said(answer)
    assert 'value="Bookworms"' in said(answer)
    assert '<details class="tf-group-more" open>' in said(answer)
    stage.group.refresh_from_db()
    assert (stage.group.name, stage.group.capacity) == ("Readers 1", 10)


def test_drain_and_undo(stage: Stage) -> None:
    client = desk(stage.owner)
    page = said(client.post(on("group_state", stage), {"state": "draining"}, follow=True))
    stage.group.refresh_from_db()
    assert stage.group.state == Group.State.DRAINING
    undo = f"{on('group_state', stage)}?state=open"
    assert f'action="{undo}"' in page
    client.post(undo)
    stage.group.refresh_from_db()
    assert stage.group.state == Group.State.OPEN


def test_state_asked_twice_offers_no_undo_of_nothing(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(on("group_state", stage), {"state": "closed"}, follow=True)
    page = said(client.post(on("group_state", stage), {"state": "closed"}, follow=True))
    assert "?state=closed" not in page


def test_unknown_state_is_refused(stage: Stage) -> None:
    answer = desk(stage.owner).post(on("group_state", stage), {"state": "haunted"})
    assert answer.status_code == 400
    stage.group.refresh_from_db()
    assert stage.group.state == Group.State.OPEN


def test_order_changes_by_button_and_by_drag(stage: Stage) -> None:
    for name in ("Readers 2", "Readers 3"):
        groups.add_group(campaign=stage.campaign, name=name, platform="web", capacity=5, operator=stage.owner)
    one, two, three = Group.objects.filter(campaign=stage.campaign)
    client, there = desk(stage.owner), address("order_groups", stage.campaign.id)
    client.post(there, {"group": str(three.id), "by": "up"})
    assert names(stage) == ["Readers 1", "Readers 3", "Readers 2"]
    client.post(there, {"group": str(one.id), "by": "up"})
    assert names(stage) == ["Readers 1", "Readers 3", "Readers 2"]
    client.post(there, {"ids": [str(two.id), "rubbish", str(new_id()), str(one.id), str(two.id)]})
    assert names(stage) == ["Readers 2", "Readers 1", "Readers 3"]


def test_seats_are_shown_taken_held_and_free(stage: Stage) -> None:
    cast.joins(stage, "Anna")
    page = said(desk(stage.owner).get(address("groups", stage.campaign.id)))
    assert "<b>1</b> taken · <b>0</b> held · <b>9</b> free" in page
    assert "80 %" not in page


def test_nearly_full_group_warns(stage: Stage) -> None:
    for nth in range(8):
        cast.joins(stage, f"Guest {nth}")
    page = said(desk(stage.owner).get(address("groups", stage.campaign.id)))
    assert "Over 80 % full, and it is the last of the pool." in page


def test_qr_code_is_uploaded_and_shown(wechat: Stage) -> None:
    client = desk(wechat.owner)
    answer = client.post(on("group_qr", wechat), {"qr": picture(cast.wechat_qr("readers-9"))})
    assert answer.status_code == 302
    wechat.group.refresh_from_db()
    assert wechat.group.qr_text == "https://weixin.qq.com/g/readers-9"
    shown = client.get(on("group_qr_picture", wechat))
    assert shown["Content-Type"].startswith("image/")
    assert shown.content[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0", b"RIFF")


def test_uploads_that_are_no_group_qr_are_refused_with_the_reason(wechat: Stage) -> None:
    client = desk(wechat.owner)
    before = wechat.group.qr_text
    for data, why in [
        (cast.picture_bytes(), "There is no QR code in this picture."),
        (b"%PDF-1.7 not a picture", "This is not a picture we can read."),
        (cast.wechat_qr("x")[:200], "damaged"),
        (b"\x00" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
        (qr_png(address_of(wechat.code)), "one of our own"),
    ]:
        answer = client.post(on("group_qr", wechat), {"qr": picture(data)})
        assert answer.status_code == 422
        assert why in said(answer), why
    wechat.group.refresh_from_db()
    assert wechat.group.qr_text == before


def test_upload_without_a_file_says_so(wechat: Stage) -> None:
    answer = desk(wechat.owner).post(on("group_qr", wechat))
    assert answer.status_code == 422
    assert "Choose the picture" in said(answer)


def test_qr_warns_a_day_before_it_expires_and_after(wechat: Stage, frozen: FrozenClock) -> None:
    client, there = desk(wechat.owner), address("groups", wechat.campaign.id)
    assert "expires in" not in said(client.get(there))
    frozen.advance(days=6, hours=2)
    assert "The QR code expires in 22 hours." in said(client.get(there))
    frozen.move_to(frozen.now + timedelta(days=1))
    assert "The QR code has expired" in said(client.get(there))


def test_count_of_members_tells_what_it_did(wechat: Stage) -> None:
    for name in ("Anna", "Ben"):
        cast.joins(wechat, name)
    client = desk(wechat.owner)
    page = said(client.post(on("count_group", wechat), {"members": "4"}, follow=True))
    assert "2 joins confirmed." in page
    assert "1 members came without a code" in page
    wechat.group.refresh_from_db()
    assert (wechat.group.taken_count, wechat.group.counted_members) == (3, 4)


@pytest.mark.parametrize("members", ["", "-1", "501", "lots"])
def test_impossible_count_is_refused(wechat: Stage, members: str) -> None:
    answer = desk(wechat.owner).post(on("count_group", wechat), {"members": members})
    assert answer.status_code == 422
    assert "is-invalid" in said(answer)
    wechat.group.refresh_from_db()
    assert wechat.group.counted_members is None


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_only_managers_touch_the_pool(wechat: Stage, role: Role) -> None:
    client = desk(mate(wechat, role))
    page = client.get(address("groups", wechat.campaign.id))
    assert page.status_code == 200
    assert "<form" not in said(page).split("</header>")[1].split("</main>")[0]
    assert client.post(address("add_group", wechat.campaign.id), NEW).status_code == 403
    assert client.post(address("order_groups", wechat.campaign.id)).status_code == 403
    for name in ("change_group", "group_state", "group_qr", "count_group"):
        assert client.post(on(name, wechat), {"state": "closed", "members": "3"}).status_code == 403


def test_outsider_and_foreign_group_are_not_found(wechat: Stage) -> None:
    client = desk(outsider())
    assert client.get(on("group_qr_picture", wechat)).status_code == 404
    assert client.post(on("group_state", wechat), {"state": "closed"}).status_code == 404
    other = cast.draft(owner=(wechat.workspace, wechat.owner))
    there = address("group_state", wechat.campaign.id, other.group.id)
    assert desk(wechat.owner).post(there, {"state": "closed"}).status_code == 404


def test_seats_that_nobody_can_be_sent_to_are_not_counted_free(stage: Stage) -> None:
    desk_of_owner = desk(stage.owner)
    where = address("groups", stage.campaign.id)
    before = FREE.findall(said(desk_of_owner.get(where)))
    assert len(before) == 1
    groups.add_group(
        campaign=stage.campaign, name="No QR", platform="wechat_group", capacity=200, operator=stage.owner
    )
    assert FREE.findall(said(desk_of_owner.get(where))) == before
