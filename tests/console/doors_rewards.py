"""The addresses of rewards and of the ledger: who may come through, what each form sends, and one row of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.flow import orders as shop
from tenfold.people.models import Journey
from tenfold.rewards import actions, payouts
from tenfold.rewards.draws import draw_of
from tenfold.rewards.models import Grant, Reward
from tests.cast import Stage

if TYPE_CHECKING:
    from tests.console.doors import World

ROLES = [Role.VIEWER, Role.REVIEWER, Role.MANAGER, Role.OWNER]
VIEW, MANAGE = ROLES, ROLES[2:]
CLOSED: list[Role] = []
ADDRESS = {"name": "Ben Ho", "phone": "13800138000", "address": "1 Reading Lane"}

RIGHTS: dict[str, tuple[list[Role], list[Role]]] = {
    "reward": (VIEW, CLOSED),
    "expected": (VIEW, CLOSED),
    "new_reward": (MANAGE, MANAGE),
    "one_reward": (VIEW, MANAGE),
    "retire_reward": (CLOSED, MANAGE),
    "restore_reward": (CLOSED, MANAGE),
    "restock": (CLOSED, MANAGE),
    "take_back_stock": (CLOSED, MANAGE),
    "reward_file": (VIEW, MANAGE),
    "new_rule": (MANAGE, MANAGE),
    "rule": (VIEW, MANAGE),
    "stop_rule": (CLOSED, MANAGE),
    "resume_rule": (CLOSED, MANAGE),
    "ledger": (VIEW, CLOSED),
    "ledger_file": (MANAGE, CLOSED),
    "person_ledger": (VIEW, MANAGE),
    "undo_adjust": (CLOSED, MANAGE),
    "block_person": (CLOSED, MANAGE),
    "unblock_person": (CLOSED, MANAGE),
    "shipping": (MANAGE, CLOSED),
    "shipping_file": (MANAGE, CLOSED),
    "ship": (CLOSED, MANAGE),
    "unship": (CLOSED, MANAGE),
    "orders": (VIEW, MANAGE),
    "import_orders": (CLOSED, MANAGE),
    "refund_order": (CLOSED, MANAGE),
    "unrefund_order": (CLOSED, MANAGE),
    "payouts": (VIEW, MANAGE),
    "payout_file": (MANAGE, CLOSED),
    "payout_paid": (CLOSED, MANAGE),
    "payout_unpaid": (CLOSED, MANAGE),
    "cancel_payout": (CLOSED, MANAGE),
    "draws": (VIEW, CLOSED),
    "draw_now": (CLOSED, MANAGE),
}


def csv(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("sheet.csv", data, "text/csv")


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("ten.pdf", b"%PDF-1.4 ten books", "application/pdf")


def _orders(world: World) -> dict[str, object]:
    return {"orders": csv(f"number,amount,code\nW-10,5.00,{world.ids['seller']}\n".encode())}


FORMS: dict[str, Callable[[World], dict[str, object]]] = {
    "new_reward": lambda _: {
        "kind": "points",
        "name": "Fifty",
        "amount": "50",
        "stock_count": "9",
        "when": "",
    },
    "one_reward": lambda _: {"name": "A pass", "text": "Enter it.", "warn_below": "2", "claim_hours": "48"},
    "restock": lambda _: {"codes": csv(b"PASS-8\nPASS-9\n")},
    "reward_file": lambda _: {"file": pdf()},
    "new_rule": lambda world: {
        "when": "invites",
        "need": "7",
        "reward": str(world.ids["reward_id"]),
        "campaign_cap": "9",
    },
    "rule": lambda world: {"need": "6", "reward": str(world.ids["reward_id"]), "campaign_cap": "5"},
    "person_ledger": lambda _: {"unit": "points", "is_less": "", "amount": "5", "note": "Helped us"},
    "block_person": lambda _: {"note": "Two phones, forty friends"},
    "ship": lambda _: {"tracking": "SF 1234"},
    "orders": lambda world: {"number": "W-9", "amount": "12.50", "code": str(world.ids["seller"])},
    "import_orders": _orders,
    "draw_now": lambda _: {"public_text": ""},
}


def rows(stage: Stage, ben: Journey, cai: Journey) -> dict[str, UUID | str]:
    """One of everything that the addresses above can name."""
    campaign, operator = stage.campaign, stage.owner
    spare, book, mug = (_reward(stage, kind) for kind in ("codes", "file", "physical"))
    upload = actions.add_codes(reward=spare, codes=["PASS-1", "PASS-2"], operator=operator)
    actions.set_file(reward=book, name="ten.pdf", data=b"%PDF-1.4 ten", operator=operator)
    by: dict[str, Any] = {"campaign": campaign, "operator": operator}
    rule = actions.make_rule(when="invites", need=5, reward=spare, **by)
    lot = actions.make_rule(when="lottery", winners=1, reward=mug, **by)
    actions.make_rule(when="order", unit="money", direct=1000, **by)
    actions.make_rule(when="rank", rank_from=1, rank_to=1, reward=book, **by)
    draw = draw_of(lot)
    assert draw
    flow.adjusted(journey=ben, unit="money", amount=500, note="A taxi", operator=operator)
    payout = payouts.pay_out(**by)
    adjusted = flow.adjusted(journey=cai, unit="points", amount=5, note="Helped", operator=operator)
    assert adjusted
    order = shop.ordered(number="W-1", amount=1000, code=ben.code.slug, **by)
    return {
        "reward_id": spare.id,
        "upload_id": upload.batch_id,
        "file_id": book.id,
        "rule_id": rule.id,
        "draw_id": draw.id,
        "row_id": adjusted.id,
        "payout_id": payout.id,
        "order_id": order.id,
        "grant_id": _parcel(stage, mug, ben).id,
        "seller": ben.code.slug,
    }


def _reward(stage: Stage, kind: str) -> Reward:
    return actions.add_reward(campaign=stage.campaign, kind=kind, name=f"A {kind}", operator=stage.owner)


def _parcel(stage: Stage, mug: Reward, ben: Journey) -> Grant:
    rule = actions.make_rule(
        campaign=stage.campaign, operator=stage.owner, when="rank", rank_from=2, rank_to=2, reward=mug
    )
    given = actions.grant(rule=rule, journey=ben)
    assert given
    return actions.claim(grant=given, address=ADDRESS)
