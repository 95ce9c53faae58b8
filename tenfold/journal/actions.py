"""Writing facts down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

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
