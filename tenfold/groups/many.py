"""The line and the holds, many people in one transaction: what `actions` does with each of them, in few statements.

All or nothing: whoever calls these does them one by one if somebody was faster with one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.groups import rules
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry


@step
def call_first(*, campaign: Campaign, now: datetime, most: int) -> int:
    """Hold seats of the first group with room for the first in the line; how many were called. 0 does not mean that
    nobody can be: who has a seat already needs no room."""
    group = _locked_group(campaign, now)
    if group is None:
        return 0
    line = Waiting.objects.filter(campaign=campaign, state=Waiting.State.WAITING).order_by("since", "id")
    first = list(line[:most])
    seated = _seated(campaign, first)
    seats = {
        each.visitor_id: _hold(group, each.visitor_id, now + timedelta(minutes=campaign.hold_minutes))
        for each in [each for each in first if each.visitor_id not in seated][: group.free_count]
    }
    called = _unbroken(first, seated.keys() | seats.keys())
    room = Group.objects.filter(pk=group.pk, capacity__gte=F("held_count") + F("taken_count") + len(seats))
    if seats and not changes_one(room, held_count=F("held_count") + len(seats)):
        raise _changed()
    Seat.objects.bulk_create(seats.values())
    _move(called, Waiting.State.CALLED, called_at=now)
    facts = []
    for each in called:
        if seat := seats.get(each.visitor_id):
            facts.append(_of_seat(Fact.SEAT_HELD, seat))
        facts.append(_of_line(Fact.LINE_CALLED, each, seated.get(each.visitor_id, group.id)))
    Entry.objects.bulk_create(facts)
    return len(called)


def _locked_group(campaign: Campaign, now: datetime) -> Group | None:
    """Who calls the same line waits here, and then finds it as the other has left it. Seats can be shown meanwhile."""
    found = rules.in_order(Group.objects.filter(campaign=campaign), now)
    if not found:
        return None
    group = Group.objects.select_for_update(no_key=True).get(pk=found[0].pk)
    return next(iter(rules.in_order([group], now)), None)


def _seated(campaign: Campaign, line: Sequence[Waiting]) -> dict[UUID | None, UUID]:
    """Those of the line who have a seat by now, and its group."""
    live = Seat.objects.exclude(state=Seat.State.RELEASED)
    mine = live.filter(campaign=campaign, visitor_id__in=[each.visitor_id for each in line])
    return dict(mine.values_list("visitor_id", "group_id"))


def _unbroken(line: Sequence[Waiting], served: set[UUID | None]) -> list[Waiting]:
    """Up to the first whom no seat is left for: nobody is called past them."""
    end = next((nth for nth, each in enumerate(line) if each.visitor_id not in served), len(line))
    return list(line[:end])


def _hold(group: Group, visitor_id: UUID, until: datetime) -> Seat:
    return Seat(
        workspace_id=group.workspace_id,
        campaign_id=group.campaign_id,
        group=group,
        visitor_id=visitor_id,
        expires_at=until,
        held_at=clock.now(),
    )


@step
def expire_holds(*, seats: Sequence[Seat], now: datetime) -> list[Seat]:
    """Give those seats back whose hold has run out; which. Taken, given back or shown again meanwhile: left alone."""
    held = Seat.objects.filter(pk__in=[seat.pk for seat in seats], state=Seat.State.HELD, expires_at__lte=now)
    over = list(held.select_for_update(no_key=True).order_by("pk"))
    Seat.objects.filter(pk__in=[seat.pk for seat in over]).update(
        state=Seat.State.RELEASED, released_at=clock.now(), expires_at=None
    )
    for group_id, count in sorted(Counter(seat.group_id for seat in over).items()):
        Group.objects.filter(pk=group_id).update(held_count=F("held_count") - count)
    Entry.objects.bulk_create([_of_seat(Fact.HOLD_ENDED, seat, reason="expired") for seat in over])
    return over


@step
def miss_calls(*, seats: Sequence[Seat]) -> None:
    """Out of the line: those who were called to these seats and did not come."""
    whose = {(seat.campaign_id, seat.visitor_id) for seat in seats}
    called = Waiting.objects.filter(
        state=Waiting.State.CALLED,
        campaign_id__in={campaign_id for campaign_id, _visitor in whose},
        visitor_id__in={visitor_id for _campaign, visitor_id in whose if visitor_id},
    )
    missed = [each for each in called if (each.campaign_id, each.visitor_id) in whose]
    _move(missed, Waiting.State.MISSED)
    left = {"as": Waiting.State.MISSED.value}
    Entry.objects.bulk_create([_of_line(Fact.LINE_LEFT, each, None, left) for each in missed])


def _move(line: Sequence[Waiting], state: Waiting.State, **changes: object) -> None:
    if not line:
        return
    as_seen = Waiting.objects.filter(pk__in=[each.pk for each in line], state=line[0].state)
    if as_seen.update(state=state, **changes) != len(line):
        raise _changed()


def _changed() -> Refusal:
    return Refusal("changed_meanwhile", _("Someone else changed this just now. Look again."))


def _of_seat(fact: Fact, seat: Seat, **told: str) -> Entry:
    return Entry(
        kind=fact,
        workspace_id=seat.workspace_id,
        campaign_id=seat.campaign_id,
        group_id=seat.group_id,
        data={"seat": str(seat.id)} | told,
    )


def _of_line(
    fact: Fact, waiting: Waiting, group_id: UUID | None, told: Mapping[str, str] | None = None
) -> Entry:
    return Entry(
        kind=fact,
        workspace_id=waiting.workspace_id,
        campaign_id=waiting.campaign_id,
        group_id=group_id,
        data={"visitor": str(waiting.visitor_id), **(told or {})},
    )
