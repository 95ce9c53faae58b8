"""The only writer of proofs and the verdicts on them. Looks, the desk and plans have files of their own beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import LEASE, become, changes_one, step
from tenfold.base.fresh import Ready, insert, moves_one, ready
from tenfold.base.pictures import Clean, picture_of
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people.models import Journey
from tenfold.proofs import rules
from tenfold.proofs.models import Look, Proof, ReviewPlan, SecondLook
from tenfold.proofs.queries import WAITING, free_for, has_other_reviewer, plan_of

State = Proof.State
NEVER = 99
# By their statements alone: when a verdict takes effect, whoever scans waits.
SETTLED = """
    UPDATE tenfold_proof SET settled_at = ?, lease_until = NULL
    WHERE id = ? AND state = ? AND judged_at = ? AND settled_at IS NULL AND state IN ('approved', 'rejected')
"""
WENT_ON = """
    UPDATE tenfold_proof SET follows = ?, lease_until = ? WHERE id = ? AND follows = ? AND state = ?
"""
UNRESERVED = {"reserved_by_id": None, "reserved_until": None}
UNJUDGED = {
    "reason": "",
    "note": "",
    "judged_at": None,
    "judged_by_id": None,
    "is_machine": False,
    "settle_at": None,
    "settled_at": None,
    "follows": Proof.Follows.NOTHING,
    "lease_until": None,
    "batch_id": None,
    **UNRESERVED,
}


@dataclass(frozen=True)
class Sent:
    """A screenshot for review with its picture and, where the machine looks at it, its look: rows that are still to be
    inserted."""

    proof: Proof
    rows: tuple[Ready, ...]


def made(
    *, journey: Journey, picture: Clean, source: str, plan: ReviewPlan, settles: int, now: datetime
) -> Sent:
    """Before the step: whoever scans waits for what is inserted, and need not wait for what makes it.

    Unless the `plan` is that it does not, the machine looks at it too; where it may decide, it has a while to itself.
    """
    proof = Proof(
        workspace_id=journey.workspace_id,
        campaign_id=journey.campaign_id,
        journey=journey,
        picture=picture_of(picture, workspace_id=journey.workspace_id),
        source=source,
        sent_at=now,
        people_at=now + rules.MACHINE_FIRST if plan.mode == ReviewPlan.Mode.AUTOMATIC else now,
        settles=settles,
    )
    rows: list[Model] = [proof.picture, proof]
    if plan.mode != ReviewPlan.Mode.OFF:
        rows.append(_look_at(proof, plan))
    return Sent(proof, tuple(map(ready, rows)))


@step
def send(*, sent: Sent, instead: Proof | None = None) -> Proof:
    """A screenshot for review, in the place of the one that still waits. The caller has locked the journey; its unique
    constraint stops who has not seen one that waits."""
    if instead:
        _withdraw(instead)
    insert(*sent.rows)
    note(Fact.PROOF_SENT, sent.proof, source=sent.proof.source)
    return sent.proof


def _look_at(proof: Proof, plan: ReviewPlan) -> Look:
    of = {"workspace_id": proof.workspace_id, "campaign_id": proof.campaign_id, "proof": proof}
    return Look(**of, asked=rules.asked_by(plan), due_at=proof.sent_at)


@step
def withdraw_waiting(*, journey: Journey) -> None:
    """Another screenshot of theirs is approved: there is nothing to judge any more."""
    for [proof_id] in bulk.rows(WAITING, (journey.pk.hex,)):
        _withdraw(Proof.objects.get(pk=UUID(bulk.hexed(proof_id))))


@step
def forget_phones(*, journey: Journey) -> None:
    """They are approved: who opened their code is nobody's business any more."""
    bulk.run("DELETE FROM tenfold_otherdevice WHERE journey_id = ?", (journey.pk.hex,))


def _withdraw(proof: Proof) -> None:
    """Unless a verdict came first: a reviewer takes no lock on the journey."""
    if changes_one(Proof.objects.filter(pk=proof.pk, state=State.WAITING), state=State.WITHDRAWN):
        Look.objects.filter(proof=proof, state=Look.State.QUEUED).update(due_at=None)
        note(Fact.PROOF_WITHDRAWN, proof)


