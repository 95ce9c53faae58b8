"""What an approval brings, given by several workers at once while somebody takes the approval back: nothing twice, and
either all of it with the approval or nothing without."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from functools import partial
from unittest import mock

import pytest
from django.db import connections
from django.db.models import Sum

from tenfold import flow
from tenfold.accounts.models import Operator
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow import credits as crediting
from tenfold.flow import proof as story
from tenfold.insight.rebuild import differences
from tenfold.mailroom.models import Message
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import Proof
from tenfold.rewards import actions as rewards
from tenfold.rewards.books import Balance, LedgerRow
from tenfold.rewards.models import Debt, Grant, StockCode
from tests import cast
from tests.race.crowd import all_at_once, codes_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
FRIENDS, WORKERS, PROCESSES = 6, 3, 4
LADDER = range(1, FRIENDS + 1)


def stage_with_all() -> tuple[cast.Stage, Journey, list[Proof]]:
    """A code for the task, steps for friends, and points and money on both sides; approvals of several newcomers have
    taken effect, and nothing was given yet of what follows from them."""
    stage = cast.draft(reward_kind="codes", stock=20, capacity=60)
    campaign, olga = stage.campaign, stage.owner
    for when, need in (("joined", 0), *(("invites", need) for need in LADDER)):
        worth = rewards.add_reward(
            campaign=campaign, operator=olga, kind="points", name=f"{when} {need}", amount=7
        )
        rewards.make_rule(campaign=campaign, operator=olga, when=when, reward=worth, need=need)
    rewards.make_rule(campaign=campaign, operator=olga, when="invite", unit="money", direct=100)
    flow.launched(campaign=campaign, operator=olga)
    Campaign.objects.filter(pk=campaign.pk).update(credit_when="approved")
    stage.campaign.refresh_from_db()
    mia = cast.joins(stage, "Mia")
    for nth in range(FRIENDS):
        newcomer = cast.joins(stage, f"Ben {nth}", by=mia.code)
        flow.judged(proof=cast.sends(newcomer), operator=olga, is_approved=True)
        with mock.patch.object(story, "_followed", lambda proof: proof):
            flow.settled(proof=Proof.objects.get(journey=newcomer))
    return stage, mia, in_hand()


def in_hand() -> list[Proof]:
    """As somebody has read them just now."""
    return list(Proof.objects.select_related("journey__campaign").order_by("pk"))


def undo(proof: Proof, operator: Operator) -> object:
    return flow.verdict_undone(proof=proof, operator=operator)


def mixed(
    nth: int, given: Sequence[Callable[[], object]], undone: Sequence[Callable[[], object]]
) -> list[Callable[[], object]]:
    """Who begins a little sooner is different each time."""
    return [
        [*given, *undone],
        [*undone, *given],
        [act for pair in zip(undone, given, strict=False) for act in pair],
    ][nth]


def all_or_nothing(mia: Journey) -> int:
    """How many approvals have stayed. What is given is theirs, once; whoever's was taken back has nothing."""
    for proof in Proof.objects.select_related("journey"):
        newcomer = proof.journey
        had = sorted(Grant.objects.filter(journey=newcomer).values_list("reward__name", flat=True))
        credit = Credit.objects.get(newcomer=newcomer)
        assert proof.follows == ""
        if proof.state == "approved":
            assert (had, credit.state) == (["A free book", "joined 0"], "valid")
            assert newcomer.state == "rewarded"
        else:
            assert (had, credit.state, newcomer.state) == ([], "pending", "proof_sent")
            assert (proof.state, proof.settled_at) == ("waiting", None)
            assert not LedgerRow.objects.filter(journey=newcomer).exclude(amount=0).exists()
    stayed = Proof.objects.filter(state="approved").count()
    said = Message.objects.filter(moment="reward").values_list("key", flat=True)
    assert sorted(said) == sorted(f"reward:{grant.pk}" for grant in Grant.objects.all())
    assert StockCode.objects.exclude(grant=None).count() == stayed
    assert Debt.objects.count() == 0
    money = Balance.objects.filter(journey=mia, unit="money").aggregate(sum=Sum("amount"))["sum"] or 0
    assert (Journey.objects.get(pk=mia.pk).valid_count, money) == (stayed, 100 * stayed)
    ladder = Grant.objects.filter(journey=mia, rule__when="invites").values_list("rule__need", flat=True)
    assert sorted(ladder) == [need for need in LADDER if need <= stayed]
    assert differences() == []
    return stayed


