"""Seats for many scans at once: chosen in memory, written in one go, counted in the same transaction."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db import OperationalError

from tenfold.base import bulk
from tenfold.base.keys import new_hex
from tenfold.groups.models import Waiting
from tenfold.journal.actions import write_many
from tenfold.journal.facts import Fact

ROOM = """
    SELECT grp.id, grp.campaign_id, grp.platform, grp.state, grp.name, grp.qr_expires_at, picture.sha256,
           grp.capacity - grp.held_count - grp.taken_count
    FROM tenfold_group grp LEFT JOIN tenfold_picture picture ON picture.id = grp.qr_picture_id
"""
WITH_ROOM = f"""{ROOM}
    WHERE grp.campaign_id = ? AND grp.state = 'open' AND grp.capacity > grp.held_count + grp.taken_count
      AND (grp.platform = 'web' OR grp.qr_picture_id IS NOT NULL AND grp.qr_expires_at > ?)
    ORDER BY grp.position, grp.id LIMIT 50
"""
COUNT = """
    UPDATE tenfold_group SET held_count = held_count + ?
    WHERE id = ? AND state = 'open' AND capacity >= held_count + taken_count + ?
"""
WAITING = ("id", "workspace_id", "campaign_id", "visitor_id", "name", "state", "since")
SEAT = ("id", "workspace_id", "campaign_id", "group_id", "visitor_id", "state", "held_at", "expires_at")


# How old what is remembered of the groups' free seats may be.
POOL_SECONDS = 0.5


class Newcomer(NamedTuple):
    """Who has to wait. Ids as 32 hex letters."""

    workspace_id: str
    campaign_id: str
    visitor: str


class Changed(OperationalError):
    """What a choice stood on is not so any more: nothing was written, choose again. To those who only want to know
    whether it was written it is trouble like any other of the database."""


@dataclass(slots=True)
class Room:
    """A group as a scan needs it. Ids as 32 hex letters."""

    id: str
    campaign_id: str
    platform: str
    state: str
    name: str
    qr_expires_at: datetime | None
    qr_picture_id: str | None
    """Of the QR picture the hash of what was uploaded: it names the picture's address."""
    free: int


class Seats(Protocol):
    """Where the seats of one batch come from."""

    def begin(self, wanted: Mapping[str, int], now: datetime) -> None:
        """Before its transaction a batch begins, or begins anew: what was taken for it is as if it had not been.
        At most `wanted` seats will be taken, by campaign."""

    def take(self, campaign_id: str, now: datetime) -> Room | None:
        """A seat in the first group that has one."""

    def settle(self) -> None:
        """Count what was taken in the transaction of the batch; `Changed` if somebody else was faster."""

    def done(self) -> None:
        """The batch is committed."""

    def give_back(self) -> None:
        """No batch will come any more."""


class Counted:
    """Seats counted on the groups themselves, batch by batch: where one process does nearly all of it (SQLite), or it
    is only a few scans. What groups have free is remembered for a moment; the count has the last word."""

    def __init__(self) -> None:
        self._pools: dict[str, list[Room]] = {}
        self._taken: Counter[str] = Counter()
        self._since = 0.0
        self._is_under_way = False

    def begin(self, wanted: Mapping[str, int], now: datetime) -> None:  # noqa: ARG002  Leased asks
        moment = time.monotonic()
        if self._is_under_way or moment - self._since > POOL_SECONDS:  # the last try failed, or it is too old
            self._pools.clear()
            self._since = moment
        self._taken.clear()
        self._is_under_way = True

    def take(self, campaign_id: str, now: datetime) -> Room | None:
        pool = self._pools.get(campaign_id)
        if pool is None:
            pool = self._pools[campaign_id] = with_room(campaign_id, now)
        while pool and pool[0].free <= 0:
            pool.pop(0)
            if not pool:  # more groups than one look shows
                self.settle()
                pool += with_room(campaign_id, now)
        if not pool:
            return None
        room = pool[0]
        room.free -= 1
        self._taken[room.id] += 1
        return room

    def settle(self) -> None:
        for group_id, count in sorted(self._taken.items()):
            if bulk.run(COUNT, (count, group_id, count)) != 1:
                raise Changed
        self._taken.clear()

    def done(self) -> None:
        self._is_under_way = False

    def give_back(self) -> None:
        """Nothing of ours lies anywhere."""


def with_room(campaign_id: str, now: datetime) -> list[Room]:
    """The groups to try, best first: the pool's own order, those a newcomer can be sent to (`rules.is_showable`)."""
    return [_room(row) for row in bulk.rows(WITH_ROOM, (campaign_id, bulk.moment(now)))]


def rooms(group_ids: Iterable[str]) -> dict[str, Room]:
    """These groups by id, whatever state they are in."""
    subquery, values = bulk.listed(group_ids)
    found = [_room(row) for row in bulk.rows(f"{ROOM} WHERE grp.id IN ({subquery})", values)]
    return {room.id: room for room in found}


def _room(row: tuple[object, ...]) -> Room:
    group_id, campaign_id, platform, state, name, qr_expires_at, sha256, free = row
    return Room(
        bulk.hexed(group_id),
        bulk.hexed(campaign_id),
        str(platform),
        str(state),
        str(name),
        bulk.as_moment(qr_expires_at),
        sha256 if isinstance(sha256, str) else None,
        int(free),  # type: ignore[call-overload]
    )


def hold(seats: list[bulk.Row]) -> None:
    """Write down seats as held: rows of `SEAT`."""
    bulk.insert("tenfold_seat", SEAT, seats)


def queue_up(newcomers: Sequence[Newcomer], at: str) -> None:
    """Write newcomers down at the end of the line, with the facts."""
    rows = [(new_hex(), *newcomer, "", Waiting.State.WAITING.value, at) for newcomer in newcomers]
    bulk.insert("tenfold_waiting", WAITING, rows)
    facts: list[tuple[str, str, str | None, Mapping[str, object]]] = [
        (each.workspace_id, each.campaign_id, None, {"visitor": str(UUID(each.visitor))})
        for each in newcomers
    ]
    write_many(Fact.LINE_JOINED, facts)


def extend(seat_ids: list[str], until: str) -> None:
    """Shown again: these holds start anew; `Changed` if one of them is over by now."""
    subquery, values = bulk.listed(seat_ids)
    sql = f"UPDATE tenfold_seat SET expires_at = ? WHERE state = 'held' AND id IN ({subquery})"
    if bulk.run(sql, (until, *values)) != len(seat_ids):
        raise Changed