@step
def judge(
    *,
    proof: Proof,
    operator: Operator,
    is_approved: bool,
    reason: str,
    note: str,
    undo_seconds: int,
) -> Proof:
    """Write a verdict; it takes effect after `undo_seconds`. The same verdict twice is one; another one is refused."""
    rules.check_verdict(is_approved=is_approved, reason=reason, note=note)
    _check_appeal(proof, operator)
    _check_free(proof, operator)
    verdict = {
        "state": State.APPROVED if is_approved else State.REJECTED,
        "reason": "" if is_approved else reason,
        "note": rules.clean_note(note),
    }
    if _judged(proof, undo_seconds, judged_by_id=operator.pk, **verdict):
        _tell_verdict(proof, operator)
        _ask_second(proof, operator)
    elif (proof.state, proof.reason) != (verdict["state"], verdict["reason"]):
        raise Refusal("already_judged", _("Someone else has judged this one, or a newer screenshot came."))
    return proof


@step
def judge_by_machine(
    *, proof: Proof, is_approved: bool, reason: str, undo_seconds: int, plan: ReviewPlan
) -> bool:
    """The machine's verdict, as good as a person's, and some of them looked at again. False if one came first."""
    verdict = {
        "state": State.APPROVED if is_approved else State.REJECTED,
        "reason": "" if is_approved else reason,
    }
    if not _judged(proof, undo_seconds, judged_by_id=None, is_machine=True, **verdict):
        return False
    _tell_verdict(proof, None)
    if rules.is_chosen(proof.pk, plan.sample_percent, salt="sample"):
        _ask_again(proof, SecondLook.Of.MACHINE)
    return True


def _judged(proof: Proof, undo_seconds: int, **verdict: object) -> bool:
    now = clock.now()
    times = {"judged_at": now, "settle_at": now + timedelta(seconds=undo_seconds), "settled_at": None}
    changes = verdict | times | UNRESERVED
    if not moves_one(proof, {"state": State.WAITING}, **changes):
        proof.refresh_from_db()
        return False
    become(proof, changes)
    return True


def _check_appeal(proof: Proof, operator: Operator) -> None:
    """An appeal is judged by somebody else than the first time, if there is anybody else."""
    is_own = proof.is_appeal and proof.appealed_judge_id == operator.pk
    if is_own and has_other_reviewer(proof.campaign, operator):
        message = _("They appeal against your own verdict: somebody else looks at this one.")
        raise Refusal("appeal_to_another", message)


def _check_free(proof: Proof, operator: Operator) -> None:
    """Who has it on the desk judges it, as long as they look at it."""
    waiting = Proof.objects.select_for_update(of=("self",), no_key=True).filter(
        pk=proof.pk, state=State.WAITING
    )
    if waiting.exists() and not waiting.filter(free_for(operator, clock.now())).exists():
        raise Refusal("held", _("Somebody else is looking at this one."))


def _tell_verdict(proof: Proof, operator: Operator | None) -> None:
    by = "person" if operator else "machine"
    note(Fact.PROOF_JUDGED, proof, operator, verdict=proof.state, reason=proof.reason, by=by)


def _ask_second(proof: Proof, operator: Operator) -> None:
    percent = plan_of(proof.campaign).second_percent
    is_chosen = percent and rules.is_chosen(proof.pk, percent, salt="second")
    if is_chosen and has_other_reviewer(proof.campaign, operator):
        _ask_again(proof, SecondLook.Of.PERSON)


def _ask_again(proof: Proof, of: str) -> None:
    if SecondLook.objects.filter(proof=proof).exists():
        return
    SecondLook.objects.create(**_first(proof, of))
    note(Fact.SECOND_LOOK_ASKED, proof, of=of)


def _first(proof: Proof, of: str) -> dict[str, Any]:
    return {
        "workspace_id": proof.workspace_id,
        "campaign_id": proof.campaign_id,
        "proof": proof,
        "of": of,
        "first_state": proof.state,
        "first_reason": proof.reason,
        "first_by": proof.judged_by,
        "asked_at": clock.now(),
    }


@step
def undo(*, proof: Proof, operator: Operator) -> bool:
    """Back to the queue, for people. True if the verdict had taken effect already and the story has to be turned back
    too."""
    proof.refresh_from_db()
    if proof.state == State.WAITING:
        return False
    if Proof.objects.filter(journey_id=proof.journey_id, state=State.WAITING).exclude(pk=proof.pk).exists():
        raise Refusal("newer_waits", _("They have sent a newer screenshot: judge that one."))
    was_settled, was_machine = proof.settled_at is not None, proof.is_machine
    judged = Proof.objects.filter(pk=proof.pk, state__in=[State.APPROVED, State.REJECTED])
    unjudged = UNJUDGED | {"state": State.WAITING, "people_at": clock.now()}
    if not changes_one(judged.filter(settled_at=proof.settled_at), **unjudged):
        raise Refusal("changed_meanwhile", _("Someone else changed this just now. Look again."))
    _left_to_people(proof)
    _taken_back(proof)
    by = "machine" if was_machine else "person"
    note(Fact.VERDICT_UNDONE, proof, operator, was_settled=was_settled, by=by)
    proof.refresh_from_db()
    return was_settled


