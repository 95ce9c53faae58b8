"""Those who never act: reminded, warned, removed, each when it is due; and seats that were shown for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Campaign, Words
from tenfold.flow.join import never_arrived, removed
from tenfold.flow.say import say
from tenfold.groups import actions as groups
from tenfold.groups import many
from tenfold.groups.models import Seat, Waiting
from tenfold.people import actions as people
from tenfold.people.models import Journey

Moment = Words.Moment
State = Campaign.State
PAUSED_RECHECK = timedelta(minutes=5)


@step
def stalled(*, journey: Journey) -> None:
    """Remind, warn or remove someone who never acted, whichever is due; never in quiet hours or while paused."""
    people.lock(journey=journey, and_inviter=True)
    campaign, now = journey.campaign, clock.now()
    if journey.due_at is None or journey.due_at > now:
        return
    if journey.state == Journey.State.ARRIVING:
        never_arrived(journey=journey)
    elif journey.state == Journey.State.JOINED:
        _has_stalled(journey, campaign, now)


def _has_stalled(journey: Journey, campaign: Campaign, now: datetime) -> None:
    if plan.is_over(campaign, now):
        people.postpone(journey=journey, until=None)
        return
    awake = plan.after_quiet(
        now, zone=campaign.zone, quiet_from=campaign.quiet_from, quiet_until=campaign.quiet_until
    )
    if campaign.state != State.LIVE or awake > now:
        people.postpone(journey=journey, until=max(awake, now + PAUSED_RECHECK))
        return
    _do_what_is_due(journey, Journey.Step(journey.due_step), now)


def _do_what_is_due(journey: Journey, due: Journey.Step, now: datetime) -> None:
    if due != Journey.Step.REMIND and not journey.campaign.is_removal_on:
        people.postpone(journey=journey, until=None)
    elif due == Journey.Step.REMOVE:
        removed(journey=journey)
    elif people.move_on(journey=journey, done=due, now=now):
        moment = Moment.REMIND if due == Journey.Step.REMIND else Moment.WARN
        hours = (journey.due_at - now).total_seconds() / 3600 if journey.due_at else 0
        key = f"{moment}:{journey.id}:{now:%Y%m%d%H%M%S%f}"
        say(journey, moment, key=key, hours=str(max(1, round(hours))))


@step
def hold_expired(*, seat: Seat) -> None:
    """A shown seat was not taken in time. Someone shown again meanwhile keeps theirs."""
    if groups.expire_hold(seat=seat, now=clock.now()) and seat.visitor_id:
        missed = Waiting.objects.filter(
            campaign_id=seat.campaign_id, visitor_id=seat.visitor_id, state=Waiting.State.CALLED
        )
        if missed.exists():
            groups.leave_line(
                campaign_id=seat.campaign_id, visitor_id=seat.visitor_id, state=Waiting.State.MISSED
            )


@step
def holds_expired(*, seats: Sequence[Seat]) -> None:
    """As `hold_expired`, with all of them at once, or with none if somebody changes one of them meanwhile."""
    many.miss_calls(seats=many.expire_holds(seats=seats, now=clock.now()))
