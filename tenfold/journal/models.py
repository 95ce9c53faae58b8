"""Append-only facts. What happened, written in the same transaction as the change it tells."""

from __future__ import annotations

from django.db import models

from tenfold.base import clock
from tenfold.base.models import Row


class Entry(Row):
    """One fact. Plain ids instead of foreign keys: a fact outlives the rows it speaks of."""

    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    workspace_id = models.UUIDField()
    campaign_id = models.UUIDField(null=True)
    journey_id = models.UUIDField(null=True)
    group_id = models.UUIDField(null=True)
    code_id = models.UUIDField(null=True)
    reward_id = models.UUIDField(null=True)
    operator_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["campaign_id", "id"], name="entry_campaign"),
            models.Index(fields=["campaign_id", "kind", "at"], name="entry_kind_at"),
            models.Index(fields=["journey_id", "id"], name="entry_of_journey"),
            models.Index(fields=["at"], name="entry_at"),
        ]
