"""What more than one caller asks of proofs."""

from __future__ import annotations

from tenfold.people.models import Journey
from tenfold.proofs.models import Proof


def is_in_review(journey: Journey) -> bool:
    """Whether a screenshot of theirs waits for a verdict, or for the verdict to take effect."""
    unsettled = Proof.objects.filter(journey=journey, settled_at=None)
    return unsettled.exclude(state=Proof.State.WITHDRAWN).exists()
