"""Joining a group, being confirmed in it, leaving it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign, Words
from tenfold.codes import actions as codes
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import first_touch
from tenfold.flow.credits import credit_gone, credited, is_waiting
from tenfold.flow.say import say, say_after_all, say_removed, where_of
from tenfold.flow.scan import seat_for, why_closed
from tenfold.groups import actions as groups
from tenfold.groups import rules as pool
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask
from tenfold.people import actions as people
from tenfold.people import rules as edges
from tenfold.people.models import Credit, Journey
from tenfold.people.queries import journey_of_visitor
from tenfold.platforms.contract import NeedsHuman
from tenfold.platforms.registry import PLATFORMS
from tenfold.proofs.queries import is_in_review

Moment = Words.Moment
# What somebody is told to do, in the group: of no use to who is out of it. How their screenshot was judged, what they
# have earned and that they were removed is news for them wherever they are, on their own page.
FOR_MEMBERS = (Moment.JOIN, Moment.TASK, Moment.REMIND, Moment.WARN, Moment.PROGRESS)


@step
def joined(
    *,
    group: Group,
    visitor_id: UUID,
    nickname: str,
    has_consented: bool,
    language: str,
    device: str = "",
) -> Journey:
    """A visitor gives a name and agrees. Where the platform sees joins they are in; else it has to be confirmed.
    The seat decides the group; `group` is the one whose page they stood on. `device` is what their phone calls itself,
    or anything else."""
    campaign, now = group.campaign, clock.now()
    journey = journey_of_visitor(campaign_id=campaign.id, visitor_id=visitor_id)
    if journey:
        people.lock(journey=journey, and_inviter=True)
        if journey.is_member or journey.state == Journey.State.ARRIVING:
            return journey
        _check_may_return(journey)
    if not has_consented:
        raise Refusal(
            "consent_needed", _("Please agree first: without it we may not keep your name."), status=400
        )
    name = edges.clean_nickname(nickname)
    if closed := why_closed(campaign, now):
        raise Refusal(closed, _("This campaign does not take newcomers now."))
    inviter, channel_code = (None, None) if journey else _edge(campaign, visitor_id)
    if inviter:
        people.lock(journey=inviter)  # before the seat, as everywhere
    seat = seat_for(campaign, visitor_id, now)
    if seat is None:
        raise _seat_gone()
    person = people.know_person(
        workspace_id=campaign.workspace_id,
        visitor_id=visitor_id,
        nickname=name,
        language=language if language in Language.values else campaign.language,
    )
    if journey:
        people.expect_back(journey=journey, seat=seat)
    else:
        journey = people.start_journey(
            person=person,
            code=codes.make_code(campaign=campaign),
            inviter=inviter,
            channel_code=channel_code,
            seat=seat,
            device_key=edges.device_key(campaign.id, device),
        )
    return _arrived(journey, seat, now)


def _check_may_return(journey: Journey) -> None:
    if journey.kept_out_at is not None:
        message = _(
            "You were removed from this campaign and cannot join again. If this is a mistake, ask the organisers."
        )
        raise Refusal("kept_out", message, status=403)


def _seat_gone() -> Refusal:
    return Refusal(
        "seat_gone", _("Your seat was held too long and went to someone else. Scan the code again.")
    )


def _arrived(journey: Journey, seat: Seat, now: datetime) -> Journey:
    if PLATFORMS[seat.group.platform].sees_joins:
        return _entered(journey, seat, now)
    groups.keep_hold(seat=seat)
    people.arrive(journey=journey, now=now)
    if is_in_review(journey):
        people.await_verdict(journey=journey)
    return journey


def _edge(campaign: Campaign, visitor_id: UUID) -> tuple[Journey | None, LiveCode | None]:
    """The inviter by the code they touched first, or the channel's code that makes a seed of them, or neither."""
    code = first_touch(campaign_id=campaign.id, visitor_id=visitor_id)
    inviter = Journey.objects.filter(code=code).first() if code else None
    return inviter, None if inviter else code


def _entered(journey: Journey, seat: Seat, now: datetime) -> Journey:
    if not groups.take_seat(seat=seat, now=now):
        raise _seat_gone()
    is_first = journey.joined_at is None
    people.become_member(journey=journey, now=now)
    if is_in_review(journey):
        people.await_verdict(journey=journey)
    groups.leave_line(
        campaign_id=journey.campaign_id, visitor_id=journey.person.visitor_id, state=Waiting.State.SERVED
    )
    _greeted(journey, is_first)
    credited(newcomer=journey)
    return journey


def _greeted(journey: Journey, is_first: bool) -> None:
    """Once. Who left before they heard it hears it where they are now; of the task only while it is to be done."""
    for moment in (Moment.JOIN, Moment.TASK):
        key = f"{moment.value}:{journey.id}"
        if is_first:
            say(journey, moment, key=key)
        elif moment == Moment.JOIN or journey.approved_at is None:
            say_after_all(journey, moment, key=key)


@step
def arrival_confirmed(*, journey: Journey) -> Journey:
    """A screenshot or a member count shows that someone who said so has joined."""
    people.lock(journey=journey, and_inviter=True)
    if journey.state == Journey.State.ARRIVING and journey.seat:
        return _entered(journey, journey.seat, clock.now())
    return journey


