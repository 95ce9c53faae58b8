"""The statements past the ORM, which no query log sees: each finds its rows by an index, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from tenfold import flow
from tenfold.base import bulk, clock
from tenfold.base.keys import new_hex
from tenfold.flow.known import cards_of, known_visitors, newest_cards
from tenfold.groups import leases, pool
from tenfold.groups.models import Seat
from tenfold.people.models import Journey
from tenfold.people.queries import chain_above
from tests import cast

pytestmark = pytest.mark.django_db
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="plans as SQLite tells them")
postgresql_only = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="plans as PostgreSQL tells them, and leases"
)
# How SQLite tells that rows are found by an index, and by which of its columns.
FOUND = re.compile(r"SEARCH (\w+) USING (?:COVERING )?INDEX \w+ \((.+)\)")


@pytest.fixture
def stage() -> cast.Stage:
    made = cast.live()
    mia = cast.joins(made, "Mia")
    cast.joins(made, "Ben", by=mia.code)
    # No table is empty of which a statement might think that it need not look.
    full = cast.live(owner=(made.workspace, made.owner), capacity=1, platform="wechat_group")
    for code in (made.code, full.code, full.code):
        flow.scanned(slug=code.slug, visitor_id=None)
    if connection.vendor == "postgresql":
        [room] = pool.rooms([made.group.id.hex]).values()
        leases.open_lease(room=room, seats=1, holder="another")
    return made


def statements_of(act: Callable[[], object]) -> list[tuple[str, Sequence[Any]]]:
    told: list[tuple[str, Sequence[Any]]] = []
    execute = bulk._execute

    def noted(sql: str, params: Sequence[Any]) -> Any:
        told.append((sql, params))
        return execute(sql, params)

    with mock.patch.object(bulk, "_execute", noted):
        act()
    assert told
    return told


def known(stage: cast.Stage) -> object:
    return known_visitors([(stage.campaign.id.hex, new_hex()), (stage.campaign.id.hex, new_hex())])


def with_room(stage: cast.Stage) -> object:
    return pool.with_room(stage.campaign.id.hex, clock.now())


def rooms(stage: cast.Stage) -> object:
    return pool.rooms([stage.group.id.hex])


def chain(_stage: cast.Stage) -> object:
    return chain_above(Journey.objects.exclude(inviter=None)[0])


def cards(stage: cast.Stage) -> object:
    return cards_of([stage.code.slug, "ZZZZZZZZ"])


def newest(_stage: cast.Stage) -> object:
    return newest_cards(before=new_hex(), limit=1)


def extend(_stage: cast.Stage) -> None:
    held = [seat.hex for seat in Seat.objects.filter(state="held").values_list("id", flat=True)]
    pool.extend(held, bulk.moment(clock.now()))


ACTS: dict[str, tuple[Callable[[cast.Stage], object], set[tuple[str, str]]]] = {
    "who is known": (
        known,
        {
            ("seat", "campaign_id=? AND visitor_id=?"),
            ("line", "campaign_id=? AND visitor_id=?"),
            ("first", "campaign_id=? AND visitor_id=?"),
            ("journey", "id=?"),
            ("mine", "campaign_id=? AND person_id=?"),
            ("person", "visitor_id=?"),
        },
    ),
    "who has room": (with_room, {("grp", "campaign_id=?"), ("picture", "id=?")}),
    "rooms": (rooms, {("grp", "id=?"), ("picture", "id=?")}),
    "the chain": (chain, {("tenfold_journey", "id=?"), ("journey", "id=?")}),
    "cards": (cards, {("code", "slug=?"), ("journey", "code_id=?"), ("person", "id=?")}),
    "the newest cards": (
        newest,
        {("code", "id<?"), ("campaign", "id=?"), ("journey", "code_id=?"), ("person", "id=?")},
    ),
    "a hold that begins anew": (extend, {("tenfold_seat", "id=?")}),
}


@sqlite_only
@pytest.mark.parametrize("name", ACTS)
def test_each_table_is_searched_by_the_columns_it_is_asked_by(stage: cast.Stage, name: str) -> None:
    act, expected = ACTS[name]
    [(sql, params)] = statements_of(lambda: act(stage))
    steps = [str(row[3]) for row in bulk.rows(f"EXPLAIN QUERY PLAN {sql}", params)]
    assert {match.groups() for step in steps if (match := FOUND.match(step))} == expected
    # What is read from end to end is what was handed in, and what the recursion has found so far.
    scans = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert scans <= {"json_each", "above", "asked"}
    # Groups of one campaign are few, and put in order; nobody else is.
    assert name in ("who has room", "the chain") or not any("TEMP B-TREE" in step for step in steps)


# --- PostgreSQL -----------------------------------------------------------------------------------------------


def end_expired(_stage: cast.Stage) -> object:
    return leases.end_expired()


def end_idle(stage: cast.Stage) -> object:
    return leases.end_idle(campaign_id=stage.campaign.id.hex, but="nobody")


LEASES: dict[str, Callable[[cast.Stage], object]] = {"expired leases": end_expired, "idle leases": end_idle}
EVERY: dict[str, Callable[[cast.Stage], object]] = {
    name: act for name, (act, _found) in ACTS.items()
} | LEASES


OURS = r"SELECT oid FROM pg_class WHERE relkind = 'r' AND relname LIKE 'tenfold\_%'"
LARGE = f"""
    UPDATE pg_class SET reltuples = 1000000, relpages = greatest(1, pg_relation_size(oid) / 8192)
    WHERE oid IN ({OURS}) OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN ({OURS}))
      AND relname <> 'lease_open'
"""


def look_large() -> None:
    """As far as PostgreSQL knows, until the test is over. Open leases stay few.

    That nearly all visitors are different it cannot know then, and would rather join whole tables: so that is off.
    """
    bulk.run(f"DELETE FROM pg_statistic WHERE starelid IN ({OURS})")
    assert bulk.run(LARGE) > 100
    for way in ("hashjoin", "mergejoin"):
        bulk.run(f"SET LOCAL enable_{way} = off")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@postgresql_only
@pytest.mark.parametrize("name", EVERY)
def test_postgresql_has_an_index_for_each_of_them(stage: cast.Stage, name: str) -> None:
    """The way the planner will take when there are a million of everything: by a key, whatever is asked."""
    look_large()
    found: list[dict[str, Any]] = []
    for sql, params in statements_of(lambda: EVERY[name](stage)):
        if "DELETE FROM tenfold_seatlease" in sql:
            continue  # by this very statement the table is never longer than what an hour has brought
        [(told,)] = bulk.rows(f"EXPLAIN (FORMAT JSON) {sql}", params)
        found += nodes((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])
    read = [node for node in found if node.get("Relation Name", "").startswith("tenfold_")]
    assert read
    whole = [node for node in read if not _is_by_index(node)]
    assert [(node["Node Type"], node["Relation Name"], node.get("Index Name")) for node in whole] == []


def _is_by_index(node: dict[str, Any]) -> bool:
    """By its key; or by an index that holds only what is asked for (open leases, of which there are few)."""
    if node["Node Type"] in ("ModifyTable", "Bitmap Heap Scan"):
        return True  # what it reads is told by the nodes below it
    return "Index Cond" in node or node.get("Index Name") == "lease_open"
