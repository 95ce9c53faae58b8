"""The fission tree, read branch by branch: only what is opened is loaded, however many people there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet, UUIDField

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey

PAGE = 50

# Everyone below each of the given journeys, counted in one walk down the edges.
BELOW = """
WITH RECURSIVE line (top, id) AS (
    SELECT id, id FROM {journey} WHERE {start}
    UNION ALL
    SELECT line.top, newcomer.id FROM {journey} newcomer JOIN line ON newcomer.inviter_id = line.id
)
SELECT top, COUNT(*) FROM line GROUP BY top
"""

ABOVE = """
WITH RECURSIVE line (id, inviter_id, step) AS (
    SELECT id, inviter_id, 0 FROM {journey} WHERE id = %s
    UNION ALL
    SELECT inviter.id, inviter.inviter_id, line.step + 1
    FROM {journey} inviter JOIN line ON inviter.id = line.inviter_id
)
SELECT id FROM line ORDER BY step DESC
"""


@dataclass(frozen=True)
class Node:
    """A person in the tree. `invited_count` came through their own code, `below_count` through those too."""

    journey: Journey
    invited_count: int
    below_count: int


@dataclass(frozen=True)
class Branch:
    """One page of a fan; `rest_count` more follow after it."""

    nodes: list[Node]
    total_count: int
    rest_count: int


def roots(campaign: Campaign, *, offset: int = 0) -> Branch:
    """Where the tree starts: seeds and those whose inviter is not known, the most fruitful first."""
    return _branch(Journey.objects.filter(campaign=campaign, inviter=None), offset)


def children(journey: Journey, *, offset: int = 0) -> Branch:
    return _branch(Journey.objects.filter(inviter=journey), offset)


def above(journey: Journey) -> list[Journey]:
    """The chain of inviters from the seed down, ending with the journey itself."""
    ids = [_id(row[0]) for row in _rows(ABOVE.format(journey=_table()), [_param(journey.id)])]
    found = Journey.objects.select_related("person").in_bulk(ids)
    return [found[each] for each in ids]


def glimpse(campaign: Campaign, *, limit: int = 240) -> list[Journey]:
    """The first `limit` people of the tree, generation by generation, inviters before newcomers."""
    rows = Journey.objects.filter(campaign=campaign).select_related("person")
    return list(rows.order_by("generation", "-valid_count", "id")[:limit])


def tops_of(campaign: Campaign) -> dict[UUID, int]:
    """The size of each tree of the campaign, its root counted too."""
    start = "campaign_id = %s AND inviter_id IS NULL"
    return _sizes(start, [_param(campaign.id)])


def _branch(rows: QuerySet[Journey], offset: int) -> Branch:
    total = rows.count()
    page = list(
        rows.select_related("person")
        .annotate(invited_count=Count("newcomers"))
        .order_by("-invited_count", "id")[offset : offset + PAGE]
    )
    sizes = _below([journey.id for journey in page])
    nodes = [Node(each, each.invited_count, sizes[each.id] - 1) for each in page]
    return Branch(nodes, total, max(0, total - offset - len(nodes)))


def _below(ids: Sequence[UUID]) -> dict[UUID, int]:
    if not ids:
        return {}
    return _sizes(f"id IN ({', '.join(['%s'] * len(ids))})", [_param(each) for each in ids])


def _sizes(start: str, params: list[str | UUID]) -> dict[UUID, int]:
    return {_id(top): size for top, size in _rows(BELOW.format(journey=_table(), start=start), params)}


def _rows(sql: str, params: list[str | UUID]) -> list[tuple[object, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _table() -> str:
    return connection.ops.quote_name(Journey._meta.db_table)


def _param(row_id: UUID) -> str | UUID:
    """A UUID as this database keeps it: SQLite has no such type."""
    return cast("str | UUID", UUIDField().get_db_prep_value(row_id, connection))


def _id(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
