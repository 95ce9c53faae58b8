"""Queueing what is to be said, delivering it once, giving to a person what a platform cannot do; and keeping what other
systems tell us."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from tenfold.base import bulk, clock
from tenfold.base.claim import changes_one, claim_due, step
from tenfold.base.fresh import change, insert_once, reread
from tenfold.base.keys import new_hex
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write, write_many
from tenfold.journal.facts import Fact
from tenfold.mailroom import rules
from tenfold.mailroom.models import Heard, HookSource, HumanTask, Message
from tenfold.platforms.contract import Failed, NeedsHuman, Sent
from tenfold.platforms.registry import HOOK_SCHEMES, PLATFORMS

MOST_TRIES = 5
HEARD_AT_ONCE = 50
# Put aside by nobody: it was of no use at the time.
UNNEEDED = Q(state=HumanTask.State.DROPPED, closed_by=None)


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


@dataclass(frozen=True)
class Everywhere:
    """Where a task concerns a campaign as a whole."""

    workspace_id: UUID
    campaign_id: UUID
    group_id: None = None
    journey_id: None = None


@step
def say(
    *,
    where: Where,
    moment: str,
    text: str,
    key: str,
    due_at: datetime | None = None,
    reader_id: UUID | None = None,
    own_text: str | None = None,
) -> Message:
    """Queue something to say, now or when it is due, to the group or to this person alone; in the former case their own
    page may say it otherwise. The same `key` is said once."""
    message = Message(
        key=key,
        workspace_id=where.workspace_id,
        campaign_id=where.campaign_id,
        group_id=where.group_id,
        journey_id=where.journey_id,
        platform=where.platform,
        moment=moment,
        text=text,
        own_text=own_text,
        reader_id=reader_id,
        due_at=due_at or clock.now(),
    )
    return message if insert_once(message) else Message.objects.get(key=key)


@step
def reword(*, key: str, text: str) -> bool:
    """Say this in its place, as long as it is not said; whether it was not."""
    return changes_one(Message.objects.filter(key=key, state=Message.State.QUEUED), text=text)


@step
def unsay(*, key: str) -> bool:
    """It is not true any more: what waits to be said is not said; whether it waited."""
    waiting = Message.objects.filter(key=key, state=Message.State.QUEUED)
    return changes_one(waiting, state=Message.State.CANCELLED, due_at=None)


@step
def unsay_to(*, journey_id: UUID, campaign_id: UUID, moments: Sequence[str]) -> None:
    """They are not there to hear it: what waits to be said to them at these moments is not said, by hand neither."""
    theirs = {"campaign_id": campaign_id, "journey_id": journey_id, "moment__in": moments}
    waiting = Message.objects.filter(**theirs, state=Message.State.QUEUED)
    waiting.update(state=Message.State.CANCELLED, due_at=None, lease_until=None)
    by_hand = HumanTask.objects.filter(**theirs, kind=HumanTask.Kind.SAY, state=HumanTask.State.OPEN)
    for task in by_hand.order_by("pk"):
        close_task(task=task, state=HumanTask.State.DROPPED, operator=None)


@step
def say_after_all(*, where: Where, text: str, key: str) -> None:
    """They are there again, maybe in another group: what was left unsaid is said now, where they are."""
    unsaid = Q(state=Message.State.CANCELLED)
    if HumanTask.objects.filter(UNNEEDED, key=f"say:{key}").exists():
        unsaid |= Q(state__in=[Message.State.HUMAN, Message.State.FAILED])
    Message.objects.filter(unsaid, key=key).update(
        group_id=where.group_id,
        platform=where.platform,
        text=text,
        state=Message.State.QUEUED,
        due_at=clock.now(),
        attempt_count=0,
    )


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
    reread(message, locks=True)
    if message.state != Message.State.QUEUED:
        return
    outcome = PLATFORMS[message.platform].say(
        room_id=message.group_id, text=message.text, key=message.key, reader_id=message.reader_id
    )
    tried = {"attempt_count": message.attempt_count + 1, "lease_until": None}
    match outcome:
        case Sent():
            change(message, **tried, state=Message.State.SENT, sent_at=clock.now(), due_at=None)
            _note(Fact.SAID, message, moment=message.moment)
        case NeedsHuman():
            change(message, **tried, state=Message.State.HUMAN, due_at=None)
            _ask_a_person(message)
        case Failed(error=error, is_permanent=is_permanent):
            change(message, **tried, error=error[:200])
            _try_again_or_give_up(message, is_permanent)


def _ask_a_person(message: Message) -> None:
    if message.reader_id:
        return  # by hand it would be posted for everybody; they read it on their own page
    task = open_task(
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
    if HumanTask.objects.filter(UNNEEDED, pk=task.pk).update(group_id=message.group_id, text=message.text):
        task.refresh_from_db()
        reopen_task(task=task, operator=None)


def _try_again_or_give_up(message: Message, is_permanent: bool) -> None:
    if is_permanent or message.attempt_count >= MOST_TRIES:
        change(message, state=Message.State.FAILED, due_at=None)
        _ask_a_person(message)
    else:
        change(message, due_at=clock.now() + timedelta(seconds=2**message.attempt_count * 5))


@step
def open_task(
    *, where: Where | Everywhere, kind: str, key: str, text: str = "", moment: str = ""
) -> HumanTask:
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
def reopen_task(*, task: HumanTask, operator: Someone | None) -> HumanTask:
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


@step
def ask_anew(*, campaign_id: UUID, kind: str, key: str) -> None:
    """What was asked for by this key, or by one that goes on after it, has happened: done by hand or not, it is asked
    for again as soon as it is needed again."""
    asked = HumanTask.objects.filter(campaign_id=campaign_id, kind=kind)
    for task in asked.filter(Q(key=key) | Q(key__startswith=f"{key}:")):
        close_task(task=task, state=HumanTask.State.DROPPED, operator=None)
        HumanTask.objects.filter(pk=task.pk).update(key=f"past:{task.pk}")


@dataclass(frozen=True, slots=True)
class Hook:
    """What a system has told us, proven to come from it. Ids as 32 hex letters."""

    source_id: str
    workspace_id: str
    event_id: str
    headers: Mapping[str, str]
    body: bytes


HEAR = """
    INSERT INTO tenfold_heard (id, at, workspace_id, source_id, event_id, headers, body, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_id, event_id) DO NOTHING
