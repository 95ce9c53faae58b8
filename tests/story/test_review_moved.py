"""A database of before screenshots were looked at by a machine is brought forward, and back again."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from tenfold.insight.rebuild import differences
from tenfold.insight.telling import story
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tenfold.proofs.queries import plan_of, queue
from tests import cast
from tests.story.looker import judged
from tests.story.test_scans_moved import copied_database

pytestmark = pytest.mark.slow
__all__ = ["copied_database"]


def told_before(column: str, table: str = "tenfold_proof") -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("copied_database")
def test_screenshots_of_before_keep_their_state_and_are_seen_by_people_at_once() -> None:
    stage = cast.live()
    people = [cast.joins(stage, name) for name in ("Ann", "Ben", "Cai")]
    ann, ben, cai = (cast.sends(journey) for journey in people)
    cast.is_approved(ann, by=stage.owner)
    judged(ben, stage.owner, is_approved=False, reason="restricted_audience")
    cast.settles(ben)
    Look.objects.all().delete()
    call_command("migrate", "tenfold", "0011", verbosity=0)
    assert told_before("reason") == ["", "not_public", ""]
    assert told_before("state") == ["approved", "rejected", "waiting"]
    # Facts keep the names that reasons had when they were told.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenfold_entry SET data = %s WHERE kind = 'rejected'", ['{"reason": "not_public"}']
        )
    call_command("migrate", verbosity=0)
    found = {proof.pk: proof for proof in Proof.objects.all()}
    assert [found[each.pk].reason for each in (ann, ben, cai)] == ["", "restricted_audience", ""]
    assert {
        (proof.settles, proof.alike_key, proof.is_machine, proof.erased_at) for proof in found.values()
    } == {(1, "", False, None)}
    assert list(queue(stage.campaign)) == [cai]
    assert (plan_of(stage.campaign).mode, ReviewPlan.objects.count()) == ("shadow", 0)
    told = {each.kind: each.because for each in story(Journey.objects.get(pk=people[1].pk))}
    assert "Make it visible to everyone" in told["rejected"]
    assert Entry.objects.filter(kind="rejected").get().data == {"reason": "not_public"}
    cast.is_approved(found[cai.pk], by=stage.owner)
    assert differences() == []