def _left_to_people(proof: Proof) -> None:
    """Whoever takes a verdict back decides: a look that is still under way is not waited for."""
    looks = Look.objects.filter(proof=proof)
    looks.filter(is_applied=True).update(is_applied=False)
    looks.filter(looked_at=None).update(state=Look.State.QUEUED, due_at=None, tries=NEVER)


def _taken_back(proof: Proof) -> None:
    """Nobody looks again at a verdict that is none. What people say now counts for one of the machine's (`anew`)."""
    SecondLook.objects.filter(proof=proof, state=State.WAITING).update(state=State.WITHDRAWN)
    if proof.is_machine and not SecondLook.objects.filter(proof=proof, of=SecondLook.Of.MACHINE).exists():
        SecondLook.objects.create(state=State.WITHDRAWN, **_first(proof, SecondLook.Of.MACHINE))


@step
def appeal(*, proof: Proof, text: str, plan: ReviewPlan) -> Proof:
    """They ask for a person to look again, once. Back to the queue, ahead of the others."""
    proof.refresh_from_db()
    if proof.is_appeal:
        raise Refusal("appealed_already", _("You have appealed already. One more look is all there is."))
    if not rules.may_appeal(proof, plan):
        raise Refusal("no_appeal", _("There is nothing here to appeal against."))
    if Proof.objects.filter(journey_id=proof.journey_id, state=State.WAITING).exists():
        raise Refusal("newer_waits", _("You have sent a newer screenshot: that one is looked at first."))
    words = " ".join(text.replace("\x00", "").split())[: rules.LONGEST_APPEAL]
    if not words:
        raise Refusal("text_needed", _("Say in a few words why it should count."), status=400)
    first = {"appealed_reason": proof.reason, "appealed_judge": proof.judged_by}
    reason, words_then, by = proof.reason, proof.note, "machine" if proof.is_machine else "person"
    now = clock.now()
    rejected = Proof.objects.filter(pk=proof.pk, state=State.REJECTED, appealed_at=None, erased_at=None)
    waits = UNJUDGED | {"state": State.WAITING, "people_at": now, "appealed_at": now, "appeal_text": words}
    if not changes_one(rejected.exclude(settled_at=None), **waits, **first):
        raise Refusal("changed_meanwhile", _("Someone else changed this just now. Look again."))
    Look.objects.filter(proof=proof, is_applied=True).update(is_applied=False)
    _taken_back(proof)
    note(Fact.APPEALED, proof, reason=reason, note=words_then, by=by)
    proof.refresh_from_db()
    return proof


@step
def settle(*, proof: Proof, now: datetime) -> bool:
    """The verdict in hand takes effect, once; False if one did already, or it was taken back."""
    if proof.judged_at is None:
        return False
    verdict = (proof.pk.hex, str(proof.state), bulk.moment(proof.judged_at))
    if bulk.run(SETTLED, (bulk.moment(now), *verdict)) == 0:
        proof.refresh_from_db()
        return False
    proof.settled_at, proof.lease_until = now, None
    return True


@step
def go_on(*, proof: Proof, since: Proof.Follows, to: Proof.Follows, now: datetime) -> bool:
    """From one of the things that its approval brings to the next, leased to who asks. False if another one did that,
    or it was taken back."""
    lease = now + LEASE if to else None
    lease_told = bulk.moment(lease) if lease else None
    if bulk.run(WENT_ON, (to.value, lease_told, proof.pk.hex, since.value, State.APPROVED.value)) == 0:
        return False
    become(proof, {"follows": to, "lease_until": lease})
    return True


def note(fact: Fact, proof: Proof, operator: Operator | None = None, **told: object) -> None:
    write(
        fact,
        proof,
        {"proof": str(proof.id), **told},
        campaign_id=proof.campaign_id,
        journey_id=proof.journey_id,
        operator_id=operator.id if operator else None,
    )
