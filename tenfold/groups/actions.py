"""The only writer of groups, seats and the line. Counters move by conditional updates: two cannot take one seat."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_id
from tenfold.base.pictures import Clean, keep
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.groups import rules
from tenfold.groups.leases import end_of_group
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.groups.queries import with_leases_apart
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom.actions import Where, drop_tasks, open_task
from tenfold.mailroom.models import HumanTask

# Why a shown seat may be given back that its holder could still have taken.
OUR_DOING = ("closed", "no_way_in")

# --- the pool -------------------------------------------------------------------------------------------------


@step
def add_group(
    *,
    campaign: Campaign,
    name: str,
    platform: str,
    capacity: int,
    operator: Operator,
    row_id: UUID | None = None,
) -> Group:
    """A group at the end of the pool. With `row_id` a second call finds the group that the first one made."""
    if row_id and (found := campaign.groups.filter(pk=row_id).first()):
        return found
    last = campaign.groups.aggregate(last=Max("position"))["last"]
    group = Group(
        id=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        name=name.strip(),
        platform=platform,
        capacity=capacity,
        position=0 if last is None else last + 1,
    )
    _check(group)
    group.save()
    drop_tasks(campaign_id=campaign.id, kind=HumanTask.Kind.GROUP_FILLING)
    _note(Fact.GROUP_ADDED, group, operator, name=group.name, platform=platform, capacity=capacity)
    return group


@step
def change_group(
    *, group: Group, operator: Operator, name: str, capacity: int, others_count: int | None = None
) -> Group:
    """A capacity below what is shown or taken already is refused: nobody is put out by a form."""
    end_of_group(group.id.hex)
    group.refresh_from_db()
    group.name, group.capacity = name.strip(), capacity
    group.others_count = group.others_count if others_count is None else others_count
    _check(group)
    used = F("held_count") + F("taken_count")
    fits = Group.objects.filter(pk=group.pk).alias(used=used).filter(used__lte=capacity)
    changes = {"name": group.name, "capacity": capacity, "others_count": group.others_count}
    if not changes_one(fits, **changes):
        raise Refusal("capacity_too_small", _("More seats than that are shown or taken already."), status=400)
    _note(Fact.GROUP_CHANGED, group, operator, **changes)
    return group


@step
def set_state(*, group: Group, state: str, operator: Operator) -> Group:
    """Open, drain or close. Closing gives back the seats that were only shown; members stay, and those who say they
    have joined (their hold has no end) wait for their confirmation."""
    if state not in Group.State.values:
        raise Refusal("unknown_state", _("There is no such state."), status=400)
    end_of_group(group.id.hex)
    if changes_one(Group.objects.filter(pk=group.pk).exclude(state=state), state=state):
        _note(Fact.GROUP_CHANGED, group, operator, state=state)
        if state == Group.State.CLOSED:
            held = Seat.objects.filter(campaign_id=group.campaign_id).exclude(state=Seat.State.RELEASED)
            shown = held.filter(group=group, state=Seat.State.HELD, expires_at__isnull=False)
            for seat in shown.order_by("id"):
                release(seat=seat, reason="closed")
    group.refresh_from_db()
    return group


@step
def reorder(*, campaign: Campaign, group_ids: list[UUID], operator: Operator) -> None:
    """Put the pool in this order. Groups that are not named (added meanwhile) keep their order at the end."""
    groups = {group.id: group for group in campaign.groups.all()}
    named = [groups.pop(group_id) for group_id in dict.fromkeys(group_ids) if group_id in groups]
    for position, group in enumerate([*named, *groups.values()]):
        if changes_one(Group.objects.filter(pk=group.pk).exclude(position=position), position=position):
            _note(Fact.GROUP_CHANGED, group, operator, position=position)


@step
def set_qr(*, group: Group, clean: Clean, text: str, operator: Operator, now: datetime) -> Group:
    """Keep the group's QR picture; WeChat lets it live for seven days."""
    group.qr_picture = keep(clean, workspace_id=group.workspace_id)
    group.qr_text, group.qr_expires_at = text, now + rules.QR_LIFE
    group.save(update_fields=["qr_picture", "qr_text", "qr_expires_at"])
    drop_tasks(campaign_id=group.campaign_id, kind=HumanTask.Kind.RENEW_QR, group_id=group.id)
    _note(Fact.GROUP_CHANGED, group, operator, qr_expires_at=group.qr_expires_at.isoformat())
    return group


