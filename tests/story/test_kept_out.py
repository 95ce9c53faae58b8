"""Whom an operator has removed does not come back by scanning again, until an operator allows it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from tenfold import flow
from tenfold.base import visitor
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Words
from tenfold.codes.models import LiveCode, Scan
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.journal.models import Entry
from tenfold.mailroom.models import Message
from tenfold.people.models import Credit, Journey
from tests import cast
from tests.conftest import FrozenClock
from tests.story.test_scans_moved import copied_database

pytestmark = pytest.mark.django_db
__all__ = ["copied_database"]


def scans(journey: Journey, code: LiveCode) -> flow.Shown:
    return flow.scanned(slug=code.slug, visitor_id=journey.person.visitor_id)


def comes_back(journey: Journey, code: LiveCode) -> Journey:
    shown = scans(journey, code)
    assert shown.group, shown.outcome
    return flow.joined(
        group=shown.group, visitor_id=shown.visitor_id, nickname="Mia", has_consented=True, language="en"
    )


def seats(stage: cast.Stage) -> tuple[int, int, int]:
    group = Group.objects.get(pk=stage.group.pk)
    return group.held_count, group.taken_count, Seat.objects.exclude(state="released").count()


def test_who_was_removed_by_an_operator_is_shown_no_seat_and_brings_no_credit() -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    mia = cast.joins(stage, "Mia", by=ann.code)
    flow.removed(journey=mia, operator=stage.owner)
    for code in (ann.code, stage.code, ann.code):
        shown = scans(mia, code)
        assert (shown.outcome, shown.group_id, shown.seat) == ("kept_out", None, None)
    assert seats(stage) == (0, 1, 1)
    assert not Waiting.objects.exists()
    ann.refresh_from_db()
    assert (ann.valid_count, Credit.objects.get(inviter=ann).state) == (0, "void")
    with pytest.raises(Refusal) as refused:
        flow.joined(
            group=stage.group,
            visitor_id=mia.person.visitor_id,
            nickname="Mia",
            has_consented=True,
            language="en",
        )
    assert (refused.value.code, refused.value.status) == ("kept_out", 403)
    assert seats(stage) == (0, 1, 1)
    assert Scan.objects.filter(outcome="kept_out", is_hold=False, group_id=None).count() == 3
    assert differences() == []


def test_who_left_or_was_removed_by_a_rule_comes_back_as_before(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    flow.left(journey=mia)
    flow.removed(journey=ben)  # as `stalled` does
    for journey in (mia, ben):
        assert comes_back(journey, stage.code).is_member


def test_an_operator_who_tidies_up_keeps_nobody_out() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.removed(journey=mia, operator=stage.owner, may_return=True)
    assert comes_back(mia, stage.code).is_member


def test_allowing_is_a_fact_and_can_be_done_and_undone_twice() -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    mia = cast.joins(stage, "Mia", by=ann.code)
    for _ in range(2):
        flow.removed(journey=mia, operator=stage.owner)
    for _ in range(2):
        flow.let_back(journey=mia, operator=stage.owner)
    facts = Entry.objects.filter(kind__in=["kept_out", "let_back"], journey_id=mia.id).order_by("id")
    assert list(facts.values_list("kind", "operator_id")) == [
        ("kept_out", stage.owner.id),
        ("let_back", stage.owner.id),
    ]
    assert differences() == []
    assert comes_back(mia, ann.code).is_member
    ann.refresh_from_db()
    assert ann.valid_count == 1
    flow.kept_out(journey=Journey.objects.get(pk=mia.pk), operator=stage.owner)
    assert Journey.objects.get(pk=mia.pk).kept_out_at is None, "who is in has to be removed first"
    told = [each.text for each in story(mia)]
    assert "Olga Owner does not let Mia come back" in told
    assert "Olga Owner allowed Mia to come back" in told
    assert differences() == []


def test_a_seat_and_a_place_in_the_line_that_they_had_meanwhile_are_for_others() -> None:
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    assert scans(mia, stage.code).seat
    flow.kept_out(journey=mia, operator=stage.owner)
    assert seats(stage) == (0, 0, 0)
    flow.let_back(journey=mia, operator=stage.owner)
    ben = cast.joins(stage, "Ben")
    assert scans(mia, stage.code).outcome == "waiting"
    flow.kept_out(journey=mia, operator=stage.owner)
    flow.left(journey=ben)
    assert flow.line_called(campaign=stage.campaign) == 0
    assert (seats(stage), Waiting.objects.get().state) == ((0, 0, 0), "missed")
    assert differences() == []


def test_the_end_and_another_campaign_have_nothing_to_do_with_it() -> None:
    stage = cast.live()
    other = cast.live(owner=(stage.workspace, stage.owner))
    mia = cast.joins(stage, "Mia")
    flow.removed(journey=mia, operator=stage.owner)
    assert scans(mia, other.code).outcome == "group"
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    assert scans(mia, stage.code).outcome == "ended"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The organisers have removed you"), ("zh-hans", "主办方已将你移出")],
)
def test_their_own_pages_tell_them_politely_in_their_language(language: str, said: str) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.removed(journey=mia, operator=stage.owner)
    mia.person.language = language
    mia.person.save()
    phone = Client(headers={"Accept-Language": language})
    phone.cookies[visitor.COOKIE] = visitor.write(mia.person.visitor_id)
    for page in (f"/me/{stage.campaign.id}/", f"/g/{stage.group.id}/"):
        with translation.override(language):
            assert said in phone.get(page).content.decode(), page


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Mia has been removed from"), ("zh-hans", "Mia 已被移出")]
)
def test_who_may_not_return_is_not_told_that_they_are_welcome_back(language: str, said: str) -> None:
    stage = cast.live()
    words, _new = Words.objects.update_or_create(
        campaign=stage.campaign,
        moment=Words.Moment.REMOVE,
        language=language,
        defaults={"workspace": stage.workspace, "text": "You are welcome back: scan the code"},
    )
    told = []
    for wishes in ({"operator": stage.owner}, {"operator": stage.owner, "may_return": True}, {}):
        mia = cast.joins(stage, "Mia")
        mia.person.language = language
        mia.person.save()
        flow.removed(journey=mia, **wishes)
        told.append(Message.objects.get(journey_id=mia.id, moment="remove").text)
    assert told[0].startswith(said)
    assert told[1:] == [words.text] * 2


def test_who_is_kept_out_while_they_wait_in_line_is_told_so() -> None:
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    flow.left(journey=mia)
    cast.joins(stage, "Ben")
    assert scans(mia, stage.code).outcome == "waiting"
    flow.kept_out(journey=mia, operator=stage.owner)
    phone = Client()
    phone.cookies[visitor.COOKIE] = visitor.write(mia.person.visitor_id)
    for page in (f"/line/{stage.campaign.id}/", f"/g/{stage.group.id}/"):
        with translation.override("en"):
            told = phone.get(page).content.decode()
        assert "The organisers have removed you" in told
        assert "You are not in the group any more" in told
        assert "Scan the code on the poster again" not in told
        assert "You have left" not in told


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("copied_database")
def test_of_before_nobody_is_kept_out() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.removed(journey=mia)
    call_command("migrate", "tenfold", "0014", verbosity=0)
    call_command("migrate", verbosity=0)
    assert differences() == []
    assert comes_back(mia, stage.code).is_member