@step
def members_counted(*, group: Group, members: int, operator: Operator) -> pool.Count:
    """The operator read the member count off a phone: it confirms those who said they joined, earliest first."""
    if PLATFORMS[group.platform].sees_joins:
        raise Refusal("counts_itself", _("This group knows its members by itself."), status=400)
    if not 0 <= members <= 500:
        raise Refusal("bad_count", _("A WeChat group has between 0 and 500 members."), status=400)
    said = Journey.objects.filter(group=group, state=Journey.State.ARRIVING).order_by("created_at")
    people.lock_edges(journeys=list(said))
    arriving = list(said.all())  # while we waited for them, some may have been confirmed or have left
    groups.note_count(group=group, members=members, operator=operator)
    known = Seat.objects.filter(group=group, state=Seat.State.TAKEN, visitor_id__isnull=False).count()
    count = pool.read_count(members=members, others=group.others_count, known=known, arriving=len(arriving))
    for journey in arriving[: count.confirmed]:
        arrival_confirmed(journey=journey)
    groups.set_unknown_seats(group=group, count=count.anonymous, now=clock.now())
    if count.missing:
        _ask_who_left(group, count.missing, members)
    return count


def _ask_who_left(group: Group, missing: int, members: int) -> None:
    where = mailroom.Where(group.workspace_id, group.campaign_id, group.id, group.platform)
    key = f"count:{group.id}:{members}:{clock.now().date()}"
    mailroom.open_task(where=where, kind=HumanTask.Kind.COUNT, text=str(missing), key=key)


@step
def left(*, journey: Journey) -> Journey:
    """They leave by themselves. Within the grace time their inviter's credit goes with them."""
    return _gone(journey, Journey.State.LEFT, edges.Reason.LEFT)


@step
def removed(
    *, journey: Journey, operator: Operator | None = None, may_return: bool = False
) -> Journey:  # fmt: skip
    """They are removed; where the platform cannot do that a person is asked to. Who only said they had joined is taken
    off the list: there is nobody to tell and nobody to remove. Whom an operator removes cannot come back by a scan,
    unless they may; whom a rule removes can."""
    people.lock(journey=journey, and_inviter=True)
    if journey.is_member:
        _show_out(journey, clock.now(), may_return=may_return or operator is None)
    gone = _gone(journey, Journey.State.REMOVED, edges.Reason.REMOVED)
    if operator and not may_return:
        kept_out(journey=journey, operator=operator)
    return gone


@step
def kept_out(*, journey: Journey, operator: Operator) -> None:
    """They are not let in again. What was held for them meanwhile is for others, a place in the line as well."""
    people.lock(journey=journey)
    if not people.keep_out(journey=journey, operator=operator):
        return
    who = {"campaign_id": journey.campaign_id, "visitor_id": journey.person.visitor_id}
    if seat := groups.live_seat(**who):
        groups.release(seat=seat, reason="kept_out")
    if Waiting.objects.filter(**who, state__in=[Waiting.State.WAITING, Waiting.State.CALLED]).exists():
        groups.leave_line(**who, state=Waiting.State.MISSED)


@step
def let_back(*, journey: Journey, operator: Operator) -> None:
    """Their next scan leads to a seat again."""
    people.lock(journey=journey)
    people.let_back(journey=journey, operator=operator)


def _show_out(journey: Journey, now: datetime, *, may_return: bool) -> None:
    told = f"remove:{journey.id}:{now:%Y%m%d%H%M%S}"
    if may_return:
        say(journey, Moment.REMOVE, key=told)
    else:
        say_removed(journey, key=told)
    group, name = journey.group, journey.person.nickname
    key = f"kick:{journey.id}:{now:%Y%m%d%H%M%S}"
    if isinstance(PLATFORMS[group.platform].remove(room_id=group.id, name=name, key=key), NeedsHuman):
        mailroom.open_task(where=where_of(journey), kind=HumanTask.Kind.REMOVE, text=name, key=key)


@step
def never_arrived(*, journey: Journey) -> Journey:
    """They said they had joined, and nothing showed it in time: the seat is for someone who comes."""
    return _gone(journey, Journey.State.REMOVED, None)


def _gone(journey: Journey, state: Journey.State, reason: Credit.Reason | None) -> Journey:
    """Out of the group, seat given back; with a `reason` the inviter's credit goes too, where it is not final yet."""
    people.lock(journey=journey, and_inviter=True)
    seat, now = journey.seat, clock.now()
    if not people.go(journey=journey, state=state, now=now):
        return journey
    mailroom.unsay_to(journey_id=journey.id, campaign_id=journey.campaign_id, moments=FOR_MEMBERS)
    if seat:
        groups.release(seat=seat, reason=state)
    minutes, joined_at = journey.campaign.grace_minutes, journey.joined_at or now
    is_in_grace = edges.is_within_grace(joined_at=joined_at, left_at=now, grace_minutes=minutes)
    if reason and (is_in_grace or state == Journey.State.REMOVED or is_waiting(journey)):
        credit_gone(newcomer=journey, reason=reason)
    return journey
