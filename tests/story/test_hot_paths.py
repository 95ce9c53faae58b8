"""What happens on every scan, or many times a second, costs the same in a campaign of a hundred thousand."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenfold import flow, worker
from tenfold.base import bulk, clock
from tenfold.edge.watch import Eyes
from tenfold.groups import actions as groups
from tenfold.insight import telling
from tenfold.web import me
from tenfold.web.earned import earned_of
from tenfold.web.progress import Tally
from tests import cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # PostgreSQL looks at how much there is, and rightly reads an almost empty table from end to end.
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans as SQLite makes them"),
]

GROWING = "journey|person|seat|entry|scan|livecode|proof|message|grant|credit|post|waiting"
# The names that statements past the ORM have for them.
GROWING = rf"(?:tenfold_(?:{GROWING})|journey|mine|person|seat|line|first|code)"
# A whole table, or all that one campaign, group or workspace has in it.
SLOW = re.compile(rf"SCAN {GROWING}\b|\b{GROWING} .*\((campaign|group|workspace|room)_id=\?\)$")


def steps(act: Callable[[], object]) -> list[str]:
    """The steps of the plans of what `act` asks the database: by the ORM, and past it, which no log sees."""
    raw: list[tuple[str, Sequence[Any]]] = []
    execute = bulk._execute

    def noted(sql: str, params: Sequence[Any]) -> Any:
        raw.append((sql, params))
        return execute(sql, params)

    with CaptureQueriesContext(connection) as asked, mock.patch.object(bulk, "_execute", noted):
        act()
    questions = {query["sql"] for query in asked.captured_queries if query["sql"].startswith("SELECT")}
    with connection.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in questions]
    plans += [bulk.rows(f"EXPLAIN QUERY PLAN {sql}", params) for sql, params in raw]
    assert plans
    return [row[3] for plan in plans for row in plan]


def slow_steps(act: Callable[[], object]) -> list[str]:
    """Those of them that grow with the campaign."""
    return [step for step in steps(act) if SLOW.search(step)]


def test_scan_and_join_look_at_nobody_else() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    assert slow_steps(lambda: cast.joins(stage, "Ben", by=mia.code)) == []


def test_second_scan_of_a_member_looks_at_nobody_else() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    assert slow_steps(lambda: flow.scanned(slug=mia.code.slug, visitor_id=ben.person.visitor_id)) == []


def test_watcher_looks_at_what_is_new_alone() -> None:
    mia = cast.joins(cast.live(), "Mia")
    topics = {("journey", str(mia.id)), ("room", str(mia.group_id), "en")}
    assert slow_steps(lambda: Eyes().look(topics, clock.now())) == []


# Without leases, which PostgreSQL alone has: on SQLite that job asks nothing (`test_raw_statements.py`). Nor does the
# one that looks for forgotten files where there are none.
JOBS = [job for job in worker.JOBS if job.name not in ("old sessions", "leases", "old leases", "old renders")]


# The log is the database's own, and folding it in asks no table anything.
@pytest.mark.parametrize("job", [job for job in JOBS if job.name != "log"], ids=lambda job: job.name)
def test_worker_finds_what_is_due_without_looking_at_the_rest(job: worker.Job) -> None:
    cast.live()
    assert slow_steps(lambda: job.run(worker.Round(threading.Event()))) == []


def test_a_long_line_is_called_in_many_short_transactions() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    waiting = [flow.scanned(slug=stage.code.slug, visitor_id=None) for _nth in range(3)]
    groups.add_group(campaign=stage.campaign, name="More", platform="web", capacity=9, operator=stage.owner)
    with CaptureQueriesContext(connection) as asked:
        assert flow.line_called(campaign=stage.campaign, limit=2) == 2
    assert [query["sql"] for query in asked.captured_queries].count("BEGIN IMMEDIATE") == 1
    assert flow.line_called(campaign=stage.campaign) == len(waiting) - 2


def test_who_brought_thousands_is_shown_the_newest_and_the_whole_count() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    brought = [cast.joins(stage, f"Ben {nth}", by=mia.code) for nth in range(3)]
    flow.left(journey=brought[0])
    with mock.patch.multiple(me, SHOWN_CREDITS=1), mock.patch.multiple(telling, TOLD_NEWCOMERS=1):
        shown, story = me._story(mia, earned_of(mia)), [each.text for each in telling.story(mia)]
    assert [credit.newcomer_id for credit in shown["credits"]] == [brought[2].id]
    assert (shown["tally"], shown["is_credit_cut"]) == (Tally(valid=2, pending=0, void=1), True)
    assert [text for text in story if "Ben" in text] == ["Ben 0 does not count for Mia"]
    assert story[0] == "Mia joined Readers 1"
