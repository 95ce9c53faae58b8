"""The verdict of a drill: a whole story passes on both databases, and each damage to it is counted as what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from perf.load import Scan
from perf.truth import Verdict, judged
from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.codes.models import Scan as Opening
from tenfold.groups.models import Group, Seat, Waiting
from tests import cast
from tests.perf.address import address

MIA, BEN = UUID(int=1), UUID(int=2)
WHOLE = Verdict(answered=3, recorded=3, lost=0, oversold=0, stuck=0)


@dataclass(frozen=True)
class Drill:
    stage: cast.Stage
    database: str
    scans: list[Scan]

    @property
    def verdict(self) -> Verdict:
        return judged(self.database, self.scans)


def _answered(slug: str, visitor: UUID, status: int = 302) -> Scan:
    return Scan(0, 0.01, slug, visitor.hex, status, "/g/1/")


@pytest.fixture
def drill(transactional_db: None) -> Drill:
    """Mia scans twice and Ben once, who has joined; a second answer to Ben broke off."""
    stage = cast.live(capacity=3)
    slug = stage.code.slug
    for visitor in (MIA, MIA):
        flow.scanned(slug=slug, visitor_id=visitor)
    cast.joins(stage, "Ben", visitor=BEN)
    scans = [_answered(slug, MIA), _answered(slug, MIA), _answered(slug, BEN), _answered(slug, BEN, 0)]
    return Drill(stage, address(), scans)


def test_a_story_of_which_nothing_is_lost_is_good(drill: Drill) -> None:
    assert drill.verdict == WHOLE
    assert drill.verdict.is_good


def test_a_scan_recorded_but_not_answered_is_no_loss(drill: Drill) -> None:
    flow.scanned(slug=drill.stage.code.slug, visitor_id=BEN)
    assert drill.verdict == replace(WHOLE, recorded=4)


def test_one_of_two_scans_of_one_visitor_is_missed(drill: Drill) -> None:
    Opening.objects.filter(visitor_id=MIA).earliest("id").delete()
    assert drill.verdict == replace(WHOLE, recorded=2, lost=1)


def test_a_scan_of_another_code_is_no_substitute(drill: Drill) -> None:
    strange = [_answered("ZZZZZZZZ", MIA), *drill.scans[1:]]
    assert judged(drill.database, strange).lost == 1


def test_only_answers_count(drill: Drill) -> None:
    unknown = [
        scan._replace(status=status, visitor=new_id().hex) for scan in drill.scans for status in (0, 404, 503)
    ]
    assert judged(drill.database, [*drill.scans, *unknown]) == WHOLE


def test_a_group_with_more_seats_than_places_is_oversold(drill: Drill) -> None:
    _seats(drill, "held", count=2)
    assert drill.verdict == replace(WHOLE, oversold=1, miscounted=1)


def test_counters_that_differ_from_the_seats_are_seen(drill: Drill) -> None:
    Group.objects.update(held_count=0)
    assert drill.verdict == replace(WHOLE, miscounted=1)
    Group.objects.update(held_count=1, taken_count=2)
    assert drill.verdict == replace(WHOLE, miscounted=1)


def test_a_visitor_with_two_seats_is_seen(drill: Drill) -> None:
    """The database itself forbids it, so that the wall is taken down first."""
    wall = next(each for each in Seat._meta.constraints if each.name == "one_seat_a_visitor")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Seat, wall)
    try:
        _seats(drill, "held", count=1, visitor=MIA)
        Group.objects.update(held_count=2)
        assert drill.verdict == replace(WHOLE, doubled=1)
    finally:
        Seat.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Seat, wall)


def test_seats_that_are_free_while_somebody_waits_are_stuck(drill: Drill) -> None:
    for number in range(2):
        Waiting.objects.create(
            workspace_id=drill.stage.workspace.id,
            campaign=drill.stage.campaign,
            visitor_id=UUID(int=10 + number),
        )
    assert drill.verdict == replace(WHOLE, stuck=1)
    Group.objects.update(state="closed")
    assert drill.verdict == WHOLE, "nobody is let into a closed group"


@pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="the command reads a file of ours"
)
def test_the_product_is_asked_itself(drill: Drill) -> None:
    environment = {"TENFOLD_DATA": drill.database.rpartition("/")[0], "TENFOLD_SECRET_KEY": "drill"}
    assert judged(drill.database, drill.scans, environment).unsound == 1, "there is no tenfold.sqlite3 there"


def test_a_drill_without_a_single_answer_proves_nothing() -> None:
    assert WHOLE.is_good
    assert not replace(WHOLE, answered=0).is_good
    for fault in ("lost", "oversold", "stuck", "doubled", "miscounted", "unsound"):
        broken = replace(WHOLE, **{fault: 2})
        assert not broken.is_good
        assert broken.faults == {fault: 2}
    assert str(WHOLE).startswith("answered 3  recorded 3  lost 0  oversold 0  stuck 0")


def _seats(drill: Drill, state: str, *, count: int, visitor: UUID | None = None) -> None:
    for _nth in range(count):
        Seat.objects.create(
            workspace_id=drill.stage.workspace.id,
            campaign=drill.stage.campaign,
            group=drill.stage.group,
            visitor_id=visitor or new_id(),
            state=state,
            expires_at=clock.now() + timedelta(minutes=15),
        )
