"""Who brought whom: the first code touched decides, once; the edge outlives rooms; every credit says why."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.base.keys import new_id
from tenfold.campaigns import actions as campaigns
from tenfold.groups import actions as groups
from tenfold.people.models import Credit, Journey
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def credit(inviter: Journey, newcomer: Journey) -> tuple[str, str] | None:
    found = Credit.objects.filter(inviter=inviter, newcomer=newcomer).first()
    return (found.state, found.reason) if found else None


def counted(journey: Journey) -> int:
    return Journey.objects.get(pk=journey.pk).valid_count


def comes_back(stage: cast.Stage, journey: Journey) -> Journey:
    return cast.joins(stage, journey.person.nickname, visitor=journey.person.visitor_id)


def plans(stage: cast.Stage, **fields: object) -> None:
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, **fields)


def test_the_first_code_touched_decides_and_a_later_one_changes_nothing() -> None:
    stage = cast.live()
    ann, ben, cid = cast.joins(stage, "Ann"), cast.joins(stage, "Ben"), new_id()
    for code in (ann.code, ben.code, stage.code, ben.code):
        flow.scanned(slug=code.slug, visitor_id=cid)
    newcomer = cast.joins(stage, "Cid", by=ben.code, visitor=cid)
    assert (newcomer.inviter_id, newcomer.origin, newcomer.generation) == (ann.id, "invited", 1)
    assert (credit(ann, newcomer), credit(ben, newcomer)) == (("valid", ""), None)


def test_a_channel_touched_first_makes_a_seed_even_if_a_friend_s_code_comes_later() -> None:
    stage = cast.live()
    ann, cid = cast.joins(stage, "Ann"), new_id()
    flow.scanned(slug=stage.code.slug, visitor_id=cid)
    seed = cast.joins(stage, "Cid", by=ann.code, visitor=cid)
    assert (seed.inviter_id, seed.origin, seed.channel_code_id) == (None, "seed", stage.code.id)


def test_a_code_touched_before_the_launch_counts_already() -> None:
    stage = cast.draft()
    cid = new_id()
    assert flow.scanned(slug=stage.code.slug, visitor_id=cid).outcome == "draft"
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    ann = cast.joins(stage, "Ann")
    assert cast.joins(stage, "Cid", by=ann.code, visitor=cid).origin == "seed"


def test_who_comes_without_a_code_has_an_unknown_origin_and_is_let_in() -> None:
    stage = cast.live()
    journey = flow.joined(
        group=stage.group, visitor_id=new_id(), nickname="Ben", has_consented=True, language="en"
    )
    assert (journey.origin, journey.inviter, journey.generation) == ("unknown", None, 0)
    assert not Credit.objects.exists()


def test_the_chain_grows_a_generation_at_a_time() -> None:
    stage = cast.live()
    above = cast.joins(stage, "Ann")
    for generation in range(1, 5):
        below = cast.joins(stage, f"Ben {generation}", by=above.code)
        assert (below.inviter_id, below.generation) == (above.id, generation)
        above = below


def test_one_s_own_code_brings_nothing_and_starts_no_sharing() -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    shown = flow.scanned(slug=ann.code.slug, visitor_id=ann.person.visitor_id)
    ann.refresh_from_db()
    assert (shown.outcome, ann.valid_count, ann.sharing_at) == ("member", 0, None)
    assert not Credit.objects.exists()


def test_those_who_are_in_already_give_no_credit_and_the_owner_reads_why() -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    cid = cast.joins(stage, "Cid", by=ben.code)
    dan = cast.joins(stage, "Dan")
    for _twice in range(2):
        flow.scanned(slug=cid.code.slug, visitor_id=ann.person.visitor_id)
        flow.scanned(slug=cid.code.slug, visitor_id=dan.person.visitor_id)
        flow.scanned(slug=ann.code.slug, visitor_id=ben.person.visitor_id)
    assert credit(cid, ann) == ("void", "loop")
    assert credit(cid, dan) == ("void", "already_in")
    assert credit(ann, ben) == ("valid", "")
    assert Credit.objects.count() == 4
    assert (counted(ann), counted(cid)) == (1, 0)


def test_the_edge_outlives_a_full_group_a_second_one_a_leave_and_a_return() -> None:
    stage = cast.live(capacity=1)
    ann, ben = cast.joins(stage, "Ann"), new_id()
    assert flow.scanned(slug=ann.code.slug, visitor_id=ben).outcome == "waiting"
    second = groups.add_group(
        campaign=stage.campaign, name="Readers 2", platform="web", capacity=1, operator=stage.owner
    )
    flow.line_called(campaign=stage.campaign)
    newcomer = cast.joins(stage, "Ben", by=stage.code, visitor=ben)
    assert (newcomer.inviter_id, newcomer.group) == (ann.id, second)
    flow.left(journey=newcomer)
    flow.left(journey=ann)
    again = comes_back(stage, newcomer)
    assert (again.pk, again.inviter_id, again.group, again.generation) == (
        newcomer.pk,
        ann.id,
        stage.group,
        1,
    )
    assert (credit(ann, newcomer), Credit.objects.count()) == (("valid", ""), 1)


@pytest.mark.parametrize(
    ("minutes", "how", "left"),
    [
        (59, flow.left, ("void", "left")),
        (60, flow.left, ("valid", "")),
        (59, flow.removed, ("void", "removed")),
        (6000, flow.removed, ("void", "removed")),
    ],
)
def test_leaving_in_the_grace_time_takes_the_credit_along_and_coming_back_brings_it_back_once(
    minutes: int, how: object, left: tuple[str, str], frozen: FrozenClock
) -> None:
    stage = cast.live()
    plans(stage, grace_minutes=60)
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    frozen.advance(minutes=minutes)
    for _twice in range(2):
        how(journey=ben)  # type: ignore[operator]
    assert (credit(ann, ben), counted(ann)) == (left, int(left[0] == "valid"))
    comes_back(stage, ben)
    assert (credit(ann, ben), counted(ann)) == (("valid", ""), 1)


def test_a_plan_may_count_only_those_whose_own_screenshot_is_approved() -> None:
    stage = cast.live(stock=None)
    plans(stage, credit_when="approved")
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    assert (credit(ann, ben), counted(ann)) == (("pending", ""), 0)
    cast.is_approved(cast.sends(ben), by=stage.owner)
    assert (credit(ann, ben), counted(ann)) == (("valid", ""), 1)
    flow.left(journey=ben)
    assert (credit(ann, ben), counted(ann)) == (("void", "left"), 0)
    comes_back(stage, ben)
    assert (credit(ann, ben), counted(ann)) == (("valid", ""), 1)


def test_an_approval_taken_back_takes_back_the_credit_it_made_and_revives_none() -> None:
    stage = cast.live(stock=1)
    plans(stage, credit_when="approved")
    ann = cast.joins(stage, "Ann")
    ben, cid = cast.joins(stage, "Ben", by=ann.code), cast.joins(stage, "Cid", by=ann.code)
    cast.is_approved(cast.sends(cast.joins(stage, "Dan")), by=stage.owner)  # gets the only reward there is
    proofs = [cast.is_approved(cast.sends(journey), by=stage.owner) for journey in (ben, cid)]
    flow.left(journey=cid)
    assert (counted(ann), credit(ann, cid)) == (1, ("void", "left"))
    for proof in proofs:
        flow.verdict_undone(proof=proof, operator=stage.owner)
    assert (counted(ann), credit(ann, ben), credit(ann, cid)) == (0, ("pending", ""), ("void", "left"))


def test_a_screenshot_approved_after_its_sender_left_counts_when_they_come_back() -> None:
    stage = cast.live()
    plans(stage, credit_when="approved")
    ann = cast.joins(stage, "Ann")
    ben = cast.joins(stage, "Ben", by=ann.code)
    proof = cast.sends(ben)
    flow.left(journey=ben)
    cast.is_approved(proof, by=stage.owner)
    ben.refresh_from_db()
    assert (ben.state, credit(ann, ben)) == ("left", ("void", "left"))
    assert (comes_back(stage, ben).state, credit(ann, ben)) == ("rewarded", ("valid", ""))


def test_someone_starts_to_share_when_another_opens_their_code() -> None:
    stage = cast.live()
    ann = cast.joins(stage, "Ann")
    flow.scanned(slug=ann.code.slug.lower(), visitor_id=None)
    ann.refresh_from_db()
    first = ann.sharing_at
    flow.scanned(slug=ann.code.slug, visitor_id=None)
    ann.refresh_from_db()
    assert first is not None
    assert ann.sharing_at == first
