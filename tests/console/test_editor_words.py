"""The words, as an operator writes them."""

from __future__ import annotations

import pytest

from tenfold.accounts.models import Language
from tenfold.campaigns.models import Words
from tenfold.journal.models import Entry
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


def all_words(stage: Stage) -> dict[str, str]:
    return {f"{one.moment}.{one.language}": one.text for one in stage.campaign.words.all()}


def test_all_eight_moments_stand_side_by_side_in_two_languages(stage: Stage) -> None:
    page = said(desk(stage.owner).get(there(stage, "words")))
    for moment in Words.Moment.values:
        for language in Language.values:
            assert f'name="{moment}.{language}"' in page
    assert 'data-insert="reason"' in page
    assert "Welcome to Readers 1, " in page  # the preview, filled with the campaign's own


def test_words_are_saved_with_the_browsers_line_ends_made_plain(stage: Stage) -> None:
    typed = all_words(stage) | {"join.en": "Hello {nickname},\r\nwelcome!"}
    assert desk(stage.owner).post(there(stage, "words"), typed).status_code == 302
    assert all_words(stage)["join.en"] == "Hello {nickname},\nwelcome!"
    assert Entry.objects.filter(kind="words_changed").count() == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hello {stranger}", "There is no variable {stranger} for this moment."),
        ("Hello {}", "There is an empty variable {}"),
        ("Hello {nickname", "has no partner"),
        ("   ", "these words are empty"),
        ("x" * 1001, "At most 1,000 characters."),
        ("Because {reason}", "There is no variable {reason} for this moment."),
    ],
)
def test_words_with_a_fault_are_refused_in_their_place_and_nothing_is_kept(
    stage: Stage, text: str, why: str
) -> None:
    before = all_words(stage)
    typed = before | {"join.en": text, "task.en": "Do it, {nickname}."}
    answer = desk(stage.owner).post(there(stage, "words"), typed)
    assert answer.status_code == 422
    place = said(answer).split('name="join.en"')[1].split("</div>")[0]
    assert why in place
    assert "Do it, {nickname}." in said(answer)
    assert all_words(stage) == before


def test_words_of_a_live_campaign_can_be_changed(frozen: FrozenClock) -> None:
    stage = cast.live()
    typed = {"join.en": "Come in, {nickname}."}
    assert desk(stage.owner).post(there(stage, "words"), typed).status_code == 302
    assert all_words(stage)["join.en"] == "Come in, {nickname}."


def test_preview_fills_in_samples_or_says_what_is_wrong(stage: Stage) -> None:
    client = desk(stage.owner)
    typed = {"name": "reward.en", "reward.en": "{nickname} gets {reward} <b>"}
    assert "Mei gets A free book &lt;b&gt;" in said(client.post(there(stage, "words_preview"), typed))
    wrong = {"name": "reward.en", "reward.en": "{inviter}"}
    assert "There is no variable {inviter}" in said(client.post(there(stage, "words_preview"), wrong))
    assert all_words(stage)["reward.en"] != typed["reward.en"]


@pytest.mark.parametrize("name", ["", "join", "join.tlh", "party.en", "."])
def test_preview_of_no_moment_is_not_found(stage: Stage, name: str) -> None:
    assert desk(stage.owner).post(there(stage, "words_preview"), {"name": name}).status_code == 404
