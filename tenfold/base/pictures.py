"""Keeping a picture that `imaging` has cleaned."""

from __future__ import annotations

import uuid
from typing import Protocol

from tenfold.base.fresh import insert
from tenfold.base.models import Picture


class Clean(Protocol):
    """What `imaging.reading.clean_picture` gives; named here because base knows no other room."""

    @property
    def data(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def keep(clean: Clean, *, workspace_id: uuid.UUID) -> Picture:
    picture = picture_of(clean, workspace_id=workspace_id)
    insert(picture)
    return picture


def picture_of(clean: Clean, *, workspace_id: uuid.UUID) -> Picture:
    """Its row, which is still to be inserted."""
    return Picture(
        workspace_id=workspace_id,
        content=clean.data,
        media_type=clean.media_type,
        width=clean.width,
        height=clean.height,
        sha256=clean.sha256,
    )
