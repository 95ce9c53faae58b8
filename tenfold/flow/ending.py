"""The end of a campaign: the last words in its groups, the places of the board, and the draws.

Places and draws wait until nobody's credit can still be undone by leaving: that moment is known beforehand and shown.
Where screenshots decide, they wait for the last verdicts too, though not longer than a week.
An operator may bring it forward, once the campaign is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow.earning import granted
from tenfold.flow.say import say_end
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask
from tenfold.people import actions as people
from tenfold.people import board
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tenfold.rewards import draws, granting
from tenfold.rewards.books import Draw
from tenfold.rewards.models import RewardRule

When = RewardRule.When
AT_THE_END = (When.RANK, When.LOTTERY)
LOOKED_AGAIN = timedelta(minutes=10)
LONGEST_FOR_VERDICTS = timedelta(days=7)


def final_at(campaign: Campaign, ended_at: datetime) -> datetime:
    """When the last credit that leaving could undo is safe, and whoever has to stay has stayed."""
    wait = timedelta(minutes=campaign.grace_minutes)
    if campaign.credit_when == Campaign.CreditWhen.STAYED:
        wait = max(wait, timedelta(hours=campaign.stay_hours))
    return ended_at + wait


@step
def end_begun(*, campaign: Campaign) -> None:
    """The campaign is over: from now on its last words are due, and later what is given by places and by lots."""
    ended_at = campaign.ended_at or clock.now()
    Campaign.objects.filter(pk=campaign.pk).update(ending_due_at=ended_at, lease_until=None)
    waiting = RewardRule.objects.filter(campaign=campaign, when__in=AT_THE_END, settled_at=None)
    waiting.filter(replaced_at=None).update(due_at=final_at(campaign, ended_at), lease_until=None)


@step
def end_told(*, campaign: Campaign) -> None:
    """Say in each group that it is over. Each is told once, however often this is tried."""
    campaign.refresh_from_db()
    say_end(campaign=campaign)
    Campaign.objects.filter(pk=campaign.pk).update(ending_due_at=None, lease_until=None)


def prizes_given(*, rule: RewardRule) -> None:
    """A rule of the end is due: give its places, or make its draw and give what it won. Of one that was changed since
    it was found due, the next version is due by itself."""
    rule.refresh_from_db(fields=["replaced_at"])
    if rule.replaced_at is not None:
        return
    draw = None
    if rule.when == When.LOTTERY:
        draw = draws.draw_of(rule) or draws.announce(rule=rule, operator=None)
    is_drawn = draw is not None and draw.drawn_at is not None
    if not is_drawn and _waits_for_verdicts(rule):
        return
    if draw is None:
        ranked(rule=rule)
    else:
        _lots_given(rule, draw)


@step
def _waits_for_verdicts(rule: RewardRule) -> bool:
    """Whether a screenshot of before the end still waits by which somebody may count or take part; then the rule is due
    a little later."""
    campaign = rule.campaign
    is_by_task = rule.when == When.LOTTERY and not rule.need
    if campaign.ended_at is None or not (is_by_task or campaign.credit_when == Campaign.CreditWhen.APPROVED):
        return False
    if clock.now() >= final_at(campaign, campaign.ended_at) + LONGEST_FOR_VERDICTS:
        return False
    sent = Proof.objects.filter(campaign=campaign, sent_at__lte=campaign.ended_at, settled_at=None)
    if not sent.filter(state__in=(Proof.State.WAITING, Proof.State.APPROVED)).exists():
        return False
    later = {"due_at": clock.now() + LOOKED_AGAIN, "lease_until": None}
    RewardRule.objects.filter(pk=rule.pk, settled_at=None).update(**later)
    return True


def _lots_given(rule: RewardRule, draw: Draw) -> None:
    if draw.drawn_at is None and draw.public_source:
        _ask_for_value(rule, draw)
        return
    _draw(draw, operator=None, public_text="")
    for entry in draws.winners_of(draw):
        _won(rule=rule, journey=entry.journey)
    _settle(rule)


@step
def _won(*, rule: RewardRule, journey: Journey) -> None:
    people.lock(journey=journey)
    granted(rule=rule, journey=journey)


def ranked(*, rule: RewardRule, operator: Operator | None = None) -> list[Journey]:
    """Give the places of the board, as it stands now, to whoever has them; once. Who that is, is settled in one moment;
    then each gets theirs by itself, so that nobody else waits meanwhile. If that is cut off, the worker goes on."""
    winners = _placed(rule=rule, operator=operator)
    for journey in winners:
        _won(rule=rule, journey=journey)
    return winners


@step
def _placed(*, rule: RewardRule, operator: Operator | None) -> list[Journey]:
    rule.refresh_from_db(from_queryset=RewardRule.objects.select_related("campaign", "reward", "fallback"))
    _check_over(rule.campaign)
    if rule.stopped_at is not None or not _settle(rule):
        return []
    places = board.places(campaign_id=rule.campaign_id, first=rule.rank_from, last=rule.rank_to)
    winners = [journey for journey in places if journey.board_count >= rule.need]
    granting.promise(rule=rule, journeys=winners)
    _note(rule, winners, operator)
    return winners


def drawn(*, draw: Draw, operator: Operator | None = None, public_text: str = "") -> Draw:
    """Make the draw now; the worker gives what was won. Asked again, it is the same draw."""
    _draw(draw, operator=operator, public_text=public_text)
    _hand_to_worker(draw)
    return draw


@step
def _hand_to_worker(draw: Draw) -> None:
    waiting = RewardRule.objects.filter(pk=draws.rule_of(draw).pk, settled_at=None)
    changes_one(waiting, due_at=clock.now(), lease_until=None)
    mailroom.drop_tasks(campaign_id=draw.campaign_id, kind=HumanTask.Kind.DRAW)


def _draw(draw: Draw, *, operator: Operator | None, public_text: str) -> Draw:
    rule = draws.rule_of(draw)
    _check_over(rule.campaign)
    if rule.stopped_at is not None and draw.drawn_at is None:
        raise Refusal(
            "rule_stopped", _("The rule was stopped: nobody would get anything. Let it go on first.")
        )
    return draws.draw_lots(draw=draw, rule=rule, public_text=public_text, operator=operator)


def _check_over(campaign: Campaign) -> None:
    if campaign.state != Campaign.State.ENDED:
        raise Refusal("not_over", _("The campaign is not over yet: places and draws come after its end."))


@step
def _ask_for_value(rule: RewardRule, draw: Draw) -> None:
    """A person has to look the public value up; what is due comes to rest until they did."""
    everywhere = mailroom.Everywhere(draw.workspace_id, draw.campaign_id)
    key, text = f"draw:{draw.pk}", draw.public_source
    mailroom.open_task(where=everywhere, kind=HumanTask.Kind.DRAW, text=text, key=key)
    RewardRule.objects.filter(pk=rule.pk).update(due_at=None, lease_until=None)


def _settle(rule: RewardRule) -> bool:
    """Nothing is due any more. False if that was so already, or another version holds by now."""
    changes = {"settled_at": clock.now(), "due_at": None, "lease_until": None}
    waiting = RewardRule.objects.filter(pk=rule.pk, settled_at=None, replaced_at=None)
    is_first = changes_one(waiting, **changes)
    rule.refresh_from_db()
    return is_first


def _note(rule: RewardRule, winners: list[Journey], operator: Operator | None) -> None:
    told = {
        "rule": str(rule.pk),
        "from": rule.rank_from,
        "journeys": [str(journey.pk) for journey in winners],
    }
    about = {"campaign_id": rule.campaign_id, "operator_id": operator.id if operator else None}
    write(Fact.RANKED, rule, told, **about)
