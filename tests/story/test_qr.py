"""The QR picture of a WeChat group, read on upload so that a wrong one is never shown."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.conf import LazySettings
from PIL import Image

from tenfold import flow
from tenfold.base.refusal import Refusal
from tenfold.codes.queries import address_of, is_own_code
from tenfold.groups import actions as groups
from tenfold.groups.models import Group
from tenfold.imaging.qr import qr_image, qr_png
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> cast.Stage:
    return cast.live(platform="wechat_group", capacity=200)


def upload(stage: cast.Stage, data: bytes, group: Group | None = None) -> Group:
    return flow.qr_uploaded(group=group or stage.group, data=data, operator=stage.owner)


def refused_as(stage: cast.Stage, data: bytes) -> str:
    before = Group.objects.get(pk=stage.group.pk).qr_text
    with pytest.raises(Refusal) as refused:
        upload(stage, data)
    assert refused.value.status == 400
    assert str(refused.value)
    assert Group.objects.get(pk=stage.group.pk).qr_text == before
    return refused.value.code


def side_by_side(*texts: str) -> bytes:
    codes = [qr_image(text) for text in texts]
    sheet = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 255)
    left = 0
    for code in codes:
        sheet.paste(code, (left, 0))
        left += code.width
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def test_a_group_s_code_is_kept_for_seven_days(stage: cast.Stage, frozen: FrozenClock) -> None:
    group = upload(stage, cast.wechat_qr("readers-2"))
    assert (group.qr_text, group.qr_expires_at) == (
        "https://weixin.qq.com/g/readers-2",
        frozen.now + timedelta(days=7),
    )
    assert group.qr_picture is not None
    assert upload(stage, cast.wechat_qr("readers-2")).qr_expires_at == frozen.now + timedelta(days=7)


def test_pictures_that_hold_no_single_code_are_refused(stage: cast.Stage) -> None:
    good = cast.wechat_qr("x")
    cases = {
        cast.picture_bytes(): "no_qr",
        side_by_side("https://weixin.qq.com/g/a", "https://weixin.qq.com/g/b"): "many_qr",
        b"": "not_a_picture",
        b"\x00" * 100: "not_a_picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>": "not_a_picture",
        b"GIF89a" + b"\xff" * 50: "not_a_picture",
        good[: len(good) // 2]: "truncated",
        good + b"\x00" * (8 * 1024 * 1024): "too_large",
    }
    assert {refused_as(stage, data) for data in cases} == set(cases.values())
    for data, code in cases.items():
        assert refused_as(stage, data) == code


def test_the_same_code_twice_in_one_picture_is_one(stage: cast.Stage) -> None:
    text = "https://weixin.qq.com/g/a"
    assert upload(stage, side_by_side(text, text)).qr_text == text


def test_one_of_our_own_codes_in_any_form_is_refused(stage: cast.Stage, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://ten.example"
    slug = stage.code.slug
    own = [
        address_of(stage.code),
        f"https://ten.example/c/{slug}",
        f"https://ten.example/c/{slug.lower()}/",
        f"HTTPS://TEN.EXAMPLE/C/{slug}?FROM=WALL",
        f"https://ten.example/c/{slug}/?next=/c/other",
        f"https://ten.example/c/{slug}#top",
        "https://ten.example/c/NOSUCH00",
        "https://ten.example/me/123/",
        "https://ten.example",
        f"http://192.168.1.7:8000/c/{slug}",
        f"192.168.1.7/C/{slug}",
    ]
    assert [text for text in own if not is_own_code(text)] == []
    assert refused_as(stage, qr_png(own[0])) == refused_as(stage, qr_png(own[3])) == "own_code"


def test_other_people_s_addresses_are_not_ours(stage: cast.Stage, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://ten.example"
    others = [
        "https://weixin.qq.com/g/AwYAAP",
        "https://u.wechat.com/c/MFgAbCdEfG",
        "https://ten.example.org/c/NOSUCH00",
        f"https://weixin.qq.com/g/{stage.code.slug}",
        "NOSUCH00",
        "",
    ]
    assert [text for text in others if is_own_code(text)] == []


def test_a_code_of_another_group_of_the_campaign_is_refused_and_of_another_campaign_is_not(
    stage: cast.Stage,
) -> None:
    second = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform="wechat_group", capacity=100, operator=stage.owner
    )
    with pytest.raises(Refusal) as refused:
        upload(stage, cast.wechat_qr("readers-1"), second)
    assert refused.value.code == "qr_taken"
    other = cast.draft(owner=(stage.workspace, stage.owner), platform="wechat_group")
    assert other.group.qr_text == "https://weixin.qq.com/g/readers-1"


def test_a_very_long_code_is_found_again_as_the_same(stage: cast.Stage) -> None:
    long = "https://weixin.qq.com/g/" + "a" * 600
    second = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform="wechat_group", capacity=100, operator=stage.owner
    )
    upload(stage, qr_png(long))
    with pytest.raises(Refusal) as refused:
        upload(stage, qr_png(long), second)
    assert refused.value.code == "qr_taken"
