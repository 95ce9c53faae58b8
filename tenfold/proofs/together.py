"""The same verdict on many screenshots at once: the only other writer of verdicts, at the cost of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write_of_each
from tenfold.journal.facts import Fact
from tenfold.proofs import rules
from tenfold.proofs.actions import UNRESERVED
from tenfold.proofs.models import Proof, SecondLook
from tenfold.proofs.queries import free_for, has_other_reviewer, plan_of

State = Proof.State


@step
def judge_many(
    *,
    proofs: Sequence[Proof],
    operator: Operator,
    is_approved: bool,
    reason: str,
    note: str,
    undo_seconds: int,
) -> tuple[UUID, list[Proof]]:
    """The same verdict on all of them that still wait for one and that nobody else has on the desk, to be taken back
    together by the id that is given. Appeals are judged one by one."""
    if len(proofs) > rules.MOST_AT_ONCE:
        raise Refusal("too_many", _("That is too many at once."), status=400)
    rules.check_verdict(is_approved=is_approved, reason=reason, note=note)
    batch_id, now = new_id(), clock.now()
    asked = Proof.objects.filter(pk__in=[proof.pk for proof in proofs], state=State.WAITING, appealed_at=None)
    asked = asked.filter(free_for(operator, now))
    mine = Proof.objects.filter(
        pk__in=list(asked.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    )
    mine.update(
        state=State.APPROVED if is_approved else State.REJECTED,
        reason="" if is_approved else reason,
        note=rules.clean_note(note),
        judged_by=operator,
        judged_at=now,
        settle_at=now + timedelta(seconds=undo_seconds),
        settled_at=None,
        batch_id=batch_id,
        **UNRESERVED,
    )
    judged = list(mine.select_related("campaign").order_by("campaign_id", "pk"))
    for _campaign, of_it in groupby(judged, key=lambda proof: proof.campaign_id):
        _told(list(of_it), operator)
    return batch_id, judged


def _told(judged: list[Proof], operator: Operator) -> None:
    first = judged[0]
    _write(Fact.PROOF_JUDGED, judged, operator, verdict=first.state, reason=first.reason, by="person")
    percent = plan_of(first.campaign).second_percent
    chosen = [proof for proof in judged if rules.is_chosen(proof.pk, percent, salt="second")]
    if chosen and has_other_reviewer(first.campaign, operator):
        _ask_again(chosen, operator)


def _ask_again(chosen: list[Proof], operator: Operator) -> None:
    asked = set(SecondLook.objects.filter(proof__in=chosen).values_list("proof_id", flat=True))
    new = [proof for proof in chosen if proof.pk not in asked]
    SecondLook.objects.bulk_create(
        SecondLook(
            workspace_id=proof.workspace_id,
            campaign_id=proof.campaign_id,
            proof=proof,
            of=SecondLook.Of.PERSON,
            first_state=proof.state,
            first_reason=proof.reason,
            first_by=operator,
            asked_at=clock.now(),
        )
        for proof in new
    )
    _write(Fact.SECOND_LOOK_ASKED, new, None, of=SecondLook.Of.PERSON)


def _write(fact: Fact, proofs: list[Proof], operator: Operator | None, **told: object) -> None:
    """The same of each of them; all are of one campaign."""
    if proofs:
        each = [(proof.journey_id, {"proof": str(proof.pk), **told}) for proof in proofs]
        by = operator.pk if operator else None
        write_of_each(fact, proofs[0], each, campaign_id=proofs[0].campaign_id, operator_id=by)
