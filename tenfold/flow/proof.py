"""The screenshot, the verdict on it, and the reward that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign, Words
from tenfold.flow import lookers
from tenfold.flow.credits import credited, inviter_earned, suspended
from tenfold.flow.earning import earned_now, known_for_earning
from tenfold.flow.join import arrival_confirmed
from tenfold.flow.say import reason_said, say, say_opened, say_privately
from tenfold.flow.scan import Outcome, why_closed
from tenfold.imaging.reading import CleanPicture
from tenfold.people import actions as people
from tenfold.people.models import Journey
from tenfold.platforms.web import actions as web_room
from tenfold.platforms.web.models import Post
from tenfold.proofs import actions as proofs
from tenfold.proofs.anew import judged_anew
from tenfold.proofs.models import Proof, ReviewPlan
from tenfold.proofs.queries import is_in_review, plan_of, waiting_of
from tenfold.proofs.rules import settles as settled_by
from tenfold.proofs.together import judge_many
from tenfold.rewards.queries import has_task_reward, main_reward, rules_of
from tenfold.rewards.tasks import has_task

Moment, Follows = Words.Moment, Proof.Follows


@step
def posted(*, journey: Journey, text: str, picture: CleanPicture | None, key: str) -> Post:
    """A member posts in a built-in room. A picture there is also their screenshot, where one is asked for and until one
    is approved."""
    journey.refresh_from_db()
    if not journey.is_member:
        raise Refusal("not_a_member", _("Only members can post here."), status=403)
    post_key = f"post:{journey.id}:{key}"
    if found := Post.objects.filter(key=post_key).first():
        return found
    if web_room.posts_too_fast(room_id=journey.group_id, author_id=journey.person_id, now=clock.now()):
        raise Refusal("too_fast", _("That was a lot at once. Wait a minute, then go on."), status=429)
    proof = (
        proof_sent(journey=journey, picture=picture, source=Proof.Source.ROOM)
        if picture and _is_asked(journey)
        else None
    )
    kept = proof.picture if proof else people.keep_picture(journey=journey, picture=picture)
    return web_room.post(
        room_id=journey.group_id,
        kind=Post.Kind.PICTURE if kept else Post.Kind.TEXT,
        key=post_key,
        text=text,
        author_id=journey.person_id,
        author_name=journey.person.nickname,
        picture=kept,
    )


def _is_asked(journey: Journey) -> bool:
    """Whether there is a task, and theirs is to be done still."""
    is_open = journey.approved_at is None and why_closed(journey.campaign, clock.now()) != Outcome.ENDED
    return is_open and has_task(journey.campaign, rules_of(journey.campaign))


def proof_sent(*, journey: Journey, picture: CleanPicture, source: str) -> Proof:
    """The screenshot comes back: into the review queue, and nothing is due from them meanwhile."""
    # Asked before the step: a launch night's scans wait for as long as that takes.
    journey.refresh_from_db()
    _check_may_send(journey)
    plan = plan_of(journey.campaign)
    if not lookers.usual_count():
        plan.mode = ReviewPlan.Mode.OFF
    settles = _settles(journey)

    def made() -> proofs.Sent:
        return proofs.made(
            journey=journey, picture=picture, source=source, plan=plan, settles=settles, now=clock.now()
        )

    return _proof_sent(journey=journey, sent=made(), anew=made)


@step
def _proof_sent(*, journey: Journey, sent: proofs.Sent, anew: Callable[[], proofs.Sent]) -> Proof:
    """The same picture sent twice is one proof. `sent` was made before; `anew` makes it where another one has come
    first meanwhile, as the one that waits is the last."""
    waiting = waiting_of(journey)
    if waiting and waiting.picture.sha256 == sent.proof.picture.sha256:
        return waiting
    if waiting and waiting.sent_at >= sent.proof.sent_at:
        sent = anew()
    if not people.prove(journey=journey, now=clock.now()):
        people.lock(journey=journey)  # somebody has moved them meanwhile
        _check_may_send(journey)
        people.prove(journey=journey, now=clock.now())
    return proofs.send(sent=sent, instead=waiting)


def _check_may_send(journey: Journey) -> None:
    if not (journey.is_member or journey.state == Journey.State.ARRIVING):
        raise Refusal(
            "not_a_member", _("You are not in the group any more. Scan the poster again to come back.")
        )
    if why_closed(journey.campaign, clock.now()) == Outcome.ENDED:
        raise Refusal("over", _("The campaign is over: screenshots are not taken any more."))
    if journey.approved_at is not None:
        raise Refusal("already_approved", _("Your screenshot is approved already. Nothing more to do."))


def _settles(journey: Journey) -> int:
    """How much waits for the verdict: an inviter's credit, a reward."""
    is_credit = journey.campaign.credit_when == Campaign.CreditWhen.APPROVED
    return settled_by(
        waits_inviter=is_credit and journey.inviter_id is not None,
        has_reward=main_reward(journey.campaign_id) is not None,
    )


