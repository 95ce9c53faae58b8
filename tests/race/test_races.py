"""Fifty knock at once, and one gets what there is one of. On SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.campaigns import actions as campaigns
from tenfold.codes.models import Scan
from tenfold.codes.queries import Tally, tally_of
from tenfold.flow import Outcome, Shown
from tenfold.groups import actions as groups
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Credit, Journey, Person
from tenfold.platforms.web.models import Post
from tenfold.proofs.models import Proof
from tenfold.rewards import actions as rewards
from tenfold.rewards.models import Grant, StockCode
from tests import cast
from tests.conftest import FrozenClock
from tests.race.crowd import THREADS, all_at_once, codes_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
VISITORS = [new_id() for _each in range(THREADS)]


def scan(slug: str, visitor: UUID) -> Shown:
    return flow.scanned(slug=slug, visitor_id=visitor)


def join(group: Group, visitor: UUID) -> Journey:
    return flow.joined(group=group, visitor_id=visitor, nickname="Ben", has_consented=True, language="en")


def comes_in(stage: cast.Stage, visitor: UUID) -> Outcome:
    """Scan and, if a group is shown, join it."""
    shown = scan(stage.code.slug, visitor)
    if shown.outcome == Outcome.GROUP:
        join(stage.group, visitor)
    return shown.outcome


def kinds(*kinds: str) -> int:
    return Entry.objects.filter(kind__in=kinds).count()


def test_fifty_scan_for_the_last_seat_and_one_is_shown_the_group() -> None:
    stage = cast.live(capacity=1)
    answers = all_at_once([partial(scan, stage.code.slug, visitor) for visitor in VISITORS])
    outcomes = Counter(answer.outcome for answer in answers if isinstance(answer, Shown))
    assert outcomes == {Outcome.GROUP: 1, Outcome.WAITING: THREADS - 1}
    assert Seat.objects.filter(state="held").count() == Group.objects.get().held_count == 1
    assert Waiting.objects.filter(state="waiting").count() == THREADS - 1
    opened = tally_of(stage.campaign.id)
    assert (opened.scan_count, opened.visitor_count, Scan.objects.count()) == (THREADS, THREADS, THREADS)
    assert differences() == []


def test_fifty_scan_and_join_for_the_last_seats_and_each_seat_has_one_member() -> None:
    stage = cast.live(capacity=3)
    mia = cast.joins(stage, "Mia")
    acts = [
        partial(comes_in, cast.Stage(**(vars(stage) | {"code": mia.code})), visitor) for visitor in VISITORS
    ]
    outcomes = Counter(all_at_once(acts))
    assert outcomes == {Outcome.GROUP: 2, Outcome.WAITING: THREADS - 2}
    group = Group.objects.get()
    assert (group.held_count, group.taken_count) == (0, 3)
    mia.refresh_from_db()
    assert (mia.valid_count, kinds("started_sharing")) == (2, 1)
    assert Credit.objects.filter(inviter=mia, state="valid").count() == 2
    assert differences() == []


def test_the_same_visitor_scans_fifty_times_at_once_and_holds_one_seat() -> None:
    stage = cast.live(capacity=5)
    answers = all_at_once([partial(scan, stage.code.slug, VISITORS[0])] * THREADS)
    assert {answer.outcome for answer in answers if isinstance(answer, Shown)} == {Outcome.GROUP}
    assert (Seat.objects.count(), Scan.objects.count()) == (1, THREADS)
    assert Scan.objects.filter(is_hold=True).count() == Scan.objects.filter(is_first=True).count() == 1
    assert tally_of(stage.campaign.id) == Tally(scan_count=THREADS, visitor_count=1)
    assert differences() == []


def test_the_same_visitor_stands_in_the_line_once() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    answers = all_at_once([partial(scan, stage.code.slug, VISITORS[0])] * 20)
    assert {answer.outcome for answer in answers if isinstance(answer, Shown)} == {Outcome.WAITING}
    assert (Waiting.objects.count(), kinds("line_joined")) == (1, 1)


@pytest.mark.parametrize("platform", ["web", "wechat_group"])
def test_joining_many_times_at_once_is_joining_once(platform: str) -> None:
    stage = cast.live(capacity=1, platform=platform)
    scan(stage.code.slug, VISITORS[0])
    answers = all_at_once([partial(join, stage.group, VISITORS[0])] * 20)
    assert codes_of(answers) == []
    assert len({answer.id for answer in answers if isinstance(answer, Journey)}) == 1
    assert (Person.objects.count(), Journey.objects.count(), kinds("joined", "arrived")) == (1, 1, 1)
    assert Message.objects.count() == (2 if platform == "web" else 0)
    assert differences() == []


def test_coming_back_many_times_at_once_is_coming_back_once() -> None:
    stage = cast.live(capacity=1)
    ben = cast.joins(stage, "Ben")
    flow.left(journey=ben)
    scan(stage.code.slug, ben.person.visitor_id)
    answers = all_at_once([partial(join, stage.group, ben.person.visitor_id)] * 20)
    assert codes_of(answers) == []
    assert (kinds("rejoined"), kinds("seat_taken"), Group.objects.get().taken_count) == (1, 2, 1)
    assert differences() == []


def test_leaving_many_times_at_once_frees_one_seat() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    acts = [partial(flow.left, journey=Journey.objects.get(pk=ben.pk)) for _each in range(10)]
    acts += [partial(flow.removed, journey=Journey.objects.get(pk=ben.pk)) for _each in range(10)]
    assert codes_of(all_at_once(acts)) == []
    mia.refresh_from_db()
    assert (mia.valid_count, Group.objects.get().taken_count, kinds("left", "removed")) == (0, 1, 1)
    assert Message.objects.filter(moment="remove").count() == kinds("removed")
    assert differences() == []


def test_an_inviter_who_leaves_while_all_join_by_their_code_stops_nobody() -> None:
    stage = cast.live(capacity=40)
    mia = cast.joins(stage, "Mia")
    for visitor in VISITORS[:20]:
        scan(mia.code.slug, visitor)
    acts: list[partial[Journey]] = [partial(join, stage.group, visitor) for visitor in VISITORS[:20]]
    acts.insert(10, partial(flow.left, journey=Journey.objects.get(pk=mia.pk)))
    assert codes_of(all_at_once(acts)) == []
    mia.refresh_from_db()
    assert (mia.state, mia.valid_count, Group.objects.get().taken_count) == ("left", 20, 20)
    assert differences() == []


def test_all_of_a_tree_leave_and_are_approved_at_once_and_each_is_credited_once() -> None:
    """Whoever leaves is somebody's newcomer and somebody's inviter: the rows of both are wanted from either side."""
    stage = cast.live(capacity=40)
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, credit_when="approved")
    mia = cast.joins(stage, "Mia")
    people = [mia, *(cast.joins(stage, f"Ben {nth}", by=mia.code) for nth in range(5))]
    people += [cast.joins(stage, "Cid", by=ben.code) for ben in people[1:]]
    proofs = [cast.sends(each) for each in people]
    for proof in proofs:
        flow.judged(proof=proof, operator=stage.owner, is_approved=True)
    acts: list[Callable[[], object]] = [
        *[partial(flow.settled, proof=Proof.objects.get(pk=proof.pk)) for proof in proofs],
        *[partial(flow.left, journey=Journey.objects.get(pk=each.pk)) for each in people],
    ]
    assert codes_of(all_at_once(acts)) == []
    assert set(Journey.objects.values_list("state", flat=True)) == {"left"}
    assert (Group.objects.get().taken_count, kinds("left"), kinds("approved")) == (0, 11, 11)
    assert not Credit.objects.filter(state="valid").exists()
    assert not Journey.objects.exclude(valid_count=0).exists()
    assert differences() == []


def test_members_are_counted_while_they_join_and_say_that_they_leave() -> None:
    stage = cast.live(capacity=40, platform="wechat_group")
    mia = cast.joins(stage, "Mia")
    bens = [cast.joins(stage, f"Ben {nth}", by=mia.code) for nth in range(8)]
    for visitor in VISITORS[:8]:
        scan(mia.code.slug, visitor)
    count = partial(flow.members_counted, group=stage.group, members=9, operator=stage.owner)
    acts: list[Callable[[], object]] = [
        *[partial(join, stage.group, visitor) for visitor in VISITORS[:8]],
        *[partial(flow.left, journey=Journey.objects.get(pk=ben.pk)) for ben in bens[:4]],
        *[count] * 4,
    ]
    assert codes_of(all_at_once(acts)) == []
    assert Journey.objects.filter(pk__in=[ben.pk for ben in bens[:4]], state="left").count() == 4
    mia.refresh_from_db()
    assert mia.valid_count == Credit.objects.filter(inviter=mia, state="valid").count()
    assert differences() == []


def test_many_verdicts_at_once_on_one_screenshot_are_one_and_the_others_are_told() -> None:
    stage = cast.live()
    proof = cast.sends(cast.joins(stage, "Mia"))
    acts = [
        partial(
            flow.judged,
            proof=Proof.objects.get(pk=proof.pk),
            operator=stage.owner,
            is_approved=bool(nth % 2),
            reason="" if nth % 2 else "no_poster",
        )
        for nth in range(THREADS)
    ]
    answers = all_at_once(acts)
    assert codes_of(answers) == ["already_judged"] * (THREADS // 2)
    assert kinds("proof_judged") == 1
    assert len({answer.state for answer in answers if isinstance(answer, Proof)}) == 1


def test_a_verdict_settled_by_many_workers_takes_effect_once() -> None:
    stage = cast.live(reward_kind="codes")
    proof = cast.sends(cast.joins(stage, "Mia"))
    flow.judged(proof=proof, operator=stage.owner, is_approved=True)
    acts = [partial(flow.settled, proof=Proof.objects.get(pk=proof.pk)) for _each in range(20)]
    assert codes_of(all_at_once(acts)) == []
    assert (kinds("approved"), kinds("rewarded"), Grant.objects.count()) == (1, 1, 1)
    assert sorted(Message.objects.values_list("moment", flat=True)) == ["approve", "join", "reward", "task"]
    assert differences() == []


def test_undoing_and_settling_at_once_is_one_of_the_two() -> None:
    stage = cast.live()
    proof = cast.sends(cast.joins(stage, "Mia"))
    flow.judged(proof=proof, operator=stage.owner, is_approved=True)
    settle = [partial(flow.settled, proof=Proof.objects.get(pk=proof.pk)) for _each in range(10)]
    undo = [
        partial(flow.verdict_undone, proof=Proof.objects.get(pk=proof.pk), operator=stage.owner)
        for _each in range(10)
    ]
    refused = codes_of(all_at_once([*settle, *undo]))
    proof.refresh_from_db()
    if proof.state == Proof.State.APPROVED:
        assert (refused, Grant.objects.count()) == (["reward_kept"] * 10, 1)
    else:
        assert (proof.state, refused, Grant.objects.count(), kinds("verdict_undone")) == ("waiting", [], 0, 1)
    assert differences() == []


@pytest.mark.parametrize("kind", ["codes", "text"])
def test_the_last_rewards_go_to_one_each_and_the_others_are_owed_theirs(kind: str) -> None:
    stage = cast.live(capacity=THREADS, stock=3, reward_kind=kind)
    proofs = [cast.sends(cast.joins(stage, f"Ben {nth}")) for nth in range(30)]
    for proof in proofs:
        flow.judged(proof=proof, operator=stage.owner, is_approved=True)
    acts = [
        partial(flow.settled, proof=Proof.objects.select_related("journey").get(pk=proof.pk))
        for proof in proofs
    ]
    assert codes_of(all_at_once(acts)) == []
    stage.reward.refresh_from_db()
    assert (stage.reward.granted_count, stage.reward.left_count, Grant.objects.count()) == (3, 0, 3)
    assert StockCode.objects.exclude(grant=None).count() == (3 if kind == "codes" else 0)
    assert Journey.objects.filter(state="approved").count() == 27
    assert HumanTask.objects.filter(kind="restock").count() == 1
    assert differences() == []


def test_one_reward_owed_to_many_is_paid_once_by_many_workers() -> None:
    stage = cast.live(stock=1, reward_kind="codes")
    for name in ("Mia", "Ben", "Cid"):
        cast.is_approved(cast.sends(cast.joins(stage, name)), by=stage.owner)
    rewards.add_codes(reward=stage.reward, codes=["LATE-1"], operator=stage.owner)
    rewarded_at = set(Journey.objects.exclude(rewarded_at=None).values_list("rewarded_at", flat=True))
    assert codes_of(all_at_once([flow.debts_paid] * 20)) == []
    assert rewarded_at < set(Journey.objects.exclude(rewarded_at=None).values_list("rewarded_at", flat=True))
    assert (Grant.objects.count(), kinds("rewarded")) == (2, 2)
    assert differences() == []


def test_a_reward_is_redeemed_by_one_of_many() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    number = Grant.objects.get().number
    redeem = partial(flow.redeemed, number=number, workspace_id=stage.workspace.id, operator=stage.owner)
    assert codes_of(all_at_once([redeem] * THREADS)) == ["redeemed_before"] * (THREADS - 1)
    stage.reward.refresh_from_db()
    assert (stage.reward.redeemed_count, kinds("redeemed")) == (1, 1)
    assert differences() == []


def test_a_message_delivered_by_many_is_said_once() -> None:
    stage = cast.live()
    cast.joins(stage, "Mia")
    messages = list(Message.objects.all())
    acts = [partial(mailroom.deliver, message=Message.objects.get(pk=each.pk)) for each in messages * 10]
    all_at_once(acts)
    assert (Post.objects.filter(kind="bot").count(), kinds("said")) == (2, 2)


def test_the_same_screenshot_sent_many_times_at_once_is_one() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    picture = cast.screenshot()
    acts = [
        partial(flow.proof_sent, journey=Journey.objects.get(pk=mia.pk), picture=picture, source="page")
        for _each in range(20)
    ]
    answers = all_at_once(acts)
    assert len({answer.id for answer in answers if isinstance(answer, Proof)}) == 1
    assert (Proof.objects.count(), kinds("proof_sent"), kinds("proof_withdrawn")) == (1, 1, 0)


def test_a_line_called_by_many_holds_each_free_seat_for_one() -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    for visitor in VISITORS[:10]:
        scan(stage.code.slug, visitor)
    groups.change_group(group=stage.group, operator=stage.owner, name="Readers", capacity=4)
    answers = all_at_once([partial(flow.line_called, campaign=stage.campaign)] * 10)
    assert sum(number for number in answers if isinstance(number, int)) == 3
    called = Waiting.objects.filter(state="called").values_list("visitor_id", flat=True)
    assert set(called) == set(VISITORS[:3])
    assert (Group.objects.get().held_count, kinds("line_called")) == (3, 3)
    assert differences() == []


def test_a_hold_that_runs_out_while_its_visitor_scans_again_is_theirs_or_anothers_and_never_both(
    frozen: FrozenClock,
) -> None:
    stage = cast.live(capacity=1)
    scan(stage.code.slug, VISITORS[0])
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, hold_minutes=1)
    seat = Seat.objects.get()
    frozen.advance(minutes=20)
    expire = [partial(flow.hold_expired, seat=Seat.objects.get(pk=seat.pk)) for _each in range(10)]
    scans = [partial(scan, stage.code.slug, visitor) for visitor in [VISITORS[0], VISITORS[1]] * 5]
    acts: list[Callable[[], object]] = [*expire, *scans]
    all_at_once(acts)
    held = Seat.objects.filter(state="held")
    assert held.count() == Group.objects.get().held_count <= 1
    # Where the last of them came before the seat was free they wait in line, of whom the worker calls one.
    flow.line_called(campaign=stage.campaign)
    assert held.count() == Group.objects.get().held_count == 1
    assert differences() == []
