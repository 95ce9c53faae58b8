"""The reward and its stock, as an operator sets them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tenfold.rewards.models import Reward, StockCode
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, said
from tests.console.reading import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(frozen: FrozenClock) -> Stage:
    return cast.draft(reward_kind="codes")


def there(stage: Stage, tab: str, *more: object) -> str:
    return address(tab, stage.campaign.id, *more)


def csv(data: bytes) -> dict[str, SimpleUploadedFile]:
    return {"codes": SimpleUploadedFile("codes.csv", data, "text/csv")}


REWARD = {"kind": "codes", "name": "A reading pass", "text": "Enter it in the app."}


def test_reward_is_saved(stage: Stage) -> None:
    assert desk(stage.owner).post(there(stage, "reward"), REWARD).status_code == 302
    reward = Reward.objects.get()
    assert (reward.name, reward.stock_count) == ("A reading pass", 5)


def test_first_reward_is_made_by_the_form(stage: Stage) -> None:
    Reward.objects.all().delete()
    client = desk(stage.owner)
    assert client.get(there(stage, "reward")).status_code == 200
    typed = {"kind": "link", "name": "Book", "text": "https://example.com/b", "stock_count": "100"}
    assert client.post(there(stage, "reward"), typed).status_code == 302
    assert Reward.objects.get().stock_count == 100


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "This field is required."),
        ({"kind": "text", "text": ""}, "Say what they get"),
        ({"kind": "link", "text": "javascript:alert(1)"}, "This is not a web address."),
        ({"kind": "text", "stock_count": "-1"}, "greater than or equal to 0"),
        ({"kind": "gold"}, "Select a valid choice."),
    ],
)
def test_reward_that_cannot_be_says_why_beside_the_field(
    stage: Stage, wrong: dict[str, str], why: str
) -> None:
    answer = desk(stage.owner).post(there(stage, "reward"), REWARD | wrong)
    assert answer.status_code == 422
    assert why in said(answer)
    assert "is-invalid" in said(answer)
    assert Reward.objects.get().name == "A free book"


def test_uploaded_codes_are_added_and_repeats_are_told(stage: Stage) -> None:
    client = desk(stage.owner)
    data = "code\nBOOK-0001\nNEW-1\nNEW-2\nNEW-1\n".encode("gb18030")
    page = said(client.post(there(stage, "restock"), csv(data), follow=True))
    assert "Added 2 codes, 2 repeated." in page
    again = said(client.post(there(stage, "restock"), csv(data), follow=True))
    assert "Added 0 codes, 4 repeated." in again
    assert StockCode.objects.count() == 7


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "There is no code in this file."),
        (b"\xff\xfe\x00A\x00B", "not a text file in UTF-8 or GB18030"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"OK-1\n" + b"y" * 201, "Code 2 is too long"),
    ],
)
def test_bad_file_of_codes_is_refused_whole(stage: Stage, data: bytes, why: str) -> None:
    answer = desk(stage.owner).post(there(stage, "restock"), csv(data))
    assert answer.status_code == 422
    assert why in said(answer)
    assert StockCode.objects.count() == 5


def test_restocking_needs_a_reward_and_a_file(stage: Stage) -> None:
    client = desk(stage.owner)
    assert "Choose a CSV file first" in said(client.post(there(stage, "restock")))
    StockCode.objects.all().delete()
    Reward.objects.all().delete()
    assert "Name the reward and save it first." in said(client.post(there(stage, "restock"), csv(b"A")))


def test_a_kind_without_codes_begins_without_a_limit() -> None:
    stage = cast.draft()
    client = desk(stage.owner)
    there = address("reward", stage.campaign.id)
    client.post(there, {"kind": "codes", "name": "Book"})
    page = Page(said(client.get(there)))
    [typed] = [tag for tag in page.tags if tag.attributes.get("name") == "stock_count"]
    assert not typed.attributes.get("value")
