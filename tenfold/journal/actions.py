"""Writing facts down."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from tenfold.base import bulk, clock
from tenfold.base.keys import new_hex
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry


class About(TypedDict, total=False):
    """What a fact speaks of."""

    campaign_id: UUID | None
    journey_id: UUID | None
    group_id: UUID | None
    code_id: UUID | None
    reward_id: UUID | None
    operator_id: UUID | None


class InWorkspace(Protocol):
    @property
    def workspace_id(self) -> UUID: ...


def write(
    fact: Fact, of: InWorkspace, data: Mapping[str, object] | None = None, **about: Unpack[About]
) -> Entry:
    """Write one fact inside the transaction of the change it tells. `data` holds JSON values only, no secrets."""
    return Entry.objects.create(kind=fact, workspace_id=of.workspace_id, data=dict(data or {}), **about)


def write_many(fact: Fact, about: Sequence[tuple[str, str | None, str | None, Mapping[str, object]]]) -> None:
    """One fact of many, past the ORM: of each its workspace, campaign and code (32 hex letters), and its data."""
    at = bulk.moment(clock.now())
    bulk.insert(
        "tenfold_entry",
        ("id", "at", "kind", "workspace_id", "campaign_id", "code_id", "data"),
        [(new_hex(), at, fact.value, *ids, json.dumps(data)) for *ids, data in about],
    )


def write_each(
    fact: Fact, of: InWorkspace, each: Sequence[tuple[Mapping[str, object], About]], **about: Unpack[About]
) -> None:
    """One fact of each: its own data, and what it speaks of beside what all of them do."""
    workspace_id = of.workspace_id
    Entry.objects.bulk_create(
        [Entry(kind=fact, workspace_id=workspace_id, data=dict(data), **(about | own)) for data, own in each],
        batch_size=500,
    )
