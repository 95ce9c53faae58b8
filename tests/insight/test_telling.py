from __future__ import annotations

import re

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.insight.telling import QUIET, SENTENCES, news, story, told
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Credit
from tenfold.proofs.models import Proof
from tenfold.web.tags import icon
from tests import cast
from tests.insight.family import family

pytestmark = pytest.mark.django_db


def test_a_persons_story_is_told_in_order() -> None:
    them = family()
    assert [each.text for each in story(them.ann)] == [
        "Ann joined Readers 1",
        "Ann's poster was scanned for the first time",
        "Ben counts for Ann",
        "Cai counts for Ann",
        "Ann sent a screenshot",
        "Olga Owner looked at the screenshot of Ann",
        "Ann has done the task",
        "Ann earned the reward",
    ]


def test_a_refused_screenshot_says_why() -> None:
    them = family()
    [refused] = [each for each in story(them.cai) if each.kind == Fact.REJECTED]
    assert refused.because.startswith("The poster cannot be seen")


def test_a_lost_invite_says_why() -> None:
    them = family()
    lost = {each.kind: each.because for each in story(them.ben)}
    assert lost[Fact.CREDIT_VOID] == "they left too soon"


def test_news_come_newest_first_and_without_the_quiet_ones() -> None:
    them = family()
    kinds = [each.kind for each in news(them.stage.campaign)]
    assert kinds[:2] == [Fact.LEFT, Fact.CREDIT_VOID] or kinds[:2] == [Fact.CREDIT_VOID, Fact.LEFT]
    assert not set(kinds) & QUIET


