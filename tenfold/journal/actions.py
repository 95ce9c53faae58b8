"""Writing facts down."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from tenfold.base import bulk, clock
from tenfold.base.fresh import insert
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
    entry = Entry(kind=fact, workspace_id=of.workspace_id, data=dict(data or {}), **about)
    insert(entry)
    return entry


def write_many(fact: Fact, about: Sequence[tuple[str, str | None, str | None, Mapping[str, object]]]) -> None:
    """One fact of many, past the ORM: of each its workspace, campaign and code (32 hex letters), and its data."""
    at = bulk.moment(clock.now())
    bulk.insert(
        "tenfold_entry",
        ("id", "at", "kind", "workspace_id", "campaign_id", "code_id", "data"),
        [(new_hex(), at, fact.value, *ids, json.dumps(data)) for *ids, data in about],
    )


def write_of_each(
    fact: Fact, of: InWorkspace, each: Sequence[tuple[UUID, Mapping[str, object]]], **about: Unpack[About]
) -> None:
    """One fact of each of many journeys, past the ORM: the journey and its data, and what all of them speak of."""
    at, workspace = bulk.moment(clock.now()), of.workspace_id.hex
    told = {name: value for name, value in about.items() if isinstance(value, UUID)}
    names, shared = tuple(told), tuple(value.hex for value in told.values())
    bulk.insert(
        "tenfold_entry",
        ("id", "at", "kind", "workspace_id", *names, "journey_id", "data"),
        [
            (new_hex(), at, fact.value, workspace, *shared, journey_id.hex, json.dumps(data))
            for journey_id, data in each
        ],
    )
