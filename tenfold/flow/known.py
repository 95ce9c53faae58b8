"""What a scan stands on: the code, the campaign, and what is known of the visitor. Ids as 32 hex letters."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from tenfold.base import bulk
from tenfold.campaigns.models import Campaign
from tenfold.groups.models import Seat, Waiting
from tenfold.groups.pool import Room, rooms
from tenfold.people.models import Journey

# How old what is remembered of a campaign may be: an operator's pause holds everywhere within this time.
PLAN_SECONDS = 0.5
MOST_PLANS = 1000
OUTSIDE = (Journey.State.LEFT, Journey.State.REMOVED)


class Card(NamedTuple):
    """A live code, as far as a scan needs it. None of it ever changes, except that its owner begins to share."""

    code_id: str
    campaign_id: str
    source_id: str
    """Who its scans are counted for: its channel, or the campaign for all participants' own codes together."""
    owner_id: str | None
    """The journey whose personal code it is."""
    owner_visitor: str | None
    is_sharing: bool


CARDS = """
    SELECT code.slug, code.id, code.campaign_id, coalesce(code.channel_id, code.campaign_id), journey.id,
           person.visitor_id, journey.sharing_at IS NOT NULL
    FROM tenfold_livecode code
    LEFT JOIN tenfold_journey journey ON journey.code_id = code.id
    LEFT JOIN tenfold_person person ON person.id = journey.person_id
"""


def cards_of(slugs: Iterable[str]) -> dict[str, Card]:
    """Those of `slugs` that are live codes, in one query."""
    subquery, values = bulk.listed_texts(slugs)
    return dict(_card(*row) for row in bulk.rows(f"{CARDS} WHERE code.slug IN ({subquery})", values))


def newest_cards(*, before: str, limit: int) -> tuple[dict[str, Card], str]:
    """The newest codes of running campaigns, and where to go on ("" at the end): the `before` of the next call."""
    sql = f"""{CARDS} JOIN tenfold_campaign campaign ON campaign.id = code.campaign_id
        WHERE campaign.state IN ('live', 'paused') {{older}} ORDER BY code.id DESC LIMIT ?"""
    found = bulk.rows(sql.format(older="AND code.id < ?" if before else ""), (*filter(None, [before]), limit))
    cards = dict(_card(*row) for row in found)
    return cards, bulk.hexed(found[-1][1]) if len(found) == limit else ""


def _card(slug: str, *row: object) -> tuple[str, Card]:
    code_id, campaign_id, source_id, owner_id, owner_visitor, is_sharing = map(bulk.hexed, row)
    return slug, Card(code_id, campaign_id, source_id, owner_id, owner_visitor, bool(is_sharing))


@dataclass(slots=True)
class Plan:
    """A campaign, and whether anybody stands in its line."""

    id: str
    workspace_id: str
    campaign: Campaign
    has_line: bool
    read_at: float

    @property
    def gives_seats(self) -> bool:
        """Whether newcomers are given seats: not while it rests, nor while others stand in its line. What is free is
        theirs then, and a block of it would lie with a door until it expires."""
        return not self.has_line and self.campaign.state == Campaign.State.LIVE


