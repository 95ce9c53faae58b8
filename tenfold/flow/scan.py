"""A scan, the seat it leads to, and the line of those who wait for one.

Scans are told to the database many at a time, in one transaction: `scanned_together` is the step, for one scan as for
five hundred. What it writes for nearly everybody goes past the ORM (`codes.actions.note_scans`, `groups.pool`); what is
rare goes through the rooms' own actions, in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _

from tenfold.base import bulk, clock
from tenfold.base.claim import one_transaction, step
from tenfold.base.keys import new_hex, new_hexes, read_slug
from tenfold.base.refusal import Refusal
from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.flow.known import Card, Known, Plan, Plans, cards_of, known_visitors
from tenfold.groups import actions as groups
from tenfold.groups import many, pool
from tenfold.groups import rules as ways
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.groups.queries import others_wait
from tenfold.mailroom import actions as mailroom
from tenfold.people import actions as people
from tenfold.people import crediting
from tenfold.people import rules as edges
from tenfold.people.models import Credit, Journey
from tenfold.people.queries import chain_above

State = Campaign.State
Reason = Credit.Reason
TRIES = 6


class Outcome(StrEnum):
    """What a scan leads to."""

    GROUP = "group"
    MEMBER = "member"
    WAITING = "waiting"
    KEPT_OUT = "kept_out"
    DRAFT = "draft"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    ENDED = "ended"
    UNKNOWN = "unknown"
    BOT = "bot"


# As columns take them: a driver asks around what to do with an enumeration.
TEXTS = {outcome: outcome.value for outcome in Outcome}
HELD = Seat.State.HELD.value
VISITOR_OF_HOLD = itemgetter(pool.SEAT.index("visitor_id"))
VISITOR_OF_SCAN = itemgetter(codes.SCAN.index("visitor_id"))


@dataclass(slots=True)
class Opening:
    """Somebody opens a live code. `visitor` (32 hex letters) is None for who comes for the first time."""

    card: Card
    visitor: str | None
    agent: str = ""
    """A program's name, where no person opens the code: that is noted apart, and leads nowhere."""


@dataclass(slots=True)
class Shown:
    """The answer to a scan: where this visitor goes, or why nowhere. Ids as 32 hex letters."""

    outcome: Outcome
    visitor: str
    card: Card | None = None
    campaign: Campaign | None = None
    group_id: str | None = None
    room: pool.Room | None = None
    """Of the group a newcomer goes to, what they have to be shown."""
    no_credit: Reason = Reason.NONE
    """Why this scan brings the code's owner nothing, where the visitor is in the campaign already."""

    @property
    def visitor_id(self) -> UUID:
        return UUID(self.visitor)

    @property
    def group(self) -> Group | None:
        """The row, for who needs more of it than a scan does."""
        return Group.objects.filter(pk=self.group_id).first() if self.group_id else None

    @property
    def seat(self) -> Seat | None:
        """The row of the visitor's seat, as it is now."""
        if self.campaign is None:
            return None
        return groups.live_seat(campaign_id=self.campaign.id, visitor_id=self.visitor_id)


def scanned(*, slug: str, visitor_id: UUID | None) -> Shown:
    """Someone opens a live code: noted, and sent to the group they were shown before, else to one with room."""
    visitor = visitor_id.hex if visitor_id else None
    read = read_slug(slug)
    # Looked up before anything is locked: a flood of made-up codes must not queue where scans are written.
    card = cards_of([read]).get(read) if read else None
    if card is None:
        return Shown(Outcome.UNKNOWN, visitor or new_hex())
    return scanned_together([Opening(card, visitor)])[0]


