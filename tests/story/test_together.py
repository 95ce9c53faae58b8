"""Scans told together: what one batch leaves is what the same scans leave that are told one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.codes.models import LiveCode, Scan, ScanTally
from tenfold.codes.queries import Tally, tally_of
from tenfold.flow import Opening, Outcome, Plans, Shown, cards_of
from tenfold.flow import scan as scans
from tenfold.groups import actions as groups
from tenfold.groups import pool
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.models import Credit, Journey
from tests import cast
from tests.conftest import FrozenClock
from tests.journal.acts import everything

pytestmark = pytest.mark.django_db

Asked = tuple[str, str]
"""A code and who opens it, by their names in the house; "" is somebody without a cookie."""


def opening(slug: str, visitor: UUID | None = None) -> Opening:
    return Opening(cards_of([slug])[slug], visitor.hex if visitor else None)


def together(code: LiveCode, *visitors: UUID | None, **wishes: Any) -> list[Shown]:
    return flow.scanned_together([opening(code.slug, each) for each in visitors], **wishes)


def one_more_group(stage: cast.Stage, name: str, capacity: int = 1) -> Group:
    return groups.add_group(
        campaign=stage.campaign, name=name, platform="web", capacity=capacity, operator=stage.owner
    )


# --- as if one after another ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class House:
    """Two campaigns of one workspace, with people at every point of the way."""

    stage: cast.Stage
    other: cast.Stage
    codes: dict[str, str]
    visitors: dict[str, UUID]

    def names(self) -> dict[str, str]:
        return {visitor.hex: name for name, visitor in self.visitors.items()}


def build() -> House:
    stage = cast.live(capacity=4)
    for name, capacity in (("Second", 1), ("Third", 2)):
        one_more_group(stage, name, capacity)
    other = cast.live(owner=(stage.workspace, stage.owner), capacity=2)
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    cid = cast.joins(stage, "Cid", by=ben.code)
    flow.left(journey=cid)
    dan = flow.scanned(slug=stage.code.slug, visitor_id=None).visitor_id
    wall = codes.make_channel(campaign=stage.campaign, name="Wall", kind="placement", operator=stage.owner)
    told = {"seeds": stage.code, "wall": wall, "ann": ann.code, "ben": ben.code, "cid": cid.code}
    slugs = {name: code.slug for name, code in (told | {"other": other.code}).items()}
    visitors = {
        **{name: journey.person.visitor_id for name, journey in (("ann", ann), ("ben", ben), ("cid", cid))},
        "dan": dan,
        "eve": new_id(),
        "fay": new_id(),
        "gus": new_id(),
    }
    return House(stage, other, slugs, visitors)


@pytest.fixture
def house(frozen: FrozenClock) -> House:
    return build()


def _in_line(house: House, name: str, state: str = "waiting") -> Waiting:
    return Waiting.objects.create(
        workspace=house.stage.workspace,
        campaign=house.stage.campaign,
        visitor_id=house.visitors[name],
        state=state,
        since=clock.now() - timedelta(minutes=5),
    )


def _fill(house: House) -> int:
    Group.objects.filter(campaign=house.stage.campaign).exclude(pk=house.stage.group.pk).update(
        state="closed"
    )
    return Group.objects.filter(pk=house.stage.group.pk).update(capacity=3)


# What has happened before the scans come.
TWISTS: dict[str, Callable[[House], object]] = {
    "nothing": lambda house: None,
    "all is full": _fill,
    "the shown group was closed": lambda house: Group.objects.filter(pk=house.stage.group.pk).update(
        state="closed"
    ),
    "the shown group takes nobody new": lambda house: Group.objects.filter(pk=house.stage.group.pk).update(
        state="draining"
    ),
    "everything was closed": lambda house: Group.objects.update(state="closed"),
    "the codes of the groups have ended": lambda house: Group.objects.update(platform="wechat_group"),
    "a break": lambda house: Campaign.objects.update(state="paused"),
    "it is over": lambda house: Campaign.objects.update(ends_at=clock.now()),
    "not yet": lambda house: Campaign.objects.update(starts_at=clock.now() + timedelta(days=1)),
    "one is a draft": lambda house: Campaign.objects.filter(pk=house.other.campaign.pk).update(state="draft"),
    "eve waits": lambda house: _in_line(house, "eve"),
    "eve waits and fay after her": lambda house: (_in_line(house, "eve"), _in_line(house, "fay")),
    "eve missed her call": lambda house: _in_line(house, "eve", "missed"),
    "dan was called": lambda house: _in_line(house, "dan", "called"),
    "dan was called to a group that was closed": lambda house: (
        _in_line(house, "dan", "called"),
        Group.objects.filter(pk=house.stage.group.pk).update(state="closed"),
    ),
    "eve missed her call and all is full": lambda house: (_in_line(house, "eve", "missed"), _fill(house)),
}
PEOPLE = ("", "ann", "ben", "cid", "dan", "eve", "fay", "gus", "bot")
CODES = ("seeds", "wall", "ann", "ben", "cid", "other")
OPENINGS = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(PEOPLE)), min_size=1, max_size=14)


def as_one_batch(house: House, asked: Sequence[Asked]) -> list[Shown]:
    return flow.scanned_together(openings_of(house, asked))


def one_by_one(house: House, asked: Sequence[Asked]) -> list[Shown]:
    return [_alone(house, each) for each in asked]


def _alone(house: House, asked: Asked) -> Shown:
    code, name = asked
    if name == "bot":
        return as_one_batch(house, [asked])[0]
    return flow.scanned(slug=house.codes[code], visitor_id=house.visitors.get(name))


def openings_of(house: House, asked: Sequence[Asked]) -> list[Opening]:
    cards = cards_of(house.codes.values())
    openings = []
    for code, name in asked:
        visitor, agent = house.visitors.get(name), "curl/8" if name == "bot" else ""
        openings.append(Opening(cards[house.codes[code]], visitor.hex if visitor else None, agent=agent))
    return openings


def told_by(
    tell: Callable[[House, Sequence[Asked]], list[Shown]], house: House, twist: str, asked: Sequence[Asked]
) -> dict[str, object]:
    """What everybody was answered, and the whole database afterwards; then all is as it was before."""
    with transaction.atomic():
        TWISTS[twist](house)
        before = set(Entry.objects.values_list("pk", flat=True))
        shown = tell(house, asked)
        names = house.names() | {
            each.visitor: f"newcomer {nth}" for nth, each in enumerate(shown) if asked[nth][1] in ("", "bot")
        }
        found = {"answers": [answer(each, names) for each in shown], **picture(names, before)}
        transaction.set_rollback(True)
    return found


def answer(shown: Shown, names: Mapping[str, str]) -> tuple[object, ...]:
    where = shown.room.id if shown.room else None
    return (shown.outcome, names[shown.visitor], shown.group_id, where, shown.no_credit)


def picture(names: Mapping[str, str], before: set[UUID]) -> dict[str, object]:
    """The database, with people by their names: ids are made anew each time."""

    def name(visitor: UUID | None) -> str:
        return names[visitor.hex] if visitor else ""

    seats = Seat.objects.exclude(visitor_id=None).values_list(
        "visitor_id", "campaign_id", "group_id", "state", "held_at", "expires_at", "released_at"
    )
    line = Waiting.objects.order_by("campaign", "since", "id").values_list(
        "visitor_id", "campaign_id", "state"
    )
    opened = Scan.objects.order_by("id").values_list(
        "visitor_id", "campaign_id", "code_id", "group_id", "outcome", "is_first", "is_hold"
    )
    sums = ScanTally.objects.order_by().values_list("source_id", "campaign_id")
    return {
        "seats": Counter((name(visitor), *rest) for visitor, *rest in seats),
        "line": [(name(visitor), *rest) for visitor, *rest in line],
        "scans": [(name(visitor), *rest) for visitor, *rest in opened],
        "first touches": {
            (name(visitor), campaign): code
            for visitor, campaign, code, *_rest, is_first, _is_hold in opened
            if is_first
        },
        "tallies": set(sums.annotate(scans=Sum("scan_count"), visitors=Sum("visitor_count"))),
        "groups": list(Group.objects.order_by("id").values_list("id", "held_count", "taken_count")),
        "sharing": set(Journey.objects.values_list("id", "sharing_at")),
        "credits": set(Credit.objects.values_list("inviter", "newcomer", "state", "reason")),
        "facts": Counter(fact(entry, names) for entry in Entry.objects.exclude(pk__in=before)),
    }


def fact(entry: Entry, names: Mapping[str, str]) -> tuple[object, ...]:
    data = {key: value for key, value in entry.data.items() if key not in ("seat", "visitor")}
    visitor = entry.data.get("visitor")
    about = (entry.campaign_id, entry.journey_id, entry.group_id, entry.code_id, entry.at)
    return (entry.kind, names[UUID(visitor).hex] if visitor else "", *about, str(sorted(data.items())))


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(twist=st.sampled_from(sorted(TWISTS)), asked=OPENINGS)
@example(twist="nothing", asked=[("ann", "bot"), ("seeds", "bot"), ("seeds", "")])
@example(twist="eve waits", asked=[("seeds", ""), ("seeds", "eve")])
@example(twist="eve waits", asked=[("seeds", "gus"), ("wall", "eve"), ("seeds", "gus")])
@example(twist="dan was called to a group that was closed", asked=[("seeds", "dan"), ("seeds", "dan")])
@example(twist="all is full", asked=[("seeds", "eve"), ("seeds", ""), ("seeds", "eve"), ("seeds", "dan")])
@example(
    twist="nothing", asked=[("ben", "gus"), ("ben", "ann"), ("ann", "ben"), ("cid", "ben"), ("ann", "ann")]
)
def test_a_batch_leaves_what_the_same_scans_leave_one_after_another(
    house: House, twist: str, asked: list[Asked]
) -> None:
    batch, single = (told_by(tell, house, twist, asked) for tell in (as_one_batch, one_by_one))
    for part, expected in single.items():
        assert batch[part] == expected, part


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=OPENINGS, at=st.integers(0, 14))
def test_where_a_crowd_is_cut_into_batches_makes_no_difference(
    house: House, asked: list[Asked], at: int
) -> None:
    def in_two(house: House, asked: Sequence[Asked]) -> list[Shown]:
        plans, seats = Plans(), pool.Counted()  # what a door remembers from one batch to the next
        parts = [openings_of(house, part) for part in (asked[:at], asked[at:]) if part]
        return [shown for part in parts for shown in flow.scanned_together(part, plans=plans, seats=seats)]

    whole, cut = (told_by(tell, house, "nothing", asked) for tell in (as_one_batch, in_two))
    assert cut == whole


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=OPENINGS)
def test_every_batch_adds_up(house: House, asked: list[Asked]) -> None:
    with transaction.atomic():
        as_one_batch(house, asked)
        assert differences() == []
        transaction.set_rollback(True)


# --- what matters most, told one by one -----------------------------------------------------------------------


def test_nobody_is_a_batch_too() -> None:
    assert flow.scanned_together([]) == []


def test_a_newcomer_twice_in_a_batch_holds_one_seat_and_touches_once() -> None:
    stage, mia = cast.live(), new_id()
    first, again = together(stage.code, mia, mia)
    assert (first.outcome, first.group_id) == (again.outcome, again.group_id)
    assert [shown.visitor_id for shown in (first, again)] == [mia, mia]
    seat = Seat.objects.get()
    assert (seat.visitor_id, Group.objects.get().held_count) == (mia, 1)
    assert list(Scan.objects.order_by("id").values_list("is_first", "is_hold")) == [
        (True, True),
        (False, False),
    ]
    assert tally_of(stage.campaign.id) == Tally(scan_count=2, visitor_count=1)
    assert differences() == []


def test_those_without_a_cookie_are_as_many_people() -> None:
    stage = cast.live()
    shown = together(stage.code, None, None, None)
    assert len({each.visitor for each in shown}) == Seat.objects.count() == 3
    assert tally_of(stage.campaign.id) == Tally(3, 3)


def test_a_program_holds_no_seat_makes_nobody_share_and_counts_for_nothing() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    before, card = everything(), cards_of([mia.code.slug])[mia.code.slug]
    flow.scanned_together([Opening(card, None, agent="WhatsApp/2 \u2028" + "x" * 900)] * 2)
    assert everything() == before
    for entry in Entry.objects.filter(kind="bot_scanned"):
        assert (entry.workspace_id, entry.campaign_id) == (stage.workspace.id, stage.campaign.id)
        assert (entry.code_id, len(entry.data["agent"])) == (mia.code.id, 200)
    assert Entry.objects.filter(kind="bot_scanned").count() == 2
    assert differences() == []


def test_one_visitor_in_two_campaigns_is_new_to_each_of_them() -> None:
    here, mia = cast.live(capacity=1), new_id()
    there = cast.live(owner=(here.workspace, here.owner), capacity=1)
    asked = [opening(code.slug, mia) for code in (here.code, there.code, here.code, there.code)]
    shown = flow.scanned_together(asked)
    assert [each.group_id for each in shown] == [here.group.id.hex, there.group.id.hex] * 2
    assert Scan.objects.filter(is_first=True).count() == Scan.objects.filter(is_hold=True).count() == 2
    assert {tally_of(each.campaign.id) for each in (here, there)} == {Tally(2, 1)}


def test_a_batch_fills_groups_in_their_order_and_the_rest_stands_in_line_in_theirs() -> None:
    stage = cast.live(capacity=2)
    second = one_more_group(stage, "Second")
    visitors = [new_id() for _nth in range(5)]
    shown = together(stage.code, *visitors)
    assert [each.group_id for each in shown] == [stage.group.id.hex] * 2 + [second.id.hex] + [None] * 2
    assert [each.outcome for each in shown][3:] == [Outcome.WAITING] * 2
    assert list(Waiting.objects.order_by("since", "id").values_list("visitor_id", flat=True)) == visitors[3:]
    assert Entry.objects.filter(kind="line_joined").count() == 2


def test_a_pool_of_more_groups_than_one_look_shows_is_filled_to_the_last_seat() -> None:
    stage = cast.live(capacity=1)
    names = [f"Room {nth}" for nth in range(60)]
    Group.objects.bulk_create(
        Group(workspace=stage.workspace, campaign=stage.campaign, name=name, capacity=1, position=nth)
        for nth, name in enumerate(names, 1)
    )
    shown = together(stage.code, *[None] * 63)
    assert Counter(each.outcome for each in shown) == {Outcome.GROUP: 61, Outcome.WAITING: 2}
    assert set(Group.objects.values_list("held_count", flat=True)) == {1}
    order = list(Group.objects.order_by("position", "id").values_list("id", flat=True))
    assert [each.group_id for each in shown][:61] == [each.hex for each in order]
    assert differences() == []


@pytest.mark.parametrize("fraction", [0, 1, 100, 500_000, 999_999])
@pytest.mark.parametrize(("seconds", "is_new"), [(0, False), (112.4, False), (112.6, True), (899, True)])
def test_a_hold_begins_anew_when_an_eighth_of_it_is_gone(
    frozen: FrozenClock, fraction: int, seconds: float, is_new: bool
) -> None:
    """Fifteen minutes are held: who scans twice within two has nothing to gain from a longer one."""
    stage, mia = cast.live(), new_id()
    began = frozen.move_to(frozen.now.replace(microsecond=fraction))
    together(stage.code, mia)
    frozen.advance(seconds=seconds)
    [shown] = together(stage.code, mia)
    assert (shown.outcome, shown.group) == (Outcome.GROUP, stage.group)
    until = (frozen.now if is_new else began) + timedelta(minutes=15)
    assert Seat.objects.get().expires_at == until
    assert list(Scan.objects.order_by("id").values_list("is_hold", flat=True)) == [True, False]


def test_somebody_in_line_keeps_newcomers_from_slipping_past_in_the_same_batch() -> None:
    stage = cast.live(capacity=1)
    held, late = together(stage.code, None, None)
    one_more_group(stage, "Second", capacity=5)
    again, newcomer = together(stage.code, held.visitor_id, None)
    assert (held.outcome, late.outcome) == (Outcome.GROUP, Outcome.WAITING)
    assert (again.outcome, newcomer.outcome) == (Outcome.GROUP, Outcome.WAITING)


def test_who_was_called_to_a_group_that_cannot_be_reached_any_more_gets_a_seat_elsewhere_at_once() -> None:
    """Nobody else waits: to send them back to the line would be for nothing."""
    stage = cast.live(capacity=1)
    mia = cast.joins(stage, "Mia")
    waits = flow.scanned(slug=stage.code.slug, visitor_id=None).visitor_id
    flow.left(journey=mia)
    assert flow.line_called(campaign=stage.campaign) == 1
    second = one_more_group(stage, "Second")
    Group.objects.filter(pk=stage.group.pk).update(state="closed")
    shown = flow.scanned(slug=stage.code.slug, visitor_id=waits)
    assert (shown.outcome, shown.group) == (Outcome.GROUP, second)
    assert differences() == []


# --- somebody was faster --------------------------------------------------------------------------------------


class Unlucky(pool.Counted):
    """As often as told, somebody else is faster."""

    def __init__(self, times: int, error: type[Exception] = pool.Changed) -> None:
        super().__init__()
        self.left, self.error, self.told = times, error, list[str]()

    def begin(self, wanted: Mapping[str, int], now: datetime) -> None:
        self.told.append("begin")
        super().begin(wanted, now)

    def settle(self) -> None:
        super().settle()
        self.left -= 1
        if self.left >= 0:
            raise self.error

    def done(self) -> None:
        self.told.append("done")
        super().done()


RACES = [pool.Changed, IntegrityError, OperationalError]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", RACES)
def test_a_batch_that_met_a_faster_one_is_chosen_anew_and_written_once(error: type[Exception]) -> None:
    stage, seats = cast.live(capacity=2), Unlucky(scans.TRIES - 1, error)
    shown = together(stage.code, None, None, None, seats=seats)
    assert [each.outcome for each in shown] == [Outcome.GROUP] * 2 + [Outcome.WAITING]
    assert seats.told == ["begin"] * scans.TRIES + ["done"]
    assert (Seat.objects.count(), Scan.objects.count(), Waiting.objects.count()) == (2, 3, 1)
    assert (Group.objects.get().held_count, tally_of(stage.campaign.id)) == (2, Tally(3, 3))
    assert differences() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", RACES)
def test_a_batch_that_is_never_fast_enough_says_so_and_leaves_nothing(error: type[Exception]) -> None:
    stage, seats = cast.live(capacity=2), Unlucky(99, error)
    before = everything()
    with pytest.raises(error):
        together(stage.code, None, None, seats=seats)
    assert seats.told == ["begin"] * scans.TRIES
    assert (everything(), Entry.objects.filter(kind="line_joined").count()) == (before, 0)


@dataclass
class Door:
    """What one door remembers from batch to batch."""

    code: LiveCode

    def __post_init__(self) -> None:
        self.plans, self.seats = Plans(), pool.Counted()

    def shows(self, *visitors: UUID | None) -> list[Shown]:
        return together(self.code, *visitors, plans=self.plans, seats=self.seats)


@pytest.mark.django_db(transaction=True)
def test_a_group_that_was_closed_since_the_last_batch_takes_nobody_any_more() -> None:
    stage = cast.live(capacity=5)
    second, door = one_more_group(stage, "Second", 5), Door(stage.code)
    [held] = door.shows(None)
    groups.set_state(group=stage.group, state="closed", operator=stage.owner)
    late, back = door.shows(None, held.visitor_id)
    assert [each.group for each in (held, late, back)] == [stage.group, second, second]
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_what_doors_remember_of_free_seats_never_sells_one_twice() -> None:
    stage = cast.live(capacity=4)
    one, other = Door(stage.code), Door(stage.code)
    shown = [each.shows(None)[0] for each in (one, other, one, other, one, other)]
    assert Counter(each.outcome for each in shown) == {Outcome.GROUP: 4, Outcome.WAITING: 2}
    assert (Group.objects.get().held_count, Seat.objects.count()) == (4, 4)
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_group_made_smaller_since_the_last_batch_is_not_oversold() -> None:
    stage = cast.live(capacity=9)
    door = Door(stage.code)
    door.shows(None, None)
    groups.change_group(group=stage.group, operator=stage.owner, name="Readers", capacity=3)
    assert [each.outcome for each in door.shows(None, None)] == [Outcome.GROUP, Outcome.WAITING]
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_group_added_when_all_is_full_is_found_once_its_line_is_called() -> None:
    stage = cast.live(capacity=1)
    door = Door(stage.code)
    _held, waits = door.shows(None, None)
    second = one_more_group(stage, "Second", 1)
    assert flow.line_called(campaign=stage.campaign) == 1
    [called] = door.shows(waits.visitor_id)
    assert (called.outcome, called.group) == (Outcome.GROUP, second)
    assert differences() == []


class HoldEnds(pool.Counted):
    """The hold of a visitor who comes back runs out after it was looked at; the next try finds it gone."""

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self.seat, self.tries = seat, 0

    def begin(self, wanted: Mapping[str, int], now: datetime) -> None:
        self.tries += 1
        if self.tries == 2:
            groups.release(seat=self.seat, reason="expired")
        super().begin(wanted, now)

    def settle(self) -> None:
        super().settle()
        if self.tries == 1:  # seen inside of this transaction, and undone with it
            Seat.objects.filter(pk=self.seat.pk).update(state="released")


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_ends_between_the_look_and_the_write_leads_to_a_new_seat(frozen: FrozenClock) -> None:
    stage, mia = cast.live(capacity=1), new_id()
    together(stage.code, mia)
    old = Seat.objects.get()
    frozen.advance(minutes=5)
    seats = HoldEnds(old)
    [shown] = together(stage.code, mia, seats=seats)
    assert (seats.tries, shown.outcome) == (2, Outcome.GROUP)
    new = Seat.objects.exclude(pk=old.pk).get()
    assert (new.state, new.visitor_id, Seat.objects.get(pk=old.pk).state) == ("held", mia, "released")
    assert (Group.objects.get().held_count, Scan.objects.count()) == (1, 2)
    assert differences() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("room", "name"),
    [
        (pool, "hold"),
        (pool, "extend"),
        (pool, "queue_up"),
        (codes, "note_scans"),
        (codes, "count_scans"),
    ],
)
def test_a_batch_is_kept_whole_or_not_at_all(
    room: Any, name: str, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement that fails has done its work; all the others' work goes with it."""
    house = build()
    _fill(house)
    Group.objects.filter(pk=house.stage.group.pk).update(capacity=4)
    asked = [("ann", ""), ("cid", "gus"), ("seeds", "dan"), ("ben", "ann"), ("cid", "ben"), ("other", "eve")]
    before, statement = everything(), getattr(room, name)

    def fails(*values: object, **named: object) -> None:
        statement(*values, **named)
        raise ZeroDivisionError

    frozen.advance(minutes=5)
    with monkeypatch.context() as patch:
        patch.setattr(room, name, fails)
        with pytest.raises(ZeroDivisionError):
            as_one_batch(house, asked)
    assert everything() == before
    shown = as_one_batch(house, asked)
    outcomes = Counter(each.outcome for each in shown)
    assert outcomes == {Outcome.GROUP: 3, Outcome.WAITING: 1, Outcome.MEMBER: 2}
    counts = (Scan, Seat, Waiting, Credit)
    assert all(len(everything()[model.__name__]) >= len(before[model.__name__]) for model in counts)


@pytest.mark.django_db
def test_a_second_look_within_a_moment_leaves_the_hold_as_it_is(frozen: FrozenClock) -> None:
    stage, mia = cast.live(), new_id()
    together(stage.code, mia)
    until = Seat.objects.get().expires_at
    frozen.advance(minutes=1)
    together(stage.code, mia)
    assert Seat.objects.get().expires_at == until
    frozen.advance(minutes=1)
    together(stage.code, mia)
    assert Seat.objects.get().expires_at == frozen.now + timedelta(minutes=15)


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_broke_off_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been kept all the same; a second try would give a newcomer a second seat."""
    stage, tries = cast.live(), list[int]()
    real = connection._commit  # type: ignore[attr-defined]

    def breaks_off() -> None:
        tries.append(1)
        real()
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", breaks_off)
        with pytest.raises(OperationalError):
            together(stage.code, None)
    assert (len(tries), Seat.objects.count(), Scan.objects.count()) == (1, 1, 1)
