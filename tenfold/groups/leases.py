"""Seats in blocks, for several processes on one PostgreSQL: none of them waits for the others' rows.

A process takes a block by one conditional update of the group, in a short transaction of its own, and hands its seats
out from memory. Every batch counts what it used on its own lease, in the transaction of the batch (`use`): that is the
fence. A lease that has ended takes nothing any more, whoever ended it and whatever its holder believes; so a process
that was frozen for an hour sells nothing. All times are the database's, as machines' clocks differ.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from tenfold.base import bulk
from tenfold.base.claim import step
from tenfold.base.keys import new_hex
from tenfold.groups import rules
from tenfold.groups.pool import COUNT, Changed, Room, rooms, with_room

# Seats of a lease that nobody has asked for this long may be taken over by whoever finds nothing else.
IDLE_SECONDS = 1.0
# How old what is remembered of a group may be: a QR code that was changed, a group that was closed.
ROOM_SECONDS = 0.5

OPEN = """
    INSERT INTO tenfold_seatlease (id, workspace_id, campaign_id, group_id, holder, seats, used, expires_at)
    SELECT ?, workspace_id, campaign_id, id, ?, ?, 0, clock_timestamp() + ? * interval '1 second'
    FROM tenfold_group WHERE id = ?
"""
USE = """
    UPDATE tenfold_seatlease SET used = used + ?, expires_at = clock_timestamp() + ? * interval '1 second'
    WHERE id = ? AND ended_at IS NULL AND expires_at > clock_timestamp() AND used + ? <= seats
"""
END = """
    UPDATE tenfold_seatlease SET ended_at = clock_timestamp()
    WHERE ended_at IS NULL AND id IN (SELECT id FROM tenfold_seatlease WHERE ended_at IS NULL AND {which}
                                      ORDER BY id FOR UPDATE {waiting})
    RETURNING group_id, seats - used
"""
# A lease in the middle of a batch is not what these look for, and its door may be frozen: nobody waits for that.
SKIP = "SKIP LOCKED"
DOORS = "SELECT count(DISTINCT holder) FROM tenfold_seatlease WHERE ended_at IS NULL AND campaign_id = ?"


class Ended(Changed):
    """This lease sells nothing any more."""

    def __init__(self, lease_id: str) -> None:
        super().__init__(lease_id)
        self.lease_id = lease_id


@step
def open_lease(*, room: Room, seats: int, holder: str) -> str | None:
    """Take `seats` of a group at once; the lease's id, or None if the group has not as many any more."""
    if bulk.run(COUNT, (seats, room.id, seats)) != 1:
        return None
    lease_id = new_hex()
    bulk.run(OPEN, (lease_id, holder, seats, settings.LEASE_SECONDS, room.id))
    return lease_id


def use(counts: Mapping[str, int]) -> None:
    """Count seats as handed out, by lease, in the transaction of those who get them. `Ended` if one has ended."""
    for lease_id, count in sorted(counts.items()):
        if bulk.run(USE, (count, settings.LEASE_SECONDS, lease_id, count)) != 1:
            raise Ended(lease_id)


@step
def end_expired() -> int:
    """Give back what dead or frozen processes have not used; how many leases that were."""
    return _end("expires_at <= clock_timestamp()", waiting=SKIP)


@step
def forget_ended() -> int:
    """Leases that ended an hour ago are of no use to anybody; how many there were."""
    if not bulk.is_shared():
        return 0
    return bulk.run("DELETE FROM tenfold_seatlease WHERE ended_at < clock_timestamp() - interval '1 hour'")


@step
def end_of_group(group_id: str) -> int:
    """Before a group is closed or made smaller: no door sells its seats any more. Without leases nothing happens."""
    return _end("group_id = ?", group_id)


@step
def end_of_holder(holder: str) -> int:
    return _end("holder = ?", holder)


@step
def end_idle(*, campaign_id: str, but: str) -> int:
    """Take over what other doors hold and nobody asks them for."""
    idle = f"expires_at < clock_timestamp() + {settings.LEASE_SECONDS - IDLE_SECONDS:f} * interval '1 second'"
    which = f"campaign_id = ? AND holder <> ? AND used < seats AND {idle}"
    return _end(which, campaign_id, but, waiting=SKIP)