def scanned_together(
    openings: Sequence[Opening],
    *,
    heard: Sequence[mailroom.Hook] = (),
    plans: Plans | None = None,
    seats: pool.Seats | None = None,
    slot: int = 0,
) -> list[Shown]:
    """Note these scans, all or none, and tell what each leads to, in their order.

    `heard`, what other systems told us meanwhile, is kept in the same transaction. `plans` may remember campaigns for a
    moment, `seats` is where seats come from, `slot` where this process counts.
    """
    plans, seats = plans or Plans(), seats or pool.Counted()
    asked = Counter(opening.card.campaign_id for opening in openings if not opening.agent)
    for left in reversed(range(TRIES)):
        is_done = False
        try:
            known = plans.of({opening.card.campaign_id for opening in openings})
            seats.begin(
                {each: count for each, count in asked.items() if known[each].gives_seats}, clock.now()
            )
            with one_transaction():
                batch = _Batch(openings, known, plans, seats)
                shown = [batch.show(opening) for opening in openings]
                batch.write(slot)
                if heard:
                    mailroom.hear(heard)
                is_done = True
        except (IntegrityError, OperationalError, InterfaceError):
            # As with any `step` all is undone, and the next try sees what stood in the way (`pool.Changed` among them).
            # Not so where the commit itself broke off: it may have been kept, and nobody must have two seats.
            plans.forget(asked)
            if is_done or not left or connection.in_atomic_block:
                raise
            connection.close_if_unusable_or_obsolete()
        else:
            batch.remember()
            seats.done()
            return shown
    raise AssertionError("unreachable")


class _Home:
    """One campaign, as all of a batch who come to it find it."""

    __slots__ = (
        *("campaign", "closed", "has_line", "held_until", "id"),
        *("is_fresh_until", "is_over", "plan", "tally", "workspace_id"),
    )

    def __init__(self, known: Plan, now: datetime) -> None:
        self.id, self.workspace_id, self.campaign, self.plan = (
            known.id,
            known.workspace_id,
            known.campaign,
            known,
        )
        self.has_line = known.has_line
        self.tally: dict[str, list[int]] = {}
        self.closed = why_closed(known.campaign, now)
        self.is_over = plan.is_over(known.campaign, now)
        hold = timedelta(minutes=known.campaign.hold_minutes)
        self.held_until = bulk.moment(now + hold)
        # Who scans twice within a moment has nothing to gain, and each seat is a page of the disk.
        self.is_fresh_until = bulk.moment(now + hold * 7 / 8)


