"""What is wrong with a picture in words for its sender, and which verdicts are appealed, sampled and put first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.imaging.child import NoChild
from tenfold.imaging.reading import Unreadable
from tenfold.proofs.models import Proof, ReviewPlan

WHY_UNREADABLE: dict[str, str | Promise] = {
    "too_large": _("The picture is larger than 8 MB. Send a smaller one."),
    "not_a_picture": _("This is not a picture we can read. JPEG, PNG and WebP work."),
    "truncated": _("The picture is damaged or was cut off on the way. Send it again."),
    "too_many_pixels": _("The picture has too many pixels. Send a normal screenshot."),
    "animated": _("This is a moving picture. Send a still screenshot."),
    "too_complex": _("This picture is built in an unusual way. Take a new screenshot and send that."),
    "unreadable": _("Nothing here could read this picture. Take a new screenshot and send that."),
}
NO_CHILD = _("Too many pictures are coming in right now. Send yours again in a few seconds.")
REASONS = [reason for reason in Proof.Reason.values if reason]

QUESTIONS = ("place", "needs_everyone", "oldest_hours", "needs_caption", "needs_name")
"""What a plan asks of a screenshot."""

# The machine has so long to decide a screenshot before people see it too.
MACHINE_FIRST = timedelta(seconds=120)
# A reviewer has one to themselves for so long; looking at it goes on extends it.
HELD = timedelta(minutes=5)
# Who waits longer than this comes first, whatever their verdict settles.
PATIENCE = timedelta(hours=6)
MOST_AT_ONCE = 50
LEAST_BESIDE = 30
"""Verdicts of people beside the machine's own that an owner has to have seen before it decides."""
LEAST_PASSED = 10
"""Of these so many that both would approve: turning down what is no poster shows nothing about giving rewards."""
# Goes up with a release that finds or decides differently: what was seen of another one says little about this.
ENGINE = "2"
LEAST_SAMPLED, SAMPLED_WINDOW = 20, 200
LONGEST_APPEAL = 300


def refusal_of(error: Unreadable | NoChild) -> Refusal:
    if isinstance(error, NoChild):
        return Refusal("busy", NO_CHILD, status=503)
    return Refusal(error.reason, WHY_UNREADABLE[error.reason], status=400)


def check_verdict(*, is_approved: bool, reason: str, note: str) -> None:
    """A rejection needs a reason that the participant can act on; "other" needs the reviewer's own words."""
    if is_approved:
        return
    if reason not in REASONS:
        raise Refusal("reason_needed", _("Choose why it is not approved."), status=400)
    if reason == Proof.Reason.OTHER and not note.strip():
        raise Refusal("note_needed", _("Say in a few words what is wrong."), status=400)


def clean_note(note: str) -> str:
    return note.replace("\x00", "").strip()[:200]


def reason_text(proof: Proof) -> str:
    """What the participant reads: the reason, or the reviewer's own words."""
    return proof.note if proof.reason == Proof.Reason.OTHER else str(Proof.Reason(proof.reason).label)


def may_appeal(proof: Proof, plan: ReviewPlan) -> bool:
    """Once, against a rejection that they were told, as long as the picture is there to look at."""
    is_told = proof.state == Proof.State.REJECTED and proof.settled_at is not None
    return plan.appeals and is_told and not proof.is_appeal and proof.erased_at is None


def settles(*, waits_inviter: bool, has_reward: bool) -> int:
    """How much one verdict settles: their own task, an inviter's credit that waits for it, a reward."""
    return 1 + waits_inviter + has_reward


def asked_by(plan: ReviewPlan) -> dict[str, object]:
    """To be kept with a screenshot, so that a later change of the plan is none for those who have sent theirs."""
    return {name: getattr(plan, name) for name in QUESTIONS}


def plan_then(asked: Mapping[str, object], plan: ReviewPlan) -> ReviewPlan:
    """The plan with the questions of then, not saved; as it is now where nobody kept them."""
    now = {field.attname: getattr(plan, field.attname) for field in plan._meta.concrete_fields}
    return ReviewPlan(**now | {name: asked[name] for name in QUESTIONS if name in asked})


def may_decide(plan: ReviewPlan) -> bool:
    """Whether an owner lets the machine decide: as it was when they had seen how it does."""
    return plan.mode == ReviewPlan.Mode.AUTOMATIC and plan.automatic_engine in ("", ENGINE)


def is_chosen(key: UUID, percent: int, *, salt: str) -> bool:
    """Whether this one is among so many percent: by chance, and every time the same."""
    digest = hashlib.sha256(f"{salt}:{key.hex}".encode()).digest()
    return int.from_bytes(digest[:4]) % 10_000 < percent * 100


def falls_back(*, looked: int, disagreed: int, bound_percent: int) -> bool:
    """Whether people who looked again disagree with the machine more often than its owner allows."""
    return looked >= LEAST_SAMPLED and disagreed * 100 > bound_percent * looked


def alike_key(*, art: str, doubts: Iterable[str], copy_of: str) -> str:
    """The same for screenshots that one look can decide together; empty where the machine knows nothing."""
    told = "|".join((art, copy_of, *sorted(doubts)))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
