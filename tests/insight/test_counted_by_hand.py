"""Small stories that Hypothesis makes up, played in the product and counted a second time in plain Python."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base import clock
from tenfold.codes import actions as codes
from tenfold.codes.models import Channel, LiveCode
from tenfold.insight import tree
from tenfold.insight.funnel import channels, funnel, generations, pulse
from tenfold.insight.rebuild import differences
from tenfold.people.models import Journey
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db

STOCK = 2
START = datetime(2026, 3, 2, 9, 58, 30, tzinfo=UTC)
DOINGS = [
    "looks",
    "joins",
    "joins",
    "joins",
    "peeks",
    "proves",
    "approved",
    "refused",
    "leaves",
    "returns",
    "waits",
]
Doing = tuple[str, int, int]
STORIES = st.lists(
    st.tuples(st.sampled_from(DOINGS), st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=24
)


@dataclass
class Someone:
    """What the plain count knows of a person."""

    number: int
    parent: int | None
    channel: int
    generation: int
    journey: Journey
    has_proof: bool = False
    is_approved: bool = False
    is_rewarded: bool = False
    is_sharing: bool = False
    is_out: bool = False


@dataclass
class Count:
    """The plain count: lists and numbers, no database. Codes 0 and 1 are the channels', the rest people's own."""

    stage: cast.Stage
    codes: list[LiveCode]
    people: list[Someone] = field(default_factory=list)
    scans: list[tuple[int, datetime]] = field(default_factory=list)
    joined_at: list[datetime] = field(default_factory=list)
    visitors: Counter[int] = field(default_factory=Counter)

    def play(self, doing: Doing) -> None:
        what, one, other = doing
        if what == "waits":
            clock.set_for_tests(clock.now() + timedelta(seconds=37 * one + 1))
        elif what in ("looks", "joins"):
            getattr(self, what)(one % len(self.codes))
        elif self.people:
            who = self.people[one % len(self.people)]
            if what == "peeks":
                self.peeks(who, other % len(self.codes))
            elif who.is_out == (what == "returns"):
                getattr(self, what)(who)

    def scanned(self, code: int, by: Someone | None) -> None:
        self.scans.append((code, clock.now()))
        if code > 1 and (by is None or by.number != code - 2):
            self.people[code - 2].is_sharing = True

    def looks(self, code: int) -> None:
        """A stranger opens a code and goes."""
        flow.scanned(slug=self.codes[code].slug, visitor_id=None)
        self.scanned(code, None)
        self.visitors[code] += 1

    def joins(self, code: int) -> None:
        self.scanned(code, None)
        self.visitors[code] += 1
        number, inviter = len(self.people), self.people[code - 2] if code > 1 else None
        journey = cast.joins(self.stage, f"N{number}", by=self.codes[code])
        generation = inviter.generation + 1 if inviter else 0
        channel = inviter.channel if inviter else code
        parent = inviter.number if inviter else None
        self.people.append(Someone(number, parent, channel, generation, journey))
        self.codes.append(journey.code)
        self.joined_at.append(clock.now())

    def peeks(self, who: Someone, code: int) -> None:
        """Someone opens a code again: their own, their friend's, the channel's. Outside, they come no further."""
        if who.is_out:
            return
        flow.scanned(slug=self.codes[code].slug, visitor_id=who.journey.person.visitor_id)
        self.scanned(code, who)

    def proves(self, who: Someone) -> None:
        if not who.is_approved:
            cast.sends(Journey.objects.get(pk=who.journey.pk))
            who.has_proof = True

    def approved(self, who: Someone) -> None:
        if not who.is_approved:
            cast.is_approved(cast.sends(Journey.objects.get(pk=who.journey.pk)), self.stage.owner)
            who.has_proof = who.is_approved = True
            who.is_rewarded = sum(each.is_rewarded for each in self.people) < STOCK

    def refused(self, who: Someone) -> None:
        if not who.is_approved:
            proof = cast.sends(Journey.objects.get(pk=who.journey.pk))
            flow.judged(proof=proof, operator=self.stage.owner, is_approved=False, reason="no_poster")
            cast.settles(proof)
            who.has_proof = True

    def leaves(self, who: Someone) -> None:
        flow.left(journey=Journey.objects.get(pk=who.journey.pk))
        who.is_out = True

    def returns(self, who: Someone) -> None:
        cast.joins(self.stage, f"N{who.number}", visitor=who.journey.person.visitor_id)
        self.scanned(0, who)
        self.joined_at.append(clock.now())
        who.is_out = False

    def line_of(self, top: Someone) -> list[Someone]:
        """Everyone below, at whatever depth."""
        own = [each for each in self.people if each.parent == top.number]
        return own + [below for each in own for below in self.line_of(each)]


def told(story: list[Doing]) -> Count:
    clock.set_for_tests(START)
    stage = cast.live(capacity=100, stock=STOCK, reward_kind="codes")
    kol = codes.make_channel(campaign=stage.campaign, name="Lin", kind=Channel.Kind.KOL, operator=stage.owner)
    count = Count(stage, [stage.code, kol])
    for doing in story:
        count.play(doing)
    return count


def check_funnel(count: Count) -> None:
    totals = funnel(count.stage.campaign)
    people = count.people
    assert totals.scan_count == len(count.scans)
    assert totals.visitor_count == sum(count.visitors.values())
    assert totals.joined_count == len(people)
    assert totals.proof_count == sum(each.has_proof for each in people)
    assert totals.approved_count == sum(each.is_approved for each in people)
    assert totals.rewarded_count == sum(each.is_rewarded for each in people)
    assert totals.sharer_count == sum(each.is_sharing for each in people)
    assert totals.out_count == sum(each.is_out for each in people)
    assert totals.waiting_count == 0


def check_channels(count: Count) -> None:
    found = {each.name: each for each in channels(count.stage.campaign)}
    for code, name in enumerate(("Seeds", "Lin")):
        seeds = [each for each in count.people if each.parent is None and each.channel == code]
        assert found[name].scan_count == sum(scanned == code for scanned, _at in count.scans)
        assert found[name].visitor_count == count.visitors[code]
        assert found[name].seed_count == len(seeds)
        assert found[name].line_count == sum(each.channel == code for each in count.people)


def check_generations(count: Count) -> None:
    sizes = Counter(each.generation for each in count.people)
    found = generations(count.stage.campaign)
    assert [each.number for each in found] == sorted(sizes)
    for each in found:
        assert each.person_count == sizes[each.number]
        assert each.newcomer_count == sizes[each.number + 1]
        assert each.k == sizes[each.number + 1] / sizes[each.number]
        sharers = [one for one in count.people if one.generation == each.number and one.is_sharing]
        assert each.sharer_count == len(sharers)


def check_tree(count: Count) -> None:
    by_id = {each.journey.id: each for each in count.people}
    waiting = list(tree.roots(count.stage.campaign).nodes)
    seen = 0
    while waiting:
        node = waiting.pop()
        one = by_id[node.journey.id]
        assert node.invited_count == sum(each.parent == one.number for each in count.people)
        assert node.below_count == len(count.line_of(one))
        waiting += tree.children(node.journey).nodes
        seen += 1
    assert seen == len(count.people)
    for one in count.people[-1:]:
        chain = [one.number]
        while (parent := count.people[chain[0]].parent) is not None:
            chain.insert(0, parent)
        assert [by_id[each.id].number for each in tree.above(one.journey)] == chain


def check_pulse(count: Count) -> None:
    for span, width, slots in (("hour", 60, 60), ("days", 3600, 48)):
        last = int(clock.now().timestamp()) // width
        scans = Counter(int(at.timestamp()) // width for _code, at in count.scans)
        joins = Counter(int(at.timestamp()) // width for at in count.joined_at)
        expected = [(scans[slot], joins[slot]) for slot in range(last - slots + 1, last + 1)]
        assert [(slot.scan_count, slot.join_count) for slot in pulse(count.stage.campaign, span)] == expected


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STORIES)
def test_every_number_is_what_a_plain_count_says(frozen: FrozenClock, story: list[Doing]) -> None:
    with transaction.atomic():
        count = told(story)
        check_funnel(count)
        check_channels(count)
        check_generations(count)
        check_tree(count)
        check_pulse(count)
        assert differences() == []
        transaction.set_rollback(True)


def test_the_plain_count_itself_is_right(frozen: FrozenClock) -> None:
    """One story by head: two join through the seeds, one of them brings one, who looks at the other's code."""
    count = told(
        [
            ("joins", 0, 0),
            ("joins", 0, 0),
            ("joins", 2, 0),
            ("peeks", 2, 3),
            ("looks", 1, 0),
            ("leaves", 0, 0),
        ]
    )
    assert [each.parent for each in count.people] == [None, None, 0]
    assert [each.is_sharing for each in count.people] == [True, True, False]
    assert (len(count.scans), sum(count.visitors.values())) == (5, 4)
    assert [len(count.line_of(each)) for each in count.people] == [1, 0, 0]
    check_funnel(count)
