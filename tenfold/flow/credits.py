"""Whether a newcomer counts for whoever brought them, and what follows when that turns: the ledger, amounts a friend,
rewards on both sides, and a word to the inviter. Who calls has locked the newcomer and their inviter."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow.earning import earned_now, note_progress
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people import actions as people
from tenfold.people import board, crediting
from tenfold.people import rules as edges
from tenfold.people.models import Credit, Journey, Person
from tenfold.rewards import commission, ledger
from tenfold.rewards.books import LedgerRow, Unit
from tenfold.rewards.queries import balance_of

When, Reason = Campaign.CreditWhen, Credit.Reason
Why = LedgerRow.Reason
MOST_BY_HAND = 1_000_000_000


@step
def credited(*, newcomer: Journey, was_counted: bool = False, is_later: bool = False) -> bool:
    """They are in, or have done something more: their credit is made, revived or made valid, as the plan says. Who
    `was_counted` before a mistake that is undone now has done what it takes already. With `is_later` what
    rules give is left to the caller's next steps, but not amounts a friend: True where their inviter may have earned
    something too."""
    campaign, due_at = newcomer.campaign, None
    if campaign.credit_when == When.STAYED:
        due_at = clock.now() + timedelta(hours=campaign.stay_hours)
    is_valid = was_counted or _qualifies(newcomer, campaign)
    turn = crediting.give_credit(newcomer=newcomer, is_valid=is_valid, bar=_bar(newcomer), due_at=due_at)
    if turn is None:
        # Who came by nobody's code counts for nobody, and has joined all the same.
        if not is_later:
            earned_now(journey=newcomer)
        return False
    return _turned(turn, newcomer, is_later=is_later)


def _qualifies(newcomer: Journey, campaign: Campaign) -> bool:
    """Those who have to stay are looked at when their time has come (`matured`)."""
    match campaign.credit_when:
        case When.JOINED:
            return True
        case When.APPROVED:
            return newcomer.approved_at is not None
        case When.ORDERED:
            credit = crediting.credit_for(newcomer)
            return credit is not None and credit.ordered_at is not None
        case _:
            return False


def _bar(newcomer: Journey) -> Credit.Reason:
    """Why this newcomer counts for nobody, whatever they do."""
    if newcomer.person.blocked_at is not None:
        return Reason.BLOCKED
    same = Journey.objects.filter(campaign_id=newcomer.campaign_id, device_key=newcomer.device_key)
    if newcomer.device_key and same.filter(pk__lt=newcomer.pk).exists():
        return Reason.SAME_DEVICE
    return Reason.NONE


def _turned(turn: crediting.Turn | None, newcomer: Journey, *, is_later: bool = False) -> bool:
    """What follows when a credit has begun or ceased to count; nothing else has to be done twice. True if what
    both have earned by that `is_later`."""
    if turn is None or turn.inviter is None:
        return False
    inviter = turn.inviter
    inviter.campaign = newcomer.campaign  # with what was read of it
    ledger.write(
        journey=inviter,
        unit=Unit.INVITE,
        amount=turn.by,
        reason=Why.COUNTED if turn.by > 0 else Why.UNCOUNTED,
        key=f"credit:{turn.credit.pk}:{turn.credit.turn_count}",
        level=1,
        newcomer=newcomer,
        note=str(Reason(turn.credit.reason).value),
    )
    if turn.by <= 0:
        commission.invite_gone(newcomer=newcomer)
        note_progress(inviter=inviter, newcomer=None)
        return False
    if is_later:
        commission.invite_counted(newcomer=newcomer)
        return True
    earned_now(journey=inviter)
    earned_now(journey=newcomer)
    commission.invite_counted(newcomer=newcomer)
    note_progress(inviter=inviter, newcomer=newcomer)
    return False


@step
def inviter_earned(*, inviter: Journey, newcomer: Journey) -> None:
    """What counting has brought the inviter, left for a step of its own. Who calls has locked both."""
    earned_now(journey=inviter)
    credit = crediting.credit_for(newcomer)
    if credit is not None and credit.state == Credit.State.VALID:
        note_progress(inviter=inviter, newcomer=newcomer)


@step
def credit_gone(*, newcomer: Journey, reason: Credit.Reason) -> None:
    """Taken back, with a reason the inviter can read."""
    _turned(crediting.void_credit(newcomer=newcomer, reason=reason), newcomer)


def is_waiting(newcomer: Journey) -> bool:
    """Whether they would have to stay on to count: whoever goes before does not, however late."""
    credit = crediting.credit_for(newcomer) if newcomer.inviter_id else None
    return credit is not None and credit.state == Credit.State.PENDING and credit.due_at is not None


@step
def suspended(*, newcomer: Journey) -> None:
    """What made them count is taken back for now."""
    _turned(crediting.suspend_credit(newcomer=newcomer), newcomer)


@step
def matured(*, credit: Credit) -> None:
    """They were to stay so long. Whoever is still there counts, unless the campaign was over before. Where the plan
    asks for something else by now, it is looked at whether they have done that."""
    newcomer = Journey.objects.select_related("campaign", "person").get(pk=credit.newcomer_id)
    people.lock(journey=newcomer, and_inviter=True)
    credit.refresh_from_db()
    if credit.state != Credit.State.PENDING or credit.due_at is None or credit.due_at > clock.now():
        return
    if _ended_before(newcomer.campaign, credit.due_at):
        credit_gone(newcomer=newcomer, reason=Reason.OVER)
    elif newcomer.is_member and not _bar(newcomer) and _is_ready(newcomer):
        _turned(crediting.give_credit(newcomer=newcomer, is_valid=True), newcomer)
    else:
        crediting.stop_waiting(credit=credit)


def _is_ready(newcomer: Journey) -> bool:
    campaign = newcomer.campaign
    return campaign.credit_when == When.STAYED or _qualifies(newcomer, campaign)


def _ended_before(campaign: Campaign, moment: datetime) -> bool:
    ends = [end for end in (campaign.ended_at, campaign.ends_at) if end]
    return bool(ends) and min(ends) < moment


@step
def bought(*, newcomer: Journey, at: datetime | None = None) -> None:
    """They have an order: that makes them count, where this is what the plan asks for."""
    people.lock(journey=newcomer, and_inviter=True)
    at = at or clock.now()
    crediting.note_order(newcomer=newcomer, ordered_at=at)
    credit = crediting.credit_for(newcomer)
    if credit is None or newcomer.campaign.credit_when != When.ORDERED:
        return
    is_late = _ended_before(newcomer.campaign, at)
    if is_late and credit.state == Credit.State.PENDING:
        credit_gone(newcomer=newcomer, reason=Reason.OVER)
    elif not is_late and (credit.state == Credit.State.PENDING or credit.reason == Reason.OVER):
        credited(newcomer=newcomer)


@step
def returned(*, newcomer: Journey) -> None:
    """They have no order any more that was not refunded."""
    people.lock(journey=newcomer, and_inviter=True)
    crediting.note_order(newcomer=newcomer, ordered_at=None)
    if newcomer.campaign.credit_when == When.ORDERED:
        suspended(newcomer=newcomer)


# --- by hand --------------------------------------------------------------------------------------------------


@step
def adjusted(
    *, journey: Journey, unit: str, amount: int, note: str, operator: Operator, key: str | UUID | None = None
) -> LedgerRow | None:
    """An operator gives or takes friends, points or money, with a note that the participant reads. With the same `key`
    it is done once: None then. Never below zero by hand."""
    people.lock(journey=journey)
    why = " ".join(note.replace("\x00", "").split())[:200]
    row_key = f"adjusted:{key or new_id()}"
    if LedgerRow.objects.filter(key=row_key).exists():
        return None
    _check_by_hand(journey, unit, amount, why)
    # First of all the row: whoever comes second with its key, for somebody else too, moves nothing.
    row = ledger.write(
        journey=journey,
        unit=unit,
        amount=amount,
        reason=Why.ADJUSTED,
        key=row_key,
        operator=operator,
        note=why,
    )
    if row is None:
        return None
    if unit == Unit.INVITE:
        stood = board.moved(journey_id=journey.pk, by=amount)
        about = {"campaign_id": journey.campaign_id, "journey_id": journey.pk, "operator_id": operator.id}
        told = {"amount": amount, "note": why, **stood.told}
        write(Fact.INVITES_ADJUSTED, journey, told, **about)
    journey.refresh_from_db()
    earned_now(journey=journey)
    return row


def _check_by_hand(journey: Journey, unit: str, amount: int, why: str) -> None:
    if unit not in (Unit.INVITE, Unit.POINTS, Unit.MONEY):
        raise Refusal("bad_unit", _("Friends, points or money can be changed by hand."), status=400)
    if not why:
        raise Refusal("note_needed", _("Say why, in a few words."), status=400)
    most = 1_000_000 if unit == Unit.INVITE else MOST_BY_HAND
    if amount == 0 or abs(amount) > most:
        raise Refusal("bad_amount", _("This amount does not fit."), status=400)
    has = journey.valid_count if unit == Unit.INVITE else balance_of(journey, unit)
    if amount < 0 and has + amount < 0:
        raise Refusal("too_much", _("They have less than that."))


@step
def blocked(*, person: Person, note: str, operator: Operator) -> None:
    """Excluded: they count for nobody any more, and are given nothing. What they have stays theirs to see; amounts for
    their friends are written on, so that an exclusion by mistake costs nothing, and no payout has them."""
    journeys = _all_of(person)
    if people.block(person=person, note=note, operator=operator):
        for journey in journeys:
            journey.person = person
            credit_gone(newcomer=journey, reason=Reason.BLOCKED)


@step
def unblocked(*, person: Person, operator: Operator) -> None:
    """As before: they count again where they did nothing else to lose it, and get what they have earned meanwhile."""
    journeys = _all_of(person)
    if not people.unblock(person=person, operator=operator):
        return
    for journey in journeys:
        journey.person = person
        credit = crediting.credit_for(journey)
        if credit and credit.state == Credit.State.VOID and _is_again(journey, credit.reason):
            credited(newcomer=journey, was_counted=_counted_when_excluded(credit))
        journey.refresh_from_db()
        earned_now(journey=journey)


def _counted_when_excluded(credit: Credit) -> bool:
    """Those who had to stay have stayed; what the others did is asked anew, as it may have been undone meanwhile."""
    if credit.campaign.credit_when != When.STAYED or credit.reason != Reason.BLOCKED:
        return False
    last = LedgerRow.objects.filter(key=f"credit:{credit.pk}:{credit.turn_count}")
    return last.filter(note=Reason.BLOCKED.value).exists()


def _all_of(person: Person) -> list[Journey]:
    journeys = person.journeys.select_related("campaign", "person", "group").order_by("campaign_id")
    people.lock_edges(journeys=list(journeys))
    return list(journeys.all())


def _is_again(journey: Journey, reason: str) -> bool:
    """Whether they are there, or were excluded and went by themselves so late that it undoes nothing."""
    if journey.is_member:
        return reason != Reason.OVER
    if reason != Reason.BLOCKED or journey.state != Journey.State.LEFT:
        return False
    joined_at, left_at = journey.joined_at or journey.created_at, journey.left_at or clock.now()
    minutes = journey.campaign.grace_minutes
    return not edges.is_within_grace(joined_at=joined_at, left_at=left_at, grace_minutes=minutes)
