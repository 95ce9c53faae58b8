"""The only writer of proofs and verdicts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.pictures import Clean, keep
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people.models import Journey
from tenfold.proofs import rules
from tenfold.proofs.models import Proof

State = Proof.State


@step
def send(*, journey: Journey, picture: Clean, source: str) -> tuple[Proof, bool]:
    """A screenshot for review, and whether it is new: the same picture sent twice is one proof.

    A newer one takes the place of one that still waits.
    """
    if journey.approved_at is not None:
        raise Refusal("already_approved", _("Your screenshot is approved already. Nothing more to do."))
    waiting = Proof.objects.filter(journey=journey, state=State.WAITING).select_related("picture").first()
    if waiting:
        if waiting.picture.sha256 == picture.sha256:
            return waiting, False
        _withdraw(waiting)
    proof = Proof.objects.create(
        workspace_id=journey.workspace_id,
        campaign_id=journey.campaign_id,
        journey=journey,
        picture=keep(picture, workspace_id=journey.workspace_id),
        source=source,
        sent_at=clock.now(),
    )
    _note(Fact.PROOF_SENT, proof, source=source)
    return proof, True


@step
def withdraw_waiting(*, journey: Journey) -> None:
    """Another screenshot of theirs is approved: there is nothing to judge any more."""
    for proof in Proof.objects.filter(journey=journey, state=State.WAITING):
        _withdraw(proof)


def _withdraw(proof: Proof) -> None:
    """Unless a verdict came first: a reviewer takes no lock on the journey."""
    if changes_one(Proof.objects.filter(pk=proof.pk, state=State.WAITING), state=State.WITHDRAWN):
        _note(Fact.PROOF_WITHDRAWN, proof)


@step
def judge(
    *, proof: Proof, operator: Operator, is_approved: bool, reason: str, note: str, undo_seconds: int
) -> Proof:
    """Write a verdict; it takes effect after `undo_seconds`. The same verdict twice is one; another one is refused."""
    rules.check_verdict(is_approved=is_approved, reason=reason, note=note)
    now = clock.now()
    verdict = {
        "state": State.APPROVED if is_approved else State.REJECTED,
        "reason": "" if is_approved else reason,
        "note": note.replace("\x00", "").strip()[:200],
    }
    waiting = Proof.objects.filter(pk=proof.pk, state=State.WAITING)
    times = {"judged_at": now, "settle_at": now + timedelta(seconds=undo_seconds), "settled_at": None}
    is_mine = changes_one(waiting, judged_by=operator, **verdict, **times)
    proof.refresh_from_db()
    if is_mine:
        _note(Fact.PROOF_JUDGED, proof, operator, verdict=proof.state, reason=proof.reason)
    elif (proof.state, proof.reason) != (verdict["state"], verdict["reason"]):
        raise Refusal("already_judged", _("Someone else has judged this one, or a newer screenshot came."))
    return proof


@step
def undo(*, proof: Proof, operator: Operator) -> bool:
    """Back to the queue. True if the verdict had taken effect already and the story has to be turned back too."""
    proof.refresh_from_db()
    if proof.state == State.WAITING:
        return False
    if Proof.objects.filter(journey_id=proof.journey_id, state=State.WAITING).exclude(pk=proof.pk).exists():
        raise Refusal("newer_waits", _("They have sent a newer screenshot: judge that one."))
    was_settled = proof.settled_at is not None
    judged = Proof.objects.filter(pk=proof.pk, state__in=[State.APPROVED, State.REJECTED])
    unjudged = {"state": State.WAITING, "reason": "", "note": "", "judged_at": None, "judged_by": None}
    times = {"settle_at": None, "settled_at": None, "lease_until": None}
    if not changes_one(judged.filter(settled_at=proof.settled_at), **unjudged, **times):
        raise Refusal("changed_meanwhile", _("Someone else changed this just now. Look again."))
    _note(Fact.VERDICT_UNDONE, proof, operator, was_settled=was_settled)
    proof.refresh_from_db()
    return was_settled


@step
def settle(*, proof: Proof, now: datetime) -> bool:
    """The verdict takes effect, once; False if it did already or was taken back."""
    judged = Proof.objects.filter(pk=proof.pk, state__in=[State.APPROVED, State.REJECTED], settled_at=None)
    is_mine = changes_one(judged, settled_at=now, lease_until=None)
    proof.refresh_from_db()
    return is_mine


def _note(fact: Fact, proof: Proof, operator: Operator | None = None, **told: object) -> None:
    write(
        fact,
        proof,
        {"proof": str(proof.id), **told},
        campaign_id=proof.campaign_id,
        journey_id=proof.journey_id,
        operator_id=operator.id if operator else None,
    )
