"""Addresses of rewards, their rules, and the ledger with what is written into it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenfold.console import (
    draws,
    ledger,
    ledger_person,
    orders,
    payouts,
    rewards,
    rewards_one,
    rewards_rules,
    shipping,
)

_ONE = "campaigns/<uuid:campaign_id>/"
_REWARD = f"{_ONE}reward/<uuid:reward_id>/"
_RULE = f"{_ONE}reward/rules/<uuid:rule_id>/"
_PERSON = f"{_ONE}people/<uuid:journey_id>/"
_GRANT = f"{_ONE}shipping/<uuid:grant_id>/"
_ORDER = f"{_ONE}orders/<uuid:order_id>/"
_PAYOUT = f"{_ONE}payouts/<uuid:payout_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_ONE}reward/", rewards.rewards, name="reward"),
    path(f"{_ONE}reward/expected/", rewards.expected, name="expected"),
    path(f"{_ONE}reward/new/", rewards.new_reward, name="new_reward"),
    path(f"{_ONE}reward/rules/new/", rewards_rules.new_rule, name="new_rule"),
    path(_RULE, rewards_rules.rule, name="rule"),
    path(f"{_RULE}stop/", rewards_rules.stop, name="stop_rule"),
    path(f"{_RULE}resume/", rewards_rules.resume, name="resume_rule"),
    path(_REWARD, rewards_one.one_reward, name="one_reward"),
    path(f"{_REWARD}retire/", rewards_one.retire, name="retire_reward"),
    path(f"{_REWARD}restore/", rewards_one.restore, name="restore_reward"),
    path(f"{_REWARD}stock/", rewards_one.restock, name="restock"),
    path(f"{_REWARD}stock/<uuid:upload_id>/undo/", rewards_one.take_back, name="take_back_stock"),
    path(f"{_ONE}reward/<uuid:file_id>/file/", rewards_one.file, name="reward_file"),
    path(f"{_ONE}ledger/", ledger.ledger, name="ledger"),
    path(f"{_ONE}ledger.csv", ledger.file, name="ledger_file"),
    path(f"{_PERSON}ledger/", ledger_person.person_ledger, name="person_ledger"),
    path(f"{_PERSON}ledger/<uuid:row_id>/undo/", ledger_person.undo_adjust, name="undo_adjust"),
    path(f"{_PERSON}block/", ledger_person.block, name="block_person"),
    path(f"{_PERSON}unblock/", ledger_person.unblock, name="unblock_person"),
    path(f"{_ONE}shipping/", shipping.shipping, name="shipping"),
    path(f"{_ONE}shipping.csv", shipping.file, name="shipping_file"),
    path(f"{_GRANT}sent/", shipping.ship, name="ship"),
    path(f"{_GRANT}undo/", shipping.unship, name="unship"),
    path(f"{_ONE}orders/", orders.orders, name="orders"),
    path(f"{_ONE}orders/upload/", orders.upload, name="import_orders"),
    path(f"{_ORDER}refund/", orders.refund, name="refund_order"),
    path(f"{_ORDER}refund/undo/", orders.unrefund, name="unrefund_order"),
    path(f"{_ONE}payouts/", payouts.payouts, name="payouts"),
    path(f"{_ONE}payouts/<uuid:payout_id>.csv", payouts.file, name="payout_file"),
    path(f"{_PAYOUT}paid/", payouts.paid, name="payout_paid"),
    path(f"{_PAYOUT}unpaid/", payouts.unpaid, name="payout_unpaid"),
    path(f"{_PAYOUT}cancel/", payouts.cancel, name="cancel_payout"),
    path(f"{_ONE}draws/", draws.draws, name="draws"),
    path(f"{_ONE}draws/<uuid:draw_id>/", draws.draw_now, name="draw_now"),
]