@step
def judged(*, proof: Proof, operator: Operator, is_approved: bool, reason: str = "", note: str = "") -> Proof:
    """A reviewer decides. It takes effect when the time for taking it back is over."""
    proofs.judge(
        proof=proof,
        operator=operator,
        is_approved=is_approved,
        reason=reason,
        note=note,
        undo_seconds=proof.campaign.undo_seconds,
    )
    judged_anew(proofs=[proof], operator=operator)
    return proof


@dataclass(frozen=True)
class Together:
    """Verdicts given at once, to be taken back at once by `batch_id`; `skipped` had one already, or came anew."""

    batch_id: UUID
    judged: list[Proof]
    skipped: int


@step
def judged_together(
    *, proofs: Sequence[Proof], operator: Operator, is_approved: bool, reason: str = "", note: str = ""
) -> Together:
    """A reviewer has looked at all of them and gives the same verdict."""
    undo_seconds = max((proof.campaign.undo_seconds for proof in proofs), default=0)
    batch_id, judged_now = judge_many(
        proofs=proofs,
        operator=operator,
        is_approved=is_approved,
        reason=reason,
        note=note,
        undo_seconds=undo_seconds,
    )
    judged_anew(proofs=judged_now, operator=operator)
    return Together(batch_id, judged_now, len(proofs) - len(judged_now))


def together_undone(*, batch_id: UUID, campaign: Campaign, operator: Operator) -> int:
    """All of them back into the queue, each by itself: a reward that is given keeps its own. How many went back."""
    rows = Proof.objects.filter(campaign=campaign, batch_id=batch_id).select_related("journey__campaign")
    back = 0
    for proof in rows.order_by("pk"):
        with suppress(Refusal):
            verdict_undone(proof=proof, operator=operator)
            back += 1
    return back


@step
def verdict_undone(*, proof: Proof, operator: Operator) -> Proof:
    """Back into the queue. What was given already is kept: a granted reward makes the verdict final."""
    journey = proof.journey
    people.lock(journey=journey, and_inviter=True)
    proof.refresh_from_db()
    is_approval = proof.state == Proof.State.APPROVED
    if is_approval and has_task_reward(journey):
        raise Refusal("reward_kept", _("The reward is given already, and a given reward stays given."))
    if not is_approval and journey.approved_at:
        raise Refusal(
            "approved_since", _("A later screenshot of theirs is approved: this one no longer matters.")
        )
    if proofs.undo(proof=proof, operator=operator):
        people.back_to_review(journey=journey)
        if journey.campaign.credit_when == Campaign.CreditWhen.APPROVED:
            suspended(newcomer=journey)
    return proof


@step
def appealed(*, journey: Journey, proof: Proof, text: str) -> Proof:
    """They ask for another look, by a person and once. Their task waits for it again."""
    people.lock(journey=journey, and_inviter=True)
    if journey.approved_at is not None:
        raise Refusal("already_approved", _("Your screenshot is approved already. Nothing more to do."))
    if not (journey.is_member or journey.state == Journey.State.ARRIVING):
        raise Refusal(
            "not_a_member", _("You are not in the group any more. Scan the poster again to come back.")
        )
    if why_closed(journey.campaign, clock.now()) == Outcome.ENDED:
        raise Refusal("over", _("The campaign is over: screenshots are not taken any more."))
    proofs.appeal(proof=proof, text=text, plan=plan_of(journey.campaign))
    people.back_to_review(journey=journey)
    return proof