@step
def note_count(*, group: Group, members: int, operator: Operator) -> None:
    Group.objects.filter(pk=group.pk).update(counted_members=members, counted_at=clock.now())
    _note(Fact.GROUP_COUNTED, group, operator, members=members)


# --- seats ----------------------------------------------------------------------------------------------------


def live_seat(*, campaign_id: UUID, visitor_id: UUID) -> Seat | None:
    live = Seat.objects.exclude(state=Seat.State.RELEASED).select_related("group")
    return live.filter(campaign_id=campaign_id, visitor_id=visitor_id).first()


@step
def hold_seat(*, campaign: Campaign, visitor_id: UUID, now: datetime) -> Seat | None:
    """A seat in the first group that has one, or None if there is none. The hold runs out by itself."""
    for group in rules.in_order(Group.objects.filter(campaign=campaign), now):
        if seat := hold_seat_in(group=group, visitor_id=visitor_id, until=now + _hold(campaign)):
            return seat
    return None


@step
def hold_seat_in(*, group: Group, visitor_id: UUID, until: datetime) -> Seat | None:
    room = Group.objects.filter(
        pk=group.pk, state=Group.State.OPEN, capacity__gt=F("held_count") + F("taken_count")
    )
    if not changes_one(room, held_count=F("held_count") + 1):
        return None
    seat = Seat.objects.create(
        workspace_id=group.workspace_id,
        campaign_id=group.campaign_id,
        group=group,
        visitor_id=visitor_id,
        expires_at=until,
        held_at=clock.now(),
    )
    _note(Fact.SEAT_HELD, group, seat=str(seat.id))
    return seat


@step
def extend_hold(*, seat: Seat, campaign: Campaign, now: datetime) -> bool:
    """Shown again: the hold starts anew. False if the seat was given back meanwhile; one that is taken is theirs."""
    expires_at = now + _hold(campaign)
    if changes_one(Seat.objects.filter(pk=seat.pk, state=Seat.State.HELD), expires_at=expires_at):
        seat.expires_at = expires_at
        return True
    return Seat.objects.filter(pk=seat.pk, state=Seat.State.TAKEN).exists()


@step
def keep_hold(*, seat: Seat) -> None:
    """No end of its own: someone says they have joined, and their journey knows until when that has to be shown."""
    Seat.objects.filter(pk=seat.pk, state=Seat.State.HELD).update(expires_at=None)


@step
def expire_hold(*, seat: Seat, now: datetime) -> bool:
    """Give a seat back whose hold has run out; False if it was taken, given back or shown again meanwhile."""
    seat.refresh_from_db(from_queryset=Seat.objects.select_for_update(no_key=True))
    is_over = seat.state == Seat.State.HELD and seat.expires_at is not None and seat.expires_at <= now
    return is_over and release(seat=seat, reason="expired")


@step
def take_seat(*, seat: Seat, now: datetime) -> bool:
    """Held to taken; False if the hold is over."""
    held = Seat.objects.filter(pk=seat.pk, state=Seat.State.HELD)
    if not changes_one(held, state=Seat.State.TAKEN, taken_at=now, expires_at=None):
        return False
    Group.objects.filter(pk=seat.group_id).update(
        held_count=F("held_count") - 1, taken_count=F("taken_count") + 1
    )
    _note(Fact.HOLD_ENDED, seat.group, seat=str(seat.id), reason="taken")
    _note(Fact.SEAT_TAKEN, seat.group, seat=str(seat.id))
    return True


