"""Who has which screenshot on the desk, and second looks: the only writer of both."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.facts import Fact
from tenfold.proofs import rules
from tenfold.proofs.actions import UNRESERVED, note
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.plans import fall_back_if_needed
from tenfold.proofs.queries import free_for, queue, second_looks

State = Proof.State
# So many of a queue are tried; whoever meets as many others at its head asks again.
CANDIDATES, WALKED = 50, 2000


def queue_next(*, campaign: Campaign, operator: Operator, after: Proof | None = None) -> Proof | None:
    """What this reviewer looks at next, and nobody else meanwhile. What they hold already comes first; with `after`
    the one behind it, which is given back."""
    if after is not None:
        release(proof=after, operator=operator)
    elif held := _held(Proof.objects.filter(campaign=campaign, people_at__lte=clock.now()), operator):
        return held if reserve(proof=held, operator=operator) else None
    waiting = queue(campaign, operator=operator)
    for proof_id in _walked(waiting, after):
        if _take(Proof.objects.filter(pk=proof_id), operator):
            return Proof.objects.select_related("campaign").get(pk=proof_id)
    return None


def _walked(waiting: QuerySet[Proof], after: Proof | None) -> list[UUID]:
    """The ids of a queue from behind `after` on, and then from its beginning."""
    ids = list(waiting.values_list("pk", flat=True)[: WALKED if after else CANDIDATES])
    if after is None or after.pk not in ids:
        return ids
    at = ids.index(after.pk)
    return ids[at + 1 :] + ids[:at]


def _held(rows: QuerySet[Proof], operator: Operator) -> Proof | None:
    mine = rows.filter(state=State.WAITING, reserved_by=operator, reserved_until__gt=clock.now())
    return mine.select_related("campaign").order_by("reserved_until", "pk").first()


@step
def reserve(*, proof: Proof, operator: Operator) -> bool:
    """Have it to oneself for a while, from now on. False if somebody else has, or nobody needs to look any more."""
    return _take(Proof.objects.filter(pk=proof.pk), operator)


@step
def reserve_all(*, proofs: Iterable[UUID], operator: Operator) -> list[UUID]:
    """As `reserve`, of all of them at once: those that they have now."""
    now, rows = clock.now(), Proof.objects.filter(pk__in=list(proofs), state=State.WAITING)
    free = list(
        rows.filter(free_for(operator, now))
        .select_for_update(no_key=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    Proof.objects.filter(pk__in=free).update(reserved_by=operator, reserved_until=now + rules.HELD)
    return free


@step
def _take(row: QuerySet[Proof] | QuerySet[SecondLook], operator: Operator) -> bool:
    now = clock.now()
    free = row.filter(free_for(operator, now), state=State.WAITING)
    return changes_one(free, reserved_by=operator, reserved_until=now + rules.HELD)


@step
def release(*, proof: Proof, operator: Operator) -> None:
    """Somebody else may have it."""
    Proof.objects.filter(pk=proof.pk, reserved_by=operator).update(**UNRESERVED)


def second_next(
    *, campaign: Campaign, operator: Operator, after: SecondLook | None = None
) -> SecondLook | None:
    """A verdict of somebody else to look at again without knowing it; `after` is left to others."""
    if after is not None:
        SecondLook.objects.filter(pk=after.pk, reserved_by=operator).update(**UNRESERVED)
    ids = second_looks(campaign, operator).values_list("pk", flat=True)
    for look_id in ids[:CANDIDATES]:
        is_other = after is None or look_id != after.pk
        if is_other and _take(SecondLook.objects.filter(pk=look_id), operator):
            return SecondLook.objects.select_related("proof__campaign").get(pk=look_id)
    return None


@step
def second_look(
    *, look: SecondLook, operator: Operator, is_approved: bool, reason: str = "", note: str = ""
) -> SecondLook:
    """What somebody else says to a verdict that they do not know. The verdict stays; where too many of the machine's
    are not confirmed, people take over again."""
    rules.check_verdict(is_approved=is_approved, reason=reason, note=note)
    if look.first_by_id == operator.pk:
        raise Refusal("own_verdict", _("This verdict is your own: somebody else looks at it again."))
    state = State.APPROVED if is_approved else State.REJECTED
    said = {"state": state, "reason": "" if is_approved else reason, "note": rules.clean_note(note)}
    seen = {"looked_by": operator, "looked_at": clock.now(), "agrees": state == look.first_state}
    if not changes_one(SecondLook.objects.filter(pk=look.pk, state=State.WAITING), **said, **seen):
        raise Refusal("looked_already", _("Somebody has looked at this one again already."))
    look.refresh_from_db()
    _tell(look, operator)
    if look.of == SecondLook.Of.MACHINE:
        fall_back_if_needed(campaign=look.campaign)
    return look


def _tell(look: SecondLook, operator: Operator) -> None:
    told = {"of": look.of, "verdict": look.state, "reason": look.reason, "agrees": look.agrees}
    note(Fact.SECOND_LOOKED, look.proof, operator, **told)