def settled(*, proof: Proof) -> Proof:
    """The verdict takes effect: state, words, credit, reward."""
    # Who they are, and what the campaign says and gives, is read before the step: whoever scans waits for that one.
    proof.journey = known_for_earning(proof.journey_id)
    _settled(proof=proof)
    return _followed(proof)


def followed(*, proof: Proof) -> Proof:
    """What an approval brings, gone on with where somebody was stopped between its steps."""
    proof.journey = known_for_earning(proof.journey_id)
    return _followed(proof)


def _followed(proof: Proof) -> Proof:
    """Whoever scans comes in between the steps. Their own comes first: a reward that is given makes the verdict final,
    and what their inviter is given for it is not left without it."""
    inviter_id = proof.journey.inviter_id
    if proof.follows == Follows.OWN:
        _gets(proof=proof, since=Follows.OWN, to=Follows.NOTHING)
    if proof.follows == Follows.BOTH:
        _gets(proof=proof, since=Follows.BOTH, to=Follows.INVITER)
    if proof.follows == Follows.INVITER and inviter_id:
        _inviter_gets(proof=proof, inviter=known_for_earning(inviter_id))
    return proof


@step
def _gets(*, proof: Proof, since: Proof.Follows, to: Proof.Follows) -> None:
    people.lock(journey=proof.journey, keeps=True)
    if proofs.go_on(proof=proof, since=since, to=to, now=clock.now()):
        earned_now(journey=proof.journey)


@step
def _inviter_gets(*, proof: Proof, inviter: Journey) -> None:
    people.lock_edges(journeys=[proof.journey])
    people.lock(journey=inviter, keeps=True)
    if proofs.go_on(proof=proof, since=Follows.INVITER, to=Follows.NOTHING, now=clock.now()):
        inviter_earned(inviter=inviter, newcomer=proof.journey)


@step
def _settled(*, proof: Proof) -> Proof:
    now, journey = clock.now(), proof.journey
    people.lock(journey=journey, and_inviter=True, keeps=True)
    if not proofs.settle(proof=proof, now=now):
        return proof
    told_at = f"{proof.id}:{proof.judged_at:%Y%m%d%H%M%S%f}"
    if proof.state == Proof.State.REJECTED:
        _rejected(proof, journey, now, told_at)
        return proof
    follows = approved(journey=journey, now=now, told_at=told_at, is_later=True, is_appeal=proof.is_appeal)
    if follows:
        proofs.go_on(proof=proof, since=Follows.NOTHING, to=follows, now=now)
    return proof


def approved(
    *,
    journey: Journey,
    now: datetime,
    told_at: str,
    opened_count: int = 0,
    is_later: bool = False,
    is_appeal: bool = False,
) -> Proof.Follows:
    """The task is done, by a screenshot or by so many who opened the code; within the caller's step, who has locked
    them and their inviter. What is still to be given, where that `is_later`. That somebody has appealed is theirs."""
    if journey.state == Journey.State.ARRIVING:
        arrival_confirmed(journey=journey)
    if people.approve(journey=journey, now=now):
        proofs.withdraw_waiting(journey=journey)
        proofs.forget_phones(journey=journey)
        if opened_count:
            say_opened(journey, opened_count, key=f"approve:{told_at}")
        else:
            tell = say_privately if is_appeal else say
            tell(journey, Moment.APPROVE, key=f"approve:{told_at}")
        if journey.is_member and credited(newcomer=journey, is_later=is_later):
            return Follows.BOTH
        if is_later:
            return Follows.OWN
        earned_now(journey=journey)
    return Follows.NOTHING


def _rejected(proof: Proof, journey: Journey, now: datetime, told_at: str) -> None:
    if journey.approved_at is not None:
        return  # by another screenshot of theirs: telling them that this one does not count would be false
    people.reject(journey=journey, now=now, reason=proof.reason)
    if is_in_review(journey):
        people.await_verdict(journey=journey)
    say_privately(journey, Moment.REJECT, key=f"reject:{told_at}", reason=reason_said(proof))