@pytest.mark.parametrize("nth", range(3))
def test_what_follows_while_the_approval_is_taken_back_is_given_with_it_or_not_at_all(nth: int) -> None:
    stage, mia, proofs = stage_with_all()
    given = [partial(flow.followed, proof=proof) for proof in proofs]
    undone = [partial(undo, proof, stage.owner) for proof in in_hand()]
    answers = all_at_once(mixed(nth, given, undone))
    assert set(codes_of(answers)) <= {"reward_kept"}
    assert all_or_nothing(mia) == len(codes_of(answers))


def test_a_worker_from_the_first_and_a_reviewer_from_the_last_meet_somewhere() -> None:
    stage, mia, proofs = stage_with_all()
    refused: list[str] = []

    def gives() -> None:
        for proof in proofs:
            flow.followed(proof=proof)

    def takes_back() -> None:
        for proof in reversed(in_hand()):
            try:
                undo(proof, stage.owner)
            except Refusal as refusal:
                refused.append(refusal.code)

    all_at_once([gives, takes_back])
    assert set(refused) <= {"reward_kept"}
    assert all_or_nothing(mia) == len(refused)


def test_workers_who_think_it_is_theirs_still_give_nothing_twice() -> None:
    """Their leases are over, and each has read what was to be done before any of it was."""
    _stage, mia, _proofs = stage_with_all()
    acts = [partial(flow.followed, proof=proof) for _each in range(WORKERS) for proof in in_hand()]
    with mock.patch.object(story, "inviter_earned", wraps=crediting.inviter_earned) as told:
        assert codes_of(all_at_once(acts)) == []
    assert (all_or_nothing(mia), told.call_count) == (FRIENDS, FRIENDS)


@pytest.mark.parametrize("nth", range(2))
def test_stale_workers_and_an_undo_and_another_verdict_leave_one_story(nth: int) -> None:
    """Approved again meanwhile, it is given for that approval."""
    stage, mia, _proofs = stage_with_all()

    def changes_their_mind(proof: Proof) -> None:
        flow.verdict_undone(proof=proof, operator=stage.owner)
        flow.judged(proof=proof, operator=stage.owner, is_approved=True)
        cast.settles(proof)

    again = [partial(changes_their_mind, proof) for proof in in_hand()]
    stale = [partial(flow.followed, proof=proof) for _each in range(WORKERS - 1) for proof in in_hand()]
    acts: list[Callable[[], object]] = [*again, *stale] if nth else [*stale, *again]
    answers = all_at_once(acts)
    assert set(codes_of(answers)) <= {"reward_kept"}
    assert all_or_nothing(mia) == FRIENDS


def crowd(operator: Operator, gate: object, answers: object) -> None:
    """A process of its own: connections are not to be shared with the one it came from."""
    connections.close_all()
    proofs = in_hand()
    gate.wait()  # type: ignore[attr-defined]
    acts: list[Callable[[], object]] = [partial(flow.followed, proof=proof) for proof in proofs]
    acts += [partial(undo, proof, operator) for proof in proofs[::2]]
    answers.put(codes_of(all_at_once(acts)))  # type: ignore[attr-defined]


def test_processes_that_give_and_take_back_at_once_agree() -> None:
    stage, mia, _proofs = stage_with_all()
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    gate, answers = forks.Barrier(PROCESSES, timeout=60), forks.Queue()
    processes = [forks.Process(target=crowd, args=(stage.owner, gate, answers)) for _each in range(PROCESSES)]
    for process in processes:
        process.start()
    refused = {code for _each in processes for code in answers.get(timeout=120)}
    for process in processes:
        process.join(timeout=30)
    assert refused <= {"reward_kept"}
    assert all_or_nothing(mia) >= FRIENDS // 2
