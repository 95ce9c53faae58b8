"""Several processes on one PostgreSQL, as in an installation of several machines."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, connections

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.flow import Outcome
from tenfold.groups import actions as groups
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.insight.rebuild import differences
from tenfold.people.models import Journey
from tests import cast
from tests.race.crowd import all_at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PROCESSES, THREADS_EACH, SEATS_EACH, GROUPS = 4, 8, 3, 3


def comes_in(slug: str, group_id: UUID) -> str:
    visitor = new_id()
    shown = flow.scanned(slug=slug, visitor_id=visitor)
    if shown.outcome == Outcome.GROUP:
        group = Group.objects.select_related("campaign").get(pk=group_id)
        flow.joined(group=group, visitor_id=visitor, nickname="Ben", has_consented=True, language="en")
    return shown.outcome


def crowd(slug: str, group_id: UUID, gate: object, answers: object) -> None:
    """A process of its own: connections are not to be shared with the one it came from."""
    connections.close_all()
    gate.wait()  # type: ignore[attr-defined]
    came = all_at_once([partial(comes_in, slug, group_id)] * THREADS_EACH)
    answers.put([str(answer) for answer in came])  # type: ignore[attr-defined]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="several processes share a PostgreSQL; SQLite has its own races"
)
def test_four_processes_fill_three_groups_to_the_last_seat_and_no_further() -> None:
    stage = cast.live(capacity=SEATS_EACH)
    for nth in range(1, GROUPS):
        groups.add_group(
            campaign=stage.campaign,
            name=f"More {nth}",
            platform="web",
            capacity=SEATS_EACH,
            operator=stage.owner,
        )
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    gate, answers = forks.Barrier(PROCESSES, timeout=60), forks.Queue()
    processes = [
        forks.Process(target=crowd, args=(stage.code.slug, stage.group.id, gate, answers))
        for _each in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    outcomes = Counter(outcome for _each in processes for outcome in answers.get(timeout=90))
    for process in processes:
        process.join(timeout=30)
    room = SEATS_EACH * GROUPS
    assert outcomes == {"group": room, "waiting": PROCESSES * THREADS_EACH - room}
    assert list(Group.objects.values_list("held_count", "taken_count")) == [(0, SEATS_EACH)] * GROUPS
    assert (
        Seat.objects.filter(state="taken").count() == Journey.objects.filter(state="joined").count() == room
    )
    assert Waiting.objects.filter(state="waiting").count() == PROCESSES * THREADS_EACH - room
    assert differences() == []
