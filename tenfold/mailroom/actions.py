"""Queueing what is to be said, delivering it once, and giving to a person what a platform cannot do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from tenfold.base import clock
from tenfold.base.claim import changes_one, claim_due, step
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom.models import HumanTask, Message
from tenfold.platforms.contract import Failed, NeedsHuman, Sent
from tenfold.platforms.registry import PLATFORMS

MOST_TRIES = 5


class Someone(Protocol):
    """An operator; named here because the mailroom does not know who works in a workspace."""

    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True)
class Where:
    """Where something is said and whom it concerns."""

    workspace_id: UUID
    campaign_id: UUID
    group_id: UUID
    platform: str
    journey_id: UUID | None = None


@step
def say(*, where: Where, moment: str, text: str, key: str) -> Message:
    """Queue something to say. The same `key` is said once."""
    message, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "workspace_id": where.workspace_id,
            "campaign_id": where.campaign_id,
            "group_id": where.group_id,
            "journey_id": where.journey_id,
            "platform": where.platform,
            "moment": moment,
            "text": text,
            "due_at": clock.now(),
        },
    )
    return message


def deliver_due(now: datetime) -> int:
    """Deliver what is due; how many were moved on. Each message is its own transaction."""
    due = Message.objects.filter(state=Message.State.QUEUED)
    messages = claim_due(due, due="due_at", now=now)
    for message in messages:
        deliver(message=message)
    return len(messages)


@step
def deliver(*, message: Message) -> None:
    """Hand one message to its platform and note what came of it, in one transaction.

    The built-in community posts in this same transaction, so that a crash between the two cannot happen.
    """
    message.refresh_from_db(from_queryset=Message.objects.select_for_update())
    if message.state != Message.State.QUEUED:
        return
    outcome = PLATFORMS[message.platform].say(room_id=message.group_id, text=message.text, key=message.key)
    message.attempt_count += 1
    message.lease_until = None
    match outcome:
        case Sent():
            message.state, message.sent_at, message.due_at = Message.State.SENT, clock.now(), None
            _note(Fact.SAID, message, moment=message.moment)
        case NeedsHuman():
            message.state, message.due_at = Message.State.HUMAN, None
            _ask_a_person(message)
        case Failed(error=error, is_permanent=is_permanent):
            message.error = error[:200]
            _try_again_or_give_up(message, is_permanent)
    message.save()


def _ask_a_person(message: Message) -> None:
    open_task(
        where=Where(
            workspace_id=message.workspace_id,
            campaign_id=message.campaign_id,
            group_id=message.group_id,
            platform=message.platform,
            journey_id=message.journey_id,
        ),
        kind=HumanTask.Kind.SAY,
        moment=message.moment,
        text=message.text,
        key=f"say:{message.key}",
    )


def _try_again_or_give_up(message: Message, is_permanent: bool) -> None:
    if is_permanent or message.attempt_count >= MOST_TRIES:
        message.state, message.due_at = Message.State.FAILED, None
        _ask_a_person(message)
    else:
        message.due_at = clock.now() + timedelta(seconds=2**message.attempt_count * 5)


@step
def open_task(*, where: Where, kind: str, key: str, text: str = "", moment: str = "") -> HumanTask:
    """Ask a person. The same `key` is asked once, even after it was done."""
    task, is_new = HumanTask.objects.get_or_create(
        key=key,
        defaults={
            "workspace_id": where.workspace_id,
            "campaign_id": where.campaign_id,
            "group_id": where.group_id,
            "journey_id": where.journey_id,
            "kind": kind,
            "moment": moment,
            "text": text,
            "created_at": clock.now(),
        },
    )
    if is_new:
        _note(Fact.TASK_OPENED, task, task=str(task.id), kind=kind)
    return task


@step
def close_task(*, task: HumanTask, state: str, operator: Someone | None) -> HumanTask:
    """Done, or not needed any more; closing twice is closing once."""
    if changes_one(
        HumanTask.objects.filter(pk=task.pk, state=HumanTask.State.OPEN),
        state=state,
        closed_at=clock.now(),
        closed_by_id=operator.id if operator else None,
    ):
        _note(Fact.TASK_CLOSED, task, operator, task=str(task.id), state=state)
    task.refresh_from_db()
    return task


@step
def reopen_task(*, task: HumanTask, operator: Someone) -> HumanTask:
    closed = HumanTask.objects.filter(pk=task.pk).exclude(state=HumanTask.State.OPEN)
    if changes_one(closed, state=HumanTask.State.OPEN, closed_at=None, closed_by=None):
        _note(Fact.TASK_OPENED, task, operator, task=str(task.id), kind=task.kind)
    task.refresh_from_db()
    return task


@step
def drop_tasks(*, campaign_id: UUID, kind: str, group_id: UUID | None = None) -> None:
    """What was asked for (in one group, or in all) has happened otherwise: nobody needs to do it any more."""
    where = {"campaign_id": campaign_id} | ({"group_id": group_id} if group_id else {})
    for task in HumanTask.objects.filter(**where, kind=kind, state=HumanTask.State.OPEN):
        close_task(task=task, state=HumanTask.State.DROPPED, operator=None)


def _note(fact: Fact, row: Message | HumanTask, operator: Someone | None = None, **told: object) -> None:
    write(
        fact,
        row,
        told,
        campaign_id=row.campaign_id,
        group_id=row.group_id,
        journey_id=row.journey_id,
        operator_id=operator.id if operator else None,
    )
