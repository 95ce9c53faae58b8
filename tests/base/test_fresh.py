"""Rows written past the ORM's making of statements are the rows that the ORM writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, models, transaction
from django.db.models import Model

from tenfold.base import clock
from tenfold.base.claim import become
from tenfold.base.fresh import change, insert, insert_once, moves_one, ready, reread
from tenfold.base.keys import new_id
from tenfold.base.models import Picture, read_before
from tenfold.campaigns.models import Campaign
from tenfold.journal.models import Entry
from tenfold.mailroom.models import Message
from tenfold.people.models import Credit, Journey, Standing
from tenfold.proofs.models import Look, Proof, ReviewPlan, Shot
from tenfold.rewards.books import LedgerRow
from tenfold.rewards.models import Grant, Reward, RewardRule
from tests import cast

pytestmark = pytest.mark.django_db


def values(row: Model) -> dict[str, object]:
    """As they lie in the database, but for the key."""
    found = type(row)._default_manager.values().get(pk=row.pk)
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in found.items()
        if name != "id"
    }


def rows_of(proof: Proof) -> dict[str, Callable[[], Model]]:
    of = {"workspace_id": proof.workspace_id, "campaign_id": proof.campaign_id}
    nth = {"picture_id": proof.picture_id, "journey_id": proof.journey_id, "state": "withdrawn"}
    told = {"a": [1, None, "é' \" %s ? \\"], "b": {"c": True}}
    return {
        "picture": lambda: Picture(
            workspace_id=proof.workspace_id,
            content=bytes(range(256)),
            media_type="image/png",
            width=3,
            height=4,
            sha256="ab" * 32,
        ),
        "proof": lambda: Proof(**of, **nth, source="page", note="%s '\" ?", settles=3),
        "entry": lambda: Entry(**of, kind="said", data=told),
    }


@pytest.mark.parametrize("name", ["picture", "proof", "entry"])
def test_a_row_is_as_the_orm_would_have_written_it(name: str, frozen: object) -> None:
    make = rows_of(cast.sends(cast.joins(cast.live(), "Mia")))[name]
    ours, theirs = make(), make()
    insert(ours)
    theirs.save(force_insert=True)
    assert values(ours) == values(theirs)
    assert (ours._state.adding, ours._state.db) == (False, "default")


def test_several_come_in_order_so_that_one_may_refer_to_the_one_before() -> None:
    mia = cast.joins(cast.live(), "Mia")
    sent = cast.sends(mia)
    of = {"workspace_id": sent.workspace_id, "campaign_id": sent.campaign_id}
    proof = Proof(**of, journey=mia, picture_id=sent.picture_id, source="page", state="withdrawn")
    shot = Shot(**of, journey=mia, proof=proof, fingerprint=b"\x00\xff", near_0=-(2**62))
    insert(proof, Look(**of, proof=proof, due_at=clock.now()), shot)
    again = Shot.objects.select_related("proof__look").get(pk=shot.pk)
    assert (bytes(again.fingerprint), again.near_0, again.proof) == (b"\x00\xff", -(2**62), proof)
    proof.note = "changed"
    proof.save()
    assert Proof.objects.filter(pk=proof.pk).count() == 1


@pytest.mark.parametrize("name", ["picture", "proof", "entry"])
def test_a_row_that_was_made_ready_is_inserted_as_it_was_then(name: str, frozen: object) -> None:
    make = rows_of(cast.sends(cast.joins(cast.live(), "Mia")))[name]
    ours, theirs = make(), make()
    made = ready(ours)
    become(ours, {"workspace_id": new_id()})
    insert(made)
    theirs.save(force_insert=True)
    assert values(ours) == values(theirs)
    assert (ours._state.adding, ours._state.db) == (False, "default")


def test_what_may_not_be_there_twice_is_refused_and_the_step_is_undone() -> None:
    first = Entry(kind="said", workspace_id=new_id())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(first, Entry(pk=first.pk, kind="said", workspace_id=new_id()))
    assert not Entry.objects.filter(pk=first.pk).exists()


def test_no_model_has_what_is_written_otherwise() -> None:
    """Parents, and values that the database makes, are the ORM's to write."""
    ours = (Picture, Proof, Look, Shot, Entry, Message, Credit, Standing, Grant, LedgerRow)
    for model in ours:
        fields = model._meta.local_concrete_fields
        assert list(fields) == list(model._meta.concrete_fields)
        assert not any(isinstance(field, models.GeneratedField) or field.has_db_default() for field in fields)


