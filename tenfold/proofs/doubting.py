"""What becomes of a verdict of the machine's when something comes to light that it did not know."""

from __future__ import annotations

from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.journal.facts import Fact
from tenfold.proofs.actions import UNJUDGED, note
from tenfold.proofs.models import Look, Proof, SecondLook

State = Proof.State


@step
def doubt(*, proof: Proof) -> bool:
    """An approval that has no effect yet goes back to people; of one that has, somebody looks again. False where
    somebody is asked to do so already."""
    newer = Proof.objects.filter(journey_id=proof.journey_id, state=State.WAITING)
    unsettled = Proof.objects.filter(pk=proof.pk, state=State.APPROVED, is_machine=True, settled_at=None)
    unjudged = UNJUDGED | {"state": State.WAITING, "people_at": clock.now()}
    if newer.exists() or not changes_one(unsettled, **unjudged):
        return _ask_again(proof)
    Look.objects.filter(proof=proof).update(is_applied=False)
    SecondLook.objects.filter(proof=proof, state=State.WAITING).update(state=State.WITHDRAWN)
    note(Fact.VERDICT_UNDONE, proof, was_settled=False, by="machine", why="copy")
    proof.refresh_from_db()
    return True


def _ask_again(proof: Proof) -> bool:
    if SecondLook.objects.filter(proof=proof, state=State.WAITING).exists():
        return False
    SecondLook.objects.create(
        workspace_id=proof.workspace_id,
        campaign_id=proof.campaign_id,
        proof=proof,
        of=SecondLook.Of.MACHINE,
        first_state=proof.state,
        first_reason=proof.reason,
        asked_at=clock.now(),
    )
    note(Fact.SECOND_LOOK_ASKED, proof, of=SecondLook.Of.MACHINE)
    return True
