"""The facts there are. Past tense: each says that something has happened."""

from __future__ import annotations

from enum import StrEnum


class Fact(StrEnum):
    # workspace and campaign
    WORKSPACE_MADE = "workspace_made"
    OPERATOR_ADDED = "operator_added"
    OPERATOR_ROLE_CHANGED = "operator_role_changed"
    OPERATOR_REMOVED = "operator_removed"
    CAMPAIGN_MADE = "campaign_made"
    CAMPAIGN_CHANGED = "campaign_changed"
    CAMPAIGN_LAUNCHED = "campaign_launched"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_RESUMED = "campaign_resumed"
    CAMPAIGN_ENDED = "campaign_ended"
    WORDS_CHANGED = "words_changed"
    # groups and seats: held_count = held - hold_ended, taken_count = taken - freed
    GROUP_ADDED = "group_added"
    GROUP_CHANGED = "group_changed"
    GROUP_COUNTED = "group_counted"
    SEAT_HELD = "seat_held"
    HOLD_ENDED = "hold_ended"
    SEAT_TAKEN = "seat_taken"
    SEAT_FREED = "seat_freed"
    LINE_JOINED = "line_joined"
    LINE_CALLED = "line_called"
    LINE_LEFT = "line_left"
    # codes
    CODE_MADE = "code_made"
    BOT_SCANNED = "bot_scanned"  # what people open is in tables of its own: `codes.models.Scan`
    # designs and what is made of them
    DESIGN_MADE = "design_made"
    DESIGN_SAVED = "design_saved"
    VARIANT_CHOSEN = "variant_chosen"
    RENDERS_BEGUN = "renders_begun"
    RENDERS_ENDED = "renders_ended"
    # people
    ARRIVED = "arrived"
    JOINED = "joined"
    REJOINED = "rejoined"
    PROFILE_CHANGED = "profile_changed"
    CREDIT_PENDING = "credit_pending"
    CREDIT_VALID = "credit_valid"
    CREDIT_VOID = "credit_void"
    CREDIT_UNVALIDATED = "credit_unvalidated"
    STARTED_SHARING = "started_sharing"
    REMINDED = "reminded"
    WARNED = "warned"
    LEFT = "left"
    REMOVED = "removed"
    KEPT_OUT = "kept_out"  # by an operator: their code does not let them in any more
    LET_BACK = "let_back"
    POST_HIDDEN = "post_hidden"  # by an operator, in the built-in community
    POST_SHOWN = "post_shown"
    # proofs
    PROOF_SENT = "proof_sent"
    PROOF_WITHDRAWN = "proof_withdrawn"
    PROOF_JUDGED = "proof_judged"
    VERDICT_UNDONE = "verdict_undone"
    LOOKED = "looked"  # the machine
    APPEALED = "appealed"
    SECOND_LOOK_ASKED = "second_look_asked"
    SECOND_LOOKED = "second_looked"
    OPENED_ENOUGH = "opened_enough"  # other phones, so that no screenshot is needed
    PICTURE_SEEN = "picture_seen"  # somebody in the console has opened a screenshot
    PICTURE_ERASED = "picture_erased"
    REVIEW_PLAN_CHANGED = "review_plan_changed"
    REVIEW_MODE_CHANGED = "review_mode_changed"
    REVIEW_FELL_BACK = "review_fell_back"
    APPROVED = "approved"
    UNAPPROVED = "unapproved"
    REJECTED = "rejected"
    # rewards
    REWARD_CHANGED = "reward_changed"
    STOCK_ADDED = "stock_added"
    REWARDED = "rewarded"
    REWARD_OUT = "reward_out"
    REDEEMED = "redeemed"
    REWARD_RETIRED = "reward_retired"
    REWARD_RESTORED = "reward_restored"
    FILE_SET = "file_set"
    STOCK_TAKEN_BACK = "stock_taken_back"
    RULE_MADE = "rule_made"
    RULE_CHANGED = "rule_changed"
    RULE_STOPPED = "rule_stopped"
    RULE_RESUMED = "rule_resumed"
    RULE_FREED = "rule_freed"  # something came back, so that its limit holds it up no longer
    CLAIMED = "claimed"
    CLAIM_EXPIRED = "claim_expired"
    SHIPPED = "shipped"
    UNSHIPPED = "unshipped"
    INVITES_ADJUSTED = "invites_adjusted"
    MONEY_MOVED = "money_moved"  # of a balance: `amount` up or down
    POINTS_MOVED = "points_moved"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    ATTENDED = "attended"
    # orders, payouts, draws, places
    ORDERED = "ordered"
    ORDER_REFUNDED = "order_refunded"
    ORDER_UNREFUNDED = "order_unrefunded"
    PAYOUT_MADE = "payout_made"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_UNPAID = "payout_unpaid"
    PAYOUT_CANCELLED = "payout_cancelled"
    DRAW_ANNOUNCED = "draw_announced"
    DRAWN = "drawn"
    RANKED = "ranked"
    # keepsakes
    EDITION_MADE = "edition_made"
    EDITION_CHANGED = "edition_changed"
    KEEPSAKE_ISSUED = "keepsake_issued"
    KEEPSAKE_REVOKED = "keepsake_revoked"
    KEEPSAKE_RESTORED = "keepsake_restored"
    KEEPSAKE_SHOWN = "keepsake_shown"  # how much of the name strangers see
    KEEPSAKE_FORGOTTEN = "keepsake_forgotten"
    CHECKED_IN = "checked_in"
    CHECK_IN_UNDONE = "check_in_undone"
    # mailroom
    SAID = "said"
    TASK_OPENED = "task_opened"
    TASK_CLOSED = "task_closed"
    HOOK_SOURCE_MADE = "hook_source_made"
    HOOK_SOURCE_CHANGED = "hook_source_changed"
    HOOK_HEARD = "hook_heard"
