"""The part of a participant's page that is about screenshots: what was sent, what became of it, what a good one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tenfold.base import clock
from tenfold.people.models import Journey
from tenfold.posters.drawing import Drawing
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tenfold.proofs.pacing import pace_lately
from tenfold.proofs.queries import opened_count, plan_of
from tenfold.proofs.rules import may_appeal, reason_text
from tenfold.web import answers, progress
from tenfold.web.answers import Wait
from tenfold.web.examples import example_of
from tenfold.web.progress import Next

SHOWN_PROOFS = 10
BEFORE_SENDING = (Next.CONFIRM, Next.SHARE, Next.TRY_AGAIN)


@dataclass(frozen=True)
class ShownProof:
    """A screenshot as its sender sees it. `by` says that it was no person who decided."""

    proof: Proof
    state: str
    label: str
    text: str
    by: str


@dataclass(frozen=True)
class Opened:
    """How many friends have to open the code, so that no screenshot is needed, and how many have."""

    wanted: int
    count: int


def shown_proofs(journey: Journey) -> list[ShownProof]:
    """The last ones, newest first."""
    found = Proof.objects.filter(journey=journey).select_related("look").order_by("-sent_at", "-id")
    return [_shown(one) for one in found[:SHOWN_PROOFS]]


def answer_to(journey: Journey) -> str:
    """What became of the last screenshot, as its sender is told; "" where none was sent."""
    last = Proof.objects.filter(journey=journey).order_by("-sent_at", "-id").first()
    return progress.shown_state(last) if last else ""


def _shown(one: Proof) -> ShownProof:
    state = progress.shown_state(one)
    is_told = state in (Proof.State.APPROVED, Proof.State.REJECTED)
    text = reason_text(one) if state == Proof.State.REJECTED else ""
    by = _("checked automatically") if is_told and one.is_machine else ""
    return ShownProof(one, state, str(Proof.State(state).label), text, by)


def about_screenshots(
    journey: Journey, proofs: list[ShownProof], next_step: Next, made: Drawing
) -> dict[str, Any]:  # fmt: skip
    """What the page says beside what was sent: each thing is asked of the database only where it is shown."""
    plan, last = plan_of(journey.campaign), proofs[0] if proofs else None
    return {
        "plan": plan,
        "task": answers.task_of(plan),
        "wait": _wait(journey, last, plan) if next_step == Next.WAIT and last else None,
        "help": answers.help_of(last.proof.reason, look_of(last.proof), plan)
        if next_step == Next.TRY_AGAIN and last
        else (),
        "may_appeal": bool(last and last.proof.settled_at and may_appeal(last.proof, plan)),
        "opened": _opened(journey, plan) if next_step in BEFORE_SENDING else None,
        "is_opened": journey.approved_at is not None and not _has_approved(proofs) and plan.opened_by > 0,
        "example": example_of(journey.code.slug, made, plan) if next_step in BEFORE_SENDING else None,
    }


def _wait(journey: Journey, last: ShownProof, plan: ReviewPlan) -> Wait:
    look, now = look_of(last.proof), clock.now()
    if answers.is_machine_at_it(last.proof, look, plan, now):
        return answers.machine_looks()
    return answers.person_looks(
        last.proof,
        campaign=journey.campaign,
        pace=pace_lately(journey.campaign, of_appeals=last.proof.is_appeal),
        now=now,
    )


def look_of(proof: Proof) -> Look | None:
    return getattr(proof, "look", None)


def _opened(journey: Journey, plan: ReviewPlan) -> Opened | None:
    return Opened(plan.opened_by, opened_count(journey)) if plan.opened_by else None


def _has_approved(proofs: list[ShownProof]) -> bool:
    return any(one.proof.state == Proof.State.APPROVED for one in proofs)
