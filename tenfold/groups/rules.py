"""Choosing a group, and what a member count says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tenfold.groups.models import Group

QR_LIFE = timedelta(days=7)
QR_WARNING = timedelta(hours=24)
QR_JOIN_LIMIT = 200
FILL_WARNING_PERCENT = 80
LARGEST_WEB_ROOM = 100_000
LARGEST_BLOCK = 200


class WayIn(Protocol):
    """What of a group decides whether somebody can get in: the row, or what a scan knows of it."""

    @property
    def state(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def qr_picture_id(self) -> object: ...
    @property
    def qr_expires_at(self) -> datetime | None: ...


def is_showable(group: WayIn, now: datetime) -> bool:
    """Whether a newcomer can be sent there at all: open, and with a QR that still works where it needs one."""
    return group.state == Group.State.OPEN and has_way_in(group, now)


def has_way_in(group: WayIn, now: datetime) -> bool:
    """Whether those it was shown to can still join: it is not closed, and its QR works where it needs one."""
    if group.state == Group.State.CLOSED:
        return False
    return group.platform == Group.Platform.WEB or has_valid_qr(group, now)


def has_valid_qr(group: WayIn, now: datetime) -> bool:
    return group.qr_picture_id is not None and group.qr_expires_at is not None and group.qr_expires_at > now


def in_order(groups: Iterable[Group], now: datetime) -> list[Group]:
    """The groups to try, best first: the pool's own order, those with room on paper."""
    return [group for group in groups if is_showable(group, now) and group.free_count > 0]


def largest_capacity(platform: str) -> int:
    return QR_JOIN_LIMIT if platform == Group.Platform.WECHAT_GROUP else LARGEST_WEB_ROOM


def is_nearly_full(group: Group) -> bool:
    return (group.held_count + group.taken_count) * 100 >= group.capacity * FILL_WARNING_PERCENT


def qr_ends_soon(group: Group, now: datetime) -> bool:
    return group.qr_expires_at is not None and group.qr_expires_at - now <= QR_WARNING


def block_size(*, free: int, missing: int, doors: int) -> int:
    """How many seats one of `doors` processes takes of a group at once, where `missing` are asked for right now.

    Half of its share, so that blocks shrink as the group fills and the last seats do not lie where nobody asks; what is
    asked for right now cannot lie anywhere.
    """
    share = min(LARGEST_BLOCK, free // (2 * doors))
    return max(1, min(free, max(share, missing)))


@dataclass(frozen=True)
class Count:
    """What a member count means: how many of those arriving it confirms, how many sit there unknown to us, and
    how many of ours are missing (who, the number cannot say)."""

    confirmed: int
    anonymous: int
    missing: int


def read_count(*, members: int, others: int, known: int, arriving: int) -> Count:
    """`members` as the chat shows it, `others` who were there before us, `known` members of ours, and those
    `arriving` who say they have joined. The ones beyond are first taken to be those who said so."""
    beyond = members - others - known
    if beyond < 0:
        return Count(confirmed=0, anonymous=0, missing=-beyond)
    confirmed = min(beyond, arriving)
    return Count(confirmed=confirmed, anonymous=beyond - confirmed, missing=0)
