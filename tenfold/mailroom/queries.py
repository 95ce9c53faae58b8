"""What a door has to know of those who call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tenfold.mailroom import rules
from tenfold.mailroom.models import HookSource


@dataclass(frozen=True, slots=True)
class Source:
    """A source that is switched on. Ids as 32 hex letters."""

    id: str
    workspace_id: str
    scheme: str
    secret: str
    former_secrets: rules.Former

    def secrets_at(self, now: datetime) -> list[str]:
        return [self.secret, *(secret for secret, _until in rules.still_holding(self.former_secrets, now))]

    def __repr__(self) -> str:
        """For logs: without what it keeps."""
        return f"<Source {self.id}>"


def sources_of(ids: Collection[str]) -> dict[str, Source]:
    """Those of `ids` (32 hex letters) that are sources and switched on, in one query."""
    found = HookSource.objects.filter(pk__in=[UUID(each) for each in ids], is_active=True)
    return {each.id.hex: _source(each) for each in found}


def _source(row: HookSource) -> Source:
    return Source(row.id.hex, row.workspace_id.hex, row.scheme, row.secret, row.former_secrets)