class _Batch:
    """What is known when a batch begins, and what is to be written when it ends."""

    def __init__(
        self, openings: Sequence[Opening], known: Mapping[str, Plan], plans: Plans, seats: pool.Seats
    ) -> None:
        self._now = clock.now()
        self._ids = new_hexes()
        self._at = bulk.moment(self._now)
        # In one order everywhere, as each home is counted where other doors count too.
        campaigns = sorted({opening.card.campaign_id for opening in openings})
        self._homes = {key: _Home(known[key], self._now) for key in campaigns}
        self._seats = seats
        came_back = {(each.card.campaign_id, each.visitor) for each in openings if each.visitor}
        self._known = known_visitors(came_back)
        held_in = {known.group_id for known in self._known.values() if known.is_held}
        self._rooms = plans.rooms(held_in)
        self._scans: list[bulk.Row] = []
        self._holds: list[bulk.Row] = []
        self._bots: list[tuple[str, str, str | None, Mapping[str, object]]] = []
        self._waiting: list[pool.Newcomer] = []
        self._extended: dict[str, set[str]] = {}
        self._sharers: set[str] = set()

    def show(self, opening: Opening) -> Shown:
        card = opening.card
        home = self._homes[card.campaign_id]
        if opening.agent:
            self._bots.append((home.workspace_id, home.id, card.code_id, {"agent": opening.agent[:200]}))
            return Shown(Outcome.BOT, "", card, home.campaign)
        visitor = opening.visitor
        shown = self._visitor(card, home, visitor) if visitor else self._newcomer(card, home)
        if card.owner_id and not card.is_sharing and card.owner_visitor != shown.visitor:
            self._sharers.add(card.owner_id)
        return shown

    def _newcomer(self, card: Card, home: _Home) -> Shown:
        """Nothing can be known of them: nearly everybody on a launch night, and the shortest way."""
        shown = Shown(Outcome.WAITING, new_hex(), card, home.campaign)
        is_hold = False
        if home.closed:
            shown.outcome = home.closed
        elif not home.has_line and (room := self._seats.take(home.id, self._now)):
            self._hold(shown, home, room)
            is_hold = True
        else:
            self._queue(shown.visitor, home)
        self._note(shown, card, home, not home.is_over, is_hold)
        return shown

    def _visitor(self, card: Card, home: _Home, visitor: str) -> Shown:
        """They were here before."""
        known = self._known[home.id, visitor]
        shown = Shown(Outcome.MEMBER, visitor, card, home.campaign)
        if known.journey_id and card.owner_id:
            shown.no_credit = _note_no_credit(known, card)
        is_first = is_hold = False
        if known.is_inside:
            shown.group_id = known.journey_group_id
        else:
            is_first = not known.has_touched and not home.is_over
            known.has_touched = True
            is_hold = self._lead(shown, known, home)
        self._note(shown, card, home, is_first, is_hold)
        return shown

    def _lead(self, shown: Shown, known: Known, home: _Home) -> bool:
        """Fill in where they go; whether a seat was held for that."""
        if home.closed:
            shown.outcome = home.closed
            return False
        if known.is_kept_out:
            shown.outcome = Outcome.KEPT_OUT
            return False
        if room := self._room_shown_before(known, home):
            shown.outcome, shown.group_id, shown.room = Outcome.GROUP, room.id, room
            return False
        if not (home.has_line and self._others_wait(shown.visitor, known, home)):
            room = self._seats.take(home.id, self._now)
        if room is None:
            shown.outcome = Outcome.WAITING
            self._wait(shown.visitor, known, home)
            return False
        known.seat_id, known.seat_state = self._hold(shown, home, room), HELD
        known.group_id, known.is_new = room.id, True
        self._rooms[room.id] = room
        return True

    def _hold(self, shown: Shown, home: _Home, room: pool.Room) -> str:
        seat_id = next(self._ids)
        row = (seat_id, home.workspace_id, home.id, room.id, shown.visitor, HELD, self._at, home.held_until)
        self._holds.append(row)
        shown.outcome, shown.group_id, shown.room = Outcome.GROUP, room.id, room
        return seat_id

    def _room_shown_before(self, known: Known, home: _Home) -> pool.Room | None:
        """The group of the seat they have, with the hold begun anew; None if it cannot be reached any more."""
        if not known.seat_id:
            return None
        if not known.is_held:  # taken: theirs, whatever became of their journey
            return pool.rooms([known.group_id]).get(known.group_id)
        room = self._rooms[known.group_id]
        if not ways.has_way_in(room, self._now):
            groups.release(
                seat=Seat.objects.select_related("group").get(pk=known.seat_id), reason="no_way_in"
            )
            if known.waiting == Waiting.State.CALLED:  # back where they stood
                known.waiting, home.has_line = Waiting.State.WAITING, True
            known.seat_id = ""
            return None
        if not known.is_new and known.held_until < home.is_fresh_until:
            self._extended.setdefault(home.held_until, set()).add(known.seat_id)
        return room

    def _others_wait(self, visitor: str, known: Known, home: _Home) -> bool:
        if known.waiting != Waiting.State.WAITING:
            return True
        if any(each.campaign_id == home.id and each.visitor != visitor for each in self._waiting):
            return True  # they came in this batch, and are not written down yet
        return others_wait(campaign_id=home.campaign.id, visitor_id=UUID(visitor))

    def _wait(self, visitor: str, known: Known, home: _Home) -> None:
        """To the end of the line, or where they stand in it."""
        if not known.waiting:
            self._queue(visitor, home)
        elif known.waiting != Waiting.State.WAITING:
            groups.join_line(campaign=home.campaign, visitor_id=UUID(visitor))
            home.has_line = True
        known.waiting = Waiting.State.WAITING

    def _queue(self, visitor: str, home: _Home) -> None:
        self._waiting.append(pool.Newcomer(home.workspace_id, home.id, visitor))
        home.has_line = True

    def _note(self, shown: Shown, card: Card, home: _Home, is_first: bool, is_hold: bool) -> None:
        self._scans.append(
            (
                next(self._ids),
                self._at,
                home.workspace_id,
                home.id,
                card.code_id,
                shown.visitor,
                shown.group_id,
                TEXTS[shown.outcome],
                1 if is_first else 0,
                1 if is_hold else 0,
            )
        )
        count = home.tally.get(card.source_id)
        if count is None:
            count = home.tally[card.source_id] = [0, 0]
        count[0] += 1
        count[1] += is_first

    def remember(self) -> None:
        """All is kept: who comes next finds the line that has begun."""
        for home in self._homes.values():
            home.plan.has_line = home.has_line

    def write(self, slot: int) -> None:
        """Journeys first, as everywhere (`people.lock`); what other processes count too comes last."""
        if self._sharers:
            for owner in Journey.objects.filter(pk__in=self._sharers, sharing_at=None).order_by("pk"):
                people.start_sharing(journey=owner, now=self._now)
        self._seats.settle()
        # By visitor: two doors that hold seats for the same two people must not wait for each other crosswise.
        pool.hold(sorted(self._holds, key=VISITOR_OF_HOLD))
        for until, seat_ids in self._extended.items():
            pool.extend(sorted(seat_ids), until)
        pool.queue_up(self._waiting, self._at)
        codes.note_bots(self._bots)
        codes.note_scans(sorted(self._scans, key=VISITOR_OF_SCAN))
        for home in self._homes.values():
            codes.count_scans(campaign_id=home.id, tally=home.tally, slot=slot)


