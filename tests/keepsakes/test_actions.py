"""Issued once, revoked with a reason, forgotten without a hole, and checked in by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes import rules
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.queries import Counted, editions_of, entitled, keepsake_by_number, without
from tenfold.people.models import Journey, Person
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.journal.acts import facts_of
from tests.keepsakes.box import edition, refuses, ticket

pytestmark = pytest.mark.django_db
Who = rules.Who


@pytest.fixture
def stage() -> Stage:
    return cast.live(capacity=20)


def refused(number: str, campaign: Campaign, stage: Stage) -> str:
    with pytest.raises(Refusal) as caught:
        keepsakes.check_in(number=number, campaign=campaign, operator=stage.owner, gate="", key=new_id())
    return caught.value.code


def enters(number: str, stage: Stage, **more: object) -> Keepsake:
    told = {"gate": "North", "key": new_id(), **more}
    return keepsakes.check_in(number=number, campaign=stage.campaign, operator=stage.owner, **told)  # type: ignore[arg-type]


def test_an_edition_is_made_once_and_its_name_stays_once_one_was_issued(stage: Stage) -> None:
    row_id = new_id()
    made = [edition(stage, row_id=row_id) for _ in range(2)]
    assert (made[0], Edition.objects.count()) == (made[1], 1)
    dates = {"valid_from": None, "valid_until": None}
    keepsakes.change_edition(edition=made[0], name=" Reader\x00  of the year ", operator=stage.owner, **dates)
    assert Edition.objects.get().name == "Reader of the year"
    keepsakes.issue(edition=made[0], journeys=[cast.joins(stage, "Mia")], operator=stage.owner)
    with refuses("name_fixed"):
        keepsakes.change_edition(edition=made[0], name="Other", operator=stage.owner, **dates)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "medal"}, "bad_edition"),
        ({"kind": "poster"}, "bad_edition"),
        ({"name": "\x00 "}, "bad_edition"),
        ({"name": "x" * 81}, "bad_edition"),
        ({"hours": (2, 1)}, "bad_dates"),
        ({"hours": (1, 1)}, "bad_dates"),
    ],
)
def test_what_no_edition_can_be_is_refused(stage: Stage, wrong: dict[str, object], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        edition(stage, **wrong)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert not Edition.objects.exists()


def test_nobody_gets_two_of_the_same(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    made = edition(stage)
    first = keepsakes.issue_one(edition=made, journey=mia, operator=stage.owner, name="Mia Miller")
    again = keepsakes.issue_one(edition=made, journey=mia, operator=stage.owner, name="Another")
    assert (again.pk, again.name) == (first.pk, "Mia Miller")
    assert [one.name for one in keepsakes.issue(edition=made, journeys=[mia, ben], operator=stage.owner)] == [
        "Ben"
    ]
    assert keepsakes.issue(edition=made, journeys=[mia, ben], operator=stage.owner) == []
    issued = Entry.objects.filter(kind="keepsake_issued").order_by("id")
    assert [(entry.journey_id, entry.operator_id) for entry in issued] == [
        (mia.pk, stage.owner.pk),
        (ben.pk, stage.owner.pk),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Keepsake.objects.create(
            edition=made, campaign=stage.campaign, workspace=stage.workspace, journey=mia, name="Twin"
        )


def test_a_revoked_one_is_not_issued_anew(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    one = ticket(stage, mia)
    keepsakes.revoke(keepsake=one, reason="Paid back", operator=stage.owner)
    assert keepsakes.issue(edition=one.edition, journeys=[mia], operator=stage.owner) == []


def test_who_is_entitled(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    gone = cast.joins(stage, "Gone", by=mia.code)
    cast.is_approved(cast.sends(ben), stage.owner)
    Journey.objects.filter(pk=gone.pk).update(state="removed", approved_at=gone.created_at)
    left = cast.joins(stage, "Left")
    cast.is_approved(cast.sends(left), stage.owner)
    Journey.objects.filter(pk=left.pk).update(state="left")

    def names(who: str, at_least: int = 1) -> set[str]:
        return {one.person.nickname for one in entitled(stage.campaign.id, who, at_least)}

    assert names(Who.FINISHED) == names(Who.REWARDED) == {"Ben", "Left"}
    assert names(Who.MEMBERS) == {"Mia", "Ben"}
    assert (names(Who.INVITERS, 1), names(Who.INVITERS, 9)) == ({"Mia"}, set())
    assert names("everybody") == set()


def test_all_who_have_finished_and_then_only_those_who_came_since(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(keepsakes, "A_BATCH", 2)
    made = edition(stage)

    def owed() -> list[object]:
        return list(without(made, entitled(stage.campaign.id, Who.MEMBERS)).values_list("pk", flat=True))

    def give() -> int:
        return keepsakes.issue_to_all(edition=made, journeys=owed(), operator=stage.owner)  # type: ignore[arg-type]

    for name in ("Mia", "Ben", "Cai"):
        cast.joins(stage, name)
    assert (give(), give()) == (3, 0)
    late = cast.joins(stage, "Late")
    assert owed() == [late.pk]
    assert (give(), Keepsake.objects.count()) == (1, 4)
    with django_assert_num_queries(1):
        [counted] = editions_of(stage.campaign)
    assert counted == Counted(made, issued=4, revoked=0, checked_in=0)


def test_a_person_of_another_campaign_gets_none(stage: Stage) -> None:
    other = cast.joins(cast.live(owner=(stage.workspace, stage.owner)), "Otto")
    with refuses("not_found"):
        keepsakes.issue(edition=edition(stage), journeys=[other], operator=stage.owner)
    assert not Keepsake.objects.exists()


def test_revoked_with_a_reason_and_restored(stage: Stage) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    for empty in ("", "  \u200b\x00", "x" * 201):
        with refuses("reason_needed"):
            keepsakes.revoke(keepsake=one, reason=empty, operator=stage.owner)
    told = facts_of(lambda: keepsakes.revoke(keepsake=one, reason="Paid\nback", operator=stage.owner))
    assert told == ["keepsake_revoked"]
    assert facts_of(lambda: keepsakes.revoke(keepsake=one, reason="Other", operator=stage.owner)) == []
    assert one.revoke_reason == "Paid back"
    assert refused(one.number, stage.campaign, stage) == "revoked"
    assert facts_of(lambda: keepsakes.restore(keepsake=one, operator=stage.owner)) == ["keepsake_restored"]
    assert facts_of(lambda: keepsakes.restore(keepsake=one, operator=stage.owner)) == []
    assert enters(one.number, stage).gate == "North"


def test_what_was_issued_at_one_go_is_taken_back_but_no_used_or_older_one(
    stage: Stage, frozen: FrozenClock
) -> None:
    made = edition(stage, kind="ticket")
    old = ticket(stage, cast.joins(stage, "Old"), of=made)
    frozen.advance(minutes=1)
    mia, ben = (cast.joins(stage, name) for name in ("Mia", "Ben"))
    keepsakes.issue_to_all(edition=made, journeys=[mia.pk, ben.pk], operator=stage.owner)
    hers, his = Keepsake.objects.get(journey=mia), Keepsake.objects.get(journey=ben)
    enters(his.number, stage)
    now = clock.now()

    def undo(**other: object) -> int:
        between = {"edition": made, "since": now, "until": now, "operator": stage.owner, **other}
        return keepsakes.take_back(reason="Issued by mistake", **between)  # type: ignore[arg-type]

    mate = cast.team_mate(stage.workspace, stage.owner, Role.MANAGER)
    assert [undo(operator=mate), undo(edition=edition(stage))] == [0, 0]
    counts: list[int] = []
    assert facts_of(lambda: counts.append(undo())) == ["keepsake_revoked"]
    assert (counts, undo()) == ([1], 0)
    for one in (old, hers, his):
        one.refresh_from_db()
    assert [bool(one.revoked_at) for one in (old, hers, his)] == [False, True, False]
    assert (hers.revoke_reason, hers.revoked_by) == ("Issued by mistake", stage.owner)
    assert differences() == []


def test_its_owner_chooses_how_much_of_the_name_is_read(stage: Stage) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    assert one.shown == "first"
    assert facts_of(lambda: keepsakes.show_name(keepsake=one, shown="full")) == ["keepsake_shown"]
    assert facts_of(lambda: keepsakes.show_name(keepsake=one, shown="full")) == []
    with refuses("unknown_choice"):
        keepsakes.show_name(keepsake=one, shown="half")


def test_a_new_nickname_does_not_change_whose_it_is(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    one = ticket(stage, mia)
    Person.objects.filter(pk=mia.person_id).update(nickname="Somebody Famous")
    one.refresh_from_db()
    assert one.name == "Mia"


def test_an_erased_person_leaves_the_number_without_the_name(stage: Stage) -> None:
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    hers, his = ticket(stage, mia), ticket(stage, ben)
    assert keepsakes.forget(journey=mia) == 1
    assert keepsakes.forget(journey=mia) == 0
    ben.person.delete()  # whichever way somebody goes
    for number in (hers.number, his.number):
        found = keepsake_by_number(number)
        assert found is not None
        assert (found.name, found.journey_id) == ("", None)
    assert not any("Mia" in str(entry.data) or "Ben" in str(entry.data) for entry in Entry.objects.all())
    Edition.objects.all().delete()
    assert not Keepsake.objects.exists()


def test_let_in_once_and_told_when_and_where(stage: Stage, frozen: FrozenClock) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    assert facts_of(lambda: enters(one.number, stage, gate=" North\x00 ")) == ["checked_in"]
    frozen.advance(minutes=3)
    with pytest.raises(Refusal) as caught:
        enters(one.number, stage, gate="South")
    assert caught.value.code == "used"
    assert str(caught.value) == "This ticket was used at 2 Mar 2026, 18:00, at the gate North."
    one.refresh_from_db()
    assert (one.gate, one.checked_in_by) == ("North", stage.owner)
    assert differences() == []


def test_the_same_form_sent_again_is_let_in_again_but_written_once(stage: Stage) -> None:
    one, key = ticket(stage, cast.joins(stage, "Mia")), new_id()
    assert facts_of(lambda: enters(one.number, stage, key=key)) == ["checked_in"]
    assert facts_of(lambda: enters(one.number, stage, key=key)) == []
    keepsakes.revoke(keepsake=one, reason="Paid back", operator=stage.owner)
    with refuses("revoked"):
        enters(one.number, stage, key=key)


def test_a_mistaken_check_in_is_undone_and_a_later_one_is_not(stage: Stage, frozen: FrozenClock) -> None:
    one = ticket(stage, cast.joins(stage, "Mia"))
    seen = enters(one.number, stage)
    undone = facts_of(lambda: keepsakes.undo_check_in(keepsake=Keepsake.objects.get(), operator=stage.owner))
    assert undone == ["check_in_undone"]
    frozen.advance(minutes=1)
    enters(one.number, stage, gate="South")
    assert facts_of(lambda: keepsakes.undo_check_in(keepsake=seen, operator=stage.owner)) == []
    assert Keepsake.objects.get().gate == "South"


def test_too_early_too_late_and_nothing_of_ours(stage: Stage, frozen: FrozenClock) -> None:
    mia = cast.joins(stage, "Mia")
    early = ticket(stage, mia, hours=(1, 2))
    assert refused(early.number, stage.campaign, stage) == "early"
    frozen.advance(hours=1)
    assert enters(early.number, stage).checked_in_at == frozen.now
    frozen.advance(hours=1)
    late = ticket(stage, cast.joins(stage, "Ben"), of=early.edition)
    assert refused(late.number, stage.campaign, stage) == "over"
    assert refused(rules.new_number(), stage.campaign, stage) == "unknown"
    assert refused("https://example.com/", stage.campaign, stage) == "unknown"
    letter = keepsakes.issue_one(edition=edition(stage), journey=mia, operator=stage.owner)
    assert refused(letter.number, stage.campaign, stage) == "no_ticket"


def test_a_ticket_of_elsewhere(stage: Stage) -> None:
    sister = cast.live(owner=(stage.workspace, stage.owner))
    foreign = cast.live(owner=cast.workspace("faye@example.org"))
    theirs = [ticket(other, cast.joins(other, "Eve")) for other in (sister, foreign)]
    assert [refused(one.number, stage.campaign, stage) for one in theirs] == ["elsewhere", "unknown"]
    assert not Keepsake.objects.exclude(checked_in_at=None).exists()


def test_what_cannot_be_a_number_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert keepsake_by_number("0" * 17 if rules.check_letter("0" * 16) != "0" else "0" * 16 + "1") is None
    with django_assert_num_queries(1):
        assert keepsake_by_number(rules.new_number()) is None


def test_dates_out_of_order_are_stopped_by_the_table_too(stage: Stage) -> None:
    made = edition(stage, hours=(1, 2))
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=made.pk).update(valid_until=made.valid_from - timedelta(hours=1))  # type: ignore[operator]