def test_the_same_news_many_times_on_end_is_told_once() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Ann")
    for _ in range(4):
        flow.scanned(slug=stage.code.slug, visitor_id=None)
    assert [(each.kind, each.times) for each in news(stage.campaign)][:2] == [
        (Fact.LINE_JOINED, 4),
        (Fact.JOINED, 1),
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_sentence_can_be_said(language: str) -> None:
    blanks = {"who": "A", "newcomer": "B", "group": "G", "operator": "O"}
    with translation.override(language):
        for mark, _colour, sentence in SENTENCES.values():
            said = str(sentence) % blanks
            assert said
            assert not re.search(r"%|\(", said)
            assert "<svg" in icon(mark)


def test_telling_costs_the_same_for_one_and_for_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live()
    for number in range(3):
        cast.joins(stage, f"N{number}")
        with django_assert_num_queries(4):
            news(stage.campaign)


def test_an_operator_without_a_name_is_told_by_their_address() -> None:
    stage = cast.live()
    stage.owner.name = ""
    stage.owner.save()
    ann = cast.joins(stage, "Ann")
    cast.is_approved(cast.sends(ann), stage.owner)
    assert f"{stage.owner.email} looked at the screenshot of Ann" in [each.text for each in story(ann)]


# What is not told: it follows from something that is, or belongs to nobody's story.
UNTOLD = {
    Fact.WORKSPACE_MADE,
    Fact.OPERATOR_ADDED,
    Fact.OPERATOR_ROLE_CHANGED,
    Fact.OPERATOR_REMOVED,
    Fact.CAMPAIGN_CHANGED,
    Fact.WORDS_CHANGED,
    Fact.GROUP_CHANGED,
    Fact.SEAT_HELD,
    Fact.HOLD_ENDED,
    Fact.SEAT_TAKEN,
    Fact.SEAT_FREED,
    Fact.LINE_LEFT,
    Fact.CODE_MADE,
    Fact.BOT_SCANNED,
    Fact.PROFILE_CHANGED,
    Fact.CREDIT_PENDING,
    Fact.UNAPPROVED,
    Fact.REWARD_CHANGED,
    Fact.REWARD_RETIRED,
    Fact.REWARD_RESTORED,
    Fact.FILE_SET,
    Fact.MONEY_MOVED,
    Fact.POINTS_MOVED,
    Fact.SAID,
    Fact.TASK_OPENED,
    Fact.TASK_CLOSED,
    Fact.HOOK_SOURCE_MADE,
    Fact.HOOK_SOURCE_CHANGED,
    Fact.HOOK_HEARD,
    Fact.DESIGN_MADE,
    Fact.DESIGN_SAVED,
    Fact.VARIANT_CHOSEN,
    Fact.RENDERS_BEGUN,
    Fact.RENDERS_ENDED,
    Fact.EDITION_MADE,
    Fact.EDITION_CHANGED,
    Fact.KEEPSAKE_SHOWN,
    Fact.KEEPSAKE_FORGOTTEN,
    Fact.SECOND_LOOK_ASKED,
    Fact.PICTURE_SEEN,
    Fact.PICTURE_ERASED,
}


def entry(kind: Fact, **data: object) -> Entry:
    return Entry(kind=kind, workspace_id=new_id(), data=data)


def test_for_every_fact_it_is_decided_whether_it_is_told() -> None:
    assert set(SENTENCES) | UNTOLD == set(Fact)
    assert not set(SENTENCES) & UNTOLD
    assert set(SENTENCES) > QUIET


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_every_sentence_is_said_in_the_readers_own_language(kind: Fact) -> None:
    with translation.override("en"):
        [english] = told([entry(kind)])
    with translation.override("zh-hans"):
        [chinese] = told([entry(kind)])
    assert english.text.isascii()
    assert re.search(r"[\u4e00-\u9fff]", chinese.text)
    assert not re.search(r"[A-Za-z]", chinese.text)


def test_the_machine_is_named_where_it_decided_and_people_where_they_did() -> None:
    by_machine, by_person = (
        entry(Fact.PROOF_JUDGED, by=by, verdict="approved") for by in ("machine", "person")
    )
    assert [each.text for each in told([by_machine, by_person])] == [
        "The machine decided about the screenshot of Someone",
        "Someone looked at the screenshot of Someone",
    ]


def test_why_people_took_over_and_reasons_by_their_former_names_are_told() -> None:
    fallen = entry(Fact.REVIEW_FELL_BACK, disagreed=2, sampled=20, bound_percent=5)
    former = entry(Fact.REJECTED, reason="not_public")
    assert [each.because for each in told([fallen, former])] == [
        "2 of 20 that were looked at again",
        str(Proof.Reason.RESTRICTED_AUDIENCE.label),
    ]


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_a_fact_outlives_whom_it_speaks_of(kind: Fact) -> None:
    """People are erased, groups deleted: the fact stays, and names nobody."""
    gone = Entry(
        kind=kind,
        workspace_id=new_id(),
        journey_id=new_id(),
        group_id=new_id(),
        operator_id=new_id(),
        data={"newcomer": str(new_id()), "reason": "rubbish", "verdict": 7},
    )
    [said] = told([gone])
    assert said.text
    assert said.because == ""


@pytest.mark.parametrize("rubbish", ["", "x", None, 5, [], {"a": 1}])
def test_data_that_makes_no_sense_is_told_without_it(rubbish: object) -> None:
    [void] = told([entry(Fact.CREDIT_VOID, newcomer=rubbish, reason=rubbish)])
    assert void.text == "Someone does not count for Someone"
    assert void.because == ""


@pytest.mark.parametrize("reason", [each for each in Proof.Reason if each])
def test_every_reason_against_a_screenshot_is_told(reason: Proof.Reason) -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            [said] = told([entry(Fact.REJECTED, reason=reason.value)])
            assert said.because == str(reason.label)


@pytest.mark.parametrize("reason", [each for each in Credit.Reason if each])
def test_every_reason_against_a_credit_is_told(reason: Credit.Reason) -> None:
    [said] = told([entry(Fact.CREDIT_VOID, reason=reason.value)])
    assert said.because == str(reason.label)
    assert said.because


@pytest.mark.parametrize("name", ["100%", "%(who)s", "{newcomer}", "%s %d", "<b>", "\\"])
def test_a_name_that_looks_like_a_blank_stays_a_name(name: str) -> None:
    stage = cast.live()
    ann = cast.joins(stage, name)
    cast.joins(stage, "Ben", by=ann.code)
    assert [each.text for each in story(ann)] == [
        f"{name} joined Readers 1",
        f"{name}'s poster was scanned for the first time",
        f"Ben counts for {name}",
    ]


def test_of_thousands_of_newcomers_only_the_latest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.insight.telling.TOLD_NEWCOMERS", 2)
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    for number in range(4):
        cast.joins(stage, f"N{number}", by=ann.code)
    texts = [each.text for each in story(ann)]
    assert texts[0] == "Ann joined Readers 1"
    assert texts[-2:] == ["N2 counts for Ann", "N3 counts for Ann"]
    assert len(texts) == 4


def test_news_are_as_many_as_asked_for() -> None:
    stage = cast.live(capacity=20)
    for number in range(8):
        cast.joins(stage, f"N{number}")
    assert [each.text for each in news(stage.campaign, limit=3)] == [
        "N7 joined Readers 1",
        "N6 joined Readers 1",
        "N5 joined Readers 1",
    ]


def test_a_story_costs_the_same_however_long_it_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    for number in range(3):
        cast.joins(stage, f"N{number}", by=ann.code)
        with django_assert_num_queries(4):
            assert len(story(ann)) == number + 3
