"""Channels and their codes, as an operator makes them."""

from __future__ import annotations

import pytest

from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.imaging.qr import read_codes
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return cast.draft(reward_kind="codes")


def there(stage: Stage, tab: str, *more: object) -> str:
    return address(tab, stage.campaign.id, *more)


def test_channel_code_is_made_once_however_often_the_form_is_sent(stage: Stage) -> None:
    client = desk(stage.owner)
    typed = {"name": "Old Wang", "kind": "kol"}
    assert client.post(there(stage, "codes"), typed).status_code == 302
    again = client.post(there(stage, "codes"), typed)
    assert again.status_code == 422
    assert "There is a channel of this name already." in said(again)
    assert LiveCode.objects.filter(campaign=stage.campaign).count() == 2


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "n" * 61}, {"kind": "oracle"}])
def test_channel_that_cannot_be_says_why(stage: Stage, wrong: dict[str, str]) -> None:
    answer = desk(stage.owner).post(there(stage, "codes"), {"name": "Old Wang", "kind": "kol"} | wrong)
    assert answer.status_code == 422
    assert "is-invalid" in said(answer)


def test_codes_are_listed_with_scans_and_joins(frozen: FrozenClock) -> None:
    stage = cast.live()
    anna = cast.joins(stage, "Anna")
    cast.joins(stage, "Ben", by=anna.code)
    page = said(desk(stage.owner).get(there(stage, "codes")))
    assert address_of(stage.code) in page
    assert "<dd>1</dd><dt>scans</dt>" in page
    assert "<dd>1</dd><dt>joins</dt>" in page
    assert anna.code.slug not in page


def test_qr_and_poster_of_a_channel_carry_its_address(stage: Stage) -> None:
    client = desk(stage.owner)
    for name in ("code_qr", "code_poster"):
        answer = client.get(there(stage, name, stage.code.id))
        assert [found.text for found in read_codes(answer.content)] == [address_of(stage.code)]
    file = client.get(f"{there(stage, 'code_qr', stage.code.id)}?download")
    assert file["Content-Disposition"] == f'attachment; filename="code-{stage.code.slug}.png"'


def test_code_of_another_campaign_is_not_found(stage: Stage) -> None:
    other = cast.draft(owner=(stage.workspace, stage.owner))
    client = desk(stage.owner)
    assert client.get(there(stage, "code_qr", other.code.id)).status_code == 404
    assert client.get(there(stage, "code_poster", other.code.id)).status_code == 404