def test_what_is_to_be_there_once_is_written_once() -> None:
    stage = cast.live()
    of = {"workspace_id": stage.workspace.id, "campaign_id": stage.campaign.id, "group_id": stage.group.id}
    first, second = (Message(key="join:1", text=text, platform="web", moment="join", **of) for text in "ab")
    assert [insert_once(first), insert_once(second)] == [True, False]
    assert Message.objects.get(key="join:1").text == "a"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(second)


def test_a_change_is_there_and_in_hand_and_nobody_elses() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    now = clock.now()
    change(mia, approved_at=now, state=Journey.State.APPROVED, due_at=None)
    assert (mia.approved_at, mia.state, mia.due_at) == (now, "approved", None)
    kept = Journey.objects.get(pk=mia.pk)
    assert (kept.approved_at, kept.state, kept.due_at) == (now, "approved", None)
    assert Journey.objects.get(pk=ben.pk).approved_at is None


def test_what_is_read_again_is_as_the_orm_reads_it() -> None:
    """Of each model that is read again so: every column, from one row that has something in it."""
    stage = cast.live()
    sent = cast.sends(cast.joins(stage, "Mia"))
    change(sent, note="%s '\" ?", appealed_at=clock.now(), alike_key="a")
    plan = ReviewPlan.objects.create(
        workspace=stage.workspace, campaign=stage.campaign, automatic_at=clock.now()
    )
    message = Message.objects.filter(journey_id=sent.journey_id)[0]
    rule = RewardRule.objects.get(reward=stage.reward)
    rows: list[Model] = [
        sent,
        sent.journey,
        sent.journey.person,
        stage.campaign,
        plan,
        message,
        rule,
        stage.reward,
    ]
    for row in rows:
        blank = type(row)(pk=row.pk)
        reread(blank)
        theirs = type(row)._default_manager.get(pk=row.pk)
        names = [field.attname for field in row._meta.local_concrete_fields]
        assert {name: getattr(blank, name) for name in names} == {
            name: getattr(theirs, name) for name in names
        }


def test_several_are_read_again_at_once_and_what_is_gone_is_told() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    again = Journey.objects.get(pk=mia.pk)
    Journey.objects.filter(pk=mia.pk).update(valid_count=7)
    Journey.objects.filter(pk=ben.pk).update(valid_count=8)
    reread(mia, again, ben, locks=True)
    assert [each.valid_count for each in (mia, again, ben)] == [7, 7, 8]
    with pytest.raises(ObjectDoesNotExist):
        reread(mia, Journey(pk=new_id()))


def test_what_a_row_refers_to_stays_known_unless_it_is_another_by_now() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    mia.inviter, then = ben, mia.campaign
    Journey.objects.filter(pk=mia.pk).update(inviter=cast.joins(stage, "Cid"))
    reread(mia)
    assert mia.campaign is then
    assert mia.inviter.person.nickname == "Cid"


def test_a_row_moves_only_from_where_it_is_expected() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    now = clock.now()
    assert moves_one(mia, {"state": mia.state, "approved_at": None}, approved_at=now, due_at=None)
    assert mia.approved_at is None  # in memory it is the caller's
    assert not moves_one(mia, {"state": mia.state, "approved_at": None}, valid_count=9)
    assert moves_one(mia, {"approved_at": now}, valid_count=2)
    kept = Journey.objects.get(pk=mia.pk)
    assert (kept.approved_at, kept.valid_count) == (now, 2)
    reread(ben)
    assert (ben.approved_at, ben.valid_count) == (None, 0)


def test_what_was_read_together_is_known_and_nothing_else_is() -> None:
    stage = cast.live()
    known = Campaign.objects.prefetch_related("rewards").get(pk=stage.campaign.pk)
    assert (read_before(known, "rewards"), read_before(known, "words")) == ([stage.reward], None)
    assert read_before(stage.campaign, "rewards") is None
    Reward.objects.filter(pk=stage.reward.pk).update(name="Another")
    assert [each.name for each in read_before(known, "rewards") or ()] == ["A free book"]