def _note_no_credit(known: Known, card: Card) -> Reason:
    """Someone who is in already opens a participant's code. Their own inviter's is no news to anybody."""
    if known.inviter_id == card.owner_id:
        return Reason.NONE
    if known.journey_id == card.owner_id:
        return Reason.SELF_INVITE
    found = Journey.objects.in_bulk([UUID(known.journey_id), UUID(card.owner_id)])
    visitor, owner = found[UUID(known.journey_id)], found[UUID(card.owner_id)]
    reason = edges.why_no_credit(visitor=visitor.id, owner=owner.id, above_owner=chain_above(owner))
    crediting.note_no_credit(owner=owner, visitor=visitor, reason=reason)
    return reason


def why_closed(campaign: Campaign, now: datetime) -> Outcome | None:
    """Why nobody can join now; None if they can."""
    if plan.is_over(campaign, now):
        return Outcome.ENDED
    if campaign.state == State.DRAFT:
        return Outcome.DRAFT
    if campaign.state == State.PAUSED:
        return Outcome.PAUSED
    return None if plan.has_started(campaign, now) else Outcome.NOT_STARTED


def seat_for(campaign: Campaign, visitor_id: UUID, now: datetime) -> Seat | None:
    """The seat this visitor has, if it can still be reached, else a new one, unless others stand in the line
    before them."""
    seat = groups.live_seat(campaign_id=campaign.id, visitor_id=visitor_id)
    if seat and seat.state == Seat.State.HELD and not ways.has_way_in(seat.group, now):
        groups.release(seat=seat, reason="no_way_in")
    elif seat and groups.extend_hold(seat=seat, campaign=campaign, now=now):
        return seat
    if others_wait(campaign_id=campaign.id, visitor_id=visitor_id):
        return None
    return groups.hold_seat(campaign=campaign, visitor_id=visitor_id, now=now)


@step
def line_name_given(*, campaign: Campaign, visitor_id: UUID, name: str) -> Waiting:
    waiting = Waiting.objects.filter(campaign=campaign, visitor_id=visitor_id).first()
    if waiting is None:
        raise Refusal(
            "not_in_line", _("You are not in the line. Scan the code on the poster again."), status=404
        )
    return groups.name_waiting(waiting=waiting, name=edges.clean_nickname(name))


def line_called(*, campaign: Campaign, limit: int = 50) -> int:
    """Hold free seats for those who wait, first come first; how many were called. They share a transaction, a group's
    at a time: keep `limit` small, since everybody who scans waits for it. One by one where that does not work."""
    now, called, together = clock.now(), 0, True
    while called < limit and not why_closed(campaign, now):
        try:
            more = many.call_first(campaign=campaign, now=now, most=limit - called) if together else 0
        except (Refusal, IntegrityError):
            more = 0
        together = more > 0
        more = more or groups.call_next(campaign=campaign, now=now)
        if not more:
            break
        called += more
    return called
