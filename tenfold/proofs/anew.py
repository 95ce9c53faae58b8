"""The machine's verdicts that were taken back or appealed against, and what people then said: the strongest
disagreements there are, counted with those that were chosen by chance."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q

from tenfold.accounts.models import Operator
from tenfold.base.claim import step
from tenfold.campaigns.models import Campaign
from tenfold.journal.facts import Fact
from tenfold.proofs.actions import note
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.plans import fall_back_if_needed


@step
def judged_anew(*, proofs: Iterable[Proof], operator: Operator) -> None:
    """People have judged these. Of each that the machine had judged before, this is what was said the second time;
    where too many of its verdicts are not confirmed, people take over again."""
    machine = SecondLook.objects.filter(proof__in=list(proofs), of=SecondLook.Of.MACHINE)
    unsaid = Q(looked_at=None) | Q(looked_at__lt=F("proof__judged_at"))
    campaigns: dict[UUID, Campaign] = {}
    for look in machine.exclude(state=Proof.State.WAITING).filter(unsaid).select_related("proof", "campaign"):
        _said(look, operator)
        campaigns[look.campaign_id] = look.campaign
    for campaign in campaigns.values():
        fall_back_if_needed(campaign=campaign)


def _said(look: SecondLook, operator: Operator) -> None:
    proof, is_first = look.proof, look.looked_at is None
    look.state, look.reason, look.note = proof.state, proof.reason, proof.note
    look.looked_by, look.looked_at, look.agrees = operator, proof.judged_at, proof.state == look.first_state
    look.save(update_fields=["state", "reason", "note", "looked_by", "looked_at", "agrees"])
    if is_first:
        told = {"of": look.of, "verdict": look.state, "reason": look.reason, "agrees": look.agrees}
        note(Fact.SECOND_LOOKED, proof, operator, **told)