"""


def hear(hooks: Sequence[Hook]) -> None:
    """Keep hooks as they came, in the transaction that is open; what is kept already stays as it is."""
    at = bulk.moment(clock.now())
    facts: list[tuple[str, str | None, str | None, Mapping[str, object]]] = []
    # One after the other, by key: two processes that hear the same wait for each other, and never in a circle.
    for hook in sorted(hooks, key=lambda hook: (hook.source_id, hook.event_id)):
        row_id, headers = new_hex(), json.dumps(dict(hook.headers))
        told = (hook.workspace_id, hook.source_id, hook.event_id, headers, hook.body)
        if bulk.run(HEAR, (row_id, at, *told, Heard.State.RECEIVED.value)):
            source = str(UUID(hook.source_id))
            fact = {"heard": str(UUID(row_id)), "source": source, "event": hook.event_id}
            facts.append((hook.workspace_id, None, None, fact))
    write_many(Fact.HOOK_HEARD, facts)


@step
def forget_heard(now: datetime) -> int:
    """Delete some of what was heard so long ago that nobody repeats it any more (`rules.HEARD_FOR`), the oldest first;
    how many. A body may be large: few at a time, as everybody who scans waits for it on SQLite."""
    oldest = Heard.objects.order_by("pk").values_list("pk", "at")[:HEARD_AT_ONCE]
    old = [key for key, at in oldest if at < now - rules.HEARD_FOR]
    if old:
        Heard.objects.filter(pk__in=old).delete()
    return len(old)


@step
def add_source(*, workspace_id: UUID, name: str, scheme: str = "standard", secret: str = "") -> HookSource:
    """Let a system tell us something. Without a `secret` of its making it gets one of ours."""
    name = " ".join(name.replace("\x00", "").split())
    if scheme not in HOOK_SCHEMES:
        raise Refusal("unknown_scheme", "Hooks are not signed in this way.", status=400)
    if not 0 < len(name) <= 80:
        raise Refusal("bad_name", "A name of at most 80 characters, please.", status=400)
    if HookSource.objects.filter(workspace_id=workspace_id, name=name).exists():
        raise Refusal("name_taken", "There is a source of this name already.")
    source = HookSource(workspace_id=workspace_id, name=name, scheme=scheme)
    source.secret = _secret_for(source, secret)
    source.save(force_insert=True)
    write(Fact.HOOK_SOURCE_MADE, source, {"source": str(source.id), "name": name})
    return source


@step
def rotate_secret(*, source: HookSource, secret: str = "") -> HookSource:
    """Give it another secret. The one before holds for `rules.OVERLAP`, until the other side has changed over."""
    source = HookSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    source.former_secrets = rules.former_after(source.former_secrets, source.secret, clock.now())
    source.secret = _secret_for(source, secret)
    source.save(update_fields=["secret", "former_secrets"])
    write(Fact.HOOK_SOURCE_CHANGED, source, {"source": str(source.id), "what": "secret"})
    return source


@step
def switch_source(*, source: HookSource, is_active: bool) -> HookSource:
    """Whether it is listened to. What it tells while it is off is not kept."""
    if changes_one(HookSource.objects.filter(pk=source.pk, is_active=not is_active), is_active=is_active):
        told = {"source": str(source.id), "what": "on" if is_active else "off"}
        write(Fact.HOOK_SOURCE_CHANGED, source, told)
    source.refresh_from_db()
    return source


def _secret_for(source: HookSource, given: str) -> str:
    scheme = HOOK_SCHEMES[source.scheme]
    if given and not scheme.is_secret(given):
        raise Refusal("bad_secret", "This cannot be a secret of such a system.", status=400)
    return given or scheme.new_secret()


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
