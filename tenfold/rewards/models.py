"""What can be earned, the stock of it, and each earning."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.keys import new_slug
from tenfold.base.models import WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey


class Reward(WorkspaceRow):
    """One reward a campaign. `stock_count` is how many there are in all; None where a text or a link has no limit."""

    class Kind(models.TextChoices):
        CODES = "codes", _("A code from a stock")
        TEXT = "text", _("A text")
        LINK = "link", _("A link")

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="reward")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text or link"), blank=True, max_length=1000)
    stock_count = models.PositiveIntegerField(_("stock"), null=True, blank=True)
    granted_count = models.PositiveIntegerField(default=0)
    redeemed_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stock_count__isnull=True) | Q(stock_count__gte=F("granted_count")),
                name="reward_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left_count(self) -> int | None:
        return None if self.stock_count is None else self.stock_count - self.granted_count


class Grant(WorkspaceRow):
    """One earning of a reward: once a journey. `number` is what the participant shows to redeem it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="grants")
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="grants")
    journey = models.OneToOneField(Journey, on_delete=models.CASCADE, related_name="grant")
    number = models.CharField(max_length=12, unique=True, default=new_slug)
    granted_at = models.DateTimeField(default=clock.now)
    redeemed_at = models.DateTimeField(null=True)
    redeemed_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")


class StockCode(WorkspaceRow):
    """One code of the stock, given to at most one grant."""

    reward = models.ForeignKey(Reward, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=200)
    grant = models.OneToOneField(Grant, null=True, on_delete=models.SET_NULL, related_name="stock_code")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reward", "code"], name="stock_code_once")]
        indexes = [models.Index(fields=["reward"], name="stock_free", condition=Q(grant__isnull=True))]
