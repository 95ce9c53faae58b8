"""What every row has, and the pictures that several rooms keep."""

from __future__ import annotations

from typing import Any

from django.db import models

from tenfold.base import clock
from tenfold.base.keys import new_id


def read_before(row: models.Model, name: str) -> list[Any] | None:
    """What was read of it together with the row (`prefetch_related`); None where it was not."""
    found = getattr(row, "_prefetched_objects_cache", {}).get(name)
    return None if found is None else list(found)


class Row(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class WorkspaceRow(Row):
    """A row that belongs to a workspace: what `accounts.access` can find for an operator."""

    workspace = models.ForeignKey("tenfold.Workspace", on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Picture(WorkspaceRow):
    """A cleaned picture: decoded once, re-encoded, without metadata. `sha256` is that of the bytes sent to us.

    The bytes live in the database, so that a picture is kept in the same transaction as the row that needs it.
    """

    content = models.BinaryField()
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True)
    """`content` is empty since then; the rest stays."""

    class Meta:
        indexes = [
            # By the hash alone SQLite would walk the workspace's pictures, all of them: it knows no figures of its own.
            models.Index(fields=["workspace", "sha256"], name="picture_same_bytes"),
        ]
