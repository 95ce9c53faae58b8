"""The stock of a reward: codes from a file, taken back if it was the wrong one; and the file that winners download."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tenfold.rewards.actions import add_reward
from tenfold.rewards.models import Reward, RewardFile, StockCode
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, said
from tests.console.doors_rewards import csv, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return cast.live(reward_kind="codes", stock=2)


def there(stage: Stage, name: str, *more: object) -> str:
    return address(name, stage.campaign.id, *more)


def test_uploaded_codes_are_added_and_repeats_are_told(stage: Stage) -> None:
    client, page = desk(stage.owner), there(stage, "restock", stage.reward.id)
    data = "code\nBOOK-0001\nNEW-1\nNEW-2\nNEW-1\n".encode("gb18030")
    assert "Added 2 codes, 2 repeated." in said(client.post(page, {"codes": csv(data)}, follow=True))
    assert "Added 0 codes, 4 repeated." in said(client.post(page, {"codes": csv(data)}, follow=True))
    assert StockCode.objects.count() == 4


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "There is no code in this file."),
        (b"\xff\xfe\x00A\x00B", "not a text file in UTF-8 or GB18030"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"OK-1\n" + b"y" * 201, "Code 2 is too long"),
    ],
)
def test_a_bad_file_of_codes_is_refused_whole(stage: Stage, data: bytes, why: str) -> None:
    answer = desk(stage.owner).post(there(stage, "restock", stage.reward.id), {"codes": csv(data)})
    assert answer.status_code == 422
    assert why in said(answer)
    assert StockCode.objects.count() == 2


def test_no_file_is_asked_for(stage: Stage) -> None:
    answer = desk(stage.owner).post(there(stage, "restock", stage.reward.id))
    assert "Choose a CSV file first" in said(answer)


def test_a_wrong_upload_is_taken_back_but_for_what_somebody_has(stage: Stage) -> None:
    client = desk(stage.owner)
    for name in ("Ann", "Ben"):
        cast.is_approved(cast.sends(cast.joins(stage, name)), stage.owner)
    waiting = cast.joins(stage, "Cai")
    client.post(there(stage, "restock", stage.reward.id), {"codes": csv(b"WRONG-1\nWRONG-2\nWRONG-3\n")})
    cast.is_approved(cast.sends(waiting), stage.owner)
    upload = StockCode.objects.get(code="WRONG-1").batch_id
    page = said(client.get(there(stage, "one_reward", stage.reward.id)))
    assert "Take back 2" in page
    undo = there(stage, "take_back_stock", stage.reward.id, upload)
    assert "2 codes have left the stock." in said(client.post(undo, follow=True))
    assert "0 codes have left the stock." in said(client.post(undo, follow=True))
    assert StockCode.objects.get(code="WRONG-1").grant is not None
    reward = Reward.objects.get()
    assert (reward.stock_count, reward.left_count) == (3, 0)


def test_an_upload_is_known_again_by_the_beginning_of_a_code(stage: Stage) -> None:
    client, page = desk(stage.owner), there(stage, "restock", stage.reward.id)
    for codes in (b"TEA-0001\nTEA-0002\n", b"Bob\n"):
        client.post(page, {"codes": csv(codes)})
    shown = said(client.get(there(stage, "one_reward", stage.reward.id)))
    assert "such as TEA-…" in shown
    assert "such as B…" in shown
    assert "TEA-0" not in shown


def test_an_upload_offers_its_undo_at_once(stage: Stage) -> None:
    page = there(stage, "restock", stage.reward.id)
    told = said(desk(stage.owner).post(page, {"codes": csv(b"NEW-1\n")}, follow=True))
    upload = StockCode.objects.get(code="NEW-1").batch_id
    assert there(stage, "take_back_stock", stage.reward.id, upload) in told


def test_a_file_is_uploaded_and_taken_home_as_an_attachment(stage: Stage) -> None:
    book = add_reward(campaign=stage.campaign, kind="file", name="Ten books", operator=stage.owner)
    client, page = desk(stage.owner), there(stage, "reward_file", book.id)
    assert "There is no file yet" in said(client.get(there(stage, "one_reward", book.id)))
    assert client.get(page).status_code == 404
    assert client.post(page, {"file": pdf()}).status_code == 302
    answer = client.get(page)
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<script>alert(1)</script>", "Give a PDF, PNG"),
        (b"MZ\x90\x00 a program", "Give a PDF, PNG"),
        (b"%PDF-" + b"x" * 5 * 1024 * 1024, "at most 5 MB"),
    ],
)
def test_a_file_that_phones_should_not_open_is_refused(stage: Stage, data: bytes, why: str) -> None:
    book = add_reward(campaign=stage.campaign, kind="file", name="Ten books", operator=stage.owner)
    sent = SimpleUploadedFile("ten.pdf", data, "application/pdf")
    answer = desk(stage.owner).post(there(stage, "reward_file", book.id), {"file": sent})
    assert answer.status_code == 422
    assert why in said(answer)
    assert not RewardFile.objects.exists()