def _end(which: str, *values: object, waiting: str = "") -> int:
    if not bulk.is_shared():
        return 0  # one process writes, and leases nothing
    ended = bulk.rows(END.format(which=which, waiting=waiting), values)
    unused: Counter[str] = Counter()
    for group_id, left in ended:
        unused[bulk.hexed(group_id)] += left
    for group_id, left in sorted(unused.items()):
        bulk.run("UPDATE tenfold_group SET held_count = held_count - ? WHERE id = ?", (left, group_id))
    return len(ended)


@dataclass(slots=True)
class Block:
    lease_id: str
    room: Room
    left: int
    until: float
    """By this process's steady clock; the database has the last word (`use`)."""


@dataclass
class Leased:
    """Seats from leases; `holder` names the process. One thread's own."""

    holder: str
    _blocks: dict[str, list[Block]] = field(default_factory=dict)
    _taken: dict[str, tuple[Block, int]] = field(default_factory=dict)
    _rooms_read_at: float = 0.0

    def begin(self, wanted: Mapping[str, int], now: datetime) -> None:
        """Outside of the batch's transaction: see to it that there are seats, as far as there are any."""
        for block, count in self._taken.values():
            block.left += count
        self._taken.clear()
        self._look_after()
        for campaign_id, count in wanted.items():
            self._get(campaign_id, count, now)

    def take(self, campaign_id: str, now: datetime) -> Room | None:
        for block in self._blocks.get(campaign_id, ()):
            if block.left and rules.is_showable(block.room, now):
                block.left -= 1
                taken = self._taken.get(block.lease_id, (block, 0))[1]
                self._taken[block.lease_id] = (block, taken + 1)
                return block.room
        return None

    def settle(self) -> None:
        try:
            use({lease_id: count for lease_id, (_block, count) in self._taken.items()})
        except Ended as ended:
            block, _count = self._taken.pop(ended.lease_id)
            self._blocks[block.room.campaign_id].remove(block)
            raise

    def done(self) -> None:
        """The batch is committed."""
        until = time.monotonic() + settings.LEASE_SECONDS
        for block, _count in self._taken.values():
            block.until = until
        self._taken.clear()

    def give_back(self) -> None:
        self._blocks.clear()
        end_of_holder(self.holder)

    def _look_after(self) -> None:
        """Forget what has run out, and see what became of the groups."""
        moment = time.monotonic()
        for campaign_id, blocks in list(self._blocks.items()):
            self._blocks[campaign_id] = [block for block in blocks if block.left and block.until > moment]
            if not self._blocks[campaign_id]:
                del self._blocks[campaign_id]
        held = [block for blocks in self._blocks.values() for block in blocks]
        if held and moment - self._rooms_read_at > ROOM_SECONDS:
            found = rooms({block.room.id for block in held})
            for block in held:
                block.room = found.get(block.room.id, block.room)
            self._rooms_read_at = moment

    def _get(self, campaign_id: str, count: int, now: datetime) -> None:
        missing = count - self._left(campaign_id, now)
        may_take_over = True
        while missing > 0:
            opened = self._open(campaign_id, missing, now)
            if opened is None:
                if not may_take_over or not end_idle(campaign_id=campaign_id, but=self.holder):
                    return
                may_take_over = False
            else:
                missing -= opened

    def _left(self, campaign_id: str, now: datetime) -> int:
        blocks = self._blocks.get(campaign_id, ())
        return sum(block.left for block in blocks if rules.is_showable(block.room, now))

    def _open(self, campaign_id: str, missing: int, now: datetime) -> int | None:
        """One more block of the first group with room; its size (0 if somebody was faster), None if none has room."""
        pool = with_room(campaign_id, now)
        if not pool:
            return None
        [(doors,)] = bulk.rows(DOORS, (campaign_id,))
        seats = rules.block_size(free=pool[0].free, missing=missing, doors=doors + 1)
        lease_id = open_lease(room=pool[0], seats=seats, holder=self.holder)
        if lease_id is None:
            return 0
        until = time.monotonic() + settings.LEASE_SECONDS
        self._blocks.setdefault(campaign_id, []).append(Block(lease_id, pool[0], seats, until))
        return seats