class Plans:
    """Campaigns and groups remembered for `PLAN_SECONDS` by those who scan much. One thread's own."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._rooms: dict[str, Room] = {}
        self._rooms_since = 0.0

    def of(self, campaign_ids: Collection[str]) -> dict[str, Plan]:
        """These campaigns. Those remembered too long are read again in the transaction that asks."""
        if len(self._plans) > MOST_PLANS:
            self._plans.clear()
        moment = time.monotonic()
        old = [each for each in campaign_ids if self._is_old(each, moment)]
        if old:
            self._plans |= _read(old, moment)
        return {each: self._plans[each] for each in campaign_ids if each in self._plans}

    def rooms(self, group_ids: Collection[str]) -> dict[str, Room]:
        """These groups, as somebody who holds a seat there has to see them."""
        moment = time.monotonic()
        if moment - self._rooms_since > PLAN_SECONDS:
            self._rooms, self._rooms_since = {}, moment
        if missing := [each for each in group_ids if each not in self._rooms]:
            self._rooms |= rooms(missing)
        return self._rooms

    def forget(self, campaign_ids: Iterable[str]) -> None:
        """What is remembered of them may have led astray."""
        for each in campaign_ids:
            self._plans.pop(each, None)
        self._rooms = {}

    def _is_old(self, campaign_id: str, moment: float) -> bool:
        plan = self._plans.get(campaign_id)
        return plan is None or moment - plan.read_at > PLAN_SECONDS


def _read(campaign_ids: list[str], moment: float) -> dict[str, Plan]:
    line = Waiting.objects.filter(campaign=OuterRef("pk"), state=Waiting.State.WAITING)
    found = Campaign.objects.filter(pk__in=campaign_ids).annotate(has_line=Exists(line))
    return {
        each.id.hex: Plan(each.id.hex, each.workspace_id.hex, each, each.has_line, moment) for each in found
    }


@dataclass(slots=True)
class Known:
    """What the database says of a visitor in a campaign; of a stranger, nothing."""

    journey_id: str = ""
    journey_state: str = ""
    inviter_id: str | None = None
    journey_group_id: str | None = None
    is_kept_out: bool = False
    seat_id: str = ""
    seat_state: str = ""
    group_id: str = ""
    """Of the seat."""
    held_until: str = ""
    """As `bulk.moment` tells it."""
    waiting: str = ""
    has_touched: bool = False
    is_new: bool = False
    """The seat is of this very batch, and not written yet."""

    @property
    def is_inside(self) -> bool:
        return self.journey_id != "" and self.journey_state not in OUTSIDE

    @property
    def is_held(self) -> bool:
        return self.seat_state == Seat.State.HELD


KNOWN = (
    *("asked.a", "asked.b", "journey.id", "journey.state", "journey.inviter_id", "journey.group_id"),
    "journey.kept_out_at IS NOT NULL",
    *("seat.id", "seat.state", "seat.group_id", "CAST(seat.expires_at AS text)", "line.state", "first.id"),
)
KNOWN_FROM = """
    FROM ({asked}) asked
    LEFT JOIN tenfold_seat seat
        ON seat.campaign_id = asked.a AND seat.visitor_id = asked.b AND NOT seat.state = 'released'
    LEFT JOIN tenfold_waiting line ON line.campaign_id = asked.a AND line.visitor_id = asked.b
    LEFT JOIN tenfold_scan first
        ON first.campaign_id = asked.a AND first.visitor_id = asked.b AND first.is_first
    LEFT JOIN tenfold_journey journey ON journey.id = (
        SELECT mine.id FROM tenfold_person person CROSS JOIN tenfold_journey mine
        WHERE person.visitor_id = asked.b AND mine.person_id = person.id AND mine.campaign_id = asked.a
    )
"""


def known_visitors(asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """What is known of each (campaign, visitor), in one query."""
    if not asked:
        return {}
    subquery, values = bulk.paired(asked)
    found = bulk.gathered(KNOWN, KNOWN_FROM.format(asked=subquery), values)
    return dict(_known(*row) for row in found)


def _known(
    campaign_id: str,
    visitor_id: str,
    journey_id: str | None,
    state: str | None,
    inviter_id: str | None,
    journey_group_id: str | None,
    is_kept_out: object,
    seat_id: str | None,
    seat_state: str | None,
    group_id: str | None,
    held_until: str | None,
    line: str | None,
    first_id: str | None,
) -> tuple[tuple[str, str], Known]:
    known = Known(
        journey_id or "",
        state or "",
        inviter_id,
        journey_group_id,
        bool(is_kept_out),
        seat_id or "",
        seat_state or "",
        group_id or "",
        held_until or "",
        line or "",
        first_id is not None,
    )
    return (campaign_id, visitor_id), known
