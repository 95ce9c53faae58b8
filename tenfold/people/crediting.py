"""The only writer of credits: who counts for whom, and why not. A count moves with the board, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.fresh import insert
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people import board, rules
from tenfold.people.models import Credit, Journey


@dataclass(frozen=True)
class Turn:
    """A credit, and by how much its inviter's count has moved: 1 where it has begun to count, -1 where it ceased; then
    with the inviter as they are since."""

    credit: Credit
    by: int = 0
    inviter: Journey | None = None


@step
def give_credit(
    *,
    newcomer: Journey,
    is_valid: bool,
    bar: rules.Reason = rules.Reason.NONE,
    due_at: datetime | None = None,
) -> Turn | None:
    """The inviter's credit for this newcomer: made, made valid, or revived after a leave. None without an inviter.
    With a `bar` it does not count, for that reason. One that counts already goes on counting, whatever the plan says by
    now; one that waits until `due_at` goes on waiting for the moment it was first given."""
    if newcomer.inviter_id is None:
        return None
    credit = credit_for(newcomer)
    if credit is None:
        credit = Credit(
            workspace_id=newcomer.workspace_id,
            campaign_id=newcomer.campaign_id,
            inviter_id=newcomer.inviter_id,
            newcomer=newcomer,
            created_at=clock.now(),
        )
        insert(credit)
        _note_credit(Fact.CREDIT_PENDING, credit)
    if bar:
        return _turned(credit, Credit.State.VOID, bar)
    turn = Turn(credit)
    if is_valid or credit.state == Credit.State.VOID:
        turn = _turned(credit, Credit.State.VALID if is_valid else Credit.State.PENDING, rules.Reason.NONE)
    if due_at and credit.state == Credit.State.PENDING and credit.due_at is None:
        Credit.objects.filter(pk=credit.pk).update(due_at=due_at, lease_until=None)
    return turn


def credit_for(newcomer: Journey) -> Credit | None:
    return Credit.objects.filter(inviter_id=newcomer.inviter_id, newcomer=newcomer).first()


@step
def suspend_credit(*, newcomer: Journey) -> Turn | None:
    """What made the credit count is taken back for now; one that is void stays so."""
    credit = credit_for(newcomer)
    if credit and credit.state == Credit.State.VALID:
        return _turned(credit, Credit.State.PENDING, rules.Reason.NONE)
    return None


@step
def void_credit(*, newcomer: Journey, reason: rules.Reason) -> Turn | None:
    """Take the inviter's credit for this newcomer back, with a reason they can read."""
    credit = credit_for(newcomer)
    return _turned(credit, Credit.State.VOID, reason) if credit else None


@step
def note_order(*, newcomer: Journey, ordered_at: datetime | None) -> None:
    """The newcomer has an order, or none any more that was not refunded."""
    Credit.objects.filter(inviter_id=newcomer.inviter_id, newcomer=newcomer).update(ordered_at=ordered_at)


@step
def stop_waiting(*, credit: Credit) -> None:
    """Its time has come, and nothing follows from that."""
    Credit.objects.filter(pk=credit.pk).update(due_at=None, lease_until=None)


@step
def look_again(*, campaign_id: UUID, at: datetime) -> None:
    """Those that do not count yet are looked at then."""
    pending = Credit.objects.filter(campaign_id=campaign_id, state=Credit.State.PENDING)
    pending.update(due_at=at, lease_until=None)


@step
def note_no_credit(*, owner: Journey, visitor: Journey, reason: rules.Reason) -> None:
    """Someone in the campaign already came by this code: a void credit tells its owner why it does not count."""
    if reason == rules.Reason.SELF_INVITE or visitor.inviter_id == owner.id:
        return
    credit, is_new = Credit.objects.get_or_create(
        inviter=owner,
        newcomer=visitor,
        defaults={
            "workspace_id": owner.workspace_id,
            "campaign_id": owner.campaign_id,
            "state": Credit.State.VOID,
            "reason": reason,
            "created_at": clock.now(),
        },
    )
    if is_new:
        _note_credit(Fact.CREDIT_VOID, credit)


def _turned(credit: Credit, state: Credit.State, reason: rules.Reason) -> Turn:
    before, was = Credit.State(credit.state), rules.Reason(credit.reason)
    change = (state == Credit.State.VALID) - (before == Credit.State.VALID)
    moves: dict[str, Any] = {"state": state, "reason": reason, "due_at": None, "lease_until": None}
    if state != Credit.State.VALID and rules.Reason.BLOCKED in (reason, credit.reason):
        moves["due_at"] = credit.due_at  # if that is undone, they have waited as if nothing had been
    moves["turn_count"] = credit.turn_count + abs(change)
    unchanged = Credit.objects.filter(pk=credit.pk, state=before)
    if before == state or not changes_one(unchanged, **moves):
        return Turn(credit)
    for name, value in moves.items():
        setattr(credit, name, value)
    stood = None
    if change:
        is_undone = change > 0 and was == rules.Reason.BLOCKED
        had = _had(credit.inviter_id) if is_undone else None
        stood = board.moved(journey_id=credit.inviter_id, by=change, had=had)
        undoes = {"undoes": was} if is_undone else {}
        _note_credit(Fact.CREDIT_VALID if change > 0 else Fact.CREDIT_UNVALIDATED, credit, stood, **undoes)
    if state == Credit.State.VOID:
        _note_credit(Fact.CREDIT_VOID, credit)
    return Turn(credit, change, stood.journey if stood else None)


def _had(journey_id: UUID) -> dict[int, int]:
    """Which number they had with which count, since anything moved them but exclusions and the undoing of these."""
    turns = Entry.objects.filter(journey_id=journey_id, kind__in=board.MOVES).order_by("-id")
    found: dict[int, int] = {}
    for kind, told in turns.values_list("kind", "data").iterator(chunk_size=50):
        if "number" in told:
            found.setdefault(told["count"], told["number"])
        why = told.get("undoes") if kind == Fact.CREDIT_VALID else told.get("reason")
        if why != rules.Reason.BLOCKED:
            break
    return found


def _note_credit(fact: Fact, credit: Credit, stood: board.Stood | None = None, **more: str) -> None:
    told = {
        "newcomer": str(credit.newcomer_id),
        "reason": credit.reason,
        **more,
        **(stood.told if stood else {}),
    }
    write(fact, credit, told, campaign_id=credit.campaign_id, journey_id=credit.inviter_id)
