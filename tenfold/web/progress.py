"""Where somebody stands, and the one thing that is theirs to do next: decided from plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof

State = Journey.State


class Next(StrEnum):
    COME_BACK = "come_back"
    KEPT_OUT = "kept_out"
    CONFIRM = "confirm"
    SHARE = "share"
    TRY_AGAIN = "try_again"
    WAIT = "wait"
    CLAIM = "claim"
    COLLECT = "collect"
    OWED = "owed"
    LADDER = "ladder"
    INVITE = "invite"
    RESTS = "rests"
    EXCLUDED = "excluded"
    OVER = "over"


@dataclass(frozen=True)
class Step:
    label: str | Promise
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class Tally:
    """The newcomers who came by somebody's code: all of them, by whether they count."""

    valid: int = 0
    pending: int = 0
    void: int = 0

    @property
    def all(self) -> int:
        return self.valid + self.pending + self.void


def shown_state(proof: Proof) -> str:
    """What the sender is told: a verdict that can still be taken back is not told yet."""
    return proof.state if proof.settled_at or proof.state == Proof.State.WITHDRAWN else Proof.State.WAITING


@dataclass(frozen=True)
class Had:
    """What somebody has by the rules of the campaign, as far as it decides what they do next."""

    has_task: bool = True
    has_reward: bool = False
    is_granted: bool = False
    is_to_claim: bool = False
    is_to_collect: bool = False
    is_owed: bool = False
    has_step_ahead: bool = False


def steps(journey: Journey, had: Had) -> list[Step]:
    done = [(_("Joined"), journey.state != State.ARRIVING)]
    if had.has_task:
        done.append(
            (_("Forwarded"), bool(journey.proof_sent_at or journey.sharing_at or journey.approved_at))
        )
        done.append((_("Approved"), journey.approved_at is not None))
    else:
        done.append((_("Shared"), bool(journey.sharing_at or journey.valid_count > 0)))
        done.append((_("First friend"), journey.valid_count > 0))
    if had.has_reward:
        done.append((_("Rewarded"), had.is_granted))
    first_open = next((nth for nth, (_label, is_done) in enumerate(done) if not is_done), len(done))
    return [Step(label, is_done, nth == first_open) for nth, (label, is_done) in enumerate(done)]


def next_of(journey: Journey, *, campaign_state: str, last_proof: Proof | None, had: Had) -> Next:
    """The next thing. What somebody has earned comes before what the campaign's state forbids."""
    if journey.person.blocked_at is not None:
        return Next.COLLECT if had.is_to_collect else Next.EXCLUDED
    if had.is_to_claim:
        return Next.CLAIM
    if had.is_to_collect:
        return Next.COLLECT
    if journey.state in (State.LEFT, State.REMOVED):
        return Next.KEPT_OUT if journey.kept_out_at else Next.COME_BACK
    is_to_do = journey.approved_at is None and (had.has_task or journey.state == State.ARRIVING)
    if campaign_state == Campaign.State.ENDED and is_to_do:
        return Next.OVER
    if not is_to_do:
        return _after_task(campaign_state, had)
    if campaign_state == Campaign.State.PAUSED:
        return Next.RESTS
    return _before_approval(journey, last_proof)


def _before_approval(journey: Journey, last_proof: Proof | None) -> Next:
    shown = shown_state(last_proof) if last_proof else None
    if shown == Proof.State.WAITING:
        return Next.WAIT
    if shown == Proof.State.REJECTED:
        return Next.TRY_AGAIN
    return Next.CONFIRM if journey.state == State.ARRIVING else Next.SHARE


def _after_task(campaign_state: str, had: Had) -> Next:
    if had.is_owed:
        return Next.OWED
    if campaign_state == Campaign.State.ENDED:
        return Next.OVER
    return Next.LADDER if had.has_step_ahead else Next.INVITE
