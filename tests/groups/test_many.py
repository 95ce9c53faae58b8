"""Many of a line, and many holds, in one transaction: the same that is written one by one."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock
from uuid import UUID

import pytest
from django.db import IntegrityError

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.groups import actions as groups
from tenfold.groups import many, queries, rules
from tenfold.groups.models import Group, Seat, SeatLease, Waiting
from tenfold.groups.queries import unused_by_campaign, with_leases_apart
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db(transaction=True)


def line_of(stage: cast.Stage, count: int) -> list[UUID]:
    visitors = [new_id() for _nth in range(count)]
    for visitor in visitors:
        groups.join_line(campaign=stage.campaign, visitor_id=visitor)
    return visitors


def second_of(stage: cast.Stage, capacity: int) -> Group:
    return groups.add_group(
        campaign=stage.campaign, name="More", platform="web", capacity=capacity, operator=stage.owner
    )


def states(visitors: list[UUID]) -> list[str]:
    found = dict(Waiting.objects.values_list("visitor_id", "state"))
    return [found[visitor] for visitor in visitors]


def test_a_line_is_served_in_its_order_from_group_to_group() -> None:
    stage = cast.live(capacity=2)
    more, visitors = second_of(stage, 2), line_of(stage, 6)
    assert flow.line_called(campaign=stage.campaign, limit=3) == 3
    assert flow.line_called(campaign=stage.campaign, limit=3) == 1
    assert states(visitors) == ["called"] * 4 + ["waiting"] * 2
    seats = dict(Seat.objects.values_list("visitor_id", "group_id"))
    assert [seats[visitor] for visitor in visitors[:4]] == [stage.group.id] * 2 + [more.id] * 2
    assert differences() == []


def test_together_or_one_by_one_the_same_is_written(frozen: FrozenClock) -> None:
    written = []
    for together in (True, False):
        stage = cast.live(capacity=3)
        line_of(stage, 4)
        began = Entry.objects.latest("id").id
        with mock.patch.object(many, "call_first", many.call_first if together else lambda **_: 0):
            assert flow.line_called(campaign=stage.campaign) == 3
        frozen.advance(hours=1)
        held = list(Seat.objects.filter(campaign=stage.campaign, state="held"))
        if together:
            flow.holds_expired(seats=held)
        else:
            for seat in held:
                flow.hold_expired(seat=seat)
        facts = Entry.objects.filter(id__gt=began, campaign_id=stage.campaign.id).order_by("kind", "id")
        written.append([(f.kind, f.group_id == stage.group.id, sorted(f.data)) for f in facts])
        assert sorted(Waiting.objects.filter(campaign=stage.campaign).values_list("state", flat=True)) == (
            ["missed"] * 3 + ["waiting"]
        )
        assert Group.objects.get(pk=stage.group.pk).held_count == 0
    assert written[0] == written[1]
    assert len(written[0]) == 12
    assert differences() == []


def test_who_has_a_seat_already_is_called_to_it_and_nobody_past_them() -> None:
    stage = cast.live(capacity=2)
    first, second, third = visitors = line_of(stage, 3)
    own = groups.hold_seat_in(group=stage.group, visitor_id=second, until=clock.now() + timedelta(minutes=9))
    assert own
    assert many.call_first(campaign=stage.campaign, now=clock.now(), most=9) == 2
    assert states(visitors) == ["called", "called", "waiting"]
    assert Seat.objects.filter(visitor_id__in=[first, second, third]).count() == 2
    assert differences() == []


def test_who_has_the_last_seat_is_called_though_nothing_is_free() -> None:
    stage = cast.live(capacity=1)
    [only] = line_of(stage, 1)
    assert groups.hold_seat_in(group=stage.group, visitor_id=only, until=clock.now() + timedelta(minutes=9))
    assert many.call_first(campaign=stage.campaign, now=clock.now(), most=9) == 0
    assert flow.line_called(campaign=stage.campaign) == 1


@pytest.mark.parametrize("error", [Refusal("changed_meanwhile", "Look again."), IntegrityError("twice")])
def test_where_they_cannot_be_called_together_they_are_one_by_one(error: Exception) -> None:
    stage = cast.live(capacity=3)
    visitors = line_of(stage, 4)
    with mock.patch.object(many, "call_first", side_effect=error) as tried:
        assert flow.line_called(campaign=stage.campaign) == 3
    assert tried.call_count == 1
    assert states(visitors) == ["called"] * 3 + ["waiting"]
    assert differences() == []


def test_one_who_has_changed_meanwhile_undoes_all_of_it() -> None:
    stage = cast.live(capacity=3)
    visitors = line_of(stage, 3)

    def leaves(*_: object) -> dict[UUID | None, UUID]:
        groups.leave_line(campaign_id=stage.campaign.id, visitor_id=visitors[1], state=Waiting.State.SERVED)
        return {}

    with mock.patch.object(many, "_seated", leaves), pytest.raises(Refusal):
        many.call_first(campaign=stage.campaign, now=clock.now(), most=9)
    assert states(visitors) == ["waiting"] * 3
    assert (Seat.objects.count(), Group.objects.get().held_count) == (0, 0)


def test_only_holds_that_are_over_end(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=9)
    for visitor in line_of(stage, 4):
        groups.hold_seat(campaign=stage.campaign, visitor_id=visitor, now=frozen.now)
    over, shown_again, taken, kept = Seat.objects.order_by("id")
    frozen.advance(hours=1)
    groups.extend_hold(seat=shown_again, campaign=stage.campaign, now=frozen.now)
    groups.take_seat(seat=taken, now=frozen.now)
    groups.keep_hold(seat=kept)
    seats = [over, shown_again, taken, kept]
    assert many.expire_holds(seats=seats, now=frozen.now) == [over]
    assert many.expire_holds(seats=seats, now=frozen.now) == []
    assert differences() == []


def test_seats_that_doors_have_taken_aside_are_free_to_whoever_looks() -> None:
    stage = cast.live(capacity=10)
    Group.objects.update(held_count=9)
    lease = SeatLease.objects.create(
        workspace=stage.workspace,
        campaign=stage.campaign,
        group=stage.group,
        holder="door",
        seats=8,
        used=2,
        expires_at=clock.now() + timedelta(minutes=1),
    )
    with mock.patch("tenfold.base.bulk.is_shared", return_value=True):
        [seen] = with_leases_apart(Group.objects.all())
        assert (seen.held_count, seen.free_count, rules.is_nearly_full(seen)) == (3, 7, False)
        assert unused_by_campaign() == {stage.campaign.id: 6}
        assert groups.warn_all(clock.now()) == 0
        lease.used = 8
        lease.save()
        assert groups.warn_all(clock.now()) == 1


def test_where_one_process_writes_nobody_asks_for_leases() -> None:
    stage = cast.live(capacity=10)
    with (
        mock.patch("tenfold.base.bulk.is_shared", return_value=False),
        mock.patch.object(queries, "unused_seats") as asked,
    ):
        assert [group.pk for group in with_leases_apart(Group.objects.all())] == [stage.group.pk]
        assert unused_by_campaign() == {}
    assert not asked.called
