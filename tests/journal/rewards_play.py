"""The part of the story in which rewards of every kind are set up, earned, claimed, sent, paid out and drawn."""

from __future__ import annotations

from typing import Any

from tenfold import flow
from tenfold.people.models import Journey
from tenfold.rewards import actions, payouts
from tenfold.rewards.books import Draw
from tenfold.rewards.models import Grant, Reward, RewardRule
from tests import cast
from tests.conftest import FrozenClock

PDF = b"%PDF-1.7 a handbook"
ADDRESS = {"name": "Ina", "phone": "13800000000", "address": "Harbour Street 5"}


def rewards_are_played(of: cast.Stage, frozen: FrozenClock) -> None:
    """In a campaign of its own, of the same workspace, from the catalogue to the end."""
    stage = cast.live(owner=(of.workspace, of.owner), capacity=20)
    catalogue_is_kept(stage)
    rules_are_made(stage)
    ina, jan = people_earn(stage, frozen)
    by_hand(stage, ina)
    orders_are_paid_out(stage, jan)
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    for rule in RewardRule.objects.filter(campaign=stage.campaign, when="rank"):
        flow.ranked(rule=rule, operator=stage.owner)
    flow.drawn(draw=Draw.objects.get(campaign=stage.campaign), operator=stage.owner)


def added(stage: cast.Stage, kind: str, **fields: Any) -> Reward:
    asked: dict[str, Any] = {"name": f"By {kind}", "text": ""} | fields
    return actions.add_reward(campaign=stage.campaign, operator=stage.owner, kind=kind, **asked)


def catalogue_is_kept(stage: cast.Stage) -> None:
    codes = added(stage, "codes")
    upload = actions.add_codes(reward=codes, codes=["WRONG-1"], operator=stage.owner)
    actions.take_back_codes(reward=codes, batch_id=upload.batch_id, operator=stage.owner)
    actions.retire_reward(reward=codes, operator=stage.owner)
    actions.restore_reward(reward=codes, operator=stage.owner)
    actions.set_file(reward=added(stage, "file"), name="book.pdf", data=PDF, operator=stage.owner)


def rules_are_made(stage: cast.Stage) -> None:
    parcel = added(stage, "physical", claim_hours=1)
    made(stage, "invites", reward=parcel, need=1)
    made(
        stage,
        "attendance",
        reward=added(stage, "text", text="Well done", claim_hours=1),
        need=1,
        campaign_cap=1,
    )
    made(stage, "rank", reward=added(stage, "text", name="First", text="A cup"), rank_from=1, rank_to=1)
    made(stage, "lottery", reward=added(stage, "text", name="Drawn", text="A pen"), winners=1, need=1)
    points = made(stage, "invite", unit="points", direct=10)
    points = actions.change_rule(rule=points, operator=stage.owner, direct=20)
    actions.stop_rule(rule=points, operator=stage.owner)
    actions.resume_rule(rule=points, operator=stage.owner)
    made(stage, "order", unit="money", direct=1000)


def made(stage: cast.Stage, when: str, **terms: Any) -> RewardRule:
    return actions.make_rule(campaign=stage.campaign, operator=stage.owner, when=when, **terms)


def people_earn(stage: cast.Stage, frozen: FrozenClock) -> tuple[Journey, Journey]:
    """Ina brings Jan: her parcel is claimed and sent, what Jan is offered for a day is not claimed in time."""
    ina = cast.joins(stage, "Ina")
    jan = cast.joins(stage, "Jan", by=ina.code)
    parcel = Grant.objects.get(journey=ina, reward__kind="physical")
    flow.claimed(grant=parcel, address=ADDRESS)
    actions.ship(grant=parcel, tracking="SF1", operator=stage.owner)
    actions.unship(grant=parcel, operator=stage.owner)
    flow.attended(journey=jan)
    flow.attended(journey=ina)  # one more than the rule gives: it stops until something comes back
    frozen.advance(hours=2)
    flow.unclaimed(grant=Grant.objects.get(journey=jan))
    return ina, jan


def by_hand(stage: cast.Stage, ina: Journey) -> None:
    for unit in ("invite", "points", "money"):
        flow.adjusted(journey=ina, unit=unit, amount=1, note="A thank you", operator=stage.owner)
    kim = cast.joins(stage, "Kim", by=ina.code)
    flow.blocked(person=kim.person, note="Spam", operator=stage.owner)
    flow.unblocked(person=kim.person, operator=stage.owner)


def orders_are_paid_out(stage: cast.Stage, jan: Journey) -> None:
    ask: dict[str, Any] = {
        "campaign": stage.campaign,
        "operator": stage.owner,
        "amount": 1000,
        "buyer": jan.code.slug,
    }
    flow.ordered(number="T-1", **ask)
    refunded = flow.ordered(number="T-2", **ask)
    flow.refunded(order=refunded, operator=stage.owner)
    flow.unrefunded(order=refunded, operator=stage.owner)
    flow.refunded(order=refunded, operator=stage.owner)
    first = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    payouts.cancel(payout=first, operator=stage.owner)
    paid = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    for mark in (payouts.mark_paid, payouts.mark_unpaid, payouts.mark_paid):
        mark(payout=paid, operator=stage.owner)
