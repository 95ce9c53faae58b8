"""The only writer of persons and journeys; credits are written in `crediting`. The edge of the tree is written once and
never again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.claim import become, changes_one, step
from tenfold.base.fresh import change, moves_one, reread
from tenfold.base.models import Picture
from tenfold.base.pictures import Clean, keep
from tenfold.base.refusal import Refusal
from tenfold.codes.models import LiveCode
from tenfold.groups.models import Seat
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people import board, rules
from tenfold.people.models import Attendance, AvatarSource, Journey, Person

State = Journey.State
MEMBER = [State.JOINED, State.PROOF_SENT, State.APPROVED, State.REWARDED]
UNFINISHED = [State.JOINED, State.PROOF_SENT]
BESIDE = ("campaign", "group", "inviter")
# Of the campaign: what makes a newcomer count, and until when.
COUNTS_BY = ("credit_when", "stay_hours", "grace_minutes", "ended_at", "ends_at")


@step
def know_person(*, workspace_id: UUID, visitor_id: UUID, nickname: str, language: str) -> Person:
    """The person behind a visitor, made on first consent; the name they give now is their name."""
    person = Person.objects.filter(workspace_id=workspace_id, visitor_id=visitor_id).first()
    if person is None:
        return Person.objects.create(
            workspace_id=workspace_id,
            visitor_id=visitor_id,
            nickname=nickname,
            language=language,
            consented_at=clock.now(),
            created_at=clock.now(),
        )
    if (person.nickname, person.language) != (nickname, language):
        person.nickname, person.language = nickname, language
        person.save(update_fields=["nickname", "language"])
    return person


@step
def change_profile(*, person: Person, nickname: str, avatar: Clean | None, language: str) -> Person:
    """A new name, language or picture; with no picture the one they have stays."""
    person.nickname = rules.clean_nickname(nickname)
    person.language = language if language in Language.values else person.language
    if avatar:
        # The picture they chose themselves is not replaced by one that is on its way from elsewhere.
        AvatarSource.objects.filter(person=person).update(due_at=None, lease_until=None)
        person.avatar = keep(avatar, workspace_id=person.workspace_id)
    person.save(update_fields=["nickname", "language", "avatar"])
    for journey in person.journeys.all():
        write(Fact.PROFILE_CHANGED, person, campaign_id=journey.campaign_id, journey_id=journey.id)
    return person


@step
def keep_picture(*, journey: Journey, picture: Clean | None) -> Picture | None:
    """A picture a member shows that is no screenshot for review."""
    return keep(picture, workspace_id=journey.workspace_id) if picture else None


@step
def lock(*, journey: Journey, and_inviter: bool = False, keeps: bool = False) -> None:
    """The journey as it is now, and nobody else's to move until this transaction ends. First of all locks: whoever
    needs more takes its screenshot, its seat and its reward after it. With their inviter, who may be credited.

    What this lock does not hold still, as the campaign, can be read before it, and whoever did `keeps` it, but for what
    makes a newcomer count: whoever changes that has them looked at again, which would find them as they were."""
    if and_inviter and journey.inviter_id:
        lock_edges(journeys=[journey])
    if keeps:
        _reread(journey)
    else:
        journey.refresh_from_db(from_queryset=_to_move())
    if keeps and and_inviter and journey.inviter_id:
        journey.campaign.refresh_from_db(fields=COUNTS_BY)


def _reread(journey: Journey) -> None:
    """With what was read beside it, as far as it is still the same; and who they are, as they are now."""
    cached = journey._state.fields_cache
    for name in cached.keys() - {*BESIDE, "person"}:
        del cached[name]
    reread(journey, locks=True)
    if person := cached.get("person"):
        reread(person)


@step
def lock_edges(*, journeys: Sequence[Journey]) -> None:
    """These and their inviters, in the order of their keys as everywhere. With an inviter locked only when the credit
    comes, and the group in between, one who joins and the inviter who leaves that moment would wait for each other."""
    both = {key for journey in journeys for key in (journey.pk, journey.inviter_id) if key}
    list(_to_move().filter(pk__in=both).order_by("pk").values_list("pk"))


def _to_move() -> QuerySet[Journey]:
    """Locked, but not for those who only refer to them, as every newcomer and every credit does."""
    return Journey.objects.select_for_update(no_key=True)


@step
def start_journey(
    *,
    person: Person,
    code: LiveCode,
    inviter: Journey | None,
    channel_code: LiveCode | None,
    seat: Seat,
    device_key: str = "",
) -> Journey:
    """A person enters a campaign. `inviter` by first touch, else the `channel_code` makes a seed, else unknown."""
    origin = Journey.Origin.UNKNOWN
    if inviter or channel_code:
        origin = Journey.Origin.INVITED if inviter else Journey.Origin.SEED
    return Journey.objects.create(
        workspace_id=seat.workspace_id,
        campaign=seat.campaign,
        person=person,
        code=code,
        inviter=inviter,
        channel_code=channel_code,
        origin=origin,
        generation=inviter.generation + 1 if inviter else 0,
        group=seat.group,
        seat=seat,
        state=State.ARRIVING,
        device_key=device_key,
        created_at=clock.now(),
    )


@step
def arrive(*, journey: Journey, now: datetime) -> None:
    """They say they are in; the platform cannot tell, so that a screenshot or a count has to show it in time."""
    _has_to_show(journey, now)
    journey.refresh_from_db()
    note(Fact.ARRIVED, journey)


@step
def become_member(*, journey: Journey, now: datetime) -> bool:
    """They are in the group, for the first time or again. What they had done stays done. False if they were in."""
    is_first, is_back = journey.joined_at is None, journey.left_at is not None
    due = rules.NOTHING_DUE
    if journey.approved_at is None:
        count = journey.remind_count
        due = rules.next_due(journey.campaign, done=rules.Step.NONE, remind_count=count, now=now)
    has_all = journey.rewarded_at and journey.approved_at
    to = State.REWARDED if has_all else State.APPROVED if journey.approved_at else State.JOINED
    changes = {"joined_at": journey.joined_at or now, "left_at": None, "due_step": due.step, "due_at": due.at}
    if not changes_one(Journey.objects.filter(pk=journey.pk, state=State.ARRIVING), state=to, **changes):
        return False
    journey.refresh_from_db()
    if is_back:
        note(Fact.REJOINED, journey)
    if is_first:
        note(Fact.JOINED, journey, generation=journey.generation)
    return True


@step
def expect_back(*, journey: Journey, seat: Seat) -> None:
    """Someone who left or was removed has a seat again; the edge of the tree stays as it was."""
    gone = Journey.objects.filter(pk=journey.pk, state__in=[State.LEFT, State.REMOVED])
    gone.update(state=State.ARRIVING, seat=seat, group=seat.group)
    journey.refresh_from_db()


@step
def prove(*, journey: Journey, now: datetime) -> bool:
    """A screenshot has come: nothing is due from them until it is judged. False where they are no longer as they were
    read, or gone. Locks them as `lock` does, by the change itself: nothing is read, as whoever scans waits for it."""
    if journey.state not in [*UNFINISHED, State.ARRIVING]:
        return False
    state = State.PROOF_SENT if journey.state == State.JOINED else journey.state
    changes = {"state": state, "proof_sent_at": now, "due_step": rules.Step.NONE, "due_at": None}
    if not moves_one(journey, {"state": journey.state, "approved_at": None}, **changes):
        return False
    become(journey, changes)
    return True


@step
def await_verdict(*, journey: Journey) -> None:
    """Their screenshot lies in the queue: nothing is due from them until it is judged."""
    waiting = Journey.objects.filter(pk=journey.pk, state__in=[*UNFINISHED, State.ARRIVING])
    waiting.update(due_step=rules.Step.NONE, due_at=None)
    Journey.objects.filter(pk=journey.pk, state=State.JOINED).update(state=State.PROOF_SENT)
    journey.refresh_from_db()


@step
def approve(*, journey: Journey, now: datetime) -> bool:
    """The task is done; False if it was already. Who calls has locked them."""
    if journey.approved_at is not None:
        return False
    changes: dict[str, Any] = {"approved_at": now, "due_step": rules.Step.NONE, "due_at": None}
    if journey.state in UNFINISHED:
        changes["state"] = State.REWARDED if journey.rewarded_at else State.APPROVED
    change(journey, **changes)
    note(Fact.APPROVED, journey)
    return True


@step
def reject(*, journey: Journey, now: datetime, reason: str) -> None:
    """Not yet: back to where they were, and the reminders go on from here."""
    due = rules.next_due(journey.campaign, done=rules.Step.NONE, remind_count=journey.remind_count, now=now)
    Journey.objects.filter(pk=journey.pk, state=State.PROOF_SENT).update(
        state=State.JOINED, due_step=due.step, due_at=due.at
    )
    _has_to_show(journey, now)
    journey.refresh_from_db()
    note(Fact.REJECTED, journey, reason=reason)


@step
def back_to_review(*, journey: Journey) -> None:
    """A verdict that had taken effect is taken back: the screenshot waits again."""
    if journey.approved_at is not None:
        note(Fact.UNAPPROVED, journey)
    changes = {"approved_at": None, "due_step": rules.Step.NONE, "due_at": None}
    Journey.objects.filter(pk=journey.pk).update(**changes)
    back = Journey.objects.filter(pk=journey.pk, state__in=[State.JOINED, State.APPROVED, State.REWARDED])
    back.update(state=State.PROOF_SENT)
    journey.refresh_from_db()


@step
def note_reward(*, journey: Journey, now: datetime) -> None:
    """They have got something, the first or one more. Who calls has locked them."""
    changes: dict[str, Any] = {} if journey.rewarded_at else {"rewarded_at": now}
    if journey.state == State.APPROVED:
        changes["state"] = State.REWARDED
    if changes:
        change(journey, **changes)


@step
def start_sharing(*, journey: Journey, now: datetime) -> None:
    """Somebody else has opened their code: they share."""
    if changes_one(Journey.objects.filter(pk=journey.pk, sharing_at=None), sharing_at=now):
        note(Fact.STARTED_SHARING, journey)


@step
def move_on(*, journey: Journey, done: rules.Step, now: datetime) -> bool:
    """One reminder or warning is done, the next thing is due later. False if someone else did it already."""
    reminded = journey.remind_count + (done == rules.Step.REMIND)
    due = rules.next_due(journey.campaign, done=done, remind_count=reminded, now=now)
    mine = Journey.objects.filter(pk=journey.pk, due_step=done, due_at=journey.due_at, state=State.JOINED)
    if not changes_one(mine, remind_count=reminded, due_step=due.step, due_at=due.at, lease_until=None):
        return False
    journey.refresh_from_db()
    note(Fact.REMINDED if done == rules.Step.REMIND else Fact.WARNED, journey, number=reminded)
    return True


@step
def postpone(*, journey: Journey, until: datetime | None) -> None:
    """Not now: the campaign rests, or the hours are quiet. With None nothing is due any more."""
    changes = {"due_at": until, "lease_until": None} if until else {"due_step": "", "due_at": None}
    Journey.objects.filter(pk=journey.pk).update(**changes)


@step
def go(*, journey: Journey, state: State, now: datetime) -> bool:
    """Out of the group: LEFT by themselves, or REMOVED. False if they were out already."""
    present = Journey.objects.filter(pk=journey.pk, state__in=[*MEMBER, State.ARRIVING])
    was_out = journey.left_at is not None  # back in line for confirmation, and gone again before it came
    if not changes_one(present, state=state, left_at=now, seat=None, due_step=rules.Step.NONE, due_at=None):
        return False
    journey.refresh_from_db()
    if not was_out:
        note(Fact.LEFT if state == State.LEFT else Fact.REMOVED, journey)
    return True


@step
def keep_out(*, journey: Journey, operator: Operator) -> bool:
    """Who is out is not let in again, until somebody allows it; False if that was so already, or they are in."""
    out = Journey.objects.filter(pk=journey.pk, state__in=[State.LEFT, State.REMOVED], kept_out_at=None)
    return _kept(journey, Fact.KEPT_OUT, operator, is_new=changes_one(out, kept_out_at=clock.now()))


@step
def let_back(*, journey: Journey, operator: Operator) -> bool:
    """They may come in again as anybody who has left."""
    kept = Journey.objects.filter(pk=journey.pk, kept_out_at__isnull=False)
    return _kept(journey, Fact.LET_BACK, operator, is_new=changes_one(kept, kept_out_at=None))


def _kept(journey: Journey, fact: Fact, operator: Operator, *, is_new: bool) -> bool:
    journey.refresh_from_db()
    if is_new:
        about = {"campaign_id": journey.campaign_id, "journey_id": journey.pk, "group_id": journey.group_id}
        write(fact, journey, {}, **about, operator_id=operator.id)
    return is_new


@step
def block(*, person: Person, note: str, operator: Operator) -> bool:
    """Excluded from everything of this workspace; False if they were already. Their credits are for whoever calls."""
    why = " ".join(note.replace("\x00", "").split())[:200]
    if not why:
        raise Refusal("note_needed", _("Say why, in a few words."), status=400)
    free = Person.objects.filter(pk=person.pk, blocked_at=None)
    changes = {"blocked_at": clock.now(), "blocked_by": operator, "block_note": why}
    return _blocked(person, Fact.BLOCKED, operator, is_new=changes_one(free, **changes), note=why)


@step
def unblock(*, person: Person, operator: Operator) -> bool:
    blocked = Person.objects.filter(pk=person.pk, blocked_at__isnull=False)
    changes = {"blocked_at": None, "blocked_by": None, "block_note": ""}
    return _blocked(person, Fact.UNBLOCKED, operator, is_new=changes_one(blocked, **changes))


def _blocked(person: Person, fact: Fact, operator: Operator, *, is_new: bool, **told: object) -> bool:
    person.refresh_from_db()
    for journey in person.journeys.order_by("campaign_id") if is_new else ():
        board.moved(journey_id=journey.pk, by=0)
        about = {"campaign_id": journey.campaign_id, "journey_id": journey.pk, "operator_id": operator.id}
        write(fact, journey, told, **about)
    return is_new


@step
def attend(*, journey: Journey, day: date, text: str) -> Attendance:
    """They took part on this day; a second time on it changes what they said, and nothing else."""
    said = " ".join(text.replace("\x00", "").split())[:500]
    of = {"workspace_id": journey.workspace_id, "campaign_id": journey.campaign_id, "at": clock.now()}
    found, is_new = Attendance.objects.get_or_create(journey=journey, day=day, defaults={**of, "text": said})
    if is_new:
        Journey.objects.filter(pk=journey.pk).update(attendance_count=F("attendance_count") + 1)
        journey.refresh_from_db()
        note(Fact.ATTENDED, journey, day=day.isoformat())
    elif said and found.text != said:
        found.text = said
        found.save(update_fields=["text"])
    return found


def note(fact: Fact, journey: Journey, **told: object) -> None:
    write(
        fact, journey, told, campaign_id=journey.campaign_id, journey_id=journey.id, group_id=journey.group_id
    )


def _has_to_show(journey: Journey, now: datetime) -> None:
    arriving = Journey.objects.filter(pk=journey.pk, state=State.ARRIVING)
    arriving.update(due_step=rules.Step.CONFIRM, due_at=now + rules.ARRIVAL_PATIENCE)
