"""The ledger, what people have by it, and what it is written from: orders, payouts, draws. Models only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.models import WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Credit, Journey
from tenfold.rewards.models import Grant, Reward, RewardRule


class Unit(models.TextChoices):
    """What the ledger counts. Money is in the smallest unit of the campaign's currency."""

    INVITE = "invite", _("Friends who count")
    POINTS = "points", _("Points")
    MONEY = "money", _("Money")
    ITEM = "item", _("Rewards")


class Order(WorkspaceRow):
    """Something a participant bought elsewhere. `seller` is by whose code the buyer came; one above is the seller's own
    inviter, and nobody beyond."""

    class Source(models.TextChoices):
        CSV = "csv", _("From a file")
        FORM = "form", _("Typed in")
        API = "api", _("Told by another system")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="orders", db_index=False)
    number = models.CharField(max_length=64)
    buyer = models.ForeignKey(Journey, null=True, on_delete=models.SET_NULL, related_name="orders")
    seller = models.ForeignKey(Journey, null=True, on_delete=models.SET_NULL, related_name="sales")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    placed_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=4, choices=Source)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="order_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_of_something"),
        ]
        indexes = [models.Index(fields=["campaign", "-placed_at"], name="order_newest")]


class Payout(WorkspaceRow):
    """Money that left the balances together, in one file for whoever transfers it."""

    class State(models.TextChoices):
        EXPORTED = "exported", _("Exported")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="payouts", db_index=False)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(default=0)
    people_count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.EXPORTED)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["campaign", "-made_at"], name="payout_newest")]


ON_A_LIST = {
    Payout.State.EXPORTED: _("on a list to be paid"),
    Payout.State.PAID: _("paid out"),
    Payout.State.CANCELLED: _("on a list that was cancelled"),
}


class LedgerRow(WorkspaceRow):
    """One change of what somebody has. Rows are only ever added; what somebody has is their sum. `key` names the
    change, so that none is written twice. `level` is 0 for what they did themselves, 1 for a friend of theirs, 2 for
    one of a friend's."""

    class Reason(models.TextChoices):
        COUNTED = "counted", _("a friend counts")
        UNCOUNTED = "uncounted", _("a friend no longer counts")
        GRANTED = "granted", _("earned")
        EXPIRED = "expired", _("not claimed in time")
        ADJUSTED = "adjusted", _("changed by hand")
        INVITE_PAID = "invite_paid", _("for a friend")
        INVITE_TAKEN_BACK = "invite_taken_back", _("taken back: the friend no longer counts")
        ORDER_PAID = "order_paid", _("for an order")
        ORDER_TAKEN_BACK = "order_taken_back", _("taken back: the order was refunded")
        ORDER_GAVE_WAY = "order_gave_way", _("taken back: an earlier order counts again in its place")
        PAID_OUT = "paid_out", _("paid out")
        PAYOUT_CANCELLED = "payout_cancelled", _("back on the balance: the payout was cancelled")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="ledger", db_index=False)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="ledger", db_index=False)
    at = models.DateTimeField(default=clock.now)
    unit = models.CharField(max_length=10, choices=Unit)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=20, choices=Reason)
    key = models.CharField(max_length=120, unique=True)
    level = models.PositiveSmallIntegerField(default=0)
    line = models.UUIDField(null=True)
    rule = models.ForeignKey(
        RewardRule, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reward = models.ForeignKey(Reward, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    grant = models.ForeignKey(
        Grant, null=True, on_delete=models.SET_NULL, related_name="ledger", db_index=False
    )
    newcomer = models.ForeignKey(
        Journey, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    order = models.ForeignKey(
        Order, null=True, on_delete=models.SET_NULL, related_name="ledger", db_index=False
    )
    payout = models.ForeignKey(
        Payout, null=True, on_delete=models.SET_NULL, related_name="rows", db_index=False
    )
    operator = models.ForeignKey(
        Operator, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="ledger_of_something")]
        indexes = [
            models.Index(fields=["journey", "-at"], name="ledger_of_journey"),
            models.Index(fields=["campaign", "-at"], name="ledger_newest"),
            models.Index(fields=["campaign", "unit", "-at"], name="ledger_of_unit"),
            models.Index(fields=["line", "journey"], name="ledger_line", condition=Q(line__isnull=False)),
            models.Index(
                fields=["newcomer", "line"], name="ledger_newcomer", condition=Q(newcomer__isnull=False)
            ),
            models.Index(fields=["grant"], name="ledger_grant", condition=Q(grant__isnull=False)),
            models.Index(fields=["order"], name="ledger_order", condition=Q(order__isnull=False)),
            models.Index(fields=["payout"], name="ledger_payout", condition=Q(payout__isnull=False)),
        ]

    @property
    def told(self) -> str:
        """What an operator has written, or why a friend no longer counts."""
        if self.reason in (self.Reason.COUNTED, self.Reason.UNCOUNTED):
            return str(Credit.Reason(self.note).label) if self.note in Credit.Reason.values else ""
        return self.note

    @property
    def why(self) -> str:
        """The reason as it is told. What went onto a list is paid when the list is, and not before."""
        if self.reason == self.Reason.PAID_OUT and self.payout:
            return str(ON_A_LIST[Payout.State(self.payout.state)])
        return self.get_reason_display()


class Balance(WorkspaceRow):
    """The sum of somebody's rows of money or points, kept beside them. Below zero where money that was paid out already
    had to be taken back."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="balances", db_index=False)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="balances", db_index=False)
    unit = models.CharField(max_length=10, choices=Unit)
    amount = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "unit"], name="balance_once")]
        indexes = [models.Index(fields=["campaign", "unit", "amount"], name="balance_of_unit")]


class Draw(WorkspaceRow):
    """A lottery anyone can repeat. `commitment` is the SHA-256 of `secret` and shown from the start; `secret` is told
    to nobody before the draw. `public_text` is a value nobody of ours could know when it was announced to come from
    `public_source`; both are empty where the draw does without."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="draws")
    line = models.UUIDField(unique=True)
    commitment = models.CharField(max_length=64)
    secret = models.CharField(max_length=64)
    public_source = models.CharField(max_length=200, blank=True)
    public_text = models.CharField(max_length=200, blank=True)
    entrants_count = models.PositiveIntegerField(default=0)
    entrants_hash = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    winners = models.JSONField(default=list)
    winners_count = models.PositiveIntegerField(default=0)


class DrawEntry(WorkspaceRow):
    """Somebody's number in a draw."""

    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="entries", db_index=False)
    number = models.PositiveIntegerField()
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="draw_entries")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="draw_number_once"),
            models.UniqueConstraint(fields=["draw", "journey"], name="draw_entry_once"),
        ]
