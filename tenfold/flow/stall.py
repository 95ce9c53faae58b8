"""Those who never act: reminded, warned, removed, each when it is due and if the plan says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Campaign, Words
from tenfold.flow.join import removed
from tenfold.flow.say import say
from tenfold.people import actions as people
from tenfold.people.models import Journey

Moment = Words.Moment
State = Campaign.State
PAUSED_RECHECK = timedelta(minutes=5)


@step
def stalled(*, journey: Journey) -> None:
    """Remind, warn or remove someone who never acted, whichever is due; never in quiet hours or while paused."""
    people.lock(journey=journey)
    campaign, now = journey.campaign, clock.now()
    if journey.state != Journey.State.JOINED or journey.due_at is None or journey.due_at > now:
        return
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
