"""Where somebody stands, and the one thing that is theirs to do next: decided from plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Grant, Reward

State = Journey.State


class Next(StrEnum):
    COME_BACK = "come_back"
    CONFIRM = "confirm"
    SHARE = "share"
    TRY_AGAIN = "try_again"
    WAIT = "wait"
    COLLECT = "collect"
    OWED = "owed"
    INVITE = "invite"
    RESTS = "rests"
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


def steps(journey: Journey, *, has_reward: bool, is_granted: bool) -> list[Step]:
    done = [
        (_("Joined"), journey.state != State.ARRIVING),
        (_("Forwarded"), bool(journey.proof_sent_at or journey.sharing_at or journey.approved_at)),
        (_("Approved"), journey.approved_at is not None),
        *([(_("Rewarded"), is_granted)] if has_reward else []),
    ]
    first_open = next((nth for nth, (_label, is_done) in enumerate(done) if not is_done), len(done))
    return [Step(label, is_done, nth == first_open) for nth, (label, is_done) in enumerate(done)]


def next_of(
    journey: Journey, *, campaign_state: str, last_proof: Proof | None, reward: Reward | None, grant: Grant | None
) -> Next:  # fmt: skip
    """The next thing. What somebody has earned comes before what the campaign's state forbids."""
    if grant is not None and grant.redeemed_at is None:
        return Next.COLLECT
    if journey.state in (State.LEFT, State.REMOVED):
        return Next.COME_BACK
    if campaign_state == Campaign.State.ENDED and journey.approved_at is None:
        return Next.OVER
    if journey.approved_at is not None:
        return _after_approval(campaign_state, reward, grant)
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


def _after_approval(campaign_state: str, reward: Reward | None, grant: Grant | None) -> Next:
    if reward is not None and grant is None:
        return Next.OWED
    return Next.OVER if campaign_state == Campaign.State.ENDED else Next.INVITE
