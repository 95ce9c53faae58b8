"""A scan, the seat it leads to, and the line of those who wait for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import new_id, read_slug
from tenfold.base.refusal import Refusal
from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import code_by_slug
from tenfold.groups import actions as groups
from tenfold.groups import rules as pool
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.groups.queries import others_wait
from tenfold.people import actions as people
from tenfold.people import rules as edges
from tenfold.people.models import Credit, Journey
from tenfold.people.queries import chain_above, journey_of_visitor

State = Campaign.State
Reason = Credit.Reason


class Outcome(StrEnum):
    """What a scan leads to."""

    GROUP = "group"
    MEMBER = "member"
    WAITING = "waiting"
    DRAFT = "draft"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Shown:
    """The answer to a scan: where this visitor goes, or why nowhere."""

    outcome: Outcome
    visitor_id: UUID
    code: LiveCode | None = None
    campaign: Campaign | None = None
    seat: Seat | None = None
    waiting: Waiting | None = None
    journey: Journey | None = None
    no_credit: Reason = Reason.NONE
    """Why this scan brings the code's owner nothing, where the visitor is in the campaign already."""

    @property
    def group(self) -> Group | None:
        if self.seat:
            return self.seat.group
        return self.journey.group if self.journey else None


def scanned(*, slug: str, visitor_id: UUID | None) -> Shown:
    """Someone opens a live code: noted, and sent to the group they were shown before, else to one with room."""
    visitor_id = visitor_id or new_id()
    known = read_slug(slug)
    # Looked up before anything is locked: a flood of made-up codes must not queue where scans are written.
    if known is None or code_by_slug(known) is None:
        return Shown(Outcome.UNKNOWN, visitor_id)
    return _scanned(known, visitor_id)


@step
def _scanned(slug: str, visitor_id: UUID) -> Shown:
    code = code_by_slug(slug)
    if code is None:
        return Shown(Outcome.UNKNOWN, visitor_id)
    now = clock.now()
    owner = Journey.objects.select_related("person").filter(code=code).first()
    shown = _show(code, owner, visitor_id, now)
    if owner and owner.person.visitor_id != visitor_id:
        people.start_sharing(journey=owner, now=now)
    group_id = shown.group.id if shown.group else None
    codes.note_scan(code=code, visitor_id=visitor_id, group_id=group_id, outcome=shown.outcome)
    return shown


def _show(code: LiveCode, owner: Journey | None, visitor_id: UUID, now: datetime) -> Shown:
    campaign = code.campaign
    journey = journey_of_visitor(campaign_id=campaign.id, visitor_id=visitor_id)
    reason = _note_no_credit(journey, owner) if journey and owner else Reason.NONE
    if journey and (journey.is_member or journey.state == Journey.State.ARRIVING):
        return Shown(Outcome.MEMBER, visitor_id, code, campaign, journey=journey, no_credit=reason)
    if not plan.is_over(campaign, now):
        codes.note_first_touch(code=code, visitor_id=visitor_id)
    if closed := why_closed(campaign, now):
        return Shown(closed, visitor_id, code, campaign)
    if seat := seat_for(campaign, visitor_id, now):
        return Shown(Outcome.GROUP, visitor_id, code, campaign, seat=seat)
    waiting = groups.join_line(campaign=campaign, visitor_id=visitor_id)
    return Shown(Outcome.WAITING, visitor_id, code, campaign, waiting=waiting)


def _note_no_credit(visitor: Journey, owner: Journey) -> Reason:
    """Someone who is in already opens a participant's code. Their own inviter's is no news to anybody."""
    if visitor.inviter_id == owner.id:
        return Reason.NONE
    above = [] if visitor.id == owner.id else chain_above(owner)
    reason = edges.why_no_credit(visitor=visitor.id, owner=owner.id, above_owner=above)
    people.note_no_credit(owner=owner, visitor=visitor, reason=reason)
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
    if seat and seat.state == Seat.State.HELD and not pool.has_way_in(seat.group, now):
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
    """Hold free seats for those who wait, first come first; how many were called. Each call is a transaction of its
    own: one for a thousand people would keep everybody who scans waiting."""
    now, called = clock.now(), 0
    while called < limit and not why_closed(campaign, now) and groups.call_next(campaign=campaign, now=now):
        called += 1
    return called