@step
def set_unknown_seats(*, group: Group, count: int, now: datetime) -> int:
    """Let exactly `count` seats be taken by people only the member count tells of, as far as there is room."""
    end_of_group(group.id.hex)
    unknown = list(Seat.objects.filter(group=group, visitor_id=None, state=Seat.State.TAKEN).order_by("-id"))
    for seat in unknown[: max(0, len(unknown) - count)]:
        release(seat=seat, reason="counted")
    for _nth in range(count - len(unknown)):
        if not _take_unknown_seat(group, now):
            break
    return Seat.objects.filter(group=group, visitor_id=None, state=Seat.State.TAKEN).count()


def _take_unknown_seat(group: Group, now: datetime) -> bool:
    room = Group.objects.filter(pk=group.pk, capacity__gt=F("held_count") + F("taken_count"))
    if not changes_one(room, taken_count=F("taken_count") + 1):
        return False
    taken = {"state": Seat.State.TAKEN, "held_at": now, "taken_at": now}
    seat = Seat.objects.create(
        workspace_id=group.workspace_id, campaign_id=group.campaign_id, group=group, **taken
    )
    _note(Fact.SEAT_TAKEN, group, seat=str(seat.id), reason="counted")
    return True


@step
def release(*, seat: Seat, reason: str) -> bool:
    """Give a seat back, held or taken; False if someone else did already."""
    was_held = changes_one(Seat.objects.filter(pk=seat.pk, state=Seat.State.HELD), **_released())
    # What we do to seats that are shown is not done to one that its holder has taken this very moment.
    was_taken = (
        not was_held
        and reason not in OUR_DOING
        and changes_one(Seat.objects.filter(pk=seat.pk, state=Seat.State.TAKEN), **_released())
    )
    if not (was_held or was_taken):
        return False
    column, fact = ("held_count", Fact.HOLD_ENDED) if was_held else ("taken_count", Fact.SEAT_FREED)
    Group.objects.filter(pk=seat.group_id).update(**{column: F(column) - 1})
    _note(fact, seat.group, seat=str(seat.id), reason=reason)
    if seat.visitor_id and reason in OUR_DOING:
        _back_in_line(seat, seat.visitor_id)
    return True


# --- the line -------------------------------------------------------------------------------------------------


@step
def join_line(*, campaign: Campaign, visitor_id: UUID) -> Waiting:
    """A place in the line: kept by those who wait, at the end for those who missed their call."""
    waiting = Waiting.objects.filter(campaign=campaign, visitor_id=visitor_id).first()
    if waiting and waiting.state == Waiting.State.WAITING:
        return waiting
    if waiting is None:
        waiting = Waiting(workspace_id=campaign.workspace_id, campaign=campaign, visitor_id=visitor_id)
    waiting.state, waiting.since, waiting.called_at = Waiting.State.WAITING, clock.now(), None
    waiting.save()
    write(Fact.LINE_JOINED, campaign, {"visitor": str(visitor_id)}, campaign_id=campaign.id)
    return waiting


@step
def name_waiting(*, waiting: Waiting, name: str) -> Waiting:
    waiting.name = name
    waiting.save(update_fields=["name"])
    return waiting


@step
def call_next(*, campaign: Campaign, now: datetime) -> bool:
    """Hold a seat for the first in the line; False when nobody waits or nothing is free."""
    first = (
        Waiting.objects.filter(campaign=campaign, state=Waiting.State.WAITING).order_by("since", "id").first()
    )
    if first is None:
        return False
    seat = live_seat(campaign_id=campaign.id, visitor_id=first.visitor_id) or hold_seat(
        campaign=campaign, visitor_id=first.visitor_id, now=now
    )
    if seat is None:
        return False
    mine = Waiting.objects.filter(pk=first.pk, state=Waiting.State.WAITING)
    if not changes_one(mine, state=Waiting.State.CALLED, called_at=now):
        raise Refusal("changed_meanwhile", _("Someone else changed this just now. Look again."))
    told = {"visitor": str(first.visitor_id)}
    write(Fact.LINE_CALLED, campaign, told, campaign_id=campaign.id, group_id=seat.group_id)
    return True


