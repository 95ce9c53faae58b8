"""Rows written past the ORM's making of statements are the rows that the ORM writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import Model

from tenfold.base import clock
from tenfold.base.fresh import insert
from tenfold.base.keys import new_id
from tenfold.base.models import Picture
from tenfold.journal.models import Entry
from tenfold.proofs.models import Look, Proof, Shot
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


def test_what_may_not_be_there_twice_is_refused_and_the_step_is_undone() -> None:
    first = Entry(kind="said", workspace_id=new_id())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(first, Entry(pk=first.pk, kind="said", workspace_id=new_id()))
    assert not Entry.objects.filter(pk=first.pk).exists()


def test_no_model_has_what_is_written_otherwise() -> None:
    """Parents, and values that the database makes, are the ORM's to write."""
    for model in (Picture, Proof, Look, Shot, Entry):
        fields = model._meta.local_concrete_fields
        assert list(fields) == list(model._meta.concrete_fields)
        assert not any(isinstance(field, models.GeneratedField) or field.has_db_default() for field in fields)
