"""The only writer of the machine's looks: claimed by a lease, tried twice, concluded once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tenfold.base import bulk, clock
from tenfold.base.claim import become, changes_one, step
from tenfold.base.fresh import moves_one
from tenfold.campaigns.models import Campaign
from tenfold.journal.facts import Fact
from tenfold.proofs import rules
from tenfold.proofs.actions import judge_by_machine, note
from tenfold.proofs.case import Owner
from tenfold.proofs.deciding import Judgement, unread
from tenfold.proofs.doubting import doubt
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tenfold.proofs.queries import plan_of

State = Look.State
TRIES = 2
# A process that sleeps, or never gets a core, keeps nobody waiting more often than this.
MOST_LATE = 3
# More than a look may take on a machine that is busy, once there is somebody ready to look, and less than the time that
# it has before people see it too.
LEASE = timedelta(seconds=75)
CANDIDATES = 16
# What others change of a screenshot while it is looked at, and what a verdict needs of the plan.
MOVING = ("people_at", "appealed_at", "reserved_until")
AS_NOW = """
    SELECT proof.state, proof.people_at, proof.appealed_at, proof.reserved_until, campaign.undo_seconds,
        plan.mode, plan.automatic_engine, plan.sample_percent
    FROM tenfold_proof proof JOIN tenfold_campaign campaign ON campaign.id = proof.campaign_id
        LEFT JOIN tenfold_reviewplan plan ON plan.campaign_id = campaign.id
    WHERE proof.id = ?
"""
# Where there is no child to look with: nothing is wrong with the picture.
LATER = timedelta(seconds=5)


def is_due(*, now: datetime) -> bool:
    """Whether there is anything to look at, so that a process for it may be started first."""
    return _due(now).exists()


def _due(now: datetime) -> QuerySet[Look]:
    due = Look.objects.filter(_free(now), due_at__lte=now)
    return due.exclude(campaign__review_plan__mode=ReviewPlan.Mode.OFF)


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def begin(*, now: datetime) -> Look | None:
    """The next look to be made, for the caller alone as long as the lease holds. What has been tried often enough, by
    whoever did not live to tell, is left to people. What can be read before is: whoever scans waits for who writes."""
    due = _due(now).select_related("proof", "campaign").order_by("due_at", "pk")
    for look in due[:CANDIDATES]:
        if look.tries >= TRIES:
            conclude(look=look, judgement=unread(), state=State.UNREADABLE)
        elif _begun(look, now):
            look.state, look.tries, look.lease_until = State.RUNNING, look.tries + 1, now + LEASE
            return look
    return None


@step
def _begun(look: Look, now: datetime) -> bool:
    as_read = {"due_at": look.due_at, "tries": look.tries, "lease_until": look.lease_until}
    lease = {"state": State.RUNNING, "tries": look.tries + 1, "lease_until": now + LEASE}
    return moves_one(look, as_read, **lease)


@step
def put_back(*, look: Look, is_late: bool = False) -> None:
    """Nothing was tried: somebody else may, a little later. Where they were late again and again, people are asked."""
    late = look.late + is_late
    if late >= MOST_LATE:
        conclude(look=look, judgement=unread(), state=State.UNREADABLE)
        return
    later = {"tries": max(0, look.tries - 1), "late": late, "due_at": clock.now() + LATER}
    _still_asked(look).update(state=State.QUEUED, lease_until=None, **later)


@step
def try_again(*, look: Look) -> bool:
    """It killed whoever looked at it, or failed otherwise. False if it was the last try: then people are asked."""
    if look.tries < TRIES:
        _still_asked(look).update(state=State.QUEUED, lease_until=None, due_at=clock.now())
        return True
    conclude(look=look, judgement=unread(), state=State.UNREADABLE)
    return False


@step
def conclude(
    *,
    look: Look,
    judgement: Judgement,
    state: Look.State = State.DONE,
    findings: Mapping[str, Any] | None = None,
    belongs: Mapping[str, tuple[Owner, str]] | None = None,
    alike_key: str = "",
    engine: str = "",
    spent_ms: int = 0,
) -> bool:
    """Keep what was found, once; where the machine may decide and is sure, its verdict with it. Else the screenshot is
    the people's. False if somebody else has concluded it, or begun it anew. Whether it may is as it is now: a look
    takes long enough for somebody to switch it off."""
    # The screenshot first, as whoever takes a verdict back does.
    (proof, plan), now = _locked(look), clock.now()
    is_applied = plan is not None and rules.may_decide(plan) and _is_for_the_machine(proof, judgement, now)
    kept = _told(judgement) | {
        "state": state,
        "findings": dict(findings or {}),
        "belongs": {text: list(owner) for text, owner in (belongs or {}).items()},
        "looked_at": now,
        "is_applied": is_applied,
        "due_at": None,
        "lease_until": None,
        "engine": engine,
        "spent_ms": spent_ms,
    }
    if not changes_one(_as_claimed(look), **kept):
        return False
    if plan and is_applied:
        _decide(proof, judgement, plan)
    else:
        _to_people(proof, alike_key, now)
    note(Fact.LOOKED, proof, outcome=judgement.outcome, reasons=kept["reasons"], is_applied=is_applied)
    become(look, kept)
    return True


def _locked(look: Look) -> tuple[Proof, ReviewPlan | None]:
    """The screenshot as far as it may have changed since the look was begun, and the plan with its campaign as they are
    now, in one statement: whoever scans waits. Nobody else judges it until the end. Whoever looked holds it already
    (`likeness.note_match`), so that nothing here is from before a wait."""
    ending = "FOR NO KEY UPDATE OF proof" if bulk.is_shared() else ""
    [(state, *moments, undo_seconds, mode, engine, sample)] = bulk.rows(
        f"{AS_NOW} {ending}", (look.proof_id.hex,)
    )
    become(look.proof, {"state": state, **dict(zip(MOVING, map(bulk.as_moment, moments), strict=True))})
    if mode is None:
        return look.proof, None
    campaign = Campaign(pk=look.campaign_id, undo_seconds=undo_seconds)
    return look.proof, ReviewPlan(
        campaign=campaign, mode=mode, automatic_engine=engine, sample_percent=sample
    )


def _is_for_the_machine(proof: Proof, judgement: Judgement, now: datetime) -> bool:
    """Unless it is not sure. An appeal, and what somebody has decided or has before them, are not for it."""
    is_held = proof.reserved_until is not None and proof.reserved_until > now
    is_open = proof.state == Proof.State.WAITING and not proof.is_appeal and not is_held
    return is_open and judgement.outcome in (Look.Outcome.PASS, Look.Outcome.FAIL)


def _decide(proof: Proof, judgement: Judgement, plan: ReviewPlan) -> None:
    judge_by_machine(
        proof=proof,
        is_approved=judgement.outcome == Look.Outcome.PASS,
        reason=judgement.reasons[0] if judgement.reasons else "",
        undo_seconds=plan.campaign.undo_seconds,
        plan=plan,
    )


def _told(judgement: Judgement) -> dict[str, Any]:
    return {
        "outcome": judgement.outcome,
        "reasons": list(judgement.reasons),
        "doubts": list(judgement.missing),
        "found": list(judgement.found),
    }


@step
def revise(*, look: Look, judgement: Judgement, alike_key: str) -> bool:
    """What came to light since it was concluded says otherwise. What people have decided stays; an approval of the
    machine's goes to people. False if there is nothing to revise."""
    held = Proof.objects.select_for_update(of=("self",), no_key=True)
    proof = held.select_related("campaign").get(pk=look.proof_id)
    is_machines = proof.is_machine and proof.state == Proof.State.APPROVED
    is_open = is_machines or proof.state == Proof.State.WAITING
    done = Look.objects.filter(pk=look.pk, state=State.DONE).exclude(outcome=judgement.outcome)
    if not is_open or not changes_one(done, **_told(judgement)):
        return False
    if is_machines:
        doubt(proof=proof)
    _to_people(proof, alike_key, clock.now())
    return True