def _back_in_line(seat: Seat, visitor_id: UUID) -> None:
    """Who was called and cannot come in through no fault of theirs stands where they stood before."""
    called = Waiting.objects.filter(
        campaign_id=seat.campaign_id, visitor_id=visitor_id, state=Waiting.State.CALLED
    )
    if changes_one(called, state=Waiting.State.WAITING, called_at=None):
        write(Fact.LINE_JOINED, seat, {"visitor": str(visitor_id)}, campaign_id=seat.campaign_id)


@step
def leave_line(*, campaign_id: UUID, visitor_id: UUID, state: Waiting.State) -> None:
    """Out of the line: served (joined) or missed (the hold ran out)."""
    waiting = (
        Waiting.objects.filter(campaign_id=campaign_id, visitor_id=visitor_id).exclude(state=state).first()
    )
    if waiting and changes_one(Waiting.objects.filter(pk=waiting.pk, state=waiting.state), state=state):
        told = {"visitor": str(visitor_id), "as": state}
        write(Fact.LINE_LEFT, waiting, told, campaign_id=campaign_id)


# --- warnings -------------------------------------------------------------------------------------------------


@step
def warn(*, group: Group, now: datetime) -> None:
    """Ask for a new QR a day before the old one ends, and for another group when this one is nearly full."""
    where = Where(group.workspace_id, group.campaign_id, group.id, group.platform)
    if group.qr_expires_at and rules.qr_ends_soon(group, now):
        key = f"renew_qr:{group.id}:{group.qr_expires_at.isoformat()}"
        open_task(where=where, kind=HumanTask.Kind.RENEW_QR, text=group.name, key=key)
    if rules.is_nearly_full(group):
        key = f"filling:{group.id}:{group.capacity}"
        open_task(where=where, kind=HumanTask.Kind.GROUP_FILLING, text=group.name, key=key)


def warn_all(now: datetime) -> int:
    """Look at the open groups of live campaigns; how many were looked at."""
    live = {"state": Group.State.OPEN, "campaign__state": Campaign.State.LIVE}
    seen = with_leases_apart(Group.objects.filter(**live))
    groups = [group for group in seen if rules.is_nearly_full(group) or rules.qr_ends_soon(group, now)]
    for group in groups:
        warn(group=group, now=now)
    return len(groups)


# --- inside ---------------------------------------------------------------------------------------------------


def _released() -> dict[str, object]:
    return {"state": Seat.State.RELEASED, "released_at": clock.now(), "expires_at": None}


def _hold(campaign: Campaign) -> timedelta:
    return timedelta(minutes=campaign.hold_minutes)


def _check(group: Group) -> None:
    if not group.name or len(group.name) > 60:
        raise Refusal("bad_name", _("A name of 1 to 60 characters, please."), status=400)
    if group.platform not in Group.Platform.values:
        raise Refusal("unknown_platform", _("There is no such platform."), status=400)
    largest = rules.largest_capacity(group.platform)
    if not 1 <= group.capacity <= largest:
        text = _("The capacity lies between 1 and %(largest)s on this platform.") % {"largest": largest}
        raise Refusal("bad_capacity", text, status=400)
    if not 0 <= group.others_count <= 500:
        raise Refusal("bad_others", _("Between 0 and 500 members were there before."), status=400)


def _note(fact: Fact, group: Group, operator: Operator | None = None, **told: object) -> None:
    by = operator.id if operator else None
    write(fact, group, told, campaign_id=group.campaign_id, group_id=group.id, operator_id=by)