def _to_people(proof: Proof, alike_key: str, now: datetime) -> None:
    waiting = Proof.objects.filter(pk=proof.pk, state=Proof.State.WAITING)
    waiting.update(alike_key=alike_key, people_at=min(now, proof.people_at))


def _as_claimed(look: Look) -> Any:
    """As it was when it was begun: whoever comes after the lease has begun it anew."""
    open_states = [State.QUEUED, State.RUNNING]
    return Look.objects.filter(pk=look.pk, state__in=open_states, tries=look.tries)


def _still_asked(look: Look) -> Any:
    """Unless the machine was told to look no more meanwhile."""
    return _as_claimed(look).exclude(due_at=None)


@step
def look_at_all(*, campaign: Campaign, limit: int = 5000) -> int:
    """The machine is asked to look from now on: also at what waits already. People go on seeing it meanwhile."""
    unseen = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING, look=None, appealed_at=None)
    now, asked = clock.now(), rules.asked_by(plan_of(campaign))
    stopped = Look.objects.filter(campaign=campaign, due_at=None, looked_at=None, tries__lt=TRIES)
    stopped.filter(proof__state=Proof.State.WAITING, proof__appealed_at=None).update(due_at=now)
    looks = [
        Look(workspace_id=campaign.workspace_id, campaign=campaign, proof=proof, asked=asked, due_at=now)
        for proof in unseen.order_by("sent_at", "pk").only("pk")[:limit]
    ]
    Look.objects.bulk_create(looks, ignore_conflicts=True)
    return len(looks)


@step
def look_no_more(*, campaign: Campaign) -> None:
    """What waits for the machine is the people's now."""
    Look.objects.filter(campaign=campaign, looked_at=None).update(due_at=None)
    show_all(campaign=campaign)


@step
def show_all(*, campaign: Campaign) -> None:
    now = clock.now()
    hidden = Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING, people_at__gt=now)
    hidden.update(people_at=now)
